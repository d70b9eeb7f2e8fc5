//! Configuration in typed sections. A function reads the sections that it uses, each by its method of [`Settings`], and
//! no others: a mistake in a setting stops the functions that use it.

use std::time::Duration;

use lambda_runtime::Error;
pub use regain_crypto::Argon2Parameters;
use regain_crypto::{Argon2id, SystemRandom};
use regain_domain::brand::{Brand, BrandColor, Logo, PageUrl, Support};
use regain_domain::guess_budget::MAX_GUESSES;
use regain_domain::usecase::request_code::PostalCodeCheck;
use regain_domain::{
    ChallengePolicy, CodeLength, EmailAddress, GuessBudget, GuessPolicy, Locale, Origin, PasswordPolicy,
    RecoveryHold, RequestLimits, RequestsPerAddress, SignInLimits, SmsLimits,
};
use regain_locales::{Languages, LanguagesError};
use regain_site::{PageSettings, SiteSettings};

pub use crate::client_policy::ClientPolicy;
use crate::settings::{self, Setting, SettingError, Settings};

/// The logo that pages show.
const LOGO: &str = "REGAIN_BRAND_LOGO";

impl Settings<'_> {
    /// The digits of a code.
    ///
    /// # Errors
    /// [`SettingError`], naming the variable, as of all that follow.
    pub fn code_length(&self) -> Result<CodeLength, SettingError> {
        let digits = self.number(settings::CODE_LENGTH)?;
        u8::try_from(digits)
            .ok()
            .and_then(CodeLength::new)
            .ok_or(SettingError::Malformed(settings::CODE_LENGTH.name, "must be from 6 to 10 digits"))
    }

    /// The numbers of a challenge's life.
    pub fn challenge(&self) -> Result<ChallengePolicy, SettingError> {
        let code_lifetime = self.seconds(settings::CODE_LIFETIME_SECONDS)?;
        Ok(ChallengePolicy {
            guesses: self.guesses()?,
            code_lifetime,
            // A challenge lives as long as three codes after each other: 30 minutes by default.
            challenge_lifetime: code_lifetime * 3,
            resends: self.number(settings::RESENDS_PER_CHALLENGE)?,
            resend_cooldown: self.seconds(settings::RESEND_COOLDOWN_SECONDS)?,
        })
    }

    /// How codes are requested.
    pub fn requests(&self) -> Result<RequestLimits, SettingError> {
        Ok(RequestLimits {
            per_identifier_per_hour: self.number(settings::REQUESTS_PER_IDENTIFIER_PER_HOUR)?,
            per_identifier_per_day: self.number(settings::REQUESTS_PER_IDENTIFIER_PER_DAY)?,
            per_address: self.requests_per_address()?,
        })
    }

    /// How codes are requested, or requested again, from one address.
    pub fn requests_per_address(&self) -> Result<RequestsPerAddress, SettingError> {
        self.number(settings::REQUESTS_PER_ADDRESS_PER_HOUR).map(RequestsPerAddress)
    }

    /// The codes, and the guesses at them.
    pub fn guesses(&self) -> Result<GuessPolicy, SettingError> {
        Ok(GuessPolicy {
            code_length: self.code_length()?,
            attempts: self.number(settings::ATTEMPTS_PER_CHALLENGE)?,
        })
    }

    /// Guesses from one address in an hour.
    pub fn guesses_per_address_per_hour(&self) -> Result<u32, SettingError> {
        self.number(settings::VERIFIES_PER_ADDRESS_PER_HOUR)
    }

    /// How long a verification token works.
    pub fn token_lifetime(&self) -> Result<Duration, SettingError> {
        self.seconds(settings::TOKEN_LIFETIME_SECONDS)
    }

    /// The challenges that are armed for one account: with their guesses, no more than [`MAX_GUESSES`] in a row.
    pub fn guess_budget(&self) -> Result<GuessBudget, SettingError> {
        let budget = GuessBudget {
            challenges_per_day: self.number(settings::CHALLENGES_PER_ACCOUNT_PER_DAY)?,
            challenges_since_success: self.number(settings::CHALLENGES_PER_ACCOUNT_SINCE_SUCCESS)?,
        };
        self.bounded(
            budget.max_guesses(&self.guesses()?),
            settings::CHALLENGES_PER_ACCOUNT_SINCE_SUCCESS,
            "times REGAIN_ATTEMPTS_PER_CHALLENGE must be 100 at most",
        )?;
        Ok(budget)
    }

    /// How passwords are tried: no more than [`MAX_GUESSES`] in a row for an account.
    pub fn sign_in(&self) -> Result<SignInLimits, SettingError> {
        let limits = SignInLimits {
            per_address_per_hour: self.number(settings::SIGN_INS_PER_ADDRESS_PER_HOUR)?,
            failures_per_identifier_and_address_per_hour: self
                .number(settings::SIGN_IN_FAILURES_PER_IDENTIFIER_AND_ADDRESS_PER_HOUR)?,
            failures_per_identifier: self.number(settings::SIGN_IN_FAILURES_PER_IDENTIFIER)?,
        };
        self.bounded(
            limits.max_guesses(),
            settings::SIGN_IN_FAILURES_PER_IDENTIFIER,
            "times the two identifiers of an account must be 100 at most",
        )?;
        Ok(limits)
    }

    fn bounded(&self, guesses: u32, setting: Setting, reason: &'static str) -> Result<(), SettingError> {
        if guesses <= MAX_GUESSES || self.stage().is_local() {
            Ok(())
        } else {
            Err(SettingError::Malformed(setting.name, reason))
        }
    }

    /// How codes are sent by SMS.
    pub fn sms(&self) -> Result<SmsLimits, SettingError> {
        Ok(SmsLimits {
            per_country_per_day: self.number(settings::SMS_PER_COUNTRY_PER_DAY)?,
            per_range_per_day: self.number(settings::SMS_PER_NUMBER_BLOCK_PER_DAY)?,
            per_number_per_day: self.number(settings::SMS_PER_NUMBER_PER_DAY)?,
            before_breaker_per_hour: self.number(settings::SMS_BEFORE_BREAKER_PER_HOUR)?,
            conversion_percent: self.number(settings::SMS_CONVERSION_PERCENT)?,
        })
    }

    /// The requirements on a password.
    pub fn password(&self) -> Result<PasswordPolicy, SettingError> {
        let length = |setting| self.number(setting).map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let policy = PasswordPolicy {
            min_length: length(settings::PASSWORD_MIN_LENGTH)?,
            max_length: length(settings::PASSWORD_MAX_LENGTH)?,
        };
        if policy.min_length > policy.max_length {
            let reason = "must not be above REGAIN_PASSWORD_MAX_LENGTH";
            return Err(SettingError::Malformed(settings::PASSWORD_MIN_LENGTH.name, reason));
        }
        Ok(policy)
    }

    /// The cost of a password hash.
    pub fn argon2(&self) -> Result<Argon2Parameters, SettingError> {
        Ok(Argon2Parameters {
            memory_kib: self.number(settings::ARGON2_MEMORY_KIB)?,
            iterations: self.number(settings::ARGON2_ITERATIONS)?,
        })
    }

    /// How long a session lasts at the most.
    pub fn session_lifetime(&self) -> Result<Duration, SettingError> {
        self.seconds(settings::SESSION_LIFETIME_SECONDS)
    }

    /// How long the hold of a recovery lasts.
    pub fn recovery_hold(&self) -> Result<RecoveryHold, SettingError> {
        self.seconds(settings::RECOVERY_HOLD_SECONDS).map(RecoveryHold)
    }

    /// How long a suppressed address gets no messages.
    pub fn suppression(&self) -> Result<Duration, SettingError> {
        self.seconds(settings::SUPPRESSION_SECONDS)
    }

    /// The service's name in messages; no part of a good password. It stands in subjects and in lines that
    /// phones read, so it is one line.
    pub fn brand_name(&self) -> Result<String, SettingError> {
        const NAME: &str = "REGAIN_BRAND_NAME";
        let name = self.text(NAME).unwrap_or_else(|| "Regain".to_owned());
        if name.chars().any(char::is_control) || name.trim().is_empty() {
            return Err(SettingError::Malformed(NAME, "must be one line of text"));
        }
        Ok(name)
    }

    /// The brand that messages and pages show.
    pub fn brand(&self) -> Result<Brand, SettingError> {
        let (name, color, support) = (self.brand_name()?, self.brand_color()?, self.support()?);
        Ok(Brand { name, color, support })
    }

    /// The brand's logo, for `pages`, which serves it: the check is large, and for the others a text will do.
    pub fn logo(&self) -> Result<Option<Logo>, SettingError> {
        let logo = self.text(LOGO).map(|text| Logo::parse(&text)).transpose();
        logo.map_err(|error| SettingError::Malformed(LOGO, error.form()))
    }

    fn brand_color(&self) -> Result<BrandColor, SettingError> {
        const NAME: &str = "REGAIN_BRAND_COLOR";
        let color = self.text(NAME).map(|text| BrandColor::parse(&text)).transpose();
        color.map(Option::unwrap_or_default).map_err(|error| SettingError::Malformed(NAME, error.form()))
    }

    /// A page or an address, and not both. Where the stage is local, it may be an address that is nobody's.
    fn support(&self) -> Result<Support, SettingError> {
        const URL: &str = "REGAIN_SUPPORT_URL";
        const URL_FORM: &str = "must be a page such as https://example.com/help, of at most 200 characters";
        const EMAIL: &str = "REGAIN_SUPPORT_EMAIL";
        const EMAIL_FORM: &str = "must be an email address, without a name";
        let page = |url: &str| PageUrl::parse(url).map(Support::Page);
        let email = |address: &str| EmailAddress::parse(address).map(Support::Email);
        match (self.text(URL), self.text(EMAIL)) {
            (Some(url), None) => page(&url).ok_or(SettingError::Malformed(URL, URL_FORM)),
            (None, Some(address)) => email(&address).ok_or(SettingError::Malformed(EMAIL, EMAIL_FORM)),
            (Some(_), Some(_)) => {
                Err(SettingError::Malformed(URL, "must not be set beside REGAIN_SUPPORT_EMAIL"))
            }
            (None, None) => {
                let nobodys = email("support@example.com").filter(|_| self.stage().is_local());
                let either = "REGAIN_SUPPORT_URL or REGAIN_SUPPORT_EMAIL";
                nobodys.ok_or(SettingError::Missing(either, "where people get help"))
            }
        }
    }

    /// Where the Pwned Passwords range API is; passwords aren't looked up without it. Its form is the adapter's to
    /// check.
    #[must_use]
    pub fn pwned_passwords_url(&self) -> Option<String> {
        self.text("REGAIN_PWNED_PASSWORDS_URL")
    }

    /// Trusted proxies and allowed origins.
    pub fn web(&self) -> Result<ClientPolicy, SettingError> {
        ClientPolicy::read(self)
    }

    /// Whether a postal code is asked for with a request.
    pub fn postal_code_check(&self) -> Result<PostalCodeCheck, SettingError> {
        const NAME: &str = "REGAIN_POSTAL_CODE_CHECK";
        match self.text(NAME).as_deref() {
            None | Some("off") => Ok(PostalCodeCheck::Off),
            Some("required") => Ok(PostalCodeCheck::Required),
            Some(_) => Err(SettingError::Malformed(NAME, "must be off or required")),
        }
    }

    /// The languages of messages and pages, with that of people who prefer none of them.
    pub fn languages(&self) -> Result<Languages, SettingError> {
        const NAME: &str = "REGAIN_LANGUAGES";
        const DEFAULT: &str = "REGAIN_DEFAULT_LOCALE";
        let tag = self.text(DEFAULT).unwrap_or_else(|| "en".to_owned());
        let default = Locale::parse(&tag)
            .ok_or(SettingError::Malformed(DEFAULT, "must be a language tag such as en"))?;
        Languages::choose(&self.list(NAME), &default).map_err(|error| match error {
            LanguagesError::Unknown(_) => SettingError::Languages(NAME, error),
            LanguagesError::DefaultNotChosen { .. } => SettingError::Languages(DEFAULT, error),
        })
    }

    /// The site that messages and links name.
    pub fn origin(&self) -> Result<Origin, SettingError> {
        const NAME: &str = "REGAIN_ORIGIN";
        const FORM: &str = "must be an origin such as https://example.com, without a path";
        let text = self.required(NAME, "the site that messages and links name")?;
        self.safe_origin(&text).ok_or(SettingError::Malformed(NAME, FORM))
    }

    /// The site that pages are of.
    pub fn site(&self) -> Result<SiteSettings, SettingError> {
        Ok(SiteSettings {
            brand: self.brand()?,
            logo: self.text(LOGO),
            languages: self.languages()?,
            origin: self.origin()?,
            return_origins: self.return_origins()?,
        })
    }

    /// What the pages ask for that read no table.
    pub fn pages(&self) -> Result<PageSettings, SettingError> {
        Ok(PageSettings {
            postal_code_check: self.postal_code_check()?,
            password: self.password()?,
            inbox: self.text("REGAIN_INBOX_URL").filter(|_| self.stage().is_local()),
        })
    }

    /// The sites that pages may lead back to: at most 20, by default none.
    pub fn return_origins(&self) -> Result<Vec<Origin>, SettingError> {
        const NAME: &str = "REGAIN_RETURN_URLS";
        const FORM: &str = "must be at most 20 origins such as https://app.example.com, with commas between";
        let origins: Option<Vec<_>> = self.list(NAME).iter().map(|text| self.safe_origin(text)).collect();
        origins.filter(|origins| origins.len() <= 20).ok_or(SettingError::Malformed(NAME, FORM))
    }

    /// An origin of a site that people are led to: only where the stage is local it may be one without TLS.
    fn safe_origin(&self, text: &str) -> Option<Origin> {
        Origin::parse(text).filter(|origin| origin.is_https() || self.stage().is_local())
    }

    /// The table's name.
    pub(crate) fn table(&self) -> Result<String, SettingError> {
        self.required("REGAIN_TABLE", "the table's name")
    }
}

