//! Alive is whoever answers; ready is who should be sent requests.

use crate::{
    contract::wire::send,
    support::{TestApp, account},
};

/// What `/readyz` says, to those who watch and to everybody.
async fn readiness(app: &TestApp) -> (u16, String, u16, String) {
    app.clock.advance(std::time::Duration::from_secs(2));
    let shown = app.observatory.show("/readyz").await;
    let told = send(app.address(), "GET", "/readyz", &[], None).await;
    let body = String::from_utf8(told.body).unwrap();
    (shown.status.as_u16(), shown.body, told.status, body)
}

#[tokio::test]
async fn a_server_in_order_is_alive_and_ready() {
    let app = TestApp::start().await;
    assert_eq!(readiness(&app).await, (200, "ready\n".to_owned(), 200, "ready\n".to_owned()));
    let alive = send(app.address(), "GET", "/healthz", &[], None).await;
    assert_eq!((alive.status, alive.body.as_slice()), (200, &b"alive\n"[..]));
    let head = send(app.address(), "HEAD", "/readyz", &[], None).await;
    assert_eq!((head.status, head.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
}

#[tokio::test]
async fn without_its_database_it_is_alive_but_not_ready() {
    let app = TestApp::start().await;
    app.lose_database().await;
    let (status, why, told, words) = readiness(&app).await;
    assert_eq!((status, why.as_str()), (503, "not ready: the database is away\n"));
    assert_eq!((told, words.as_str()), (503, "not ready\n"), "strangers are not told why");
    assert_eq!(app.observatory.show("/healthz").await.status, 200);
    let told = send(app.address(), "GET", "/readyz", &[], None).await;
    assert!(told.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_not_enough() {
    let app = TestApp::start().await;
    assert_eq!(readiness(&app).await.0, 200);
    app.let_database_take_writes(false).await;
    assert_eq!(readiness(&app).await.1, "not ready: the database is read-only\n");
    app.let_database_take_writes(true).await;
    assert_eq!(readiness(&app).await.0, 200, "and back without a restart");
}

#[tokio::test]
async fn a_schema_that_is_too_old_is_not_enough_and_a_newer_one_is() {
    let app = TestApp::start().await;
    app.sql("UPDATE latchkey.schema_history SET version = version + 100").await;
    assert_eq!(readiness(&app).await.0, 200, "the next release has migrated already");
    app.sql("DELETE FROM latchkey.schema_history WHERE version > 101").await;
    app.sql("UPDATE latchkey.schema_history SET version = 1").await;
    assert_eq!(readiness(&app).await.1, "not ready: the schema of the database is older than this release\n");
}

#[tokio::test]
async fn mail_that_waits_has_no_part_in_it() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    alice.post("user/reset_password", serde_json::json!({ "email": alice.email() })).await;
    app.after(60);
    assert_eq!(readiness(&app).await.0, 200);
}

#[tokio::test]
async fn who_is_about_to_stop_says_so_at_once() {
    let app = TestApp::start().await;
    app.site().services.readiness.stop();
    let (status, why, told, _) = readiness(&app).await;
    assert_eq!((status, why.as_str(), told), (503, "not ready: stopping\n", 503));
}
