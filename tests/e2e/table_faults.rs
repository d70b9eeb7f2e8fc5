//! Answers when the table is away, throttles, or may not be used: the functions themselves, over a
//! DynamoDB that is in such fault.

use std::collections::BTreeSet;

use axum::http::Request;
use futures_util::future::join_all;
use regain_harness::{Harness, InjectedFault, Instance};
use regain_http_api::routes::{ROUTES, Route};
use serde_json::json;

use crate::contract_document::{CONTRACT, Case};
use crate::fidelity::answer_of;
use crate::harness::{Answer, NEW_PASSWORD};
use crate::round_trips::start_all;

/// The functions over a table that gets into fault.
pub(crate) struct FaultyTable {
    harness: Harness,
    _instances: Vec<Instance>,
}

impl FaultyTable {
    pub(crate) async fn start() -> Self {
        let harness = Harness::start(&[("REGAIN_ARGON2_MEMORY_KIB", "64")]).await.unwrap();
        let instances = start_all(&harness).await;
        Self { harness, _instances: instances }
    }

    /// The answers of every operation that uses the table, held to the document.
    async fn answers(&self) -> Vec<(&'static Route, Answer, Option<Case>)> {
        // Functions have a process each, which takes one request at a time: what waits, waits for others.
        let calls = ROUTES.iter().filter(|route| route.function != "meta").map(|route| async move {
            let path = route.path.replace("{challenge_id}", "AAAAAAAAAAAAAAAAAAAAAA");
            let body = match (route.method, route.function) {
                ("POST", "request-code") => json!({"identifier": "alice@example.com"}).to_string(),
                ("POST", "resend-code") => json!({}).to_string(),
                ("POST", "verify-code") => json!({"code": "123456"}).to_string(),
                ("POST", "set-password") => json!({"password": NEW_PASSWORD}).to_string(),
                ("POST", "sessions") => {
                    json!({"identifier": "alice@example.com", "password": "x"}).to_string()
                }
                ("POST", other) => panic!("what does {other} take?"),
                _ => String::new(),
            };
            let request = Request::builder()
                .method(route.method)
                .uri(&path)
                .header("content-type", "application/json")
                .header("authorization", format!("Bearer {}", "A".repeat(64)))
                .body(body)
                .unwrap();
            let (function, event) = regain_harness::event(&request);
            assert_eq!(function, route.function);
            let answer = answer_of(&self.harness.invoke(function, &event).await.unwrap());
            let case = CONTRACT.check(route.method, &path, &answer);
            (route, answer, case)
        });
        join_all(calls).await
    }

    /// Fails unless every operation that uses the table answers so in such fault, and tells nothing of it; gives
    /// what was answered, in the document's terms.
    pub(crate) async fn answer(&self, fault: InjectedFault, status: u16, code: &str) -> BTreeSet<Case> {
        self.harness.proxy.inject(Some(fault));
        let answers = self.answers().await;
        self.harness.proxy.inject(None);
        for (route, answer, _) in &answers {
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (status, code),
                "{fault:?}: {route:?} {answer:?}"
            );
            answer.is_problem(status, code);
            let shown = format!("{answer:?}").to_lowercase();
            for word in ["dynamo", "throughput", "denied", "authorized", "arn:", "table", "127.0.0.1"] {
                assert!(!shown.contains(word), "{word} in {shown}");
            }
        }
        answers.into_iter().filter_map(|(_, _, case)| case).collect()
    }
}

#[tokio::test]
async fn without_the_table_every_operation_is_unavailable_and_says_when_to_come_back() {
    let faulty = FaultyTable::start().await;
    for fault in [InjectedFault::Away, InjectedFault::Throttled] {
        // That there is a `Retry-After`, the document demands.
        faulty.answer(fault, 503, "service_unavailable").await;
    }
    // It passes, and no process has to be started anew for that.
    for (route, answer, _) in faulty.answers().await {
        assert!(answer.status.as_u16() < 500, "{route:?} {answer:?}");
    }
}
