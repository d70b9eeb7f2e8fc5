//! Parts that the operations' OpenAPI descriptions are made of.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use utoipa::openapi::schema::{
    AllOfBuilder, ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Schema, Type,
};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use crate::problem::Code;

/// The groups of operations.
pub(crate) mod tag {
    pub(crate) const RECOVERY: &str = "Recovery";
    pub(crate) const SESSIONS: &str = "Sessions";
    pub(crate) const META: &str = "Meta";
}

/// Values in examples.
pub(crate) mod example {
    pub(crate) const ACCOUNT_ID: &str = "SV0A2l6GdyRNwLiLTUTYNQ";
    pub(crate) const CHALLENGE_ID: &str = "0qSddAh-tALnEIAaK7tcEg";
    pub(crate) const DEVICE_TOKEN: &str = "8pXCWAn0b3Y1mGS0qJkLhkQ3Vd0fC8dMHTxwFhv0y4ZtqUnRkLOaJ2E5zB7iGc9W";
    pub(crate) const EARLIER: &str = "2026-11-24T00:14:27Z";
    pub(crate) const IDENTIFIER: &str = "alice@example.com";
    pub(crate) const PASSWORD: &str = "a quiet river under nine bridges";
    pub(crate) const TIME: &str = "2026-11-24T00:24:27Z";
    pub(crate) const TOKEN: &str = "0qSddAh-tALnEIAaK7tcEr0klZ6mBOERLdSsnG01pkjbYCHxLYOfD2GJ_s8-jEwT";
}

/// The schema of a text that is one of these.
pub(crate) fn one_of(texts: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts)).build()
}

/// Declares the codes that an operation can refuse with, for its description.
macro_rules! refusals {
    ($($code:ident),+ $(,)?) => {
        /// The problems of the operation.
        pub(crate) enum Refusals {}

        impl utoipa::IntoResponses for Refusals {
            fn responses() -> std::collections::BTreeMap<
                String,
                utoipa::openapi::RefOr<utoipa::openapi::Response>,
            > {
                $crate::schema::responses(&[$($crate::problem::Code::$code),+])
            }
        }
    };
}
pub(crate) use refusals;

/// The responses for an operation's codes, one for each status.
pub(crate) fn responses(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let statuses: BTreeSet<StatusCode> = codes.iter().map(|code| code.status()).collect();
    let response = |status: StatusCode| {
        let codes: Vec<Code> = codes.iter().copied().filter(|code| code.status() == status).collect();
        (status.as_str().to_owned(), response(status, &codes).into())
    };
    statuses.into_iter().map(response).collect()
}

/// The response with a status, for those codes that have it.
pub(crate) fn response(status: StatusCode, codes: &[Code]) -> Response {
    let (plain, extended): (Vec<Code>, Vec<Code>) =
        codes.iter().partition(|code| extension(**code).is_none());
    let mut alternatives: Vec<Schema> =
        extended.iter().map(|code| problem_schema(status, &[*code])).collect();
    if !plain.is_empty() {
        alternatives.push(problem_schema(status, &plain));
    }
    let schema = match alternatives.pop() {
        Some(only) if alternatives.is_empty() => only,
        last => alternatives.into_iter().chain(last).fold(OneOfBuilder::new(), OneOfBuilder::item).into(),
    };
    let examples = codes.iter().map(|code| {
        let name = code.as_str();
        (name, RefOr::Ref(Ref::new(format!("#/components/examples/{name}"))))
    });
    let content = ContentBuilder::new().schema(Some(schema)).examples_from_iter(examples);
    let lines: Vec<String> =
        codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title())).collect();
    ResponseBuilder::new()
        .description(lines.join("\n\n"))
        .content("application/problem+json", content.build())
        .build()
}

/// A problem with one of some codes, which have the same extension member or none.
fn problem_schema(status: StatusCode, codes: &[Code]) -> Schema {
    let status = ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([status.as_u16()]));
    let code = one_of(codes.iter().map(|code| code.as_str()));
    let mut own = ObjectBuilder::new().property("status", status).property("code", code);
    if let Some((name, schema)) = codes.first().copied().and_then(extension) {
        own = own.property(name, schema).required(name);
    }
    AllOfBuilder::new().item(Ref::from_schema_name("Problem")).item(own).into()
}

/// The member that a code's problems have besides those of all problems.
pub(crate) fn extension(code: Code) -> Option<(&'static str, Schema)> {
    match code {
        Code::CodeIncorrect => {
            let attempts = ObjectBuilder::new()
                .schema_type(Type::Integer)
                .description(Some("How many guesses are left."))
                .minimum(Some(1));
            Some(("attempts_remaining", attempts.into()))
        }
        Code::PasswordRejected => {
            let violations = ArrayBuilder::new()
                .description(Some("Everything that is wrong with the password."))
                .items(Ref::from_schema_name("Violation"))
                .min_items(Some(1));
            Some(("violations", violations.into()))
        }
        _ => None,
    }
}
