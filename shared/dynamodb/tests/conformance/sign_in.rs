//! Budgets of tries to sign in: the failures of an identifier, and known devices.

use regain_domain::outbox::{Lookup, LookupKind};
use regain_domain::port::FailureCharge;
use regain_domain::sign_in::{FAILURE_WINDOW, FailureRefusal};
use regain_domain::{EntryId, FailureBudget, Failures, Limited};

use super::*;

/// The budget of a try from a network.
fn try_from(network: u8, now: Timestamp) -> FailureBudget {
    FailureBudget {
        identifier: IdentifierHash::from_bytes([1; 32]),
        version: CredentialVersion(1),
        from_network: Counter::new(Scope::SignInFailures, [network; 32], 10, now),
        limit: 25,
        now,
    }
}

async fn charge(table: &Table, budget: &FailureBudget) -> Result<Failures, FailureRefusal> {
    match table.charge_failure(budget).await.unwrap() {
        FailureCharge::Charged(failures) => Ok(failures),
        FailureCharge::Refused(failures) => Err(budget.refusal(&failures).expect("store and rules agree")),
    }
}

fn limited(budget: &FailureBudget) -> FailureRefusal {
    FailureRefusal::Limited(Limited { until: budget.from_network.window().end() })
}

#[test]
fn failures_are_charged_until_the_networks_hour_or_the_window_is_spent() {
    on_a_table(|table| async move {
        let budget = try_from(1, NOW);
        let results = join_all((0..100).map(|_| charge(&table, &budget))).await;
        let mut counts: Vec<u32> = results.iter().flatten().map(|failures| failures.count).collect();
        counts.sort_unstable();
        assert_eq!(counts, (1..=10).collect::<Vec<_>>());
        assert!(results.iter().filter_map(|r| r.err()).all(|refusal| refusal == limited(&budget)));

        // Another network, and the next hour of the first.
        for n in 1..=10 {
            let failures = charge(&table, &try_from(2, NOW)).await.unwrap();
            assert_eq!((failures.count, failures.from_network), (10 + n, n));
        }
        let next = try_from(1, budget.from_network.window().end());
        for n in 21..=25 {
            assert_eq!(charge(&table, &next).await.unwrap().count, n);
        }
        for network in [1, 2, 3] {
            let refusal = charge(&table, &try_from(network, NOW)).await;
            assert_eq!(refusal, Err(FailureRefusal::RecoveryRequired), "it wins over the hour");
        }
        let other = FailureBudget { version: CredentialVersion(2), ..budget.clone() };
        assert_eq!(charge(&table, &other).await.unwrap().count, 1, "a new password");
        let other = FailureBudget { identifier: IdentifierHash::from_bytes([2; 32]), ..budget };
        assert_eq!(charge(&table, &other).await.unwrap().count, 1, "another identifier");
    });
}

#[test]
fn a_window_that_is_over_makes_way_though_it_is_still_stored() {
    on_a_table(|table| async move {
        for network in 1..=3 {
            for _ in 0..10 {
                let _ = charge(&table, &try_from(network, NOW)).await;
            }
        }
        let end = NOW.plus(FAILURE_WINDOW);
        let before = try_from(9, Timestamp::from_unix(end.as_unix() - 1));
        assert_eq!(charge(&table, &before).await, Err(FailureRefusal::RecoveryRequired));
        let after = try_from(9, end);
        let results = join_all((0..20).map(|_| charge(&table, &after))).await;
        let charged: Vec<_> = results.iter().flatten().collect();
        assert_eq!(charged.len(), 10);
        assert!(charged.iter().all(|failures| failures.window_end == end.plus(FAILURE_WINDOW)));
        assert_eq!(charged.iter().map(|failures| failures.count).max(), Some(10));
        // What was charged in the old window is nothing to refund in the new one.
        let old = Failures { count: 25, from_network: 5, window_end: end, told_at: 0 };
        table.refund_failure(&try_from(9, NOW), &old).await.unwrap();
        assert_eq!(charge(&table, &try_from(8, end)).await.unwrap().count, 11);
    });
}

