//! Arming, recovery links and notices.

use regain_domain::limit::DAY;
use regain_domain::port::{
    Arming, ArmingBudget, DeliveryStore, OnItsWay, PasswordChange, PasswordStore, RequestStore, Trace,
    VerifyStore,
};
use regain_domain::{Armed, Challenge, Channel, Counter, Country, CredentialVersion, PasswordHash, State};

use super::{NOW, armed, armed_challenge, budget, call, challenge, hash, later, on_a_table, stored};

#[test]
fn arming_is_counted_on_the_account_and_happens_once() {
    on_a_table(|table| async move {
        let armed_before = armed_challenge(&table, 1).await;
        assert_eq!(armed_before.armed, Some(armed(1)));
        assert!(armed_before.pending, "arming alone delivers nothing");
        let again = table.arm(&challenge(1), armed(1), &budget()).await.unwrap();
        assert_eq!(again, Arming::Changed);

        let country = Country::parse("SE");
        let taken = |country| Trace { message: Some(OnItsWay { hash: None, country }), refused: Vec::new() };
        table.delivered(&armed_before, &taken(country)).await.unwrap();
        let delivered = stored(&table, armed_before.id).await;
        assert!(!delivered.pending && delivered.texted_to == country);
        assert_eq!(delivered.armed, Some(armed(1)));
        table.delivered(&armed_before, &Trace::default()).await.unwrap();
        let again = stored(&table, armed_before.id).await;
        assert_eq!((again.texted_to, again.armed), (country, Some(armed(1))), "it was sent, whoever says no");
        let fell_back = Trace { refused: vec![Channel::Sms], ..taken(None) };
        table.delivered(&armed_before, &fell_back).await.unwrap();
        let after = stored(&table, armed_before.id).await;
        assert_eq!((after.texted_to, after.undeliverable), (None, vec![Channel::Sms]), "an email");

        let open = |byte| {
            let table = table.clone();
            async move {
                table.open_challenge(&challenge(byte), &[]).await.unwrap();
                challenge(byte)
            }
        };
        let moved_on = Armed { credential_version: CredentialVersion(9), ..armed(1) };
        assert_eq!(table.arm(&open(2).await, moved_on, &budget()).await.unwrap(), Arming::Changed);
        for byte in 2..=10 {
            let challenge = if byte == 2 { challenge(2) } else { open(byte).await };
            assert_eq!(table.arm(&challenge, armed(1), &budget()).await.unwrap(), Arming::Armed);
        }
        let unsent = stored(&table, challenge(10).id).await;
        assert_eq!(unsent.armed, Some(armed(1)));
        table.delivered(&unsent, &Trace::default()).await.unwrap();
        let unsent = stored(&table, unsent.id).await;
        assert_eq!((unsent.armed, unsent.pending), (None, false), "nobody got the code");
        assert_eq!(table.arm(&open(11).await, armed(1), &budget()).await.unwrap(), Arming::BudgetSpent);
        let tomorrow = ArmingBudget {
            per_day: Counter::new("armed-day", [1; 32], DAY, 10, later(86_400)),
            since_success: 10,
        };
        assert_eq!(table.arm(&challenge(11), armed(1), &tomorrow).await.unwrap(), Arming::BudgetSpent);
        let tomorrow = ArmingBudget { since_success: 11, ..tomorrow };
        assert_eq!(table.arm(&challenge(11), armed(1), &tomorrow).await.unwrap(), Arming::Armed);
    });
}

#[test]
fn a_link_is_opened_once_and_read_back() {
    on_a_table(|table| async move {
        let link = Challenge {
            armed: Some(armed(1)),
            pending: false,
            state: State::Verified { token_hash: hash(1), token_expires_at: later(86_400) },
            ..challenge(1)
        };
        let (first, second) = (challenge(2), challenge(3));
        assert!(table.open_link(&link, &[], &first).await.unwrap().is_none());
        let opened = table.open_link(&link, &[], &second).await.unwrap().unwrap();
        assert_eq!((opened.requested_by, opened.is_sent), (first.id, false));
        assert_eq!(format!("{:?}", opened.link), format!("{link:?}"));
    });
}

#[test]
fn a_link_that_was_not_sent_in_time_makes_way_and_one_that_was_does_not() {
    on_a_table(|table| async move {
        let link = |now| Challenge {
            armed: Some(armed(1)),
            pending: false,
            state: State::Verified { token_hash: hash(1), token_expires_at: later(86_400) },
            created_at: now,
            ..challenge(1)
        };
        let (first, second) = (challenge(2), Challenge { expires_at: later(900), ..challenge(3) });
        assert!(table.open_link(&link(NOW), &[], &first).await.unwrap().is_none());
        let early = table.open_link(&link(later(599)), &[], &second).await.unwrap();
        assert_eq!(early.unwrap().requested_by, first.id, "its delivery may still send it");
        assert!(table.open_link(&link(later(600)), &[], &second).await.unwrap().is_none());
        table.link_sent(link(NOW).id, first.id).await.expect("too late, and nothing changes");
        let opened = table.open_link(&link(later(899)), &[], &first).await.unwrap().unwrap();
        assert_eq!((opened.requested_by, opened.is_sent), (second.id, false));
        table.link_sent(opened.link.id, second.id).await.unwrap();
        let opened = table.open_link(&link(later(2_000)), &[], &first).await.unwrap().unwrap();
        assert_eq!((opened.requested_by, opened.is_sent), (second.id, true));
    });
}

#[test]
fn a_notice_remembers_whom_it_reached_until_it_is_closed() {
    on_a_table(|table| async move {
        let challenge = armed_challenge(&table, 1).await;
        table.redeem(&challenge, armed(1), &hash(1), NOW, later(600)).await.unwrap();
        let mark = call(1, 1);
        let change = PasswordChange {
            challenge: challenge.id,
            token_hash: &hash(1),
            armed: armed(1),
            password_hash: PasswordHash::from_phc("$argon2id$new"),
            now: NOW,
            mark: Some(mark),
        };
        assert!(table.set_password(change).await.unwrap());
        let State::Used { call, changed_at, .. } = stored(&table, challenge.id).await.state else { panic!() };
        assert_eq!((call, changed_at), (Some(mark), NOW));
        table.notified(challenge.id, Channel::Email).await.unwrap();
        assert_eq!(table.notice(challenge.id).await.unwrap().unwrap().reached, [Channel::Email]);
        table.close_notice(challenge.id).await.unwrap();
        assert!(table.notice(challenge.id).await.unwrap().is_none());
        table.notified(challenge.id, Channel::Sms).await.expect("nothing is left to note");
        assert!(table.notice(challenge.id).await.unwrap().is_none());
    });
}
