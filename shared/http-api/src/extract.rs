//! Extractors of requests: the caller, a bearer token, a strict JSON body.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use http::request::Parts;
use http::{HeaderMap, header};
use mediatype::{MediaType, Name, ReadParams as _, Value, names};
use regain_domain::{ChallengeId, IdempotencyKey, Identifier, SourceAddress};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, Required};
use zeroize::Zeroizing;

use crate::problem::{Code, Problem};
use crate::schema::example;

/// The caller, as the gateway vouches for it. Whatever serves the application puts it into the request's
/// extensions.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Names the call in logs and in `X-Request-Id`; never taken from the client.
    pub request_id: String,
    /// The address that limits count.
    pub source: SourceAddress,
}

impl Default for Caller {
    fn default() -> Self {
        Self { request_id: String::new(), source: SourceAddress::unknown() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// The path in the address that the client asked for, as the gateway saw it: that of the route, perhaps below a stage's
/// name or a base path. Whatever serves the application puts it into the request's extensions, if it is known.
#[derive(Clone, Debug)]
pub struct UrlPath(pub String);

/// The largest body in bytes.
pub const MAX_BODY: usize = 8 * 1024;

/// A JSON object that is exactly a `T`: of the right content type, within [`MAX_BODY`], without unknown
/// members and duplicates.
#[derive(Debug)]
pub struct StrictJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for StrictJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(not_json());
        }
        let bytes = read_body(request.into_body()).await?;
        parse(&bytes).map(Self)
    }
}

/// Reads a body of at most [`MAX_BODY`] bytes; cleared when dropped, since it may hold a secret.
///
/// # Errors
/// [`Code::BodyTooLarge`].
pub async fn read_body(body: Body) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let bytes = to_bytes(body, MAX_BODY).await.map_err(|_| too_large())?;
    Ok(Zeroizing::new(bytes.into()))
}

/// The body isn't JSON by its content type.
pub(crate) fn not_json() -> Problem {
    Problem::new(Code::UnsupportedMediaType, "Send the body as application/json.")
}

/// The body is larger than [`MAX_BODY`].
pub(crate) fn too_large() -> Problem {
    Problem::new(Code::BodyTooLarge, format!("The body may have at most {MAX_BODY} bytes."))
}

/// The body isn't the object that the operation takes.
pub(crate) fn malformed() -> Problem {
    // Serde's message may quote what was sent, so it goes nowhere.
    Problem::invalid_request(
        "The body must be a JSON object with just the members of this call, each once and of its type.",
    )
}

const JSON: MediaType<'_> = MediaType::new(names::APPLICATION, names::JSON);

fn is_json(headers: &HeaderMap) -> bool {
    is_of_type(headers, &JSON)
}

/// Whether a body's media type equals one that is in UTF-8 (RFC 9110, section 8.3.1): in any case, with white space
/// where it may stand, the charset quoted or not.
#[must_use]
pub fn is_of_type(headers: &HeaderMap, wanted: &MediaType<'_>) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let media_type = value.to_str().ok().and_then(|text| MediaType::parse(text.trim()).ok());
    // JSON is UTF-8 (RFC 8259, section 8.1), and so are forms of our pages: that may be said, and nothing else.
    let is_utf8 = |(name, value): (Name<'_>, Value<'_>)| {
        name == names::CHARSET && value.unquoted_str().eq_ignore_ascii_case("utf-8")
    };
    media_type.is_some_and(|media_type| media_type.essence() == *wanted && media_type.params().all(is_utf8))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Serde reads an array as a struct too, by position: only an object is one here.
    let is_object = bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
    let parsed = if is_object { serde_json::from_slice(bytes).ok() } else { None };
    parsed.ok_or_else(malformed)
}

/// Reads an optional member that is present: `null` isn't a value of it.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads an identifier.
pub(crate) fn identifier(text: &str) -> Result<Identifier, Problem> {
    Identifier::parse(text).ok_or_else(|| {
        let detail = "Enter an email address, or a mobile number with + and the country code.";
        Problem::new(Code::InvalidIdentifier, detail)
    })
}

/// The challenge that the path names. What can't be an id names none.
pub(crate) struct ChallengePath(pub(crate) ChallengeId);

impl<S: Send + Sync> FromRequestParts<S> for ChallengePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        text.and_then(|Path(text)| ChallengeId::parse(&text))
            .map(Self)
            .ok_or_else(Problem::challenge_not_found)
    }
}

