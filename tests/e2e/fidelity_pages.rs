//! Pages in API Gateway's events of both kinds, below whatever path the API has there.

use std::collections::BTreeSet;

use regain_harness::html::Html;
use regain_http_api::pages::PAGES;
use regain_http_api::routes::{Route, all, path_matches};
use reqwest::Url;
use serde_json::{Value, json};

use crate::browser::read_flow;
use crate::fidelity::{Functions, Kind, fixture, set_header};
use crate::harness::Answer;

/// The status of a page's answer to a browser without cookies. The stage isn't a local stack: it has no inbox.
fn status(route: &Route) -> u16 {
    match (route.method, route.path) {
        ("POST", _) => 403,
        ("GET", "/") => 302,
        ("GET", "/assets/{name}") => 404,
        ("GET", "/recover" | "/recover/link" | "/sign-in") => 200,
        ("GET", _) => 303,
        other => panic!("{other:?}"),
    }
}

/// A page's request as an event: of a browser, with these cookies.
fn event(route: &Route, kind: Kind, base: &str, cookies: &[&str], body: &str) -> Value {
    let below = route.path.replace("{name}", "nothing");
    let path = format!("{base}{below}");
    let mut event = fixture(kind);
    event["pathParameters"] = if route.path == below { Value::Null } else { json!({ "name": "nothing" }) };
    event["body"] = if body.is_empty() { Value::Null } else { body.into() };
    set_header(&mut event, kind, "Accept", &["text/html"]);
    set_header(&mut event, kind, "Content-Type", &["application/x-www-form-urlencoded"]);
    match kind {
        Kind::Rest => {
            event["resource"] = route.path.into();
            event["path"] = path.as_str().into();
            event["httpMethod"] = route.method.into();
            event["requestContext"]["httpMethod"] = route.method.into();
            event["requestContext"]["path"] = path.into();
            event["requestContext"]["resourcePath"] = route.path.into();
            if !cookies.is_empty() {
                set_header(&mut event, kind, "Cookie", &[&cookies.join("; ")]);
            }
        }
        Kind::Http => {
            let key = format!("{} {}", route.method, route.path);
            event["routeKey"] = key.as_str().into();
            event["rawPath"] = path.as_str().into();
            event["requestContext"]["routeKey"] = key.into();
            event["requestContext"]["http"]["method"] = route.method.into();
            event["requestContext"]["http"]["path"] = path.into();
            event["cookies"] = json!(cookies);
        }
    }
    event
}

/// The cookies that an answer sets: in a member of their own (HTTP), or among the headers (REST).
fn cookies(raw: &Value, kind: Kind) -> Vec<String> {
    let list = match kind {
        Kind::Rest => &raw["multiValueHeaders"]["set-cookie"],
        Kind::Http => &raw["cookies"],
    };
    list.as_array().into_iter().flatten().map(|cookie| cookie.as_str().unwrap().to_owned()).collect()
}

/// Fails unless everything that an answer leads to is there below the same path.
fn leads_below(answer: &Answer, base: &str, path: &str) {
    let here = Url::parse(&format!("https://example.com{base}{path}")).unwrap();
    let page = Html::parse(answer.body.as_str().unwrap_or_default());
    let links = ["href", "src", "action"].map(|name| {
        let with = page.elements.iter().filter_map(move |element| element.attributes.get(name));
        with.cloned().collect::<Vec<_>>()
    });
    let location = answer.headers.get("location").map(|value| value.to_str().unwrap().to_owned());
    let mut count = 0;
    for link in links.concat().into_iter().chain(location).filter(|link| !link.contains(':')) {
        count += 1;
        assert_eq!(link.starts_with('/'), base.is_empty(), "{link} on {base}{path}");
        let there = here.join(&link).unwrap();
        let below = there.path().strip_prefix(base).unwrap_or_else(|| panic!("{link} on {base}{path}"));
        assert!(all().any(|route| path_matches(route.path, below)), "{link} on {base}{path} is {below}");
    }
    assert!(count > 0, "{answer:?}");
}

#[tokio::test]
async fn pages_are_answered_alike_in_both_kinds_of_event_and_lead_on_below_any_path() {
    let mut functions = Functions::start().await;
    let mut answered = BTreeSet::new();
    for route in PAGES {
        for base in ["", "/prod", "/auth", "/public/auth"] {
            let mut both = Vec::new();
            for kind in Kind::ALL {
                let event = event(route, kind, base, &[], "");
                let answer = functions.answer(route.function, &event).await;
                assert_eq!(answer.status.as_u16(), status(route), "{route:?} {answer:?}");
                leads_below(&answer, base, &route.path.replace("{name}", "nothing"));
                let names = answer.headers.keys().map(reqwest::header::HeaderName::as_str);
                let names = names.filter(|name| *name != "set-cookie").map(str::to_owned);
                both.push(names.collect::<BTreeSet<_>>());
            }
            assert_eq!(both[0], both[1], "{route:?}");
        }
        answered.insert(route.operation);
    }
    assert_eq!(answered.len(), PAGES.len());
    functions.check_alive();
}

#[tokio::test]
async fn a_cookie_and_its_form_come_back_in_both_kinds_of_event() {
    let functions = Functions::start().await;
    let [page, form] = ["recoverPage", "recoverForm"]
        .map(|operation| PAGES.iter().find(|route| route.operation == operation).unwrap());
    for kind in Kind::ALL {
        for base in ["", "/prod"] {
            let raw =
                functions.harness.invoke(page.function, &event(page, kind, base, &[], "")).await.unwrap();
            let set = cookies(&raw, kind);
            let [cookie] = &set[..] else { panic!("{raw}") };
            let (pair, attributes) = cookie.split_once("; ").unwrap();
            assert!(pair.starts_with("__Host-regain-flow=") && attributes.contains("Secure"), "{cookie}");
            let csrf = read_flow(pair.split_once('=').unwrap().1)["csrf"].as_str().unwrap().to_owned();
            let body = format!("csrf={csrf}&identifier=nobody%20at%20all");
            for cookies in [vec![pair], vec!["a=1", pair, "b=2"]] {
                let event = event(form, kind, base, &cookies, &body);
                let answer = functions.answer(form.function, &event).await;
                assert_eq!(answer.status, 422, "{answer:?}");
            }
            let foreign = event(form, kind, base, &[pair, pair], &body);
            assert_eq!(functions.answer(form.function, &foreign).await.status, 403);
        }
    }
}
