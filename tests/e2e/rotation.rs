//! Keys rotate while challenges are open, tokens wait and people are signed in. Processes with old and with
//! new keys take turns: whatever one makes, the other checks.

use regain_harness::{DELIVERY, FUNCTIONS, Harness};

use crate::harness::{NEW_PASSWORD, OLD_PASSWORD, wrong};
use crate::multi_process::{MultiProcess, text};

const ALICE: &str = "alice@example.com";
const BOB: &str = "bob@example.com";
const CAROL: &str = "carol@example.com";

/// The functions that are started anew before the others.
const FIRST: [&str; 2] = ["request-code", DELIVERY];

async fn people(running: &MultiProcess) {
    for email in [ALICE, BOB, CAROL] {
        running.harness.add_account(email, None, OLD_PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn keys_of_codes_and_tokens_rotate_while_challenges_are_open() {
    let mut running = MultiProcess::start(&[]).await;
    people(&running).await;
    let first = running.first_keys();
    let carols_session = running.session(CAROL).await;
    let (of_alice, _) = running.code_for(ALICE).await;
    let (of_bob, bobs_code) = running.code_for(BOB).await;
    let asked = running.ask(CAROL, "request-key-00001").await;
    running.deliver().await;

    // Added: known everywhere, used nowhere. Processes without and with it work side by side.
    let added = running.keys(&running.keys(&first, "add code"), "add token");
    running.restart(&FIRST, &added).await;
    let (of_alice_then, code) = running.code_for(ALICE).await;
    running.verify(&of_alice_then, "", &wrong(&code), 422).await;
    running.restart(&FUNCTIONS, &added).await;
    let resent = running.resend(&of_alice).await;
    running.deliver().await;
    let code = running.code(ALICE, &resent).await;
    let guessed = running.verify(&of_alice, "verify-key-000001", &wrong(&code), 422).await;

    // Promoted, with processes that aren't there yet.
    let promoted = running.keys(&running.keys(&added, "promote code"), "promote token");
    running.restart(&FIRST, &promoted).await;
    assert_eq!(running.ask(CAROL, "request-key-00001").await, asked, "the same call");
    assert_eq!(running.messages(CAROL).await.len(), 1);
    let (made_by_new, its_code) = running.code_for(BOB).await;
    running.verify(&made_by_new, "", &wrong(&its_code), 422).await;
    let asked_new = running.ask(CAROL, "request-key-00002").await;
    running.deliver().await;
    running.restart(&["request-code"], &added).await;
    assert_eq!(
        running.ask(CAROL, "request-key-00002").await,
        asked_new,
        "the same call, of an older process"
    );
    assert_eq!(running.messages(CAROL).await.len(), 2);

    // A token that was made under the old version, and asked for again from a process with the new one.
    let token = running.token(&of_alice, "verify-key-000002", &code).await;
    running.restart(&["request-code", "verify-code", "resend-code", "sessions"], &promoted).await;
    assert_eq!(running.token(&of_alice, "verify-key-000002", &code).await, token);
    assert_eq!(running.verify(&of_alice, "verify-key-000001", &wrong(&code), 422).await, guessed);
    let changed = running.set_password(&token, "password-key-0001", NEW_PASSWORD, 200).await;
    running.deliver().await;
    running.restart(&FUNCTIONS, &promoted).await;
    assert_eq!(running.set_password(&token, "password-key-0001", NEW_PASSWORD, 200).await, changed);
    running.set_password(&token, "password-key-0001", OLD_PASSWORD, 422).await;
    let notices = running.messages(ALICE).await.iter().filter(|message| message["code"].is_null()).count();
    assert_eq!(notices, 1, "one new password, one notice");

    // What was made under the old version still counts, now that nothing is made under it.
    let bobs_token = running.token(&of_bob, "", &bobs_code).await;
    running.set_password(&bobs_token, "", NEW_PASSWORD, 200).await;
    running.deliver().await;
    running.check(&carols_session, 200).await;
    let alices_session = text(&running.sign_in(ALICE, NEW_PASSWORD, 201).await, "session_token");

    // Retired: what was left under the old version is over, the rest goes on.
    let retired = running.keys(&running.keys(&promoted, "retire code"), "retire token");
    running.restart(&FUNCTIONS, &retired).await;
    running.check(&carols_session, 401).await;
    running.check(&alices_session, 200).await;
    assert_eq!(running.ask(CAROL, "request-key-00002").await, asked_new, "made after the promotion");
    let (sent, code) = running.code_for(ALICE).await;
    let token = running.token(&sent, "", &code).await;
    running.set_password(&token, "", OLD_PASSWORD, 200).await;
}

#[tokio::test]
async fn a_promotion_sends_no_second_recovery_link() {
    let mut running = MultiProcess::start(&[("REGAIN_CHALLENGES_PER_ACCOUNT_PER_DAY", "1")]).await;
    people(&running).await;
    let first = running.first_keys();
    let added = running.keys(&running.keys(&first, "add code"), "add token");
    let promoted = running.keys(&running.keys(&added, "promote code"), "promote token");
    let mut links = Vec::new();
    for (person, one, other) in [(ALICE, &added, &promoted), (BOB, &promoted, &added)] {
        running.restart(&[DELIVERY], one).await;
        running.code_for(person).await;
        running.ask(person, "").await;
        // The code that isn't sent, the look-up, the link.
        for _ in 0..3 {
            running.deliver().await;
        }
        let messages = running.messages(person).await;
        let link = messages[0]["text"].as_str().unwrap().split_once("#token=").expect("a link").1;
        links.push(link.split_whitespace().next().unwrap().to_owned());
        running.restart(&[DELIVERY], other).await;
        running.ask(person, "").await;
        running.deliver().await;
        assert_eq!(running.messages(person).await.len(), 2, "a code and one link");
    }
    // Each link is good under either keys.
    for (token, keys) in links.iter().zip([&promoted, &added]) {
        running.restart(&["set-password"], keys).await;
        running.set_password(token, "", NEW_PASSWORD, 200).await;
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
    let running = MultiProcess::start(&[]).await;
    let first = running.first_keys();
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
        let output = running.regain(&words, &first, input);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{words:?}");
        assert!(error.contains(told), "{words:?}: {error}");
        assert!(secrets.iter().all(|secret| !error.contains(secret)), "{words:?}: {error}");
    }
    let output = running.regain(&["keys", "add", "code"], &first, &keys);
    let error = String::from_utf8(output.stderr).unwrap();
    let added = String::from_utf8(output.stdout).unwrap();
    assert!(
        added.split('"').filter(|part| part.len() == 44).all(|secret| !error.contains(secret)),
        "{error}"
    );
}
