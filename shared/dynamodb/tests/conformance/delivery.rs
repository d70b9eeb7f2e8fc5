//! Arming, and the end of a send.

use regain_domain::port::AcceptedMessage;
use regain_domain::{Country, SmsDestination};

use super::*;

#[test]
fn arming_is_counted_on_the_account_and_happens_once() {
    on_a_table(|table| async move {
        let armed_before = armed_challenge(&table, 1).await;
        assert_eq!(armed_before.armed, Some(armed(1)));
        assert_eq!(armed_before.send, SendState::Sending, "arming alone delivers nothing");
        let again = table.arm(&challenge(1), armed(1), &budget()).await.unwrap();
        assert_eq!(again, Arming::Changed);

        let se = Some(SmsDestination { country: Country::parse("SE").unwrap(), range: [7; 32] });
        let taken = |sms_sent_to| SendRecord {
            message: Some(AcceptedMessage { hash: None, sms_sent_to }),
            refused: Vec::new(),
        };
        table.delivered(&armed_before, armed(1), &taken(se)).await.unwrap();
        let delivered = stored(&table, armed_before.id).await;
        assert!(delivered.send == SendState::Over && delivered.sms_sent_to == se);
        assert_eq!(delivered.armed, Some(armed(1)));
        table
            .delivered(&armed_before, Armed::decoy(&armed_before.identifier), &SendRecord::default())
            .await
            .unwrap();
        let again = stored(&table, armed_before.id).await;
        assert_eq!((again.sms_sent_to, again.armed), (se, Some(armed(1))), "it was sent, whoever says no");
        let fell_back = SendRecord { refused: vec![Channel::Sms], ..taken(None) };
        table.delivered(&armed_before, armed(1), &fell_back).await.unwrap();
        let after = stored(&table, armed_before.id).await;
        assert_eq!((after.sms_sent_to, &*after.undeliverable), (None, &[Channel::Sms][..]), "an email");

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
        table.delivered(&unsent, Armed::decoy(&unsent.identifier), &SendRecord::default()).await.unwrap();
        let unsent = stored(&table, unsent.id).await;
        assert_eq!((unsent.owner(), unsent.send), (None, SendState::Over), "nobody got the code");
        assert_eq!(table.arm(&open(11).await, armed(1), &budget()).await.unwrap(), Arming::BudgetSpent);
        let tomorrow = charge_of(10, later(86_400));
        assert_eq!(table.arm(&challenge(11), armed(1), &tomorrow).await.unwrap(), Arming::BudgetSpent);
        let tomorrow = charge_of(11, later(86_400));
        assert_eq!(table.arm(&challenge(11), armed(1), &tomorrow).await.unwrap(), Arming::Armed);
    });
}

#[test]
fn everybody_is_armed_by_the_same_three_writes() {
    on_a_table(|table| async move {
        let nobody = challenge(1);
        table.open_challenge(&nobody, &[]).await.unwrap();
        let decoy = Armed::decoy(&nobody.identifier);
        let counter = |scope| Counter::new(scope, nobody.identifier, u32::MAX, NOW);
        let budget = |challenges| GuessCharge {
            per_day: counter(Scope::Armed),
            since_success: SinceSuccess::Decoy(counter(Scope::Decoys)),
            challenges,
        };
        let counts = || async { counts(&table, &[&counter(Scope::Armed), &counter(Scope::Decoys)]).await };
        assert_eq!(table.arm(&nobody, decoy, &budget(1)).await.unwrap(), Arming::Armed);
        let armed = stored(&table, nobody.id).await;
        assert_eq!((armed.armed, armed.owner(), armed.send), (Some(decoy), None, SendState::Sending));
        assert_eq!(counts().await, [1, 1]);
        assert_eq!(table.arm(&nobody, decoy, &budget(1)).await.unwrap(), Arming::Changed);
        table.delivered(&armed, decoy, &SendRecord::default()).await.unwrap();
        assert_eq!(stored(&table, nobody.id).await.send, SendState::Over);
        // The account isn't there: a right code is as good as a wrong one.
        let redeemed = table.redeem(&armed, decoy, &hash(1), NOW, later(600)).await.unwrap();
        assert!(matches!(redeemed, Redeemed::Stale));

        let resend = Resend {
            challenge: &armed,
            channel: Channel::Email,
            salt: Salt::from_bytes([9; 16]),
            now: later(60),
            expires_at: later(660),
            policy: &policy(),
            caller: CallerHash::from_bytes([9; 32]),
            call: None,
        };
        assert!(matches!(table.resend(resend).await.unwrap(), Resent::Done(_)));
        let after = stored(&table, nobody.id).await;
        assert_eq!(table.arm(&after, decoy, &budget(0)).await.unwrap(), Arming::Armed);
        assert_eq!(counts().await, [1, 1], "counted once, with its first send");
    });
}

/// Two deliveries of one record: one finds that it can't send, the other has sent.
#[test]
fn who_has_sent_the_code_arms_again_what_another_delivery_has_disarmed() {
    on_a_table(|table| async move {
        let sending = armed_challenge(&table, 1).await;
        let decoy = Armed::decoy(&sending.identifier);
        table.delivered(&sending, decoy, &SendRecord::default()).await.unwrap();
        assert_eq!(stored(&table, sending.id).await.owner(), None);
        let message = Some(AcceptedMessage { hash: None, sms_sent_to: None });
        table.delivered(&sending, armed(1), &SendRecord { message, refused: Vec::new() }).await.unwrap();
        assert_eq!(stored(&table, sending.id).await.owner(), Some(armed(1)));
        table.delivered(&sending, decoy, &SendRecord::default()).await.unwrap();
        assert_eq!(stored(&table, sending.id).await.owner(), Some(armed(1)), "it was sent, whoever says no");
    });
}
