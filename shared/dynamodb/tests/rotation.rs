//! What the store does while a key rotates: items and marks of one call that are called differently under
//! each version, over the embedded DynamoDB.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use futures_util::future::join_all;
use regain_domain::port::{Charge, DeliveryStore, RequestStore, VerifyStore};
use regain_domain::{
    Call, CallMark, Challenge, ChallengeId, ChallengePolicy, Channel, CodeLength, Generation, IdentifierHash,
    KeyVersion, Purpose, Salt, SecretHash, State, Timestamp,
};
use regain_dynamodb::Table;

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

/// A new table, in a database of its own.
async fn table() -> Table {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, std::future::pending()));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-north-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let table = Table::new(Client::from_conf(config), "rotation");
    table.create_if_absent().await.unwrap();
    table
}

fn id(byte: u8) -> ChallengeId {
    ChallengeId::from_bytes([byte; 16])
}

fn challenge(byte: u8, salt: u8) -> Challenge {
    Challenge {
        id: id(byte),
        purpose: Purpose::PasswordReset,
        identifier: IdentifierHash::from_bytes([byte; 32]),
        channel: Channel::Email,
        generation: Generation(1),
        salt: Salt::from_bytes([salt; 16]),
        code_key: KeyVersion(1),
        locale: None,
        created_at: NOW,
        sent_at: NOW,
        expires_at: NOW.plus(Duration::from_mins(10)),
        attempts: 0,
        rejections: 0,
        state: State::Open,
        armed: None,
        pending: true,
        postal_code: None,
        texted_to: None,
        undeliverable: Vec::new(),
        marks: Vec::new(),
    }
}

#[tokio::test]
async fn one_call_opens_one_challenge_whichever_version_names_it() {
    let table = table().await;
    for pair in 0..10 {
        let (old, new) = (2 * pair + 1, 2 * pair + 2);
        // Processes before and after a promotion, all at the same moment.
        let opened = join_all((0..8).map(|n| {
            let (own, other) = if n % 2 == 0 { (old, new) } else { (new, old) };
            let (table, challenge) = (table.clone(), challenge(own, n));
            async move { table.open_challenge(&challenge, &[id(other)]).await.unwrap() }
        }))
        .await;
        assert_eq!(opened.iter().filter(|existing| existing.is_none()).count(), 1);
        let mut there = Vec::new();
        for byte in [old, new] {
            there.extend(RequestStore::challenge(&table, id(byte)).await.unwrap());
        }
        assert_eq!(there.len(), 1);
        assert!(opened.iter().flatten().all(|existing| existing.id == there[0].id));
    }
    // The same write again, as after an answer that was lost.
    assert!(table.open_challenge(&challenge(50, 1), &[id(51)]).await.unwrap().is_none());
    assert!(table.open_challenge(&challenge(50, 1), &[id(51)]).await.unwrap().is_none());
}

#[tokio::test]
async fn a_link_under_another_version_is_the_days_link() {
    let table = table().await;
    let token_hash = SecretHash::from_parts(KeyVersion(1), [1; 32]);
    let state = State::Verified { token_hash, token_expires_at: NOW.plus(Duration::from_hours(24)) };
    let link = |byte| Challenge { pending: false, state: state.clone(), ..challenge(byte, byte) };
    assert!(table.open_link(&link(1), &[id(2)], id(8)).await.unwrap().is_none());
    let opened = table.open_link(&link(2), &[id(1)], id(9)).await.unwrap().unwrap();
    assert_eq!((opened.link.id, opened.requested_by), (id(1), id(8)));
}

#[tokio::test]
async fn a_guess_is_charged_once_whichever_version_marks_it() {
    let table = table().await;
    table.open_challenge(&challenge(1, 1), &[]).await.unwrap();
    let policy = ChallengePolicy {
        code_length: CodeLength::new(6).unwrap(),
        code_lifetime: Duration::from_mins(10),
        challenge_lifetime: Duration::from_mins(30),
        attempts: 5,
        resends: 3,
        resend_cooldown: Duration::from_mins(1),
        token_lifetime: Duration::from_mins(10),
    };
    let mark = |byte| CallMark { name: [byte; 16], fingerprint: [byte; 16] };
    let before = Call { mark: mark(1), others: vec![mark(2)] };
    let after = Call { mark: mark(2), others: vec![mark(1)] };
    let charges = join_all((0..10).map(|n| {
        let (table, call) = (table.clone(), if n % 2 == 0 { &before } else { &after });
        async move { table.charge_attempt(id(1), NOW, &policy, Some(call)).await.unwrap() }
    }))
    .await;
    assert_eq!(charges.iter().filter(|charge| matches!(charge, Charge::Charged(_))).count(), 1);
    let challenge = RequestStore::challenge(&table, id(1)).await.unwrap().unwrap();
    assert_eq!((challenge.attempts, challenge.marks.len()), (1, 1));
}
