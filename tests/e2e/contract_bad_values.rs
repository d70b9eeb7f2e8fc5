//! Values that are none: in members, as tokens and as idempotency keys. They are made of the addresses of
//! somebody with an account, whom they must not reach.

use reqwest::RequestBuilder;
use serde_json::json;

use crate::contract_bad_input::{UNKNOWN, Watched, operations, post, text};
use crate::harness::{Api, OLD_PASSWORD, Person};

/// Texts that are no identifier, however near they come to somebody's.
fn no_identifiers(person: &Person) -> Vec<String> {
    let Person { email, phone } = person;
    let (local, domain) = email.split_once('@').unwrap();
    let other = "bad-input@example.com";
    let long = "x".repeat(8_000);
    // The digits of other scripts, from their zero.
    let digits = |zero: char| {
        let digit = |c: char| char::from_u32(u32::from(zero) + c.to_digit(10)?);
        phone.chars().map(|c| digit(c).unwrap_or(c)).collect::<String>()
    };
    let mut texts: Vec<String> =
        ["", " ", "\0", "+", "@", "+00000000", "' OR 1=1 --"].map(str::to_owned).into();
    texts.extend([
        // One identifier is one string: no lists, no names, no headers.
        format!("{email},{other}"),
        format!("{other},{email}"),
        format!("{email};{other}"),
        format!("{email} {other}"),
        format!("{email}\r\nBcc: {other}"),
        format!("{other}\r\nBcc: {email}"),
        format!("{email}\0"),
        format!("{other}\0{email}"),
        format!("{local}\0@{domain}"),
        format!("<{email}>"),
        format!("Kim <{email}>"),
        format!("mailto:{email}"),
        format!("{email}?cc={other}"),
        format!("\"{local}\"@{domain}"),
        format!("{local}(kim)@{domain}"),
        format!("{local}@{domain}."),
        format!("{local}@@{domain}"),
        format!("{local}@[127.0.0.1]"),
        format!("{local}@127.0.0.1"),
        format!("{local}@localhost"),
        local.to_owned(),
        // What looks the same, or like nothing at all where it doesn't surround the address.
        format!("\u{a0}{email}"),
        email.replacen('-', "\u{200b}-", 1),
        email.replacen('@', "\u{200e}@", 1),
        email.replacen(".com", "\u{fe0f}.com", 1),
        email.replacen('o', "\u{43e}", 1),
        email.replacen('p', "\u{ff50}", 1),
        email.replacen('p', "P\u{301}", 1),
        email.replacen('@', "\u{ff20}", 1),
        email.replace("@e", "@\u{ff45}"),
        email.replace("@e", "@\u{200d}e"),
        email.replace(".com", "\u{3002}com"),
        email.replace(".com", "\u{ff0e}com"),
        // One number is one string too.
        format!("{phone},{other}"),
        format!("{phone},{phone}"),
        format!("{phone};ext=1"),
        format!("tel:{phone}"),
        format!("{phone}\0"),
        format!("{} {}", &phone[..3], &phone[3..]),
        format!("{}-{}", &phone[..3], &phone[3..]),
        phone.replace("+46", "0"),
        phone.replace("+46", "0046"),
        phone.replace("+46", "46"),
        // A trunk prefix, and a calling code that no country has.
        phone.replace("+46", "+460"),
        phone.replace("+46", "+999"),
        phone.replace("+46", "+881"),
        phone.replace('+', "\u{ff0b}"),
        phone.replacen('7', "\u{ff17}", 1),
        digits('\u{ff10}'),
        digits('\u{660}'),
        digits('\u{1d7ce}'),
        // Long ones.
        long.clone(),
        format!("{long}@{domain}"),
        format!("{local}@{long}.com"),
        format!("+{long}"),
    ]);
    assert!(texts.iter().all(|text| text != email && text != phone));
    texts
}

