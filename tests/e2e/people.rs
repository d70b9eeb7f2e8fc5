//! A person's data can be shown and deleted, and what a restored backup brings back to life can be ended.

use regain_dynamodb::kind::ItemKind;
use regain_dynamodb::schema::{EXPIRY, KEY};
use serde_json::{Value, json};

use crate::fleet::{Fleet, text};
use crate::harness::{NEW_PASSWORD, OLD_PASSWORD, wrong};

const ALICE: &str = "alice@example.com";
const PHONE: &str = "+46701740605";

/// Everything that is personal about the one whom these tests know.
const PERSONAL: [&str; 4] = ["alice@example", PHONE, "Alice Andersson", "11455"];

fn alice(fleet: &Fleet) {
    let people = fleet.harness.directory().join("people.jsonl");
    let line = json!({
        "email": ALICE, "phone": PHONE, "name": PERSONAL[2], "postal_code": PERSONAL[3], "locale": "sv",
        "password": OLD_PASSWORD,
    });
    std::fs::write(&people, line.to_string()).unwrap();
    fleet.told(&["accounts", people.to_str().unwrap()], &fleet.first_keys(), "");
}

#[tokio::test]
async fn a_person_who_is_deleted_leaves_nothing_personal_and_no_way_in() {
    let fleet = Fleet::start(&[("REGAIN_POSTAL_CODE_CHECK", "off")]).await;
    alice(&fleet);
    let keys = fleet.first_keys();
    let session = fleet.session(ALICE).await;
    let (open, code) = fleet.code_for(ALICE).await;
    let (verified, right) = fleet.code_for(PHONE).await;
    let token = fleet.token(&verified, "", &right).await;
    let pending = fleet.ask(ALICE, "").await;

    let shown = fleet.told(&["accounts", "show"], &keys, &format!(" {ALICE}\n"));
    let about: Value = serde_json::from_str(&shown).unwrap();
    assert!(PERSONAL.iter().all(|text| shown.contains(text)), "{shown}");
    assert_eq!(about["has_password"], true);
    assert!(!shown.contains("argon2"), "{shown}");

    assert_eq!(fleet.told(&["accounts", "unsuppress"], &keys, ALICE), "messages go there again\n");
    // By either identifier, with both of them gone.
    assert_eq!(fleet.told(&["accounts", "delete"], &keys, PHONE), "the account is deleted\n");
    for identifier in [ALICE, PHONE, "not an identifier"] {
        for work in ["delete", "show", "unsuppress", "disable", "enable"] {
            let output = fleet.regain(&["accounts", work], &keys, identifier);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                !output.status.success() && output.stdout.is_empty() && !said.contains(identifier),
                "{said}"
            );
        }
    }
    let items = fleet.items().await;
    let all = json!(items).to_string();
    assert!(PERSONAL.iter().all(|text| !all.contains(text)), "{all}");
    for item in &items {
        let kind = item[KEY]["S"].as_str().unwrap().split('#').next().unwrap();
        assert!(matches!(kind, "CHALLENGE" | "SESSION" | "DEVICE" | "LIMIT" | "MESSAGE"), "{item}");
        assert!(item[EXPIRY]["N"].is_string(), "it goes by itself: {item}");
    }

    // What was open looks as it did, and leads nowhere.
    fleet.check(&session, 401).await;
    let remaining = fleet.verify(&open, "", &wrong(&code), 422).await["attempts_remaining"].as_u64().unwrap();
    let answer = fleet.verify(&open, "", &code, 422).await;
    assert_eq!(
        (text(&answer, "code").as_str(), answer["attempts_remaining"].as_u64()),
        ("code_incorrect", Some(remaining - 1))
    );
    let refused = fleet.set_password(&token, "", NEW_PASSWORD, 401).await;
    assert_eq!(refused["code"], "verification_token_invalid");
    let nobody = fleet.sign_in("nobody@example.com", OLD_PASSWORD, 401).await;
    let deleted = fleet.sign_in(ALICE, OLD_PASSWORD, 401).await;
    assert_eq!(deleted["code"], nobody["code"]);
    let messages = fleet.messages(ALICE).await.len();
    fleet.deliver().await;
    fleet.resend(&pending).await;
    fleet.deliver().await;
    fleet.ask(ALICE, "").await;
    fleet.deliver().await;
    assert_eq!(fleet.messages(ALICE).await.len(), messages, "nobody is written to");

    // Whoever has the address next is somebody else.
    alice(&fleet);
    fleet.check(&session, 401).await;
    fleet.verify(&open, "", &code, 422).await;
    fleet.set_password(&token, "", NEW_PASSWORD, 401).await;
    fleet.session(ALICE).await;
}

