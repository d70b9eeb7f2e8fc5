//! The ratchet: everything that the document says can be answered is answered here for real, and held to what
//! the document says of it.

use std::collections::BTreeSet;

use regain_harness::InjectedFault;
use regain_http_api::routes::ROUTES;
use reqwest::StatusCode;
use serde_json::json;

use crate::contract_document::{CONTRACT, Case};
use crate::harness::{Answer, Api, NEW_PASSWORD, OLD_PASSWORD, POSTAL_CODE, Person, Stack, wrong};
use crate::table_faults::FaultyTable;

/// Documented and not exercised. It may shrink, and is empty.
const EXCEPTIONS: [Case; 0] = [];

const UNKNOWN_CHALLENGE: &str = "/v1/challenges/AAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn all_that_is_documented_happens_and_nothing_else() {
    let stack = Stack::start(&[
        ("REGAIN_POSTAL_CODE_CHECK", "required"),
        ("REGAIN_RESENDS_PER_CHALLENGE", "1"),
        ("REGAIN_REQUESTS_PER_ADDRESS_PER_HOUR", "30"),
        ("REGAIN_VERIFIES_PER_ADDRESS_PER_HOUR", "30"),
        ("REGAIN_SIGN_INS_PER_ADDRESS_PER_HOUR", "24"),
        ("REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER", "5"),
    ]);
    let api = stack.client();
    beside_the_api(&api).await;
    bodies(&api).await;
    sessions(&api, &stack.person()).await;
    requests(&api).await;
    let without = api.request_code("contract-nobody@example.com").await;
    without.is_problem(422, "postal_code_required");
    password(&api, &stack.person()).await;
    guesses(&api, &stack.person()).await;
    resends(&api, &stack.person()).await;
    spent_failures(&api, &stack.person()).await;
    limits(&api).await;
    let mut seen = api.seen();
    let faulty = FaultyTable::start().await;
    seen.extend(faulty.answer(InjectedFault::Throttled, 503, "service_unavailable").await);
    seen.extend(faulty.answer(InjectedFault::Denied, 500, "internal_error").await);

    let documented = CONTRACT.cases();
    let missing: BTreeSet<&Case> = documented.difference(&seen).collect();
    assert_eq!(missing, EXCEPTIONS.iter().collect(), "documented and not exercised");
    assert!(seen.is_subset(&documented), "answers that are not documented would have failed before");
}

/// Cases that need other settings than a stage has, or its clock moved. It may shrink.
const NOT_ON_A_STAGE: [(&str, u16, &str); 9] = [
    ("POST /v1/challenges", 410, "challenge_expired"),
    ("POST /v1/challenges", 422, "postal_code_required"),
    ("POST /v1/challenges", 429, "caller_rate_limited"),
    ("POST /v1/challenges/{challenge_id}/resend", 410, "challenge_expired"),
    ("POST /v1/challenges/{challenge_id}/resend", 429, "rate_limited"),
    ("POST /v1/challenges/{challenge_id}/resend", 429, "resend_too_soon"),
    ("POST /v1/challenges/{challenge_id}/verify", 410, "challenge_expired"),
    ("POST /v1/challenges/{challenge_id}/verify", 429, "rate_limited"),
    ("POST /v1/sessions", 403, "recovery_required"),
];

/// The ratchet for a stage that was deployed, whose table answers: everything else happens there.
#[tokio::test]
async fn all_that_a_stage_can_answer_happens_there() {
    let stack = Stack::start(&[("REGAIN_RESEND_COOLDOWN_SECONDS", "0")]);
    let api = stack.client();
    beside_the_api(&api).await;
    bodies(&api).await;
    sessions(&api, &stack.person()).await;
    requests(&api).await;
    password(&api, &stack.person()).await;
    guesses(&api, &stack.person()).await;
    resends_without_a_clock(&api, &stack.person()).await;
    assert_eq!(
        sign_ins_until_refused(&api, "contract-limited@example.com").await,
        ("rate_limited".into(), 10)
    );
    assert_eq!(requests_until_refused(&api, "contract-limited@example.com").await, 5);

    let seen = api.seen();
    let documented: BTreeSet<Case> = CONTRACT.cases().into_iter().filter(|case| case.1 < 500).collect();
    let missing: BTreeSet<Case> = documented.difference(&seen).cloned().collect();
    let exceptions = NOT_ON_A_STAGE.map(|(operation, status, code)| (operation.into(), status, code.into()));
    assert_eq!(missing, exceptions.into(), "documented and not exercised");
    assert!(seen.is_subset(&documented), "{:?}", seen.difference(&documented));
}

