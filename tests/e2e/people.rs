//! A person's data can be shown and deleted, and what a restored backup brings back to life can be ended.

use regain_dynamodb::kind::ItemKind;
use regain_dynamodb::schema::{EXPIRY, KEY};
use serde_json::{Value, json};

use crate::harness::{NEW_PASSWORD, OLD_PASSWORD, wrong};
use crate::multi_process::{MultiProcess, text};

const ALICE: &str = "alice@example.com";
const PHONE: &str = "+46701740605";

/// Everything that is personal about the one whom these tests know.
const PERSONAL: [&str; 4] = ["alice@example", PHONE, "Alice Andersson", "11455"];

fn alice(running: &MultiProcess) {
    let people = running.harness.directory().join("people.jsonl");
    let line = json!({
        "email": ALICE, "phone": PHONE, "name": PERSONAL[2], "postal_code": PERSONAL[3], "locale": "sv",
        "password": OLD_PASSWORD,
    });
    std::fs::write(&people, line.to_string()).unwrap();
    running.told(&["accounts", people.to_str().unwrap()], &running.first_keys(), "");
}

#[tokio::test]
async fn a_person_who_is_deleted_leaves_nothing_personal_and_no_way_in() {
    let running = MultiProcess::start(&[("REGAIN_POSTAL_CODE_CHECK", "off")]).await;
    alice(&running);
    let keys = running.first_keys();
    let session = running.session(ALICE).await;
    let (open, code) = running.code_for(ALICE).await;
    let (verified, right) = running.code_for(PHONE).await;
    let token = running.token(&verified, "", &right).await;
    let pending = running.ask(ALICE, "").await;

    let shown = running.told(&["accounts", "show"], &keys, &format!(" {ALICE}\n"));
    let about: Value = serde_json::from_str(&shown).unwrap();
    assert!(PERSONAL.iter().all(|text| shown.contains(text)), "{shown}");
    assert_eq!(about["has_password"], true);
    assert!(!shown.contains("argon2"), "{shown}");

    assert_eq!(running.told(&["accounts", "unsuppress"], &keys, ALICE), "messages go there again\n");
    // By either identifier, with both of them gone.
    assert_eq!(running.told(&["accounts", "delete"], &keys, PHONE), "the account is deleted\n");
    for identifier in [ALICE, PHONE, "not an identifier"] {
        for work in ["delete", "show", "unsuppress", "disable", "enable"] {
            let output = running.regain(&["accounts", work], &keys, identifier);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                !output.status.success() && output.stdout.is_empty() && !said.contains(identifier),
                "{said}"
            );
        }
    }
    let items = running.items().await;
    let all = json!(items).to_string();
    assert!(PERSONAL.iter().all(|text| !all.contains(text)), "{all}");
    for item in &items {
        let kind = item[KEY]["S"].as_str().unwrap().split('#').next().unwrap();
        assert!(matches!(kind, "CHALLENGE" | "SESSION" | "DEVICE" | "LIMIT" | "MESSAGE"), "{item}");
        assert!(item[EXPIRY]["N"].is_string(), "it goes by itself: {item}");
    }

    // What was open looks as it did, and leads nowhere.
    running.check(&session, 401).await;
    let remaining =
        running.verify(&open, "", &wrong(&code), 422).await["attempts_remaining"].as_u64().unwrap();
    let answer = running.verify(&open, "", &code, 422).await;
    assert_eq!(
        (text(&answer, "code").as_str(), answer["attempts_remaining"].as_u64()),
        ("code_incorrect", Some(remaining - 1))
    );
    let refused = running.set_password(&token, "", NEW_PASSWORD, 401).await;
    assert_eq!(refused["code"], "verification_token_invalid");
    let nobody = running.sign_in("nobody@example.com", OLD_PASSWORD, 401).await;
    let deleted = running.sign_in(ALICE, OLD_PASSWORD, 401).await;
    assert_eq!(deleted["code"], nobody["code"]);
    let messages = running.messages(ALICE).await.len();
    running.deliver().await;
    running.resend(&pending).await;
    running.deliver().await;
    running.ask(ALICE, "").await;
    running.deliver().await;
    assert_eq!(running.messages(ALICE).await.len(), messages, "nobody is written to");

    // Whoever has the address next is somebody else.
    alice(&running);
    running.check(&session, 401).await;
    running.verify(&open, "", &code, 422).await;
    running.set_password(&token, "", NEW_PASSWORD, 401).await;
    running.session(ALICE).await;
}

