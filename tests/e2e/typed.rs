//! Input as people type and paste it: codes, addresses and numbers as phones, keyboards and web pages make them, and
//! what their devices say of themselves.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{OLD_PASSWORD, Stack, wrong};
use crate::multi_process::MultiProcess;

#[tokio::test]
async fn a_code_is_read_as_a_person_sees_it() {
    let stack = Stack::shared();
    let api = stack.client();
    // The digits of a script, from its zero.
    let written = |code: &str, zero: char| -> String {
        code.chars().map(|c| char::from_u32(u32::from(zero) + c.to_digit(10).unwrap()).unwrap()).collect()
    };
    let forms: [&dyn Fn(&str) -> String; 8] = [
        &|code| format!("{} {}", &code[..3], &code[3..]),
        &|code| format!("\u{a0}{}\u{202f}{}\n", &code[..3], &code[3..]),
        &|code| format!("{}\u{2011}{}\u{2013}{}", &code[..2], &code[2..4], &code[4..]),
        &|code| format!("{}\u{2212}{}", &code[..3], &code[3..]),
        &|code| format!("\u{200e}{}\u{200b}{}\u{feff}", &code[..3], &code[3..]),
        &|code| written(code, '\u{ff10}'),
        &|code| format!("\u{2067}{}\u{2069}", written(code, '\u{660}')),
        &|code| written(code, '\u{966}'),
    ];
    for form in forms {
        let person = stack.person();
        let (challenge, code) = api.code_for(&person.email).await;
        let wrong = api.verify(&challenge, &form(&wrong(&code))).await;
        wrong.is_problem(422, "code_incorrect");
        assert_eq!(wrong.body["attempts_remaining"], 4);
        let text = form(&code);
        assert_eq!(api.verify(&challenge, &text).await.status, StatusCode::OK, "{text:?}");
    }
}

#[tokio::test]
async fn what_nobody_sees_around_an_address_keeps_nobody_out() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let (first, second) = person.phone.split_at(6);
    for (typed, address) in [
        (format!("\u{200e}{}\u{200b}", person.email), &person.email),
        (format!(" \u{feff}{}\u{fe0f} ", person.email), &person.email),
        (format!("\u{202a}{}\u{202c}", person.phone), &person.phone),
        (format!("{first}\u{2060}{second}\u{fe0f}"), &person.phone),
    ] {
        let requested = api.request_code(&typed).await;
        assert_eq!(requested.status, StatusCode::ACCEPTED, "{typed:?}: {requested:?}");
        api.message(address, &requested.text("reference")).await;
        assert_eq!(api.sign_in(&typed, OLD_PASSWORD).await.status, StatusCode::CREATED, "{typed:?}");
    }
}

