//! `latchkey client`: what an operator does about programs.

use serde_json::Value;

use super::program::{BAD_TOKEN, REMIND, carrying, is, pair, post};
use crate::{moving::program::Place, support::TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_added_listed_and_removed() {
    let app = TestApp::start().await;
    let operator = Place::on(app.url.clone());
    let added = operator.said(&["client", "add", "website", "--name", "The website"]);
    let secret = added.lines().find_map(|line| line.strip_prefix("client_secret: ")).unwrap();
    assert_eq!(secret.len(), 40);
    let again = operator.ends(1, &["client", "add", "website"], "");
    assert_eq!(again, "latchkey: there is a client of this name already\n");

    let fields = [("grant_type", "client_credentials"), ("client_id", "website"), ("client_secret", secret)];
    let tokens = pair(&post(&app.anonymous(), "/oauth", &fields).await);
    let website = carrying(&app.anonymous(), &tokens.access);
    assert_eq!(post(&website, REMIND, &[("email", "x@example.test")]).await.status, 400);

    let table = operator.said(&["client", "list"]);
    assert!(table.contains("website") && table.contains("The website") && !table.contains(secret), "{table}");
    let line = operator.said(&["client", "list", "--json"]);
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((line["id"].as_str(), line["name"].as_str()), (Some("website"), Some("The website")));

    assert!(operator.said(&["client", "remove", "website"]).contains("website is forgotten"));
    is(&post(&website, REMIND, &[("email", "x@example.test")]).await, 401, BAD_TOKEN);
    assert_eq!(post(&app.anonymous(), "/oauth", &fields).await.status, 401);
    let gone = operator.ends(1, &["client", "remove", "website"], "");
    assert_eq!(gone, "latchkey: no client is called website\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_would_mean_two_things_in_http_basic_is_refused() {
    let operator = Place::new().await;
    for bad in ["a:b", "a b", "", "ä"] {
        assert!(!operator.run(&["client", "add", bad], "").status.success(), "{bad:?}");
    }
}
