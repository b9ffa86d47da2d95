//! Whoever tried too often gets the form back, and hears how long to wait.

use std::time::Duration;

use super::{Visitor, invitation::invite, recovery::link_for, users::administrator};
use crate::support::{PASSWORD, TestApp, account};

/// Guesses that are answered as such; the next one has to wait.
const GUESSES: usize = 4;

#[tokio::test]
async fn too_many_guesses_bring_the_sign_in_form_back_with_the_name_and_how_long_to_wait() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::at(&app);
    let mut form = alice.get("/account/sessions").await;
    for _ in 0..GUESSES {
        let typed = [("username", "alice"), ("password", "a wrong guess")];
        form = alice.send_form(&form, "/sign-in", &typed).await;
        form.is_refused();
    }
    let typed = [("username", "alice"), ("password", PASSWORD)];
    let held = alice.send_form(&form, "/sign-in", &typed).await;
    let seconds = held.is_held();
    assert!(held.text.contains("name=\"username\" type=\"text\" value=\"alice\""), "{}", held.text);
    assert!(!held.text.contains(PASSWORD), "a password is never sent back unasked");
    app.clock.advance(Duration::from_secs(seconds));
    alice.send_form(&held, "/sign-in", &typed).await.is_at("/account/sessions");
}

#[tokio::test]
async fn a_name_that_nobody_has_waits_as_long_and_hears_the_same() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut heard = Vec::new();
    for name in ["alice", "nobody"] {
        let mut guest = Visitor::at(&app);
        for _ in 0..GUESSES {
            assert_eq!(guest.sign_in(name, "a wrong guess").await.status, 401);
        }
        let held = guest.sign_in(name, "a wrong guess").await;
        heard.push((held.is_held(), held.words()));
    }
    assert_eq!(heard[0], heard[1]);
}

#[tokio::test]
async fn too_many_letters_bring_the_form_back_with_the_address() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    for address in ["alice@example.test", "nobody@example.test"] {
        let mut guest = Visitor::at(&app);
        let form = guest.get("/forgot-password").await;
        for _ in 0..5 {
            let sent = guest.send_form(&form, "/forgot-password", &[("email", address)]).await;
            sent.is_at("/forgot-password/sent");
        }
        let held = guest.send_form(&form, "/forgot-password", &[("email", address)]).await;
        let seconds = held.is_held();
        assert!(held.text.contains(&format!("value=\"{address}\"")), "{}", held.text);
        app.clock.advance(Duration::from_secs(seconds));
        let sent = guest.send_form(&held, "/forgot-password", &[("email", address)]).await;
        sent.is_at("/forgot-password/sent");
    }
}

#[tokio::test]
async fn the_present_password_is_no_place_to_guess_at_and_the_new_address_stays_typed() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let form = alice.get("/account/email").await;
    let typed = |current| [("email", "new@example.test"), ("current_password", current)];
    for _ in 0..GUESSES {
        let again = alice.send_form(&form, "/account/email", &typed("a wrong guess")).await;
        again.faults("current_password", "not your present password");
    }
    let held = alice.send_form(&form, "/account/email", &typed(PASSWORD)).await;
    let seconds = held.is_held();
    assert!(held.text.contains("value=\"new@example.test\""), "{}", held.text);
    let new = "an entirely new one";
    let change = [("current_password", PASSWORD), ("password", new), ("password_again", new)];
    let form = alice.get("/account/password").await;
    alice.send_form(&form, "/account/password", &change).await.is_held();
    app.clock.advance(Duration::from_secs(seconds));
    alice.send_form(&held, "/account/email", &typed(PASSWORD)).await.is_at("/account?notice=email_asked");
}

#[tokio::test]
async fn an_administrator_who_invites_too_often_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    let typed = [("email", "carol@example.test"), ("role", "read-only"), ("tenant", "root")];
    let form = boss.get("/users/invite").await;
    for _ in 0..5 {
        let invited = boss.send_form(&form, "/users/invite", &typed).await;
        invited.is_at("/users?state=invited&notice=invited");
    }
    let held = boss.send_form(&form, "/users/invite", &typed).await;
    held.is_held();
    assert!(held.text.contains("value=\"carol@example.test\""), "{}", held.text);
}

/// A server that takes few guesses from one address, and one a minute then.
async fn strict() -> TestApp {
    TestApp::with(|config| {
        config.throttle.address_burst = 3;
        config.throttle.address_per_minute = 1;
    })
    .await
}

/// Opens links of letters that never were, until that is too often.
async fn guesses_at_keys(app: &TestApp) {
    let dead = "/reset-password?token=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for _ in 0..9 {
        match Visitor::at(app).get(dead).await.status {
            429 => return,
            status => assert_eq!(status, 410),
        }
    }
    panic!("nobody minds nine guesses");
}

#[tokio::test]
async fn a_reset_from_where_keys_were_guessed_gets_its_form_back_and_the_link_stays_good() {
    let app = strict().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::at(&app);
    let form = alice.get(&link_for(&app, "alice@example.test").await).await;
    guesses_at_keys(&app).await;
    let new = "eleven quiet lanterns";
    let typed = [("password", new), ("password_again", new)];
    let held = alice.send_form(&form, "/reset-password", &typed).await;
    let seconds = held.is_held();
    assert!(!held.text.contains(new), "a password is never sent back unasked");
    assert!(!held.words().contains("For the account"), "whose link it is was not asked");
    app.clock.advance(Duration::from_secs(seconds));
    alice.send_form(&held, "/reset-password", &typed).await.is_at("/reset-password/done");
}

#[tokio::test]
async fn a_registration_from_where_keys_were_guessed_gets_its_form_back_with_both_names() {
    let app = strict().await;
    let mut carol = Visitor::at(&app);
    let form = carol.get(&invite(&app, "carol@example.test").await).await;
    guesses_at_keys(&app).await;
    let new = "eleven quiet lanterns";
    let typed =
        [("username", "carol"), ("full_name", "Carol C."), ("password", new), ("password_again", new)];
    let held = carol.send_form(&form, "/register", &typed).await;
    let seconds = held.is_held();
    assert!(
        held.text.contains("value=\"carol\"") && held.text.contains("value=\"Carol C.\""),
        "{}",
        held.text
    );
    assert!(!held.text.contains(new), "a password is never sent back unasked");
    app.clock.advance(Duration::from_secs(seconds));
    carol.send_form(&held, "/register", &typed).await.is_at("/sign-in?notice=registered");
}

#[tokio::test]
async fn a_page_that_is_held_back_offers_another_try_and_says_when() {
    let app = strict().await;
    app.has(account("alice")).await;
    let link = link_for(&app, "alice@example.test").await;
    guesses_at_keys(&app).await;
    let held = Visitor::at(&app).get(&link).await;
    assert_eq!(held.status, 429);
    held.says("Try again in 60 seconds.");
    assert!(held.text.contains("<a class=\"button\" href=\"\">Try again</a>"), "{}", held.text);
}
