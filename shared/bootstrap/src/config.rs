//! Configuration in typed sections, read once.

use std::time::Duration;

use regain_crypto::Argon2Parameters;
use regain_domain::guess_budget::MAX_GUESSES;
use regain_domain::usecase::request_code::PostalCodeCheck;
use regain_domain::{
    ChallengePolicy, CodeLength, GuessBudget, Limits, Locale, PasswordPolicy, SignInLimits, SmsLimits,
};

use crate::settings::{self, Setting, SettingError, Variables, set};
use crate::web::Web;

/// Where the functions run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage(String);

impl Stage {
    /// Whether unsafe limits are allowed: only on a developer's machine and in tests.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.0 == "local"
    }
}

/// Everything that the environment says to a function.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the functions run.
    pub stage: Stage,
    /// The numbers of a challenge's life.
    pub challenge: ChallengePolicy,
    /// How often things may be asked for.
    pub limits: Limits,
    /// What is asked of a password.
    pub password: PasswordPolicy,
    /// What a password hash costs.
    pub argon2: Argon2Parameters,
    /// How long a session lasts at the most.
    pub session_lifetime: Duration,
    /// How long a dead address gets no messages.
    pub suppression: Duration,
    /// What the service calls itself in messages; no part of a good password.
    pub brand_name: String,
    /// Where the Pwned Passwords range API is; passwords aren't looked up without it.
    pub pwned_passwords_url: Option<String>,
    /// Whether a postal code is asked for with a request.
    pub postal_code_check: PostalCodeCheck,
    /// Whose word counts and who may call.
    pub web: Web,
    /// The language of messages to people who prefer none that there is.
    pub default_locale: Locale,
}

/// What only delivery needs to know.
#[derive(Clone, Debug)]
pub struct DeliveryConfig {
    /// The site that messages and links name.
    pub origin: Origin,
    /// The sender of emails, such as `Regain <no-reply@example.com>`; its form is the adapter's to check.
    pub email_from: String,
    /// The configuration set of SES that emails are sent under; without it, the sender's default.
    pub email_configuration_set: Option<String>,
    /// What phones show as the sender of text messages, where that can be chosen; its form is the adapter's to check.
    pub sms_sender_id: Option<String>,
    /// The countries that text messages are sent to, such as `SE,NO`; their form is the adapter's to check.
    pub sms_countries: String,
}

/// The origin of a site: `https://` and a host, with a port if it isn't the scheme's; `http` too where
/// the stage is local.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn read(variables: Variables<'_>, stage: &Stage) -> Result<Self, SettingError> {
        const NAME: &str = "REGAIN_ORIGIN";
        const FORM: &str = "must be an origin such as https://example.com, without a path";
        let text = required(variables, NAME, "the site that messages and links name")?;
        let host = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://").filter(|_| stage.is_local()))
            .ok_or(SettingError::Malformed(NAME, FORM))?;
        let is_host =
            !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b));
        if is_host { Ok(Self(text)) } else { Err(SettingError::Malformed(NAME, FORM)) }
    }
}

/// Reads the table's name: not every function has a table.
///
/// # Errors
/// [`SettingError`], naming the variable.
pub fn read_table(variables: Variables<'_>) -> Result<String, SettingError> {
    required(variables, "REGAIN_TABLE", "the table's name")
}

fn required(
    variables: Variables<'_>,
    name: &'static str,
    purpose: &'static str,
) -> Result<String, SettingError> {
    set(variables, name).ok_or(SettingError::Missing(name, purpose))
}

const POSTAL_CODE_CHECK: &str = "REGAIN_POSTAL_CODE_CHECK";

