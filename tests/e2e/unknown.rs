//! A known and an unknown identifier can't be told apart.

use reqwest::StatusCode;
use serde_json::Value;

use crate::harness::{Answer, Stack, wrong};

/// An answer without what differs between any two: ids, references, times.
pub(crate) fn shape(answer: &Answer) -> (StatusCode, Vec<(String, String)>, Value) {
    let mut body = answer.body.clone();
    for member in ["challenge_id", "reference", "expires_at", "resend_available_at"] {
        if let Some(text) = body.get_mut(member) {
            *text = Value::from(text.as_str().map_or(0, str::len));
        }
    }
    for member in ["expires_in", "resend_available_in"] {
        if let Some(seconds) = body.get_mut(member) {
            *seconds = Value::from(seconds.is_u64());
        }
    }
    // What an API gateway of AWS or an emulator adds names the request too.
    let own = answer.headers.iter().filter(|(name, _)| !name.as_str().starts_with("x-amz"));
    let headers = own.map(|(name, value)| {
        let value = value.to_str().unwrap().to_owned();
        let differs = ["x-request-id", "date"].contains(&name.as_str());
        (name.to_string(), if differs { value.len().to_string() } else { value })
    });
    // The order of headers is the gateway's, and random.
    let mut headers: Vec<_> = headers.collect();
    headers.sort();
    (answer.status, headers, body)
}

#[tokio::test]
async fn a_decoy_runs_to_exhaustion_like_the_real_thing() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let nobody = format!("nobody-{}", person.email);
    assert!(nobody.len() > person.email.len());

    let known = api.request_code(&person.email).await;
    let unknown = api.request_code(&nobody).await;
    assert_eq!(shape(&known), shape(&unknown));
    let code = api.message(&person.email, &known.text("reference")).await;
    let guess = wrong(code["code"].as_str().unwrap());
    for _ in 0..7 {
        let known = api.verify(&known.text("challenge_id"), &guess).await;
        let unknown = api.verify(&unknown.text("challenge_id"), &guess).await;
        assert_eq!(shape(&known), shape(&unknown));
    }
    stack.delivered(&unknown.text("challenge_id")).await;
    assert!(api.messages(&nobody, 0).await.is_empty());
}

#[tokio::test]
async fn sign_in_says_the_same_of_nobody_and_of_a_wrong_password() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let known = api.sign_in(&person.email, "not the right password").await;
    let unknown = api.sign_in("nobody-signs-in@example.com", "not the right password").await;
    known.is_problem(401, "credentials_invalid");
    assert_eq!(shape(&known), shape(&unknown));
}
