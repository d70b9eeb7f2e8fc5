//! While a key rotates: items and records of one call that are called differently under each version, and what an
//! operator's commands write.

use regain_domain::account::PersonalText;
use regain_domain::port::operator::{IdentifierCopy, OperatorStore};
use regain_domain::{Call, Identifier};

use super::*;

fn id(byte: u8) -> ChallengeId {
    ChallengeId::from_bytes([byte; 16])
}

fn salted(byte: u8, salt: u8) -> Challenge {
    but(&challenge(byte), |record| record.salt = Salt::from_bytes([salt; 16]))
}

#[test]
fn one_call_opens_one_challenge_whichever_version_names_it() {
    on_a_table(|table| async move {
        for pair in 0..10 {
            let (old, new) = (2 * pair + 1, 2 * pair + 2);
            // Processes before and after a promotion, all at the same moment.
            let opened = join_all((0..8).map(|n| {
                let (own, other) = if n % 2 == 0 { (old, new) } else { (new, old) };
                let (table, challenge) = (table.clone(), salted(own, n));
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
        assert!(table.open_challenge(&salted(50, 1), &[id(51)]).await.unwrap().is_none());
        assert!(table.open_challenge(&salted(50, 1), &[id(51)]).await.unwrap().is_none());
    });
}

#[test]
fn a_guess_is_charged_once_whichever_version_marks_it() {
    on_a_table(|table| async move {
        table.open_challenge(&challenge(1), &[]).await.unwrap();
        let record = |byte| CallFingerprint { name: [byte; 16], fingerprint: [byte; 16] };
        let before = Call { fingerprint: record(1), others: vec![record(2)] };
        let after = Call { fingerprint: record(2), others: vec![record(1)] };
        let charges = join_all((0..10).map(|n| {
            let (table, call) = (table.clone(), if n % 2 == 0 { &before } else { &after });
            async move { table.charge_attempt(id(1), NOW, &policy().guesses, Some(call)).await.unwrap() }
        }))
        .await;
        assert_eq!(charges.iter().filter(|charge| matches!(charge, Charge::Charged(_))).count(), 1);
        let challenge = RequestStore::challenge(&table, id(1)).await.unwrap().unwrap();
        assert_eq!((challenge.attempts, challenge.idempotency_records.len()), (1, 1));
    });
}

fn person(number: u16) -> Account {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&number.to_be_bytes());
    Account {
        id: AccountId::from_bytes(id),
        email: EmailAddress::parse(&format!("person-{number}@example.com")),
        phone: None,
        locale: None,
        name: None,
        postal_code: None,
        password_hash: None,
        credential_version: CredentialVersion(1),
        session_epoch: SessionEpoch(1),
        disabled: false,
    }
}

fn hash_under(number: u16, version: u8) -> IdentifierHash {
    let mut hash = [version; 32];
    hash[..2].copy_from_slice(&number.to_be_bytes());
    IdentifierHash::from_bytes(hash)
}

#[test]
fn an_operators_writes_hold_to_what_was_read() {
    on_a_table(|table| async move {
        let (one, two) = (person(1), person(2));
        assert_eq!(table.add_account(&one, &[hash_under(1, 1)]).await.unwrap(), Adding::Added);
        assert_eq!(table.add_account(&two, &[hash_under(2, 1)]).await.unwrap(), Adding::Added);
        let email = |account: &Account| Identifier::Email(account.email.clone().unwrap());
        let copy = |account: &Account, identifier: Identifier, from, to| {
            let (table, account) = (table.clone(), account.id);
            async move {
                let copy = IdentifierCopy { account, identifier: &identifier, from: &from, to: &to };
                table.copy_identifier(copy).await.unwrap()
            }
        };
        assert!(
            !copy(&one, email(&two), hash_under(1, 1), hash_under(1, 2)).await,
            "an address that it doesn't have"
        );
        assert!(
            !copy(&one, email(&one), hash_under(2, 1), hash_under(1, 2)).await,
            "from a hash that leads elsewhere"
        );
        assert!(
            !copy(&one, email(&one), hash_under(9, 1), hash_under(1, 2)).await,
            "from a hash that leads nowhere"
        );
        assert!(!copy(&person(9), email(&one), hash_under(1, 1), hash_under(1, 2)).await, "of nobody");
        assert!(
            !table.remove_identifier(one.id, &hash_under(1, 2), &hash_under(1, 1)).await.unwrap(),
            "the only one"
        );
        assert!(copy(&one, email(&one), hash_under(1, 1), hash_under(1, 2)).await);
        assert!(!copy(&one, email(&one), hash_under(1, 1), hash_under(1, 2)).await, "it is there");
        assert_eq!(table.owner(&hash_under(1, 2)).await.unwrap(), Some(one.id));
        assert!(
            !table.remove_identifier(one.id, &hash_under(1, 2), &hash_under(2, 1)).await.unwrap(),
            "somebody else's"
        );
        assert!(table.remove_identifier(one.id, &hash_under(1, 2), &hash_under(1, 1)).await.unwrap());

        // Signed out everywhere meanwhile: it isn't the account that was read.
        assert!(OperatorStore::end_everything(&table, one.id, true).await.unwrap());
        assert!(!table.remove_account(&one, &[hash_under(1, 2)]).await.unwrap());
        let now = AccountReader::<Account>::account_behind(&table, &hash_under(1, 2)).await.unwrap().unwrap();
        assert_eq!((now.session_epoch, now.credential_version), (SessionEpoch(2), CredentialVersion(2)));
        assert!(
            !table.remove_account(&now, &[hash_under(1, 2), hash_under(2, 1)]).await.unwrap(),
            "not with another's hash"
        );
        assert!(table.remove_account(&now, &[hash_under(1, 2), hash_under(1, 1)]).await.unwrap());
        assert!(!OperatorStore::end_everything(&table, one.id, false).await.unwrap(), "nobody is made anew");
        assert_eq!(table.owner(&hash_under(1, 2)).await.unwrap(), None);
        assert_eq!(table.owner(&hash_under(2, 1)).await.unwrap(), Some(two.id));
    });
}

#[test]
fn a_walk_over_all_accounts_goes_on_where_a_page_ends() {
    on_a_table(|table| async move {
        // A page is a megabyte at the most.
        let long = Some(PersonalText("x".repeat(20_000)));
        for number in 0..120 {
            let account = Account { name: long.clone(), ..person(number) };
            assert_eq!(table.add_account(&account, &[hash_under(number, 1)]).await.unwrap(), Adding::Added);
        }
        let (mut pages, mut found, mut next) = (0, Vec::new(), None);
        loop {
            let page = table.accounts(next).await.unwrap();
            pages += 1;
            found.extend(page.accounts.iter().map(|account| *account.id.as_bytes()));
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        found.sort_unstable();
        found.dedup();
        assert!(pages > 1 && found.len() == 120, "{pages} pages, {} accounts", found.len());
    });
}
