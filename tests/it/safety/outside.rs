//! What an attack from outside found once, each told as the right behaviour.

use latchkey::config::Config;
use serde_json::json;

use crate::{
    contract::wire::Answer,
    pages::Visitor,
    support::{PASSWORD, TestApp, account, people, with_role},
};

#[tokio::test]
async fn of_guesses_at_once_the_right_one_sounds_like_the_wrong_ones() {
    // Hashes of the usual cost: what is charged while they are computed counts for whoever waits for their turn.
    let app = TestApp::with(|config| config.password.cost = 10).await;
    app.has(account("alice")).await;
    let guesses = (0..40).map(|number| {
        let guest = app.anonymous();
        let password = if number == 39 { PASSWORD.to_owned() } else { format!("guess {number}") };
        tokio::spawn(
            async move { guest.post("user/login", json!({ "u": "alice", "p": password })).await.status },
        )
    });
    let guesses: Vec<_> = guesses.collect();
    let mut heard = Vec::new();
    for guess in guesses {
        heard.push(guess.await.unwrap());
    }
    assert_eq!(heard[39], 429, "{heard:?}");
    assert!(heard.iter().filter(|status| **status == 429).count() > 10, "{heard:?}");
}

#[tokio::test]
async fn a_search_with_many_hits_leads_on_and_strange_ones_find_nothing() {
    let app = TestApp::start().await;
    app.has(with_role("root", "admin")).await;
    people(&app.database.client().await.unwrap(), 120).await;
    let mut root = Visitor::signed_in(&app, "root").await;
    let rows = |text: &str| text.matches("<th scope=\"row\"").count();
    let page = root.get("/users?search=user").await;
    assert!(
        page.status == 200 && rows(&page.text) > 0 && page.text.contains("search=user&amp;page=2"),
        "{}",
        page.text
    );
    let page = root.get("/users?search=user&page=2").await;
    assert!(page.status == 200 && rows(&page.text) > 0, "{}", page.text);
    for strange in ["user%261", "%00", "user%00"] {
        let page = root.get(&format!("/users?search={strange}")).await;
        assert_eq!((page.status, rows(&page.text)), (200, 0), "{strange}: {}", page.words());
    }
    let form = root.get("/users/new").await;
    let typed = [("username", "eve\0"), ("tenant", "ro\0ot"), ("role", "read-only")];
    let status = root.send_form(&form, "/users/new", &typed).await.status;
    assert!((400..500).contains(&status), "{status}");
}

#[tokio::test]
async fn no_page_elsewhere_signs_a_browser_in() {
    let app = TestApp::with(|config| {
        config.browsers.allowed_origins = vec!["https://portal.example.test".to_owned()];
    })
    .await;
    let alice = app.has(account("alice")).await;
    let form = json!({ "u": "alice", "p": PASSWORD });
    let elsewhere = alice.with("Origin", "https://evil.example").with("Sec-Fetch-Site", "cross-site");
    for path in ["user/login", "user/login/token"] {
        elsewhere.post(path, form.clone()).await.refuses(403, "Requests from other sites are refused.");
    }
    let portal = alice.with("Origin", "https://portal.example.test").with("Sec-Fetch-Site", "cross-site");
    portal.post("user/login", form).await.says("Successfully logged in.");
}

#[tokio::test]
async fn nobody_ends_the_waits_of_a_name_by_signing_in_as_its_twin() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let twin = app.has(account("Alice2")).await;
    app.sql("UPDATE tm_user SET username = 'ALICE' WHERE username = 'Alice2'").await;
    for _ in 0..4 {
        app.anonymous().post("user/login", json!({ "u": "alice", "p": "a guess" })).await.refused_with(401);
    }
    twin.post("user/login", json!({ "u": "ALICE", "p": PASSWORD })).await.says("Successfully logged in.");
    app.anonymous().post("user/login", json!({ "u": "alice", "p": PASSWORD })).await.refused_with(429);
}

#[tokio::test]
async fn nobody_keeps_somebody_else_out_by_taking_their_address_for_a_name() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut mallory = account("mallory");
    mallory.username = latchkey::domain::Username::parse("alice@example.test").unwrap();
    mallory.password = Some("a password of mallory's own".to_owned().into());
    app.has(mallory).await;
    Visitor::at(&app)
        .sign_in("alice@example.test", PASSWORD)
        .await
        .is_at("/account")
        .says("alice of the tests");
}

#[tokio::test]
async fn addresses_that_no_letter_can_be_written_to_are_refused() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let whole = json!({ "username": "bob", "fullName": "Bob", "role": "read-only", "tenantID": 1,
        "localPasswd": "eleven quiet lanterns", "confirmLocalPasswd": "eleven quiet lanterns" });
    for address in ["\"a b\"@x.test", "\"ab\"@x.test", "a@１.２.３.４"] {
        let mut sent = whole.clone();
        sent["email"] = address.into();
        assert_eq!(root.post("users", sent).await.status, 400, "{address}");
        assert_eq!(
            app.anonymous().post("user/reset_password", json!({ "email": address })).await.status,
            400
        );
    }
    assert_eq!(app.deliver().await.count(), 0);
}

