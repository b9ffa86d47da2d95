//! Signing in, being known, signing out.

use serde_json::json;

use crate::support::{PASSWORD, TestApp, VERSIONS, account, somebody_waits_for_a_lock, with_role};

#[tokio::test]
async fn every_version_signs_in_knows_the_caller_and_signs_out() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    for version in VERSIONS {
        let mut alice = alice.in_version(version);
        alice.sign_in(PASSWORD).await;
        let shown = alice.get("user/current").await.json();
        assert_eq!(shown["response"]["username"], "alice", "{version}");
        alice.post("user/logout", json!({})).await.says("You are logged out.");
        alice.get("user/current").await.refuses(401, "unauthorized, please log in.");
    }
}

#[tokio::test]
async fn every_refusal_to_sign_in_sounds_alike() {
    let app = TestApp::start().await;
    let guest = app.anonymous();
    app.has(account("alice")).await;
    app.has(latchkey::service::Newcomer { password: None, ..account("nopass") }).await;
    app.has(with_role("blocked", "disallowed")).await;
    for (username, password) in [
        ("alice", "wrong password"),
        ("nobody", PASSWORD),
        ("nopass", PASSWORD),
        ("blocked", PASSWORD),
        ("ALICE", PASSWORD),
    ] {
        let answer = guest.post("user/login", json!({ "u": username, "p": password })).await;
        answer.refuses(401, "Invalid username or password.");
        assert_eq!(answer.cookie("mojolicious"), None);
    }
}

#[tokio::test]
async fn a_session_slides_by_an_hour_and_ends_after_a_day() {
    let app = TestApp::start().await;
    let mut alice = app.signed_in(account("alice")).await;
    app.after(5 * 60 + 59);
    alice.keep(&alice.get("user/current").await);
    for hour in 6..24 {
        app.after(59);
        let answer = alice.get("user/current").await;
        assert_eq!(answer.status, 200, "hour {hour}");
        alice.keep(&answer);
    }
    app.after(60);
    alice.get("user/current").await.refuses(401, "signature expired - unauthorized, please log in");
}

#[tokio::test]
async fn a_session_that_is_not_used_ends_after_six_hours() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    app.after(6 * 60 + 1);
    alice.get("user/current").await.refuses(401, "signature expired - unauthorized, please log in");
}

#[tokio::test]
async fn a_session_that_is_used_is_written_once_a_minute_at_most() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let seen = "SELECT extract(epoch FROM last_seen_at)::bigint FROM latchkey.session";
    let at_first = app.number(seen).await;
    app.clock.advance(std::time::Duration::from_secs(59));
    alice.get("user/current").await;
    assert_eq!(app.number(seen).await, at_first);
    app.clock.advance(std::time::Duration::from_secs(1));
    alice.get("user/current").await;
    assert_eq!(app.number(seen).await, at_first + 60);
}

#[tokio::test]
async fn disabling_an_account_ends_its_sessions_at_once() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    app.disallows_everybody().await;
    alice.get("user/current").await.refuses(401, "unauthorized, please log in.");
}

#[tokio::test]
async fn users_of_an_inactive_tenant_can_not_sign_in() {
    let app = TestApp::start().await;
    app.sql("INSERT INTO tenant (name, active, parent_id) SELECT 'asleep', false, id FROM tenant WHERE name = 'root'").await;
    app.sql("INSERT INTO tenant (name, active, parent_id) SELECT 'below', true, id FROM tenant WHERE name = 'asleep'").await;
    for tenant in ["asleep", "below"] {
        let sleeper = app.has(latchkey::service::Newcomer { tenant: tenant.into(), ..account(tenant) }).await;
        let answer = sleeper.post("user/login", json!({ "u": tenant, "p": PASSWORD })).await;
        answer.refuses(401, "Invalid username or password.");
    }
}

#[tokio::test]
async fn signing_in_again_ends_the_session_that_the_client_had() {
    let app = TestApp::start().await;
    let mut alice = app.signed_in(account("alice")).await;
    let before = alice.clone();
    alice.sign_in(PASSWORD).await;
    before.get("user/current").await.refuses(401, "unauthorized, please log in.");
    assert_eq!(alice.get("user/current").await.status, 200);
}

