//! What happened to an account, as its holder and an administrator read it.

use super::{Visitor, users::administrator};
use crate::support::{PASSWORD, TestApp, account};

const NEW: &str = "eleven quiet lanterns";

async fn activity_of(app: &TestApp, username: &str) -> String {
    let id = app.number(&format!("SELECT id FROM public.tm_user WHERE username = '{username}'")).await;
    format!("/users/{id}/activity")
}

#[tokio::test]
async fn one_reads_ones_own_sign_ins_and_changes() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    Visitor::at(&app).called("curl/8.5.0").sign_in("alice", "not the password").await;
    app.after(60);
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let form = alice.get("/account/password").await;
    let mistyped = [("current_password", "mistyped"), ("password", NEW), ("password_again", "another")];
    let page = alice.send_form(&form, "/account/password", &mistyped).await;
    page.says("This is not your present password. The two passwords are not the same.");
    alice.get("/account/activity").await.says("Wrong password refused With: An unknown program just now you");
    let typed = [("current_password", PASSWORD), ("password", NEW), ("password_again", NEW)];
    alice.send_form(&form, "/account/password", &typed).await;
    let page = alice.get("/account/activity").await;
    page.says("Password changed just now you 127.0.0.1 through this website");
    page.says("Wrong password refused With: curl 8.5.0 an hour ago somebody not signed in");
    alice.get("/account").await.says("Sign-ins and changes");
}

#[tokio::test]
async fn an_administrator_reads_what_happened_to_users_within_reach() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let place = activity_of(&app, "alice").await;
    let user = place.trim_end_matches("/activity");
    let page = boss.get(user).await;
    boss.send_form(&page, &format!("{user}/end-sessions"), &[]).await;
    let page = boss.get(&place).await;
    page.says("Sign-ins and changes of alice").says("Sessions ended").says("boss").says("Sign-in");
    // Whose address it was is not for the holder to know.
    let seen = alice.sign_in("alice", PASSWORD).await;
    seen.is_at("/account");
    let own = alice.get("/account/activity").await;
    own.says("Sessions ended just now boss through this website");
    assert_eq!(boss.get("/users/999999/activity").await.status, 404);
    let mut below = account("below");
    below.tenant = "unassigned".to_owned();
    app.has(below).await;
    let mut below = Visitor::signed_in(&app, "below").await;
    assert_eq!(below.get(&place).await.status, 404, "alice is in the tenant above");
}

#[tokio::test]
async fn a_long_story_is_told_in_parts() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    app.sql(
        "INSERT INTO latchkey.audit_event (happened_at, event, account_id, actor_id, dialect, address) \
         SELECT timestamptz '2026-11-20', 'signed_in', u.id, u.id, 'traffic_ops', '192.0.2.' || n \
         FROM generate_series(1, 60) n, public.tm_user u WHERE u.username = 'alice'",
    )
    .await;
    let page = alice.get("/account/activity").await;
    page.says("192.0.2.60 through the Traffic Ops API").says("What was before");
    assert_eq!(page.text.matches("<tr>").count(), 26, "the head and 25 events");
    assert!(page.text.len() < 30 * 1024);
    let before = page.text.split("?before=").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    alice
        .get(&format!("/account/activity?before={before}"))
        .await
        .says("192.0.2.35 through the Traffic Ops API");
    alice.get("/account/activity?before=1").await.says("There is nothing older.");
}
