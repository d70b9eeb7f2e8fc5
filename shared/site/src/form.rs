//! Forms: read strictly, and refused unless a page of ours was filled in.

use std::borrow::Cow;

use axum::extract::{FromRef, FromRequest, Request};
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, StatusCode, header};
use mediatype::{MediaType, Name};
use regain_domain::{IdempotencyKey, Origin};
use regain_http_api::extract::{is_of_type, read_body};
use serde::de::DeserializeOwned;
use serde::de::value::{Error as FieldsError, MapDeserializer};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::state::SharedSite;
use crate::trouble::Trouble;
use crate::visit::Visit;

/// A form of one of our pages. `T` has the fields of its own; what is missing is empty, what is unknown or comes twice
/// is refused.
pub(crate) struct Form<T> {
    pub(crate) visit: Visit,
    pub(crate) fields: T,
    /// The same for a form that is sent twice, another for one that was changed in between.
    pub(crate) idempotency_key: Option<IdempotencyKey>,
}

/// A form of an application's page, from a listed origin.
pub(crate) struct ForeignForm<T> {
    pub(crate) visit: Visit,
    pub(crate) fields: T,
}

/// Where a request comes from, as the browser says (Fetch Metadata).
const FETCH_SITE: header::HeaderName = header::HeaderName::from_static("sec-fetch-site");
/// The field that repeats the flow's value.
const CSRF: &str = "csrf";
/// The field by which a form that is sent twice is known.
const IDEMPOTENCY_KEY: &str = "idempotency_key";

impl<S, T> FromRequest<S> for Form<T>
where
    S: Send + Sync,
    SharedSite: FromRef<S>,
    T: DeserializeOwned,
{
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        let SharedSite(site) = SharedSite::from_ref(state);
        let (parts, body) = request.into_parts();
        if is_foreign(&parts.headers, &site.settings.origin) {
            return Err(Trouble::Foreign);
        }
        let visit = Visit::new(site, &parts)?;
        let body = read(&parts.headers, body).await?;
        let mut fields = pairs(&body).ok_or(Trouble::MALFORMED)?;
        let csrf = take(&mut fields, CSRF);
        if !visit.has_cookie {
            return Err(Trouble::NoCookie);
        }
        if !csrf.is_some_and(|csrf| visit.flow.csrf.is(&csrf)) {
            // A page of ours from before somebody signed in or out in another tab, if the browser says that it is ours.
            let is_ours = only(&parts.headers, &FETCH_SITE) == Some("same-origin");
            return Err(if is_ours { Trouble::NoCookie } else { Trouble::Foreign });
        }
        let key = take(&mut fields, IDEMPOTENCY_KEY);
        let language = visit.words().language();
        let idempotency_key = key.map(|key| effective_key(&key, language, &fields).ok_or(Trouble::MALFORMED));
        let idempotency_key = idempotency_key.transpose()?;
        Ok(Self { visit, fields: deserialize(&fields)?, idempotency_key })
    }
}

impl<S, T> FromRequest<S> for ForeignForm<T>
where
    S: Send + Sync,
    SharedSite: FromRef<S>,
    T: DeserializeOwned,
{
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        let SharedSite(site) = SharedSite::from_ref(state);
        let (parts, body) = request.into_parts();
        let origin = only(&parts.headers, &header::ORIGIN);
        let is_listed = |origin: &str| site.settings.return_origins.iter().any(|o| o.as_str() == origin);
        if !origin.is_some_and(is_listed) {
            return Err(Trouble::Foreign);
        }
        let visit = Visit::new(site, &parts)?;
        let body = read(&parts.headers, body).await?;
        let fields = deserialize(&pairs(&body).ok_or(Trouble::MALFORMED)?)?;
        Ok(Self { visit, fields })
    }
}

/// Whether a form was sent from another site. Browsers say so (Fetch Metadata); old ones say the origin, which under
/// `no-referrer` is `null` for forms of our own too. Who says neither has no cookies of anybody else.
fn is_foreign(headers: &HeaderMap, ours: &Origin) -> bool {
    if headers.contains_key(&FETCH_SITE) {
        return only(headers, &FETCH_SITE) != Some("same-origin");
    }
    let origin = only(headers, &header::ORIGIN);
    headers.contains_key(header::ORIGIN) && origin != Some(ours.as_str()) && origin != Some("null")
}

/// The value of a header that comes once.
fn only<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    value.to_str().ok()
}