impl Config {
    /// Reads what every function needs.
    ///
    /// # Errors
    /// [`SettingError`], naming the variable.
    pub fn read(variables: Variables<'_>) -> Result<Self, SettingError> {
        let stage = Stage(required(variables, "REGAIN_STAGE", "local, or the stage's name")?);
        let number = |setting: Setting| setting.read(variables, stage.is_local());
        let seconds = |setting: Setting| number(setting).map(|n| Duration::from_secs(n.into()));

        let code_length = number(settings::CODE_LENGTH)?;
        let code_lifetime = seconds(settings::CODE_LIFETIME_SECONDS)?;
        let challenge = ChallengePolicy {
            code_length: u8::try_from(code_length)
                .ok()
                .and_then(CodeLength::new)
                .ok_or(SettingError::Malformed(settings::CODE_LENGTH.name, "must be from 6 to 10 digits"))?,
            code_lifetime,
            // A challenge lives as long as three codes after each other: 30 minutes by default.
            challenge_lifetime: code_lifetime * 3,
            attempts: number(settings::ATTEMPTS_PER_CHALLENGE)?,
            resends: number(settings::RESENDS_PER_CHALLENGE)?,
            resend_cooldown: seconds(settings::RESEND_COOLDOWN_SECONDS)?,
            token_lifetime: seconds(settings::TOKEN_LIFETIME_SECONDS)?,
        };
        let limits = Limits {
            requests_per_identifier_per_hour: number(settings::REQUESTS_PER_IDENTIFIER_PER_HOUR)?,
            requests_per_identifier_per_day: number(settings::REQUESTS_PER_IDENTIFIER_PER_DAY)?,
            requests_per_address_per_hour: number(settings::REQUESTS_PER_ADDRESS_PER_HOUR)?,
            verifies_per_address_per_hour: number(settings::VERIFIES_PER_ADDRESS_PER_HOUR)?,
            sign_in: SignInLimits {
                per_address_per_hour: number(settings::SIGN_INS_PER_ADDRESS_PER_HOUR)?,
                failures_per_identifier_and_address_per_hour: number(
                    settings::SIGN_IN_FAILURES_PER_IDENTIFIER_AND_ADDRESS_PER_HOUR,
                )?,
                failures_per_identifier: number(settings::SIGN_IN_FAILURES_PER_IDENTIFIER)?,
            },
            guesses: GuessBudget {
                challenges_per_day: number(settings::CHALLENGES_PER_ACCOUNT_PER_DAY)?,
                challenges_since_success: number(settings::CHALLENGES_PER_ACCOUNT_SINCE_SUCCESS)?,
            },
            sms: SmsLimits {
                per_country_per_day: number(settings::SMS_PER_COUNTRY_PER_DAY)?,
                per_range_per_day: number(settings::SMS_PER_NUMBER_BLOCK_PER_DAY)?,
                per_number_per_day: number(settings::SMS_PER_NUMBER_PER_DAY)?,
                before_breaker_per_hour: number(settings::SMS_BEFORE_BREAKER_PER_HOUR)?,
                conversion_percent: number(settings::SMS_CONVERSION_PERCENT)?,
            },
        };
        if !stage.is_local() {
            check_guesses(&limits, &challenge)?;
        }
        let length = |setting: Setting| number(setting).map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let password = PasswordPolicy {
            min_length: length(settings::PASSWORD_MIN_LENGTH)?,
            max_length: length(settings::PASSWORD_MAX_LENGTH)?,
        };
        if password.min_length > password.max_length {
            let reason = "must not be above REGAIN_PASSWORD_MAX_LENGTH";
            return Err(SettingError::Malformed(settings::PASSWORD_MIN_LENGTH.name, reason));
        }
        let default_locale = set(variables, "REGAIN_DEFAULT_LOCALE").unwrap_or_else(|| "en".to_owned());
        Ok(Self {
            challenge,
            limits,
            password,
            argon2: Argon2Parameters {
                memory_kib: number(settings::ARGON2_MEMORY_KIB)?,
                iterations: number(settings::ARGON2_ITERATIONS)?,
            },
            session_lifetime: seconds(settings::SESSION_LIFETIME_SECONDS)?,
            suppression: seconds(settings::SUPPRESSION_SECONDS)?,
            web: Web::read(variables)?,
            brand_name: read_brand_name(variables)?,
            pwned_passwords_url: set(variables, "REGAIN_PWNED_PASSWORDS_URL"),
            postal_code_check: match set(variables, POSTAL_CODE_CHECK).as_deref() {
                None | Some("off") => PostalCodeCheck::Off,
                Some("required") => PostalCodeCheck::Required,
                Some(_) => return Err(SettingError::Malformed(POSTAL_CODE_CHECK, "must be off or required")),
            },
            default_locale: Locale::parse(&default_locale).ok_or(SettingError::Malformed(
                "REGAIN_DEFAULT_LOCALE",
                "must be a language tag such as en",
            ))?,
            stage,
        })
    }

