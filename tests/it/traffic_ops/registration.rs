//! Invitations: the letter, its key, and how the invited finish.

use serde_json::{Value, json};

use super::program::{described, id_of, last_logged, listed, number_of};
use crate::support::{Client, TestApp, VERSIONS, account, unthrottled};

fn invitation(version: &str, email: &str, role: &str) -> Value {
    let role = if version.starts_with('3') { json!(number_of(role)) } else { json!(role) };
    json!({ "email": email, "role": role, "tenantId": 1 })
}

async fn invite(client: &Client, email: &str, role: &str) {
    let answer = client.post("users/register", invitation("5.0", email, role)).await;
    answer.says(&format!(
        "Sent user registration to {email} with the following permissions [ role: {role} | tenant: root ]"
    ));
}

async fn key_of(app: &TestApp, email: &str) -> String {
    app.deliver().await.only_letter_to(email).reset_key()
}

/// Signs in with the key of a letter.
async fn enter(app: &TestApp, key: &str) -> Option<Client> {
    let mut guest = app.anonymous();
    let answer = guest.post("user/login/token", json!({ "t": key })).await;
    guest.keep(&answer);
    (answer.status == 200).then_some(guest)
}

#[tokio::test]
async fn the_invited_choose_name_and_password_with_the_key() {
    for version in VERSIONS {
        let app = TestApp::start().await;
        let admin = app.administrator().await.in_version(version);
        let email = "fresh@example.test";
        let answer = admin.post("users/register", invitation(version, email, "portal")).await;
        answer.says(
            "Sent user registration to fresh@example.test with the following permissions [ role: portal | tenant: root ]",
        );
        let invited = listed(&admin, "?orderby=id&sortOrder=desc&limit=1").await.remove(0);
        let drawn = invited["username"].as_str().unwrap();
        assert!(drawn.starts_with("registration_") && drawn.len() == 45, "{drawn}");
        assert_eq!((&invited["newUser"], &invited["fullName"]), (&json!(true), &Value::Null));
        assert!(invited["registrationSent"].as_str().unwrap().starts_with("2026-11-21"));
        let noted = format!(
            "USER: {drawn}, EMAIL: fresh@example.test, ACTION: registration sent with role portal and tenant root"
        );
        assert_eq!(last_logged(&app).await, noted);
        let letter = app.deliver().await.only_letter_to(email);
        assert!(letter.subject.ends_with("New User Registration"), "{}", letter.subject);
        assert!(letter.text.contains("/register?token="), "{}", letter.text);
        let guest = enter(&app, &letter.reset_key()).await.unwrap();
        let mut whole = described("5.0", "fresh", "portal");
        whole["localPasswd"] = "chosen by myself".into();
        guest.put("user/current", whole).await.says("User profile was successfully updated");
        let mut fresh = Client::new(app.address(), Some("fresh".to_owned()));
        fresh.sign_in("chosen by myself").await;
        let own = fresh.get("user/current").await.json()["response"].clone();
        assert_eq!((&own["newUser"], &own["role"]), (&json!(false), &json!("portal")));
        assert!(enter(&app, &letter.reset_key()).await.is_none(), "a key works once");
    }
}

#[tokio::test]
async fn an_invitation_that_is_sent_again_replaces_the_earlier_one() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let email = "fresh@example.test";
    invite(&admin, email, "portal").await;
    let first = key_of(&app, email).await;
    app.after(60);
    invite(&admin, email, "read-only").await;
    assert!(enter(&app, &first).await.is_none(), "void as soon as the next is asked for");
    invite(&admin, "FRESH@example.test", "federation").await;
    let letters = app.deliver().await;
    assert_eq!(letters.count(), 1, "only the newest letter goes out");
    let key = letters.only_letter_to(email).reset_key();
    assert_eq!(app.number("SELECT count(*) FROM tm_user").await, 2);
    let invited = listed(&admin, "?newUser=true").await.remove(0);
    assert_eq!((&invited["role"], &invited["email"]), (&json!("federation"), &json!(email)));
    assert_eq!(invited["registrationSent"], "2026-11-21T13:00:00Z");
    assert!(enter(&app, &key).await.is_some());
}

#[tokio::test]
async fn the_key_of_an_invitation_lives_for_a_week_or_as_configured() {
    let email = "fresh@example.test";
    for (days, lives) in [(6, true), (8, false)] {
        let app = TestApp::start().await;
        invite(&app.administrator().await, email, "portal").await;
        let key = key_of(&app, email).await;
        app.after(days * 24 * 60);
        assert_eq!(enter(&app, &key).await.is_some(), lives, "{days} days");
    }
    let app = TestApp::with(|config| {
        config.recovery.registration_lifetime = 60;
        config.recovery.registration_link =
            Some("https://portal.example.test/#!/user?token={key}".to_owned());
    })
    .await;
    invite(&app.administrator().await, email, "portal").await;
    let letter = app.deliver().await.only_letter_to(email);
    assert!(letter.text.contains("https://portal.example.test/#!/user?token="));
    app.after(2);
    assert!(enter(&app, &letter.reset_key()).await.is_none());
}

