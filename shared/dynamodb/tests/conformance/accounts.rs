//! Accounts, what they are found by, and sessions.

use super::*;

#[test]
fn an_account_is_found_by_its_identifiers_and_they_are_its_own() {
    on_a_table(|table| async move {
        let email = IdentifierHash::from_bytes([1; 32]);
        let phone = IdentifierHash::from_bytes([2; 32]);
        assert_eq!(table.add_account(&account(1), &[email, phone]).await.unwrap(), Adding::Added);
        for identifier in [email, phone] {
            let found = AccountReader::<Account>::account_behind(&table, &identifier).await.unwrap().unwrap();
            assert_eq!(format!("{found:?}"), format!("{:?}", account(1)));
            assert_eq!(found.email, account(1).email);
        }
        let free = IdentifierHash::from_bytes([3; 32]);
        let refused = table.add_account(&account(2), &[free, phone]).await.unwrap();
        assert_eq!(refused, Adding::Taken(vec![None, Some(account(1).id)]));
        let untouched = AccountReader::<Account>::account_behind(&table, &free).await;
        assert!(untouched.unwrap().is_none(), "nothing is half done");
        // Whose each of several is, in one transaction.
        assert_eq!(table.add_account(&account(3), &[free]).await.unwrap(), Adding::Added);
        let refused = table.add_account(&account(2), &[email, free, phone]).await.unwrap();
        let owners = [1, 3, 1].map(|n| Some(account(n).id));
        assert_eq!(refused, Adding::Taken(owners.to_vec()));
    });
}

#[test]
fn an_unknown_identifier_never_finds_an_account_by_its_decoy() {
    on_a_table(|table| async move {
        // The account's id is the start of the unknown identifier's hash, where the decoy read looks.
        let added = table.add_account(&account(5), &[IdentifierHash::from_bytes([6; 32])]).await;
        assert_eq!(added.unwrap(), Adding::Added);
        let unknown = IdentifierHash::from_bytes([5; 32]);
        assert!(AccountReader::<Account>::account_behind(&table, &unknown).await.unwrap().is_none());
    });
}

#[test]
fn sessions_live_until_they_are_closed_or_the_epoch_moves_on() {
    on_a_table(|table| async move {
        add_account(&table, 1).await;
        let session = Session {
            id: SessionId::from_bytes([1; 16]),
            account: account(1).id,
            epoch: SessionEpoch(1),
            secret_hash: hash(1),
            created_at: NOW,
            expires_at: later(86_400),
        };
        table.open_session(&session).await.unwrap();
        let read = table.session(session.id).await.unwrap().unwrap();
        assert_eq!(format!("{read:?}"), format!("{session:?}"));
        let epoch = async || {
            let found: Option<SessionAccount> = table.account(session.account).await.unwrap();
            found.unwrap().session_epoch
        };
        assert_eq!(epoch().await, SessionEpoch(1));
        join_all((0..10).map(|_| table.advance_epoch(session.account, SessionEpoch(1)))).await;
        assert_eq!(epoch().await, SessionEpoch(2), "once");
        table.close_session(session.id).await.unwrap();
        table.close_session(session.id).await.expect("closing twice changes nothing");
        assert!(table.session(session.id).await.unwrap().is_none());
    });
}

#[test]
fn a_hash_is_replaced_only_if_it_is_still_the_old_one() {
    on_a_table(|table| async move {
        add_account(&table, 1).await;
        let id = account(1).id;
        let (old, new) = (PasswordHash::from_phc("$argon2id$old"), PasswordHash::from_phc("$argon2id$new"));
        table.replace_hash(id, &new, &old).await.unwrap();
        let current =
            || async { AccountReader::<Account>::account(&table, id).await.unwrap().unwrap().password_hash };
        assert_eq!(current().await, Some(old.clone()));
        table.replace_hash(id, &old, &new).await.unwrap();
        assert_eq!(current().await, Some(new));
    });
}
