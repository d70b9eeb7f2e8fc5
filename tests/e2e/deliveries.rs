//! Deliveries that are repeated, late, overtaken or broken off: over the real store, with a messenger that
//! writes down what it is given.

use regain_domain::outbox::{Lookup, Waiting};
use regain_domain::port::{
    AcceptedMessage, DeliveryStore, FeedbackStore, OutboxStore, Resend, ResendStore, Resent, SendRecord,
};
use regain_domain::usecase::deliver::{Blocked, Delivered};
use regain_domain::usecase::outbox::Handled;
use regain_domain::{
    CallerHash, Challenge, ChallengeId, Channel, IdentifierHash, LinkToken, MessageHash, MessageId, Salt,
    SendState,
};

use crate::delivery_world::{ACCOUNT, START, World};

#[tokio::test]
async fn a_record_that_comes_again_sends_nothing_again() {
    let world = World::new("again").await;
    let challenge = world.challenge(1).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
    for _ in 0..3 {
        assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Stale));
    }
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn records_in_parallel_arm_once_and_send_the_same_code() {
    let world = World::new("parallel").await;
    let challenge = world.challenge(1).await;
    let outcomes = futures_util::future::join_all((0..8).map(|_| world.deliver(&challenge, 1))).await;
    assert!(outcomes.iter().all(Option::is_some), "{outcomes:?}");
    let sent = world.sent();
    assert!(!sent.is_empty() && sent.iter().all(|message| *message == sent[0]), "{sent:?}");
    // Two may be armed a day: had the race counted twice, the next would get a link.
    let next = world.challenge(2).await;
    assert_eq!(world.deliver(&next, 1).await, Some(Delivered::Sent));
    assert!(world.sent().last().unwrap().contains(' '), "a code, not a link");
}

#[tokio::test]
async fn a_send_that_failed_is_the_same_when_it_is_tried_again() {
    let world = World::new("failed").await;
    let challenge = world.challenge(1).await;
    world.fail(2);
    assert_eq!(world.deliver(&challenge, 1).await, None);
    assert_eq!(world.deliver(&challenge, 1).await, None);
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_sent() {
    let world = World::new("stale").await;
    let expired = world.challenge(1).await;
    world.move_clock(expired.expires_at);
    assert_eq!(world.deliver(&expired, 1).await, Some(Delivered::Stale));
    world.move_clock(START);
    let resend = Resend {
        challenge: &expired,
        channel: Channel::Email,
        salt: Salt::from_bytes([9; 16]),
        now: START,
        expires_at: expired.expires_at,
        policy: &world.policy,
        caller: CallerHash::from_bytes([9; 32]),
        call: None,
    };
    assert!(matches!(world.table.resend(resend).await.unwrap(), Resent::Done(_)));
    assert_eq!(world.deliver(&expired, 1).await, Some(Delivered::Stale), "superseded");
    assert_eq!(world.deliver(&expired, 2).await, Some(Delivered::Sent));
    assert_eq!(world.sent().len(), 1);
    let mut unknown = (*expired).clone();
    unknown.id = ChallengeId::from_bytes([7; 16]);
    let unknown = Challenge::from_record(unknown);
    assert_eq!(world.deliver(&unknown, 1).await, Some(Delivered::Stale));
}

#[tokio::test]
async fn a_spent_budget_queues_a_link_for_each_address_that_is_asked_for() {
    let world = World::new("budget").await;
    for byte in 1..=2 {
        let challenge = world.challenge(byte).await;
        assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
    }
    assert_eq!(world.send_link(world.identifier).await, [Handled::Stale], "nothing asked for one");
    let third = world.challenge(3).await;
    assert_eq!(world.deliver(&third, 1).await, Some(Delivered::BudgetSpent));
    assert_eq!(world.deliver(&third, 1).await, Some(Delivered::Stale), "delivered means handled");
    assert_eq!(world.send_link(world.identifier).await, [Handled::Queued, Handled::Sent]);
    assert_eq!(world.send_link(world.identifier).await, [Handled::Stale]);
    // By the phone it is another address, whatever channel is asked for.
    let fourth = world.challenge_of(4, world.phone, Channel::Email).await;
    assert_eq!(world.deliver(&fourth, 1).await, Some(Delivered::BudgetSpent));
    assert_eq!(world.send_link(world.phone).await, [Handled::Queued, Handled::Sent]);
    assert_eq!(world.ways(), [Channel::Email, Channel::Email, Channel::Email, Channel::Sms]);
    let links = &world.sent()[2..];
    assert!(links.iter().all(|link| link.len() == 26) && links[0] != links[1], "{links:?}");
    // An hour later it is queued again, and the address has had its link of the day.
    world.move_clock(START.plus(std::time::Duration::from_hours(1)));
    let fifth = world.challenge(5).await;
    assert_eq!(world.deliver(&fifth, 1).await, Some(Delivered::BudgetSpent));
    assert_eq!(world.send_link(world.identifier).await, [Handled::AlreadyToday]);
    // The next day there are codes again.
    world.move_clock(START.plus(std::time::Duration::from_hours(24)));
    let next = world.challenge(6).await;
    assert_eq!(world.deliver(&next, 1).await, Some(Delivered::Sent));
    assert!(world.sent().last().unwrap().contains(' '), "a code, not a link");
}

/// A link is tried for a day, and then works for a day.
#[tokio::test]
async fn a_link_waits_for_a_service_that_is_down_and_is_the_same_when_it_is_tried_again() {
    let world = World::new("link-waits").await;
    let lookup = Lookup::recovery_link(world.identifier, None, None, START);
    DeliveryStore::queue(&world.table, &lookup).await.unwrap();
    assert_eq!(world.handle(Waiting::Lookup(lookup.name())).await, Some(vec![Handled::Queued]));
    world.fail(2);
    for hours in [0, 12] {
        world.move_clock(START.plus(std::time::Duration::from_hours(hours)));
        assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, None);
    }
    world.move_clock(START.plus(std::time::Duration::from_hours(23)));
    assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, Some(vec![Handled::Sent]));
    let [link] = &world.sent()[..] else { panic!("one link") };
    let challenge = OutboxStore::challenge(&world.table, LinkToken::parse(link).unwrap().id()).await.unwrap();
    let challenge = challenge.unwrap();
    assert_eq!(challenge.state.token().unwrap().expires_at, START.plus(std::time::Duration::from_hours(47)));

    let late = Lookup::recovery_link(world.phone, None, None, START);
    DeliveryStore::queue(&world.table, &late).await.unwrap();
    assert_eq!(world.handle(Waiting::Lookup(late.name())).await, Some(vec![Handled::Queued]));
    world.move_clock(START.plus(std::time::Duration::from_hours(47)));
    assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, Some(vec![Handled::GivenUp]));
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn a_link_goes_to_no_address_but_the_one_that_was_typed_and_to_no_dead_one() {
    let world = World::new("link-address").await;
    let queue = async |identifier| {
        let lookup = Lookup::recovery_link(identifier, None, None, START);
        DeliveryStore::queue(&world.table, &lookup).await.unwrap();
    };
    world.suppress(world.identifier, 60).await;
    queue(world.identifier).await;
    assert_eq!(world.send_link(world.identifier).await, [Handled::Suppressed]);
    let nobody = IdentifierHash::from_bytes([9; 32]);
    queue(nobody).await;
    assert_eq!(world.send_link(nobody).await, [Handled::NoRecipient]);
    let unlisted = world.add_phone(9, "+33612345678").await;
    queue(unlisted).await;
    assert_eq!(world.send_link(unlisted).await, [Handled::CountryNotAllowed]);
    world.refuse(&[Channel::Sms]);
    queue(world.phone).await;
    assert_eq!(world.send_link(world.phone).await, [Handled::Queued, Handled::Refused]);
    assert!(world.sent().is_empty());
}

