//! The key of identifiers rotates: accounts get hashes under both versions, everybody is found by every
//! process at every moment, and the old hashes go.

use regain_dynamodb::kind::ItemKind;
use regain_dynamodb::schema::KEY;
use regain_harness::{DELIVERY, FUNCTIONS, Hold};

use crate::harness::{NEW_PASSWORD, OLD_PASSWORD};
use crate::multi_process::MultiProcess;

const ALICE: &str = "alice@example.com";
const ALICES_PHONE: &str = "+46701740605";
const BOB: &str = "bob@example.com";
const NOBODY: &str = "nobody@example.com";

/// The table's calls of a sign-in, to compare.
async fn calls_of_sign_in(running: &MultiProcess, identifier: &str) -> Vec<String> {
    running.harness.proxy.reset(Hold::None);
    running.sign_in(identifier, NEW_PASSWORD, 401).await;
    running.harness.proxy.calls().into_iter().map(|call| call.operation).collect()
}

async fn everybody_is_found(running: &MultiProcess) {
    for identifier in [ALICE, ALICES_PHONE, BOB] {
        running.sign_in(identifier, OLD_PASSWORD, 201).await;
    }
    assert_eq!(calls_of_sign_in(running, NOBODY).await, calls_of_sign_in(running, ALICE).await);
}

#[tokio::test]
async fn everybody_is_found_at_every_moment_of_a_rotation_of_identifiers() {
    let mut running = MultiProcess::start(&[]).await;
    running.harness.add_account(ALICE, Some(ALICES_PHONE), OLD_PASSWORD).await.unwrap();
    // What is noted at an identifier beside its account has to come along.
    let item = running
        .items()
        .await
        .into_iter()
        .find(|item| ItemKind::Identifier.name_in(item[KEY]["S"].as_str().unwrap()).is_some());
    let key = item.unwrap()[KEY].clone();
    let noted = serde_json::json!({
        "TableName": "regain", "Key": {KEY: key},
        "UpdateExpression": "SET noted = :noted",
        "ExpressionAttributeValues": {":noted": {"S": "beside the account"}},
    });
    running.dynamodb("UpdateItem", &noted).await;
    let first = running.first_keys();
    let before = running.ask(ALICE, "request-key-00001").await;

    // Added: an account that comes now gets both hashes, those that are there get the second by a command.
    let added = running.keys(&first, "add identifier");
    running.restart(&FUNCTIONS, &added).await;
    let people = running.harness.directory().join("people.jsonl");
    std::fs::write(&people, format!(r#"{{"email": "{BOB}", "password": "{OLD_PASSWORD}"}}"#)).unwrap();
    let load = ["accounts", people.to_str().unwrap()];
    assert_eq!(running.told(&load, &added, ""), "1 of 1 accounts are new\n");
    let again = running.regain(&load, &added, "");
    assert_eq!(String::from_utf8_lossy(&again.stdout), "0 of 1 accounts are new, 1 already there\n");
    assert_eq!(running.count(ItemKind::Identifier).await, 4);
    everybody_is_found(&running).await;
    let told = running.told(&["accounts", "rekey"], &added, "");
    assert!(told.contains("2 accounts") && told.contains("2 hashes added, 4 were right, 0"), "{told}");
    let told = running.told(&["accounts", "rekey"], &added, "");
    assert!(told.contains("0 hashes added, 6 were right, 0"), "{told}");
    let items = running.items().await;
    let noted = items.iter().filter(|item| item["noted"]["S"] == "beside the account").count();
    assert_eq!((noted, running.count(ItemKind::Identifier).await), (2, 6));
    let refused = running.regain(&["accounts", "rekey", "--retire", "1"], &added, "");
    assert!(!refused.status.success(), "the current hashes stay");

    // Promoted, where what asks and what delivers are of different minds, both ways.
    let promoted = running.keys(&added, "promote identifier");
    running.restart(&[DELIVERY], &promoted).await;
    running.deliver().await;
    let code = running.code(ALICE, &before).await;
    running.restart(&["request-code"], &promoted).await;
    running.restart(&[DELIVERY], &added).await;
    assert_eq!(running.ask(ALICE, "request-key-00001").await, before, "the same call");
    let (by_new, _) = running.code_for(ALICES_PHONE).await;
    assert_ne!(by_new, before);
    running.code_for(BOB).await;
    everybody_is_found(&running).await;
    running.restart(&FUNCTIONS, &promoted).await;
    everybody_is_found(&running).await;
    let token = running.token(&before, "", &code).await;
    let session = running.session(BOB).await;

    // The old hashes go, then their key.
    let refused = running.regain(&["accounts", "rekey", "--retire", "2"], &promoted, "");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not an old one"));
    let refused = running.regain(&["accounts", "rekey", "--retire", "3"], &promoted, "");
    assert!(!refused.status.success());
    let retire = ["accounts", "rekey", "--retire", "1"];
    let told = running.told(&retire, &promoted, "");
    assert!(told.contains("3 hashes removed, 0 were right, 0"), "{told}");
    assert!(running.told(&retire, &promoted, "").contains("0 hashes removed, 3 were right, 0"));
    assert_eq!(running.count(ItemKind::Identifier).await, 3);
    everybody_is_found(&running).await;
    let retired = running.keys(&promoted, "retire identifier");
    running.restart(&FUNCTIONS, &retired).await;
    everybody_is_found(&running).await;
    running.check(&session, 200).await;
    running.set_password(&token, "", NEW_PASSWORD, 200).await;
}

#[tokio::test]
async fn hashes_that_lead_elsewhere_are_told_and_left_alone() {
    let running = MultiProcess::start(&[]).await;
    running.harness.add_account(ALICE, None, OLD_PASSWORD).await.unwrap();
    let first = running.first_keys();
    let added = running.keys(&first, "add identifier");
    let promoted = running.keys(&added, "promote identifier");
    // Promoted without the command: somebody else takes the address meanwhile, and each keeps what is theirs.
    let only_new = running.keys(&promoted, "retire identifier");
    let people = running.harness.directory().join("people.jsonl");
    std::fs::write(&people, format!(r#"{{"email": "{ALICE}"}}"#)).unwrap();
    running.told(&["accounts", people.to_str().unwrap()], &only_new, "");
    let before = running.items().await;
    for work in [&["accounts", "rekey"][..], &["accounts", "rekey", "--retire", "1"]] {
        let output = running.regain(work, &promoted, "");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains("could not be made right"), "{error}");
        assert!(!error.contains("alice"), "{error}");
    }
    assert_eq!(running.items().await, before);
}
