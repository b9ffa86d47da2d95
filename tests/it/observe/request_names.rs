//! Every answer bears a name: the client's own, or a new one.

use serde_json::json;

use crate::{
    contract::wire::{Answer, send},
    support::TestApp,
};

const UNKNOWN_USER: &str = r#"{"email":"nobody@example.test"}"#;

/// One request of each kind that the server answers: by an operation of each contract, and by none.
const REQUESTS: [(&str, &str, Option<&str>, u16); 12] = [
    ("GET", "/api/5.0/ping", None, 200),
    ("GET", "/api/3.0/user/current", None, 401),
    ("POST", "/api/4.1/user/reset_password", Some(UNKNOWN_USER), 200),
    ("GET", "/api/5.0/nope", None, 404),
    ("DELETE", "/api/5.0/ping", None, 405),
    ("OPTIONS", "/api/5.0/user/login", None, 204),
    ("GET", "/v1/users/nope", None, 404),
    ("POST", "/oauth", Some("{}"), 400),
    ("POST", "/login", Some(""), 400),
    ("GET", "/sign-in", None, 200),
    ("GET", "/no-such-page", None, 404),
    ("GET", "/healthz", None, 200),
];

async fn ask(
    app: &TestApp,
    (method, path, body, status): (&str, &str, Option<&str>, u16),
    id: &str,
) -> Answer {
    let headers: Vec<_> =
        [("X-Request-Id".to_owned(), id.to_owned())].into_iter().filter(|_| !id.is_empty()).collect();
    let answer = send(app.address(), method, path, &headers, body).await;
    assert_eq!(answer.status, status, "{method} {path}");
    answer
}

fn id(answer: &Answer) -> &str {
    answer.headers.get("x-request-id").expect("a name").to_str().unwrap()
}

#[tokio::test]
async fn every_answer_bears_the_name_that_the_client_gave_its_request() {
    let app = TestApp::start().await;
    for request in REQUESTS {
        let answer = ask(&app, request, "deploy-7_a").await;
        assert_eq!(id(&answer), "deploy-7_a", "{request:?}");
        assert_eq!(answer.headers.get_all("x-request-id").iter().count(), 1);
    }
}

#[tokio::test]
async fn without_a_name_or_with_an_odd_one_every_answer_bears_a_new_one() {
    let app = TestApp::start().await;
    let mut seen = std::collections::BTreeSet::new();
    for request in REQUESTS {
        let answer = ask(&app, request, "").await;
        assert_eq!(id(&answer).len(), 36, "{request:?}");
        assert!(seen.insert(id(&answer).to_owned()), "{request:?}: a name twice");
    }
    let long = "x".repeat(65);
    for odd in ["<script>", "a b", &long] {
        let answer = ask(&app, REQUESTS[0], odd).await;
        assert_eq!(id(&answer).len(), 36, "{odd}");
    }
}

#[tokio::test]
async fn an_answer_that_the_listener_gives_in_place_of_the_service_bears_the_name_too() {
    let app = TestApp::with(|config| config.limits.call_timeout = std::time::Duration::from_millis(1)).await;
    let locked = app.database.client().await.unwrap();
    locked.batch_execute("BEGIN; LOCK TABLE latchkey.outbox IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let guest = app.anonymous().with("X-Request-Id", "too-slow");
    let answer = guest.post("user/reset_password", json!({ "email": "nobody@example.test" })).await;
    assert_eq!((answer.status, id(&answer)), (503, "too-slow"));
}
