//! Many at once: what is promised for one must hold for all of them together.

use futures_util::future::join_all;
use reqwest::StatusCode;

use crate::harness::{Stack, wrong};

#[tokio::test]
async fn of_five_hundred_parallel_guesses_exactly_five_are_evaluated() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let (challenge, code) = api.code_for(&person.email).await;
    let guess = wrong(&code);
    let answers = join_all((0..500).map(|_| api.verify(&challenge, &guess))).await;
    let mut remaining: Vec<u64> = answers
        .iter()
        .filter(|a| a.code() == "code_incorrect")
        .map(|a| a.body["attempts_remaining"].as_u64().unwrap())
        .collect();
    remaining.sort_unstable();
    // The fifth evaluated guess answers that none are left, as do the 495 that were not.
    assert_eq!(remaining, [1, 2, 3, 4]);
    assert_eq!(answers.iter().filter(|a| a.code() == "attempts_exhausted").count(), 496);
    api.verify(&challenge, &code).await.is_problem(410, "attempts_exhausted");
}

#[tokio::test]
async fn one_right_code_a_hundred_times_gives_one_token() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let (challenge, code) = api.code_for(&person.email).await;
    let answers = join_all((0..100).map(|_| api.verify(&challenge, &code))).await;
    assert_eq!(answers.iter().filter(|a| a.status == StatusCode::OK).count(), 1);
    for answer in answers.iter().filter(|a| a.status != StatusCode::OK) {
        let code = answer.code();
        assert!(["challenge_used", "attempts_exhausted"].contains(&code), "{answer:?}");
    }
}

#[tokio::test]
async fn one_token_with_fifty_passwords_sets_the_one_that_signs_in() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let token = api.token_for(&person.email).await;
    let passwords: Vec<String> = (0..50).map(|n| format!("a password that is number {n:02}")).collect();
    let answers = join_all(passwords.iter().map(|password| api.set_password(&token, password))).await;
    let winners: Vec<usize> = (0..50).filter(|n| answers[*n].status == StatusCode::OK).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    for loser in answers.iter().filter(|a| a.status != StatusCode::OK) {
        loser.is_problem(401, "verification_token_invalid");
    }
    let winner = winners[0];
    assert_eq!(api.sign_in(&person.email, &passwords[winner]).await.status, StatusCode::CREATED);
    let loser = (winner + 1) % 50;
    api.sign_in(&person.email, &passwords[loser]).await.is_problem(401, "credentials_invalid");
}

#[tokio::test]
async fn a_hundred_parallel_requests_for_one_person_send_no_more_than_the_limit() {
    let stack = Stack::shared();
    let (api, person) = (stack.client(), stack.person());
    let answers = join_all((0..100).map(|_| api.request_code(&person.email))).await;
    let accepted: Vec<_> = answers.iter().filter(|a| a.status == StatusCode::ACCEPTED).collect();
    assert_eq!(accepted.len(), 5);
    assert!(answers.iter().all(|a| a.status == StatusCode::ACCEPTED || a.code() == "rate_limited"));
    for answer in &accepted {
        api.message(&person.email, &answer.text("reference")).await;
        stack.delivered(&answer.text("challenge_id")).await;
    }
    // While a hundred are counted at once the day can look full, and then the day's link comes as well.
    let messages = api.messages(&person.email, 0).await;
    assert_eq!(messages.iter().filter(|message| message["code"].is_string()).count(), 5);
    assert!(messages.len() <= 6, "{messages:?}");
}
