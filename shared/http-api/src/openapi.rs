//! The OpenAPI document, made from the annotations beside the handlers.
//!
//! Functions never make it: `meta` serves the checked-in `docs/openapi.json`, and a test of `tests/checks` holds that
//! file to what the annotations say. `REGAIN_WRITE=1 cargo test --workspace --test checks` writes it.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use regain_domain::{Fault, KeyReused, Limited, Refusal, Timestamp, Violation};
use serde_json::{Map, Value};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{
    AllOfBuilder, ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, PathItem, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::problem::{Code, Problem};
use crate::{app, extract, meta, request_code, resend_code, sent, sessions, set_password, verify_code};

/// The groups of operations.
pub(crate) mod tag {
    pub(crate) const RECOVERY: &str = "Recovery";
    pub(crate) const SESSIONS: &str = "Sessions";
    pub(crate) const BESIDE: &str = "Beside the API";
}

/// Values in examples.
pub(crate) mod example {
    use serde_json::{Value, json};

    pub(crate) const ACCOUNT_ID: &str = "SV0A2l6GdyRNwLiLTUTYNQ";
    pub(crate) const CHALLENGE_ID: &str = "0qSddAh-tALnEIAaK7tcEg";
    pub(crate) const DEVICE_TOKEN: &str = "8pXCWAn0b3Y1mGS0qJkLhkQ3Vd0fC8dMHTxwFhv0y4ZtqUnRkLOaJ2E5zB7iGc9W";
    pub(crate) const EARLIER: &str = "2026-11-24T00:14:27Z";
    pub(crate) const IDENTIFIER: &str = "alice@example.com";
    pub(crate) const PASSWORD: &str = "a quiet river under nine bridges";
    pub(crate) const TIME: &str = "2026-11-24T00:24:27Z";
    pub(crate) const TOKEN: &str = "0qSddAh-tALnEIAaK7tcEr0klZ6mBOERLdSsnG01pkjbYCHxLYOfD2GJ_s8-jEwT";

    pub(crate) fn challenge() -> Value {
        json!({
            "challenge_id": CHALLENGE_ID, "channel": "sms", "reference": "3CF", "code_length": 6,
            "expires_at": TIME, "expires_in": 600,
            "resend_available_at": "2026-11-24T00:15:27Z", "resend_available_in": 60,
            "attempts_remaining": 5, "resends_remaining": 3,
        })
    }
}

/// The schema of a text that is one of these.
pub(crate) fn one_of(texts: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts)).build()
}

/// Declares the codes that an operation can refuse with, for its annotation.
macro_rules! refusals {
    ($($code:ident),+ $(,)?) => { $crate::openapi::refusals!(Refusals: $($code),+); };
    ($name:ident: $($code:ident),+ $(,)?) => {
        /// What the operation can refuse with.
        enum $name {}

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<
                String,
                utoipa::openapi::RefOr<utoipa::openapi::Response>,
            > {
                $crate::openapi::responses(&[$($crate::problem::Code::$code),+])
            }
        }
    };
}
pub(crate) use refusals;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Regain",
        description = "Account recovery: a code by email or text message, then a new password.\n\n\
                       Errors are problems (RFC 9457) with a stable `code`. A path that isn't here answers \
                       `not_found`, another method of one that is `method_not_allowed`: the responses `NotFound` \
                       and `MethodNotAllowed` of the components. So does a path that is too long for a \
                       route. `HEAD` is `GET` without the body where no token is needed. A gateway may cut off requests with overlong headers before they get here, with 431.\n\n\
                       Pages of other origins may call if the configuration names their origin: preflights \
                       (`OPTIONS`) are answered with 200, answers to such pages have \
                       `Access-Control-Allow-Origin` and expose `Retry-After` and `X-Request-Id`. By default no \
                       origin may, and `OPTIONS` is another method.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        version = "1",
    ),
    servers((url = "/", description = "Where this document is served.")),
    tags(
        (name = tag::RECOVERY, description = "From a forgotten password to a new one."),
        (name = tag::SESSIONS, description = "Sign in, look at the session, sign out."),
        (name = tag::BESIDE, description = "What operators, browsers and tools ask for."),
    ),
    paths(
        request_code::handle,
        resend_code::handle,
        verify_code::handle,
        set_password::handle,
        meta::password_policy,
        sessions::sign_in,
        sessions::sign_out_everywhere,
        sessions::current,
        sessions::sign_out,
        meta::health,
        meta::openapi,
        meta::change_password,
    ),
    components(schemas(set_password::ViolationSchema)),
    modifiers(&Common),
)]
struct Document;

