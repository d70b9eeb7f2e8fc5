//! Text messages, the choice of channel, languages, notices.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Kind, NEW_PASSWORD, Stack};

#[tokio::test]
async fn an_account_with_only_a_phone_recovers_by_text_message() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person_of(Kind::PhoneOnly));
    let requested = api.request_code(&person.phone).await;
    assert_eq!(requested.body["channel"], "sms");
    let message = api.message(&person.phone, &requested.text("reference")).await;
    assert_eq!(message["channel"], "sms");
    let (text, code) = (message["text"].as_str().unwrap(), message["code"].as_str().unwrap());
    // The origin-bound line is the last one, and names the configured origin's host.
    assert_eq!(text.lines().last().unwrap(), format!("@127.0.0.1 #{code}"));
    let verified = api.verify(&requested.text("challenge_id"), code).await;
    let set = api.set_password(&verified.text("verification_token"), NEW_PASSWORD).await;
    assert_eq!(set.status, StatusCode::OK);
    assert_eq!(api.sign_in(&person.phone, NEW_PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_person_picks_the_channel_and_switches_it() {
    let stack = Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")]);
    let (api, person) = (stack.client(), stack.person());
    let requested = api.post("/v1/challenges", &json!({"identifier": person.email, "channel": "sms"})).await;
    assert_eq!(requested.body["channel"], "sms");
    api.message(&person.phone, &requested.text("reference")).await;
    let challenge = requested.text("challenge_id");
    let resent = api.resend(&challenge, &json!({"channel": "email"})).await;
    assert_eq!(resent.body["channel"], "email");
    let message = api.message(&person.email, &resent.text("reference")).await;
    let again = api.resend(&challenge, &json!({})).await;
    assert_eq!(again.body["channel"], "email", "the last choice stays");
    let message_again = api.message(&person.email, &again.text("reference")).await;
    assert_ne!(message["reference"], message_again["reference"]);
    let answer = api.verify(&challenge, message_again["code"].as_str().unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_channel_that_the_account_lacks_looks_like_any_other() {
    let stack = Stack::shared();
    let api = stack.client();
    let without_phone = stack.person_of(Kind::EmailOnly);
    let with_phone = stack.person();
    let mut shapes = Vec::new();
    for identifier in [&without_phone.email, &with_phone.email, &"nobody-by-sms@example.com".to_owned()] {
        let answer = api.post("/v1/challenges", &json!({"identifier": identifier, "channel": "sms"})).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        stack.delivered(&answer.text("challenge_id")).await;
        let members: Vec<String> = answer.body.as_object().unwrap().keys().cloned().collect();
        shapes.push((members, answer.body["channel"].clone(), answer.body["attempts_remaining"].clone()));
    }
    assert!(shapes.windows(2).all(|pair| pair[0] == pair[1]));
    // The one message that was sent is the one to the phone that there is.
    assert_eq!(api.messages(&with_phone.phone, 0).await.len(), 1);
    assert!(api.messages(&with_phone.email, 0).await.is_empty());
    assert!(api.messages(&without_phone.email, 0).await.is_empty());
    assert!(api.messages(&without_phone.phone, 0).await.is_empty());
}

#[tokio::test]
async fn a_country_that_is_not_allowed_looks_like_sent() {
    let stack = Stack::start(&[("REGAIN_SMS_COUNTRIES", "NO")]);
    let (api, person) = (stack.client(), stack.person());
    let blocked = api.request_code(&person.phone).await;
    assert_eq!((blocked.status, &blocked.body["channel"]), (StatusCode::ACCEPTED, &json!("sms")));
    stack.delivered(&blocked.text("challenge_id")).await;
    assert!(api.messages(&person.phone, 0).await.is_empty());
}

#[tokio::test]
async fn the_accounts_language_wins_then_the_requests_then_the_default() {
    let stack = Stack::shared();
    let api = stack.client();
    let subject = |identifier: String, locale: Option<&'static str>| {
        let api = api.clone();
        async move {
            let mut body = json!({"identifier": identifier});
            if let Some(locale) = locale {
                body["locale"] = Value::from(locale);
            }
            let requested = api.post("/v1/challenges", &body).await;
            let message = api.message(&identifier, &requested.text("reference")).await;
            message["text"].as_str().unwrap().contains("Din kod: ")
        }
    };
    assert!(subject(stack.person_of(Kind::Swedish).email, None).await);
    assert!(subject(stack.person_of(Kind::Swedish).email, Some("en")).await);
    assert!(!subject(stack.person().email, Some("sv")).await);
    assert!(subject(stack.person_of(Kind::EmailOnly).email, Some("sv-FI")).await);
    assert!(!subject(stack.person_of(Kind::EmailOnly).email, Some("tlh")).await);
    assert!(!subject(stack.person_of(Kind::EmailOnly).email, None).await);
}

#[tokio::test]
async fn codes_can_be_read_in_every_language_by_either_channel() {
    let stack = Stack::shared();
    let api = stack.client();
    let label = [
        ("en", "Reference"),
        ("sv", "Referens"),
        ("de", "Referenz"),
        ("fr", "Référence"),
        ("es", "Referencia"),
        ("ar", "المرجع"),
    ];
    for (locale, label) in label {
        for identifier in [stack.person_of(Kind::EmailOnly).email, stack.person_of(Kind::PhoneOnly).phone] {
            let body = json!({"identifier": identifier, "locale": locale});
            let requested = api.post("/v1/challenges", &body).await;
            let message = api.message(&identifier, &requested.text("reference")).await;
            assert!(message["text"].as_str().unwrap().contains(label), "{message}");
            let code = message["code"].as_str().unwrap();
            assert_eq!(api.verify(&requested.text("challenge_id"), code).await.status, StatusCode::OK);
        }
    }
}

#[tokio::test]
async fn every_verified_address_hears_of_a_new_password() {
    let stack = Stack::shared();
    let api = stack.client();
    for (kind, by_email, by_phone) in
        [(Kind::English, true, true), (Kind::EmailOnly, true, false), (Kind::PhoneOnly, false, true)]
    {
        let person = stack.person_of(kind);
        let identifier = if by_email { &person.email } else { &person.phone };
        let (challenge, code) = api.code_for(identifier).await;
        let token = api.verify(&challenge, &code).await.text("verification_token");
        assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
        stack.delivered(&challenge).await;
        for (address, is_told) in [(&person.email, by_email), (&person.phone, by_phone)] {
            if is_told {
                let notice = api.message_without_code(address).await;
                assert!(notice["text"].as_str().unwrap().contains(&api.origin), "{notice}");
            } else {
                assert!(api.messages(address, 0).await.is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_notice_waits_for_a_mail_service_that_is_down_and_comes_once() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let (challenge, code) = api.code_for(&person.email).await;
    let token = api.verify(&challenge, &code).await.text("verification_token");
    api.fault(&json!({"to": person.phone, "fault": "server_error", "count": 7})).await;
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
    api.message_without_code(&person.phone).await;
    api.message_without_code(&person.email).await;
    // The email had gone out before the text message failed: it is not sent again with it.
    stack.delivered(&challenge).await;
    assert_eq!(api.messages(&person.email, 0).await.len(), 2, "a code and one notice");
}
