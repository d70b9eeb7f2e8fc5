//! Which passwords are accepted.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use reqwest::StatusCode;
use serde_json::Value;

use crate::harness::{Answer, NEW_PASSWORD, OLD_PASSWORD, Stack};

fn violations(answer: &Answer) -> Vec<&str> {
    answer.is_problem(422, "password_rejected");
    let list = answer.body["violations"].as_array().unwrap();
    assert!(list.iter().all(|v| !v["message"].as_str().unwrap().is_empty()));
    list.iter().map(|v| v["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_reason_is_named_and_none_costs_the_token() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    let long = "x".repeat(257);
    let personal = format!("{}!!", person.email);
    for (password, expected) in [
        ("short", vec!["too_short", "too_common"]),
        ("a control\tcharacter", vec!["forbidden_characters"]),
        (long.as_str(), vec!["too_long"]),
        ("password12345678", vec!["too_common"]),
        (personal.as_str(), vec!["contains_personal_data"]),
        (OLD_PASSWORD, vec!["same_as_current"]),
    ] {
        let answer = api.set_password(&token, password).await;
        let found = violations(&answer);
        assert!(found.contains(&expected[0]), "{password}: {found:?}");
    }
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn one_password_is_the_same_from_every_keyboard() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    let decomposed = "un tre\u{301}s long mot de passe a\u{300} moi";
    let composed = "un tr\u{e9}s long mot de passe \u{e0} moi";
    assert_eq!(api.set_password(&token, decomposed).await.status, StatusCode::OK);
    assert_eq!(api.sign_in(&person.email, composed).await.status, StatusCode::CREATED);
    assert_eq!(api.sign_in(&person.email, decomposed).await.status, StatusCode::CREATED);
}

type Asked = Arc<Mutex<Vec<String>>>;

async fn range(State((answer, asked)): State<(String, Asked)>, Path(prefix): Path<String>) -> String {
    asked.lock().unwrap().push(prefix);
    answer
}

/// A double of the range API that knows one password, and what it was asked.
async fn range_api(answer: String) -> (String, Asked) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let state = (answer, Arc::clone(&asked));
    let app = Router::new().route("/range/{prefix}", axum::routing::get(range)).with_state(state);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, asked)
}

#[tokio::test]
async fn a_breached_password_is_refused_and_only_five_characters_of_its_hash_leave() {
    // SHA-1 of "kittens juggle teapots badly", by sha1sum.
    let breached = "kittens juggle teapots badly";
    let hash = "2C355D5A5A9DDFDAC5988BC7D9149CE0995DB5D3";
    let (url, asked) =
        range_api(format!("{}:42\r\n0000000000000000000000000000000000A:0\r\n", &hash[5..])).await;
    let stack = Stack::start(&[("REGAIN_PWNED_PASSWORDS_URL", url.as_str())]);
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    assert_eq!(violations(&api.set_password(&token, breached).await), ["breached"]);
    assert_eq!(*asked.lock().unwrap(), [&hash[..5]]);
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_range_api_that_is_away_stops_nobody() {
    let stack = Stack::start(&[("REGAIN_PWNED_PASSWORDS_URL", "http://127.0.0.1:1")]);
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    assert_eq!(api.set_password(&token, NEW_PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_policy_names_what_is_checked() {
    let api = Stack::shared().client();
    let policy = api.send(api.request("GET", "/v1/password-policy")).await;
    let checks: Vec<&str> =
        policy.body["checks"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(checks.contains(&"same_as_current") && !checks.contains(&"breached"), "{checks:?}");
}
