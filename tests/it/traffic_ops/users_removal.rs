//! The end of an account, in 5.0.

use serde_json::{Value, json};

use super::program::{described, id_of, last_logged, names};
use crate::support::{Client, PASSWORD, TestApp, account, with_role};

#[tokio::test]
async fn a_removed_user_is_gone_with_sessions_and_keys() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let bob = app.signed_in(account("bob")).await;
    let id = id_of(&app, "bob").await;
    let key = app.mailed_key(&bob.email()).await;
    app.anonymous().post("user/reset_password", json!({ "email": bob.email() })).await;
    admin.delete(&format!("users/{id}")).await.says("user was deleted.");
    bob.get("user/current").await.refuses(401, "unauthorized, please log in.");
    assert_eq!(app.anonymous().post("user/login/token", json!({ "t": key })).await.status, 401);
    assert_eq!(app.deliver().await.count(), 0, "the second letter does not go out any more");
    let again = app.anonymous().post("user/login", json!({ "u": "bob", "p": PASSWORD })).await;
    again.refuses(401, "Invalid username or password.");
    assert_eq!(names(&admin, "").await, ["root"]);
    assert_eq!(last_logged(&app).await, format!("USER: bob, ID: {id}, ACTION: Deleted User"));
    admin.delete(&format!("users/{id}")).await.refuses(404, "no user found with this id");
    app.has(account("bob")).await;
    assert!(id_of(&app, "bob").await > id, "the name is free, the number is not");
}

#[tokio::test]
async fn what_a_removed_user_wrote_into_the_change_log_stays_with_the_name() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let ops = app.signed_in(with_role("ops", "operations")).await;
    let (ops_id, admin_id) = (id_of(&app, "ops").await, id_of(&app, "root").await);
    let mut own = described("5.0", "ops", "operations");
    own["city"] = "Denver".into();
    ops.put("user/current", own).await.says("User profile was successfully updated");
    admin.delete(&format!("users/{ops_id}")).await.says("user was deleted.");
    let client = app.database.client().await.unwrap();
    const WHO_DID_WHAT: &str = "SELECT l.message, r.username, r.removed_by FROM log l \
        JOIN latchkey.removed_account r ON r.id = l.tm_user";
    let row = client.query_one(WHO_DID_WHAT, &[]).await.unwrap();
    let (message, who, by): (&str, &str, i64) = (row.get(0), row.get(1), row.get(2));
    assert_eq!((who, by), ("ops", admin_id));
    assert_eq!(message, format!("USER: ops, ID: {ops_id}, ACTION: Updated User"));
}

#[tokio::test]
async fn nobody_removes_themselves_and_there_is_no_such_operation_before_5_0() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let path = format!("users/{}", id_of(&app, "root").await);
    admin.delete(&path).await.refuses(400, "users cannot delete themselves");
    for version in ["3.0", "3.1", "4.0", "4.1"] {
        assert_eq!(admin.in_version(version).delete(&path).await.status, 405);
    }
}

#[tokio::test]
async fn somebody_who_can_do_everything_always_remains() {
    for _ in 0..5 {
        let app = TestApp::start().await;
        let first = app.signed_in(with_role("first", "admin")).await;
        let second = app.signed_in(with_role("second", "admin")).await;
        let path = |id: i64| format!("users/{id}");
        let (first_id, second_id) = (path(id_of(&app, "first").await), path(id_of(&app, "second").await));
        let (one, other) = tokio::join!(first.delete(&second_id), second.delete(&first_id));
        let statuses = [one.status, other.status];
        assert!(statuses.contains(&200) && statuses != [200, 200], "{statuses:?}");
        assert_eq!(app.number("SELECT count(*) FROM tm_user").await, 1);
    }
}

#[tokio::test]
async fn two_administrators_do_not_demote_each_other() {
    for _ in 0..5 {
        let app = TestApp::start().await;
        let first = app.signed_in(with_role("first", "admin")).await;
        let second = app.signed_in(with_role("second", "admin")).await;
        let demote = async |actor: &Client, name: &str| {
            let path = format!("users/{}", id_of(&app, name).await);
            actor.put(&path, described("5.0", name, "read-only")).await.status
        };
        let statuses: [u16; 2] = tokio::join!(demote(&first, "second"), demote(&second, "first")).into();
        assert!(statuses.contains(&200) && statuses != [200, 200], "{statuses:?}");
        assert_eq!(app.number("SELECT count(*) FROM tm_user WHERE role = 2").await, 1);
    }
}

/// The tables of an adopted database may refer to its users.
#[tokio::test]
async fn a_user_whom_another_program_s_rows_belong_to_stays() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    app.has(account("bob")).await;
    let id = id_of(&app, "bob").await;
    app.sql(&format!(
        "CREATE TABLE job (job_user bigint REFERENCES tm_user (id)); INSERT INTO job VALUES ({id})"
    ))
    .await;
    let refused = admin.delete(&format!("users/{id}")).await;
    refused.refuses(400, "cannot delete user because it is being used by a/an job");
    assert_eq!(names(&admin, "?username=bob").await, ["bob"]);
    assert_eq!(admin.get("users/999").await.json()["response"], Value::Array(Vec::new()));
}