async fn resends_without_a_clock(api: &Api, person: &Person) {
    let (path, _) = challenge(api, person).await;
    let resend = format!("{path}/resend");
    api.post(&resend, &json!({"channel": "pigeon"})).await.is_problem(422, "invalid_channel");
    let key = "stage-resend-key";
    assert_eq!(api.post_with_key(&resend, key, &json!({})).await.status, StatusCode::ACCEPTED);
    let other = api.post_with_key(&resend, key, &json!({"channel": "sms"})).await;
    other.is_problem(422, "idempotency_key_reused");
    for _ in 0..2 {
        assert_eq!(api.post(&resend, &json!({})).await.status, StatusCode::ACCEPTED);
    }
    api.post(&resend, &json!({})).await.is_problem(429, "resend_limit_reached");
}

/// How many codes are requested for somebody until the next is refused.
async fn requests_until_refused(api: &Api, identifier: &str) -> usize {
    let mut calls = 0;
    while request(api, identifier).await.code() != "rate_limited" {
        calls += 1;
        assert!(calls < 100, "there is no limit");
    }
    calls
}

async fn beside_the_api(api: &Api) {
    for (path, status) in [
        ("/v1/health", 200),
        ("/v1/password-policy", 200),
        ("/openapi.json", 200),
        ("/.well-known/change-password", 302),
    ] {
        assert_eq!(api.send(api.request("GET", path)).await.status, status, "{path}");
    }
    let served = api.send(api.request("GET", "/openapi.json")).await.body;
    assert_eq!(served["openapi"], "3.1.0");
    api.send(api.request("GET", "/nowhere")).await.is_problem(404, "not_found");
    api.send(api.request("PUT", "/v1/password")).await.is_problem(405, "method_not_allowed");
}

/// Bodies that every operation with a body refuses.
async fn bodies(api: &Api) {
    for route in ROUTES.iter().filter(|route| route.method == "POST") {
        let path = route.path.replace("{challenge_id}", "AAAAAAAAAAAAAAAAAAAAAA");
        let send = |content_type: &str, body: String| {
            api.send(api.request("POST", &path).header("content-type", content_type).body(body))
        };
        send("application/json", "{".to_owned()).await.is_problem(400, "invalid_request");
        // An object: what is none, a stage's gateway refuses as such.
        send("application/json", format!("{{}}{}", " ".repeat(8 * 1024)))
            .await
            .is_problem(413, "body_too_large");
        send("text/plain", "{}".to_owned()).await.is_problem(415, "unsupported_media_type");
    }
}

async fn sessions(api: &Api, person: &Person) {
    let current = ["GET", "DELETE"].map(|method| (method, "/v1/sessions/current"));
    for (method, path) in current.into_iter().chain([("DELETE", "/v1/sessions")]) {
        let token = api.sign_in(&person.email, OLD_PASSWORD).await.text("session_token");
        let call = |token: String| api.send(api.request(method, path).bearer_auth(token));
        assert!(call(token).await.status.is_success());
        call("none".to_owned()).await.is_problem(401, "session_invalid");
    }
    api.sign_in(&person.email, "wrong").await.is_problem(401, "credentials_invalid");
    api.sign_in("nobody", "wrong").await.is_problem(422, "invalid_identifier");
}

/// Asks for a code with everything that this stack wants.
async fn request(api: &Api, identifier: &str) -> Answer {
    api.post("/v1/challenges", &json!({"identifier": identifier, "postal_code": POSTAL_CODE})).await
}

/// The path of a new challenge, and its code.
async fn challenge(api: &Api, person: &Person) -> (String, String) {
    let answer = request(api, &person.email).await;
    let message = api.message(&person.email, &answer.text("reference")).await;
    let path = format!("/v1/challenges/{}", answer.text("challenge_id"));
    (path, message["code"].as_str().unwrap().to_owned())
}

async fn requests(api: &Api) {
    let identifier = "contract-nobody@example.com";
    assert_eq!(request(api, identifier).await.status, StatusCode::ACCEPTED);
    api.request_code("nobody").await.is_problem(422, "invalid_identifier");
    let pigeon = json!({"identifier": identifier, "channel": "pigeon"});
    api.post("/v1/challenges", &pigeon).await.is_problem(422, "invalid_channel");
    let mut body = json!({"identifier": identifier, "postal_code": POSTAL_CODE});
    api.post_with_key("/v1/challenges", "contract-request-key", &body).await;
    body["locale"] = "sv".into();
    let again = api.post_with_key("/v1/challenges", "contract-request-key", &body).await;
    again.is_problem(422, "idempotency_key_reused");
}

