//! Seed document 001, replayed. The numbers are the lines of the document that a test proves.

use super::program::{BAD_TOKEN, DONE, NO_TOKEN, RESET, WRONG_PASSWORD, WRONG_TOKEN, WRONG_USER, is};
use crate::{
    contract::wire::{Answer, send},
    support::{TestApp, account},
};

/// The token of lines 38 and 50.
const TOKEN: &str = "Authorization: Bearer jLJeOz8aEIsKtGSdXsqTDGxmtEduUGkZTVJBo3We";
/// The data of line 50.
const DATA: &str = "email=testuser@teen-quotes.com&token=lt5hrb0s5pz2_qcc4wl4k3f00000gp&password=azerty";

/// A latchkey that has granted the token and mailed the key of the document.
async fn stage() -> TestApp {
    let app = TestApp::start().await;
    app.has(account("testuser")).await;
    app.sql(
        "UPDATE tm_user SET email = 'testuser@teen-quotes.com'; \
         INSERT INTO latchkey.oauth_client VALUES ('app', sha256('x'), 'app', '2026-11-21'); \
         INSERT INTO latchkey.token_family (client_id, granted_at, refreshable_until) \
           VALUES ('app', '2026-11-21 11:00Z', '2026-12-21'); \
         INSERT INTO latchkey.access_token (digest, family_id, refresh_digest, issued_at, expires_at) \
           SELECT sha256('jLJeOz8aEIsKtGSdXsqTDGxmtEduUGkZTVJBo3We'), id, sha256('y'), granted_at, \
           refreshable_until FROM latchkey.token_family; \
         INSERT INTO latchkey.reset_request (account_id, outbox_id, dialect, requested_at, expires_at) \
           SELECT id, 1, 'teen_quotes', '2026-11-21 11:00Z', '2026-11-22 11:00Z' FROM tm_user; \
         INSERT INTO latchkey.reset_key SELECT sha256('lt5hrb0s5pz2_qcc4wl4k3f00000gp'), id, requested_at \
           FROM latchkey.reset_request",
    )
    .await;
    app
}

/// Sends what curl sends for these options.
async fn curl(app: &TestApp, header: Option<&str>, data: Option<&str>) -> Answer {
    let form = data.map(|_| "Content-Type: application/x-www-form-urlencoded");
    let lines = ["User-Agent: curl/7.47.0", "Accept: */*"].into_iter().chain(header).chain(form);
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    let headers: Vec<_> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let method = if data.is_some() { "POST" } else { "GET" };
    send(app.address(), method, RESET, &headers, data).await
}

/// Lines 20, 32 to 34, 42, 48 to 57 and 71 to 82: the example request and its success.
#[tokio::test]
async fn the_example_request_sets_the_password() {
    let app = stage().await;
    let answer = curl(&app, Some(TOKEN), Some(DATA)).await;
    is(&answer, 200, DONE);
    let keys: Vec<_> = answer.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["status", "success"], "54: an object containing keys status and success");
    let status = answer.json();
    assert_eq!(status["status"], "password_reset", "56");
    assert_eq!(status["success"], "The new password has been set.", "57");
    assert_eq!(
        (answer.headers["content-type"].to_str().unwrap(), answer.body.len()),
        ("application/json", 70)
    );
    let mut testuser = app.anonymous();
    let body = serde_json::json!({ "u": "testuser", "p": "azerty" });
    testuser.keep(&testuser.post("user/login", body).await);
    assert_eq!(testuser.get("user/current").await.status, 200, "46 and 50: azerty is the password now");
}

/// Lines 24 and 45: the token is used up by it.
#[tokio::test]
async fn the_example_request_works_once() {
    let app = stage().await;
    is(&curl(&app, Some(TOKEN), Some(DATA)).await, 200, DONE);
    is(&curl(&app, Some(TOKEN), Some(DATA)).await, 400, WRONG_TOKEN);
}

/// Lines 26 to 30: an access token is needed, and a client's own is enough.
#[tokio::test]
async fn without_an_access_token_nothing_is_done() {
    let app = stage().await;
    is(&curl(&app, None, Some(DATA)).await, 401, NO_TOKEN);
    let other = TOKEN.replace("jLJ", "JLj");
    is(&curl(&app, Some(&other), Some(DATA)).await, 401, BAD_TOKEN);
    is(&curl(&app, Some(TOKEN), Some(DATA)).await, 200, DONE);
}

/// Line 28: the access token in the parameter `access_token`.
#[tokio::test]
async fn the_access_token_may_come_as_a_parameter() {
    let app = stage().await;
    let (_, token) = TOKEN.rsplit_once(' ').unwrap();
    is(&curl(&app, None, Some(&format!("{DATA}&access_token={token}x"))).await, 401, BAD_TOKEN);
    is(&curl(&app, None, Some(&format!("access_token={token}&{DATA}"))).await, 200, DONE);
}

/// Lines 36 to 38: the example call shows the header only. Without data curl sends GET, and nothing is used up.
#[tokio::test]
async fn the_example_call_without_data_is_no_reset() {
    let app = stage().await;
    let answer = curl(&app, Some(TOKEN), None).await;
    assert_eq!((answer.status, answer.headers["allow"].to_str().unwrap()), (405, "POST, OPTIONS"));
    is(&curl(&app, Some(TOKEN), Some(DATA)).await, 200, DONE);
}

/// Lines 42 to 46, 59 to 69 and 84 to 90: every error, its status, its keys and its sentence.
#[tokio::test]
async fn each_parameter_has_its_error() {
    let app = stage().await;
    let refused = async |data: &str, body: &str, length: usize| {
        let answer = curl(&app, Some(TOKEN), Some(data)).await;
        is(&answer, 400, body);
        assert_eq!(answer.headers["content-length"], length.to_string());
    };
    refused(&DATA.replace("testuser", "nobody"), WRONG_USER, 73).await;
    refused(&DATA.replace("testuser@teen-quotes.com", "testuser"), WRONG_USER, 73).await;
    refused(&DATA.replace("azerty", "azert"), WRONG_PASSWORD, 60).await;
    refused(&DATA.replace("lt5hrb0s", "LT5HRB0S"), WRONG_TOKEN, 62).await;
    for (missing, body, length) in
        [("email", WRONG_USER, 73), ("password", WRONG_PASSWORD, 60), ("token", WRONG_TOKEN, 62)]
    {
        let left: Vec<_> = DATA.split('&').filter(|pair| !pair.starts_with(missing)).collect();
        refused(&left.join("&"), body, length).await;
    }
    is(&curl(&app, Some(TOKEN), Some(DATA)).await, 200, DONE);
}
