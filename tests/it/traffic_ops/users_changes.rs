//! Changes of other people's accounts, and what follows from them.

use serde_json::{Value, json};

use super::program::{described, header, id_of, last_logged, listed, with_old_roles_and_tenants};
use crate::support::{PASSWORD, TestApp, VERSIONS, account};

#[tokio::test]
async fn a_change_clears_what_it_leaves_out_but_not_what_old_clients_do_not_know() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let mut bob = app.has(account("bob")).await;
    let id = id_of(&app, "bob").await;
    app.sql("UPDATE tm_user SET city = 'Denver', gid = 5, uid = 6, ucdn = 'up', new_user = true WHERE username = 'bob'")
        .await;
    for version in VERSIONS {
        let client = admin.in_version(version);
        let mut whole = described(version, "bob", "read-only");
        whole["id"] = 999.into();
        client.put(&format!("users/{id}"), whole).await.says("user was updated.");
        let shown = listed(&admin, &format!("/{id}")).await.remove(0);
        assert_eq!((&shown["city"], &shown["newUser"]), (&Value::Null, &json!(false)), "{version}");
        assert_eq!((&shown["gid"], &shown["uid"], &shown["ucdn"]), (&json!(5), &json!(6), &json!("up")));
        let noted = match version.starts_with('3') {
            true => format!("USER: bob, ID: {id}, ACTION: Updated user, keys: {{ id:{id} }}"),
            false => format!("USER: bob, ID: {id}, ACTION: Updated User"),
        };
        assert_eq!(last_logged(&app).await, noted);
    }
    bob.sign_in(PASSWORD).await;
}

#[tokio::test]
async fn a_password_by_an_administrator_ends_the_sessions_voids_the_keys_and_is_told() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let mut bob = app.signed_in(account("bob")).await;
    let path = format!("users/{}", id_of(&app, "bob").await);
    let key = app.mailed_key(&bob.email()).await;
    let mut whole = described("5.0", "bob", "read-only");
    whole["localPasswd"] = "chosen by somebody else".into();
    admin.put(&path, whole).await.says("user was updated.");
    bob.get("user/current").await.refuses(401, "unauthorized, please log in.");
    assert_eq!(app.anonymous().post("user/login/token", json!({ "t": key })).await.status, 401);
    let notice = app.deliver().await.only_letter_to(&bob.email());
    assert!(notice.subject.ends_with("Password Changed") && notice.key().is_none());
    bob.sign_in("chosen by somebody else").await;
}

#[tokio::test]
async fn one_s_own_password_may_be_set_here_too_and_the_session_goes_on() {
    let app = TestApp::start().await;
    let elsewhere = app.administrator().await;
    let mut here = elsewhere.without_cookies();
    here.sign_in(PASSWORD).await;
    let path = format!("users/{}", id_of(&app, "root").await);
    let mut whole = described("5.0", "root", "admin");
    whole["localPasswd"] = "a password of one's own".into();
    here.put(&path, whole).await.says("user was updated.");
    assert_eq!(here.get("user/current").await.status, 200);
    assert_eq!(elsewhere.get("user/current").await.status, 401);
}

#[tokio::test]
async fn another_address_voids_the_keys_that_went_to_the_old_one() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let bob = app.has(account("bob")).await;
    let guest = app.anonymous();
    let ask = || guest.post("user/reset_password", json!({ "email": bob.email() }));
    let path = format!("users/{}", id_of(&app, "bob").await);
    ask().await;
    let key = app.deliver().await.only_letter_to(&bob.email()).reset_key();
    ask().await;
    let mut whole = described("5.0", "bob", "read-only");
    whole["email"] = "robert@example.test".into();
    admin.put(&path, whole).await.says("user was updated.");
    assert_eq!(app.anonymous().post("user/login/token", json!({ "t": key })).await.status, 401);
    let letters = app.deliver().await;
    assert_eq!(letters.count(), 1, "the second letter does not go out any more");
    assert!(letters.only_letter_to(&bob.email()).subject.contains("E-mail Address Changed"));
}

#[tokio::test]
async fn nobody_changes_their_own_role_here_either() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let path = format!("users/{}", id_of(&app, "root").await);
    for version in VERSIONS {
        let whole = described(version, "root", "operations");
        let answer = admin.in_version(version).put(&path, whole).await;
        answer.refuses(400, "users cannot update their own role");
    }
}

#[tokio::test]
async fn a_tag_keeps_two_administrators_from_running_over_each_other() {
    let app = with_old_roles_and_tenants().await;
    let admin = app.administrator().await;
    app.has(account("bob")).await;
    let path = format!("users/{}", id_of(&app, "bob").await);
    app.after(1);
    for version in VERSIONS {
        let client = admin.in_version(version);
        let seen = client.get(&path).await;
        let (tag, date) = (header(&seen, "etag").to_owned(), header(&seen, "last-modified").to_owned());
        app.after(1);
        let whole = described(version, "bob", "read-only");
        let first = client.with("If-Match", &tag).put(&path, whole.clone()).await;
        first.says("user was updated.");
        let stale = "resource was modified since the time specified by the request headers";
        client.with("If-Match", &tag).put(&path, whole.clone()).await.refuses(412, stale);
        client.with("If-Unmodified-Since", &date).put(&path, whole.clone()).await.refuses(412, stale);
        client.with("If-Match", header(&first, "etag")).put(&path, whole).await.says("user was updated.");
        app.after(1);
    }
}

#[tokio::test]
async fn a_list_that_did_not_change_is_not_sent_again() {
    let app = with_old_roles_and_tenants().await;
    let admin = app.administrator().await;
    let bob = app.has(account("bob")).await;
    let id = id_of(&app, "bob").await;
    app.after(1);
    for version in VERSIONS {
        let client = admin.in_version(version);
        for path in ["users".to_owned(), format!("users/{id}")] {
            let date = header(&client.get(&path).await, "last-modified").to_owned();
            let again = client.with("If-Modified-Since", &date).get(&path).await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{version} {path}");
        }
    }
    let date = header(&admin.get("users?role=read-only").await, "last-modified").to_owned();
    let again = admin.with("If-Modified-Since", &date);
    admin.put(&format!("users/{id}"), described("5.0", "bob", "portal")).await.says("user was updated.");
    assert_eq!(again.get("users?role=read-only").await.status, 200, "bob left the list");
    app.after(1);
    let date = header(&admin.get("users?role=read-only").await, "last-modified").to_owned();
    let again = admin.with("If-Modified-Since", &date);
    admin.delete(&format!("users/{id}")).await.says("user was deleted.");
    assert_eq!(again.get("users").await.status, 200, "{} is gone", bob.username());
}