    /// Reads what only delivery needs.
    ///
    /// # Errors
    /// [`SettingError`], naming the variable.
    pub fn read_delivery(&self, variables: Variables<'_>) -> Result<DeliveryConfig, SettingError> {
        Ok(DeliveryConfig {
            origin: Origin::read(variables, &self.stage)?,
            email_from: required(variables, "REGAIN_EMAIL_FROM", "the sender of emails")?,
            email_configuration_set: read_email_configuration_set(variables)?,
            sms_sender_id: set(variables, "REGAIN_SMS_SENDER_ID"),
            sms_countries: required(
                variables,
                "REGAIN_SMS_COUNTRIES",
                "the countries that text messages are sent to, such as SE,NO",
            )?,
        })
    }

    /// Reads the page that changes a password.
    ///
    /// # Errors
    /// [`SettingError`], naming the variable.
    pub fn read_origin(&self, variables: Variables<'_>) -> Result<Origin, SettingError> {
        Origin::read(variables, &self.stage)
    }
}

/// No account takes more guesses in a row than [`MAX_GUESSES`].
fn check_guesses(limits: &Limits, challenge: &ChallengePolicy) -> Result<(), SettingError> {
    let budgets = [
        (
            limits.guesses.max_guesses(challenge),
            settings::CHALLENGES_PER_ACCOUNT_SINCE_SUCCESS,
            "times REGAIN_ATTEMPTS_PER_CHALLENGE must be 100 at most",
        ),
        (
            limits.sign_in.max_guesses(),
            settings::SIGN_IN_FAILURES_PER_IDENTIFIER,
            "times the two identifiers of an account must be 100 at most",
        ),
    ];
    match budgets.into_iter().find(|(guesses, ..)| *guesses > MAX_GUESSES) {
        Some((_, setting, reason)) => Err(SettingError::Malformed(setting.name, reason)),
        None => Ok(()),
    }
}

/// The brand stands in subjects and in lines that phones read: it is one line.
fn read_brand_name(variables: Variables<'_>) -> Result<String, SettingError> {
    const NAME: &str = "REGAIN_BRAND_NAME";
    let name = set(variables, NAME).unwrap_or_else(|| "Regain".to_owned());
    if name.chars().any(char::is_control) || name.trim().is_empty() {
        return Err(SettingError::Malformed(NAME, "must be one line of text"));
    }
    Ok(name)
}

