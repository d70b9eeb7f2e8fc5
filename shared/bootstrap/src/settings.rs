//! The numbers that can be set: one table of names, units, defaults and bounds, from which configuration is read and
//! the documentation's table is generated.

use std::ops::RangeInclusive;
use std::time::Duration;

use regain_locales::LanguagesError;

/// Looks a variable of the environment up; empty counts as unset.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A number that can be set.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The variable, with its prefix.
    pub name: &'static str,
    /// The unit of the number.
    pub unit: &'static str,
    /// The value if it isn't set.
    pub default: u32,
    /// The safe bounds. Outside of them a function starts only where the stage is `local`.
    pub safe: (u32, u32),
    /// The bounds on any stage.
    pub possible: (u32, u32),
    /// The purpose.
    pub purpose: &'static str,
}

macro_rules! settings {
    ($($name:ident: $unit:literal, $default:literal, $safe:expr, $possible:expr, $purpose:literal;)*) => {
        $(
            #[doc = $purpose]
            pub const $name: Setting = Setting {
                name: concat!("REGAIN_", stringify!($name)),
                unit: $unit,
                default: $default,
                safe: ($safe.0, $safe.1),
                possible: ($possible.0, $possible.1),
                purpose: $purpose,
            };
        )*
        /// Every number that can be set, in the order of the documentation.
        pub const SETTINGS: &[Setting] = &[$($name),*];
    };
}

const ANY: (u32, u32) = (1, 1_000_000_000);

settings! {
    CODE_LENGTH: "digits", 6, (6, 10), (6, 10), "Length of a code.";
    CODE_LIFETIME_SECONDS: "seconds", 600, (60, 600), (1, 86_400), "How long a code works.";
    ATTEMPTS_PER_CHALLENGE: "guesses", 5, (1, 5), ANY, "Guesses, over all sends of a challenge.";
    RESENDS_PER_CHALLENGE: "messages", 3, (0, 5), (0, 1_000), "Resends of a challenge.";
    RESEND_COOLDOWN_SECONDS: "seconds", 60, (30, 600), (0, 86_400), "Wait before a resend.";
    REQUESTS_PER_IDENTIFIER_PER_HOUR: "requests", 5, (1, 20), ANY, "Codes requested for one identifier.";
    REQUESTS_PER_IDENTIFIER_PER_DAY: "requests", 10, (1, 50), ANY, "Codes requested for one identifier.";
    REQUESTS_PER_ADDRESS_PER_HOUR: "requests", 60, (1, 10_000), ANY, "Codes requested from one address.";
    VERIFIES_PER_ADDRESS_PER_HOUR: "guesses", 120, (1, 10_000), ANY, "Codes tried from one address.";
    SIGN_INS_PER_ADDRESS_PER_HOUR: "tries", 120, (1, 10_000), ANY, "Sign-ins tried from one address.";
    SIGN_IN_FAILURES_PER_IDENTIFIER_AND_ADDRESS_PER_HOUR: "failures", 10, (1, 50), ANY, "Wrong passwords for one identifier from one address.";
    SIGN_IN_FAILURES_PER_IDENTIFIER: "failures", 25, (5, 50), ANY, "Wrong passwords for one identifier within 365 days of the first, until its next new password; times the two identifiers of an account, at most 100 (NIST SP 800-63B-4, section 3.2.2).";
    CHALLENGES_PER_ACCOUNT_PER_DAY: "challenges", 10, (1, 20), ANY, "Challenges armed for one account.";
    CHALLENGES_PER_ACCOUNT_SINCE_SUCCESS: "challenges", 20, (1, 20), ANY, "Challenges armed for one account since its last new password; times the guesses, at most 100 (NIST SP 800-63B-4, section 3.2.2).";
    SMS_PER_COUNTRY_PER_DAY: "messages", 1_000, (1, 1_000_000), ANY, "Codes by SMS to one country.";
    SMS_PER_NUMBER_BLOCK_PER_DAY: "messages", 50, (1, 10_000), ANY, "Codes by SMS to the numbers that differ in their last four digits alone.";
    SMS_PER_NUMBER_PER_DAY: "messages", 10, (1, 100), ANY, "Codes by SMS to one number, so that no number uses up its range's.";
    SMS_BEFORE_BREAKER_PER_HOUR: "messages", 20, (10, 1_000), ANY, "Codes by SMS to one range of numbers, for one caller or to one country, before too few verified ones block them for the rest of the hour.";
    SMS_CONVERSION_PERCENT: "percent", 10, (0, 100), (0, 100), "Of those, how many must lead to a verified code; 0 asks for none.";
    TOKEN_LIFETIME_SECONDS: "seconds", 600, (60, 900), (1, 86_400), "How long a verification token works.";
    SESSION_LIFETIME_SECONDS: "seconds", 86_400, (300, 2_592_000), (1, 31_536_000), "How long a session lasts at the most.";
    RECOVERY_HOLD_SECONDS: "seconds", 259_200, (0, 2_592_000), (0, 31_536_000), "How long after a recovery an application is told to hold back what can't be undone; 0 for not at all.";
    SUPPRESSION_SECONDS: "seconds", 2_592_000, (86_400, 31_536_000), (1, 31_536_000), "How long an address at which messages can't arrive, or from which one was complained about, gets none.";
    PASSWORD_MIN_LENGTH: "code points", 15, (8, 64), (1, 256), "Least length of a password; below 15 only with a second factor.";
    PASSWORD_MAX_LENGTH: "code points", 256, (64, 256), (64, 256), "Largest length of a password.";
    ARGON2_MEMORY_KIB: "KiB", 47_104, (19_456, 1_048_576), (8, 1_048_576), "Memory of a password hash.";
    ARGON2_ITERATIONS: "passes", 1, (1, 10), (1, 100), "Passes over that memory.";
}

