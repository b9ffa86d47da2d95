//! Programs that sign in again and again within a minute: judged together, and by everything that sign-ins are judged by.

use serde_json::json;

use crate::{
    contract::wire::Answer,
    support::{Client, PASSWORD, TestApp, account, direct_url},
};

const LOGGED_IN: &str = "Successfully logged in.";
const REFUSED: &str = "Invalid username or password.";

/// Signs in as `alice`, once the long way and once more.
async fn who_comes_again(app: &TestApp) -> Client {
    let alice = app.has(account("alice")).await;
    for _ in 0..2 {
        comes(&alice).await.says(LOGGED_IN);
    }
    alice
}

async fn comes(client: &Client) -> Answer {
    client.post("user/login", json!({ "u": client.username(), "p": PASSWORD })).await
}

#[tokio::test]
async fn each_of_many_that_come_at_once_has_a_session_of_its_own_and_a_line_in_the_trail() {
    let app = TestApp::start().await;
    let names = ["agent1", "agent2", "agent3"];
    for name in names {
        let agent = app.has(account(name)).await;
        comes(&agent).await.says(LOGGED_IN);
    }
    let visits = (0..60).map(|number| {
        let (mut agent, name) = (app.anonymous(), names[number % 3]);
        tokio::spawn(async move {
            let answer = agent.post("user/login", json!({ "u": name, "p": PASSWORD })).await;
            agent.keep(answer.says(LOGGED_IN));
            (name, agent.get("user/current").await.json()["response"]["username"].clone())
        })
    });
    for visit in visits.collect::<Vec<_>>() {
        let (name, shown) = visit.await.unwrap();
        assert_eq!(shown, name);
    }
    let sessions = "SELECT count(DISTINCT digest) FROM latchkey.session";
    assert_eq!(app.number(sessions).await, 63);
    let told = "SELECT count(*) FROM latchkey.audit_event WHERE event = 'signed_in' AND account_id = actor_id \
        AND dialect = 'traffic_ops' AND address = '127.0.0.1' AND detail ? 'program'";
    assert_eq!(app.number(told).await, 63);
}

#[tokio::test]
async fn a_sign_in_is_noted_anew_each_minute() {
    let app = TestApp::start().await;
    let alice = who_comes_again(&app).await;
    let noted = "SELECT extract(epoch FROM last_authenticated)::bigint FROM tm_user WHERE username = 'alice'";
    let before = app.number(noted).await;
    app.clock.advance(std::time::Duration::from_secs(59));
    comes(&alice).await.says(LOGGED_IN);
    assert_eq!(app.number(noted).await, before);
    // The memory has ended, the place is known: the long way, and then the short one again.
    app.clock.advance(std::time::Duration::from_secs(2));
    for _ in 0..2 {
        comes(&alice).await.says(LOGGED_IN);
    }
    assert_eq!(app.number(noted).await, before + 61);
}

#[tokio::test]
async fn whatever_changed_a_moment_ago_counts() {
    for change in [
        "UPDATE tm_user SET local_passwd = NULL WHERE username = 'alice'",
        "UPDATE tm_user SET username = 'alicia' WHERE username = 'alice'",
        "UPDATE tm_user SET role = (SELECT id FROM role WHERE name = 'disallowed') WHERE username = 'alice'",
        "UPDATE tenant SET active = false WHERE id = (SELECT tenant_id FROM tm_user WHERE username = 'alice')",
        "DELETE FROM tm_user WHERE username = 'alice'",
    ] {
        let app = TestApp::start().await;
        let alice = who_comes_again(&app).await;
        app.sql(change).await;
        comes(&alice).await.refuses(401, REFUSED);
    }
}

#[tokio::test]
async fn a_sleeping_tenant_above_counts_too() {
    let app = TestApp::start().await;
    let alice = who_comes_again(&app).await;
    app.sql(
        "INSERT INTO tenant (name, active, parent_id) SELECT 'above', false, id FROM tenant WHERE name = 'root'; \
         INSERT INTO tenant (name, active, parent_id) SELECT 'below', true, id FROM tenant WHERE name = 'above'; \
         UPDATE tm_user SET tenant_id = (SELECT id FROM tenant WHERE name = 'below') WHERE username = 'alice'",
    )
    .await;
    comes(&alice).await.refuses(401, REFUSED);
    app.sql("UPDATE tenant SET active = true WHERE name = 'above'").await;
    comes(&alice).await.says(LOGGED_IN);
}

#[tokio::test]
async fn whose_wrong_tries_count_waits_with_the_right_password_too_and_a_right_one_ends_the_count() {
    let app = TestApp::start().await;
    let alice = who_comes_again(&app).await;
    for _ in 0..4 {
        alice.post("user/login", json!({ "u": "alice", "p": "a wrong guess" })).await.refuses(401, REFUSED);
    }
    let seconds = comes(&alice).await.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(comes(&alice).await.status, 429);
    app.clock.advance(std::time::Duration::from_secs(seconds));
    comes(&alice).await.says(LOGGED_IN);
    assert_eq!(app.number("SELECT coalesce(sum(streak), 0)::bigint FROM latchkey.throttle").await, 0);
}

#[tokio::test]
async fn another_program_or_another_place_is_noted_as_ever() {
    let app = TestApp::start().await;
    let alice = who_comes_again(&app).await;
    let devices = "SELECT count(*) FROM latchkey.device";
    assert_eq!(app.number(devices).await, 1);
    comes(&alice.with("user-agent", "another program")).await.says(LOGGED_IN);
    assert_eq!(app.number(devices).await, 2);
    // Forgotten, as the housekeeping does it: it is noted again.
    app.sql("DELETE FROM latchkey.device").await;
    comes(&alice).await.says(LOGGED_IN);
    assert_eq!(app.number(devices).await, 1);
}

#[tokio::test]
async fn who_waits_for_an_account_that_somebody_holds_keeps_nobody_else_waiting() {
    let app = TestApp::start().await;
    let alice = who_comes_again(&app).await;
    let bob = app.has(account("bob")).await;
    comes(&bob).await.says(LOGGED_IN);
    let (_, database) = app.url.rsplit_once('/').unwrap();
    let (mut holder, connection) =
        tokio_postgres::connect(&direct_url(database), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let held = holder.transaction().await.unwrap();
    held.batch_execute("UPDATE tm_user SET city = 'Elsewhere' WHERE username = 'alice'").await.unwrap();
    let waiting = tokio::spawn(async move { comes(&alice).await.status });
    for _ in 0..5 {
        comes(&bob).await.says(LOGGED_IN);
    }
    assert!(!waiting.is_finished());
    held.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_leaves_none_signed_in_of_those_who_come_again_without_a_pause() {
    let app = TestApp::start().await;
    let mut alice = who_comes_again(&app).await;
    alice.sign_in(PASSWORD).await;
    let crowd = (0..16).map(|_| {
        let agent = alice.without_cookies();
        tokio::spawn(async move {
            loop {
                let answer = comes(&agent).await;
                if answer.status != 200 {
                    return answer.status;
                }
            }
        })
    });
    let crowd: Vec<_> = crowd.collect();
    comes(&alice.without_cookies()).await.says(LOGGED_IN);
    alice.changes_own("localPasswd", "another good one").await;
    for agent in crowd {
        let status = agent.await.unwrap();
        assert!(matches!(status, 401 | 429), "{status}");
    }
    assert_eq!(app.number("SELECT count(*) FROM latchkey.session").await, 1, "the one that changed it");
}
