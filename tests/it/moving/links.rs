//! Links that an operator hands over without mail.

use serde_json::json;

use super::program::Place;
use crate::support::{PASSWORD, TestApp, account, post_form};

/// The command prints the link and nothing else; its key.
#[track_caller]
fn key(link: &str, begins: &str) -> String {
    let key = link.strip_suffix('\n').and_then(|link| link.strip_prefix(begins));
    key.unwrap_or_else(|| panic!("{link}")).to_owned()
}

#[tokio::test]
async fn a_link_is_handed_over_and_sets_a_password_once() {
    let app = TestApp::start().await;
    let mut alice = app.signed_in(account("alice")).await;
    let place = Place::on(app.url.clone());
    let now = "UPDATE latchkey.reset_request SET requested_at = '2026-11-21 12:00+00', \
         expires_at = '2026-11-21 12:00+00'::timestamptz + (expires_at - requested_at)";

    let link = place.said(&["user", "reset-link", "alice", "--ttl", "90m"]);
    let first = key(&link, "http://127.0.0.1:8080/reset-password?token=");
    let link = place.said(&["user", "reset-link", "alice", "--ttl", "90m"]);
    let second = key(&link, "http://127.0.0.1:8080/reset-password?token=");
    // The command's clock is the machine's, the app's is the test's.
    place.sql(now).await;
    assert_eq!(alice.get("user/current").await.status, 200, "nothing has ended yet");
    assert_eq!(app.deliver().await.count(), 0, "and nothing was mailed");
    let guest = app.anonymous();
    guest.post("user/login/token", json!({ "t": first })).await.refused_with(401);
    let at_rest = "SELECT count(*)::text FROM latchkey.reset_key WHERE digest = sha256($$";
    assert_eq!(place.text(&format!("{at_rest}{second}$$)")).await, "1", "only a digest is stored");

    app.after(89);
    let form =
        [("token", &*second), ("password", "another password"), ("password_again", "another password")];
    assert_eq!(post_form(&guest, "/reset-password", &form).await.status, 303);
    assert_eq!(post_form(&guest, "/reset-password", &form).await.status, 410);
    assert_eq!(alice.get("user/current").await.status, 401);
    alice.sign_in("another password").await;

    let link = place.said(&["user", "reset-link", "alice", "--ttl", "90m"]);
    let third = key(&link, "http://127.0.0.1:8080/reset-password?token=");
    let late = "UPDATE latchkey.reset_request SET expires_at = '2026-11-21 12:00+00' WHERE used_at IS NULL";
    place.sql(late).await;
    guest.post("user/login/token", json!({ "t": third })).await.refused_with(401);
}

#[tokio::test]
async fn a_letter_that_is_asked_for_later_voids_a_link() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let place = Place::on(app.url.clone());
    let handed = place.said(&["user", "reset-link", "alice", "--ttl", "30d"]);
    let handed = key(&handed, "http://127.0.0.1:8080/reset-password?token=");
    let guest = app.anonymous();
    let mailed = app.mailed_key(&alice.email()).await;
    guest.post("user/login/token", json!({ "t": handed })).await.refused_with(401);
    assert_eq!(guest.post("user/login/token", json!({ "t": mailed })).await.status, 200);
}

#[tokio::test]
async fn an_invitation_is_handed_over_and_finished() {
    let app = TestApp::start().await;
    let place = Place::on(app.url.clone());
    let invite = ["user", "invite-link", "new@example.test", "--role", "portal", "--ttl", "7d"];
    let link = place.said(&invite);
    key(&link, "http://127.0.0.1:8080/register?token=");
    let link = place.said(&invite);
    let newest = key(&link, "http://127.0.0.1:8080/register?token=");
    let form = [
        ("token", &*newest),
        ("username", "newcomer"),
        ("full_name", "New Comer"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    let done = post_form(&app.anonymous(), "/register", &form).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert_eq!(app.deliver().await.count(), 0);
    let role = "SELECT r.name FROM tm_user u JOIN role r ON r.id = u.role WHERE username = 'newcomer'";
    assert_eq!(place.text(role).await, "portal");
    let why = place.ends(1, &invite, "");
    assert!(why.contains("somebody with this address is registered already"), "{why}");
}

#[tokio::test]
async fn a_link_that_would_open_nothing_is_refused() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let place = Place::on(app.url.clone());
    place.said(&["user", "disable", "alice"]);
    for (arguments, why) in [
        (&["user", "reset-link", "alice"][..], "alice may not sign in"),
        (&["user", "reset-link", "bob"], "no account is called bob"),
        (&["user", "reset-link", "alice", "--ttl", "31d"], "30 days at most"),
        (&["user", "reset-link", "alice", "--ttl", "0s"], "good for nothing"),
        (&["user", "invite-link", "not an address"], "this is not an e-mail address"),
    ] {
        let said = place.ends(1, arguments, "");
        assert!(said.contains(why), "{said}");
    }
    let trail = "SELECT count(*)::text FROM latchkey.audit_event WHERE event = 'reset_asked'";
    assert_eq!(place.text(trail).await, "0", "what was refused was not done");
}