/// The document. Its objects are sorted, so that it is the same whatever else is built with it.
#[must_use]
pub fn document() -> Value {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    // The library has no member for this.
    if let Some(Value::Object(headers)) = document.pointer_mut("/components/headers") {
        for header in headers.values_mut() {
            header["required"] = true.into();
        }
    }
    sorted(document)
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            Value::Object(members.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// What all operations have in common.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let operations = document.paths.paths.values_mut().flat_map(operations);
        for (status, response) in operations.flat_map(|operation| &mut operation.responses.responses) {
            if let RefOr::T(response) = response {
                add_headers(status, response);
            }
        }
        let components = document.components.get_or_insert_default();
        declare_problems(components);
        declare_headers(components);
        for (name, description) in [
            (
                "verification_token",
                "The token that verifying a code gives, or the 26 characters of a recovery link: it allows one new password.",
            ),
            ("session_token", "The token that signing in gives."),
        ] {
            let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
            components.security_schemes.insert(name.to_owned(), SecurityScheme::Http(scheme.build()).into());
        }
    }
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut path.get, &mut path.put, &mut path.post, &mut path.patch, &mut path.delete].into_iter().flatten()
}

/// Adds the headers that every answer has, and those that answers with its status have besides.
fn add_headers(status: &str, response: &mut Response) {
    let own: &[&str] = match status {
        "302" => &["Location"],
        "401" => &["WWW-Authenticate"],
        "405" => &["Allow"],
        "429" | "503" => &["Retry-After"],
        _ => &[],
    };
    for name in ["Cache-Control", "X-Content-Type-Options", "X-Request-Id"].iter().chain(own) {
        let header = Ref::new(format!("#/components/headers/{name}"));
        response.headers.insert((*name).to_owned(), RefOr::Ref(header));
    }
}

fn declare_headers(components: &mut Components) {
    let text = || ObjectBuilder::new().schema_type(Type::String).build();
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
    for (name, schema, description) in [
        ("Allow", text(), "The methods of the path, with commas between."),
        ("Cache-Control", one_of(["no-store"]), "No answer is kept."),
        ("Location", text(), "The page that changes a password: an absolute URL."),
        ("Retry-After", seconds, "Whole seconds after which the call is worth repeating."),
        ("WWW-Authenticate", one_of(["Bearer"]), "How to authenticate."),
        ("X-Content-Type-Options", one_of(["nosniff"]), "The content type is right."),
        ("X-Request-Id", text(), "Names the request in the logs; never taken from the request."),
    ] {
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description));
        components.headers.insert(name.to_owned(), header.build().into());
    }
}

fn declare_problems(components: &mut Components) {
    let text = |description: &str| {
        ObjectBuilder::new().schema_type(Type::String).description(Some(description.to_owned())).build()
    };
    let mut code = one_of(Code::ALL.iter().map(|code| code.as_str()));
    code.description = Some("The stable, machine-readable code.".to_owned());
    let status = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("The HTTP status again."))
        .minimum(Some(400))
        .maximum(Some(599));
    let problem = ["type", "title", "status", "detail", "code"].into_iter().fold(
        ObjectBuilder::new()
            .description(Some("A problem (RFC 9457)."))
            .property("type", {
                let mut uri = text("Names the kind of problem.");
                uri.format = Some(SchemaFormat::Custom("uri".to_owned()));
                uri
            })
            .property("title", text("A short summary, the same for every occurrence."))
            .property("status", status)
            .property("detail", text("For the person who reads it."))
            .property("code", code),
        ObjectBuilder::required,
    );
    components.schemas.insert("Problem".to_owned(), Schema::from(problem).into());
    for code in Code::ALL {
        let example = ExampleBuilder::new().summary(code.title()).value(Some(occurrence(*code).document()));
        components.examples.insert(code.as_str().to_owned(), example.build().into());
    }
    // No operation gives these.
    for (name, code) in [("NotFound", Code::NotFound), ("MethodNotAllowed", Code::MethodNotAllowed)] {
        let mut response = response(code.status(), &[code]);
        add_headers(code.status().as_str(), &mut response);
        components.responses.insert(name.to_owned(), response.into());
    }
}

/// The responses for an operation's codes, one for each status.
pub(crate) fn responses(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let statuses: BTreeSet<StatusCode> = codes.iter().map(|code| code.status()).collect();
    let response = |status: StatusCode| {
        let codes: Vec<Code> = codes.iter().copied().filter(|code| code.status() == status).collect();
        (status.as_str().to_owned(), response(status, &codes).into())
    };
    statuses.into_iter().map(response).collect()
}

