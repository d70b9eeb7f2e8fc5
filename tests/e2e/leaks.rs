//! Secrets and people stay where they belong: nothing of them in logs, metrics and traces, no code and no token
//! in the table or its stream.

use std::process::Command;
use std::sync::{Arc, Mutex};

use data_encoding::BASE64URL_NOPAD;
use regain_dynamodb::kind::ItemKind;
use reqwest::StatusCode;
use serde_json::json;

use crate::browser::{Browser, Fields};
use crate::harness::{NEW_PASSWORD, OLD_PASSWORD, POSTAL_CODE, Person, Stack};
use crate::pages_journeys::{choose, code, sign_in};

/// Everything that has ever gone through the table's stream.
async fn stream(stack: &Stack) -> String {
    let described =
        stack.dynamodb("DynamoDB_20120810.DescribeTable", json!({"TableName": stack.table})).await;
    let arn = described["Table"]["LatestStreamArn"].clone();
    let target = |call: &str| format!("DynamoDBStreams_20120810.{call}");
    let description = stack.dynamodb(&target("DescribeStream"), json!({"StreamArn": arn})).await;
    let mut text = String::new();
    for shard in description["StreamDescription"]["Shards"].as_array().unwrap() {
        let start =
            json!({"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"});
        let mut iterator = stack.dynamodb(&target("GetShardIterator"), start).await["ShardIterator"].clone();
        loop {
            let page = stack.dynamodb(&target("GetRecords"), json!({"ShardIterator": iterator})).await;
            if page["Records"].as_array().unwrap().is_empty() {
                break;
            }
            text.push_str(&page["Records"].to_string());
            iterator = page["NextShardIterator"].clone();
        }
    }
    text
}

