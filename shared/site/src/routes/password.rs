//! `/recover/password`: the new password. `set-password` has the form.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use regain_domain::device::DEVICE_LIFETIME;
use regain_domain::port::{Directory, PasswordChecks, PasswordStore};
use regain_domain::usecase::set_password::{NewPassword, SetPassword, SetPasswordError};
use regain_domain::{Password, PasswordPolicy, Violation};
use regain_http_api::Code;
use regain_http_api::pages::{CODE, DONE, PASSWORD_FORM, RECOVER};
use regain_http_api::routes::set_password::problem;
use regain_locales::WordsError;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::cookies::Name;
use crate::flow::Step;
use crate::form::Form;
use crate::frame::{FieldError, Frame};
use crate::settings::PageSettings;
use crate::state::Served;
use crate::trouble::Trouble;
use crate::visit::Visit;

/// The token has expired.
const EXPIRED: Trouble = Trouble::Problem(Code::VerificationTokenInvalid, None);

/// The fields of the form. The second field isn't sent where the first was shown.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    password: Zeroizing<String>,
    /// The token that the page was shown for, by a word; empty for who fills in a form of its own.
    recovery: String,
    #[serde(deserialize_with = "sent")]
    password_again: Option<Zeroizing<String>>,
}

/// A field that was sent.
fn sent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Zeroizing<String>>, D::Error> {
    Zeroizing::deserialize(deserializer).map(Some)
}

#[derive(Template)]
#[template(path = "password.html")]
struct Page<'a> {
    frame: Frame<'a>,
    identifier: &'a str,
    recovery: String,
    hint: String,
    count: String,
    minimum: usize,
    maximum: usize,
}

/// The form's route.
pub fn form<S, D, C>(use_case: Served<SetPassword<S, D, C>>) -> Router
where
    S: PasswordStore + 'static,
    D: Directory + 'static,
    C: PasswordChecks + 'static,
{
    PASSWORD_FORM.to(handle::<S, D, C>, use_case)
}

pub(super) async fn page(
    State(settings): State<Arc<PageSettings>>,
    visit: Visit,
) -> Result<Response, Trouble> {
    match visit.flow.step {
        Step::Password(..) => show(visit, StatusCode::OK, &settings.password, Vec::new()),
        Step::Code(_) => Ok(visit.lead(StatusCode::SEE_OTHER, CODE.path)),
        Step::Done => Ok(visit.lead(StatusCode::SEE_OTHER, DONE.path)),
        Step::Expired => Err(EXPIRED),
        _ => Ok(visit.lead(StatusCode::SEE_OTHER, RECOVER.path)),
    }
}

fn show(
    visit: Visit,
    status: StatusCode,
    policy: &PasswordPolicy,
    errors: Vec<FieldError>,
) -> Result<Response, Trouble> {
    let frame = Frame::new(&visit, "password-title", errors)?;
    let html = Page {
        hint: frame.say("password-hint", &[("minimum", policy.min_length.into())])?,
        // The script puts the number in the place of the sign.
        count: frame.say("password-count", &[("count", "#".into())])?,
        frame,
        identifier: visit.flow.identifier.as_deref().unwrap_or_default(),
        recovery: if let Step::Password(token, _) = &visit.flow.step {
            Step::word(token)
        } else {
            String::new()
        },
        minimum: policy.min_length,
        maximum: policy.max_length,
    };
    let html = html.render()?;
    Ok(visit.page(status, html))
}

async fn handle<S, D, C>(
    State(use_case): State<Arc<SetPassword<S, D, C>>>,
    Form { mut visit, fields, idempotency_key }: Form<Fields>,
) -> Result<Response, Trouble>
where
    S: PasswordStore + 'static,
    D: Directory + 'static,
    C: PasswordChecks + 'static,
{
    let token = match &visit.flow.step {
        Step::Password(token, _) => token.clone(),
        // The same form again, whose answer was not awaited.
        Step::Done => return Ok(visit.lead(StatusCode::SEE_OTHER, DONE.path)),
        Step::Expired => return Err(EXPIRED),
        _ => return Ok(visit.lead(StatusCode::SEE_OTHER, RECOVER.path)),
    };
    // A page of before another recovery began in this browser: its password is for another account, perhaps.
    let is_stale = !fields.recovery.is_empty() && fields.recovery != Step::word(&token);
    let wrong = if is_stale {
        Some(("password", "error-password-stale"))
    } else if fields.password.is_empty() {
        Some(("password", "error-password-missing"))
    } else if fields.password_again.is_some_and(|again| again != fields.password) {
        Some(("password_again", "error-password-differs"))
    } else {
        None
    };
    if let Some((field, key)) = wrong {
        let error = FieldError::new(field, visit.say(key, &[])?);
        return show(visit, StatusCode::UNPROCESSABLE_ENTITY, &use_case.policy, vec![error]);
    }
    let request = NewPassword { token, password: Password::new(&fields.password), idempotency_key };
    let error = match use_case.run(&request, visit.now).await {
        Ok(set) => {
            visit.set_cookie(Name::Device, &set.device.reveal(), DEVICE_LIFETIME);
            visit.remove_cookie(Name::Session);
            visit.flow.step = Step::Done;
            return Ok(visit.lead(StatusCode::SEE_OTHER, DONE.path));
        }
        Err(error) => error,
    };
    let rejections = match &error {
        SetPasswordError::Rejected(violations) => {
            let text = |violation| Ok(FieldError::new("password", reason(&visit, violation)?));
            violations.iter().map(text).collect::<Result<Vec<_>, WordsError>>()?
        }
        _ => Vec::new(),
    };
    let problem = problem(error);
    let errors = match problem.code() {
        Code::PasswordRejected => rejections,
        Code::ServiceUnavailable => {
            let wait = visit.wait(&problem)?;
            vec![FieldError::new("", visit.say("error-unavailable", &[("wait", wait.into())])?)]
        }
        _ => return Err(problem.into()),
    };
    let response = show(visit, problem.code().status(), &use_case.policy, errors)?;
    Ok(Trouble::from(problem).note(response))
}

/// Why a password is refused, in words.
fn reason(visit: &Visit, violation: &Violation) -> Result<String, WordsError> {
    match violation {
        Violation::TooShort { minimum } => {
            visit.say("error-password-too-short", &[("minimum", (*minimum).into())])
        }
        Violation::TooLong { maximum } => {
            visit.say("error-password-too-long", &[("maximum", (*maximum).into())])
        }
        Violation::ForbiddenCharacters => visit.say("error-password-forbidden", &[]),
        Violation::TooCommon => visit.say("error-password-common", &[]),
        Violation::Breached => visit.say("error-password-breached", &[]),
        Violation::ContainsPersonalData => visit.say("error-password-personal", &[]),
        Violation::SameAsCurrent => visit.say("error-password-current", &[]),
    }
}