#[tokio::test]
async fn identifiers_that_are_none_are_refused_and_reach_nobody() {
    let watched = Watched::start().await;
    let (api, person) = (&watched.api, watched.person());
    for text in no_identifiers(&person) {
        let requested = api.request_code(&text).await;
        assert_eq!((requested.status.as_u16(), requested.code()), (422, "invalid_identifier"), "{text:?}");
        let signed_in = api.sign_in(&text, OLD_PASSWORD).await;
        assert_eq!((signed_in.status.as_u16(), signed_in.code()), (422, "invalid_identifier"), "{text:?}");
    }
    watched.nothing_happened().await;
}

#[tokio::test]
async fn bodies_that_name_somebody_in_another_form_are_refused_and_reach_nobody() {
    let watched = Watched::start().await;
    let (api, person) = (&watched.api, watched.person());
    for identifier in [&person.email, &person.phone] {
        let other = "bad-input@example.com";
        for (path, rest) in
            [("/v1/challenges", String::new()), ("/v1/sessions", format!(r#","password":"{OLD_PASSWORD}""#))]
        {
            for form in [
                format!(r#"{{"identifier":["{identifier}"]{rest}}}"#),
                format!(r#"{{"identifier":["{identifier}","{other}"]{rest}}}"#),
                format!(r#"{{"identifier":["{other}","{identifier}"]{rest}}}"#),
                format!(r#"{{"identifier":[["{identifier}"]]{rest}}}"#),
                format!(r#"{{"identifier":{{"email":"{identifier}"}}{rest}}}"#),
                format!(r#"{{"identifier":{{"$eq":"{identifier}"}}{rest}}}"#),
                format!(r#"{{"identifier":"{other}","identifier":"{identifier}"{rest}}}"#),
                format!(r#"{{"identifier":"{identifier}","identifier":"{other}"{rest}}}"#),
                format!(r#"{{"identifier":"{identifier}","identifier":"{identifier}"{rest}}}"#),
                format!(r#"{{"identifier":"{other}","\u0069dentifier":"{identifier}"{rest}}}"#),
                format!(r#"{{"identifier":"{identifier}","to":"{other}"{rest}}}"#),
                format!(r#"{{"identifier":"{identifier}","email":"{other}"{rest}}}"#),
                format!(r#"{{"identifier[]":"{identifier}"{rest}}}"#),
                format!(r#"{{"Identifier":"{identifier}"{rest}}}"#),
                format!(r#"[{{"identifier":"{identifier}"{rest}}}]"#),
                format!(r#"{{"identifier":"{identifier}"{rest}}} {{"identifier":"{other}"{rest}}}"#),
            ] {
                let answer = api.send(post(api, path, "application/json", form.clone())).await;
                assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_request"), "{form}");
            }
        }
        for channel in
            [json!(["sms"]), json!(["email", "sms"]), json!({"to": "email"}), json!(null), json!(1)]
        {
            let body = json!({"identifier": identifier, "channel": channel});
            api.post("/v1/challenges", &body).await.is_problem(400, "invalid_request");
        }
    }
    watched.nothing_happened().await;
}

#[tokio::test]
async fn values_that_are_none_have_their_problem() {
    let watched = Watched::start().await;
    let (api, person) = (&watched.api, watched.person());
    for (member, value, status, code) in [
        ("channel", "pigeon", 422, "invalid_channel"),
        ("channel", "", 422, "invalid_channel"),
        ("channel", "email,sms", 422, "invalid_channel"),
        ("channel", "\u{0}", 422, "invalid_channel"),
        ("channel", "Email", 422, "invalid_channel"),
        ("channel", "email ", 422, "invalid_channel"),
        ("purpose", "world_domination", 400, "invalid_request"),
        ("purpose", "\u{0}", 400, "invalid_request"),
        ("purpose", "", 400, "invalid_request"),
        ("purpose", "PASSWORD_RESET", 400, "invalid_request"),
    ] {
        let body = json!({"identifier": person.email, member: value});
        let answer = api.post("/v1/challenges", &body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{member}: {value:?}");
        if member == "channel" {
            api.resend(UNKNOWN, &json!({"channel": value})).await.is_problem(status, code);
        }
    }
    for code in [
        "\u{0}",
        "12345\u{0}",
        "+12345",
        "1234567",
        "0x1234",
        "1e5000",
        "12.456",
        "١٢٣٤٥",
        "123٤56",
        "½12345",
    ] {
        api.verify(UNKNOWN, code).await.is_problem(400, "invalid_request");
    }
    watched.nothing_happened().await;
}

/// Every call that wants a token.
fn calls_with_tokens(api: &Api) -> Vec<(RequestBuilder, &'static str)> {
    let password = json!({"password": "a password that is long"});
    vec![
        (api.request("POST", "/v1/password").json(&password), "verification_token_invalid"),
        (api.request("GET", "/v1/sessions/current"), "session_invalid"),
        (api.request("DELETE", "/v1/sessions/current"), "session_invalid"),
        (api.request("DELETE", "/v1/sessions"), "session_invalid"),
    ]
}

#[tokio::test]
async fn tokens_of_every_form_are_invalid() {
    let watched = Watched::start().await;
    let (api, token) = (&watched.api, "A".repeat(64));
    let values = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer x".to_owned(),
        "Bearer null".to_owned(),
        token.clone(),
        format!("Bearer {token}"),
        format!("bearer   {token}"),
        format!("Bearer\t{token}"),
        format!("Bearer {token} x"),
        format!("Bearer {token},"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer \"{token}\""),
        format!("Bearer token={token}"),
        format!("Bearer {}", &token[1..]),
        format!("Bearer {token}A"),
        format!("Bearer {}=", &token[1..]),
        format!("Bearer {}+", &token[1..]),
        format!("Bearer {}\u{e9}", &token[2..]),
        format!("Bearer {}", "A".repeat(16_000)),
        format!("Basic {token}"),
        format!("Token {token}"),
        "Basic YWxpY2U6cGFzc3dvcmQ=".to_owned(),
        "AWS4-HMAC-SHA256 Credential=x/y/z, SignedHeaders=host, Signature=0".to_owned(),
    ];
    for value in &values {
        for (request, code) in calls_with_tokens(api) {
            api.send(request.header("authorization", value)).await.is_problem(401, code);
        }
    }
    for (request, code) in calls_with_tokens(api) {
        api.send(request).await.is_problem(401, code);
    }
    for (request, code) in calls_with_tokens(api) {
        let twice = request.bearer_auth(&token).header("authorization", format!("Bearer {token}"));
        api.send(twice).await.is_problem(401, code);
    }
    for (request, code) in calls_with_tokens(api) {
        // A body is nothing to these, and so is where else a token could stand.
        let request = request.header("cookie", format!("session_token={token}")).header("x-api-key", &token);
        api.send(request).await.is_problem(401, code);
    }
    watched.nothing_happened().await;
}

#[tokio::test]
async fn idempotency_keys_that_are_none_are_refused() {
    let watched = Watched::start().await;
    let api = &watched.api;
    let long = "k".repeat(256);
    for (path, body) in operations().into_iter().filter(|(path, _)| path != "/v1/sessions") {
        let request = || post(api, &path, "application/json", text(&body));
        for key in ["", "short", "fifteen-letters", "with a space in it", "with\ta\ttab\tin\tit", &long] {
            api.send(request().header("idempotency-key", key)).await.is_problem(400, "invalid_request");
        }
        let odd = request().header("idempotency-key", "not-ascii-\u{e9}-at-all");
        api.send(odd).await.is_problem(400, "invalid_request");
        let (one, other) = ("a-first-key-of-two", "a-second-key-of-two");
        let twice = request().header("idempotency-key", one).header("idempotency-key", other);
        api.send(twice).await.is_problem(400, "invalid_request");
    }
    watched.nothing_happened().await;
}
