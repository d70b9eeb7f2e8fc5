//! The hold of a recovery: what sessions tell an application about it.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::harness::{Answer, Api, NEW_PASSWORD, OLD_PASSWORD, Stack};

const DAY: i64 = 86_400;

fn unix(answer: &Answer, member: &str) -> i64 {
    OffsetDateTime::parse(&answer.text(member), &Rfc3339).unwrap().unix_timestamp()
}

/// The session of somebody who signs in now.
async fn session(api: &Api, identifier: &str, password: &str) -> Answer {
    let token = api.sign_in(identifier, password).await.text("session_token");
    api.session(&token).await
}

#[tokio::test]
async fn a_recovery_is_told_with_each_session_and_its_hold_for_three_days() {
    let stack = Stack::start(&[]);
    let (api, person) = (stack.client(), stack.person());
    let before = session(&api, &person.email, OLD_PASSWORD).await;
    assert_eq!(before.text("authenticated_at"), before.text("created_at"));
    for absent in ["password_changed_at", "recovered_at", "hold_until"] {
        assert!(before.body.get(absent).is_none(), "{before:?}");
    }

    let token = api.token_for(&person.email).await;
    let changed = api.set_password(&token, NEW_PASSWORD).await;
    let during = session(&api, &person.phone, NEW_PASSWORD).await;
    let recovered_at = unix(&changed, "password_changed_at");
    assert_eq!(
        ["password_changed_at", "recovered_at"].map(|member| unix(&during, member)),
        [recovered_at; 2],
        "{during:?}"
    );
    assert_eq!(unix(&during, "hold_until"), recovered_at + 3 * DAY);

    // Another recovery begins it anew.
    api.move_clock(2 * DAY).await;
    let token = api.token_for(&person.phone).await;
    api.set_password(&token, "another fine phrase for the door").await;
    let again = session(&api, &person.email, "another fine phrase for the door").await;
    assert_eq!(unix(&again, "hold_until"), unix(&again, "recovered_at") + 3 * DAY);
    assert!(unix(&again, "hold_until") >= recovered_at + 5 * DAY);

    api.move_clock(5 * DAY + 60).await;
    let after = session(&api, &person.email, "another fine phrase for the door").await;
    assert!(after.body.get("hold_until").is_none(), "{after:?}");
    assert_eq!(after.text("recovered_at"), again.text("recovered_at"));
}

#[tokio::test]
async fn a_password_that_is_refused_or_overtaken_is_no_recovery() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    api.set_password(&token, "short").await.is_problem(422, "password_rejected");
    let session = session(&api, &person.email, OLD_PASSWORD).await;
    assert!(session.body.get("recovered_at").is_none(), "{session:?}");
}

#[tokio::test]
async fn an_application_that_wants_no_hold_has_none() {
    let stack = Stack::start(&[("REGAIN_RECOVERY_HOLD_SECONDS", "0")]);
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    api.set_password(&token, NEW_PASSWORD).await;
    let session = session(&api, &person.email, NEW_PASSWORD).await;
    assert!(
        session.body.get("hold_until").is_none() && !session.text("recovered_at").is_empty(),
        "{session:?}"
    );
}
