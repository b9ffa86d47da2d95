//! What is put down, and that it holds no secret.

use latchkey::{
    domain::AccountId,
    service::{Actor, AuditEvent, AuditFilter, HelpError, Newcomer},
};
use serde_json::json;

use crate::{
    pages::Visitor,
    support::{Client, PASSWORD, TestApp, account},
};

async fn trail(app: &TestApp) -> Vec<AuditEvent> {
    let mut events = app.site().services.audit.all(&AuditFilter::default(), 1000).await.unwrap();
    events.reverse();
    events
}

/// The names of the events since the last time, with about whom and by whom.
async fn told(app: &TestApp) -> Vec<String> {
    let events = trail(app).await;
    app.sql("DELETE FROM latchkey.audit_event").await;
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".to_owned());
    let line = |event: &AuditEvent| {
        format!("{} {} {} {}", event.event, name(&event.account_name), name(&event.actor_name), event.dialect)
    };
    events.iter().map(line).collect()
}

#[tokio::test]
async fn sign_ins_and_failures_are_put_down_in_every_contract() {
    let app = TestApp::start().await;
    let mut alice = app.has(account("alice")).await;
    let secret = app.knows("website").await;
    told(&app).await;
    alice.sign_in(PASSWORD).await;
    alice.post("user/logout", json!({})).await.succeeds();
    app.anonymous().post("user/login", json!({ "u": "alice", "p": "wrong" })).await.refused_with(401);
    app.anonymous().post("user/login", json!({ "u": "nobody", "p": "wrong" })).await.refused_with(401);
    assert_eq!(
        told(&app).await,
        [
            "signed_in alice alice traffic_ops",
            "signed_out alice alice traffic_ops",
            "sign_in_failed alice - traffic_ops",
            "sign_in_failed - - traffic_ops",
        ]
    );
    let typed = app.anonymous().with("Content-Type", "application/json");
    typed.post("/v1/users/signin", json!({ "email": alice.email(), "password": PASSWORD })).await;
    let grant = json!({ "grant_type": "password", "client_id": "website", "client_secret": secret,
        "username": "alice", "password": PASSWORD });
    typed.post("/oauth", grant).await;
    typed.post("/login", json!({ "username": "alice", "password": PASSWORD })).await;
    Visitor::signed_in(&app, "alice").await;
    assert_eq!(
        told(&app).await,
        ["timeslot", "teen_quotes", "buddha_jones", "pages"].map(|by| format!("signed_in alice alice {by}"))
    );
}

#[tokio::test]
async fn a_reset_is_put_down_from_the_request_to_the_new_password() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    told(&app).await;
    alice.post("user/reset_password", json!({ "email": alice.email() })).await.succeeds();
    alice.post("user/reset_password", json!({ "email": "nobody@example.test" })).await.succeeds();
    let key = app.deliver().await.only_letter_to(&alice.email()).reset_key();
    let mut back = alice.clone();
    back.keep(&alice.post("user/login/token", json!({ "t": key })).await);
    let mut user = back.get("user/current").await.json()["response"].clone();
    user["localPasswd"] = json!("an entirely new one");
    user["confirmLocalPasswd"] = json!("an entirely new one");
    back.put("user/current", user).await.succeeds();
    let mut told = told(&app).await;
    told[..2].sort();
    assert_eq!(
        told,
        [
            "reset_asked - - traffic_ops",
            "reset_asked alice - traffic_ops",
            "reset_done alice - traffic_ops",
            "signed_in alice alice traffic_ops",
            "account_changed alice alice traffic_ops",
            "password_changed alice alice traffic_ops",
        ]
    );
}