#[tokio::test]
async fn an_old_scheme_is_replaced_by_today_s_at_the_next_sign_in() {
    let app = TestApp::start().await;
    let mut alice = app.has(account("alice")).await;
    // SHA-1 of "password", as old installations kept it.
    app.sql("UPDATE tm_user SET local_passwd = '5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8'").await;
    alice.sign_in("password").await;
    let today = "SELECT count(*) FROM tm_user WHERE local_passwd LIKE '$bcrypt-sha256$v=2,t=2b,r=4$%'";
    assert_eq!(app.number(today).await, 1);
    alice.sign_in("password").await;
}

#[tokio::test]
async fn with_the_database_away_nobody_is_told_that_they_are_wrong() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    app.lose_database().await;
    for answer in [
        alice.get("user/current").await,
        alice.post("user/login", json!({ "u": "alice", "p": PASSWORD })).await,
        alice.post("user/reset_password", json!({ "email": alice.email() })).await,
    ] {
        answer.refuses(503, "Service Unavailable");
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert_eq!(alice.get("ping").await.status, 200);
}

#[tokio::test]
async fn a_sign_in_that_races_a_password_change_opens_nothing() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let mut client = app.database.client().await.unwrap();
    let change = client.transaction().await.unwrap();
    change.batch_execute("UPDATE public.tm_user SET local_passwd = 'another'").await.unwrap();
    let attempt =
        tokio::spawn(
            async move { alice.post("user/login", json!({ "u": "alice", "p": PASSWORD })).await.status },
        );
    somebody_waits_for_a_lock(&app.database).await;
    change.batch_execute("DELETE FROM latchkey.session").await.unwrap();
    change.commit().await.unwrap();
    assert_eq!(attempt.await.unwrap(), 401);
    assert_eq!(app.number("SELECT count(*) FROM latchkey.session").await, 0);
}

#[tokio::test]
async fn a_sign_in_during_which_the_tenant_is_put_to_sleep_opens_nothing_in_any_contract() {
    for path in ["/api/5.0/user/login", "/v1/users/signin", "/login", "/oauth"] {
        let app = TestApp::start().await;
        let alice = app.has(account("alice")).await;
        let secret = app.knows("website").await;
        let body = match path {
            "/api/5.0/user/login" => json!({ "u": "alice", "p": PASSWORD }),
            "/v1/users/signin" => json!({ "email": alice.email(), "password": PASSWORD }),
            "/login" => json!({ "username": "alice", "password": PASSWORD }),
            _ => json!({ "grant_type": "password", "client_id": "website", "client_secret": secret,
                "username": "alice", "password": PASSWORD }),
        };
        let guest = app.anonymous().with("Content-Type", "application/json");
        // A failure before, so that whoever is verified has something to forget and waits there.
        guest.post("user/login", json!({ "u": "alice", "p": "wrong" })).await;
        let mut client = app.database.client().await.unwrap();
        let hold = client.transaction().await.unwrap();
        hold.batch_execute("SELECT FROM latchkey.throttle FOR UPDATE").await.unwrap();
        let attempt = tokio::spawn(async move { guest.post(path, body).await.status });
        somebody_waits_for_a_lock(&app.database).await;
        app.sql("UPDATE tenant SET active = false").await;
        hold.commit().await.unwrap();
        let status = attempt.await.unwrap();
        assert!((400..404).contains(&status), "{path}: {status}");
        let opened = "SELECT (SELECT count(*) FROM latchkey.session) + (SELECT count(*) FROM latchkey.auth_token) \
            + (SELECT count(*) FROM latchkey.token_family)";
        assert_eq!(app.number(opened).await, 0, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_programs_of_one_account_sign_in_at_once() {
    let app = TestApp::start().await;
    app.has(account("agent")).await;
    let agents = (0..40).map(|_| {
        let agent = app.anonymous();
        tokio::spawn(
            async move { agent.post("user/login", json!({ "u": "agent", "p": PASSWORD })).await.status },
        )
    });
    for agent in agents.collect::<Vec<_>>() {
        assert_eq!(agent.await.unwrap(), 200);
    }
    assert_eq!(app.number("SELECT count(*) FROM tm_user WHERE last_authenticated IS NOT NULL").await, 1);
}
