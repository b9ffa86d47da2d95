//! The envelope on what no operation answers, and where the dialect is served.

use super::program::{Program, REMIND, RESET, UPDATE, is, post, said};
use crate::support::TestApp;

#[tokio::test]
async fn what_no_operation_answers_is_in_the_envelope_too() {
    let app = TestApp::start().await;
    let guest = app.anonymous();
    let nope = guest.get("/v1/password/é").await;
    is(&nope, 404, r#"{"status":404,"error":"The requested path '\/v1\/password\/\u00e9' does not exist."}"#);
    let below = guest.get("/oauth/nope").await;
    is(&below, 404, r#"{"status":404,"error":"The requested path '\/oauth\/nope' does not exist."}"#);
    for (path, method, allow) in [
        ("/oauth", "GET", "POST, OPTIONS"),
        (REMIND, "DELETE", "POST, OPTIONS"),
        (UPDATE, "POST", "PUT, OPTIONS"),
    ] {
        let wrong = guest.send(method, path, None).await;
        assert_eq!((wrong.status, wrong.headers["allow"].to_str().unwrap()), (405, allow));
        assert_eq!(wrong.json()["status"], 405);
        let asked = guest.send("OPTIONS", path, None).await;
        assert_eq!((asked.status, asked.headers["allow"].to_str().unwrap()), (204, allow));
        assert!(asked.body.is_empty() && !asked.headers.contains_key("content-type"));
    }
    let large = post(&guest, "/oauth", &[("grant_type", &"x".repeat(65_536))]).await;
    is(&large, 413, r#"{"status":413,"error":"The body is larger than 65536 bytes."}"#);
    for answer in [nope, below, large] {
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.headers["cache-control"], "no-cache");
    }
}

#[tokio::test]
async fn with_the_database_away_it_is_503_and_never_401() {
    let app = TestApp::start().await;
    let program = Program::known(&app, "website").await;
    let website = program.with_token().await;
    app.lose_database().await;
    for path in [REMIND, RESET] {
        let answer = post(&website, path, &[("email", "x@example.test")]).await;
        assert_eq!(answer.headers["retry-after"], "2");
        is(&answer, 503, r#"{"status":503,"error":"Service Unavailable"}"#);
    }
    let answer = program.asks(&[("grant_type", "client_credentials")]).await;
    assert_eq!((answer.status, answer.headers["retry-after"].to_str().unwrap()), (503, "2"));
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
}

#[tokio::test]
async fn it_can_be_moved_under_a_prefix_and_switched_off() {
    let moved = TestApp::with(|config| config.dialects.teen_quotes.mount = "/legacy".to_owned()).await;
    let secret = moved.knows("website").await;
    let fields =
        [("grant_type", "client_credentials"), ("client_id", "website"), ("client_secret", secret.as_str())];
    assert_eq!(post(&moved.anonymous(), "/legacy/oauth", &fields).await.status, 200);
    let away = moved.anonymous().send("PUT", "/legacy/v1/password/remind", None).await;
    assert_eq!((away.status, away.json()["status"].as_u64()), (405, Some(405)));
    let off = TestApp::with(|config| config.dialects.teen_quotes.enabled = false).await;
    for app in [&moved, &off] {
        let gone = app.anonymous().send("GET", "/oauth/gone", None).await;
        assert_eq!(gone.status, 404);
        assert!(gone.json().get("status").is_none(), "whoever is at home answers: {}", said(&gone));
    }
}
