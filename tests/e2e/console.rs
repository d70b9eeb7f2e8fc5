//! What the local stack shows in the terminal.

use std::process::Command;

use reqwest::Method;
use serde_json::json;

use crate::harness::{NEW_PASSWORD, OLD_PASSWORD, Stack, wrong};

/// A stack that speaks to a person, which is what it does unless it is told otherwise.
fn start(settings: &[(&str, &str)]) -> Stack {
    Stack::start_with(settings, |command| {
        command.args(["--log-format", "text"]);
    })
}

/// Ends the stack, and gives the lines that it has shown: each its columns, without the time.
async fn shown(stack: &mut Stack) -> Vec<Vec<String>> {
    Command::new("kill").args(["-TERM", &stack.process().id().to_string()]).status().unwrap();
    stack.ended().await;
    let log = stack.log();
    let lines = log.lines().map(|line| {
        let (time, rest) = line.split_once("  ").unwrap_or_else(|| panic!("{line:?}"));
        assert!(time.len() == 9 && time.ends_with('Z') && time.matches(':').count() == 2, "{line:?}");
        rest.split("  ").map(|column| column.trim().to_owned()).filter(|column| !column.is_empty()).collect()
    });
    lines.collect()
}

/// The columns of a line but for the time taken, which is there.
fn without_time(columns: &[String]) -> String {
    let (took, others): (Vec<_>, Vec<_>) = columns.iter().partition(|column| column.ends_with(" ms"));
    assert_eq!(took.len(), 1, "{columns:?}");
    others.into_iter().map(String::as_str).collect::<Vec<_>>().join(" | ")
}

