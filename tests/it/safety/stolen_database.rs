//! Whoever gets hold of a dump can't sign in, reset or confirm anything with what stands in it.

mod dump;
mod lived_in;

use futures_util::{StreamExt as _, stream};
use serde_json::json;

use self::{dump::dumped, lived_in::LivedIn};
use crate::{
    buddha_jones::program as buddha_jones,
    contract::wire::Answer,
    support::{Client, GUESS},
    teen_quotes::program as teen_quotes,
    timeslot::program as timeslot,
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_dump_opens_anything() {
    let house = LivedIn::new().await;
    let (candidates, empty) = dumped(&house.app).await;
    assert_eq!(empty, [""; 0], "every table has rows, or the dump would prove nothing of it");
    assert!(candidates.len() > 200, "{} candidates", candidates.len());
    let attacks = stream::iter(&candidates).map(|candidate| attempts(&house, candidate));
    attacks.buffer_unordered(8).collect::<()>().await;
    house.its_secrets_still_work().await;
}

/// One value from the dump, everywhere a secret is taken.
async fn attempts(house: &LivedIn, value: &str) {
    let guest = house.app.anonymous().with(GUESS, "1");
    as_session(house, &guest, value).await;
    as_password(&guest, value).await;
    as_key(&guest, value).await;
    as_token(house, &guest, value).await;
}

#[track_caller]
fn refused(answer: &Answer, statuses: &[u16], value: &str) {
    assert!(
        statuses.contains(&answer.status),
        "{value:?} was taken: {}",
        String::from_utf8_lossy(&answer.body)
    );
}

async fn as_session(house: &LivedIn, guest: &Client, value: &str) {
    // What no header can hold is no credential either.
    if value.chars().any(char::is_control) || !value.is_ascii() {
        return;
    }
    let signed = house.signed(value);
    for cookie in
        [format!("mojolicious={value}"), format!("access_token={value}"), format!("mojolicious={signed}")]
    {
        refused(&guest.with("Cookie", &cookie).get("user/current").await, &[400, 401], value);
    }
    let bearer = guest.with("Authorization", &format!("Bearer {value}"));
    refused(&bearer.get("user/current").await, &[400, 401], value);
}

async fn as_password(guest: &Client, value: &str) {
    refused(&guest.post("user/login", json!({ "u": "alice", "p": value })).await, &[400, 401], value);
    let mailed = timeslot::sign_in(guest, "bob@example.test", value).await;
    refused(&mailed, &[401, 422], value);
    refused(&buddha_jones::login(guest, "bob", value).await, &[400, 401], value);
}

async fn as_key(guest: &Client, value: &str) {
    refused(&guest.post("user/login/token", json!({ "t": value })).await, &[400, 401], value);
    let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    refused(&buddha_jones::validate(guest, &encoded).await, &[400], value);
    for page in ["/reset-password", "/register", "/confirm-email"] {
        let fields = [
            ("token", value),
            ("password", NEW),
            ("password_again", NEW),
            ("username", "mallory"),
            ("full_name", "M"),
        ];
        refused(&teen_quotes::post(guest, page, &fields).await, &[400, 403, 404, 410], value);
    }
}

async fn as_token(house: &LivedIn, guest: &Client, value: &str) {
    let fields = [("grant_type", "client_credentials"), ("client_id", "website"), ("client_secret", value)];
    refused(&teen_quotes::post(guest, "/oauth", &fields).await, &[400, 401], value);
    refused(&house.guessing.refreshes(value).await, &[400], value);
    let reset =
        teen_quotes::reset(&house.website_client.with(GUESS, "1"), "alice@example.test", value, NEW).await;
    refused(&reset, &[400], value);
    if value.chars().any(char::is_control) || !value.is_ascii() {
        return;
    }
    refused(&teen_quotes::update(&teen_quotes::carrying(guest, value), NEW).await, &[400, 401], value);
    refused(&timeslot::carrying(guest, value).get(timeslot::SIGN_OUT).await, &[400, 401], value);
    let own = json!({ "old_password": value, "password": NEW });
    refused(
        &buddha_jones::axios(&buddha_jones::carrying(guest, value)).post("/user", own).await,
        &[400, 401],
        value,
    );
}

const NEW: &str = "a password of the thief";
