//! Requests to SES, and the adapter's reading of its answers, with scripted replies.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::config::retry::RetryConfig;
use regain_domain::port::{Mender, SendError};
use regain_domain::{EmailAddress, MessageId};
use regain_fixtures::{Reply, Script, sdk_config, whose};
use regain_ses::{Mailer, Parts, Sender};
use serde_json::{Value, json};

/// An endpoint that answers every send alike: with an error of this code, unless it is empty, and this message.
async fn serve(status: u16, error_type: &'static str, text: &str) -> (Script, Client) {
    let body = json!({"MessageId": "1", "message": text}).to_string();
    let script = Script::serve([Reply { status, content_type: "application/json", error_type, body }]).await;
    let config = Builder::from(&sdk_config(&script.endpoint)).retry_config(RetryConfig::disabled());
    (script, Client::from_conf(config.build()))
}

/// The requests that it got.
fn requests(script: &Script) -> Vec<Value> {
    script.requests().iter().map(|body| serde_json::from_str(body).unwrap()).collect()
}

async fn send(client: Client, configuration_set: Option<&str>) -> Result<Option<MessageId>, SendError> {
    let sender = Sender::parse("Acme, Inc. <no-reply@example.com>").unwrap();
    let mailer = Mailer::new(&client, sender, configuration_set.map(str::to_owned));
    let parts = Parts { subject: "Hej", text: "text", html: "<p>html</p>" };
    mailer.send(&EmailAddress::parse("anna@example.com").unwrap(), parts).await
}

#[tokio::test]
async fn a_message_is_sent_under_the_configuration_set_that_is_named() {
    let (script, client) = serve(200, "", "").await;
    assert_eq!(send(client.clone(), Some("regain-test")).await.unwrap(), MessageId::parse("1"));
    send(client, None).await.unwrap();
    let requests = requests(&script);
    let [named, plain] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(named["ConfigurationSetName"], "regain-test");
    assert!(plain.get("ConfigurationSetName").is_none(), "{plain}");
    for request in [named, plain] {
        assert_eq!(request["FromEmailAddress"], "\"Acme, Inc.\" <no-reply@example.com>");
        assert_eq!(request["Destination"], json!({"ToAddresses": ["anna@example.com"]}));
        assert_eq!(request["Content"]["Simple"]["Subject"]["Data"], "Hej");
    }
}

/// Addresses that were given out against RFC 5321 go out as it wants them.
#[tokio::test]
async fn a_local_part_that_is_no_dot_string_is_quoted() {
    let (script, client) = serve(200, "", "").await;
    let mailer = Mailer::new(&client, Sender::parse("no-reply@example.com").unwrap(), None);
    let parts = Parts { subject: "Hej", text: "text", html: "<p>html</p>" };
    for address in ["anna..b@docomo.example", "anna.@docomo.example", "anna.b@docomo.example"] {
        mailer.send(&EmailAddress::parse(address).unwrap(), parts).await.unwrap();
    }
    let requests = requests(&script);
    let sent: Vec<_> = requests.iter().map(|request| &request["Destination"]["ToAddresses"][0]).collect();
    assert_eq!(sent, ["\"anna..b\"@docomo.example", "\"anna.\"@docomo.example", "anna.b@docomo.example"]);
}

#[tokio::test]
async fn every_email_says_that_no_program_shall_answer_it() {
    let (script, client) = serve(200, "", "").await;
    send(client, None).await.unwrap();
    let requests = requests(&script);
    let headers = &requests[0]["Content"]["Simple"]["Headers"];
    let header = |name: &str| {
        let found = headers.as_array().unwrap().iter().find(|header| header["Name"] == name);
        found.map(|header| header["Value"].as_str().unwrap().to_owned())
    };
    assert_eq!(header("Auto-Submitted").as_deref(), Some("auto-generated"));
    let suppressed = header("X-Auto-Response-Suppress").unwrap();
    let suppressed: Vec<&str> = suppressed.split(", ").collect();
    assert!(suppressed.contains(&"OOF") && suppressed.contains(&"AutoReply"));
    // Suppressed addresses must be heard of.
    assert!(!suppressed.contains(&"NDR") && !suppressed.contains(&"All"));
}

