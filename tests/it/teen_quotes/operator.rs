//! `latchkey client`: what an operator does about programs.

use std::process::{Command, Output};

use super::program::{BAD_TOKEN, REMIND, carrying, is, pair, post};
use crate::support::{TestApp, through_pgbouncer};

fn latchkey(app: &TestApp, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    let inherited = std::env::vars_os().map(|(name, _)| name);
    for name in inherited.filter(|name| name.to_string_lossy().starts_with("LATCHKEY")) {
        command.env_remove(name);
    }
    let folder = tempfile::tempdir().unwrap();
    command.env("LATCHKEY_DATABASE__URL", &app.url).arg("--data").arg(folder.path());
    command.env("LATCHKEY_DATABASE__PREPARED_STATEMENTS", (!through_pgbouncer()).to_string());
    command.current_dir(folder.path()).args(arguments).output().unwrap()
}

#[track_caller]
fn printed(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_added_listed_and_removed() {
    let app = TestApp::start().await;
    let added = printed(latchkey(&app, &["client", "add", "website", "--name", "The website"]));
    let secret = added.lines().find_map(|line| line.strip_prefix("client_secret: ")).unwrap();
    assert_eq!(secret.len(), 40);
    let again = latchkey(&app, &["client", "add", "website"]);
    assert!(!again.status.success());
    assert_eq!(String::from_utf8_lossy(&again.stderr), "latchkey: there is a client of this name already\n");

    let fields = [("grant_type", "client_credentials"), ("client_id", "website"), ("client_secret", secret)];
    let tokens = pair(&post(&app.anonymous(), "/oauth", &fields).await);
    let website = carrying(&app.anonymous(), &tokens.access);
    assert_eq!(post(&website, REMIND, &[("email", "x@example.test")]).await.status, 400);

    let table = printed(latchkey(&app, &["client", "list"]));
    assert!(table.contains("website") && table.contains("The website") && !table.contains(secret), "{table}");
    let line = printed(latchkey(&app, &["client", "list", "--json"]));
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!((line["id"].as_str(), line["name"].as_str()), (Some("website"), Some("The website")));

    assert!(printed(latchkey(&app, &["client", "remove", "website"])).contains("website is forgotten"));
    is(&post(&website, REMIND, &[("email", "x@example.test")]).await, 401, BAD_TOKEN);
    assert_eq!(post(&app.anonymous(), "/oauth", &fields).await.status, 401);
    let gone = latchkey(&app, &["client", "remove", "website"]);
    assert_eq!(String::from_utf8_lossy(&gone.stderr), "latchkey: no client is called website\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_would_mean_two_things_in_http_basic_is_refused() {
    let app = TestApp::start().await;
    for bad in ["a:b", "a b", "", "ä"] {
        assert!(!latchkey(&app, &["client", "add", bad]).status.success(), "{bad:?}");
    }
}
