//! One key: who may use it up, what that ends, and who only looks.

use futures_util::future::join_all;
use serde_json::json;

use super::program::{
    CONFIRM, INVALID, LOGIN, MISMATCH, NOT_FOUND, RESET, SITE, VALIDATED, app, axios, carrying, form, is,
    lives, login, mailed_key, request, said, signs_in, token, validate,
};
use crate::{
    contract::wire::Answer,
    support::{Client, PASSWORD, account},
};

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_redemptions_at_once_exactly_one_wins_and_one_letter_goes_out() {
    let app = app().await;
    let alice = app.has(account("alice")).await;
    let key = mailed_key(&app, "alice", &alice.email()).await;
    let guest = app.anonymous();
    let answers = join_all((0..100).map(|_| validate(&guest, &key))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 99));
    is(won[0], 200, VALIDATED);
    assert!(lost.iter().all(|answer| answer.status == 400 && said(answer) == INVALID));
    let letters = app.deliver().await;
    assert_eq!(letters.count(), 1);
    let mailed = letters.only_letter_to(&alice.email()).password();
    token(&login(&guest, "alice", &mailed).await);
    assert_eq!(app.deliver().await.count(), 0, "the letter was the notice");
}

/// Check 5 of the four contracts' list: query and path, and each works once.
#[tokio::test]
async fn check_5_a_key_works_once_in_the_query_and_in_the_path() {
    let app = app().await;
    let alice = app.has(account("alice")).await;
    for path in ["/password-reset?token=", "/password-reset/"] {
        let key = mailed_key(&app, "alice", &alice.email()).await;
        let guest = app.anonymous().with("Content-Type", "text/plain");
        is(&guest.get(&format!("{path}{key}")).await, 200, VALIDATED);
        is(&guest.get(&format!("{path}{key}")).await, 400, INVALID);
        assert_eq!(app.deliver().await.count(), 1);
    }
    for nothing in ["/password-reset", "/password-reset/", "/password-reset?token=", "/password-reset/x"] {
        is(&app.anonymous().get(nothing).await, 400, INVALID);
    }
}

/// Visitors that open links and are no program of the API.
fn passers_by(guest: &Client) -> Vec<Client> {
    let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    vec![
        guest.with("Sec-Fetch-Mode", "navigate"),
        guest.with("Accept", firefox),
        guest.with("Accept", "text/html"),
        guest.with("Sec-Purpose", "prefetch"),
        guest.with("Sec-Purpose", "prefetch;prerender").with("Accept", "application/json"),
        guest.with("Purpose", "prefetch"),
        guest.with("X-Purpose", "preview"),
        guest.with("X-Moz", "prefetch"),
    ]
}

/// Check 5, its end: scanners, previews and browsers leave the key good, and see a button.
#[tokio::test]
async fn check_5_opening_the_link_leaves_the_key_good() {
    let app = app().await;
    let alice = app.signed_in(account("alice")).await;
    let key = mailed_key(&app, "alice", &alice.email()).await;
    for path in [format!("/password-reset?token={key}"), format!("/password-reset/{key}")] {
        for visitor in passers_by(&app.anonymous()) {
            let page = visitor.get(&path).await;
            assert_eq!(
                (page.status, page.headers["content-type"].to_str().unwrap()),
                (200, "text/html; charset=utf-8")
            );
            assert_eq!(page.headers["cache-control"], "no-store");
            assert_eq!(page.headers["referrer-policy"], "no-referrer");
            assert!(said(&page).contains("<button type=\"submit\">") && !said(&page).contains("<script"));
            assert_eq!(visitor.send("HEAD", &path, None).await.status, 405);
        }
        assert_eq!(app.anonymous().send("HEAD", &path, None).await.status, 405);
        assert_eq!(app.anonymous().send("OPTIONS", &path, None).await.status, 204);
    }
    assert_eq!(app.deliver().await.count(), 0);
    assert_eq!(alice.get("user/current").await.status, 200);
    signs_in(&app, "alice", PASSWORD).await;
    is(&validate(&app.anonymous(), &key).await, 200, VALIDATED);
}

