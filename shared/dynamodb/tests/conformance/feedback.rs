//! Messages that did not arrive.

use regain_domain::MessageHash;
use regain_domain::port::operator::OperatorStore as _;
use regain_domain::port::{AcceptedMessage, FeedbackStore, SendRecord, SuppressionReason};

use super::*;

fn hash_of(byte: u8) -> IdentifierHash {
    IdentifierHash::from_bytes([byte; 32])
}

fn taken(message: MessageHash) -> SendRecord {
    SendRecord {
        message: Some(AcceptedMessage { hash: Some(message), sms_sent_to: None }),
        refused: Vec::new(),
    }
}

fn no_message(refused: Channel) -> SendRecord {
    SendRecord { message: None, refused: vec![refused] }
}

async fn until(table: &Table, addresses: &[u8]) -> Vec<Option<Timestamp>> {
    let hashes: Vec<_> = addresses.iter().map(|byte| hash_of(*byte)).collect();
    table.suppressed_until(&hashes).await.unwrap()
}

#[test]
fn an_address_of_an_account_is_suppressed_and_the_account_is_still_found_by_it() {
    on_a_table(|table| async move {
        assert_eq!(table.add_account(&account(1), &[hash_of(1), hash_of(2)]).await.unwrap(), Adding::Added);
        assert_eq!(until(&table, &[1, 2]).await, [None, None]);
        assert!(table.suppress(&hash_of(1), SuppressionReason::Bounced, later(600)).await.unwrap());
        assert_eq!(until(&table, &[2, 1]).await, [None, Some(later(600))], "in the order of the question");
        assert!(table.suppress(&hash_of(1), SuppressionReason::Complained, later(900)).await.unwrap());
        assert_eq!(until(&table, &[1]).await, [Some(later(900))], "the last word counts");
        assert!(AccountReader::<Account>::account_behind(&table, &hash_of(1)).await.unwrap().is_some());
        assert!(table.unsuppress(&hash_of(1)).await.unwrap());
        assert_eq!(until(&table, &[1]).await, [None]);
        assert!(table.unsuppress(&hash_of(1)).await.unwrap(), "again, it changes nothing");
        assert!(!table.unsuppress(&hash_of(9)).await.unwrap(), "nobody's");
    });
}

#[test]
fn nobodys_address_is_not_suppressed() {
    on_a_table(|table| async move {
        assert!(!table.suppress(&hash_of(1), SuppressionReason::InvalidNumber, later(600)).await.unwrap());
        assert_eq!(until(&table, &[1]).await, [None]);
        // Nothing was written: the identifier is still free.
        assert_eq!(table.add_account(&account(1), &[hash_of(1)]).await.unwrap(), Adding::Added);
        assert_eq!(until(&table, &[1]).await, [None]);
    });
}

#[test]
fn a_message_leads_to_its_challenge_even_if_that_was_superseded() {
    on_a_table(|table| async move {
        let challenge = armed_challenge(&table, 1).await;
        let (first, second) = (MessageHash::from_bytes([1; 32]), MessageHash::from_bytes([2; 32]));
        assert_eq!(table.challenge_of(first).await.unwrap(), None);
        table.delivered(&challenge, armed(1), &taken(first)).await.unwrap();
        assert_eq!(table.challenge_of(first).await.unwrap(), Some(challenge.id));
        assert_eq!(stored(&table, challenge.id).await.send, SendState::Over);

        let superseded = but(&challenge, |record| record.generation = Generation(9));
        table.delivered(&superseded, armed(1), &taken(second)).await.unwrap();
        assert_eq!(table.challenge_of(second).await.unwrap(), Some(challenge.id), "it went out all the same");
        table.delivered(&challenge, armed(1), &taken(first)).await.expect("a second time changes nothing");
    });
}

#[test]
fn a_challenge_is_marked_once_for_a_channel_and_keeps_it_over_resends() {
    on_a_table(|table| async move {
        let id = challenge(1).id;
        assert!(!table.mark_undeliverable(id, Channel::Email).await.unwrap(), "there is none");
        assert!(DeliveryStore::challenge(&table, id).await.unwrap().is_none(), "and there still is none");
        let before = armed_challenge(&table, 1).await;
        for _ in 0..2 {
            assert!(table.mark_undeliverable(id, Channel::Email).await.unwrap());
        }
        assert_eq!(stored(&table, id).await.undeliverable, [Channel::Email]);
        let resend = Resend {
            challenge: &before,
            channel: Channel::Email,
            salt: Salt::from_bytes([9; 16]),
            now: NOW,
            expires_at: later(600),
            policy: &policy(),
            caller: CallerHash::from_bytes([9; 32]),
            call: None,
        };
        assert!(matches!(table.resend(resend).await.unwrap(), Resent::Done(_)));
        let after = stored(&table, id).await;
        assert_eq!(
            (after.generation, after.undeliverable.as_slice()),
            (Generation(2), &[Channel::Email][..])
        );
        assert!(table.mark_undeliverable(id, Channel::Sms).await.unwrap());
        assert_eq!(stored(&table, id).await.undeliverable.len(), 2);
    });
}

#[test]
fn a_channel_that_was_refused_is_noted_with_the_end_of_the_send() {
    on_a_table(|table| async move {
        let challenge = armed_challenge(&table, 1).await;
        let superseded = but(&challenge, |record| record.generation = Generation(9));
        table.delivered(&superseded, armed(1), &no_message(Channel::Sms)).await.unwrap();
        assert!(stored(&table, challenge.id).await.undeliverable.is_empty(), "of another send");
        table.delivered(&challenge, armed(1), &no_message(Channel::Email)).await.unwrap();
        let after = stored(&table, challenge.id).await;
        assert_eq!((after.send, after.undeliverable.as_slice()), (SendState::Over, &[Channel::Email][..]));
    });
}