#[tokio::test]
async fn a_disabled_account_looks_like_none_and_nothing_from_before_comes_back_with_it() {
    let running = MultiProcess::start(&[]).await;
    alice(&running);
    let keys = running.first_keys();
    let session = running.session(ALICE).await;
    let (open, code) = running.code_for(ALICE).await;
    let (verified, right) = running.code_for(PHONE).await;
    let token = running.token(&verified, "", &right).await;
    let messages = running.messages(ALICE).await.len();

    let told = running.told(&["accounts", "disable"], &keys, PHONE);
    assert_eq!(told, "the account is disabled and signed out everywhere\n");
    assert!(running.told(&["accounts", "show"], &keys, ALICE).contains("\"disabled\": true"));
    let nothing_works = async || {
        running.check(&session, 401).await;
        running.set_password(&token, "", NEW_PASSWORD, 401).await;
        running.verify(&open, "", &code, 422).await;
    };
    nothing_works().await;
    let disabled = running.sign_in(ALICE, OLD_PASSWORD, 401).await;
    assert_eq!(disabled["code"], running.sign_in("nobody@example.com", OLD_PASSWORD, 401).await["code"]);
    running.ask(ALICE, "").await;
    running.deliver().await;
    assert_eq!(running.messages(ALICE).await.len(), messages, "it is not written to");

    assert_eq!(running.told(&["accounts", "enable"], &keys, ALICE), "the account is enabled\n");
    nothing_works().await;
    running.sign_in(ALICE, OLD_PASSWORD, 201).await;
    let (sent, code) = running.code_for(ALICE).await;
    let token = running.token(&sent, "", &code).await;
    running.set_password(&token, "", NEW_PASSWORD, 200).await;
}

#[tokio::test]
async fn a_notice_to_a_person_who_is_deleted_is_closed() {
    let running = MultiProcess::start(&[]).await;
    alice(&running);
    let (sent, code) = running.code_for(ALICE).await;
    let token = running.token(&sent, "", &code).await;
    running.set_password(&token, "", NEW_PASSWORD, 200).await;
    assert_eq!(running.count(ItemKind::Outbox).await, 1);
    running.told(&["accounts", "delete"], &running.first_keys(), ALICE);
    running.deliver().await;
    assert_eq!((running.count(ItemKind::Outbox).await, running.messages(ALICE).await.len()), (0, 1));
}

/// Puts the table back to an earlier state: everything from then, and nothing from since.
async fn restore(running: &MultiProcess, backup: &[Value]) {
    for item in running.items().await {
        let key = json!({"TableName": "regain", "Key": {KEY: item[KEY]}});
        running.dynamodb("DeleteItem", &key).await;
    }
    for item in backup {
        running.dynamodb("PutItem", &json!({"TableName": "regain", "Item": item})).await;
    }
}

#[tokio::test]
async fn what_a_restored_backup_revives_can_be_ended() {
    let running = MultiProcess::start(&[("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", "2")]).await;
    alice(&running);
    let session = running.session(ALICE).await;
    let (open, code) = running.code_for(ALICE).await;
    let (verified, right) = running.code_for(ALICE).await;
    let token = running.token(&verified, "", &right).await;
    running.ask(ALICE, "").await;
    // The code that isn't sent, the look-up, the link.
    for _ in 0..3 {
        running.deliver().await;
    }
    let link = running.messages(ALICE).await[0]["text"]
        .as_str()
        .unwrap()
        .split_once("#token=")
        .unwrap()
        .1
        .to_owned();
    let link = link.split_whitespace().next().unwrap();
    let backup = running.items().await;

    // Since the backup: a new password, which ended all of this.
    running.set_password(&token, "", NEW_PASSWORD, 200).await;
    running.deliver().await;
    running.check(&session, 401).await;
    restore(&running, &backup).await;
    running.check(&session, 200).await;

    let keys = running.first_keys();
    let told = running.told(&["accounts", "end-sessions", "--keep-passwords"], &keys, "");
    assert_eq!(told, "each of 1 accounts is signed out everywhere and keeps its password\n");
    running.check(&session, 401).await;
    running.verify(&open, "", &code, 422).await;
    running.set_password(&token, "", NEW_PASSWORD, 401).await;
    running.set_password(link, "", NEW_PASSWORD, 401).await;
    // The old password is back, which somebody else may know. So passwords are forgotten unless they are asked for.
    running.sign_in(ALICE, OLD_PASSWORD, 201).await;
    let told = running.told(&["accounts", "end-sessions"], &keys, "");
    assert_eq!(told, "each of 1 accounts is signed out everywhere and has no password any more\n");
    running.sign_in(ALICE, OLD_PASSWORD, 401).await;
    running.sign_in(ALICE, NEW_PASSWORD, 401).await;
}

#[tokio::test]
async fn an_account_without_a_password_is_recovered() {
    let running = MultiProcess::start(&[]).await;
    alice(&running);
    running.told(&["accounts", "end-sessions"], &running.first_keys(), "");
    running.sign_in(ALICE, OLD_PASSWORD, 401).await;
    let (sent, code) = running.code_for(ALICE).await;
    let token = running.token(&sent, "", &code).await;
    running.set_password(&token, "", NEW_PASSWORD, 200).await;
    running.sign_in(ALICE, NEW_PASSWORD, 201).await;
}
