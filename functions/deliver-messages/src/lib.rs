//! `deliver-messages`: woken by the table's stream, arms challenges and sends codes, and sends what waits in the
//! outbox. The only function that sends.

mod messenger;
mod records;
mod telemetry;

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

use aws_lambda_events::dynamodb::Event;
use lambda_runtime::{Error, LambdaEvent};
use regain_bootstrap::aws::SdkConfig;
use regain_bootstrap::serve::listen;
use regain_bootstrap::settings::SettingError;
use regain_bootstrap::{Declaration, Function, Settings, process_variables};
use regain_domain::usecase::deliver::Deliver;
use regain_domain::usecase::outbox::SendOutbox;
use regain_domain::{CodeLength, GuessBudget, KeyUse, SmsLimits};
use regain_messages::{CostlyCode, Messages};
use regain_ses::{Mailer, Sender};
use regain_sns::{Countries, SenderId, SmsSender};

use crate::messenger::Courier;
use crate::records::Handlers;

/// The function's declaration.
pub const DECLARATION: Declaration = Declaration {
    name: "deliver-messages",
    telemetry: &[telemetry::TELEMETRY],
    configure: |settings| configure(settings).map(drop),
};

/// The function's configuration.
struct Config {
    code_length: CodeLength,
    guesses: GuessBudget,
    sms: SmsLimits,
    messages: Messages,
    /// The sender of emails.
    sender: Sender,
    /// The configuration set of SES that emails are sent under; without it, the sender's default.
    configuration_set: Option<String>,
    /// The sender that phones show with text messages, where that can be chosen.
    sender_id: Option<SenderId>,
    countries: Countries,
}

/// Reads what the function uses. What is wrong with a setting names its variable.
fn configure(settings: &Settings<'_>) -> Result<Config, Error> {
    let (brand, origin, languages) = (settings.brand()?, settings.origin()?, settings.languages()?);
    let sender = settings.required("REGAIN_EMAIL_FROM", "the sender of emails")?;
    let purpose = "the countries that text messages are sent to, such as SE,NO";
    let countries = settings.required("REGAIN_SMS_COUNTRIES", purpose)?;
    let sender_id = settings
        .text("REGAIN_SMS_SENDER_ID")
        .map(|id| SenderId::parse(&id).ok_or_else(|| format!("REGAIN_SMS_SENDER_ID {}", SenderId::FORM)));
    Ok(Config {
        code_length: settings.code_length()?,
        guesses: settings.guess_budget()?,
        sms: settings.sms()?,
        messages: Messages::new(brand, origin, &languages),
        sender: Sender::parse(&sender).map_err(|error| format!("REGAIN_EMAIL_FROM {error}"))?,
        configuration_set: configuration_set(settings)?,
        sender_id: sender_id.transpose()?,
        countries: Countries::parse(&countries).map_err(|error| format!("REGAIN_SMS_COUNTRIES {error}"))?,
    })
}

/// The name of a configuration set as SES allows it: API v2, `CreateConfigurationSet`.
fn configuration_set(settings: &Settings<'_>) -> Result<Option<String>, SettingError> {
    const NAME: &str = "REGAIN_EMAIL_CONFIGURATION_SET";
    const FORM: &str = "must be 1 to 64 ASCII letters, digits, hyphens and underscores";
    let Some(name) = settings.text(NAME) else { return Ok(None) };
    let well_formed =
        name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if well_formed { Ok(Some(name)) } else { Err(SettingError::Malformed(NAME, FORM)) }
}

/// Delivers until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, context, clock, table, aws } = Function::start(&KeyUse::ALL, configure).await?;
    let (code_length, guesses, sms) = (config.code_length, config.guesses, config.sms);
    let courier = Arc::new(courier(config, &aws));
    let handlers = Arc::new(Handlers {
        codes: Deliver {
            store: table.clone(),
            messenger: Arc::clone(&courier),
            context: context.clone(),
            code_length,
            guesses,
            sms,
        },
        outbox: SendOutbox { store: table, messenger: courier, context, sms },
        clock,
    });
    listen(move |event: LambdaEvent<Event>| {
        let handlers = Arc::clone(&handlers);
        async move { Ok::<_, Infallible>(handlers.handle_batch(event.payload).await) }
    })
    .await
}

/// The words and the ways to send them.
fn courier(config: Config, aws: &SdkConfig) -> Courier {
    let Config { code_length, messages, sender, configuration_set, sender_id, countries, .. } = config;
    let (for_email, for_sms) = (aws.clone(), aws.clone());
    let for_sms_sender = countries.clone();
    let messages = Arc::new(messages);
    Courier {
        messages: Arc::clone(&messages),
        mailer: LazyLock::new(Box::new(move || {
            let client = sesv2(&for_email, process_variables("AWS_ENDPOINT_URL_SESV2"));
            Mailer::new(&client, sender, configuration_set)
        })),
        sms_sender: LazyLock::new(Box::new(move || {
            warn_of_segments(&messages, code_length);
            SmsSender::new(
                &sns(&for_sms, process_variables("AWS_ENDPOINT_URL_SNS")),
                sender_id,
                for_sms_sender,
            )
        })),
        countries,
    }
}