fn response(status: StatusCode, codes: &[Code]) -> Response {
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
fn extension(code: Code) -> Option<(&'static str, Schema)> {
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

/// How each code occurs, made as the operations make it.
fn occurrence(code: Code) -> Problem {
    let now = Timestamp::from_unix(0);
    let later = now.plus(std::time::Duration::from_secs(42));
    let otherwise = || Problem::new(code, code.title());
    match code {
        Code::InvalidRequest => extract::malformed(),
        Code::VerificationTokenInvalid => {
            set_password::problem(regain_domain::usecase::set_password::SetPasswordError::TokenInvalid)
        }
        Code::SessionInvalid => sessions::session_invalid(),
        Code::CredentialsInvalid => {
            let error = regain_domain::usecase::sign_in::SignInError::CredentialsInvalid;
            sessions::sign_in_problem(error, now)
        }
        Code::RecoveryRequired => {
            let error = regain_domain::usecase::sign_in::SignInError::RecoveryRequired;
            sessions::sign_in_problem(error, now)
        }
        Code::NotFound => app::not_found(),
        Code::ChallengeNotFound => Problem::challenge_not_found(),
        Code::MethodNotAllowed => app::method_not_allowed("POST, DELETE".to_owned()),
        Code::ChallengeUsed => Problem::refused(Refusal::Used, now),
        Code::ChallengeExpired => Problem::refused(Refusal::Expired, now),
        Code::AttemptsExhausted => Problem::refused(Refusal::AttemptsExhausted, now),
        Code::BodyTooLarge => extract::too_large(),
        Code::UnsupportedMediaType => extract::not_json(),
        Code::InvalidIdentifier => request_code::identifier("").err().unwrap_or_else(otherwise),
        Code::InvalidChannel => sent::channel("").err().unwrap_or_else(otherwise),
        Code::PostalCodeRequired => {
            let error = regain_domain::usecase::request_code::RequestError::PostalCodeRequired;
            request_code::problem(error, now)
        }
        Code::IdempotencyKeyReused => KeyReused.into(),
        Code::CodeIncorrect => {
            let error = regain_domain::usecase::verify_code::VerifyError::Incorrect { attempts_remaining: 4 };
            verify_code::problem(error, now)
        }
        Code::PasswordRejected => {
            set_password::password_rejected(&[Violation::TooShort { minimum: 15 }, Violation::TooCommon])
        }
        Code::RateLimited => Problem::rate_limited(Limited { until: later }, now),
        Code::CallerRateLimited => {
            let limited = Limited { until: later };
            request_code::problem(
                regain_domain::usecase::request_code::RequestError::CallerLimited(limited),
                now,
            )
        }
        Code::ResendLimitReached => Problem::refused(Refusal::ResendLimitReached { expires_at: later }, now),
        Code::ResendTooSoon => Problem::refused(Refusal::ResendTooSoon { available_at: later }, now),
        Code::InternalError => Fault::internal("an example").into(),
        Code::ServiceUnavailable => Fault::unavailable("an example").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::{ROUTES, Route};

    #[test]
    fn the_document_has_the_routes_and_no_others() {
        let document = document();
        let documented: BTreeSet<(String, String, String)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                item.as_object().unwrap().iter().map(|(method, operation)| {
                    let id = operation["operationId"].as_str().unwrap();
                    (path.clone(), method.to_uppercase(), id.to_owned())
                })
            })
            .collect();
        let routed = |r: &Route| (r.path.to_owned(), r.method.to_owned(), r.operation.to_owned());
        let routed = ROUTES.iter().map(routed).collect();
        assert_eq!(documented, routed);
    }

    #[test]
    fn an_example_is_an_occurrence_of_its_code() {
        for code in Code::ALL {
            let problem = occurrence(*code);
            assert_eq!(problem.code(), *code);
            let extension = extension(*code).map(|(name, _)| name);
            assert_eq!(problem.document().as_object().unwrap().len(), 5 + usize::from(extension.is_some()));
            assert!(extension.is_none_or(|name| problem.document().get(name).is_some()), "{code:?}");
        }
    }

    #[test]
    fn every_code_is_documented() {
        let text = document()["paths"].to_string() + &document()["components"]["responses"].to_string();
        for code in Code::ALL {
            assert!(text.contains(&format!("\"{}\"", code.as_str())), "{code:?}");
        }
    }
}