#[tokio::test]
async fn a_disabled_account_looks_like_none_and_nothing_from_before_comes_back_with_it() {
    let fleet = Fleet::start(&[]).await;
    alice(&fleet);
    let keys = fleet.first_keys();
    let session = fleet.session(ALICE).await;
    let (open, code) = fleet.code_for(ALICE).await;
    let (verified, right) = fleet.code_for(PHONE).await;
    let token = fleet.token(&verified, "", &right).await;
    let messages = fleet.messages(ALICE).await.len();

    let told = fleet.told(&["accounts", "disable"], &keys, PHONE);
    assert_eq!(told, "the account is disabled and signed out everywhere\n");
    assert!(fleet.told(&["accounts", "show"], &keys, ALICE).contains("\"disabled\": true"));
    let nothing_works = async || {
        fleet.check(&session, 401).await;
        fleet.set_password(&token, "", NEW_PASSWORD, 401).await;
        fleet.verify(&open, "", &code, 422).await;
    };
    nothing_works().await;
    let disabled = fleet.sign_in(ALICE, OLD_PASSWORD, 401).await;
    assert_eq!(disabled["code"], fleet.sign_in("nobody@example.com", OLD_PASSWORD, 401).await["code"]);
    fleet.ask(ALICE, "").await;
    fleet.deliver().await;
    assert_eq!(fleet.messages(ALICE).await.len(), messages, "it is not written to");

    assert_eq!(fleet.told(&["accounts", "enable"], &keys, ALICE), "the account is enabled\n");
    nothing_works().await;
    fleet.sign_in(ALICE, OLD_PASSWORD, 201).await;
    let (sent, code) = fleet.code_for(ALICE).await;
    let token = fleet.token(&sent, "", &code).await;
    fleet.set_password(&token, "", NEW_PASSWORD, 200).await;
}

#[tokio::test]
async fn a_notice_to_a_person_who_is_deleted_is_closed() {
    let fleet = Fleet::start(&[]).await;
    alice(&fleet);
    let (sent, code) = fleet.code_for(ALICE).await;
    let token = fleet.token(&sent, "", &code).await;
    fleet.set_password(&token, "", NEW_PASSWORD, 200).await;
    assert_eq!(fleet.count(ItemKind::Outbox).await, 1);
    fleet.told(&["accounts", "delete"], &fleet.first_keys(), ALICE);
    fleet.deliver().await;
    assert_eq!((fleet.count(ItemKind::Outbox).await, fleet.messages(ALICE).await.len()), (0, 1));
}

/// Puts the table back to an earlier state: everything from then, and nothing from since.
async fn restore(fleet: &Fleet, backup: &[Value]) {
    for item in fleet.items().await {
        let key = json!({"TableName": "regain", "Key": {KEY: item[KEY]}});
        fleet.dynamodb("DeleteItem", &key).await;
    }
    for item in backup {
        fleet.dynamodb("PutItem", &json!({"TableName": "regain", "Item": item})).await;
    }
}

#[tokio::test]
async fn what_a_restored_backup_revives_can_be_ended() {
    let fleet = Fleet::start(&[("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", "2")]).await;
    alice(&fleet);
    let session = fleet.session(ALICE).await;
    let (open, code) = fleet.code_for(ALICE).await;
    let (verified, right) = fleet.code_for(ALICE).await;
    let token = fleet.token(&verified, "", &right).await;
    fleet.ask(ALICE, "").await;
    // The code that isn't sent, the look-up, the link.
    for _ in 0..3 {
        fleet.deliver().await;
    }
    let link =
        fleet.messages(ALICE).await[0]["text"].as_str().unwrap().split_once("#token=").unwrap().1.to_owned();
    let link = link.split_whitespace().next().unwrap();
    let backup = fleet.items().await;

    // Since the backup: a new password, which ended all of this.
    fleet.set_password(&token, "", NEW_PASSWORD, 200).await;
    fleet.deliver().await;
    fleet.check(&session, 401).await;
    restore(&fleet, &backup).await;
    fleet.check(&session, 200).await;

    let keys = fleet.first_keys();
    let told = fleet.told(&["accounts", "end-sessions", "--keep-passwords"], &keys, "");
    assert_eq!(told, "each of 1 accounts is signed out everywhere and keeps its password\n");
    fleet.check(&session, 401).await;
    fleet.verify(&open, "", &code, 422).await;
    fleet.set_password(&token, "", NEW_PASSWORD, 401).await;
    fleet.set_password(link, "", NEW_PASSWORD, 401).await;
    // The old password is back, which somebody else may know. So passwords are forgotten unless they are asked for.
    fleet.sign_in(ALICE, OLD_PASSWORD, 201).await;
    let told = fleet.told(&["accounts", "end-sessions"], &keys, "");
    assert_eq!(told, "each of 1 accounts is signed out everywhere and has no password any more\n");
    fleet.sign_in(ALICE, OLD_PASSWORD, 401).await;
    fleet.sign_in(ALICE, NEW_PASSWORD, 401).await;
}

#[tokio::test]
async fn an_account_without_a_password_is_recovered() {
    let fleet = Fleet::start(&[]).await;
    alice(&fleet);
    fleet.told(&["accounts", "end-sessions"], &fleet.first_keys(), "");
    fleet.sign_in(ALICE, OLD_PASSWORD, 401).await;
    let (sent, code) = fleet.code_for(ALICE).await;
    let token = fleet.token(&sent, "", &code).await;
    fleet.set_password(&token, "", NEW_PASSWORD, 200).await;
    fleet.sign_in(ALICE, NEW_PASSWORD, 201).await;
}
