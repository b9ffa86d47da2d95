//! One key, many hands: exactly one wins, and nobody wins by looking.

use futures_util::future::join_all;

use super::program::{DONE, Program, WRONG_TOKEN, is, mailed_key, reset, said};
use crate::support::{PASSWORD, TestApp, account, form, unthrottled};

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_redemptions_at_once_exactly_one_wins_and_one_notice_goes_out() {
    let app = TestApp::with(unthrottled).await;
    let alice = app.has(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let website = program.with_token().await;
    let key = mailed_key(&app, &website, &alice.email()).await;
    let passwords: Vec<_> = (0..100).map(|n| format!("password of number {n}")).collect();
    let email = alice.email();
    let answers = join_all(passwords.iter().map(|new| reset(&website, &email, &key, new))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().enumerate().partition(|(_, a)| a.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 99));
    is(won[0].1, 200, DONE);
    assert!(lost.iter().all(|(_, answer)| answer.status == 400 && said(answer) == WRONG_TOKEN));
    program.signs_in("alice", &passwords[won[0].0]).await;
    let letters = app.deliver().await;
    assert_eq!(letters.count(), 1);
    assert!(letters.only_letter_to(&alice.email()).key().is_none(), "it is the notice");
}

#[tokio::test]
async fn opening_the_mailed_link_leaves_the_key_good() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    let key = mailed_key(&app, &website, &alice.email()).await;
    let page = format!("/reset-password?token={key}");
    let guest = app.anonymous();
    let navigation = guest.with("Sec-Fetch-Mode", "navigate").with("Accept", "text/html");
    for visitor in
        [&guest, &navigation, &guest.with("Sec-Purpose", "prefetch"), &guest.with("X-Moz", "prefetch")]
    {
        for method in ["GET", "HEAD"] {
            let opened = visitor.send(method, &page, None).await.status;
            assert!([200, 303].contains(&opened), "{method}: {opened}, the form or the way to it");
        }
    }
    let link = format!("/v1/password/reset?email={}&token={key}&password=azerty", alice.email());
    for method in ["GET", "HEAD", "OPTIONS"] {
        let status = website.send(method, &link, None).await.status;
        assert_eq!(status, if method == "OPTIONS" { 204 } else { 405 }, "{method}");
    }
    is(&reset(&website, &alice.email(), &key, "azerty").await, 200, DONE);
}

/// The key is good on latchkey's own page too, which is where the link leads unless the operator says otherwise.
#[tokio::test]
async fn the_page_behind_the_link_takes_the_key() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let website = program.with_token().await;
    let key = mailed_key(&app, &website, &alice.email()).await;
    let pairs = [("token", key.as_str()), ("password", "white rabbit"), ("password_again", "white rabbit")];
    assert_eq!(app.anonymous().send("POST", "/reset-password", form(&pairs)).await.status, 303);
    is(&reset(&website, &alice.email(), &key, "azerty").await, 400, WRONG_TOKEN);
    program.signs_in("alice", "white rabbit").await;
}

#[tokio::test]
async fn asking_alone_changes_nothing() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let tokens = program.signs_in("alice", PASSWORD).await;
    mailed_key(&app, &program.with_token().await, &alice.email()).await;
    assert_eq!(alice.get("user/current").await.status, 200);
    assert_eq!(program.refreshes(&tokens.refresh).await.status, 200);
    program.signs_in("alice", PASSWORD).await;
}