/// A long brand, or one in letters that GSM's alphabet lacks, is fine but not free.
fn warn_of_segments(messages: &Messages, code_length: CodeLength) {
    match messages.costly_codes(code_length) {
        Ok(costly) => {
            for CostlyCode { language, segments } in costly {
                tracing::warn!(
                    language,
                    segments,
                    "REGAIN_BRAND_NAME, REGAIN_ORIGIN: a code by text costs several messages"
                );
            }
        }
        // Each message meets it again, and says so.
        Err(error) => tracing::error!(%error, "a code by text has no words"),
    }
}

fn sesv2(config: &SdkConfig, endpoint: Option<String>) -> aws_sdk_sesv2::Client {
    let mut builder = aws_sdk_sesv2::config::Builder::from(config);
    builder.set_endpoint_url(endpoint.or_else(|| config.endpoint_url().map(str::to_owned)));
    aws_sdk_sesv2::Client::from_conf(builder.build())
}

fn sns(config: &SdkConfig, endpoint: Option<String>) -> aws_sdk_sns::Client {
    let mut builder = aws_sdk_sns::config::Builder::from(config);
    builder.set_endpoint_url(endpoint.or_else(|| config.endpoint_url().map(str::to_owned)));
    aws_sdk_sns::Client::from_conf(builder.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(name: &str, value: &str) -> Result<Config, String> {
        let settings = [
            ("REGAIN_STAGE", "test"),
            ("REGAIN_ORIGIN", "https://example.com"),
            ("REGAIN_EMAIL_FROM", "no-reply@example.com"),
            ("REGAIN_SMS_COUNTRIES", "SE,NO"),
            ("REGAIN_SUPPORT_EMAIL", "help@example.com"),
        ];
        let variables = |wanted: &str| {
            let found = [(name, value)].into_iter().chain(settings).find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value.to_owned())
        };
        configure(&Settings::new(&variables).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn delivery_is_told_where_and_as_whom_to_send() {
        let config = start("", "").unwrap();
        assert!(config.sender_id.is_none() && config.configuration_set.is_none());
        let config = start("REGAIN_EMAIL_CONFIGURATION_SET", "regain-test").unwrap();
        assert_eq!(config.configuration_set.as_deref(), Some("regain-test"));
        assert!(start("REGAIN_SMS_SENDER_ID", "Acme2").unwrap().sender_id.is_some());
    }

    #[test]
    fn a_wrong_setting_is_named_at_the_start() {
        assert!(start("", "").is_ok());
        assert!(start("REGAIN_SMS_SENDER_ID", "Acme").is_ok());
        assert!(start("REGAIN_BRAND_NAME", "Акме").is_ok());
        assert!(start("REGAIN_DEFAULT_LOCALE", "ar-EG").is_ok());
        assert!(start("REGAIN_LANGUAGES", "sv, en").is_ok());
        let error = start("REGAIN_LANGUAGES", "sv").err().unwrap();
        assert!(error.starts_with("REGAIN_DEFAULT_LOCALE must be one of the languages sv"), "{error}");
        assert!(start("REGAIN_EMAIL_FROM", "Bäckerei \"Müller\", Köln 🥨 <no-reply@example.com>").is_ok());
        for (name, value) in [
            ("REGAIN_SMS_COUNTRIES", "SE,XX"),
            ("REGAIN_SMS_COUNTRIES", ""),
            ("REGAIN_SMS_COUNTRIES", ","),
            ("REGAIN_SMS_COUNTRIES", "se"),
            ("REGAIN_SMS_COUNTRIES", "SE NO"),
            ("REGAIN_SMS_COUNTRIES", "Sweden"),
            ("REGAIN_SMS_SENDER_ID", "12345"),
            ("REGAIN_SMS_SENDER_ID", "Acme & Sons"),
            ("REGAIN_SMS_SENDER_ID", "TwelveChars1"),
            ("REGAIN_EMAIL_CONFIGURATION_SET", "regain test"),
            ("REGAIN_EMAIL_FROM", ""),
            ("REGAIN_DEFAULT_LOCALE", "tlh"),
            ("REGAIN_LANGUAGES", "en,tlh"),
            ("REGAIN_BRAND_COLOR", "#ffcc00"),
            ("REGAIN_SUPPORT_EMAIL", "nobody"),
            ("REGAIN_EMAIL_FROM", "@"),
            ("REGAIN_EMAIL_FROM", "Acme <no-reply@example.com"),
            ("REGAIN_EMAIL_FROM", "Acme\r\n <no-reply@example.com>"),
        ] {
            let error = start(name, value).err().unwrap();
            assert!(error.starts_with(name), "{error}");
        }
    }
}
