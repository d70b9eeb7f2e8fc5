//! Items of the outbox: look-ups, links and notices.

use regain_domain::EntryId;
use regain_domain::challenge::NewLink;
use regain_domain::outbox::{Lookup, LookupKind, Waiting};
use regain_domain::port::{LinkOpened, LinkOpening};

use super::*;

fn lookup(byte: u8, now: Timestamp) -> Lookup {
    Lookup::recovery_link(IdentifierHash::from_bytes([byte; 32]), Some(hash(byte)), None, now)
}

fn link(byte: u8, now: Timestamp) -> Challenge {
    Challenge::of_link(NewLink {
        id: ChallengeId::from_bytes([byte; 16]),
        salt: Salt::from_bytes([byte; 16]),
        code_key: KeyVersion(1),
        token_hash: hash(byte),
        identifier: IdentifierHash::from_bytes([byte; 32]),
        channel: Channel::Email,
        armed: armed(1),
        locale: None,
        now,
    })
}

async fn open(table: &Table, link: &Challenge, lookup: &Lookup) -> LinkOpened {
    let opening = LinkOpening {
        link,
        day: Counter::new(Scope::Links, [1; 32], 1, lookup.at),
        account: account(1).id,
        entry: &Entry::recovery_link(link.id, lookup.at),
        lookup: &lookup.name(),
    };
    table.open_link(opening).await.unwrap()
}

async fn waiting(table: &Table) -> Vec<Entry> {
    table.outbox(account(1).id).await.unwrap().map_or_else(Vec::new, |outbox| outbox.entries)
}

#[test]
fn a_lookup_is_queued_once_in_its_hour_and_waits_until_it_is_closed() {
    on_a_table(|table| async move {
        let first = lookup(1, NOW);
        assert!(table.lookup(&first.name()).await.unwrap().is_none());
        DeliveryStore::queue(&table, &first).await.unwrap();
        RequestStore::queue(&table, &Lookup { at: later(60), ..first.clone() }).await.unwrap();
        let found = table.lookup(&first.name()).await.unwrap().unwrap();
        assert_eq!((found.at, found.identifier), (NOW, first.identifier), "the first stays");
        let LookupKind::RecoveryLink { postal_code, locale } = found.kind else { panic!("{found:?}") };
        assert_eq!((postal_code.unwrap().parts(), locale), (hash(1).parts(), None));
        table.postpone(&Waiting::Lookup(first.name()), None).await.unwrap();
        assert!(table.lookup(&first.name()).await.unwrap().is_some());

        table.close_lookup(&first.name()).await.unwrap();
        assert!(table.lookup(&first.name()).await.unwrap().is_none());
        table.postpone(&Waiting::Lookup(first.name()), None).await.unwrap();
        DeliveryStore::queue(&table, &first).await.unwrap();
        assert!(table.lookup(&first.name()).await.unwrap().is_none(), "it is over for its hour");
        let next = lookup(1, later(3_600));
        DeliveryStore::queue(&table, &next).await.unwrap();
        assert!(table.lookup(&next.name()).await.unwrap().is_some());
        table.close_lookup(&lookup(9, NOW).name()).await.expect("there is none, and nothing is made");
        assert!(table.lookup(&lookup(9, NOW).name()).await.unwrap().is_none());
    });
}

#[test]
fn a_link_is_opened_once_a_day_with_all_that_belongs_to_it() {
    on_a_table(|table| async move {
        add_account(&table, 1).await;
        let (first, second) = (lookup(1, NOW), lookup(1, later(3_600)));
        assert_eq!(open(&table, &link(1, NOW), &first).await, LinkOpened::Stale, "nothing asked for it");
        assert!(
            waiting(&table).await.is_empty()
                && RequestStore::challenge(&table, link(1, NOW).id).await.unwrap().is_none()
        );
        DeliveryStore::queue(&table, &first).await.unwrap();
        let opened = join_all((1..=8).map(|byte| {
            let (table, first) = (&table, &first);
            async move { open(table, &link(byte, NOW), first).await }
        }))
        .await;
        assert_eq!(opened.iter().filter(|opened| **opened == LinkOpened::Done).count(), 1);
        assert!(table.lookup(&first.name()).await.unwrap().is_none(), "it is over");
        let entries = waiting(&table).await;
        let [Entry { kind: regain_domain::outbox::EntryKind::RecoveryLink { link: made }, .. }] = entries[..]
        else {
            panic!("{entries:?}")
        };
        let made = stored(&table, made).await;
        assert_eq!((made.armed, made.send), (Some(armed(1)), SendState::Over));
        assert!(matches!(made.state, State::Verified { .. }));

        DeliveryStore::queue(&table, &second).await.unwrap();
        assert_eq!(open(&table, &link(9, later(3_600)), &second).await, LinkOpened::AlreadyToday);
        assert!(table.lookup(&second.name()).await.unwrap().is_some(), "who asked closes it");
        let tomorrow = lookup(1, later(86_400));
        DeliveryStore::queue(&table, &tomorrow).await.unwrap();
        assert_eq!(open(&table, &link(9, later(86_400)), &tomorrow).await, LinkOpened::Done);
        assert_eq!(waiting(&table).await.len(), 2);
    });
}

