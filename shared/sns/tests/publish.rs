//! Requests to SNS, and the adapter's reading of its answers, with scripted replies.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sns::Client;
use aws_sdk_sns::config::timeout::TimeoutConfig;
use regain_domain::port::{Mender, SendError};
use regain_domain::{Fault, MessageId, PhoneNumber};
use regain_fixtures::{Reply, Script, sdk_config, whose};
use regain_sns::{COUNTRY_NOT_ALLOWED, Countries, SenderId, SmsSender};

fn reply(status: u16, body: impl Into<String>) -> Reply {
    Reply { status, content_type: "text/xml", error_type: "", body: body.into() }
}

/// An endpoint with replies, and a client of it.
async fn serve(replies: Vec<Reply>) -> (Script, Client) {
    let script = Script::serve(replies).await;
    let client = client(&script.endpoint);
    (script, client)
}

fn client(endpoint: &str) -> Client {
    Client::new(&sdk_config(endpoint))
}

fn published() -> Reply {
    let result = "<PublishResult><MessageId>1</MessageId></PublishResult>";
    let namespace = "http://sns.amazonaws.com/doc/2010-03-31/";
    reply(200, format!(r#"<PublishResponse xmlns="{namespace}">{result}</PublishResponse>"#))
}

fn error(status: u16, code: &str) -> Reply {
    error_saying(status, code, "+46701740605")
}

fn error_saying(status: u16, code: &str, text: &str) -> Reply {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>");
    let namespace = "http://sns.amazonaws.com/doc/2010-03-31/";
    reply(status, format!(r#"<ErrorResponse xmlns="{namespace}">{error}</ErrorResponse>"#))
}

async fn send(client: Client, sender_id: Option<&str>, to: &str) -> Result<Option<MessageId>, SendError> {
    let sender_id = sender_id.map(|id| SenderId::parse(id).unwrap());
    let sms_sender = SmsSender::new(&client, sender_id, Countries::parse("SE,US").unwrap());
    sms_sender.send(&PhoneNumber::from_stored(to).unwrap(), "Hej #1").await
}

#[tokio::test]
async fn a_message_is_published_to_the_number_as_transactional() {
    let (script, client) = serve(vec![published()]).await;
    let id = send(client.clone(), None, "+46701740605").await.unwrap();
    assert_eq!(id, MessageId::parse("1"));
    send(client, Some("Acme"), "+12125550123").await.unwrap();
    let [plain, named]: [String; 2] = script.requests().try_into().unwrap();
    assert!(plain.starts_with("Action=Publish&"), "{plain}");
    assert!(
        plain.contains("&PhoneNumber=%2B46701740605") && plain.contains("&Message=Hej%20%231"),
        "{plain}"
    );
    for request in [&plain, &named] {
        assert!(request.contains(".Name=AWS.SNS.SMS.SMSType&"), "{request}");
        assert!(request.contains(".StringValue=Transactional"), "{request}");
    }
    assert!(!plain.contains("SenderID"), "{plain}");
    assert!(named.contains(".Name=AWS.SNS.SMS.SenderID&") && named.contains(".StringValue=Acme"), "{named}");
}

#[tokio::test]
async fn other_countries_and_numbers_that_are_no_mobiles_are_refused_without_a_call() {
    let (script, client) = serve(vec![published()]).await;
    for to in ["+4740612345", "+18763050123", "+18005550123", "+4681234567", "+881612345678"] {
        let refused = send(client.clone(), None, to).await;
        assert!(
            matches!(&refused, Err(SendError::Refused { reason }) if reason == COUNTRY_NOT_ALLOWED),
            "{refused:?}"
        );
    }
    assert!(script.requests().is_empty());
}

/// Who has to mend an error, and the text of it.
async fn refused_with(reply: Reply) -> (Mender, String) {
    let (script, client) = serve(vec![reply, published()]).await;
    let error = send(client, None, "+46701740605").await.unwrap_err();
    assert_eq!(script.requests().len(), 1, "the SDK tries nothing again by itself");
    assert!(!format!("{error:?}").contains("4670"), "{error:?}");
    whose(error)
}

#[tokio::test]
async fn a_number_that_takes_no_messages_is_the_persons() {
    assert_eq!(refused_with(error(400, "OptedOut")).await, (Mender::Person, "OptedOut".to_owned()));
    for code in ["InvalidParameter", "ParameterValueInvalid", "InvalidParameterValue", "ValidationException"]
    {
        let text = "Invalid parameter: PhoneNumber Reason: +46701740605 is not valid to publish to";
        let told = refused_with(error_saying(400, code, text)).await;
        assert_eq!(told, (Mender::Person, format!("{code}: number")));
        let told = refused_with(error_saying(400, code, "The number +46701740605 has opted out")).await;
        assert_eq!(told, (Mender::Person, format!("{code}: opted_out")));
    }
}

#[tokio::test]
async fn what_an_operator_can_mend_is_the_operators_and_so_is_what_is_not_known() {
    for (status, code, text) in [
        (400, "InvalidParameter", "Invalid parameter: SenderId Reason: not registered for +46701740605"),
        (400, "InvalidParameter", "Invalid parameter: OriginationNumber"),
        (400, "ParameterValueInvalid", "The message attribute is not valid"),
        (400, "ValidationException", "+46701740605 is not a verified destination in the sandbox"),
        (400, "UserError", ""),
        (400, "LimitExceeded", ""),
        (400, "EndpointDisabled", ""),
        (400, "PlatformApplicationDisabled", ""),
        (400, "KMSAccessDenied", ""),
        (400, "KMSDisabled", ""),
        (400, "KMSInvalidState", ""),
        (400, "KMSNotFound", ""),
        (403, "KMSOptInRequired", ""),
        (403, "AuthorizationError", "not authorized to publish to +46701740605"),
        (403, "AccessDenied", ""),
        (400, "AccessDeniedException", ""),
        (403, "InvalidSecurity", ""),
        (403, "InvalidClientTokenId", ""),
        (403, "UnrecognizedClientException", ""),
        (403, "SignatureDoesNotMatch", ""),
        (400, "IncompleteSignature", ""),
        (403, "MissingAuthenticationToken", ""),
        (400, "NotAuthorized", ""),
        (403, "OptInRequired", ""),
        (403, "SubscriptionRequired", ""),
        (404, "NotFound", ""),
        (400, "SomethingNew", "about +46701740605"),
    ] {
        let told = refused_with(error_saying(status, code, text)).await;
        assert_eq!(told, (Mender::Operator, format!("sns: {code}")));
    }
}

#[tokio::test]
async fn everything_else_may_pass_and_quotes_nobody() {
    for (status, code) in [
        (400, "Throttling"),
        (400, "ThrottlingException"),
        (429, "Throttled"),
        (400, "KMSThrottling"),
        (500, "InternalError"),
        (500, "InternalFailure"),
        (503, "ServiceUnavailable"),
        (408, "RequestTimeout"),
        (400, "RequestExpired"),
        (403, "ExpiredToken"),
        (500, "SomethingNew"),
        (429, "SomethingNew"),
    ] {
        assert_eq!(refused_with(error(status, code)).await, (Mender::Time, format!("sns: {code}")));
    }
    assert_eq!(refused_with(reply(400, "")).await.0, Mender::Time);
}

#[tokio::test]
async fn an_answer_that_is_not_snss_own_leaves_it_unknown_and_nothing_is_tried_again() {
    for reply in [reply(200, "not xml"), reply(500, ""), reply(502, "<html>")] {
        let (script, client) = serve(vec![reply.clone(), published()]).await;
        let unknown = send(client, None, "+46701740605").await;
        assert!(matches!(unknown, Err(SendError::Unknown(Fault::Unavailable(_)))), "{reply:?}: {unknown:?}");
        assert!(!format!("{unknown:?}").contains("4670"), "{unknown:?}");
        assert_eq!(script.requests().len(), 1);
    }
}

/// A server that reads what it is sent and ends the connection, and counts.
async fn serve_nothing() -> (Arc<Mutex<usize>>, Client) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let taken = Arc::new(Mutex::new(0));
    let counter = taken.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.readable().await.unwrap();
            let _ = stream.try_read(&mut [0; 16_384]);
            *counter.lock().unwrap() += 1;
        }
    });
    (taken, client(&endpoint))
}

#[tokio::test]
async fn a_connection_that_ends_after_the_request_leaves_it_unknown() {
    let (taken, client) = serve_nothing().await;
    let unknown = send(client, None, "+46701740605").await;
    assert!(matches!(unknown, Err(SendError::Unknown(Fault::Unavailable(_)))), "{unknown:?}");
    assert_eq!(*taken.lock().unwrap(), 1);
}

#[tokio::test]
async fn without_a_connection_nothing_was_taken() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failed = send(client(&endpoint), None, "+46701740605").await;
    assert!(matches!(failed, Err(SendError::Failed(Fault::Unavailable(_)))), "{failed:?}");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_leaves_it_unknown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()));
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(50)).build();
    let client = Client::from_conf(client.config().to_builder().timeout_config(timeouts).build());
    let unknown = send(client, None, "+46701740605").await;
    assert!(matches!(unknown, Err(SendError::Unknown(Fault::Unavailable(_)))), "{unknown:?}");
}
