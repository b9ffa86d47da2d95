//! How a session travels: two cookies, a bearer, and what of them is refused.

use crate::support::{Client, PASSWORD, TestApp, account};

/// The `Set-Cookie` lines of an answer.
fn lines(answer: &crate::contract::wire::Answer) -> Vec<String> {
    answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_sign_in_sets_the_session_and_then_the_access_token_for_six_hours() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let answer = alice.post("user/login", serde_json::json!({ "u": "alice", "p": PASSWORD })).await;
    let [session, access_token] = lines(&answer).try_into().unwrap();
    assert!(session.starts_with("mojolicious=") && access_token.starts_with("access_token="));
    for line in [session, access_token] {
        for attribute in
            ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=21600", "Expires=Sat, 21 Nov 2026 18:00:00 GMT"]
        {
            assert!(line.contains(attribute), "{attribute} in {line}");
        }
        assert!(!line.contains("Secure"), "plain http has no secure cookies");
    }
}

#[tokio::test]
async fn behind_https_cookies_are_secure() {
    let app = TestApp::with(|config| config.public_url = Some("https://login.example.test/".into())).await;
    let alice = app.has(account("alice")).await;
    let answer = alice.post("user/login", serde_json::json!({ "u": "alice", "p": PASSWORD })).await;
    assert!(lines(&answer).iter().all(|line| line.contains("; Secure")));
}

#[tokio::test]
async fn the_session_the_access_token_and_the_bearer_each_suffice() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let bare = alice.without_cookies();
    let session = bare.with("Cookie", &format!("mojolicious={}", alice.cookie("mojolicious").unwrap()));
    let token = alice.cookie("access_token").unwrap();
    let access_token = bare.with("Cookie", &format!("access_token={token}"));
    let bearer = bare.with("Authorization", &format!("Bearer {token}"));
    for (client, renewed) in [(session, 1), (access_token, 2), (bearer, 2)] {
        let answer = client.get("user/current").await;
        assert_eq!((answer.status, lines(&answer).len()), (200, renewed));
        assert!(lines(&answer).iter().all(|line| line.contains("Max-Age=3600")));
    }
}

#[tokio::test]
async fn an_access_token_is_renewed_with_the_session_inside_it() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let mut bearer = alice.without_cookies();
    let mut token = alice.cookie("access_token").unwrap().to_owned();
    for _ in 0..10 {
        app.after(50);
        let answer = bearer.with("Authorization", &format!("Bearer {token}")).get("user/current").await;
        assert_eq!(answer.status, 200);
        token = answer.cookie("access_token").unwrap();
    }
    bearer.keep(&bearer.with("Authorization", &format!("Bearer {token}")).get("user/current").await);
    assert_eq!(bearer.get("user/current").await.status, 200);
}

#[tokio::test]
async fn a_bad_bearer_is_not_saved_by_a_good_cookie() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let answer = alice.with("Authorization", "Bearer garbage").get("user/current").await;
    answer.refuses(401, "unauthorized, please log in.");
}

#[tokio::test]
async fn a_cookie_that_is_no_good_is_refused_with_the_contract_s_reason() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let good = alice.cookie("mojolicious").unwrap().to_owned();
    let (payload, signature) = good.rsplit_once("--").unwrap();
    let flipped = if signature.starts_with('0') { "1" } else { "0" };
    let forged = format!("{payload}--{flipped}{}", &signature[1..]);
    for (cookie, text) in [
        ("", "unauthorized, please log in."),
        ("abcdef", "error parsing cookie: malformed cookie - no dashes"),
        ("-", "Unauthorized"),
        ("abc-def", "Unauthorized"),
        ("!!!!--00ff", "Unauthorized"),
        (forged.as_str(), "bad signature - unauthorized, please log in"),
    ] {
        let client: Client = app.anonymous().with("Cookie", &format!("mojolicious={cookie}"));
        client.get("user/current").await.refuses(401, text);
        assert_eq!(client.get("ping").await.status, 200, "{cookie:?}");
    }
}

#[tokio::test]
async fn names_of_all_scripts_keep_their_sessions() {
    let app = TestApp::start().await;
    for name in ["~tilde", "管理者", "a--b", "ünï"] {
        let newcomer = latchkey::service::Newcomer { email: None, ..account("someone") };
        let username = latchkey::domain::Username::parse(name).unwrap();
        let client = app.signed_in(latchkey::service::Newcomer { username, ..newcomer }).await;
        assert_eq!(client.get("user/current").await.json()["response"]["username"], name);
    }
}

#[tokio::test]
async fn a_form_on_another_site_can_not_use_the_session() {
    let app =
        TestApp::with(|config| config.browsers.allowed_origins = vec!["https://portal.example.test".into()])
            .await;
    let alice = app.signed_in(account("alice")).await;
    let refused = "Requests from other sites are refused.";
    let out = |client: Client| async move { client.send("POST", "user/logout", None).await };
    out(alice.with("Sec-Fetch-Site", "cross-site")).await.refuses(403, refused);
    out(alice.with("Sec-Fetch-Site", "same-site")).await.refuses(403, refused);
    out(alice.with("Origin", "https://evil.example.test")).await.refuses(403, refused);
    let portal = alice.with("Sec-Fetch-Site", "cross-site").with("Origin", "https://portal.example.test");
    let answer = out(portal).await;
    answer.says("You are logged out.");
    assert_eq!(answer.headers["access-control-allow-origin"], "https://portal.example.test");
    let preflight = app.anonymous().with("Origin", "https://portal.example.test");
    let answer = preflight.send("OPTIONS", "user/current", None).await;
    assert_eq!(answer.headers["access-control-allow-origin"], "https://portal.example.test");
}
