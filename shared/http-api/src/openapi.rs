//! The OpenAPI document, made from the descriptions beside the handlers.
//!
//! Functions never make it: `meta` serves the checked-in `docs/openapi.json`, and a test of `tests/checks` holds that
//! file to what the annotations say. `REGAIN_WRITE=1 cargo test --workspace --test checks` writes it.

use std::collections::BTreeMap;

use regain_domain::{Fault, KeyReused, Limited, Refusal, Timestamp, Violation};
use serde_json::{Map, Value};
use utoipa::OpenApi;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, PathItem, Ref, RefOr, Response};

use crate::problem::{Code, Problem};
use crate::routes::{Descriptions, request_code, set_password, sign_in, verify_code};
use crate::schema::{one_of, response, tag};
use crate::violation::ViolationSchema;
use crate::{app, challenge_view, extract, session};

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
        (name = tag::META, description = "What operators, browsers and tools ask for."),
    ),
    components(schemas(ViolationSchema)),
)]
struct Document;

/// The document. Its objects are sorted, so that it is the same whatever else is built with it.
#[must_use]
pub fn document() -> Value {
    let mut document = Document::openapi();
    document.merge(Descriptions::openapi());
    complete(&mut document);
    let mut document = serde_json::to_value(document).unwrap_or_default();
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

/// Adds what all operations have in common.
fn complete(document: &mut utoipa::openapi::OpenApi) {
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
        Code::SessionInvalid => session::session_invalid(),
        Code::CredentialsInvalid => {
            let error = regain_domain::usecase::sign_in::SignInError::CredentialsInvalid;
            sign_in::problem(error, now)
        }
        Code::RecoveryRequired => {
            let error = regain_domain::usecase::sign_in::SignInError::RecoveryRequired;
            sign_in::problem(error, now)
        }
        Code::NotFound => app::not_found(),
        Code::ChallengeNotFound => Problem::challenge_not_found(),
        Code::MethodNotAllowed => app::method_not_allowed("POST, DELETE".to_owned()),
        Code::ChallengeUsed => Problem::refused(Refusal::Used, now),
        Code::ChallengeExpired => Problem::refused(Refusal::Expired, now),
        Code::AttemptsExhausted => Problem::refused(Refusal::AttemptsExhausted, now),
        Code::BodyTooLarge => extract::too_large(),
        Code::UnsupportedMediaType => extract::not_json(),
        Code::InvalidIdentifier => extract::identifier("").err().unwrap_or_else(otherwise),
        Code::InvalidChannel => challenge_view::channel("").err().unwrap_or_else(otherwise),
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
    use std::collections::BTreeSet;

    use super::*;
    use crate::routes::{ROUTES, Route};
    use crate::schema::extension;

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