/// Who has to mend an error, and the text of it.
async fn refused_with(status: u16, code: &'static str, text: &'static str) -> (Mender, String) {
    let (_script, client) = serve(status, code, text).await;
    let error = send(client, Some("regain-test")).await.unwrap_err();
    assert!(!format!("{error:?}").contains("anna"), "{error:?}");
    whose(error)
}

#[tokio::test]
async fn an_address_that_takes_no_mail_is_the_persons() {
    for text in [
        "Illegal address",
        "Local address contains control or whitespace",
        "Local address contains dot-dot",
        "User name is missing: '@example.com'.",
        "Missing final '@domain'",
        "Missing domain",
        "Domain contains illegal character",
        "Domain starts with dot",
        "Domain ends with dot",
        "Invalid domain name: anna@example.com",
    ] {
        let told = refused_with(400, "BadRequestException", text).await;
        assert_eq!(told, (Mender::Person, "BadRequestException: address".to_owned()), "{text}");
    }
    for text in ["Address blacklisted.", "anna@example.com is on the suppression list for your account"] {
        let told = refused_with(400, "MessageRejected", text).await;
        assert_eq!(told, (Mender::Person, "MessageRejected: suppressed".to_owned()), "{text}");
    }
}

#[tokio::test]
async fn what_an_operator_can_mend_is_the_operators_and_so_is_what_is_not_known() {
    let unverified = "Email address is not verified. The following identities failed the check in region \
        EU-NORTH-1: anna@example.com";
    for (status, code, text, word) in [
        (400, "MessageRejected", unverified, ": not_verified"),
        (400, "BadRequestException", unverified, ": not_verified"),
        (400, "MessageRejected", "Sending paused for this account. anna@example.com", ": paused"),
        (400, "BadRequestException", "Configuration set <x> does not exist.", ": configuration_set"),
        (429, "TooManyRequestsException", "Daily message quota exceeded.", ": quota_spent"),
        (400, "MessageRejected", "The message contains a virus", ""),
        (400, "BadRequestException", "Something about anna@example.com", ""),
        (400, "BadRequestException", "", ""),
        (400, "AccountSuspendedException", "", ""),
        (400, "SendingPausedException", "", ""),
        (400, "LimitExceededException", "", ""),
        (400, "MailFromDomainNotVerifiedException", "", ""),
        (404, "NotFoundException", "Configuration set <x> does not exist.", ""),
        (403, "AccessDeniedException", "anna@example.com", ""),
        (403, "AccessDenied", "", ""),
        (400, "IncompleteSignature", "", ""),
        (403, "InvalidSignatureException", "", ""),
        (403, "SignatureDoesNotMatch", "", ""),
        (403, "InvalidClientTokenId", "", ""),
        (403, "UnrecognizedClientException", "", ""),
        (403, "MissingAuthenticationToken", "", ""),
        (400, "NotAuthorized", "", ""),
        (403, "OptInRequired", "", ""),
        (403, "SubscriptionRequiredException", "", ""),
        (400, "ValidationError", "", ""),
        (400, "ValidationException", "", ""),
        (400, "SomethingNew", "anna@example.com", ""),
    ] {
        let told = refused_with(status, code, text).await;
        assert_eq!(told, (Mender::Operator, format!("ses: {code}{word}")), "{text}");
    }
}

#[tokio::test]
async fn everything_else_may_pass_and_quotes_nobody() {
    for (status, code) in [
        (429, "TooManyRequestsException"),
        (400, "Throttling"),
        (400, "ThrottlingException"),
        (500, "InternalServiceErrorException"),
        (500, "InternalFailure"),
        (503, "ServiceUnavailable"),
        (503, "ServiceUnavailableException"),
        (408, "RequestTimeout"),
        (408, "RequestTimeoutException"),
        (400, "RequestExpired"),
        (403, "ExpiredToken"),
        (403, "ExpiredTokenException"),
        (409, "ConflictException"),
        (500, "ConcurrentModificationException"),
        (500, "SomethingNew"),
        (429, "SomethingNew"),
    ] {
        let told = refused_with(status, code, "Maximum sending rate exceeded: anna@example.com").await;
        assert_eq!(told, (Mender::Time, format!("ses: {code}")));
    }
    assert_eq!(refused_with(400, "", "anna@example.com").await.0, Mender::Time);
}