#[tokio::test]
async fn each_request_and_each_message_is_one_line_and_none_holds_a_secret() {
    let mut stack = start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0"), ("RUST_LOG", "trace")]);
    let (api, person) = (stack.client(), stack.person());
    let mut expected = Vec::new();
    let mut expect = |line: String| expected.push(line);

    api.fault(&json!({"to": person.email, "fault": "throttle", "count": 1})).await;
    let requested = api.request_code(&person.email).await;
    let (challenge, reference) = (requested.text("challenge_id"), requested.text("reference"));
    expect(format!("POST | /v1/challenges | 202 | request-code | reference {reference}"));
    let first = api.message(&person.email, &reference).await;
    let resent = api.resend(&challenge, &json!({"channel": "sms"})).await.text("reference");
    expect(format!("POST | /v1/challenges/{{challenge_id}}/resend | 202 | resend-code | reference {resent}"));
    let second = api.message(&person.phone, &resent).await;
    let code = second["code"].as_str().unwrap().to_owned();
    api.verify(&challenge, &wrong(&code)).await;
    expect("POST | /v1/challenges/{challenge_id}/verify | 422 | verify-code | code_incorrect".to_owned());
    let token = api.verify(&challenge, &code).await.text("verification_token");
    expect("POST | /v1/challenges/{challenge_id}/verify | 200 | verify-code".to_owned());
    let device = api.set_password(&token, NEW_PASSWORD).await.text("device_token");
    expect("POST | /v1/password | 200 | set-password".to_owned());
    let session = api.sign_in(&person.email, NEW_PASSWORD).await.text("session_token");
    expect("POST | /v1/sessions | 201 | sessions".to_owned());
    api.session(&session).await;
    expect("GET | /v1/sessions/current | 200 | sessions".to_owned());
    stack.outbox_is_empty().await;
    let nobody = api.request_code("canary-nobody@example.com").await;
    expect(format!("POST | /v1/challenges | 202 | request-code | reference {}", nobody.text("reference")));
    stack.logged(&["no_recipient"]).await;

    // What a client makes up.
    let odd = Method::from_bytes(b"CANARY").unwrap();
    for (method, path, line) in [
        (Method::GET, "/canary/path?canary=query", "GET | (unknown path) | 404 | meta | not_found"),
        (odd, "/canary", "OTHER | (unknown path) | 404 | meta | not_found"),
        (Method::PUT, "/v1/password", "PUT | /v1/password | 405 | meta | method_not_allowed"),
        (Method::GET, "/_local/clock", "GET | /_local/clock | 200 | local stack"),
    ] {
        let request = api.http.request(method, format!("{}{path}", api.base));
        request.header("canary", "canary").send().await.unwrap();
        expect(line.to_owned());
    }
    let foreign = api.request("GET", "/v1/health").header("host", "canary.example.com");
    foreign.send().await.unwrap();
    expect("GET | /v1/health | 403 | local stack".to_owned());

    let large = api.request("POST", "/v1/password").body(vec![b' '; 10 * 1024 * 1024 + 1]);
    large.send().await.unwrap();
    expect("POST | /v1/password | 413 | local stack | body_too_large".to_owned());

    let mut messages = api.messages(&person.email, 0).await;
    messages.extend(api.messages(&person.phone, 0).await);
    let lines = shown(&mut stack).await;
    let is_request = |columns: &&Vec<String>| ["GET", "POST", "PUT", "OTHER"].contains(&columns[0].as_str());
    let (requests, others): (Vec<_>, Vec<_>) = lines.iter().partition(is_request);
    // A line is written when the function has told its part.
    let mut requests: Vec<_> = requests.iter().map(|line| without_time(line)).collect();
    requests.sort();
    expected.sort();
    assert_eq!(requests, expected);

    let (sends, others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|columns| ["email", "text message"].contains(&columns[0].as_str()));
    let mut sends: Vec<_> = sends.into_iter().map(|line| without_time(line)).collect();
    let mut sent: Vec<_> = messages
        .iter()
        .map(|message| {
            let what = if message["channel"] == "sms" { "text message" } else { "email" };
            let reference = message["reference"].as_str();
            let told = reference.map_or_else(String::new, |reference| format!(" | reference {reference}"));
            format!("{what} | sent | deliver-messages{told}")
        })
        .chain([format!("email | fault | deliver-messages | fault throttle, reference {reference}")])
        .collect();
    sends.sort();
    sent.sort();
    assert_eq!(sends, sent);
    assert_eq!(sent.len(), 1 + 2 + 2, "a fault, two codes, and a notice by each channel");

    let mut others: Vec<_> = others.into_iter().map(|columns| columns.join(" | ")).collect();
    others.sort();
    assert_eq!(
        others,
        [
            "a delivery will be tried again | WARN | deliver-messages | \
             cause: ses: TooManyRequestsException, channel: email",
            "no message | deliver-messages | no_recipient",
        ]
    );

    let log = stack.log();
    let texts = [first["code"].as_str().unwrap(), &code, &challenge, &token, &session, &device];
    let known = [&person.email, &person.phone, OLD_PASSWORD, NEW_PASSWORD, "canary", "CANARY", "127.0.0.1"];
    for secret in texts.into_iter().chain(known) {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    // No document of the functions, and no colour where there is no terminal.
    assert!(!log.contains("_aws") && !log.contains("\":") && !log.contains('\u{1b}'), "{log}");
}

#[tokio::test]
async fn with_the_flag_the_functions_lines_go_out_as_they_are() {
    let mut stack = Stack::start_with(&[], |_| {});
    let api = stack.client();
    let answer = api.send(api.request("GET", "/v1/health")).await;
    assert_eq!(answer.status, 200);
    Command::new("kill").args(["-TERM", &stack.process().id().to_string()]).status().unwrap();
    stack.ended().await;
    let log = stack.log();
    let lines: Vec<serde_json::Value> =
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let answered: Vec<_> = lines.iter().filter(|line| line["message"] == "a request was answered").collect();
    assert_eq!(answered.len(), 1, "{log}");
    assert!(answered[0]["_aws"].is_object(), "{log}");
    assert!(!log.contains("/v1/health"), "{log}");
}
