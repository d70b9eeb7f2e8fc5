//! SES and SNS as their SDKs speak to them, and the forms of `LocalStack`.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{SES, call, delete, get, mail, messages, request, router, send_form, send_json, text};

#[tokio::test]
async fn a_mail_is_kept_and_read() {
    let router = router();
    let answer = send_json(&router, mail("Anna@Example.com")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/json");
    let id = answer.json()["MessageId"].as_str().unwrap().to_owned();

    let message = get(&router, &format!("/messages/{id}")).await.json();
    assert_eq!(
        message,
        json!({
            "id": id,
            "channel": "email",
            "to": "Anna@Example.com",
            "from": "Acme <no-reply@acme.example>",
            "headers": [{ "name": "From", "value": "Acme <no-reply@acme.example>" }],
            "subject": "Your code",
            "text": "Your code: 123 456\nReference: K7F\n",
            "html": "<p>Your code: <b>123456</b></p>",
            "received_at": message["received_at"],
            "code": "123456",
            "reference": "K7F",
        })
    );
}

#[tokio::test]
async fn headers_are_kept_and_judged() {
    let router = router();
    let with = |headers: Value| {
        let mut request = mail("anna@example.com");
        request["FromEmailAddress"] = json!("=?UTF-8?B?TcO8bGxlcg==?= <no-reply@acme.example>");
        request["Content"]["Simple"]["Headers"] = headers;
        request
    };
    let header = |name: &str, value: &str| json!({ "Name": name, "Value": value });
    let sent = send_json(&router, with(json!([header("Auto-Submitted", "auto-generated")]))).await;
    assert_eq!(sent.status, StatusCode::OK);
    let message = &messages(&router, "").await[0];
    assert_eq!(message["from"], "Müller <no-reply@acme.example>");
    let expected = json!([
        { "name": "From", "value": "=?UTF-8?B?TcO8bGxlcg==?= <no-reply@acme.example>" },
        { "name": "Auto-Submitted", "value": "auto-generated" },
    ]);
    assert_eq!(message["headers"], expected);
    for headers in [
        json!([header("X A", "b")]),
        json!([header("X:A", "b")]),
        json!([header("", "b")]),
        json!([header("X-A", "b\r\nBcc: c@example.com")]),
        json!([header("X-A", "ö")]),
        json!([header("X-A", &"a".repeat(996))]),
        json!([header("Subject", "b")]),
        json!([header("from", "b@example.com")]),
        json!(vec![header("X-A", "b"); 16]),
    ] {
        let answer = send_json(&router, with(headers.clone())).await;
        assert_eq!(answer.header("x-amzn-errortype"), "BadRequestException", "{headers}");
    }
}

#[tokio::test]
async fn every_recipient_gets_the_mail() {
    let router = router();
    let mut request = mail("anna@example.com");
    request["Destination"]["CcAddresses"] = json!(["Bo <bo@example.com>"]);
    request["Destination"]["BccAddresses"] = json!(["cy@example.com"]);
    request["ReplyToAddresses"] = json!(["help@acme.example"]);
    request["ConfigurationSetName"] = json!("default");
    request["EmailTags"] = json!([{ "Name": "kind", "Value": "code" }]);
    request["Content"]["Simple"]["Headers"] = json!([{ "Name": "X-Kind", "Value": "code" }]);
    assert_eq!(send_json(&router, request).await.status, StatusCode::OK);
    for to in ["anna", "bo", "cy"] {
        assert_eq!(messages(&router, &format!("?to={to}@example.com")).await.len(), 1, "{to}");
    }
    let shown = get(&router, "/_aws/ses").await.json();
    assert_eq!(shown["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn bad_mails_are_refused_in_the_shape_of_ses() {
    let router = router();
    let with = |pointer: &str, value: Value| {
        let mut request = mail("anna@example.com");
        *request.pointer_mut(pointer).unwrap() = value;
        request
    };
    let content = "/Content";
    for (request, mention) in [
        (json!([]), "body"),
        (json!({}), "From"),
        (with("/FromEmailAddress", json!("nobody")), "@domain"),
        (with("/FromEmailAddress", json!("Müller <a@example.com>")), "Illegal address"),
        (with("/FromEmailAddress", json!("Acme, Inc. <a@example.com>")), "Illegal address"),
        (with("/FromEmailAddress", json!("Acme <a@example.com")), "Illegal address"),
        (with("/Destination", json!({})), "To"),
        (with("/Destination/ToAddresses", json!([])), "To"),
        (with("/Destination/ToAddresses", json!(["anna"])), "@domain"),
        (with("/Destination/ToAddresses", json!(vec!["a@example.com"; 51])), "50"),
        (with("/Content/Simple/Body", json!({})), "Text"),
        (with("/Content/Simple/Subject", json!({})), "Data"),
        (with(content, json!({ "Raw": { "Data": "" } })), "Content.Simple only"),
        (with(content, json!({ "Template": { "TemplateName": "t" } })), "Content.Simple only"),
    ] {
        let answer = send_json(&router, request.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{request}");
        assert_eq!(answer.header("x-amzn-errortype"), "BadRequestException");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(mention), "{message}");
    }
    for body in ["{".to_owned(), "x".repeat(600 * 1024)] {
        let answer = call(&router, request(Method::POST, SES, body)).await;
        assert_eq!(answer.header("x-amzn-errortype"), "BadRequestException");
    }
    assert!(messages(&router, "").await.is_empty());
}

#[tokio::test]
async fn a_text_message_is_kept_and_read() {
    let router = router();
    let answer = send_form(&router, &text("+46701234567")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/xml");
    let found = messages(&router, "?channel=sms").await;
    let message = found.first().unwrap();
    let id = message["id"].as_str().unwrap();
    assert!(
        answer.text().starts_with(
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>"
        )
    );
    assert!(answer.text().contains(&format!("<MessageId>{id}</MessageId>")));
    assert_eq!(
        *message,
        json!({
            "id": id,
            "channel": "sms",
            "to": "+46701234567",
            "from": "Acme",
            "headers": null,
            "subject": null,
            "text": "654321 is your Acme code. Reference X2B.\n\n@acme.example #654321",
            "html": null,
            "received_at": message["received_at"],
            "code": "654321",
            "reference": "X2B",
        })
    );
}

#[tokio::test]
async fn bad_texts_are_refused_in_the_shape_of_sns() {
    let router = router();
    let long = "x".repeat(1_601);
    let publish = |more: &[(&'static str, &'static str)]| {
        let mut pairs = vec![("Action", "Publish"), ("Message", "Hello")];
        pairs.extend_from_slice(more);
        pairs
    };
    let number = ("PhoneNumber", "+46701234567");
    let sender = ("MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SenderID");
    let string = ("MessageAttributes.entry.1.Value.DataType", "String");
    let value = |value| ("MessageAttributes.entry.1.Value.StringValue", value);
    for (pairs, code) in [
        (vec![], "InvalidAction"),
        (vec![("Action", "Create<Topic>")], "InvalidAction"),
        (publish(&[]), "InvalidParameter"),
        (publish(&[("PhoneNumber", "0701234567")]), "InvalidParameter"),
        (publish(&[("TopicArn", "arn:aws:sns:eu-north-1:1:t")]), "InvalidParameter"),
        (publish(&[number, ("TargetArn", "arn")]), "InvalidParameter"),
        (publish(&[number, ("MessageStructure", "json")]), "InvalidParameter"),
        (publish(&[number, ("Message", "")]), "InvalidParameter"),
        (publish(&[number, sender, string, value("Acme Limited")]), "InvalidParameter"),
        (publish(&[number, sender, string]), "ParameterValueInvalid"),
        (publish(&[number, sender, value("Acme")]), "ParameterValueInvalid"),
    ] {
        let answer = send_form(&router, &pairs).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{pairs:?}");
        assert!(answer.text().contains(&format!("<Code>{code}</Code>")), "{pairs:?} {}", answer.text());
        assert!(answer.text().starts_with("<ErrorResponse"));
        assert!(!answer.text().contains("<Topic>"));
    }
    let answer = send_form(&router, &[("Action", "Publish"), number, ("Message", &long)]).await;
    assert!(answer.text().contains("too long"));
    assert!(messages(&router, "").await.is_empty());
}

#[tokio::test]
async fn localstack_shows_the_same_mails() {
    let router = router();
    let id = send_json(&router, mail("anna@example.com")).await.json()["MessageId"].clone();
    send_json(&router, mail("bo@example.com")).await;
    let all = get(&router, "/_aws/ses").await.json()["messages"].clone();
    let first = &all[0];
    assert_eq!(
        *first,
        json!({
            "Id": id,
            "Region": "us-east-1",
            "Timestamp": first["Timestamp"],
            "Source": "Acme <no-reply@acme.example>",
            "Destination": { "ToAddresses": ["anna@example.com"] },
            "Subject": "Your code",
            "Body": {
                "text_part": "Your code: 123 456\nReference: K7F\n",
                "html_part": "<p>Your code: <b>123456</b></p>",
            },
        })
    );
    assert_eq!(all.as_array().unwrap().len(), 2);
    let id = id.as_str().unwrap();
    for (query, count) in [
        (format!("?id={id}"), 1),
        ("?id=other".to_owned(), 0),
        ("?email=Acme+%3Cno-reply@acme.example%3E".to_owned(), 2),
        ("?email=other@acme.example".to_owned(), 0),
    ] {
        let shown = get(&router, &format!("/_aws/ses{query}")).await.json();
        assert_eq!(shown["messages"].as_array().unwrap().len(), count, "{query}");
    }
    send_form(&router, &text("+46701234567")).await;
    delete(&router, &format!("/_aws/ses?id={id}")).await;
    assert_eq!(messages(&router, "").await.len(), 2);
    delete(&router, "/_aws/ses").await;
    assert_eq!(messages(&router, "").await.len(), 1);
}

#[tokio::test]
async fn localstack_shows_the_same_texts() {
    let router = router();
    send_form(&router, &text("+46701234567")).await;
    send_form(&router, &text("+46700000000")).await;
    let shown = get(&router, "/_aws/sns/sms-messages?phoneNumber=+46701234567").await.json();
    assert_eq!(shown["region"], "us-east-1");
    assert_eq!(shown["sms_messages"].as_object().unwrap().len(), 1);
    let texts = shown["sms_messages"]["+46701234567"].as_array().unwrap();
    assert_eq!(texts.len(), 1);
    assert_eq!(texts[0]["PhoneNumber"], "+46701234567");
    assert_eq!(
        texts[0]["MessageAttributes"]["AWS.SNS.SMS.SenderID"],
        json!({ "DataType": "String", "StringValue": "Acme" })
    );
    let none = get(&router, "/_aws/sns/sms-messages?phoneNumber=%2B461234567").await.json();
    assert_eq!(none["sms_messages"], json!({ "+461234567": [] }));
    delete(&router, "/_aws/sns/sms-messages?phoneNumber=%2B46701234567").await;
    let left = get(&router, "/_aws/sns/sms-messages").await.json();
    assert_eq!(left["sms_messages"].as_object().unwrap().keys().collect::<Vec<_>>(), ["+46700000000"]);
    delete(&router, "/_aws/sns/sms-messages").await;
    assert!(messages(&router, "").await.is_empty());
}
