//! One mailed password, many hands: it is made the account's own once.

use futures_util::future::join_all;

use super::program::{MISMATCH, is, reset, said, sign_in, sign_out, token, with_mailed_password};
use crate::support::{PASSWORD, TestApp, unthrottled};

/// Whoever comes a moment later signs in with what is the account's password then; nobody redeems it twice.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_redemptions_at_once_exactly_one_wins_and_one_notice_goes_out() {
    let app = TestApp::with(unthrottled).await;
    let (alice, mailed) = with_mailed_password(&app).await;
    let (guest, email) = (app.anonymous(), alice.email());
    let answers = join_all((0..100).map(|_| sign_in(&guest, &email, &mailed))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert!(!won.is_empty());
    assert!(lost.iter().all(|answer| answer.status == 401 && said(answer) == MISMATCH));
    let letters = app.deliver().await;
    assert_eq!(letters.count(), 1, "the password was changed once");
    assert!(letters.only_letter_to(&email).subject.ends_with("Password Changed"));
    let mut live = 0;
    for answer in &won {
        live += u32::from(sign_out(&app, &token(answer)).await.status == 200);
    }
    assert_eq!(live, 1, "an account has one token");
    is(&sign_in(&guest, &email, PASSWORD).await, 401, MISMATCH);
    assert_eq!(app.number("SELECT count(*) FROM latchkey.temporary_password").await, 0);
}

/// The letter has no link to open: there is nothing for a scanner but the words.
#[tokio::test]
async fn following_whatever_link_the_letter_has_leaves_the_password_good() {
    let app = TestApp::start().await;
    let alice = app.has(crate::support::account("alice")).await;
    reset(&alice, &alice.email()).await;
    let letter = app.deliver().await.only_letter_to(&alice.email());
    let mailed = letter.password();
    assert!(!letter.html.contains(&format!("{mailed}\"")), "no address has the password in it");
    let links = letter.html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own = format!("http://{}", app.address());
    for link in links.chain([own.as_str()]).map(|link| link.strip_prefix(&own).unwrap_or("/")) {
        let path = if link.is_empty() { "/" } else { link };
        for method in ["GET", "HEAD", "OPTIONS"] {
            let guest = app.anonymous();
            for visitor in
                [guest.with("Sec-Purpose", "prefetch"), guest.with("Sec-Fetch-Mode", "navigate"), guest]
            {
                visitor.send(method, path, None).await;
            }
        }
    }
    token(&sign_in(&app.anonymous(), &alice.email(), &mailed).await);
}
