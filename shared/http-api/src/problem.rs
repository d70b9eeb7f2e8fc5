//! Problems (RFC 9457): every answer that isn't a success.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use regain_domain::{Fault, KeyReused, Limited, Refusal, Timestamp};
use serde_json::{Map, Value, json};

macro_rules! codes {
    ($(#[doc = $meaning:literal] $name:ident = $status:ident, $text:literal, $title:literal;)*) => {
        /// The stable, machine-readable codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $meaning] $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as clients see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The status that goes with it.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// When it is the answer, for the documentation: the comment of its variant.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning.trim(),)* }
            }

            /// A short summary, the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// The request isn't JSON, or has unknown members, wrong types, an unknown purpose, a malformed code or `Idempotency-Key`.
    InvalidRequest = BAD_REQUEST, "invalid_request", "The request is malformed";
    /// The token is unknown, expired, used, or the account has moved on.
    VerificationTokenInvalid = UNAUTHORIZED, "verification_token_invalid", "The verification token is not valid";
    /// The session is unknown, expired or signed out.
    SessionInvalid = UNAUTHORIZED, "session_invalid", "The session is not valid";
    /// Identifier or password is wrong.
    CredentialsInvalid = UNAUTHORIZED, "credentials_invalid", "Identifier or password is wrong";
    /// Too many wrong passwords for the identifier, whether it is known or not.
    RecoveryRequired = FORBIDDEN, "recovery_required", "A new password is required";
    /// No such path.
    NotFound = NOT_FOUND, "not_found", "There is nothing here";
    /// No such challenge, or one that is forgotten.
    ChallengeNotFound = NOT_FOUND, "challenge_not_found", "There is no such challenge";
    /// The path has other methods, which `Allow` names.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method_not_allowed", "The method is not allowed";
    /// The challenge's code was verified.
    ChallengeUsed = GONE, "challenge_used", "The code was already used";
    /// The challenge's code has expired.
    ChallengeExpired = GONE, "challenge_expired", "The code has expired";
    /// No guesses are left.
    AttemptsExhausted = GONE, "attempts_exhausted", "No attempts are left";
    /// The body has more than 8 KiB.
    BodyTooLarge = PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large";
    /// The body isn't `application/json`.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The content type is not supported";
    /// Neither an email address nor a mobile number.
    InvalidIdentifier = UNPROCESSABLE_ENTITY, "invalid_identifier", "This is not an email address or mobile number";
    /// Neither `email` nor `sms`.
    InvalidChannel = UNPROCESSABLE_ENTITY, "invalid_channel", "There is no such channel";
    /// A postal code is required of everyone.
    PostalCodeRequired = UNPROCESSABLE_ENTITY, "postal_code_required", "A postal code is required";
    /// The key came with another body.
    IdempotencyKeyReused = UNPROCESSABLE_ENTITY, "idempotency_key_reused", "The idempotency key was used for another request";
    /// The guess is wrong; has `attempts_remaining`.
    CodeIncorrect = UNPROCESSABLE_ENTITY, "code_incorrect", "The code is not correct";
    /// The password isn't good enough; has `violations`.
    PasswordRejected = UNPROCESSABLE_ENTITY, "password_rejected", "The password was not accepted";
    /// A limit is reached.
    RateLimited = TOO_MANY_REQUESTS, "rate_limited", "Too many requests";
    /// Too many requests from the caller's address; nothing is sent to anybody for it.
    CallerRateLimited = TOO_MANY_REQUESTS, "caller_rate_limited", "Too many requests from your network";
    /// No resends are left; `Retry-After` is the rest of the challenge's life.
    ResendLimitReached = TOO_MANY_REQUESTS, "resend_limit_reached", "The code can't be sent again";
    /// The cool-down isn't over.
    ResendTooSoon = TOO_MANY_REQUESTS, "resend_too_soon", "It is too soon to send the code again";
    /// Our fault.
    InternalError = INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong on our side";
    /// The table throttles or is away; nothing was changed.
    ServiceUnavailable = SERVICE_UNAVAILABLE, "service_unavailable", "The service is not available right now";
}

/// The word by which logs and metrics count an answer that isn't a success. It is among the extensions of the answer.
#[derive(Clone, Copy, Debug)]
pub struct Outcome(pub &'static str);

/// Seconds that a client is asked to wait when the table is away.
const UNAVAILABLE_SECONDS: u64 = 5;

/// A problem document.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    members: Map<String, Value>,
    retry_after: Option<u64>,
    allow: Option<String>,
}

impl Problem {
    /// A problem with a detail for the person who reads it. The detail must hold nothing that was sent.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), members: Map::new(), retry_after: None, allow: None }
    }

    /// Adds an extension member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds `Retry-After` in whole seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds `Allow`.
    #[must_use]
    pub fn allow(mut self, methods: String) -> Self {
        self.allow = Some(methods);
        self
    }

    /// The problem's code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The whole seconds to wait, if it says so.
    #[must_use]
    pub const fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
    }

    /// The request can't be understood, for a reason that quotes nothing of it.
    pub fn invalid_request(detail: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest, detail)
    }

    /// A limit is reached: how long until it isn't, right to the second.
    #[must_use]
    pub fn rate_limited(limited: Limited, now: Timestamp) -> Self {
        Self::limited(
            Code::RateLimited,
            "There were too many tries. Wait before you try again.",
            limited,
            now,
        )
    }

    /// A limit is reached, in other words.
    #[must_use]
    pub fn limited(code: Code, detail: &str, limited: Limited, now: Timestamp) -> Self {
        Self::new(code, detail).retry_after(now.seconds_until(limited.until).max(1))
    }
}