/// Why a setting is refused. Names the variable.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It must be set.
    #[error("{0} must be set: {1}")]
    Missing(&'static str, &'static str),
    /// It isn't a whole number.
    #[error("{0} must be a whole number of {1}")]
    NotANumber(&'static str, &'static str),
    /// It is outside of its bounds.
    #[error("{name} must be from {} to {} {unit}, or REGAIN_STAGE must be local", bounds.start(), bounds.end())]
    OutOfBounds {
        /// The variable.
        name: &'static str,
        /// The unit.
        unit: &'static str,
        /// The allowed bounds.
        bounds: RangeInclusive<u32>,
    },
    /// It is malformed.
    #[error("{0} {1}")]
    Malformed(&'static str, &'static str),
    /// It names a language that there isn't.
    #[error("{0} {1}")]
    Languages(&'static str, LanguagesError),
}

/// The value of a variable. An empty one counts as unset: templates and shells have no other way to leave
/// one out.
#[must_use]
pub fn set(variables: Variables<'_>, name: &str) -> Option<String> {
    variables(name).filter(|text| !text.is_empty())
}

impl Setting {
    /// Reads the setting; `is_local` allows what is possible, else only what is safe is.
    ///
    /// # Errors
    /// [`SettingError`], naming the variable.
    pub fn read(&self, variables: Variables<'_>, is_local: bool) -> Result<u32, SettingError> {
        let Some(text) = set(variables, self.name) else {
            return Ok(self.default);
        };
        let number: u32 = text.parse().map_err(|_| SettingError::NotANumber(self.name, self.unit))?;
        let (low, high) = if is_local { self.possible } else { self.safe };
        let bounds = low..=high;
        if bounds.contains(&number) {
            Ok(number)
        } else {
            Err(SettingError::OutOfBounds { name: self.name, unit: self.unit, bounds })
        }
    }
}

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

/// The variables that settings are read from. The sections of the configuration are its methods, in `config`.
pub struct Settings<'a> {
    variables: Variables<'a>,
    stage: Stage,
}

impl<'a> Settings<'a> {
    /// Reads the stage, which says what is safe.
    ///
    /// # Errors
    /// [`SettingError`], naming the variable.
    pub fn new(variables: Variables<'a>) -> Result<Self, SettingError> {
        let stage = Stage(required(variables, "REGAIN_STAGE", "local, or the stage's name")?);
        Ok(Self { variables, stage })
    }

    /// Where the functions run.
    #[must_use]
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// A variable's text, if it is set.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        set(self.variables, name)
    }

    /// A variable's text, which must be set: `purpose` says what it is.
    ///
    /// # Errors
    /// [`SettingError`], naming the variable.
    pub fn required(&self, name: &'static str, purpose: &'static str) -> Result<String, SettingError> {
        required(self.variables, name, purpose)
    }

    /// The texts of a list with commas; none if it isn't set.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
    }

    pub(crate) fn number(&self, setting: Setting) -> Result<u32, SettingError> {
        setting.read(self.variables, self.stage.is_local())
    }

    pub(crate) fn seconds(&self, setting: Setting) -> Result<Duration, SettingError> {
        self.number(setting).map(|seconds| Duration::from_secs(seconds.into()))
    }
}

fn required(
    variables: Variables<'_>,
    name: &'static str,
    purpose: &'static str,
) -> Result<String, SettingError> {
    set(variables, name).ok_or(SettingError::Missing(name, purpose))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_safe_and_safe_is_possible() {
        for setting in SETTINGS {
            let (low, high) = setting.safe;
            assert!((low..=high).contains(&setting.default), "{}", setting.name);
            assert!(setting.possible.0 <= low && high <= setting.possible.1, "{}", setting.name);
        }
    }

    #[test]
    fn an_unsafe_value_is_for_local_stages_only() {
        let variables = |name: &str| (name == "REGAIN_ATTEMPTS_PER_CHALLENGE").then(|| "50".to_owned());
        assert_eq!(ATTEMPTS_PER_CHALLENGE.read(&variables, true), Ok(50));
        let error = ATTEMPTS_PER_CHALLENGE.read(&variables, false).unwrap_err().to_string();
        assert!(error.starts_with("REGAIN_ATTEMPTS_PER_CHALLENGE must be from 1 to 5 guesses"), "{error}");
        assert_eq!(CODE_LENGTH.read(&variables, false), Ok(6));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["-1", "1.5", "six", " 6", "99999999999"] {
            let variables = |_: &str| Some(text.to_owned());
            assert!(
                matches!(CODE_LENGTH.read(&variables, true), Err(SettingError::NotANumber(..))),
                "{text}"
            );
        }
    }
}
