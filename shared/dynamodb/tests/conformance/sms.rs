//! The counting of SMS.

use regain_domain::port::AcceptedMessage;
use regain_domain::port::sms::{ConversionStore as _, SmsTry};
use regain_domain::sms_limits::{Breadth, Conversion, SMS_TRIES};

use super::*;

/// A country's and a range's counters of the hour, for a message of a caller to a range.
fn counters(caller: u8, range: u8) -> [ConversionCounter; 2] {
    let counter = |scope, subject| Counter::new(scope, [subject; 32], u32::MAX, NOW);
    let breadth = Some(Breadth { caller: Some([caller, 0]), range: [range, 0] });
    [
        ConversionCounter { counter: counter(Scope::SmsConversionOfCountry, 1), breadth },
        ConversionCounter { counter: counter(Scope::SmsConversionOfRange, range), breadth: None },
    ]
}

#[test]
fn sms_are_counted_with_who_and_what_stands_behind_them() {
    on_a_table(|table| async move {
        let count = |caller, range| {
            let table = table.clone();
            async move {
                let [country, range] = table.count_sms(&counters(caller, range)).await.unwrap()[..] else {
                    panic!()
                };
                (country, range)
            }
        };
        let first = Conversion { sent: 1, verified: 0, callers: 1, ranges: 1 };
        let of_range = |sent| Conversion { sent, ..Conversion::default() };
        assert_eq!(count(1, 1).await, (first, of_range(1)));
        assert_eq!(count(1, 2).await, (Conversion { sent: 2, ranges: 2, ..first }, of_range(1)));
        assert_eq!(count(1, 1).await, (Conversion { sent: 3, ranges: 2, ..first }, of_range(2)));
        let [country, range] = counters(2, 2);
        table.count_verified(vec![country.counter.clone(), range.counter]).await.unwrap();
        table.refund(vec![country.counter]).await.unwrap();
        let after = Conversion { sent: 3, verified: 1, callers: 2, ranges: 2 };
        assert_eq!(count(2, 2).await, (after, Conversion { verified: 1, ..of_range(2) }));
    });
}

#[test]
fn a_send_has_two_tries_however_many_deliveries_there_are_and_a_resend_has_its_own() {
    on_a_table(|table| async move {
        let challenge = armed_challenge(&table, 1).await;
        let taken = join_all((0..8).map(|_| table.take_sms_try(&challenge))).await;
        let mut taken: Vec<_> = taken.into_iter().map(Result::unwrap).collect();
        taken.sort_by_key(|taken| if let SmsTry::Taken(tries) = taken { *tries } else { 9 });
        assert_eq!(taken[..3], [SmsTry::Taken(1), SmsTry::Taken(SMS_TRIES), SmsTry::Spent]);
        assert!(taken[2..].iter().all(|taken| *taken == SmsTry::Spent), "{taken:?}");
        table.return_sms_try(&challenge).await.unwrap();
        assert_eq!(table.take_sms_try(&challenge).await.unwrap(), SmsTry::Taken(SMS_TRIES));

        let resend = Resend {
            challenge: &challenge,
            channel: Channel::Sms,
            salt: Salt::from_bytes([9; 16]),
            now: NOW,
            expires_at: challenge.expires_at,
            policy: &policy(),
            caller: CallerHash::from_bytes([9; 32]),
            call: None,
        };
        let Resent::Done(after) = table.resend(resend).await.unwrap() else { panic!() };
        assert_eq!(table.take_sms_try(&after).await.unwrap(), SmsTry::Over, "not armed yet");
        assert_eq!(table.arm(&after, armed(1), &budget()).await.unwrap(), Arming::Armed);
        assert_eq!(after.caller, Some(CallerHash::from_bytes([9; 32])));
        assert_eq!(table.take_sms_try(&challenge).await.unwrap(), SmsTry::Over, "superseded");
        assert_eq!(table.take_sms_try(&after).await.unwrap(), SmsTry::Taken(1));
        table.return_sms_try(&challenge).await.expect("of another send, and nothing changes");
        assert_eq!(table.take_sms_try(&after).await.unwrap(), SmsTry::Taken(2));
        let sent = SendRecord {
            message: Some(AcceptedMessage { hash: None, sms_sent_to: None }),
            refused: Vec::new(),
        };
        table.delivered(&after, armed(1), &sent).await.unwrap();
        assert_eq!(table.take_sms_try(&after).await.unwrap(), SmsTry::Over, "delivered");
    });
}
