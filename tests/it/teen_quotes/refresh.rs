//! Refresh tokens: each works once, and a copy gives itself away.

use futures_util::future::join_all;

use super::program::{BAD_TOKEN, Program, REMIND, UPDATED, carrying, is, pair, post, update};
use crate::support::{PASSWORD, TestApp, account};

const REFUSED: &str = r#"{"error":"invalid_request","error_description":"The refresh token is invalid."}"#;

#[tokio::test]
async fn a_refresh_token_gets_the_next_pair_and_ends_the_old_one() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let first = program.signs_in("alice", PASSWORD).await;
    let second = pair(&program.refreshes(&first.refresh).await);
    assert!(first.access != second.access && first.refresh != second.refresh);
    let guest = app.anonymous();
    is(&update(&carrying(&guest, &first.access), "azerty").await, 401, BAD_TOKEN);
    is(&update(&carrying(&guest, &second.access), "azerty").await, 200, UPDATED);
}

#[tokio::test]
async fn a_refresh_token_that_comes_again_revokes_its_whole_family() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let other = program.signs_in("alice", PASSWORD).await;
    let first = program.signs_in("alice", PASSWORD).await;
    let second = pair(&program.refreshes(&first.refresh).await);
    let third = pair(&program.refreshes(&second.refresh).await);
    is(&program.refreshes(&first.refresh).await, 400, REFUSED);
    is(&update(&carrying(&app.anonymous(), &third.access), "azerty").await, 401, BAD_TOKEN);
    is(&program.refreshes(&third.refresh).await, 400, REFUSED);
    assert_eq!(program.refreshes(&other.refresh).await.status, 200, "another sign-in is another family");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_use_one_refresh_token_at_once_one_wins_and_the_family_ends() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let pair_of_tokens = program.signs_in("alice", PASSWORD).await;
    let answers = join_all((0..20).map(|_| program.refreshes(&pair_of_tokens.refresh))).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1);
    let others: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    others.iter().for_each(|answer| is(answer, 400, REFUSED));
    let access = pair(won[0]).access;
    is(&update(&carrying(&app.anonymous(), &access), "azerty").await, 401, BAD_TOKEN);
}

#[tokio::test]
async fn a_refresh_token_is_good_for_its_own_client_only() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let (program, other) = (Program::known(&app, "website").await, Program::known(&app, "phone").await);
    let tokens = program.signs_in("alice", PASSWORD).await;
    is(&other.refreshes(&tokens.refresh).await, 400, REFUSED);
    let next = pair(&program.refreshes(&tokens.refresh).await);
    is(&other.refreshes(&tokens.refresh).await, 400, REFUSED);
    assert_eq!(
        program.refreshes(&next.refresh).await.status,
        200,
        "a stranger's reuse says nothing about ours"
    );
}

#[tokio::test]
async fn a_client_s_own_tokens_are_refreshed_alike() {
    let app = TestApp::start().await;
    let program = Program::known(&app, "website").await;
    let first = pair(&program.asks(&[("grant_type", "client_credentials")]).await);
    let second = pair(&program.refreshes(&first.refresh).await);
    let email = [("email", "nobody@example.test")];
    is(&post(&carrying(&app.anonymous(), &first.access), REMIND, &email).await, 401, BAD_TOKEN);
    assert_eq!(post(&carrying(&app.anonymous(), &second.access), REMIND, &email).await.status, 400);
}

#[tokio::test]
async fn thirty_days_after_the_sign_in_the_password_is_asked_for_again() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let mut tokens = program.signs_in("alice", PASSWORD).await;
    for _ in 0..4 {
        app.after(7 * 24 * 60);
        tokens = pair(&program.refreshes(&tokens.refresh).await);
    }
    app.after(2 * 24 * 60);
    is(&program.refreshes(&tokens.refresh).await, 400, REFUSED);
    program.signs_in("alice", PASSWORD).await;
}

#[tokio::test]
async fn whoever_may_not_sign_in_can_not_refresh_either() {
    for (change, undo) in [
        (
            "UPDATE tm_user SET role = (SELECT id FROM role WHERE name = 'disallowed')",
            "UPDATE tm_user SET role = (SELECT id FROM role WHERE name = 'read-only')",
        ),
        ("UPDATE tenant SET active = false", "UPDATE tenant SET active = true"),
    ] {
        let app = TestApp::start().await;
        app.has(account("alice")).await;
        let program = Program::known(&app, "website").await;
        let tokens = program.signs_in("alice", PASSWORD).await;
        app.sql(change).await;
        is(&program.refreshes(&tokens.refresh).await, 400, REFUSED);
        app.sql(undo).await;
        assert_eq!(program.refreshes(&tokens.refresh).await.status, 200, "a refusal uses nothing up");
    }
}