/// The name of a configuration set as SES allows it: API v2, `CreateConfigurationSet`.
fn read_email_configuration_set(variables: Variables<'_>) -> Result<Option<String>, SettingError> {
    const NAME: &str = "REGAIN_EMAIL_CONFIGURATION_SET";
    const FORM: &str = "must be 1 to 64 ASCII letters, digits, hyphens and underscores";
    let Some(name) = set(variables, NAME) else { return Ok(None) };
    let well_formed =
        name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if well_formed { Ok(Some(name)) } else { Err(SettingError::Malformed(NAME, FORM)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, SettingError> {
        let base = [("REGAIN_STAGE", "production")];
        let lookup = |name: &str| {
            let found = pairs.iter().chain(&base).find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Config::read(&lookup)
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let config = read(&[]).unwrap();
        assert_eq!(config.challenge.code_lifetime.as_secs(), 600);
        assert_eq!(config.challenge.challenge_lifetime.as_secs(), 1_800);
        assert_eq!(config.limits.guesses.max_guesses(&config.challenge), MAX_GUESSES);
        assert_eq!((config.brand_name.as_str(), config.pwned_passwords_url), ("Regain", None));
        assert_eq!(config.argon2, Argon2Parameters { memory_kib: 47_104, iterations: 1 });
    }

    #[test]
    fn more_guesses_than_an_account_may_take_are_refused() {
        let Config { limits, challenge, .. } = read(&[]).unwrap();
        assert_eq!(check_guesses(&limits, &challenge), Ok(()));
        let mut codes = limits;
        codes.guesses.challenges_since_success += 1;
        let mut passwords = limits;
        passwords.sign_in.failures_per_identifier = 51;
        for (limits, named) in [
            (codes, "REGAIN_CHALLENGES_PER_ACCOUNT_SINCE_SUCCESS"),
            (passwords, "REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER"),
        ] {
            let error = check_guesses(&limits, &challenge).unwrap_err().to_string();
            assert!(error.starts_with(named), "{error}");
        }
    }

    #[test]
    fn what_is_missing_or_unsafe_is_named() {
        for (pairs, named) in [
            (vec![("REGAIN_STAGE", "")], "REGAIN_STAGE"),
            (vec![("REGAIN_BRAND_NAME", "Acme\r\nBcc: everyone")], "REGAIN_BRAND_NAME"),
            (vec![("REGAIN_BRAND_NAME", " ")], "REGAIN_BRAND_NAME"),
            (vec![("REGAIN_POSTAL_CODE_CHECK", "maybe")], "REGAIN_POSTAL_CODE_CHECK"),
            (vec![("REGAIN_CODE_LENGTH", "4")], "REGAIN_CODE_LENGTH"),
            (vec![("REGAIN_ARGON2_MEMORY_KIB", "64")], "REGAIN_ARGON2_MEMORY_KIB"),
            (vec![("REGAIN_DEFAULT_LOCALE", "en_US!")], "REGAIN_DEFAULT_LOCALE"),
            (
                vec![
                    ("REGAIN_STAGE", "local"),
                    ("REGAIN_PASSWORD_MIN_LENGTH", "256"),
                    ("REGAIN_PASSWORD_MAX_LENGTH", "64"),
                ],
                "REGAIN_PASSWORD_MIN_LENGTH",
            ),
        ] {
            let error = read(&pairs).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    fn read_delivery(pair: (&str, &str)) -> Result<DeliveryConfig, SettingError> {
        let base = [
            ("REGAIN_ORIGIN", "https://example.com"),
            ("REGAIN_EMAIL_FROM", "Acme <no-reply@example.com>"),
            ("REGAIN_SMS_COUNTRIES", "SE, NO"),
        ];
        let lookup = |name: &str| {
            let found = [pair].into_iter().chain(base).find(|(key, _)| *key == name);
            found.map(|(_, value)| value.to_owned())
        };
        read(&[]).unwrap().read_delivery(&lookup)
    }

    #[test]
    fn delivery_is_told_where_and_as_whom_to_send() {
        let delivery = read_delivery(("", "")).unwrap();
        assert_eq!((delivery.sms_sender_id, delivery.email_configuration_set), (None, None));
        let delivery = read_delivery(("REGAIN_EMAIL_CONFIGURATION_SET", "regain-test")).unwrap();
        assert_eq!(delivery.email_configuration_set.as_deref(), Some("regain-test"));
        for (name, wrong) in [
            ("REGAIN_EMAIL_FROM", ""),
            ("REGAIN_EMAIL_CONFIGURATION_SET", "regain test"),
            ("REGAIN_SMS_COUNTRIES", ""),
        ] {
            let error = read_delivery((name, wrong)).unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
        }
    }

    #[test]
    fn an_origin_is_https_unless_local() {
        let config = read(&[]).unwrap();
        let origin = |text: &str| config.read_origin(&|_| Some(text.to_owned()));
        assert!(origin("https://example.com").is_ok());
        assert!(origin("https://example.com:8443").is_ok());
        for wrong in ["http://example.com", "https://", "https://example.com/", "https://a@b", "example.com"]
        {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
