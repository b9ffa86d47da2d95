//! Where the link of a letter may lead.

use super::program::{INCOMPLETE, REQUESTED, SITE, app, is, request};
use crate::support::{TestApp, account};

/// Check 5 of the four contracts' list: a link that the operator did not allow. No letter goes out.
#[tokio::test]
async fn check_5_a_link_to_another_place_is_refused_as_if_it_were_missing() {
    let app = app().await;
    app.has(account("alice")).await;
    for url in [
        "http://evil.example/?",
        "http://buddhajones.com.evil.example/",
        "http://buddhajones.com@evil.example/",
        "http://buddhajones.com",
        "https://buddhajones.com/resetpassword/",
        "javascript:alert(1)//",
        "http://buddhajones.com/\r\nBcc: eve@example.test\r\n",
        "not a url",
        "/resetpassword/",
        "",
    ] {
        is(&request(&app.anonymous(), "alice", url).await, 400, INCOMPLETE);
    }
    let long = format!("{SITE}{}", "x".repeat(3000));
    is(&request(&app.anonymous(), "alice", &long).await, 400, INCOMPLETE);
    assert_eq!(app.deliver().await.count(), 0);
    is(&request(&app.anonymous(), "alice", SITE).await, 200, REQUESTED);
}

/// Without a list letters lead to the server's own pages only, and never to the operation that uses keys up.
#[tokio::test]
async fn by_default_a_link_leads_to_the_server_itself() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let own = format!("http://{}", app.address());
    is(&request(&app.anonymous(), "alice", SITE).await, 400, INCOMPLETE);
    for operation in ["/password-reset?token=", "/password-reset/"] {
        is(&request(&app.anonymous(), "alice", &format!("{own}{operation}")).await, 400, INCOMPLETE);
    }
    is(&request(&app.anonymous(), "alice", &format!("{own}/reset-password?token=")).await, 200, REQUESTED);
    let key = app.deliver().await.only_letter_to(&alice.email()).reset_key();
    let page = app.anonymous().send("GET", &format!("/reset-password?token={key}"), None).await;
    assert!(page.status < 400, "{}", page.status);
}

/// What stands in a request's `Host` decides nothing.
#[tokio::test]
async fn the_host_of_the_request_does_not_count() {
    let app = app().await;
    app.has(account("alice")).await;
    let guest = app.anonymous().with("Host", "evil.example");
    is(&request(&guest, "alice", "http://evil.example/").await, 400, INCOMPLETE);
}

#[tokio::test]
async fn a_list_that_can_not_be_used_stops_the_start() {
    let mut config = latchkey::config::Config::default();
    config.dialects.buddha_jones.allowed_urls = vec!["buddhajones.com".to_owned()];
    let error = latchkey::app::check_dialects(&config).unwrap_err();
    assert!(format!("{error:#}").contains("\"buddhajones.com\" must be an address such as"), "{error:#}");
}
