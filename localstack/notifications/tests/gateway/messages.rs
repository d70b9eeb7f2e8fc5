//! `/messages`, `/health`, and what holds for every answer.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::json;

use crate::{call, delete, get, mail, messages, messages_of, request, router, send_form, send_json, text};

#[tokio::test]
async fn messages_are_found_newest_first() {
    let router = router();
    send_json(&router, mail("anna@example.com")).await;
    send_form(&router, &text("+46701234567")).await;
    send_json(&router, mail("ANNA+test@example.com")).await;
    let all = messages(&router, "").await;
    let ids: Vec<_> = all.iter().map(|message| message["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.is_sorted_by(|a, b| a > b));
    let (newest, middle, oldest) = (ids[0], ids[1], ids[2]);
    for (query, expected) in [
        ("?to=anna@example.com".to_owned(), vec![oldest]),
        ("?to=%20Anna@Example.COM%20".to_owned(), vec![oldest]),
        ("?to=anna+test@example.com".to_owned(), vec![newest]),
        ("?to=%2B46701234567".to_owned(), vec![middle]),
        ("?to=+46701234567".to_owned(), vec![middle]),
        ("?to=anna".to_owned(), vec![]),
        ("?channel=email".to_owned(), vec![newest, oldest]),
        ("?channel=sms&to=anna@example.com".to_owned(), vec![]),
        (format!("?after={oldest}"), vec![newest, middle]),
        (format!("?after={newest}"), vec![]),
        (format!("?after={oldest}&channel=email"), vec![newest]),
        ("?after=2020-01-01T00:00:00Z".to_owned(), vec![newest, middle, oldest]),
        ("?after=2999-01-01T00:00:00Z".to_owned(), vec![]),
    ] {
        let found = messages(&router, &query).await;
        let found: Vec<_> = found.iter().map(|message| message["id"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn waiting_ends_with_the_message() {
    let router = router();
    let waiting = get(&router, "/messages?to=anna@example.com&wait=60");
    let sending = async {
        send_json(&router, mail("bo@example.com")).await;
        send_json(&router, mail("anna@example.com")).await;
    };
    let (answer, ()) = tokio::join!(waiting, sending);
    assert_eq!(messages_of(&answer).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_empty_when_nothing_comes() {
    assert!(messages(&router(), "?wait=60").await.is_empty());
}

#[tokio::test]
async fn bad_searches_are_refused() {
    for query in [
        "channel=fax",
        "channel=",
        "to=",
        "after=",
        "after=yesterday",
        "wait=61",
        "wait=-1",
        "wait=",
        "form=x",
        "to=a&to=b",
    ] {
        let answer = get(&router(), &format!("/messages?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.problem(), "invalid_request");
    }
}

#[tokio::test]
async fn the_inbox_can_be_emptied() {
    let router = router();
    let id = send_json(&router, mail("anna@example.com")).await.json()["MessageId"].clone();
    delete(&router, "/messages").await;
    assert!(messages(&router, "").await.is_empty());
    let answer = get(&router, &format!("/messages/{}", id.as_str().unwrap())).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.problem(), "not_found");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let answer = get(&router(), "/nothing").await;
    assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    let answer = call(&router(), request(Method::PATCH, "/messages", "")).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
    );
    assert!(answer.header("allow").contains("GET"));
}

#[tokio::test]
async fn every_answer_has_the_common_headers() {
    let router = router();
    for path in [
        "/",
        "/inbox.css",
        "/inbox.js",
        "/messages/x/html",
        "/health",
        "/messages",
        "/messages/x",
        "/faults",
        "/nothing",
        "/_aws/ses",
    ] {
        let answer = get(&router, path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn hosts_that_an_attacker_can_own_are_refused() {
    let to = |host: &str| Request::get("/messages").header("host", host).body(Body::empty()).unwrap();
    let answer = call(&router(), to("rebind.example.com:8025")).await;
    assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::FORBIDDEN, "host_not_allowed"));
    assert_eq!(answer.header("cache-control"), "no-store");
    for host in ["127.0.0.1:8025", "notifications:8025", "localhost"] {
        assert_eq!(call(&router(), to(host)).await.status, StatusCode::OK, "{host}");
    }
    let without = Request::get("/messages").body(Body::empty()).unwrap();
    assert_eq!(call(&router(), without).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_health_check_answers() {
    assert_eq!(get(&router(), "/health").await.json(), json!({ "status": "ok" }));
}
