//! Users: who gets at what.

use serde_json::json;

use crate::{
    support::{PASSWORD, TestApp, VERSIONS, account, with_role},
    traffic_ops::program::{described, id_of, listed, with_password},
};

const TOO_STRONG: &str = "user cannot update a user with a role more privileged than themselves";

#[tokio::test]
async fn defect_02_a_role_s_level_opens_nothing_in_3_x() {
    let app = TestApp::start().await;
    app.sql("INSERT INTO role (id, name, description, priv_level) VALUES (9, 'hollow', 'x', 30)").await;
    let hollow = app.signed_in(with_role("hollow", "hollow")).await.in_version("3.1");
    hollow.get("users").await.refuses(403, "missing required Permissions: USER:READ");
    let whole = with_password(described("3.1", "newcomer", "read-only"));
    hollow.post("users", whole).await.refuses(403, "missing required Permissions: USER:CREATE, USER:READ");
}

#[tokio::test]
async fn defect_03_nobody_invites_into_a_role_that_exceeds_their_own() {
    let app = TestApp::start().await;
    let ops = app.signed_in(with_role("ops", "operations")).await;
    let admin = app.administrator().await;
    let lacking = "cannot request more than assigned permissions, current user needs ALL permissions";
    for version in VERSIONS {
        let role = if version.starts_with('3') { json!(2) } else { json!("admin") };
        let form = json!({ "email": "fresh@example.test", "role": role, "tenantId": 1 });
        let text = match version.starts_with('3') {
            true => "Cannot register a user with a role with higher privileges than yourself",
            false => lacking,
        };
        ops.in_version(version).post("users/register", form).await.refuses(403, text);
    }
    // Nor is a stronger invitation taken over by a weaker one.
    let form = |role: &str| json!({ "email": "fresh@example.test", "role": role, "tenantId": 1 });
    assert_eq!(admin.post("users/register", form("admin")).await.status, 200);
    ops.post("users/register", form("portal")).await.refuses(403, lacking);
    assert_eq!(listed(&admin, "?newUser=true").await[0]["role"], "admin");
    assert_eq!(app.deliver().await.count(), 1);
}

#[tokio::test]
async fn defect_04_who_may_do_more_is_not_demoted_nor_given_a_password_by_who_may_do_less() {
    let app = TestApp::start().await;
    let ops = app.signed_in(with_role("ops", "operations")).await;
    let mut admin = app.administrator().await;
    let path = format!("users/{}", id_of(&app, "root").await);
    for version in VERSIONS {
        for role in ["operations", "admin", "disallowed"] {
            let whole = described(version, "root", role);
            ops.in_version(version).put(&path, with_password(whole.clone())).await.refuses(403, TOO_STRONG);
            ops.in_version(version).put(&path, whole).await.refuses(403, TOO_STRONG);
        }
    }
    app.sql("INSERT INTO role_capability (role_id, cap_name) VALUES (3, 'USER:DELETE')").await;
    let text = "user cannot delete a user with a role more privileged than themselves";
    ops.delete(&path).await.refuses(403, text);
    admin.sign_in(PASSWORD).await;
    assert_eq!(app.number("SELECT count(*) FROM tm_user WHERE role = 2").await, 1);
}

#[tokio::test]
async fn defect_07_the_role_disallowed_ends_sessions_and_keys_at_once() {
    for version in VERSIONS {
        let app = TestApp::start().await;
        let admin = app.administrator().await.in_version(version);
        let bob = app.signed_in(account("bob")).await;
        let id = id_of(&app, "bob").await;
        let key = app.mailed_key(&bob.email()).await;
        let path = format!("users/{id}");
        admin.put(&path, described(version, "bob", "disallowed")).await.says("user was updated.");
        assert_eq!(bob.get("user/current").await.status, 401);
        assert_eq!(app.number("SELECT count(*) FROM latchkey.session").await, 1, "only the administrator's");
        admin.put(&path, described(version, "bob", "read-only")).await.says("user was updated.");
        assert_eq!(bob.get("user/current").await.status, 401, "what ended stays ended");
        assert_eq!(app.anonymous().post("user/login/token", json!({ "t": key })).await.status, 401);
    }
}

#[tokio::test]
async fn defect_09_no_answer_repeats_a_password() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for version in VERSIONS {
        let name = format!("newcomer-{version}");
        let mut whole = with_password(described(version, &name, "read-only"));
        whole["confirmLocalPasswd"] = PASSWORD.into();
        let client = admin.in_version(version);
        let made = client.post("users", whole.clone()).await;
        let path = format!("users/{}", made.json()["response"]["id"]);
        for answer in [made, client.put(&path, whole).await, client.get(&path).await] {
            assert!((200..=201).contains(&answer.status));
            assert!(!String::from_utf8_lossy(&answer.body).contains(PASSWORD), "{version}");
        }
    }
    let stored = app.number("SELECT count(confirm_local_passwd) FROM tm_user").await;
    assert_eq!(stored, 0);
}

#[tokio::test]
async fn defect_12_nobody_sets_their_own_ucdn() {
    let app = TestApp::start().await;
    let bob = app.signed_in(account("bob")).await;
    let mut whole = described("5.0", "bob", "read-only");
    whole["ucdn"] = "somebody else's".into();
    let answer = bob.put("user/current", whole).await;
    assert_eq!((answer.status, &answer.json()["response"]["ucdn"]), (200, &json!("")));
}
