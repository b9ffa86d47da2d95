//! No password, key, token or cookie is ever logged.
//!
//! Every test of this program is watched: `TestApp` and `Program` fail when a secret that the tests used was in a line
//! (`support/watcher.rs`). Here the watcher is held against what it must notice, and everything is logged that can be.

use std::{panic::catch_unwind, sync::Arc};

use serde_json::json;

use crate::{
    process::program::{ADMIN_PASSWORD, House},
    support::{Watcher, watcher},
};

fn notices(watcher: &Arc<Watcher>) -> bool {
    let watcher = watcher.clone();
    catch_unwind(move || watcher.is_content()).is_err()
}

#[test]
fn the_watcher_notices_a_secret_before_and_after_it_knows_it_and_in_other_forms() {
    let key = "Ic5OQ3fSTXFlGCXo2WEjGUZ5pQwEKF";
    let early = Arc::new(Watcher::new());
    early.guard(key);
    early.hear("one\nINFO latchkey: path=\"/password-reset/other\"");
    assert!(!notices(&early));
    early.hear(&format!("INFO latchkey: path=\"/password-reset/{key}\""));
    assert!(notices(&early));

    let late = Arc::new(Watcher::new());
    late.hear(&format!("one\n\nDEBUG key={key} end"));
    assert!(!notices(&late));
    late.guard(key);
    assert!(notices(&late));

    for form in
        ["correct horse battery staple", "correct+horse+battery+staple", "correct%20horse%20battery%20staple"]
    {
        let watcher = Arc::new(Watcher::new());
        watcher.guard("correct horse battery staple");
        watcher.hear(&format!("body: p={form}&x=1"));
        assert!(notices(&watcher), "{form}");
    }
    let words = Arc::new(Watcher::new());
    words.guard("password");
    words.hear("the password was changed");
    assert!(!notices(&words), "a short one could be any word");
}

#[tokio::test]
async fn the_tests_are_watched_and_a_line_of_ours_is_heard() {
    let (before, _) = watcher().counts();
    let app = crate::support::TestApp::start().await;
    tracing::trace!(target: "latchkey::tests", "a line of the tests");
    let alice = app.signed_in(crate::support::account("alice")).await;
    alice.get("user/current").await;
    let (lines, secrets) = watcher().counts();
    assert!(lines > before, "{lines} lines");
    assert!(secrets >= 3, "the password, the cookie and the access token at least: {secrets}");
}

/// What a log at its loudest holds: every library's lines too.
#[tokio::test]
async fn the_loudest_log_holds_no_secret() {
    for format in ["text", "json"] {
        let house = House::new().with("LATCHKEY_LOG__LEVEL", "trace").with("LATCHKEY_LOG__FORMAT", format);
        let server = house.serve();
        let mut admin = server.client("admin");
        admin.sign_in(ADMIN_PASSWORD).await;
        admin.get("user/current").await;
        admin.post("user/reset_password", json!({ "email": "admin@example.test" })).await;
        let timeslot = json!({ "email": "admin@example.test", "password": ADMIN_PASSWORD });
        let guest = server.client("").with("Content-Type", "application/json");
        guest.post("/v1/users/signin", timeslot).await;
        guest.get("/password-reset/Ic5OQ3fSTXFlGCXo2WEjGUZ5pQwEKF").await;
        guest.get("/password-reset?token=Ic5OQ3fSTXFlGCXo2WEjGUZ5pQwEKF").await;
        guest.get("/reset-password?token=Ic5OQ3fSTXFlGCXo2WEjGUZ5pQwEKF").await;
        watcher().guard("Ic5OQ3fSTXFlGCXo2WEjGUZ5pQwEKF");
        watcher().guard(std::fs::read_to_string(house.inside("session-secret")).unwrap().trim());
        let log = server.log();
        assert!(log.contains("DEBUG") && log.lines().count() > 5, "it was loud");
        watcher().hear(&log);
        watcher().is_content();
    }
}