impl Problem {
    /// The time for an answer is over. What was waited for may have happened, so nothing is said of it.
    #[must_use]
    pub fn out_of_time() -> Self {
        let cause = "no answer in time";
        tracing::warn!(cause, "a dependency is unavailable");
        Self::new(Code::ServiceUnavailable, "This took too long. Try again in a moment.")
            .retry_after(UNAVAILABLE_SECONDS)
    }
}

/// A fault outside: the cause goes to the log, the client hears only whose fault it is.
impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let cause = std::error::Error::source(&fault).map(ToString::to_string).unwrap_or_default();
        match fault {
            Fault::Unavailable(_) => {
                tracing::warn!(cause, "a dependency is unavailable");
                Self::new(Code::ServiceUnavailable, "It may not have worked. Try again in a moment.")
                    .retry_after(UNAVAILABLE_SECONDS)
            }
            Fault::Internal(_) => {
                tracing::error!(cause, "internal fault");
                Self::new(Code::InternalError, "This is our fault, not yours. Try again later.")
            }
        }
    }
}

impl From<KeyReused> for Problem {
    fn from(_: KeyReused) -> Self {
        Self::new(Code::IdempotencyKeyReused, "Use a new Idempotency-Key for each new request.")
    }
}

impl Problem {
    /// A challenge can't do what was asked.
    #[must_use]
    pub fn refused(refusal: Refusal, now: Timestamp) -> Self {
        match refusal {
            Refusal::NotFound => Self::challenge_not_found(),
            Refusal::Used => Self::new(Code::ChallengeUsed, "This code was already used. Ask for a new one."),
            Refusal::Expired => {
                Self::new(Code::ChallengeExpired, "This code has expired. Ask for a new one.")
            }
            Refusal::AttemptsExhausted => {
                Self::new(Code::AttemptsExhausted, "There were too many wrong codes. Ask for a new one.")
            }
            // No wait makes this challenge send again; until it is over, the same answer comes.
            Refusal::ResendLimitReached { expires_at } => {
                Self::new(Code::ResendLimitReached, "The code was sent too often. Start again for a new one.")
                    .retry_after(now.seconds_until(expires_at).max(1))
            }
            Refusal::ResendTooSoon { available_at } => {
                let seconds = now.seconds_until(available_at).max(1);
                let detail = format!("Wait {seconds} seconds, then ask for the code again.");
                Self::new(Code::ResendTooSoon, detail).retry_after(seconds)
            }
        }
    }

    /// There is no such challenge.
    #[must_use]
    pub fn challenge_not_found() -> Self {
        Self::new(Code::ChallengeNotFound, "This challenge is unknown. Ask for a new code.")
    }
}

impl Problem {
    /// The body.
    pub(crate) fn document(&self) -> Value {
        let mut document = json!({
            "type": format!("urn:problem-type:regain:{}", self.code.as_str()),
            "title": self.code.title(),
            "status": self.code.status().as_u16(),
            "detail": self.detail,
            "code": self.code.as_str(),
        });
        if let Value::Object(members) = &mut document {
            members.extend(self.members.clone());
        }
        document
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.code.status(), self.document().to_string()).into_response();
        // For whoever counts answers, and for whoever shows them as pages.
        response.extensions_mut().insert(Outcome(self.code.as_str()));
        response.extensions_mut().insert(self.code);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(allow) = self.allow.and_then(|methods| HeaderValue::try_from(methods).ok()) {
            headers.insert(header::ALLOW, allow);
        }
        if self.code.status() == StatusCode::UNAUTHORIZED {
            // RFC 9110, section 15.5.2, requires it; the scheme is the only one there is.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }

    #[test]
    fn a_fault_says_nothing_of_its_cause() {
        let problem = Problem::from(Fault::internal("table name, query, secret"));
        assert_eq!(problem.code(), Code::InternalError);
        assert!(!problem.detail.contains("secret"));
    }
}