#[tokio::test]
async fn a_new_password_ends_a_link_that_was_not_sent_yet() {
    let world = World::new("link-overtaken").await;
    let lookup = Lookup::recovery_link(world.identifier, None, None, START);
    DeliveryStore::queue(&world.table, &lookup).await.unwrap();
    assert_eq!(world.handle(Waiting::Lookup(lookup.name())).await, Some(vec![Handled::Queued]));
    let challenge = world.challenge(1).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
    world.change_password(&challenge).await;
    let handled = world.handle(Waiting::Account(ACCOUNT)).await;
    assert_eq!(handled, Some(vec![Handled::NoRecipient, Handled::Sent]), "the link, then the notice");
    assert_eq!(world.sent()[1..], ["changed", "changed"]);
}

#[tokio::test]
async fn a_message_to_a_suppressed_address_goes_to_the_other_one() {
    let world = World::new("suppressed").await;
    world.suppress(world.identifier, 60).await;
    let challenge = world.challenge(1).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::FellBack));
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Stale), "once, by one channel");
    assert_eq!(world.ways(), [Channel::Sms]);
    let message = MessageId::parse("message-1").unwrap();
    let hash = MessageHash::of(world.deliver.context.prf.as_ref(), Channel::Sms, &message).unwrap();
    assert_eq!(world.table.challenge_of(hash).await.unwrap(), Some(challenge.id));
    // What was asked for is still what answers say.
    assert_eq!(world.stored(&challenge).await.channel, Channel::Email);
}

#[tokio::test]
async fn where_every_address_is_suppressed_nothing_is_sent_and_no_budget_is_spent_until_it_ends() {
    let world = World::new("all-suppressed").await;
    world.suppress(world.identifier, 60).await;
    world.suppress(world.phone, 90).await;
    for byte in 1..=3 {
        let challenge = world.challenge(byte).await;
        assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Suppressed));
        let stored = world.stored(&challenge).await;
        assert!(stored.owner().is_none() && stored.send == SendState::Over);
    }
    assert!(world.sent().is_empty());
    world.move_clock(START.plus(std::time::Duration::from_mins(1)));
    let after = world.challenge(4).await;
    assert_eq!(world.deliver(&after, 1).await, Some(Delivered::Sent));
    assert!(world.sent()[0].contains(' '), "a code, not a link");
    assert_eq!(world.ways(), [Channel::Email]);
}

