//! Accounts files: every line is read, what can't be loaded is told, and hashes that other programs made sign in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Output;

use regain_dynamodb::kind::ItemKind;
use serde_json::{Value, json};

use crate::harness::{OLD_PASSWORD, Stack};
use crate::multi_process::MultiProcess;

/// A password in NFC, and what some keyboards send of it.
const NFC: &str = "cr\u{e8}me br\u{fb}l\u{e9}e f\u{fc}r \u{c5}sa";
const NFD: &str = "cre\u{300}me bru\u{302}le\u{301}e fu\u{308}r A\u{30a}sa";

/// Values of wrong lines, which must stand in no output.
const SECRET: &str = "hunter2";

/// Lines of which the marked ones can be loaded, with what is told of the others.
fn mixed_lines() -> Vec<(Vec<u8>, &'static str)> {
    let text = |line: &str, told| (line.as_bytes().to_vec(), told);
    let hash = |hash: &str, told: &'static str| {
        let line = json!({"email": "hash@example.com", "password_hash": hash});
        (line.to_string().into_bytes(), told)
    };
    let argon2 = |costs: &str| {
        format!("$argon2id$v=19${costs}$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
    };
    vec![
        text(
            r#"{"email": "one@example.com", "phone": "+46701740601", "password": "an old and well known secret"}"#,
            "",
        ),
        text(r#"{"email": "hunter2", "password": "hunter2"}"#, "refused: \"email\" is not an email address"),
        text("", ""),
        text("hunter2,hunter2@example.com", "refused: it is not JSON, from byte 1 on"),
        text(r#"{"email": "two@example.com", "phone": "", "locale": "sv_SE"}"#, ""),
        text(
            r#"{"email": "x@example.com", "hunter2": true}"#,
            "refused: its member 2 is none of email, phone",
        ),
        (
            b"{\"email\": \"x@example.com\", \"name\": \"hunter2 \xc5sa\"}".to_vec(),
            "refused: it is not UTF-8",
        ),
        (b"hunter2 ".repeat(10_000), "refused: it is longer than 64 KiB"),
        text(
            r#"{"email": "x@example.com", "email": "y@example.com"}"#,
            "refused: \"email\" stands in it twice",
        ),
        text(r#"{"email": "x@example.com", "phone": "0701740605"}"#, "refused: \"phone\" is not a number"),
        hash(SECRET, "refused: \"password_hash\" can't be verified: it names no scheme"),
        hash("", "refused: \"password_hash\" can't be verified: it names no scheme"),
        hash(
            "$2x$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
            "refused: \"password_hash\" can't be verified: it names no scheme",
        ),
        hash(
            &format!("{}\n", argon2("m=256,t=2,p=1")),
            "refused: \"password_hash\" can't be verified: it is not written as",
        ),
        hash(
            &argon2("m=4194304,t=1,p=1"),
            "refused: \"password_hash\" can't be verified: a sign-in with its",
        ),
        hash(&argon2("m=256,t=2,p=1"), ""),
        text(
            r#"{"email": "ONE@example.com", "phone": "+46701740609"}"#,
            "skipped: another account has its \"email\"",
        ),
        text(
            r#"{"email": "three@example.com", "phone": "+46701740601"}"#,
            "skipped: another account has its \"phone\"",
        ),
        text(
            r#"{"email": "two@example.com", "phone": "+46701740601"}"#,
            "skipped: another account has its \"email\" and \"phone\"",
        ),
        text(r#"{"email": "two@example.com", "name": "hunter2"}"#, "skipped: the account is there already"),
        text(
            r#"{"email": "four@example.com", "postal_code": 11455, "password": "an old and well known secret"}"#,
            "\"postal_code\" can't be read and is left out",
        ),
    ]
}

/// The summary of these, without its first word.
const SUMMARY: &str = "new, 1 already there, 3 with an address that is taken, 12 refused";

/// Writes the mixed lines as a Windows program would, the last one without its end.
fn write_mixed_lines(path: &Path) {
    let lines: Vec<_> = mixed_lines().into_iter().map(|(line, _)| line).collect();
    let text = [b"\xef\xbb\xbf".to_vec(), lines.join(&b"\r\n"[..])].concat();
    std::fs::write(path, text).unwrap();
}

/// The report of the mixed lines is right, and says no more.
fn assert_told(told: &str, path: &Path) {
    assert!(!told.contains(SECRET), "{told}");
    // Whether `sv_SE` is a language is for the domain to say; the account is loaded in any case.
    let is_told = |line: &&str| line.contains(path.to_str().unwrap()) && !line.contains("\"locale\"");
    let mut lines = told.lines().filter(is_told);
    for (number, (_, expected)) in (1..).zip(mixed_lines()).filter(|(_, (_, told))| !told.is_empty()) {
        let line = lines.next().unwrap_or_default();
        let expected = format!("{}, line {number}: {expected}", path.display());
        assert!(line.starts_with(&expected), "{line}\n{expected}");
    }
    assert_eq!(lines.next(), None);
}

/// Writes lines into a file of the running's.
fn file(running: &MultiProcess, name: &str, lines: &[Value]) -> PathBuf {
    let path = running.harness.directory().join(name);
    std::fs::write(&path, lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")).unwrap();
    path
}

/// Loads a file.
fn load(running: &MultiProcess, path: &Path, flags: &[&str]) -> Output {
    running.regain(&[&["accounts", path.to_str().unwrap()], flags].concat(), &running.first_keys(), "")
}

/// What a loading told, but how far it had come, which depends on the machine.
fn reports(output: &Output) -> Vec<String> {
    let is_progress = |line: &&str| line.contains(" accounts read so far, ");
    said(&output.stderr).lines().filter(|line| !is_progress(line)).map(str::to_owned).collect()
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn every_line_is_read_and_each_that_is_not_loaded_is_told_with_its_reason() {
    let running = MultiProcess::start(&[]).await;
    let path = running.harness.directory().join("mixed.jsonl");
    write_mixed_lines(&path);

    // A dry run says the same and writes nothing.
    let output = load(&running, &path, &["--dry-run"]);
    assert!(!output.status.success());
    assert_told(&reports(&output).join("\n"), &path);
    assert_eq!(said(&output.stdout), format!("4 of 20 accounts would be {SUMMARY}\n"));
    assert_eq!(running.items().await.len(), 0);

    let output = load(&running, &path, &[]);
    assert!(!output.status.success());
    assert_told(&reports(&output).join("\n"), &path);
    assert_eq!(said(&output.stdout), format!("4 of 20 accounts are {SUMMARY}\n"));
    for email in ["one@example.com", "four@example.com"] {
        running.session(email).await;
    }
    running.sign_in("hash@example.com", "password", 201).await;
    assert_eq!(running.count(ItemKind::Account).await, 4);

    // The rest of a file whose loading was broken off is loaded by loading it again.
    for flags in [&["--dry-run"][..], &[]] {
        let output = load(&running, &path, flags);
        assert!(!output.status.success() && said(&output.stdout).starts_with("0 of 20 "), "{output:?}");
        assert!(
            said(&output.stdout).contains("5 already there, 3 with an address that is taken, 12 refused")
        );
    }
    assert_eq!(running.count(ItemKind::Account).await, 4);
}

#[tokio::test]
async fn a_file_in_which_all_is_well_is_loaded_without_a_word_more() {
    let running = MultiProcess::start(&[]).await;
    let path = file(&running, "fine.jsonl", &[json!({"email": "a@example.com", "password": OLD_PASSWORD})]);
    for (flags, told) in [
        (&["--dry-run", "--demo"][..], "3 of 3 accounts would be new\n"),
        (&["--demo"], "3 of 3 accounts are new\n"),
    ] {
        let output = load(&running, &path, flags);
        assert!(output.status.success() && reports(&output).is_empty(), "{output:?}");
        assert_eq!(said(&output.stdout), told);
    }
    // The demo accounts are nobody's line.
    let empty = file(&running, "empty.jsonl", &[]);
    let output = load(&running, &empty, &["--demo"]);
    assert!(output.status.success() && reports(&output).is_empty(), "{output:?}");
}

#[tokio::test]
async fn a_loading_goes_on_where_it_was_broken_off() {
    let running = MultiProcess::start(&[]).await;
    let lines: Vec<_> = (0..200).map(|n| json!({"email": format!("person-{n}@example.com")})).collect();
    let path = file(&running, "long.jsonl", &lines);
    for flags in [&["--from-line", "151", "--dry-run"][..], &["--from-line", "151"]] {
        let output = load(&running, &path, flags);
        assert!(output.status.success() && reports(&output).is_empty(), "{output:?}");
        assert!(said(&output.stdout).starts_with("50 of 50 accounts "), "{output:?}");
    }
    assert_eq!(running.count(ItemKind::Account).await, 50);
    let output = load(&running, &path, &[]);
    assert_eq!(said(&output.stdout), "150 of 200 accounts are new, 50 already there\n");
    // Side by side or not, lines are told in their order.
    let expected: Vec<_> = (151..=200)
        .map(|number| format!("{}, line {number}: skipped: the account is there already", path.display()))
        .collect();
    assert_eq!(reports(&output), expected);
}

#[tokio::test]
async fn of_two_lines_with_one_address_the_first_is_loaded() {
    let running = MultiProcess::start(&[]).await;
    let line = |n: usize| json!({"email": format!("person-{}@example.com", n / 2), "phone": format!("+467017406{:02}", n / 2 + n % 2)});
    let lines: Vec<_> = (0..60).map(line).collect();
    let path = file(&running, "twice.jsonl", &lines);
    let dry = load(&running, &path, &["--dry-run"]);
    let output = load(&running, &path, &[]);
    assert_eq!(reports(&dry), reports(&output));
    // Each even line has a new email and the phone of the line before, which was skipped for its email.
    assert_eq!(said(&output.stdout), "30 of 60 accounts are new, 30 with an address that is taken\n");
    let expected = "skipped: another account has its \"email\"";
    assert!(reports(&output).iter().all(|line| line.ends_with(expected)), "{output:?}");
}

#[tokio::test]
async fn two_imports_of_one_file_at_once_add_each_account_once() {
    let running = MultiProcess::start(&[]).await;
    let person = |n: usize| json!({"email": format!("person-{n}@example.com"), "phone": format!("+467017406{n:02}"), "password": OLD_PASSWORD});
    let path = file(&running, "both.jsonl", &(0..99).map(person).collect::<Vec<_>>());
    let outputs = std::thread::scope(|scope| {
        let started = [(); 2].map(|()| scope.spawn(|| load(&running, &path, &[])));
        started.map(|loading| loading.join().unwrap())
    });
    let added: usize = outputs
        .iter()
        .map(|output| said(&output.stdout).split_once(" of 99 ").unwrap().0.parse::<usize>().unwrap())
        .sum();
    assert_eq!(added, 99);
    assert_eq!(running.count(ItemKind::Account).await, 99);
    assert_eq!(running.count(ItemKind::Identifier).await, 198);
    running.session("person-0@example.com").await;
    running.session("person-98@example.com").await;
}

#[tokio::test]
async fn exports_of_auth0_and_of_cognito_are_loaded() {
    let running = MultiProcess::start(&[]).await;
    let bcrypt = "$2b$04$0123456789ABCDEFGHIJK.3yUfS8v9pYL6FFy2KyyhuVdVuNl6FYe";
    let auth0 = file(
        &running,
        "auth0.json",
        &[
            json!({"_id": {"$oid": "60425dc43519d90068f82973"}, "email": "kim@example.com", "email_verified": true,
                "passwordHash": bcrypt, "tenant": "t", "_tmp_is_unique": true}),
            json!({"_id": "1", "email": "unverified@example.com", "email_verified": false, "passwordHash": bcrypt}),
        ],
    );
    let output = load(&running, &auth0, &["--format", "auth0"]);
    assert_eq!(said(&output.stdout), "1 of 2 accounts are new, 1 refused\n");
    let expected = format!("{}, line 2: refused: none of its addresses is verified", auth0.display());
    assert_eq!(reports(&output), [expected]);
    running.sign_in("kim@example.com", "x", 201).await;

    let cognito = running.harness.directory().join("cognito.csv");
    let table = "cognito:username,name,email,email_verified,phone_number,phone_number_verified,cognito:mfa_enabled\r\n\
        lee,\"Lee, Pat\",lee@example.com,true,+46701740605,false,false\r\nsam,Sam,sam@example.com,true\r\n";
    std::fs::write(&cognito, table).unwrap();
    let output = load(&running, &cognito, &["--format", "cognito"]);
    assert_eq!(said(&output.stdout), "1 of 2 accounts are new, 1 refused\n");
    assert!(said(&output.stderr).contains("line 3: refused: it has not as many columns"), "{output:?}");
    // Nobody has a password, so recovery sets it.
    let (sent, code) = running.code_for("lee@example.com").await;
    let token = running.token(&sent, "", &code).await;
    running.set_password(&token, "", "a new and long password", 200).await;
}

#[tokio::test]
async fn a_file_that_is_none_or_in_utf16_is_told_as_such() {
    let running = MultiProcess::start(&[]).await;
    let path = running.harness.directory().join("utf16.jsonl");
    let text = "\u{feff}{\"email\": \"a@example.com\"}\n".encode_utf16().flat_map(u16::to_le_bytes);
    std::fs::write(&path, text.collect::<Vec<_>>()).unwrap();
    let missing = running.harness.directory().join("missing.jsonl");
    for (path, reason) in [(&path, "it is UTF-16: save it as UTF-8"), (&missing, "No such file")] {
        let output = load(&running, path, &[]);
        let told = said(&output.stderr);
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
        assert!(told.starts_with(&format!("regain: {}: {reason}", path.display())), "{told}");
    }
}

#[tokio::test]
async fn the_local_stack_starts_with_the_good_lines_and_tells_the_others() {
    let (mut path, data) = (PathBuf::new(), crate::temp_dirs::directory());
    let mut start = |told_again: bool| {
        let stack = Stack::start_with(&[], |command| {
            let arguments: Vec<_> = command.get_args().map(PathBuf::from).collect();
            let place = arguments.iter().position(|argument| argument == Path::new("--accounts")).unwrap();
            path.clone_from(&arguments[place + 1]);
            write_mixed_lines(&path);
            if told_again {
                command.arg("--data").arg(&data);
            }
        });
        (stack, path.clone())
    };
    let (stack, path) = start(false);
    assert_told(&stack.log(), &path);
    for email in ["one@example.com", "four@example.com", "alice@example.com"] {
        let password = if email.starts_with("alice") { "correct horse battery staple" } else { OLD_PASSWORD };
        let body = json!({"identifier": email, "password": password});
        let answer = stack.client().post("/v1/sessions", &body).await;
        assert_eq!(answer.status, 201, "{email}");
    }
    drop(stack);
    // With data, the same file comes at each start, and nobody wants to hear who is there already.
    drop(start(true));
    let (stack, _) = start(true);
    let log = stack.log();
    assert!(!log.contains("there already") && log.contains("another account has its \"phone\""), "{log}");
    drop(stack);
    std::fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn hashes_of_other_programs_sign_in_and_are_replaced() {
    let running = MultiProcess::start(&[]).await;
    // Some of each program and scheme: there is a limit to sign-ins. The hasher's own test verifies all of them.
    let files = [
        include_str!("../../shared/crypto/testdata/argon2.jsonl"),
        include_str!("../../shared/crypto/testdata/imported.jsonl"),
    ];
    let vectors =
        files.into_iter().flat_map(str::lines).map(|line| serde_json::from_str::<Value>(line).unwrap());
    let kind = |vector: &Value| {
        let hash = vector["hash"].as_str().unwrap().split(['$', '}']).take(2).collect::<String>();
        let hash = if hash.len() > 20 { "base64".to_owned() } else { hash };
        (vector["made_by"].to_string(), hash)
    };
    let vectors: BTreeMap<_, _> = vectors.map(|vector| (kind(&vector), vector)).collect();
    let vectors: Vec<_> = vectors.into_values().collect();
    let person = |n: usize| format!("person-{n}@example.com");
    let lines: Vec<_> = vectors
        .iter()
        .enumerate()
        .map(|(n, vector)| json!({"email": person(n), "password_hash": vector["hash"]}))
        .collect();
    let output = load(&running, &file(&running, "vectors.jsonl", &lines), &[]);
    assert!(output.status.success(), "{output:?}");
    let hashes = async || -> BTreeSet<String> {
        let items = running.items().await;
        items.iter().filter_map(|item| Some(item["password_hash"]["S"].as_str()?.to_owned())).collect()
    };
    let before = hashes().await;

    for (n, vector) in vectors.iter().enumerate() {
        let password = vector["password"].as_str().unwrap();
        running.sign_in(&person(n), password, 201).await;
        running.sign_in(&person(n), password, 201).await;
    }
    let after = hashes().await;
    assert_eq!(after.len(), vectors.len());
    assert!(before.is_disjoint(&after));
    assert!(after.iter().all(|hash| hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$")), "{after:?}");
}

#[tokio::test]
async fn a_password_that_was_hashed_as_it_was_sent_signs_in_and_then_from_every_keyboard() {
    let running = MultiProcess::start(&[]).await;
    let vectors = include_str!("../../shared/crypto/testdata/argon2.jsonl");
    let vectors = vectors.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of = |form: &str| vectors.clone().find(|vector| vector["password"] == form).unwrap()["hash"].clone();
    let lines = [
        json!({"email": "nfd@example.com", "password_hash": of(NFD)}),
        json!({"email": "nfc@example.com", "password_hash": of(NFC)}),
    ];
    let output = load(&running, &file(&running, "forms.jsonl", &lines), &[]);
    assert!(output.status.success(), "{output:?}");
    // The program that made the hash took NFD and NFC for two passwords.
    running.sign_in("nfd@example.com", NFC, 401).await;
    running.sign_in("nfd@example.com", NFD, 201).await;
    running.sign_in("nfd@example.com", NFC, 201).await;
    running.sign_in("nfd@example.com", NFD, 201).await;
    running.sign_in("nfc@example.com", NFD, 201).await;
    // A new password that is the old one in another form is still the old one.
    let (sent, code) = running.code_for("nfd@example.com").await;
    let token = running.token(&sent, "", &code).await;
    let rejected = running.set_password(&token, "", NFD, 422).await;
    assert_eq!(rejected["violations"][0]["code"], "same_as_current", "{rejected}");
}
