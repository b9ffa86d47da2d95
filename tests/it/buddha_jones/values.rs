//! Check 6 of the four contracts' list: whatever comes in, nothing breaks and nothing gets into a letter.

use serde_json::{Value, json};

use super::program::{
    CONFIRM, INCOMPLETE, INVALID, LOGIN, NOT_FOUND, REQUESTED, RESET, SITE, USER, app, axios, carrying,
    failure, form, is, login, multipart, request, said, signs_in, validate,
};
use crate::support::{PASSWORD, account, strange_values};

#[tokio::test]
async fn check_6_no_value_of_any_field_breaks_anything() {
    let app = app().await;
    app.has(account("alice")).await;
    let guest = axios(&app.anonymous());
    app.sql("CREATE TABLE kept AS SELECT local_passwd FROM tm_user").await;
    let mut alice = carrying(&guest, &signs_in(&app, "alice", PASSWORD).await);
    for value in strange_values() {
        let named = guest.post(RESET, json!({ "email": value, "url": SITE })).await;
        assert!(named.status == 400 && [NOT_FOUND, INCOMPLETE].contains(&said(&named).as_str()), "{value}");
        is(&guest.post(RESET, json!({ "email": "alice", "url": value })).await, 400, INCOMPLETE);
        is(&guest.post(CONFIRM, json!({ "token": value })).await, 400, INVALID);
        for body in
            [json!({ "username": value, "password": "x" }), json!({ "username": "alice", "password": value })]
        {
            let status = guest.post(LOGIN, body).await.status;
            assert!([400, 401].contains(&status), "{value}: {status}");
        }
        is(
            &alice.post(USER, json!({ "old_password": value, "password": "x" })).await,
            400,
            &said_of_old(&value),
        );
        let changed = alice.post(USER, json!({ "old_password": PASSWORD, "password": value })).await.status;
        if changed == 200 {
            // A strange password, but one by all rules.
            app.sql("UPDATE tm_user SET local_passwd = kept.local_passwd FROM kept").await;
            alice = carrying(&guest, &signs_in(&app, "alice", PASSWORD).await);
        } else {
            assert_eq!(changed, 400, "{value}");
        }
    }
    for token in ["%00", "%ff", "..", "a%0d%0ab", &"x".repeat(5000), "%F0%9F%92%A5", "%25"] {
        is(&app.anonymous().get(&format!("{RESET}?token={token}")).await, 400, INVALID);
        is(&app.anonymous().get(&format!("{RESET}/{token}")).await, 400, INVALID);
    }
    let letters = app.deliver().await.letters();
    assert!(letters.iter().all(|letter| letter.to == "alice@example.test"), "notices at most");
}

fn said_of_old(value: &Value) -> String {
    let given = matches!(value, Value::String(text) if !text.is_empty()) || value.is_number();
    failure(if given { "Current password does not match." } else { "Please provide current password." })
}

/// Check 5 of the four contracts' list, its beginning: JSON, form and multipart, and the query too (C14).
#[tokio::test]
async fn check_5_json_form_multipart_and_query_ask_alike() {
    let app = app().await;
    let alice = app.has(account("alice")).await;
    let guest = app.anonymous();
    let pairs = [("email", "alice"), ("url", SITE)];
    let urlencoded = form(&pairs).unwrap();
    for (kind, path, body) in [
        ("application/json", RESET.to_owned(), json!({ "email": "alice", "url": SITE }).to_string()),
        ("application/x-www-form-urlencoded", RESET.to_owned(), urlencoded.clone()),
        ("multipart/form-data; boundary=\"X y\"", RESET.to_owned(), multipart("X y", &pairs)),
        ("application/json", format!("{RESET}?{urlencoded}"), String::new()),
        ("application/json", format!("{RESET}?email=alice"), json!({ "url": SITE }).to_string()),
        ("text/plain", format!("{RESET}/?{urlencoded}"), String::new()),
    ] {
        is(&guest.with("Content-Type", kind).send("POST", &path, Some(body)).await, 200, REQUESTED);
        app.deliver().await.only_letter_to(&alice.email());
    }
}

#[tokio::test]
async fn bodies_that_can_not_be_read_have_no_fields() {
    let app = app().await;
    for kind in [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
    ] {
        for body in ["", "{", "[]", "null", "--x\r\n", "--x--", "&&=&", "\u{1}"] {
            let client = app.anonymous().with("Content-Type", kind);
            is(&client.send("POST", RESET, Some(body.to_owned())).await, 400, INCOMPLETE);
        }
    }
    let broken = app.anonymous().with("Content-Type", "application/x-www-form-urlencoded");
    is(&broken.send("POST", RESET, Some(format!("email=%ff%fe&url={SITE}"))).await, 400, INCOMPLETE);
}

#[tokio::test]
async fn an_address_of_one_account_that_is_the_name_of_another_means_the_address() {
    let app = app().await;
    let alice = app.has(account("alice")).await;
    app.has(account("bob")).await;
    app.sql("UPDATE tm_user SET username = 'alice@example.test' WHERE username = 'bob'").await;
    is(&request(&app.anonymous(), "alice@example.test", SITE).await, 200, REQUESTED);
    let letter = app.deliver().await.only_letter_to(&alice.email());
    assert!(letter.text.contains("Hello alice of the tests,"));
}

#[tokio::test]
async fn no_answer_tells_a_name_of_the_program_s_inside() {
    let app = app().await;
    app.sql("ALTER TABLE latchkey.outbox RENAME TO gone; ALTER TABLE tm_user RENAME TO gone").await;
    for answer in [
        request(&app.anonymous(), "alice", SITE).await,
        login(&app.anonymous(), "alice", "x").await,
        validate(&app.anonymous(), &"x".repeat(30)).await,
    ] {
        is(&answer, 500, r#"{"status":0,"message":"Internal Server Error"}"#);
    }
}
