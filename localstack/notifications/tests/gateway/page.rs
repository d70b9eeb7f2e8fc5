//! The inbox page, and who is told of sends.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use regain_notifications::{Gateway, SendReport};
use serde_json::json;

use crate::{Answer, SES, call, delete, get, mail, put_fault, router, send_form, send_json, text};

/// The page for a query; it is whole and has its headers.
async fn page(router: &Router, query: &str) -> Answer {
    let page = get(router, &format!("/{query}")).await;
    assert_eq!(page.status, StatusCode::OK, "{query}");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text().ends_with("</html>"));
    page
}

/// The ids of the messages in the list, from the top.
fn listed(page: &Answer) -> Vec<&str> {
    page.text().split("<a id=\"m-").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The id of the message that is read.
fn shown(page: &Answer) -> Option<&str> {
    let (_, rest) = page.text().split_once("data-id=\"")?;
    rest.split('"').next()
}

#[tokio::test]
async fn messages_are_listed_and_read_without_a_script() {
    let router = router();
    let empty = page(&router, "").await;
    assert!(empty.text().contains("0 messages") && empty.text().contains("as soon as they are sent"));
    assert_eq!((listed(&empty), shown(&empty)), (vec![], None));

    let first = send_json(&router, mail("anna@example.com")).await.json()["MessageId"].clone();
    send_form(&router, &text("+46701234567")).await;
    let all = page(&router, "").await;
    let ids = listed(&all);
    assert_eq!(ids.len(), 2);
    assert_eq!((ids[1], shown(&all)), (first.as_str().unwrap(), Some(ids[0])), "the newest is read");
    for part in
        ["2 messages", "Text message", "+46701234567", ">654321</code>", "X2B", "@acme.example #654321"]
    {
        assert!(all.text().contains(part), "{part}");
    }
    for (query, found) in [
        ("?to=ANNA", vec![ids[1]]),
        ("?to=+4670", vec![ids[0]]),
        ("?to=nobody", vec![]),
        ("?channel=email", vec![ids[1]]),
        ("?channel=sms&to=anna", vec![]),
        ("?channel=fax&view=film&to=&x=y", ids.clone()),
    ] {
        let page = page(&router, query).await;
        assert_eq!(listed(&page), found, "{query}");
        assert_eq!(shown(&page), found.first().copied(), "{query}");
    }
    let pinned = page(&router, &format!("?message={}&channel=sms", ids[1])).await;
    assert_eq!((listed(&pinned), shown(&pinned)), (vec![ids[0]], Some(ids[1])));
    let gone = page(&router, "?message=0000000000000000").await;
    assert!(shown(&gone).is_none() && gone.text().contains("not in the inbox any more"));
}

#[tokio::test]
async fn a_message_is_shown_as_html_text_and_source() {
    let router = router();
    let id = send_json(&router, mail("anna@example.com")).await.json()["MessageId"].clone();
    let id = id.as_str().unwrap();
    let html = page(&router, "").await;
    let frame = format!(
        "<iframe title=\"The message as HTML\" sandbox=\"allow-popups allow-popups-to-escape-sandbox\" \
         src=\"/messages/{id}/html\">"
    );
    assert!(html.text().contains(&frame), "{}", html.text());
    let text_view = page(&router, "?view=text").await;
    assert!(text_view.text().contains("\nYour code: 123 456\nReference: K7F\n</pre>"));
    assert!(!text_view.text().contains("<iframe"));
    let source = page(&router, "?view=source").await;
    for part in ["From: Acme &#60;no-reply@acme.example&#62;", "Subject: Your code", "&#60;b&#62;123456"] {
        assert!(source.text().contains(part), "{part}: {}", source.text());
    }
    send_form(&router, &text("+46701234567")).await;
    let without_html = page(&router, "?view=html").await;
    assert!(without_html.text().contains("<pre class=\"text\"") && !without_html.text().contains("<iframe"));
    let source = page(&router, "?view=source").await;
    assert!(source.text().contains("AWS.SNS.SMS.SMSType (String): Transactional"), "{}", source.text());
}

#[tokio::test]
async fn the_html_of_a_message_is_a_document_that_runs_and_reaches_nothing() {
    let router = router();
    let id = send_json(&router, mail("anna@example.com")).await.json()["MessageId"].clone();
    let document = get(&router, &format!("/messages/{}/html", id.as_str().unwrap())).await;
    assert_eq!(document.text(), "<base target=\"_blank\"><p>Your code: <b>123456</b></p>");
    let policy = document.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(policy.ends_with("sandbox allow-popups allow-popups-to-escape-sandbox"), "{policy}");
    assert_eq!(document.header("referrer-policy"), "no-referrer");

    send_form(&router, &text("+46701234567")).await;
    let message = page(&router, "").await;
    for id in [shown(&message).unwrap(), "0000000000000000", "x"] {
        let answer = get(&router, &format!("/messages/{id}/html")).await;
        assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    }
}

#[tokio::test]
async fn nothing_in_a_message_becomes_a_part_of_the_page() {
    let router = router();
    let mut message = mail("\"><script>alert(1)</script>\"@example.com");
    message["Destination"]["ToAddresses"] = json!(["anna@example.com"]);
    message["Content"]["Simple"]["Subject"]["Data"] = json!("\"><script>1</script>");
    message["Content"]["Simple"]["Body"]["Text"]["Data"] =
        json!("</pre><script>2</script> javascript:alert(3) http://a.test/\"onclick=\"4 'https://b.test/'");
    send_json(&router, message).await;
    for query in ["", "?view=text", "?view=source", "?to=\"><script>5</script>"] {
        let query = query.replace('"', "%22").replace('<', "%3C").replace('>', "%3E");
        let page = page(&router, &query).await;
        assert_eq!(page.text().matches("<script").count(), 1, "{query}");
        assert!(!page.text().contains("href=\"javascript"), "{query}");
        assert!(!page.text().contains("\"onclick"), "{query}");
    }
    let page = page(&router, "").await;
    assert!(page.text().contains("href=\"http://a.test/\" target=\"_blank\" rel=\"noopener noreferrer\""));
}

#[tokio::test]
async fn the_page_has_a_strict_policy_and_its_parts_are_files() {
    let router = router();
    let page = page(&router, "").await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(policy.ends_with("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
    for (path, kind) in
        [("/inbox.css", "text/css; charset=utf-8"), ("/inbox.js", "text/javascript; charset=utf-8")]
    {
        assert!(page.text().contains(&format!("=\"{path}\"")), "{path}");
        let part = get(&router, path).await;
        assert_eq!((part.status, part.header("content-type")), (StatusCode::OK, kind));
    }
}

#[tokio::test]
async fn a_page_that_has_not_changed_is_not_sent_again() {
    let router = router();
    let again = |tag: &str| {
        let request = Request::get("/").header("host", "localhost").header("if-none-match", tag);
        let (router, request) = (router.clone(), request.body(Body::empty()).unwrap());
        async move { call(&router, request).await.status }
    };
    let mut tag = page(&router, "").await.header("etag").to_owned();
    assert_eq!(again(&tag).await, StatusCode::NOT_MODIFIED);
    for change in ["message", "fault", "no fault", "no message"] {
        match change {
            "message" => drop(send_json(&router, mail("anna@example.com")).await),
            "fault" => drop(put_fault(&router, json!({"fault": "throttle", "count": 2})).await),
            "no fault" => delete(&router, "/faults").await,
            _ => delete(&router, "/messages").await,
        }
        assert_eq!(again(&tag).await, StatusCode::OK, "{change}");
        page(&router, "").await.header("etag").clone_into(&mut tag);
        assert_eq!(again(&tag).await, StatusCode::NOT_MODIFIED, "{change}");
    }
}

#[tokio::test]
async fn faults_in_force_are_shown() {
    let router = router();
    assert!(page(&router, "").await.text().contains("Every message is taken and arrives."));
    put_fault(
        &router,
        json!({"fault": "bounce", "channel": "sms", "to": "+46701234567", "count": 2, "rate": 0.5}),
    )
    .await;
    let page = page(&router, "").await;
    for part in [
        "1 on",
        "<code>bounce</code>",
        "Channel: Text message.",
        "+46701234567",
        "Left: 2.",
        "Probability: 0.5.",
    ] {
        assert!(page.text().contains(part), "{part}");
    }
}

#[tokio::test]
async fn whoever_watches_hears_of_each_send_and_nothing_that_it_says() {
    let heard = Arc::<Mutex<Vec<SendReport>>>::default();
    let hearing = Arc::clone(&heard);
    let router = Gateway::watched_by(move |report| hearing.lock().unwrap().push(report.clone())).router();
    let request = Request::post(SES).header("x-amzn-trace-id", "Root=1-2-3;Parent=4;Sampled=0");
    call(&router, request.body(Body::from(mail("canary@example.com").to_string())).unwrap()).await;
    put_fault(&router, json!({"fault": "throttle"})).await;
    send_form(&router, &text("+46701234567")).await;
    // What no service would take is no send.
    send_json(&router, json!({})).await;
    let heard = heard.lock().unwrap();
    let report = |channel, fault, reference: &str, trace_id: Option<&str>| SendReport {
        channel,
        fault,
        reference: Some(reference.to_owned()),
        trace_id: trace_id.map(str::to_owned),
    };
    let trace = Some("Root=1-2-3;Parent=4;Sampled=0");
    assert_eq!(*heard, [report("email", None, "K7F", trace), report("sms", Some("throttle"), "X2B", None)]);
}
