//! The envelope and its headers, on every answer.

use crate::support::{TestApp, account};

#[tokio::test]
async fn what_no_operation_answers_is_in_the_envelope_too() {
    let app = TestApp::start().await;
    let guest = app.anonymous();
    let nope = guest.get("nope").await;
    nope.refuses(404, "The requested path '/api/5.0/nope' does not exist.");
    let wrong = guest.delete("user/current").await;
    assert_eq!((wrong.status, wrong.headers["allow"].to_str().unwrap()), (405, "GET, PUT, HEAD, OPTIONS"));
    let unknown = guest.get("/api/9.9/ping").await;
    assert_eq!(unknown.status, 501);
    assert!(unknown.text().starts_with("The requested api version is not implemented by this server."));
    for answer in [nope, wrong, unknown] {
        assert!(answer.headers.contains_key("whole-content-sha512"));
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
    }
}

#[tokio::test]
async fn a_body_of_any_size_is_compressed_for_those_who_ask_by_name() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let plain = alice.get("user/current").await;
    for (asked, compressed) in [
        ("gzip", true),
        ("GZIP", true),
        ("br, gzip", true),
        ("gzip;q=0", false),
        ("gzip;q=1.0", false),
        ("*", false),
    ] {
        let answer = alice.with("Accept-Encoding", asked).get("user/current").await;
        assert_eq!(answer.headers.contains_key("content-encoding"), compressed, "{asked}");
        assert_eq!(answer.body, plain.body, "{asked}");
        assert_eq!(answer.headers["whole-content-sha512"], plain.headers["whole-content-sha512"]);
    }
}

#[tokio::test]
async fn head_works_where_get_does_and_options_answers_preflights() {
    let app = TestApp::start().await;
    let guest = app.anonymous();
    let (get, head) = (guest.get("ping").await, guest.send("HEAD", "ping", None).await);
    assert_eq!(head.status, 200);
    assert_eq!(head.headers["content-length"], get.headers["content-length"]);
    assert!(head.body.is_empty());
    let preflight = guest.send("OPTIONS", "user/login", None).await;
    assert_eq!((preflight.status, preflight.headers["allow"].to_str().unwrap()), (204, "POST, OPTIONS"));
    assert_eq!(preflight.headers["access-control-allow-methods"], "POST,GET,OPTIONS,PUT,DELETE");
}

#[tokio::test]
async fn a_body_that_can_not_be_read_is_told_in_the_words_of_its_operation() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    for (method, path, words) in [
        ("POST", "user/login/token", "Invalid request: "),
        ("POST", "user/reset_password", "Malformed request: "),
        ("PUT", "user/current", "couldn't parse request: "),
    ] {
        let answer = alice.send(method, path, Some("{".to_owned())).await;
        assert_eq!(answer.status, 400, "{path}");
        let text = answer.json()["alerts"][0]["text"].clone();
        assert!(text.as_str().unwrap().starts_with(words), "{path}: {text}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_in_the_envelope() {
    let app = TestApp::start().await;
    let body = format!(r#"{{"u":"alice","p":"{}"}}"#, "x".repeat(64 * 1024));
    let answer = app.anonymous().send("POST", "user/login", Some(body)).await;
    answer.refuses(413, "The body is larger than 65536 bytes.");
}

#[tokio::test]
async fn markup_in_an_answer_is_escaped() {
    let app = TestApp::start().await;
    let answer = app.anonymous().get("%3Cscript%3E").await;
    assert!(String::from_utf8(answer.body.clone()).unwrap().contains(r"\u003cscript\u003e"));
    answer.refuses(404, "The requested path '/api/5.0/<script>' does not exist.");
}