impl IntoParams for ChallengePath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Za-z0-9_-]{22}$"))
            .examples([example::CHALLENGE_ID]);
        vec![
            ParameterBuilder::new()
                .name("challenge_id")
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .description(Some("The challenge, as the answer that opened it names it."))
                .schema(Some(schema))
                .build(),
        ]
    }
}

/// The `Idempotency-Key` header, if there is one.
pub(crate) struct OptionalIdempotencyKey(pub(crate) Option<IdempotencyKey>);

impl<S: Send + Sync> FromRequestParts<S> for OptionalIdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all("idempotency-key").iter();
        let key = match (values.next(), values.next()) {
            (None, _) => return Ok(Self(None)),
            (Some(value), None) => value.to_str().ok().and_then(IdempotencyKey::parse),
            (Some(_), Some(_)) => None,
        };
        let detail = "An Idempotency-Key has 16 to 255 visible ASCII characters, and there is at most one.";
        key.map(|key| Self(Some(key))).ok_or_else(|| Problem::invalid_request(detail))
    }
}

impl IntoParams for OptionalIdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(16))
            .max_length(Some(255))
            .pattern(Some("^[!-~]{16,255}$"))
            .examples(["7c4a8d09-ca37-62af-61e5-9520943dc264"]);
        let description = "Makes the call safe to repeat: the same key with the same body has one effect and \
                           gives the same answer again. It should be random, and new for each new request.";
        vec![
            ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(description))
                .schema(Some(schema))
                .build(),
        ]
    }
}

/// The bearer token of a request (RFC 6750, section 2.1), if there is exactly one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start_matches(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        #[serde(default, deserialize_with = "present")]
        kind: Option<String>,
    }

    #[test]
    fn only_exact_objects_are_read() {
        let sample: Sample = parse(br#" {"name":"a","kind":"b"} "#).unwrap();
        assert_eq!((sample.name.as_str(), sample.kind.as_deref()), ("a", Some("b")));
        assert!(parse::<Sample>(br#"{"name":"a"}"#).is_ok());
        let deep = format!("{{\"name\":{}1{}}}", "[".repeat(1000), "]".repeat(1000));
        for wrong in [
            "",
            "null",
            "\"a\"",
            r#"["a","b"]"#,
            r#"{"name":["a"]}"#,
            r#"{"name":{"a":1}}"#,
            r#"{"name":1}"#,
            r#"{"name":null}"#,
            r#"{"name":"a","kind":null}"#,
            r#"{"name":"a","name":"a"}"#,
            r#"{"name":"a","other":1}"#,
            r#"{"name":"a"} x"#,
            r#"{"name":"a""#,
            r#"{"name":"\ud800"}"#,
            &deep,
        ] {
            assert_eq!(
                parse::<Sample>(wrong.as_bytes()).unwrap_err().code(),
                Code::InvalidRequest,
                "{wrong}"
            );
        }
        assert!(parse::<Sample>(b"{\"name\":\"\xff\"}").is_err());
    }

    #[test]
    fn only_json_is_a_content_type() {
        let headers = |value: &str| HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]);
        for good in [
            "application/json",
            " application/json ",
            "Application/JSON; charset=UTF-8",
            "application/json;",
            "application/json;charset=utf-8;",
            "application/json ;\tCHARSET=Utf-8",
            "application/json; charset=\"utf-8\"",
            "application/json; charset=\"UTF\\-8\" ;",
        ] {
            assert!(is_json(&headers(good)), "{good}");
        }
        for wrong in [
            "",
            "text/plain",
            "application/json-patch+json",
            "application/json+json",
            "application/json; charset=latin1",
            "application/json; charset=\"utf-16\"",
            "application/json; charset=\"\"",
            "application/json; charset=\"utf-8",
            "application/json; charset=utf-8; charset=latin1",
            "application/json; charset = utf-8",
            "application/json; charset",
            "application/json; version=1",
            "application/json, application/json",
        ] {
            assert!(!is_json(&headers(wrong)), "{wrong}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn a_bearer_token_is_the_only_credential() {
        let headers = |value: &str| HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
        assert_eq!(bearer(&headers("Bearer abc")), Some("abc"));
        assert_eq!(bearer(&headers("bearer abc")), Some("abc"));
        assert_eq!(bearer(&headers("Basic abc")), None);
        assert_eq!(bearer(&headers("Bearer")), None);
        assert_eq!(bearer(&HeaderMap::new()), None);
        let mut two = headers("Bearer abc");
        two.append(header::AUTHORIZATION, "Bearer def".parse().unwrap());
        assert_eq!(bearer(&two), None);
    }
}