#[tokio::test]
async fn whoever_is_registered_is_not_invited_again() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    app.has(account("bob")).await;
    for version in VERSIONS {
        for email in ["bob@example.test", "Bob@Example.Test", "Bob <bob@example.test>"] {
            let answer =
                admin.in_version(version).post("users/register", invitation(version, email, "portal")).await;
            answer.refuses(409, "User already exists and has completed registration.");
        }
    }
    assert_eq!(app.deliver().await.count(), 0);
}

#[tokio::test]
async fn a_registration_ends_when_an_administrator_sets_a_password() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let email = "fresh@example.test";
    invite(&admin, email, "portal").await;
    let key = key_of(&app, email).await;
    let id = app.number("SELECT max(id) FROM tm_user").await;
    let mut whole = described("5.0", "fresh", "portal");
    whole["localPasswd"] = "chosen by somebody else".into();
    admin.put(&format!("users/{id}"), whole).await.says("user was updated.");
    assert!(enter(&app, &key).await.is_none());
    Client::new(app.address(), Some("fresh".to_owned())).sign_in("chosen by somebody else").await;
    let again = admin.post("users/register", invitation("5.0", email, "portal")).await;
    again.refuses(409, "User already exists and has completed registration.");
}

#[tokio::test]
async fn rules_and_texts_are_the_contract_s_in_every_version() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for version in VERSIONS {
        let client = admin.in_version(version);
        for (form, status, text) in wrong(version) {
            client.post("users/register", form).await.refuses(status, &text);
        }
    }
    assert_eq!(app.number("SELECT count(*) FROM tm_user").await, 1);
}

/// What is wrong with an invitation, and what is said of it.
fn wrong(version: &str) -> Vec<(Value, u16, String)> {
    let is_old = version.starts_with('3');
    let (unread, invalid, nothing) =
        if is_old { ("decoding: ", "validating: ", "zero") } else { ("", "", "empty") };
    let (unknown, nobody) =
        if is_old { ("No such role: 999", json!(999)) } else { ("no such role", json!("nope")) };
    let changed = |key: &str, value: Value| {
        let mut form = invitation(version, "fresh@example.test", "portal");
        form[key] = value;
        form
    };
    let all = format!(
        "{invalid}role: required and cannot be {nothing}, tenantId: required and cannot be zero, email: required"
    );
    let negative = format!("{unread}tenantId: must be a whole number that is not negative");
    let mut wrong = vec![
        (changed("email", Value::Null), 400, format!("{invalid}email: required")),
        (changed("role", Value::Null), 400, format!("{invalid}role: required and cannot be {nothing}")),
        (changed("tenantId", json!(0)), 400, format!("{invalid}tenantId: required and cannot be zero")),
        (Value::Null, 400, all.clone()),
        (json!({}), 400, all),
        (changed("tenantId", json!(-1)), 400, negative),
        (changed("tenantId", json!(999)), 403, "not authorized on this tenant".to_owned()),
        (changed("role", nobody), 404, unknown.to_owned()),
    ];
    for address in ["nope", "", "a@b.test, c@d.test", "a@b.test\r\nBcc: x@y.test"] {
        let text = format!("{unread}Couldn't parse '{address}' as an email address");
        wrong.push((changed("email", json!(address)), 400, text));
    }
    wrong
}

#[tokio::test]
async fn an_address_without_a_dot_can_be_invited_and_can_finish() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    invite(&admin, "fresh@localhost", "portal").await;
    let guest = enter(&app, &key_of(&app, "fresh@localhost").await).await.unwrap();
    let mut whole = described("5.0", "fresh", "portal");
    whole["email"] = "fresh@localhost".into();
    whole["localPasswd"] = "chosen by myself".into();
    guest.put("user/current", whole).await.says("User profile was successfully updated");
}

#[tokio::test]
async fn many_who_invite_one_person_at_once_make_one_account() {
    let app = TestApp::with(unthrottled).await;
    let admin = app.administrator().await;
    let asked =
        (0..8).map(|_| admin.post("users/register", invitation("5.0", "fresh@example.test", "portal")));
    let answers = futures_util::future::join_all(asked).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200; 8]);
    assert_eq!(app.number("SELECT count(*) FROM tm_user").await, 2);
    let mut good = 0;
    for letter in app.deliver().await.letters() {
        good += usize::from(enter(&app, &letter.reset_key()).await.is_some());
    }
    assert_eq!(good, 1, "of all keys that went out, one is good");
}

#[tokio::test]
async fn an_invited_who_forgets_may_ask_for_a_reset_instead() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let email = "fresh@example.test";
    invite(&admin, email, "portal").await;
    let invited = key_of(&app, email).await;
    app.anonymous().post("user/reset_password", json!({ "email": email })).await;
    let reset = key_of(&app, email).await;
    assert!(enter(&app, &invited).await.is_none(), "only the newest key is good");
    assert!(enter(&app, &reset).await.is_some());
    assert_eq!(id_of(&app, "root").await, 1);
}