#[test]
fn a_link_works_from_when_it_was_sent_first() {
    on_a_table(|table| async move {
        let asked = lookup(1, NOW);
        DeliveryStore::queue(&table, &asked).await.unwrap();
        assert_eq!(open(&table, &link(1, NOW), &asked).await, LinkOpened::Done);
        for (seconds, expected) in [(90_000, 90_000), (100_000, 90_000)] {
            table.link_sent(link(1, NOW).id, later(seconds)).await.unwrap();
            let stored = stored(&table, link(1, NOW).id).await;
            let token = stored.state.token().unwrap();
            assert_eq!((token.expires_at, stored.expires_at), (later(expected), later(expected)));
            assert_eq!(stored.purge_at(), later(expected + 86_400));
        }
        table
            .link_sent(ChallengeId::from_bytes([9; 16]), later(1))
            .await
            .expect("there is none, and nothing is made");
        assert!(RequestStore::challenge(&table, ChallengeId::from_bytes([9; 16])).await.unwrap().is_none());
    });
}

/// Sets a password, which queues a notice.
async fn change_password(table: &Table, byte: u8, now: Timestamp) -> EntryId {
    let challenge = challenge(byte);
    table.open_challenge(&challenge, &[]).await.unwrap();
    let account = AccountReader::<Account>::account(table, account(1).id).await.unwrap().unwrap();
    let armed = Armed::of(&standing(&account));
    let redeemed = table.redeem(&challenge, armed, &hash(byte), NOW, later(600)).await.unwrap();
    assert!(matches!(redeemed, Redeemed::Done));
    let change = PasswordChange {
        challenge: challenge.id,
        token_hash: &hash(byte),
        armed,
        now,
        record: None,
        device: device(byte),
    };
    assert!(table.set_password(&PasswordHash::from_phc("$argon2id$new"), change).await.unwrap());
    EntryId::from_bytes([byte; 16])
}

#[test]
fn an_account_s_entries_wait_in_order_and_remember_whom_they_reached() {
    on_a_table(|table| async move {
        add_account(&table, 1).await;
        let id = account(1).id;
        // Of the same second, and with ids in the other order.
        let first = change_password(&table, 3, later(10)).await;
        let second = change_password(&table, 2, later(10)).await;
        let outbox = table.outbox(id).await.unwrap().unwrap();
        let ids: Vec<_> = outbox.entries.iter().map(|entry| entry.id).collect();
        assert_eq!((ids, outbox.added), (vec![first, second], 2));
        table.reached(id, first, Channel::Email).await.unwrap();
        table.reached(id, EntryId::from_bytes([9; 16]), Channel::Sms).await.expect("there is no such entry");
        assert_eq!(waiting(&table).await[0].reached, [Channel::Email]);
        assert!(waiting(&table).await[1].reached.is_empty());
        table.postpone(&Waiting::Account(id), Some(later(90))).await.unwrap();
        table.postpone(&Waiting::Account(id), None).await.unwrap();
        let outbox = table.outbox(id).await.unwrap().unwrap();
        assert_eq!((outbox.postponed, outbox.not_before), (1, Some(later(90))));

        table.close_entry(id, first, None).await.unwrap();
        let outbox = table.outbox(id).await.unwrap().unwrap();
        assert_eq!((outbox.postponed, outbox.not_before), (0, None), "one was sent");
        // Another is added between the last read and the last write.
        let third = change_password(&table, 4, later(30)).await;
        table.close_entry(id, second, Some(2)).await.unwrap();
        assert_eq!(waiting(&table).await.iter().map(|entry| entry.id).collect::<Vec<_>>(), [third]);
        table.close_entry(id, third, Some(3)).await.unwrap();
        assert!(table.outbox(id).await.unwrap().is_none(), "what is empty is gone");
        table.reached(id, third, Channel::Email).await.expect("nothing is left to note");
        table.postpone(&Waiting::Account(id), Some(later(90))).await.expect("nothing waits");
        assert!(table.outbox(id).await.unwrap().is_none());

        // A handler that is late finds another outbox of the same count, and leaves it alone.
        let fourth = change_password(&table, 5, later(40)).await;
        table.close_entry(id, third, Some(1)).await.unwrap();
        assert_eq!(waiting(&table).await.iter().map(|entry| entry.id).collect::<Vec<_>>(), [fourth]);
    });
}
