//! The envelope on what no operation answers, what pages of other origins are told, and where it is served.

use serde_json::json;

use super::program::{
    LOGIN, LOGOUT, RESET, SITE, USER, app, axios, failure, is, login, request, said, token, validate,
};
use crate::support::{PASSWORD, TestApp, account};

#[tokio::test]
async fn what_no_operation_answers_is_in_the_envelope_too() {
    let app = TestApp::start().await;
    let guest = app.anonymous();
    for path in ["/password-reset/x/y", "/login/x", "/user/7", "/logout/"] {
        is(&guest.get(path).await, 404, &failure("Not found."));
    }
    for (path, method, allow) in [
        (RESET, "DELETE", "GET, POST, OPTIONS"),
        ("/password-reset/x", "POST", "GET, OPTIONS"),
        (LOGIN, "GET", "POST, OPTIONS"),
        (USER, "GET", "POST, OPTIONS"),
        (LOGOUT, "POST", "GET, OPTIONS"),
    ] {
        let wrong = guest.send(method, path, None).await;
        is(&wrong, 405, &failure(&format!("The requested path '{path}' does not take this method.")));
        assert_eq!(wrong.headers["allow"], allow, "{path}");
    }
    let large = guest.send("POST", RESET, Some("x".repeat(65_537))).await;
    is(&large, 413, &failure("The body is larger than 65536 bytes."));
}

/// The documented client is a page of another origin, and axios sends JSON: that needs a pre-flight (C18).
#[tokio::test]
async fn a_preflight_is_answered_on_every_path() {
    let app = TestApp::start().await;
    let page = app.anonymous().with("Origin", "http://buddhajones.com");
    let asking = page
        .with("Access-Control-Request-Method", "POST")
        .with("Access-Control-Request-Headers", "authorization,content-type");
    for path in [RESET, "/password-reset/x", "/password-reset/confirm", LOGIN, LOGOUT, USER] {
        let answer = asking.send("OPTIONS", path, None).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{path}");
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert_eq!(answer.headers["access-control-allow-methods"], "POST,PUT,DELETE,GET,OPTIONS");
        let allowed = "Origin, X-Requested-With, Content-Type, Accept, Authorization";
        assert_eq!(answer.headers["access-control-allow-headers"], allowed);
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
    let cross_site = axios(&page).with("Sec-Fetch-Site", "cross-site").with("Sec-Fetch-Mode", "cors");
    app.has(account("alice")).await;
    let answer = login(&cross_site, "alice", PASSWORD).await;
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    token(&answer);
}

#[tokio::test]
async fn with_the_database_away_it_is_503_and_never_401() {
    let app = app().await;
    app.lose_database().await;
    let guest = app.anonymous();
    let answers = [
        request(&guest, "alice", SITE).await,
        validate(&guest, &"x".repeat(30)).await,
        login(&guest, "alice", PASSWORD).await,
        axios(&guest.with("Authorization", "9tNOulANZ9PVYrHes_rLv-XPhko")).post(USER, json!({})).await,
    ];
    for answer in answers {
        assert_eq!(answer.headers["retry-after"], "2");
        is(&answer, 503, &failure("Service Unavailable"));
    }
    let page = guest.with("Accept", "text/html").get(&format!("{RESET}?token={}", "x".repeat(30))).await;
    assert_eq!((page.status, page.headers["retry-after"].to_str().unwrap()), (503, "2"));
    assert!(said(&page).contains("Try again in a minute"));
}

#[tokio::test]
async fn it_can_be_moved_under_a_prefix_and_switched_off() {
    let moved = TestApp::with(|config| config.dialects.buddha_jones.mount = "/legacy".to_owned()).await;
    moved.has(account("alice")).await;
    let guest = axios(&moved.anonymous());
    token(&guest.post("/legacy/login", json!({ "username": "alice", "password": PASSWORD })).await);
    is(&guest.get("/legacy/user/7").await, 404, &failure("Not found."));
    let own = format!("http://{}", moved.address());
    for (url, status) in [("/legacy/password-reset/", 400), ("/reset-password?token=", 200)] {
        let body = json!({ "email": "alice", "url": format!("{own}{url}") });
        assert_eq!(guest.post("/legacy/password-reset", body).await.status, status, "{url}");
    }
    let off = TestApp::with(|config| config.dialects.buddha_jones.enabled = false).await;
    for app in [&moved, &off] {
        let gone = app.anonymous().send("DELETE", "/password-reset/x/y", None).await;
        assert_eq!(gone.status, 404);
        assert!(!said(&gone).starts_with('{'), "whoever is at home answers");
    }
}