async fn password(api: &Api, person: &Person) {
    let (path, code) = challenge(api, person).await;
    let verified = api.post(&format!("{path}/verify"), &json!({"code": code})).await;
    let token = verified.text("verification_token");
    for action in ["verify", "resend"] {
        let body = if action == "verify" { json!({"code": code}) } else { json!({}) };
        api.post(&format!("{path}/{action}"), &body).await.is_problem(410, "challenge_used");
    }
    api.set_password(&token, "short").await.is_problem(422, "password_rejected");
    let with_key = |password: &str| {
        let request = api.request("POST", "/v1/password").header("idempotency-key", "contract-password-key");
        api.send(request.bearer_auth(&token).json(&json!({"password": password})))
    };
    assert_eq!(with_key(NEW_PASSWORD).await.status, StatusCode::OK);
    with_key(OLD_PASSWORD).await.is_problem(422, "idempotency_key_reused");
    api.set_password(&token, NEW_PASSWORD).await.is_problem(401, "verification_token_invalid");
}

async fn guesses(api: &Api, person: &Person) {
    let (path, code) = challenge(api, person).await;
    let verify = format!("{path}/verify");
    let guess = json!({"code": wrong(&code)});
    api.post_with_key(&verify, "contract-verify-key", &guess).await.is_problem(422, "code_incorrect");
    let other = api.post_with_key(&verify, "contract-verify-key", &json!({"code": code})).await;
    other.is_problem(422, "idempotency_key_reused");
    for _ in 0..4 {
        api.post(&verify, &guess).await;
    }
    api.post(&verify, &guess).await.is_problem(410, "attempts_exhausted");
    api.post(&format!("{path}/resend"), &json!({})).await.is_problem(410, "attempts_exhausted");
    for (action, body) in [("verify", guess), ("resend", json!({}))] {
        let path = format!("{UNKNOWN_CHALLENGE}/{action}");
        api.post(&path, &body).await.is_problem(404, "challenge_not_found");
    }
}

async fn resends(api: &Api, person: &Person) {
    let (path, code) = challenge(api, person).await;
    let resend = format!("{path}/resend");
    api.post(&resend, &json!({"channel": "pigeon"})).await.is_problem(422, "invalid_channel");
    api.post(&resend, &json!({})).await.is_problem(429, "resend_too_soon");
    api.move_clock(61).await;
    let key = "contract-resend-key";
    assert_eq!(api.post_with_key(&resend, key, &json!({})).await.status, StatusCode::ACCEPTED);
    let other = api.post_with_key(&resend, key, &json!({"channel": "sms"})).await;
    other.is_problem(422, "idempotency_key_reused");
    api.post(&resend, &json!({})).await.is_problem(429, "resend_limit_reached");
    api.move_clock(61 + 601).await;
    api.post(&resend, &json!({})).await.is_problem(410, "challenge_expired");
    let late = api.post(&format!("{path}/verify"), &json!({"code": code})).await;
    late.is_problem(410, "challenge_expired");
    // What `requests` asked for with this key.
    let body = json!({"identifier": "contract-nobody@example.com", "postal_code": POSTAL_CODE});
    let late = api.post_with_key("/v1/challenges", "contract-request-key", &body).await;
    late.is_problem(410, "challenge_expired");
}

/// The refusal after wrong passwords for an identifier, and after how many.
async fn sign_ins_until_refused(api: &Api, identifier: &str) -> (String, usize) {
    let mut calls = 0;
    loop {
        let answer = api.sign_in(identifier, "wrong").await;
        if answer.code() != "credentials_invalid" {
            return (answer.code().to_owned(), calls);
        }
        calls += 1;
        assert!(calls < 100, "there is no limit");
    }
}

async fn spent_failures(api: &Api, person: &Person) {
    assert_eq!(sign_ins_until_refused(api, &person.email).await, ("recovery_required".into(), 5));
}

/// Calls until a limit is reached. It is reached later where an hour ends meanwhile.
async fn limits(api: &Api) {
    let challenge = UNKNOWN_CHALLENGE;
    for (path, body) in [
        ("/v1/challenges", json!({"identifier": "contract@example.com", "postal_code": POSTAL_CODE})),
        ("/v1/sessions", json!({"identifier": "contract@example.com", "password": "wrong"})),
        (&format!("{challenge}/resend"), json!({})),
        (&format!("{challenge}/verify"), json!({"code": "123456"})),
    ] {
        let mut calls = 0;
        while api.post(path, &body).await.code() != "rate_limited" {
            calls += 1;
            assert!(calls < 100, "{path} has no limit");
        }
    }
    let caller = request(api, "contract-other@example.com").await;
    caller.is_problem(429, "caller_rate_limited");
}