/// Where the page's form leads, seen from the page.
fn action(page: &Answer, path: &str) -> String {
    let text = said(page);
    let (_, rest) = text.split_once("action=\"").unwrap();
    let relative = rest.split('"').next().unwrap();
    let folder = path.split('?').next().unwrap().rsplit_once('/').unwrap().0;
    format!("{folder}/{relative}")
}

#[tokio::test]
async fn the_button_of_the_page_exchanges_the_key() {
    let app = app().await;
    let alice = app.has(account("alice")).await;
    let browser = app.anonymous().with("Sec-Fetch-Mode", "navigate").with("Sec-Fetch-Site", "same-origin");
    for path in ["/password-reset?token=", "/password-reset/"] {
        let key = mailed_key(&app, "alice", &alice.email()).await;
        let path = format!("{path}{key}");
        let page = browser.get(&path).await;
        assert!(said(&page).contains(&format!("value=\"{key}\"")));
        assert_eq!(action(&page, &path), CONFIRM);
        let sent = browser.with("Content-Type", "application/x-www-form-urlencoded");
        let done = sent.send("POST", CONFIRM, form(&[("token", &key)])).await;
        assert_eq!(done.status, 200);
        assert!(said(&done).contains("Look into your mail") && !said(&done).contains(&key));
        let mailed = app.deliver().await.only_letter_to(&alice.email()).password();
        signs_in(&app, "alice", &mailed).await;
        for again in [sent.send("POST", CONFIRM, form(&[("token", &key)])).await, browser.get(&path).await] {
            assert_eq!(again.status, 400);
            assert!(said(&again).contains("role=\"alert\"") && !said(&again).contains("<form"));
        }
    }
    let program = axios(&app.anonymous());
    is(&program.post(CONFIRM, json!({ "token": "x" })).await, 400, INVALID);
    let key = mailed_key(&app, "alice", &alice.email()).await;
    is(&program.post(CONFIRM, json!({ "token": key })).await, 200, VALIDATED);
}

#[tokio::test]
async fn a_reset_here_ends_the_sessions_and_tokens_of_every_contract() {
    let app = app().await;
    let portal = app.signed_in(account("alice")).await;
    let here = signs_in(&app, "alice", PASSWORD).await;
    let timeslot = app.anonymous().with("Content-Type", "application/json");
    let body = json!({ "email": portal.email(), "password": PASSWORD });
    let there =
        timeslot.post("/v1/users/signin", body).await.json()["authToken"].as_str().unwrap().to_owned();
    let secret = app.knows("website").await;
    let grant = [
        ("grant_type", "password"),
        ("client_id", "website"),
        ("client_secret", secret.as_str()),
        ("username", "alice"),
        ("password", PASSWORD),
    ];
    let granted = app.anonymous().send("POST", "/oauth", form(&grant)).await.json();
    let bearer = carrying(&app.anonymous(), granted["access_token"].as_str().unwrap());
    let key = mailed_key(&app, "alice", &portal.email()).await;
    assert!(lives(&app, &here).await, "asking alone changes nothing");
    is(&validate(&app.anonymous(), &key).await, 200, VALIDATED);
    assert!(!lives(&app, &here).await);
    portal.get("user/current").await.refuses(401, "unauthorized, please log in.");
    let there = timeslot.with("Authorization", &format!("Token token={there}"));
    assert_eq!(there.get("/v1/users/signout").await.status, 401);
    let pairs = [("password", "azerty"), ("password_confirmation", "azerty")];
    assert_eq!(bearer.send("PUT", "/v1/users/password", form(&pairs)).await.status, 401);
    is(&login(&app.anonymous(), "alice", PASSWORD).await, 401, MISMATCH);
}