/// In the place of the X-Ray daemon: its address, and what it is sent.
async fn daemon() -> (String, Arc<Mutex<Vec<String>>>) {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let packets = Arc::<Mutex<Vec<String>>>::default();
    let received = Arc::clone(&packets);
    tokio::spawn(async move {
        let mut buffer = vec![0; 65_536];
        while let Ok(length) = socket.recv(&mut buffer).await {
            received.lock().unwrap().push(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
    });
    (address, packets)
}

/// What a recovery by pages had in it.
struct ByPages {
    /// Codes, passwords, cookies.
    secrets: Vec<String>,
    /// Tokens, whose secrets are stored neither as they are sent nor as their bytes.
    tokens: Vec<String>,
    /// What only logs must not hold.
    personal: Vec<String>,
}

/// A recovery, a sign-in and a sign-out by pages, with wrong turns.
async fn by_pages(stack: &Stack, person: &Person) -> ByPages {
    let (api, mut browser) = (stack.client(), stack.browser());
    let mut secrets = Vec::new();
    let note =
        |browser: &Browser, secrets: &mut Vec<String>| secrets.extend(browser.cookies.values().cloned());
    let page =
        browser.send(browser.request("GET", "/recover?return_to=https://canary-return.example/")).await;
    let csrf = browser.flow()["csrf"].as_str().unwrap().to_owned();
    let typed = [("identifier", person.email.as_str()), ("postal_code", POSTAL_CODE)];
    browser
        .submit(&page, "/recover", &[("identifier", "canary <no> identifier"), ("postal_code", "canary")])
        .await;
    let page = browser.submit(&page, "/recover", &typed).await;
    note(&browser, &mut secrets);
    let challenge = browser.step().1["challenge"].as_str().unwrap().to_owned();
    let right = code(&api, &person.email, &page).await;
    let page = browser.submit(&page, "/recover/code", &[("code", &crate::harness::wrong(&right))]).await;
    let page = browser.submit(&page, "/recover/code", &[("code", &right)]).await;
    note(&browser, &mut secrets);
    let mut tokens = vec![browser.step().1["token"].as_str().unwrap().to_owned()];
    let password = "canary password of pages, long enough";
    browser
        .submit(&page, "/recover/password", &[("password", password), ("password_again", "canary other")])
        .await;
    choose(&mut browser, &page, password).await.is(200, "/recover/done");
    sign_in(&mut browser, &person.email, "canary not the password").await;
    let page = sign_in(&mut browser, &person.email, password).await;
    page.is(200, "/account");
    note(&browser, &mut secrets);
    tokens.extend(["session", "device"].map(|cookie| browser.cookie(cookie).to_owned()));
    browser.submit(&page, "/sign-out", &[]).await;
    let page = browser.open("/recover/link").await;
    let link = "0123456789ABCDEFGHJKMNPQRS";
    browser.submit(&page, "/recover/link", &[("link_code", link)]).await;
    let odd = Fields::of(&[("csrf", "canary-csrf"), ("canary-field", "canary")]);
    browser.post("/sign-in?canary=query", &odd).await;
    browser.open("/canary-path").await;
    secrets.extend([right, password.to_owned(), link.to_owned()]);
    // A locale is no secret, and a word of two letters is anywhere.
    secrets.retain(|secret| secret.len() > 2);
    ByPages { secrets, tokens, personal: vec![csrf, challenge, person.email.clone()] }
}

#[tokio::test]
async fn nothing_secret_or_personal_is_logged_and_no_code_or_token_is_stored() {
    let (daemon, traces) = daemon().await;
    let mut stack = Stack::start(&[
        ("AWS_XRAY_DAEMON_ADDRESS", &daemon),
        ("REGAIN_RESEND_COOLDOWN_SECONDS", "0"),
        ("REGAIN_POSTAL_CODE_CHECK", "required"),
        ("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", "2"),
        ("RUST_LOG", "trace"),
    ]);
    let (api, person) = (stack.client(), stack.person());
    let nobody = "canary-nobody@example.com";
    let wrong_password = "canary wrong password canary";
    let mut secrets: Vec<String> = Vec::new();

    // The whole journey, with wrong turns, faults and bad input on the way.
    api.fault(&json!({"to": person.email, "fault": "server_error", "count": 4})).await;
    let (opted_out, bounced) = (stack.person(), stack.person());
    api.fault(&json!({"to": bounced.email, "fault": "bounce"})).await;
    api.fault(&json!({"to": bounced.phone, "fault": "bounce"})).await;
    api.fault(&json!({"to": opted_out.phone, "fault": "opted_out", "count": 1})).await;
    let request = |identifier: &str, channel: &str| {
        let body = json!({"identifier": identifier, "channel": channel, "postal_code": POSTAL_CODE});
        let (api, key) = (api.clone(), format!("canary-key-{channel}-canary"));
        async move { api.post_with_key("/v1/challenges", &key, &body).await }
    };
    request(nobody, "email").await;
    request(&opted_out.phone, "sms").await;
    for (address, channel) in [(&bounced.email, "email"), (&bounced.phone, "sms")] {
        request(address, channel).await;
        stack.logged(&[&format!("\"Channel\":\"{channel}\",\"Undeliverable\"")]).await;
    }
    // The day's challenges are two: this one is waited for, so that the third below meets a spent budget.
    let by_phone = request(&person.phone, "sms").await;
    let message = api.message(&person.phone, &by_phone.text("reference")).await;
    secrets.push(message["code"].as_str().unwrap().to_owned());
    let requested = request(&person.email, "email").await;
    let message = api.message(&person.email, &requested.text("reference")).await;
    secrets.push(message["code"].as_str().unwrap().to_owned());
    // The id that the service gave the message leads from its logs to the address.
    secrets.push(message["id"].as_str().unwrap().to_owned());
    let challenge = requested.text("challenge_id");
    let resent = api.resend(&challenge, &json!({})).await;
    let message = api.message(&person.email, &resent.text("reference")).await;
    let code = message["code"].as_str().unwrap().to_owned();
    api.verify(&challenge, &crate::harness::wrong(&code)).await;
    let verified = api.verify(&challenge, &code).await;
    let token = verified.text("verification_token");
    secrets.push(code);
    let of_password = api.set_password(&token, wrong_password).await.text("device_token");
    // The day's challenges are spent: a link comes.
    let spent = json!({"identifier": person.email, "postal_code": POSTAL_CODE});
    api.post("/v1/challenges", &spent).await;
    let link = api.recovery_link(&[&person.email]).await;
    api.sign_in(&person.email, "canary not the password").await;
    let signed_in = api.sign_in(&person.email, wrong_password).await;
    assert_eq!(signed_in.status, StatusCode::CREATED, "{signed_in:?}");
    let session = signed_in.text("session_token");
    let device = signed_in.text("device_token");
    let body =
        json!({"identifier": person.email, "password": "canary not the password", "device_token": device});
    api.post("/v1/sessions", &body).await;
    api.session(&session).await;
    let bad = api.request("POST", "/v1/challenges").header("content-type", "application/json");
    api.send(bad.body(r#"{"identifier":"canary-bad@example.com","#)).await;
    let pages = api.request("GET", "/v1/health?token=canary-query").header("cookie", "session=canary-cookie");
    api.send(pages).await;
    api.message_without_code(&person.phone).await;
    let of_pages = by_pages(&stack, &stack.person()).await;
    secrets.extend(of_pages.secrets);

    // A token's secret is stored neither as it is sent nor as its bytes.
    secrets.push(link);
    for token in [&token, &session, &device, &of_password].into_iter().chain(&of_pages.tokens) {
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
        secrets.push(data_encoding::BASE64.encode(&bytes[16..]));
        secrets.push(token[22..].to_owned());
    }
    secrets.extend(["canary-key".to_owned(), wrong_password.to_owned(), OLD_PASSWORD.to_owned()]);
    let (table, stream) = (stack.items().await, stream(&stack).await);
    let challenges = ItemKind::Challenge.prefix();
    assert!(table.contains(challenges) && stream.contains(challenges));
    for secret in &secrets {
        assert!(!holds(&table, secret), "the table holds {secret}");
        assert!(!holds(&stream, secret), "the stream holds {secret}");
    }
    // Whoever asks for a code is no one until delivery finds the account.
    assert!(!table.contains("canary-nobody") && !stream.contains("canary-nobody"));

    Command::new("kill").args(["-TERM", &stack.process().id().to_string()]).status().unwrap();
    stack.ended().await;
    // Everything that operators get: lines, the metrics in them, and traces.
    let traces = traces.lock().unwrap().join("\n");
    let log = format!("{}\n{traces}", stack.log());
    for told in ["a delivery was handled", "a delivery will be tried again", "CloudWatchMetrics", "SendEmail"]
    {
        assert!(log.contains(told), "{told}: {log}");
    }
    secrets.extend([
        challenge.clone(),
        person.email.clone(),
        person.phone.clone(),
        nobody.to_owned(),
        "canary".to_owned(),
    ]);
    secrets.extend([bounced.email.clone(), bounced.phone.clone()]);
    secrets.extend(of_pages.personal);
    secrets.extend([NEW_PASSWORD, "11455", POSTAL_CODE, "Kim Andersson"].map(str::to_owned));
    for secret in &secrets {
        assert!(!holds(&log, secret), "the log holds {secret}: {log}");
    }
}

/// Whether a text holds a secret. One of a few digits must stand by itself: as a part of a fraction of a second or
/// of an id it is there by chance, now and then.
fn holds(text: &str, secret: &str) -> bool {
    let is_number = secret.bytes().all(|byte| byte.is_ascii_digit());
    text.match_indices(secret).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + secret.len()..]);
        let is_part = |c: char| c.is_ascii_alphanumeric();
        !is_number || !(before.ends_with(is_part) || before.ends_with('.') || after.starts_with(is_part))
    })
}
