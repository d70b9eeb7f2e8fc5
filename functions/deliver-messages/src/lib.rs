//! `deliver-messages`: woken by the table's stream, arms challenges and sends codes. The only function
//! that reads addresses and sends.

mod messenger;
mod records;

use std::sync::Arc;

use aws_lambda_events::dynamodb::Event;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use regain_bootstrap::{Function, process_variables};
use regain_domain::usecase::deliver::Deliver;
use regain_messages::Catalogues;
use regain_ses::Mailer;

use crate::messenger::Outbox;

/// Delivers until the runtime ends.
pub async fn run() -> Result<(), Error> {
    let Function { config, environment, table, aws } = Function::start()?;
    let delivery = config.read_delivery(&process_variables)?;
    let outbox = Outbox {
        catalogues: Catalogues::new(delivery.brand_name, &config.default_locale)?,
        mailer: Mailer::new(sesv2(&aws, process_variables("AWS_ENDPOINT_URL_SESV2")), delivery.email_from),
    };
    let deliver = Arc::new(Deliver {
        store: table,
        messenger: outbox,
        environment,
        code_length: config.challenge.code_length,
        limits: config.limits,
    });
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Event>| {
        let deliver = Arc::clone(&deliver);
        async move { Ok::<_, Error>(records::deliver_batch(&deliver, event.payload).await) }
    }))
    .await
}

fn sesv2(config: &regain_bootstrap::aws::SdkConfig, endpoint: Option<String>) -> aws_sdk_sesv2::Client {
    let mut builder = aws_sdk_sesv2::config::Builder::from(config);
    builder.set_endpoint_url(endpoint.or_else(|| config.endpoint_url().map(str::to_owned)));
    aws_sdk_sesv2::Client::from_conf(builder.build())
}
