//! Keys rotate while challenges are open, tokens wait and people are signed in. Processes with old and with
//! new keys take turns: whatever one makes, the other checks.

use regain_harness::{DELIVERY, FUNCTIONS, Harness};

use crate::fleet::{Fleet, text};
use crate::harness::{NEW_PASSWORD, OLD_PASSWORD, wrong};

const ALICE: &str = "alice@example.com";
const BOB: &str = "bob@example.com";
const CAROL: &str = "carol@example.com";

/// The functions that are started anew before the others.
const FIRST: [&str; 2] = ["request-code", DELIVERY];

async fn people(fleet: &Fleet) {
    for email in [ALICE, BOB, CAROL] {
        fleet.harness.add_account(email, None, OLD_PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn keys_of_codes_and_tokens_rotate_while_challenges_are_open() {
    let mut fleet = Fleet::start(&[]).await;
    people(&fleet).await;
    let first = fleet.first_keys();
    let carols_session = fleet.session(CAROL).await;
    let (of_alice, _) = fleet.code_for(ALICE).await;
    let (of_bob, bobs_code) = fleet.code_for(BOB).await;
    let asked = fleet.ask(CAROL, "request-key-00001").await;
    fleet.deliver().await;

    // Added: known everywhere, used nowhere. Processes without and with it work side by side.
    let added = fleet.keys(&fleet.keys(&first, "add code"), "add token");
    fleet.restart(&FIRST, &added).await;
    let (of_alice_then, code) = fleet.code_for(ALICE).await;
    fleet.verify(&of_alice_then, "", &wrong(&code), 422).await;
    fleet.restart(&FUNCTIONS, &added).await;
    let resent = fleet.resend(&of_alice).await;
    fleet.deliver().await;
    let code = fleet.code(ALICE, &resent).await;
    let guessed = fleet.verify(&of_alice, "verify-key-000001", &wrong(&code), 422).await;

    // Promoted, with processes that aren't there yet.
    let promoted = fleet.keys(&fleet.keys(&added, "promote code"), "promote token");
    fleet.restart(&FIRST, &promoted).await;
    assert_eq!(fleet.ask(CAROL, "request-key-00001").await, asked, "the same call");
    assert_eq!(fleet.messages(CAROL).await.len(), 1);
    let (made_by_new, its_code) = fleet.code_for(BOB).await;
    fleet.verify(&made_by_new, "", &wrong(&its_code), 422).await;
    let asked_new = fleet.ask(CAROL, "request-key-00002").await;
    fleet.deliver().await;
    fleet.restart(&["request-code"], &added).await;
    assert_eq!(fleet.ask(CAROL, "request-key-00002").await, asked_new, "the same call, of an older process");
    assert_eq!(fleet.messages(CAROL).await.len(), 2);

    // A token that was made under the old version, and asked for again from a process with the new one.
    let token = fleet.token(&of_alice, "verify-key-000002", &code).await;
    fleet.restart(&["request-code", "verify-code", "resend-code", "sessions"], &promoted).await;
    assert_eq!(fleet.token(&of_alice, "verify-key-000002", &code).await, token);
    assert_eq!(fleet.verify(&of_alice, "verify-key-000001", &wrong(&code), 422).await, guessed);
    let changed = fleet.set_password(&token, "password-key-0001", NEW_PASSWORD, 200).await;
    fleet.deliver().await;
    fleet.restart(&FUNCTIONS, &promoted).await;
    assert_eq!(fleet.set_password(&token, "password-key-0001", NEW_PASSWORD, 200).await, changed);
    fleet.set_password(&token, "password-key-0001", OLD_PASSWORD, 422).await;
    let notices = fleet.messages(ALICE).await.iter().filter(|message| message["code"].is_null()).count();
    assert_eq!(notices, 1, "one new password, one notice");

    // What was made under the old version still counts, now that nothing is made under it.
    let bobs_token = fleet.token(&of_bob, "", &bobs_code).await;
    fleet.set_password(&bobs_token, "", NEW_PASSWORD, 200).await;
    fleet.deliver().await;
    fleet.check(&carols_session, 200).await;
    let alices_session = text(&fleet.sign_in(ALICE, NEW_PASSWORD, 201).await, "session_token");

    // Retired: what was left under the old version is over, the rest goes on.
    let retired = fleet.keys(&fleet.keys(&promoted, "retire code"), "retire token");
    fleet.restart(&FUNCTIONS, &retired).await;
    fleet.check(&carols_session, 401).await;
    fleet.check(&alices_session, 200).await;
    assert_eq!(fleet.ask(CAROL, "request-key-00002").await, asked_new, "made after the promotion");
    let (sent, code) = fleet.code_for(ALICE).await;
    let token = fleet.token(&sent, "", &code).await;
    fleet.set_password(&token, "", OLD_PASSWORD, 200).await;
}

#[tokio::test]
async fn a_promotion_sends_no_second_recovery_link() {
    let mut fleet = Fleet::start(&[("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", "1")]).await;
    people(&fleet).await;
    let first = fleet.first_keys();
    let added = fleet.keys(&fleet.keys(&first, "add code"), "add token");
    let promoted = fleet.keys(&fleet.keys(&added, "promote code"), "promote token");
    let mut links = Vec::new();
    for (person, one, other) in [(ALICE, &added, &promoted), (BOB, &promoted, &added)] {
        fleet.restart(&[DELIVERY], one).await;
        fleet.code_for(person).await;
        fleet.ask(person, "").await;
        // The code that isn't sent, the look-up, the link.
        for _ in 0..3 {
            fleet.deliver().await;
        }
        let messages = fleet.messages(person).await;
        let link = messages[0]["text"].as_str().unwrap().split_once("#token=").expect("a link").1;
        links.push(link.split_whitespace().next().unwrap().to_owned());
        fleet.restart(&[DELIVERY], other).await;
        fleet.ask(person, "").await;
        fleet.deliver().await;
        assert_eq!(fleet.messages(person).await.len(), 2, "a code and one link");
    }
    // Each link is good under either keys.
    for (token, keys) in links.iter().zip([&promoted, &added]) {
        fleet.restart(&["set-password"], keys).await;
        fleet.set_password(token, "", NEW_PASSWORD, 200).await;
    }
}

#[tokio::test]
async fn a_process_that_lacks_what_it_never_uses_starts() {
    let mut harness = Harness::start(&[]).await.unwrap();
    harness.environment.retain(|name, _| !matches!(name.as_str(), "REGAIN_TABLE" | "REGAIN_KEYS_FILE"));
    // `meta` has neither; every other function says what it misses and ends.
    let mut meta = harness.spawn("meta", crate::round_trips::program("meta"), &[]).unwrap();
    harness.ready(&mut meta).await.unwrap();
    let mut other = harness.spawn("verify-code", crate::round_trips::program("verify-code"), &[]).unwrap();
    for _ in 0..600 {
        if other.has_ended() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("verify-code runs without keys");
}

#[tokio::test]
async fn unsafe_steps_change_nothing_and_show_no_key() {
    let fleet = Fleet::start(&[]).await;
    let first = fleet.first_keys();
    let keys = std::fs::read_to_string(&first).unwrap();
    let secrets: Vec<&str> = keys.split('"').filter(|part| part.len() == 44).collect();
    assert_eq!(secrets.len(), 3);
    for (words, input, told) in [
        (["keys", "retire", "token"], keys.as_str(), "is current"),
        (["keys", "promote", "identifier"], &keys, "add one first"),
        (["keys", "add", "passwords"], &keys, "code, token, identifier"),
        (["keys", "add", "code"], &keys[..keys.len() - 4], "JSON"),
        (["keys", "add", "code"], "", "JSON"),
    ] {
        let output = fleet.regain(&words, &first, input);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{words:?}");
        assert!(error.contains(told), "{words:?}: {error}");
        assert!(secrets.iter().all(|secret| !error.contains(secret)), "{words:?}: {error}");
    }
    let output = fleet.regain(&["keys", "add", "code"], &first, &keys);
    let error = String::from_utf8(output.stderr).unwrap();
    let added = String::from_utf8(output.stdout).unwrap();
    assert!(
        added.split('"').filter(|part| part.len() == 44).all(|secret| !error.contains(secret)),
        "{error}"
    );
}