#[tokio::test]
async fn a_name_that_looks_like_another_is_not_given_away_and_who_has_one_keeps_it() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let of = |name: &str| {
        json!({ "username": name, "email": "bob@example.test", "fullName": "Bob", "role": "read-only",
            "tenantID": 1, "tenantId": 1, "localPasswd": "eleven quiet lanterns",
            "confirmLocalPasswd": "eleven quiet lanterns" })
    };
    for name in ["ro\u{200b}ot", "\u{202e}toor", "ｒｏｏｔ", " root", "root ", "ro  ot"] {
        assert!(root.post("users", of(name)).await.refused_with(400).contains("user name"), "{name:?}");
        let mut own = of(name);
        own["email"] = "root@example.test".into();
        own["role"] = "admin".into();
        assert!(root.put("user/current", own).await.refused_with(400).contains("user name"), "{name:?}");
        let patch = json!({ "user": { "username": name } });
        assert_eq!(root.in_version("3.1").put("user/current", patch).await.status, 400, "{name:?}");
    }
    assert_eq!(root.post("users", of("bob")).await.status, 201);
    app.sql("UPDATE tm_user SET username = 'bo' || chr(8203) || 'b ' WHERE username = 'bob'").await;
    let (old, id) =
        ("bo\u{200b}b ", app.number("SELECT id FROM tm_user WHERE email = 'bob@example.test'").await);
    let form = json!({ "u": old, "p": "eleven quiet lanterns" });
    app.anonymous().post("user/login", form).await.says("Successfully logged in.");
    let mut changed = of(old);
    changed["fullName"] = "Bob of old".into();
    assert_eq!(root.put(&format!("users/{id}"), changed).await.status, 200, "an old name is left alone");
    assert_eq!(root.put(&format!("users/{id}"), of("b\u{200d}ob")).await.status, 400);
    assert_eq!(root.put(&format!("users/{id}"), of("bob")).await.status, 200);
}

/// Whether an answer tells browsers to keep to TLS, and how.
fn strict_transport(answer: &Answer) -> Vec<&str> {
    let lines = answer.headers.get_all("strict-transport-security").iter();
    lines.map(|line| line.to_str().unwrap()).collect()
}

#[tokio::test]
async fn browsers_that_come_by_tls_are_told_to_keep_to_it() {
    let behind_a_proxy = |config: &mut Config| config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let app = TestApp::with(behind_a_proxy).await;
    for place in ["ping", "/sign-in", "/no-such-page", "/v1/users/signout", "/oauth"] {
        let by_tls = app.anonymous().with("X-Forwarded-Proto", "https").get(place).await;
        assert_eq!(strict_transport(&by_tls), ["max-age=31536000"], "{place}");
        assert!(strict_transport(&app.anonymous().get(place).await).is_empty(), "{place}");
    }
    let unasked = TestApp::start().await.anonymous().with("X-Forwarded-Proto", "https").get("ping").await;
    assert!(strict_transport(&unasked).is_empty(), "nobody else is believed");
    let public = |seconds: u32| {
        move |config: &mut Config| {
            config.public_url = Some("https://login.example.test".to_owned());
            config.browsers.hsts_max_age = seconds;
        }
    };
    let short = TestApp::with(public(300)).await.anonymous().get("ping").await;
    assert_eq!(strict_transport(&short), ["max-age=300"]);
    let off = TestApp::with(public(0)).await.anonymous().get("ping").await;
    assert!(strict_transport(&off).is_empty());
}

#[tokio::test]
async fn a_page_says_each_header_once() {
    let app = TestApp::start().await;
    let dead = "ThisKeyIsNobodysAndNeverWas123";
    for place in [
        format!("/reset-password?token={dead}"),
        "/reset-password?token=short".to_owned(),
        format!("/register?token={dead}"),
        format!("/confirm-email?token={dead}"),
        "/sign-in".to_owned(),
        "/nowhere".to_owned(),
    ] {
        let page = app.anonymous().get(&place).await;
        for name in page.headers.keys().filter(|name| *name != "set-cookie") {
            assert_eq!(page.headers.get_all(name).iter().count(), 1, "{place}: {name}");
        }
    }
}

#[tokio::test]
async fn a_session_has_one_spelling() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let (payload, signature) = alice.cookie("mojolicious").unwrap().rsplit_once("--").unwrap();
    let shouted =
        app.anonymous().with("Cookie", &format!("mojolicious={payload}--{}", signature.to_uppercase()));
    assert_eq!(shouted.get("user/current").await.status, 401);
    assert_eq!(alice.get("user/current").await.status, 200);
}

#[tokio::test]
async fn a_form_has_no_more_fields_than_anybody_needs() {
    let app = TestApp::start().await;
    let form = app.anonymous().with("Content-Type", "application/x-www-form-urlencoded");
    for place in ["/sign-in", "/forgot-password", "/reset-password", "/register", "/confirm-email"] {
        let answer = form.send("POST", place, Some("token=a&".repeat(300))).await;
        assert_eq!(answer.status, 400, "{place}");
    }
}

#[tokio::test]
async fn a_body_that_came_compressed_is_refused_as_that() {
    let app = TestApp::start().await;
    let packed = app.anonymous().with("Content-Type", "application/json").with("Content-Encoding", "gzip");
    for place in ["user/login", "/v1/users/signin", "/oauth", "/password-reset", "/sign-in"] {
        let answer = packed.send("POST", place, Some("packed".to_owned())).await;
        assert_eq!(
            (answer.status, &answer.headers["accept-encoding"]),
            (415, &"identity".parse().unwrap()),
            "{place}"
        );
    }
    assert_eq!(packed.get("ping").await.status, 200, "there is no body");
    let plain = app.anonymous().with("Content-Encoding", "identity");
    plain.post("user/login", json!({ "u": "nobody", "p": "nothing" })).await.refused_with(401);
}