/// The functions' password hasher.
pub type Hasher = Argon2id<SystemRandom>;

/// The password hasher.
///
/// # Errors
/// A message that names the variables if the parameters are not allowed.
pub fn hasher(parameters: Argon2Parameters) -> Result<Hasher, Error> {
    Argon2id::new(parameters, SystemRandom)
        .map_err(|error| format!("REGAIN_ARGON2_MEMORY_KIB, REGAIN_ARGON2_ITERATIONS: {error}").into())
}

#[cfg(test)]
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method's path is for settings of one lifetime"
)]
mod tests {
    use super::*;

    fn read<T, E: std::fmt::Display>(
        pairs: &[(&str, &str)],
        section: impl FnOnce(&Settings<'_>) -> Result<T, E>,
    ) -> Result<T, String> {
        let base = [("REGAIN_STAGE", "production")];
        let variables = |name: &str| {
            let found = pairs.iter().chain(&base).find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let settings = Settings::new(&variables).map_err(|error| error.to_string())?;
        section(&settings).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let challenge = read(&[], |s| s.challenge()).unwrap();
        assert_eq!(challenge.code_lifetime.as_secs(), 600);
        assert_eq!(challenge.challenge_lifetime.as_secs(), 1_800);
        let budget = read(&[], |s| s.guess_budget()).unwrap();
        assert_eq!(budget.max_guesses(&challenge.guesses), MAX_GUESSES);
        assert_eq!(read(&[], |s| s.brand_name()).unwrap(), "Regain");
        let argon2 = Argon2Parameters { memory_kib: 47_104, iterations: 1 };
        assert_eq!(read(&[], |s| s.argon2()).unwrap(), argon2);
    }

    #[test]
    fn more_guesses_than_an_account_may_take_are_refused() {
        let check =
            |guesses, setting| read(&[], |settings| settings.bounded(guesses, setting, "must be less"));
        assert_eq!(check(MAX_GUESSES, settings::SIGN_IN_FAILURES_PER_IDENTIFIER), Ok(()));
        let error = check(MAX_GUESSES + 1, settings::SIGN_IN_FAILURES_PER_IDENTIFIER).unwrap_err();
        assert_eq!(error, "REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER must be less");
    }

    #[test]
    fn what_is_missing_or_unsafe_is_named() {
        fn wrong<T>(
            pairs: &[(&str, &str)],
            section: impl FnOnce(&Settings<'_>) -> Result<T, SettingError>,
        ) -> String {
            read(pairs, section).err().unwrap()
        }
        for (error, named) in [
            (wrong(&[("REGAIN_STAGE", "")], |s| s.challenge()), "REGAIN_STAGE"),
            (
                wrong(&[("REGAIN_BRAND_NAME", "Acme\r\nBcc: everyone")], |s| s.brand_name()),
                "REGAIN_BRAND_NAME",
            ),
            (wrong(&[("REGAIN_BRAND_NAME", " ")], |s| s.brand_name()), "REGAIN_BRAND_NAME"),
            (
                wrong(&[("REGAIN_POSTAL_CODE_CHECK", "maybe")], |s| s.postal_code_check()),
                "REGAIN_POSTAL_CODE_CHECK",
            ),
            (wrong(&[("REGAIN_CODE_LENGTH", "4")], |s| s.code_length()), "REGAIN_CODE_LENGTH"),
            (wrong(&[("REGAIN_ARGON2_MEMORY_KIB", "64")], |s| s.argon2()), "REGAIN_ARGON2_MEMORY_KIB"),
            (
                wrong(&[("REGAIN_DEFAULT_LOCALE", "en_US!")], |s| s.languages()),
                "REGAIN_DEFAULT_LOCALE must be a",
            ),
            (
                wrong(&[("REGAIN_DEFAULT_LOCALE", "tlh")], |s| s.languages()),
                "REGAIN_DEFAULT_LOCALE must be one",
            ),
            (wrong(&[("REGAIN_LANGUAGES", "sv,de")], |s| s.languages()), "REGAIN_DEFAULT_LOCALE must be one"),
            (wrong(&[("REGAIN_LANGUAGES", "en,xx")], |s| s.languages()), "REGAIN_LANGUAGES must be"),
        ] {
            assert!(error.starts_with(named), "{error}");
        }
        let crossed = [
            ("REGAIN_STAGE", "local"),
            ("REGAIN_PASSWORD_MIN_LENGTH", "256"),
            ("REGAIN_PASSWORD_MAX_LENGTH", "64"),
        ];
        let error = wrong(&crossed, |s| s.password());
        assert!(error.starts_with("REGAIN_PASSWORD_MIN_LENGTH"), "{error}");
    }

    #[test]
    fn an_origin_is_https_unless_local() {
        let origin = |stage, text| read(&[("REGAIN_STAGE", stage), ("REGAIN_ORIGIN", text)], |s| s.origin());
        assert!(origin("test", "https://example.com").is_ok());
        assert!(origin("test", "https://example.com:8443").is_ok());
        assert!(origin("local", "http://127.0.0.1:8080").is_ok());
        for wrong in ["http://example.com", "https://", "https://example.com/", "https://a@b", "example.com"]
        {
            assert!(origin("test", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pages_lead_back_to_listed_origins_only() {
        let origins = |stage, text| {
            read(&[("REGAIN_STAGE", stage), ("REGAIN_RETURN_URLS", text)], |s| s.return_origins())
                .map(|origins| origins.iter().map(|origin| origin.as_str().to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(origins("test", "").unwrap(), [""; 0]);
        assert_eq!(
            origins("test", " https://App.example.com, https://b.example:8443 ,").unwrap(),
            ["https://app.example.com", "https://b.example:8443"]
        );
        assert_eq!(origins("local", "http://127.0.0.1:3000").unwrap(), ["http://127.0.0.1:3000"]);
        let many = |count| (0..count).map(|n| format!("https://a{n}.example")).collect::<Vec<_>>().join(",");
        let (most, more) = (many(20), many(21));
        assert_eq!(origins("test", &most).unwrap().len(), 20);
        for wrong in ["*", "https://a.example/back", "http://a.example", "https://a.example,b", &more] {
            let error = origins("test", wrong).unwrap_err();
            assert!(error.starts_with("REGAIN_RETURN_URLS must be at most 20 origins"), "{error}");
        }
    }

    #[test]
    fn support_is_one_page_or_one_address() {
        let support = |stage, url, email| {
            let pairs =
                [("REGAIN_STAGE", stage), ("REGAIN_SUPPORT_URL", url), ("REGAIN_SUPPORT_EMAIL", email)];
            read(&pairs, |settings| settings.support()).map(|support| support.as_str().to_owned())
        };
        let (page, address) = ("https://example.com/help", "help@example.com");
        assert_eq!(support("test", page, "").unwrap(), page);
        assert_eq!(support("test", "", address).unwrap(), address);
        assert_eq!(support("local", "", address).unwrap(), address);
        assert_eq!(support("local", "", "").unwrap(), "support@example.com");
        for (stage, url, email, named) in [
            ("test", "", "", "REGAIN_SUPPORT_URL or REGAIN_SUPPORT_EMAIL must be set"),
            ("test", page, address, "REGAIN_SUPPORT_URL must not be set beside REGAIN_SUPPORT_EMAIL"),
            ("local", page, address, "REGAIN_SUPPORT_URL must not be set beside REGAIN_SUPPORT_EMAIL"),
            ("test", "http://example.com/help", "", "REGAIN_SUPPORT_URL must be a page"),
            ("local", "help", "", "REGAIN_SUPPORT_URL must be a page"),
            ("test", "", "Help <help@example.com>", "REGAIN_SUPPORT_EMAIL must be an email address"),
            ("local", "", "help", "REGAIN_SUPPORT_EMAIL must be an email address"),
        ] {
            let error = support(stage, url, email).unwrap_err();
            assert!(error.starts_with(named), "{error}");
        }
    }

    #[test]
    fn a_logo_is_a_plain_drawing() {
        let logo = |text| read(&[("REGAIN_BRAND_LOGO", text)], |settings| settings.logo());
        assert_eq!(logo("").unwrap(), None);
        let drawing = r#"<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>"#;
        assert_eq!(logo(drawing).unwrap().unwrap().as_str(), drawing);
        for wrong in ["logo.svg", &drawing.replace("path", "script"), &drawing.replace(" d=", " onload=")] {
            let error = logo(wrong).unwrap_err();
            assert!(error.starts_with("REGAIN_BRAND_LOGO must"), "{error}");
        }
    }

    #[test]
    fn a_brands_colour_can_be_read() {
        let color = |text| {
            let pairs = [("REGAIN_BRAND_COLOR", text), ("REGAIN_SUPPORT_EMAIL", "help@example.com")];
            read(&pairs, |settings| settings.brand()).map(|brand| brand.color.to_string())
        };
        assert_eq!(color("").unwrap(), BrandColor::default().to_string());
        assert_eq!(color("#7A0019").unwrap(), "#7a0019");
        for wrong in ["blue", "#ffcc00"] {
            let error = color(wrong).unwrap_err();
            assert!(error.starts_with("REGAIN_BRAND_COLOR must"), "{error}");
        }
    }
}