async fn read(headers: &HeaderMap, body: axum::body::Body) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let form =
        MediaType::new(Name::new_unchecked("application"), Name::new_unchecked("x-www-form-urlencoded"));
    if !is_of_type(headers, &form) {
        return Err(Trouble::Malformed(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    read_body(body).await.map_err(|_| Trouble::Malformed(StatusCode::PAYLOAD_TOO_LARGE))
}

type Pairs = Vec<(String, Zeroizing<String>)>;

/// The fields in their order; `None` if one comes twice, or isn't text.
fn pairs(body: &[u8]) -> Option<Pairs> {
    let mut pairs = Pairs::new();
    for (name, value) in form_urlencoded::parse(body) {
        // In the place of bytes that are no UTF-8 there is a replacement character. Nobody types one.
        let is_text = !name.contains('\u{fffd}') && !value.contains('\u{fffd}');
        if !is_text || pairs.iter().any(|(other, _)| *other == name) {
            return None;
        }
        pairs.push((name.into_owned(), Zeroizing::new(Cow::into_owned(value))));
    }
    Some(pairs)
}

fn take(pairs: &mut Pairs, name: &str) -> Option<Zeroizing<String>> {
    let place = pairs.iter().position(|(other, _)| other == name)?;
    Some(pairs.remove(place).1)
}

/// The key for the use case: a hash of everything that makes the call: the form's own key, the language that a message
/// would be in, and all fields. `None` if the form's key is malformed.
fn effective_key(key: &str, language: &str, fields: &Pairs) -> Option<IdempotencyKey> {
    IdempotencyKey::parse(key)?;
    IdempotencyKey::parse(&hash(key, language, fields))
}

fn hash(key: &str, language: &str, fields: &Pairs) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text);
    };
    add(key);
    add(language);
    for (name, value) in fields {
        add(name);
        add(value);
    }
    BASE64URL_NOPAD.encode(&hash.finalize())
}

fn deserialize<T: DeserializeOwned>(fields: &Pairs) -> Result<T, Trouble> {
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    T::deserialize(MapDeserializer::<_, FieldsError>::new(fields)).map_err(|_| Trouble::MALFORMED)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    #[derive(Default)]
    struct Sample {
        code: Zeroizing<String>,
        channel: String,
    }

    fn sample(body: &str) -> Option<Sample> {
        pairs(body.as_bytes()).and_then(|pairs| deserialize(&pairs).ok())
    }

    #[test]
    fn fields_are_read_once_and_no_others() {
        let read = sample("code=12+34%20&channel=%C3%A5").unwrap();
        assert_eq!((read.code.as_str(), read.channel.as_str()), ("12 34 ", "\u{e5}"));
        assert!(sample("").unwrap().code.is_empty());
        for wrong in ["code=1&code=1", "other=1", "code=%ff", "%ff=1", "code%5B%5D=1"] {
            assert!(sample(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_form_of_another_site_is_known_by_its_headers() {
        let ours = Origin::parse("https://example.com").unwrap();
        let check = |pairs: &[(&'static str, &str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap()));
            is_foreign(&headers.collect(), &ours)
        };
        let (site, origin) = ("sec-fetch-site", "origin");
        for own in [
            &[][..],
            &[(site, "same-origin")],
            &[(site, "same-origin"), (origin, "null")],
            &[(origin, "null")],
            &[(origin, "https://example.com")],
        ] {
            assert!(!check(own), "{own:?}");
        }
        for foreign in [
            &[(site, "cross-site")][..],
            &[(site, "same-site")],
            &[(site, "none")],
            &[(site, "")],
            &[(site, "Same-Origin")],
            &[(site, "same-origin"), (site, "same-origin")],
            &[(site, "cross-site"), (origin, "https://example.com")],
            &[(origin, "https://evil.example")],
            &[(origin, "https://example.com.evil.example")],
            &[(origin, "http://example.com")],
            &[(origin, "")],
            &[(origin, "null"), (origin, "null")],
        ] {
            assert!(check(foreign), "{foreign:?}");
        }
    }

    #[test]
    fn an_edited_form_has_another_key() {
        let key = |key: &str, body: &str| hash(key, "en", &pairs(body.as_bytes()).unwrap());
        let one = "0123456789abcdef";
        assert_eq!(key(one, "a=1&b=2"), key(one, "a=1&b=2"));
        assert_ne!(key(one, "a=1&b=2"), key(one, "a=1&b=3"));
        assert_ne!(key(one, "a=1&b=2"), key(one, "a=1b&=2"));
        assert_ne!(key(one, "a=1&b=2"), key("0123456789abcdeg", "a=1&b=2"));
        assert_ne!(hash(one, "en", &Pairs::new()), hash(one, "sv", &Pairs::new()));
        assert!(effective_key(one, "en", &Pairs::new()).is_some());
        assert!(effective_key("short", "en", &Pairs::new()).is_none());
    }
}
