//! Other people's accounts: shown and made, in five versions.

use serde_json::{Value, json};

use super::program::{described, id_of, last_logged, listed, with_password};
use crate::support::{Client, PASSWORD, TestApp, VERSIONS, account, with_role};

#[tokio::test]
async fn each_version_lists_its_keys_in_its_order() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    for version in VERSIONS {
        let wanted = match version.starts_with('3') {
            true => {
                "rolename username registrationSent addressLine1 addressLine2 city company country email fullName \
                 gid id newUser phoneNumber postalCode publicSshKey role stateOrProvince tenant tenantId uid \
                 lastUpdated"
            }
            false => {
                "addressLine1 addressLine2 changeLogCount city company country email fullName gid id \
                 lastAuthenticated lastUpdated newUser phoneNumber postalCode publicSshKey registrationSent role \
                 stateOrProvince tenant tenantId ucdn uid username"
            }
        };
        let client = alice.in_version(version);
        let id = id_of(&app, "alice").await;
        for place in ["".to_owned(), "/".to_owned(), format!("/{id}"), format!("?id={id}")] {
            let all = listed(&client, &place).await;
            let keys: Vec<_> = all[0].as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!((all.len(), keys.join(" ").as_str()), (1, wanted), "{version} {place}");
        }
    }
}

#[tokio::test]
async fn where_something_new_is_holds_the_prefix_that_the_operator_chose() {
    let app = TestApp::with(|config| config.dialects.traffic_ops.mount = "/legacy".to_owned()).await;
    let mut admin = app.has(with_role("admin", "admin")).await;
    let login = json!({ "u": "admin", "p": PASSWORD }).to_string();
    admin.keep(&admin.send("POST", "/legacy/api/5.0/user/login", Some(login)).await);
    let role = json!({ "name": "clerk", "description": "Keeps the books", "permissions": [] });
    let user = with_password(described("5.0", "fresh", "operations"));
    for (kind, body, beginning) in
        [("roles", role, "/legacy/api/5.0/roles?name=clerk"), ("users", user, "/legacy/api/5.0/users?id=")]
    {
        let made = admin.send("POST", &format!("/legacy/api/5.0/{kind}"), Some(body.to_string())).await;
        let place = made.headers["location"].to_str().unwrap();
        assert!(place.starts_with(beginning), "{place}");
        assert_eq!(admin.send("GET", place, None).await.json()["response"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_user_is_made_in_every_version_and_can_sign_in() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for (at, version) in VERSIONS.into_iter().enumerate() {
        let client = admin.in_version(version);
        let name = format!("newcomer{at}");
        let mut whole = with_password(described(version, &name, "operations"));
        whole["city"] = "Denver".into();
        whole["gid"] = 5.into();
        let made = client.post("users", whole).await;
        let id = made.json()["response"]["id"].as_i64().unwrap();
        assert_eq!(made.text(), "user was created.");
        let is_old = version.starts_with('3');
        assert_eq!(made.status, if is_old { 200 } else { 201 });
        let location = made.headers.get("location").map(|at| at.to_str().unwrap().to_owned());
        assert_eq!(location, (!is_old).then(|| format!("/api/{version}/users?id={id}")));
        let shown = listed(&client, &format!("/{id}")).await.remove(0);
        assert_eq!(
            (&shown["city"], &shown["gid"], &shown["newUser"]),
            (&json!("Denver"), &json!(5), &json!(false))
        );
        Client::new(app.address(), Some(name.clone())).sign_in(PASSWORD).await;
        let noted = match is_old {
            true => format!("USER: {name}, ID: {id}, ACTION: Created user, keys: {{ id:{id} }}"),
            false => format!("USER: {name}, ID: {id}, ACTION: Created User"),
        };
        assert_eq!(last_logged(&app).await, noted);
    }
    let counted = listed(&admin, "?username=root").await;
    assert_eq!(counted[0]["changeLogCount"], VERSIONS.len());
}

/// What is wrong with a new account, and what is said of it.
fn wrong() -> [(&'static str, Value, u16, &'static str); 15] {
    [
        ("email", json!(""), 400, "'email' cannot be blank"),
        ("email", json!("nope"), 400, "'email' must be a valid email address"),
        ("email", json!("a@b"), 400, "'email' must be a valid email address"),
        ("email", json!("BOB@example.test"), 400, "tm_user email 'BOB@example.test' already exists."),
        ("fullName", json!(null), 400, "'fullName' cannot be blank"),
        ("role", json!(null), 400, "'role' cannot be blank"),
        ("username", json!("bob"), 400, "tm_user username 'bob' already exists."),
        ("username", json!(""), 400, "Your username cannot be blank."),
        ("localPasswd", json!(""), 400, "Password must be greater than 7 characters."),
        ("localPasswd", json!("newcomer"), 400, "Your password cannot be your username."),
        ("localPasswd", json!("password"), 400, "Password is too common."),
        ("localPasswd", json!(null), 400, "'localPasswd' cannot be blank"),
        ("tenantId", json!(0), 400, "'tenantID' cannot be blank"),
        ("tenantId", json!(999), 403, "not authorized on this tenant"),
        ("tenantId", json!("1"), 400, "tenantId: must be a whole number"),
    ]
}

#[tokio::test]
async fn a_new_account_is_held_to_the_contract_s_rules_in_every_version() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    app.has(account("bob")).await;
    for version in VERSIONS {
        let client = admin.in_version(version);
        for (key, value, status, text) in wrong() {
            let mut whole = with_password(described(version, "newcomer", "read-only"));
            whole[key] = value;
            client.post("users", whole).await.refuses(status, text);
        }
        let nobody = with_password(described(version, "newcomer", "nope"));
        client.post("users", nobody).await.refuses(404, "role not found");
    }
    assert_eq!(app.number("SELECT count(*) FROM tm_user").await, 2);
}

#[tokio::test]
async fn what_is_not_there_is_said_as_each_version_says_it() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let own = format!("users/{}", id_of(&app, "root").await);
    for version in VERSIONS {
        let client = admin.in_version(version);
        let (missing, bad) = match version.starts_with('3') {
            true => ("role not found", "failed to parse key: id"),
            false => ("no such role", "couldn't convert id into an int"),
        };
        client.put(&own, described(version, "root", "nope")).await.refuses(404, missing);
        let someone = described(version, "bob", "read-only");
        client.put("users/999", someone.clone()).await.refuses(404, "no user found with this id");
        client.put("users/abc", someone).await.refuses(400, bad);
        client.get("users/abc").await.refuses(400, "id cannot parse to integer");
        client.get("users?id=abc").await.refuses(400, "id cannot parse to integer");
        assert_eq!(listed(&client, "/999").await, Vec::<Value>::new());
    }
}
