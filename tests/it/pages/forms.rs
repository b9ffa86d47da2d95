//! Forms are taken from our own pages only, shown to the browser that sends them.

use latchkey::{
    api::route::{Route, Verb},
    pages,
};

use super::{Visitor, users::administrator};
use crate::support::{PASSWORD, TestApp, account};

/// Forms that carry the key of a letter instead of a token.
const WITH_A_KEY: [&str; 3] = ["/reset-password", "/register", "/confirm-email"];

/// Where every form is sent, about things that exist.
async fn forms(app: &TestApp) -> Vec<String> {
    let numbers = [
        ("users", "SELECT id FROM public.tm_user WHERE username = 'alice'"),
        ("roles", "SELECT id FROM public.role WHERE name = 'unused'"),
        ("tenants", "SELECT id FROM public.tenant WHERE name = 'unused'"),
        ("outbox", "SELECT id FROM latchkey.outbox LIMIT 1"),
    ];
    let mut forms = Vec::new();
    for Route { verb, path, .. } in pages::DIALECT.routes.iter().filter(|route| route.verb != Verb::Get) {
        assert_eq!(*verb, Verb::Post, "{path}");
        let room = path.split('/').next().unwrap();
        let number = match numbers.iter().find(|(name, _)| path.contains("{id}") && *name == room) {
            Some((_, query)) => app.number(query).await,
            None => 0,
        };
        forms.push(format!("/{}", path.replace("{id}", &number.to_string())));
    }
    forms
}

/// What any of the forms could change.
const STATE: &str = "SELECT hashtext(concat_ws('|', \
    (SELECT json_agg(u ORDER BY u.id) FROM public.tm_user u), (SELECT json_agg(r ORDER BY r.id) FROM public.role r), \
    (SELECT json_agg(t ORDER BY t.id) FROM public.tenant t), (SELECT json_agg(o ORDER BY o.id) FROM latchkey.outbox o), \
    (SELECT json_agg(s.digest ORDER BY s.id) FROM latchkey.session s), \
    (SELECT count(*) FROM public.role_capability)))::bigint";

/// All rows of the route table: a form that is added is tested here without anybody thinking of it.
#[tokio::test]
async fn every_form_without_its_token_or_with_one_of_another_session_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    app.has(account("alice")).await;
    app.sql(
        "INSERT INTO public.role (name, description, priv_level) VALUES ('unused', 'nobody has it', 0); \
         INSERT INTO public.tenant (name, active, parent_id) SELECT 'unused', true, id FROM public.tenant WHERE name = 'root'; \
         INSERT INTO latchkey.outbox (kind, dialect, recipient, promised_at, expires_at, due_at, given_up_at) \
         SELECT 'test', 'pages', 'x@example.test', at, at + interval '1 hour', at, at FROM (VALUES (timestamptz '2026-11-21')) v (at)",
    )
    .await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let stolen = alice.get("/account").await.field("/sign-out", "form_token");
    let anonymous = Visitor::at(&app).get("/sign-in").await.field("/sign-in", "form_token");
    let forms = forms(&app).await;
    assert!(forms.len() > 20, "{forms:?}");
    let before = app.number(STATE).await;
    for action in &forms {
        for token in ["", "nonsense", stolen.as_str(), anonymous.as_str()] {
            let typed = [("form_token", token), ("token", token), ("session", "1"), ("username", "boss")];
            let typed: Vec<_> = typed.into_iter().chain([("password", PASSWORD)]).collect();
            let answer = boss.post_once(action, &typed).await;
            let text = String::from_utf8(answer.body).unwrap();
            let (status, words) = match WITH_A_KEY.contains(&action.as_str()) {
                true => (410, "work any more"),
                false => (403, "The form is out of date"),
            };
            assert_eq!(answer.status, status, "{action} with {token:?}: {text}");
            assert!(text.contains(words), "{action} with {token:?}: {text}");
        }
    }
    assert_eq!(app.number(STATE).await, before, "nothing was changed");
    let own = boss.get("/account").await.field("/sign-out", "form_token");
    for action in forms.iter().filter(|action| !WITH_A_KEY.contains(&action.as_str())) {
        if action != "/sign-out" && action != "/sign-in" {
            let answer = boss.post_once(action, &[("form_token", &own)]).await;
            assert_ne!(answer.status, 403, "{action} with its own token");
        }
    }
}

#[tokio::test]
async fn forms_for_strangers_go_with_the_browser_too() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut attacker = Visitor::at(&app);
    let theirs = attacker.get("/sign-in").await.field("/sign-in", "form_token");
    let typed = [("username", "alice"), ("password", PASSWORD), ("form_token", theirs.as_str())];
    let mut victim = Visitor::at(&app);
    assert_eq!(victim.post_once("/sign-in", &typed).await.status, 403, "without a cookie");
    victim.get("/sign-in").await;
    assert_eq!(victim.post_once("/sign-in", &typed).await.status, 403, "with the cookie of another browser");
    assert_eq!(attacker.post_once("/sign-in", &typed).await.status, 303);
    let asked = victim.post_once("/forgot-password", &[("email", "alice@example.test")]).await;
    assert_eq!(asked.status, 403);
}

#[tokio::test]
async fn a_form_that_another_site_sends_is_refused_even_with_a_good_token() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let token = alice.get("/account").await.field("/sign-out", "form_token");
    for (name, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "https://evil.test"),
        ("Origin", "null"),
    ] {
        let mut crossing = alice.with(name, value);
        let answer = crossing.post_once("/account/sessions/end-others", &[("form_token", &token)]).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
    }
    let ours = format!("http://{}", app.address());
    for (name, value) in [("Sec-Fetch-Site", "same-origin"), ("Origin", ours.as_str())] {
        let mut crossing = alice.with(name, value);
        let answer = crossing.post_once("/account/sessions/end-others", &[("form_token", &token)]).await;
        assert_eq!(answer.status, 303, "{name}: {value}");
    }
}

#[tokio::test]
async fn no_two_tokens_are_alike() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let (one, two) = (alice.get("/account").await, alice.get("/account").await);
    assert_ne!(one.field("/sign-out", "form_token"), two.field("/sign-out", "form_token"));
}

#[tokio::test]
async fn a_session_that_ended_while_somebody_typed_leads_to_the_sign_in_page() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let form = alice.get("/account/profile").await;
    app.sql("DELETE FROM latchkey.session").await;
    alice.send_form(&form, "/account/profile", &[("full_name", "A")]).await.is_at("/sign-in");
}
