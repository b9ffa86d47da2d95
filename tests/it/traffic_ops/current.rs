//! One's own account: shapes of the five versions, whole and in patches.

use serde_json::{Value, json};

use crate::support::{Client, SINCE_4, TestApp, UP_TO_3, account};

async fn own(client: &Client) -> Value {
    client.get("user/current").await.json()["response"].clone()
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn each_version_shows_its_keys_in_its_order() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    for version in UP_TO_3 {
        let shown = own(&alice.in_version(version)).await;
        assert_eq!(
            keys(&shown).join(" "),
            "username localUser roleName addressLine1 addressLine2 city company country email fullName gid id newUser \
             phoneNumber postalCode publicSshKey role stateOrProvince tenant tenantId uid lastUpdated"
        );
        assert_eq!((&shown["role"], &shown["lastUpdated"]), (&json!(4), &json!("2026-11-21 12:00:00+00")));
    }
    for version in SINCE_4 {
        let shown = own(&alice.in_version(version)).await;
        assert_eq!(
            keys(&shown).join(" "),
            "addressLine1 addressLine2 changeLogCount city company country email fullName gid id lastAuthenticated \
             lastUpdated newUser phoneNumber postalCode publicSshKey registrationSent role stateOrProvince tenant \
             tenantId ucdn uid username"
        );
        assert_eq!(
            (&shown["role"], &shown["lastUpdated"]),
            (&json!("read-only"), &json!("2026-11-21T12:00:00Z"))
        );
    }
}

#[tokio::test]
async fn a_replacement_clears_what_it_leaves_out_and_a_patch_does_not() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let mut whole = own(&alice).await;
    whole["city"] = "Denver".into();
    whole["uid"] = 7.into();
    alice.put("user/current", whole.clone()).await.says("User profile was successfully updated");
    let patch = json!({ "user": { "country": "US" } });
    let patched = alice.in_version("3.1").put("user/current", patch).await.json()["response"].clone();
    assert_eq!((&patched["city"], &patched["country"]), (&json!("Denver"), &json!("US")));
    let bare = json!({ "username": "alice", "email": alice.email(), "fullName": "Alice", "role": "read-only", "tenantId": 1 });
    let replaced = alice.put("user/current", bare).await.json()["response"].clone();
    assert_eq!((&replaced["city"], &replaced["uid"]), (&Value::Null, &json!(7)));
}

#[tokio::test]
async fn a_rename_keeps_the_session() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    alice.in_version("3.0").put("user/current", json!({ "user": { "username": "alicia" } })).await;
    assert_eq!(own(&alice).await["username"], "alicia");
}

#[tokio::test]
async fn nobody_changes_their_own_role_in_any_version() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let patch = |role: i64| json!({ "user": { "role": role } });
    let old = alice.in_version("3.1");
    let stronger = "role: cannot have greater permissions than user's current role";
    old.put("user/current", patch(2)).await.refuses(403, stronger);
    old.put("user/current", patch(5)).await.refuses(400, "users cannot update their own role");
    old.put("user/current", patch(99)).await.refuses(404, "role: no such role: 99");
    let mut whole = own(&alice).await;
    for (role, status) in [("admin", 403), ("operations", 403), ("disallowed", 400), ("nope", 404)] {
        whole["role"] = role.into();
        assert_eq!(alice.put("user/current", whole.clone()).await.status, status, "{role}");
    }
    assert_eq!(own(&alice).await["role"], "read-only");
}

#[tokio::test]
async fn names_and_addresses_of_others_are_taken() {
    let app = TestApp::start().await;
    let (alice, _bob) = (app.signed_in(account("alice")).await, app.has(account("bob")).await);
    let mut whole = own(&alice).await;
    whole["username"] = "bob".into();
    alice.put("user/current", whole.clone()).await.refuses(400, "username bob already exists");
    let patch = json!({ "user": { "username": "bob" } });
    alice.in_version("3.1").put("user/current", patch).await.refuses(409, "username bob already exists");
    whole["username"] = "alice".into();
    whole["email"] = "BOB@example.test".into();
    let taken = "tm_user email 'BOB@example.test' already exists.";
    alice.put("user/current", whole).await.refuses(400, taken);
}

#[tokio::test]
async fn a_password_is_held_to_the_rules_and_anything_else_is_allowed() {
    let app = TestApp::start().await;
    let mut alice = app.signed_in(account("alice")).await;
    let mut whole = own(&alice).await;
    for (password, text) in [
        ("short12", "Password must be greater than 7 characters."),
        ("alice", "Your password cannot be your username."),
        ("ALICE@example.test", "Your password cannot be your email address."),
        ("password1", "Password is too common."),
        ("twelve12", "Password is too common."),
    ] {
        whole["localPasswd"] = password.into();
        alice.put("user/current", whole.clone()).await.refuses(400, text);
    }
    whole["localPasswd"] = "x".repeat(1025).into();
    assert_eq!(alice.put("user/current", whole.clone()).await.status, 400);
    let seventy_three = format!("{}end", "x".repeat(73));
    for password in ["öäüßéèêë", " spaces are fine ", "😀😀😀😀😀😀😀😀", "nul\0inside", &seventy_three]
    {
        whole["localPasswd"] = password.into();
        alice.put("user/current", whole.clone()).await.says("User profile was successfully updated");
        alice.sign_in(password).await;
    }
    let cut = alice.without_cookies().post("user/login", json!({ "u": "alice", "p": "x".repeat(73) })).await;
    cut.refuses(401, "Invalid username or password.");
}

#[tokio::test]
async fn ones_name_the_house_s_name_and_what_the_operator_lists_are_no_passwords() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "down the rabbit hole\nmad hatters tea party\n").unwrap();
    let app = TestApp::with(|config| {
        config.password.refused_file = Some(file.path().to_owned());
        config.mail.instance = "Wonderland Sign-In".to_owned();
    })
    .await;
    let alice = app.signed_in(account("alice")).await;
    let mut whole = own(&alice).await;
    for (password, text) in [
        ("Alice of the Tests", "Your password cannot be your name."),
        ("wonderland sign-in", "Password is too common."),
        ("Mad Hatters Tea Party", "Password is too common."),
    ] {
        whole["localPasswd"] = password.into();
        alice.put("user/current", whole.clone()).await.refuses(400, text);
        let patch = json!({ "user": { "localPasswd": password } });
        alice.in_version("3.1").put("user/current", patch).await.refuses(400, text);
    }
}

#[tokio::test]
async fn one_may_move_to_a_tenant_below_but_not_above() {
    let app = TestApp::start().await;
    app.sql("INSERT INTO tenant (name, active, parent_id) SELECT 'child', true, id FROM tenant WHERE name = 'root'").await;
    let alice = app.signed_in(account("alice")).await;
    let child = app.number("SELECT id FROM tenant WHERE name = 'child'").await;
    let mut whole = own(&alice).await;
    whole["tenantId"] = 999.into();
    alice.put("user/current", whole.clone()).await.refuses(404, "no such tenant: #999");
    whole["tenantId"] = child.into();
    alice.put("user/current", whole.clone()).await.says("User profile was successfully updated");
    whole["tenantId"] = 1.into();
    alice.put("user/current", whole).await.refuses(404, "no such tenant: #1");
    let patch = json!({ "user": { "tenantId": 1 } });
    alice.in_version("3.1").put("user/current", patch).await.refuses(404, "no such tenant");
}