#[tokio::test]
async fn what_administrators_do_is_put_down_with_their_name_and_what_they_grant() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    told(&app).await;
    let role =
        json!({ "name": "helper", "description": "helps", "permissions": ["USER:READ", "USER:UPDATE"] });
    assert_eq!(root.post("roles", role).await.status, 201);
    let tenant = json!({ "name": "branch", "active": true, "parentId": 1 });
    root.post("tenants", tenant).await.succeeds();
    let user = json!({ "username": "bob", "email": "bob@example.test", "fullName": "Bob", "role": "helper",
        "tenantId": 1, "localPasswd": PASSWORD, "confirmLocalPasswd": PASSWORD });
    let made = root.post("users", user).await.json()["response"].clone();
    let mut changed = made.clone();
    changed["role"] = json!("disallowed");
    root.put(&format!("users/{}", made["id"]), changed).await.succeeds();
    root.delete(&format!("users/{}", made["id"])).await.succeeds();
    let events = trail(&app).await;
    let granted = events.iter().find(|event| event.event == "role_created").unwrap();
    assert_eq!(granted.detail.as_ref().unwrap()["permissions"], json!(["USER:READ", "USER:UPDATE"]));
    let fields = events.iter().find(|event| event.event == "account_changed").unwrap();
    assert_eq!(fields.detail.as_ref().unwrap()["fields"], json!(["role"]));
    assert!(events.iter().all(|event| event.address.as_deref() == Some("127.0.0.1")));
    assert_eq!(
        told(&app).await,
        [
            "role_created - root traffic_ops",
            "tenant_created - root traffic_ops",
            "account_created - root traffic_ops",
            "account_changed - root traffic_ops",
            "account_disabled - root traffic_ops",
            "account_removed - root traffic_ops",
        ]
    );
}

#[tokio::test]
async fn a_new_address_is_one_event_and_what_is_changed_beside_it_another() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    told(&app).await;
    let mut user = alice.get("user/current").await.json()["response"].clone();
    user["email"] = json!("alice@new.example.test");
    alice.put("user/current", user.clone()).await.succeeds();
    assert_eq!(told(&app).await, ["email_changed alice alice traffic_ops"]);
    user["email"] = json!("alice@newer.example.test");
    user["city"] = json!("Denver");
    alice.put("user/current", user).await.succeeds();
    assert_eq!(
        told(&app).await,
        ["account_changed alice alice traffic_ops", "email_changed alice alice traffic_ops"]
    );
}

#[tokio::test]
async fn what_is_refused_or_fails_is_not_told_as_done() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    told(&app).await;
    alice
        .post("roles", json!({ "name": "mine", "description": "mine", "permissions": ["ALL"] }))
        .await
        .refused_with(403);
    let mut user = alice.get("user/current").await.json()["response"].clone();
    user["email"] = json!("not an address");
    alice.put("user/current", user).await.refused_with(400);
    assert!(told(&app).await.is_empty());
}

#[tokio::test]
async fn the_trail_holds_no_secret() {
    let app = TestApp::start().await;
    let mut alice = app.signed_in(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    app.anonymous()
        .post("user/login", json!({ "u": "a password in the wrong field", "p": "x" }))
        .await
        .refused_with(401);
    alice.keep(&alice.clone().post("user/login/token", json!({ "t": key })).await);
    let all = format!("{:?}", trail(&app).await);
    let cookie = alice.cookie("mojolicious").unwrap().to_owned();
    for secret in [PASSWORD, &key, &cookie, "a password in the wrong field"] {
        assert!(!all.contains(secret), "{all}");
    }
}

#[tokio::test]
async fn the_trail_of_an_account_is_for_its_holder_and_those_who_reach_its_tenant() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let tenant = json!({ "name": "branch", "active": true, "parentId": 1 });
    root.post("tenants", tenant).await;
    app.has(Newcomer { tenant: "branch".to_owned(), ..account("carol") }).await;
    app.has(account("alice")).await;
    let services = &app.site().services;
    let all = services.administration.list().await.unwrap();
    let whole = |name: &str| all.iter().find(|account| account.username.as_str() == name).unwrap();
    let (carol, alice) = (whole("carol"), whole("alice"));
    let of = |actor, id: AccountId| services.audit.of_account(actor, id, None, 50);
    assert_eq!(of(Actor::Account(carol), carol.id).await.unwrap()[0].event, "account_created");
    assert!(matches!(of(Actor::Account(carol), alice.id).await, Err(HelpError::NoSuchUser)));
    assert!(!of(Actor::Account(alice), carol.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn events_are_kept_for_as_long_as_the_operator_says() {
    let app = TestApp::start().await;
    let alice: Client = app.has(account("alice")).await;
    alice.clone().sign_in(PASSWORD).await;
    let old = "UPDATE latchkey.audit_event SET happened_at = happened_at - interval '366 days'";
    app.sql(old).await;
    alice.clone().sign_in(PASSWORD).await;
    let retention = latchkey::config::Config::default().housekeeping;
    let client = app.database.client().await.unwrap();
    let now = latchkey::ports::Clock::now(&*app.clock);
    latchkey::store::housekeeping::clear(&client, &retention, now).await.unwrap();
    assert_eq!(told(&app).await, ["signed_in alice alice traffic_ops"]);
}