#[test]
fn a_success_gives_back_its_own_charge_and_leaves_nothing_behind() {
    on_a_named_table(|name| async move {
        let table = Table::new(client(), name.clone());
        let items = async || {
            let scan = client().scan().table_name(&name).send().await.unwrap();
            scan.items.unwrap_or_default()
        };
        let budget = try_from(1, NOW);
        let first = charge(&table, &budget).await.unwrap();
        table.refund_failure(&budget, &first).await.unwrap();
        assert!(items().await.is_empty());
        table.refund_failure(&budget, &first).await.expect("there is nothing to refund");

        // Successes among failures, from their network and from others, all at the same time.
        for _ in 0..3 {
            charge(&table, &budget).await.unwrap();
        }
        for network in [1, 2, 3] {
            let budget = try_from(network, NOW);
            let tries = (0..7).map(|_| charge(&table, &budget));
            let charged: Vec<Failures> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
            join_all(charged.iter().map(|failures| table.refund_failure(&budget, failures)))
                .await
                .into_iter()
                .for_each(|given| given.unwrap());
        }
        let left = items().await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0]["count"].as_n().unwrap(), "3");
        let networks: Vec<_> = left[0].iter().filter(|(name, _)| name.starts_with("from_")).collect();
        assert_eq!(networks.len(), 1, "a network that counts nothing is not named");
        assert_eq!(networks[0].1.as_n().unwrap(), "3");
    });
}

#[test]
fn a_device_is_good_for_ten_failures_after_its_last_success() {
    on_a_table(|table| async move {
        let device = device(1);
        let id = device.id;
        assert!(table.device(id).await.unwrap().is_none());
        assert!(!table.charge_device(id, NOW).await.unwrap(), "a device that isn't there takes none");
        table.clear_device(id).await.unwrap();
        assert!(table.device(id).await.unwrap().is_none());
        table.add_device(&device).await.unwrap();
        assert_eq!(format!("{:?}", table.device(id).await.unwrap().unwrap()), format!("{device:?}"));

        for _ in 0..9 {
            assert!(table.charge_device(id, NOW).await.unwrap());
        }
        table.clear_device(id).await.unwrap();
        assert!(!table.charge_device(id, later(600)).await.unwrap(), "expired");
        let charged = join_all((0..50).map(|_| table.charge_device(id, NOW))).await;
        assert_eq!(charged.into_iter().filter(|done| *done.as_ref().unwrap()).count(), 10);
        assert_eq!(table.device(id).await.unwrap().unwrap().failures, 10);
    });
}

#[test]
fn failures_are_told_of_once_for_each_count_of_a_window() {
    on_a_table(|table| async move {
        let budget = try_from(1, NOW);
        let mut failures = charge(&table, &budget).await.unwrap();
        assert_eq!(failures.told_at, 0);
        table.note_told(&budget, &failures, 10).await.unwrap();
        table.note_told(&budget, &failures, 5).await.expect("nothing is told less");
        let over = Failures { window_end: NOW, ..failures };
        table.note_told(&budget, &over, 25).await.expect("of another window nothing is noted");
        failures = charge(&table, &budget).await.unwrap();
        assert_eq!((failures.count, failures.told_at), (2, 10));
        table.refund_failure(&budget, &failures).await.unwrap();
        assert_eq!(charge(&table, &budget).await.unwrap().told_at, 10);
        let nobody = FailureBudget { identifier: IdentifierHash::from_bytes([9; 32]), ..budget };
        table.note_told(&nobody, &failures, 10).await.unwrap();
        assert_eq!(charge(&table, &nobody).await.unwrap().told_at, 0, "nothing is made by it");
    });
}

#[test]
fn a_lookup_of_failures_becomes_an_entry_once() {
    on_a_table(|table| async move {
        let lookup = Lookup::sign_in_failures(&try_from(1, NOW), 25);
        let name = lookup.name();
        let entry = |byte| Entry::sign_in_failures(EntryId::from_bytes([byte; 16]), true, NOW);
        assert!(!table.queue_entry(&name, account(1).id, &entry(1)).await.unwrap(), "there is none");
        SignInStore::queue(&table, &lookup).await.unwrap();
        let found = table.lookup(&name).await.unwrap().unwrap();
        assert_eq!((found.identifier, found.at), (lookup.identifier, NOW));
        let LookupKind::SignInFailures { version, count, are_spent } = found.kind else {
            panic!("{found:?}")
        };
        assert_eq!((version, count, are_spent), (CredentialVersion(1), 25, true));

        let queued = join_all((1..=5).map(|byte| {
            let (table, name) = (table.clone(), name.clone());
            async move { table.queue_entry(&name, account(1).id, &entry(byte)).await.unwrap() }
        }));
        assert_eq!(queued.await.into_iter().filter(|queued| *queued).count(), 1);
        SignInStore::queue(&table, &lookup).await.expect("it is there");
        assert!(table.lookup(&name).await.unwrap().is_none(), "it was handled");
        let outbox = table.outbox(account(1).id).await.unwrap().unwrap();
        assert_eq!(outbox.entries.len(), 1);
        assert_eq!(outbox.entries[0].kind, entry(1).kind);
    });
}