#[tokio::test]
async fn a_channel_that_failed_a_challenge_is_its_last_resort() {
    let world = World::new("marked").await;
    let (first, second) = (world.challenge(1).await, world.challenge(2).await);
    assert!(world.table.mark_undeliverable(first.id, Channel::Email).await.unwrap());
    assert_eq!(world.deliver(&first, 1).await, Some(Delivered::FellBack));
    assert_eq!(world.deliver(&second, 1).await, Some(Delivered::Sent), "other challenges don't mind");
    assert_eq!(world.ways(), [Channel::Sms, Channel::Email]);
    world.move_clock(START.plus(std::time::Duration::from_hours(24)));
    world.suppress(world.phone, 100_000).await;
    let third = world.challenge(3).await;
    assert!(world.table.mark_undeliverable(third.id, Channel::Email).await.unwrap());
    assert_eq!(world.deliver(&third, 1).await, Some(Delivered::Sent), "nothing else is left");
    assert_eq!(world.ways()[2], Channel::Email);
}

#[tokio::test]
async fn what_one_channel_refuses_the_other_takes() {
    let world = World::new("refused").await;
    world.refuse(&[Channel::Email]);
    let challenge = world.challenge(1).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::FellBack));
    assert_eq!(world.ways(), [Channel::Sms]);
    assert_eq!(world.stored(&challenge).await.undeliverable, [Channel::Email], "the next goes there at once");
    world.refuse(&[Channel::Email, Channel::Sms]);
    let challenge = world.challenge(2).await;
    let reason = "on purpose".to_owned();
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Refused { reason }));
    let stored = world.stored(&challenge).await;
    assert_eq!(stored.owner(), None, "nobody may guess at what nobody got");
    let mut refused = stored.undeliverable.clone();
    refused.sort_by_key(|channel| channel.as_str());
    assert_eq!(refused, [Channel::Email, Channel::Sms]);
}

#[tokio::test]
async fn a_number_that_gets_no_sms_is_armed_with_a_decoy_and_not_guessed_at_unheard() {
    let world = World::new("unlisted").await;
    let number = world.add_phone(9, "+33612345678").await;
    let challenge = world.challenge_of(1, number, Channel::Sms).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Blocked(Blocked::Country)));
    assert!(world.stored(&challenge).await.owner().is_none() && world.sent().is_empty());
}

#[tokio::test]
async fn a_notice_passes_over_a_dead_address() {
    let world = World::new("notice").await;
    let challenge = world.challenge(1).await;
    assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
    world.change_password(&challenge).await;
    world.suppress(world.identifier, 60).await;
    assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, Some(vec![Handled::Sent]));
    assert_eq!(world.ways(), [Channel::Email, Channel::Sms], "the code, and the notice");
    assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, Some(vec![Handled::Stale]));
}

/// The first that fails holds up those behind it, and each comes once.
#[tokio::test]
async fn an_account_s_notices_come_in_order_and_once() {
    let world = World::new("notices").await;
    for byte in 1..=2 {
        let challenge = world.challenge(byte).await;
        assert_eq!(world.deliver(&challenge, 1).await, Some(Delivered::Sent));
        world.change_password(&challenge).await;
        world.move_clock(START.plus(std::time::Duration::from_secs(byte.into())));
    }
    world.fail(1);
    assert_eq!(world.handle(Waiting::Account(ACCOUNT)).await, None, "its email failed, its text went out");
    assert_eq!(world.ways()[2..], [Channel::Sms]);
    let handled = world.handle(Waiting::Account(ACCOUNT)).await;
    assert_eq!(handled, Some(vec![Handled::Sent, Handled::Sent]));
    assert_eq!(world.ways()[3..], [Channel::Email, Channel::Email, Channel::Sms]);
}

/// Two deliveries of one record at the same time: one has sent the code, the other is refused on every channel.
#[tokio::test]
async fn a_delivery_that_is_refused_does_not_disarm_a_code_that_another_has_sent() {
    let world = World::new("twice").await;
    let challenge = world.challenge(1).await;
    world.fail(1);
    assert_eq!(world.deliver(&challenge, 1).await, None, "armed, and in the middle of its send");
    let sender = world.stored(&challenge).await;
    world.refuse(&[Channel::Email, Channel::Sms]);
    assert!(matches!(world.deliver(&challenge, 1).await, Some(Delivered::Refused { .. })));
    assert_eq!(world.stored(&challenge).await.owner(), None);
    let message = Some(AcceptedMessage { hash: None, sms_sent_to: None });
    let sent = SendRecord { message, refused: Vec::new() };
    world.table.delivered(&sender, sender.armed.unwrap(), &sent).await.unwrap();
    assert_eq!(world.stored(&challenge).await.owner(), sender.armed);
}
