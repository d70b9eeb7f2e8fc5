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
use regain_bootstrap::config::DeliveryConfig;
use regain_bootstrap::serve::listen;
use regain_bootstrap::{Config, Declaration, Function, process_variables};
use regain_domain::usecase::deliver::Deliver;
use regain_domain::usecase::outbox::SendOutbox;
use regain_domain::{CodeLength, KeyUse};
use regain_messages::Messages;
use regain_ses::{Mailer, Sender};
use regain_sns::{Countries, SenderId, Texter};

use crate::messenger::Courier;
use crate::records::Handlers;

/// The function's declaration.
pub const DECLARATION: Declaration =
    Declaration { name: "deliver-messages", telemetry: &[telemetry::TELEMETRY] };

/// Delivers until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, environment, clock, table, aws } = Function::start(&KeyUse::ALL).await?;
    let delivery = config.read_delivery(&process_variables)?;
    let courier = Arc::new(courier(&config, delivery, &aws)?);
    let handlers = Arc::new(Handlers {
        codes: Deliver {
            store: table.clone(),
            messenger: Arc::clone(&courier),
            environment: environment.clone(),
            code_length: config.challenge.code_length,
            limits: config.limits,
        },
        outbox: SendOutbox { store: table, messenger: courier, environment, sms: config.limits.sms },
        clock,
    });
    listen(move |event: LambdaEvent<Event>| {
        let handlers = Arc::clone(&handlers);
        async move { Ok::<_, Infallible>(handlers.handle_batch(event.payload).await) }
    })
    .await
}

/// The words and the ways to send them. What is wrong with a setting names its variable.
fn courier(config: &Config, delivery: DeliveryConfig, aws: &SdkConfig) -> Result<Courier, Error> {
    let DeliveryConfig { origin, email_from, email_configuration_set, sms_sender_id, sms_countries } =
        delivery;
    let messages = Messages::new(&*config.brand_name, origin.as_str(), &config.default_locale)
        .map_err(|error| format!("REGAIN_DEFAULT_LOCALE, REGAIN_ORIGIN: {error}"))?;
    let countries =
        Countries::parse(&sms_countries).map_err(|error| format!("REGAIN_SMS_COUNTRIES {error}"))?;
    let sender = Sender::parse(&email_from).map_err(|error| format!("REGAIN_EMAIL_FROM {error}"))?;
    let sender_id = sms_sender_id
        .map(|id| SenderId::parse(&id).ok_or_else(|| format!("REGAIN_SMS_SENDER_ID {}", SenderId::FORM)))
        .transpose()?;
    let (for_email, for_texts) = (aws.clone(), aws.clone());
    let for_texter = countries.clone();
    let (messages, code_length) = (Arc::new(messages), config.challenge.code_length);
    Ok(Courier {
        messages: Arc::clone(&messages),
        mailer: LazyLock::new(Box::new(move || {
            let client = sesv2(&for_email, process_variables("AWS_ENDPOINT_URL_SESV2"));
            Mailer::new(&client, sender, email_configuration_set)
        })),
        texter: LazyLock::new(Box::new(move || {
            warn_of_segments(&messages, code_length);
            Texter::new(&sns(&for_texts, process_variables("AWS_ENDPOINT_URL_SNS")), sender_id, for_texter)
        })),
        countries,
    })
}

/// A long brand, or one in letters that GSM's alphabet lacks, is fine but not free.
fn warn_of_segments(messages: &Messages, code_length: CodeLength) {
    match messages.code_text_segments(code_length) {
        Ok(..=1) => {}
        Ok(segments) => {
            tracing::warn!(
                segments,
                "REGAIN_BRAND_NAME, REGAIN_ORIGIN: a code by text costs several messages"
            );
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

    fn start(name: &str, value: &str) -> Result<Courier, String> {
        let settings = [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "eu-north-1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
            ("REGAIN_STAGE", "test"),
            ("REGAIN_TABLE", "regain"),
            ("REGAIN_ORIGIN", "https://example.com"),
            ("REGAIN_EMAIL_FROM", "no-reply@example.com"),
            ("REGAIN_SMS_COUNTRIES", "SE,NO"),
        ];
        let variables = |wanted: &str| {
            let found = [(name, value)].into_iter().chain(settings).find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value.to_owned())
        };
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let config = Config::read(&variables).map_err(|error| text(&error))?;
        let delivery = config.read_delivery(&variables).map_err(|error| text(&error))?;
        let aws = regain_bootstrap::aws::sdk_config(&variables).map_err(|error| text(&error))?;
        courier(&config, delivery, &aws).map_err(|error| text(&error))
    }

    #[test]
    fn a_wrong_setting_is_named_at_the_start() {
        assert!(start("", "").is_ok());
        assert!(start("REGAIN_SMS_SENDER_ID", "Acme").is_ok());
        assert!(start("REGAIN_BRAND_NAME", "Акме").is_ok());
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
            ("REGAIN_DEFAULT_LOCALE", "tlh"),
            ("REGAIN_EMAIL_FROM", "@"),
            ("REGAIN_EMAIL_FROM", "Acme <no-reply@example.com"),
            ("REGAIN_EMAIL_FROM", "Acme\r\n <no-reply@example.com>"),
        ] {
            let error = start(name, value).err().unwrap();
            assert!(error.starts_with(name), "{error}");
        }
    }
}