#[tokio::test]
async fn a_reset_elsewhere_ends_the_tokens_and_keys_here() {
    let app = app().await;
    let alice = app.has(account("alice")).await;
    let here = signs_in(&app, "alice", PASSWORD).await;
    let key = app.mailed_key(&alice.email()).await;
    let pairs = [("token", key.as_str()), ("password", "white rabbit"), ("password_again", "white rabbit")];
    assert_eq!(app.anonymous().send("POST", "/reset-password", form(&pairs)).await.status, 303);
    assert!(!lives(&app, &here).await);
    is(&validate(&app.anonymous(), &key).await, 400, INVALID);
}

#[tokio::test]
async fn a_key_lives_for_an_hour_and_only_the_newest_counts() {
    let app = app().await;
    let alice = app.has(account("alice")).await;
    let first = mailed_key(&app, "alice", &alice.email()).await;
    let second = mailed_key(&app, "alice", &alice.email()).await;
    is(&validate(&app.anonymous(), &first).await, 400, INVALID);
    app.after(59);
    is(&validate(&app.anonymous(), &second).await, 200, VALIDATED);
    app.deliver().await;
    let third = mailed_key(&app, "alice", &alice.email()).await;
    app.after(61);
    is(&validate(&app.anonymous(), &third).await, 400, INVALID);
}

#[tokio::test]
async fn the_mailed_password_waits_for_a_day_and_then_another_can_be_asked_for() {
    let app = app().await;
    let alice = app.has(account("alice")).await;
    for (minutes, status) in [(24 * 60 + 1, 401), (24 * 60 - 1, 200)] {
        let key = mailed_key(&app, "alice", &alice.email()).await;
        is(&validate(&app.anonymous(), &key).await, 200, VALIDATED);
        let mailed = app.deliver().await.only_letter_to(&alice.email()).password();
        app.after(minutes);
        assert_eq!(login(&app.anonymous(), "alice", &mailed).await.status, status);
        assert_eq!(
            login(&app.anonymous(), "alice", &mailed).await.status,
            status,
            "from then on it is the password"
        );
    }
}

#[tokio::test]
async fn whoever_may_not_sign_in_gets_nothing() {
    let app = app().await;
    let alice = app.has(account("alice")).await;
    let key = mailed_key(&app, "alice", &alice.email()).await;
    let auth = signs_in(&app, "alice", PASSWORD).await;
    app.disallows_everybody().await;
    is(&validate(&app.anonymous(), &key).await, 400, INVALID);
    assert!(!lives(&app, &auth).await);
    is(&request(&alice, "alice", SITE).await, 400, NOT_FOUND);
    assert_eq!(app.deliver().await.count(), 0);
}

#[tokio::test]
async fn if_the_letter_can_not_be_promised_nothing_changes() {
    let app = app().await;
    let alice = app.has(account("alice")).await;
    let key = mailed_key(&app, "alice", &alice.email()).await;
    app.sql("ALTER TABLE latchkey.outbox ADD CONSTRAINT full_up CHECK (kind <> 'generated_password')").await;
    assert_eq!(validate(&app.anonymous(), &key).await.status, 500);
    signs_in(&app, "alice", PASSWORD).await;
    app.sql("ALTER TABLE latchkey.outbox DROP CONSTRAINT full_up").await;
    is(&validate(&app.anonymous(), &key).await, 200, VALIDATED);
}

#[tokio::test]
async fn the_database_holds_nothing_that_opens_an_account() {
    let app = app().await;
    let alice = app.has(account("alice")).await;
    let auth = token(&axios(&alice).post(LOGIN, json!({ "username": "alice", "password": PASSWORD })).await);
    let key = mailed_key(&app, "alice", &alice.email()).await;
    carrying(&app.anonymous(), &auth).get(&format!("{RESET}?token={key}")).await;
    let mailed = app.deliver().await.only_letter_to(&alice.email()).password();
    app.stores_none_of(&[&mailed, &key, &auth]).await;
}