#[tokio::test]
async fn a_language_that_cannot_be_read_is_ignored() {
    let stack = Stack::shared();
    let api = stack.client();
    let long = "en-".repeat(1_000);
    let unread =
        ["", " ", "s", "../../etc/passwd", "sv\0", "s\u{e9}", "{{7*7}}", "*", "\u{1f1f8}\u{1f1ea}", &long];
    for (n, locale) in unread.into_iter().enumerate() {
        let body = json!({"identifier": format!("nobody-reads-{n}@example.com"), "locale": locale});
        let answer = api.post("/v1/challenges", &body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{locale:?}: {answer:?}");
    }
    for locale in ["sv_SE", "sv_SE.UTF-8", "sv-SE"] {
        let person = stack.person_of(crate::harness::Kind::EmailOnly);
        let body = json!({"identifier": person.email, "locale": locale});
        let requested = api.post("/v1/challenges", &body).await;
        let message = api.message(&person.email, &requested.text("reference")).await;
        assert!(message["text"].as_str().unwrap().contains("Din kod: "), "{locale}: {message}");
    }
    let body = json!({"identifier": "nobody-reads@example.com", "locale": 1});
    api.post("/v1/challenges", &body).await.is_problem(400, "invalid_request");
}

#[tokio::test]
async fn equal_media_types_are_equal() {
    let api = Stack::shared().client();
    let send = |media_type: &str| {
        let body = json!({"code": "123456"}).to_string();
        let request = api.request("POST", "/v1/challenges/AAAAAAAAAAAAAAAAAAAAAA/verify");
        api.send(request.header("content-type", media_type).body(body))
    };
    for same in [
        "application/json",
        "APPLICATION/JSON",
        "application/json;charset=utf-8",
        "application/json ; Charset=UTF-8",
        "application/json;\tcharset=\"utf-8\"",
        "application/json; charset=\"UTF-8\";",
    ] {
        send(same).await.is_problem(404, "challenge_not_found");
    }
    for other in [
        "application/json; charset=\"utf-16\"",
        "application/json; charset=\"iso-8859-1\"",
        "application/json; charset=\"utf-8",
        "application/json+json",
        "application/json; charset=utf-8, text/plain",
    ] {
        send(other).await.is_problem(415, "unsupported_media_type");
    }
}

/// Somebody whose operator gave out an address against the standard, with a number of seven digits.
#[tokio::test]
async fn addresses_and_numbers_that_were_really_given_out_are_taken() {
    let running = MultiProcess::start(&[("REGAIN_SMS_COUNTRIES", "TK")]).await;
    let keys = running.first_keys();
    let (email, phone) = ("taro..yamada.@docomo.example", "+6907290");
    let people = running.harness.directory().join("people.jsonl");
    let load = ["accounts", people.to_str().unwrap()];
    let line = json!({"email": email, "phone": phone, "password": OLD_PASSWORD, "locale": "sv_SE"});
    std::fs::write(&people, line.to_string()).unwrap();
    running.told(&load, &keys, "");
    for identifier in [email, "Taro..Yamada.@DOCOMO.example", phone] {
        let (sent, code) = {
            let sent = running.ask(identifier, "").await;
            running.deliver().await;
            let to = if identifier == phone { phone } else { email };
            let code = running.code(to, &sent).await;
            (sent, code)
        };
        running.token(&sent, "", &code).await;
        running.sign_in(identifier, OLD_PASSWORD, 201).await;
    }
    // Numbers that can't exist are none in a file either.
    for wrong in ["+460701740605", "+999123456789", "+690729"] {
        let line = json!({"phone": wrong, "password": OLD_PASSWORD});
        std::fs::write(&people, line.to_string()).unwrap();
        let output = running.regain(&load, &keys, "");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("\"phone\""), "{wrong}: {said}");
    }
}

/// A country that is allowed isn't all of its numbers: what is no mobile costs dearly or reads nothing.
#[tokio::test]
async fn numbers_that_are_no_mobiles_get_no_text_and_it_looks_like_sent() {
    let running = MultiProcess::start(&[("REGAIN_SMS_COUNTRIES", "SE,GB,US")]).await;
    let people = running.harness.directory().join("people.jsonl");
    // Premium-rate, toll-free, a landline, a personal number.
    let numbers = ["+469001234567", "+18005550123", "+4681234567", "+447012345678"];
    let email = |n: usize| format!("no-mobile-{n}@example.com");
    let lines: Vec<_> = numbers
        .iter()
        .enumerate()
        .map(|(n, phone)| json!({"email": email(n), "phone": phone, "password": OLD_PASSWORD}).to_string())
        .collect();
    std::fs::write(&people, lines.join("\n")).unwrap();
    running.told(&["accounts", people.to_str().unwrap()], &running.first_keys(), "");
    for (n, phone) in numbers.into_iter().enumerate() {
        let sent = running.ask(phone, "").await;
        running.deliver().await;
        let code = running.code(&email(n), &sent).await;
        running.token(&sent, "", &code).await;
        assert!(running.messages(&phone.replace('+', "%2B")).await.is_empty(), "{phone}");
    }
}
