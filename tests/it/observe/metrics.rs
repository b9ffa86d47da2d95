//! What is counted, in the words of Prometheus.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    contract::wire::send,
    support::{PASSWORD, TestApp, account},
};

/// Every number by its name and labels, as they stand in the text.
async fn metrics(app: &TestApp) -> BTreeMap<String, f64> {
    let shown = app.observatory.show("/metrics").await;
    assert_eq!(shown.status, 200);
    assert!(shown.content_type.starts_with("application/openmetrics-text"));
    assert!(shown.body.ends_with("# EOF\n"));
    let lines = shown.body.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("{line}")))
        })
        .collect()
}

fn of(dialect: &str, version: &str, operation: &str, status: u16) -> String {
    format!(
        "latchkey_requests_total{{dialect=\"{dialect}\",version=\"{version}\",operation=\"{operation}\",status=\"{status}\"}}"
    )
}

#[tokio::test]
async fn requests_are_counted_by_operation_version_and_status_with_their_times() {
    let app = TestApp::start().await;
    let mut alice = app.has(account("alice")).await;
    for _ in 0..3 {
        alice.get("ping").await;
    }
    alice.in_version("3.0").get("ping").await;
    alice.post("user/login", json!({ "u": "alice", "p": "wrong" })).await;
    alice.sign_in(PASSWORD).await;
    alice.get("nope").await;
    send(app.address(), "GET", "/sign-in", &[], None).await;
    let metrics = metrics(&app).await;
    for (name, count) in [
        (of("traffic_ops", "5.0", "ping", 200), 3.0),
        (of("traffic_ops", "3.0", "ping", 200), 1.0),
        (of("traffic_ops", "5.0", "login", 401), 1.0),
        (of("traffic_ops", "5.0", "login", 200), 1.0),
        (of("traffic_ops", "", "none", 404), 1.0),
    ] {
        assert_eq!(metrics.get(&name), Some(&count), "{name} in {metrics:#?}");
    }
    let labels = "dialect=\"traffic_ops\",version=\"5.0\",operation=\"ping\"";
    assert_eq!(metrics[&format!("latchkey_request_duration_seconds_count{{{labels}}}")], 3.0);
    assert_eq!(metrics[&format!("latchkey_request_duration_seconds_bucket{{le=\"+Inf\",{labels}}}")], 3.0);
    assert!(metrics.keys().any(|name| name.contains("dialect=\"pages\",version=\"\"")));
}

#[tokio::test]
async fn hashing_the_pool_the_outbox_sessions_throttles_and_connections_are_shown() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    alice.post("user/reset_password", json!({ "email": alice.email() })).await;
    app.after(7);
    let before = metrics(&app).await;
    assert_eq!((before["latchkey_ready"], before["latchkey_sessions"]), (1.0, 1.0));
    assert_eq!((before["latchkey_outbox_waiting"], before["latchkey_outbox_oldest_seconds"]), (1.0, 420.0));
    assert!(before["latchkey_hashing_done_total"] >= 2.0, "one password was hashed and one compared");
    assert_eq!((before["latchkey_hashing_waiting"], before["latchkey_hashing_shed_total"]), (0.0, 0.0));
    assert_eq!(before["latchkey_pool_connections_max"], 4.0);
    assert!(before["latchkey_pool_connections"] >= 1.0 && before["latchkey_pool_waiting"] == 0.0);
    assert_eq!(before["latchkey_throttled_total{what=\"account\"}"], 0.0);
    app.deliver().await;
    let after = metrics(&app).await;
    assert_eq!((after["latchkey_outbox_waiting"], after["latchkey_outbox_sent_total"]), (0.0, 1.0));
}

#[tokio::test]
async fn without_the_database_the_rest_is_still_shown() {
    let app = TestApp::start().await;
    app.lose_database().await;
    let metrics = metrics(&app).await;
    assert_eq!(metrics["latchkey_ready"], 0.0);
    assert!(!metrics.contains_key("latchkey_sessions") && !metrics.contains_key("latchkey_outbox_waiting"));
    assert!(metrics.contains_key("latchkey_hashing_waiting"));
}

#[tokio::test]
async fn no_label_names_anybody() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    for path in ["/password-reset/secretinapath", "/alice@example.test", "/users/alice?token=secretinaquery"]
    {
        send(app.address(), "GET", path, &[], None).await;
    }
    send(app.address(), "GET", &format!("/reset-password?token={key}"), &[], None).await;
    let text = app.observatory.show("/metrics").await.body;
    for word in ["alice", "example.test", "secretinapath", "secretinaquery", &key, "127.0.0.1"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[tokio::test]
async fn other_paths_are_nowhere() {
    let app = TestApp::start().await;
    let shown = app.observatory.show("/api/5.0/ping").await;
    assert_eq!(
        (shown.status.as_u16(), shown.body.as_str()),
        (404, "there are /healthz, /readyz and /metrics\n")
    );
}
