//! An administrator's day: users.

use super::Visitor;
use crate::support::{PASSWORD, TestApp, account, with_role};

const NEW: &str = "eleven quiet lanterns";

/// Somebody who may do everything, signed in at the page.
pub async fn administrator(app: &TestApp) -> Visitor {
    app.has(with_role("boss", "admin")).await;
    Visitor::signed_in(app, "boss").await
}

async fn id(app: &TestApp, username: &str) -> i64 {
    app.number(&format!("SELECT id FROM public.tm_user WHERE username = '{username}'")).await
}

#[tokio::test]
async fn users_are_searched_by_any_of_their_names_and_paged() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    for number in 10..40 {
        app.has(account(&format!("user{number}"))).await;
    }
    let page = boss.get("/users").await;
    page.says("boss").says("Page 1 Next");
    assert!(page.words().contains("user33") && !page.words().contains("user34"), "25 a page, by name");
    boss.get("/users?page=2").await.says("user39").says("Back Page 2");
    let found = boss.get("/users?search=USER1").await;
    assert_eq!(found.text.matches("<tr>").count(), 11, "the head and ten users");
    boss.get("/users?search=user12%40example").await.says("user12 of the tests");
    for none in ["100%25", "_", "'", "user12+user12"] {
        boss.get(&format!("/users?search={none}")).await.says("No users found.");
    }
    let kept = boss.get("/users?search=%3Cb%3E").await;
    assert!(kept.text.contains("value=\"&lt;b&gt;\""));
}

#[tokio::test]
async fn the_invited_stand_apart_by_their_addresses_and_a_search_is_cleared_by_a_link() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    let form = boss.get("/users/invite").await;
    for name in ["nora", "abel"] {
        let address = format!("{name}@example.test");
        let typed = [("email", address.as_str()), ("role", "read-only"), ("tenant", "root")];
        boss.send_form(&form, "/users/invite", &typed).await.is_at("/users?state=invited&notice=invited");
    }
    let page = boss.get("/users?state=invited").await;
    page.says("abel@example.test read-only root just now nora@example.test read-only root just now");
    assert!(!page.words().contains("boss") && !page.words().contains("registration_"), "{}", page.words());
    let page = boss.get("/users").await;
    page.says("boss");
    assert!(!page.words().contains("nora"), "who is only invited is no user yet: {}", page.words());
    let page = boss.get("/users?state=invited&search=nobody").await;
    page.says("No invitations found.").says("Show all");
    assert!(page.text.contains("<a href=\"&#x2f;users?state=invited\">Show all</a>"), "{}", page.text);
    let none = boss.get("/users?search=nora").await;
    none.says("No users found.");
    assert!(none.text.contains("state=invited&amp;search=nora"), "the other list is searched for the same");
}

#[tokio::test]
async fn a_user_is_invited_and_the_invitation_sent_again() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    let form = boss.get("/users/invite").await;
    let typed = [("email", "carol@example.test"), ("role", "read-only"), ("tenant", "root")];
    boss.send_form(&form, "/users/invite", &typed)
        .await
        .is_at("/users?state=invited&notice=invited")
        .says("carol@example.test");
    let first = app.deliver().await.only_letter_to("carol@example.test").reset_key();
    let carol = app.number("SELECT id FROM public.tm_user WHERE email = 'carol@example.test'").await;
    let page = boss.get(&format!("/users/{carol}")).await;
    page.says("Invited, not registered yet").says("E-mail address carol@example.test");
    assert!(!page.words().contains("registration_"), "a drawn name is nobody's: {}", page.words());
    boss.send_form(&page, &format!("/users/{carol}/invite"), &[]).await.says("An invitation is on its way.");
    let second = app.deliver().await.only_letter_to("carol@example.test").reset_key();
    let mut guest = Visitor::at(&app);
    assert_eq!(guest.get(&format!("/register?token={first}")).await.status, 410);
    guest.get(&format!("/register?token={second}")).await.is_at("/register");
    app.has(account("dave")).await;
    let typed = [("email", "dave@example.test"), ("role", "read-only"), ("tenant", "root")];
    let page = boss.send_form(&form, "/users/invite", &typed).await;
    page.faults("email", "Somebody with this address has an account already.");
    assert!(page.text.contains("<option value=\"read-only\" selected>"), "what was chosen is kept");
}

#[tokio::test]
async fn a_user_is_made_edited_disabled_and_removed() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    let form = boss.get("/users/new").await;
    let person = [
        ("username", "erin"),
        ("full_name", "Erin"),
        ("email", "erin@example.test"),
        ("role", "portal"),
        ("tenant", "root"),
    ];
    let with = |password: &'static str| {
        person.into_iter().chain([("password", password), ("password_again", password)]).collect::<Vec<_>>()
    };
    boss.send_form(&form, "/users/new", &with("erin")).await.faults("password", "must not be the user name");
    let page = boss.send_form(&form, "/users/new", &with(NEW)).await;
    let erin = id(&app, "erin").await;
    page.is_at(&format!("/users/{erin}?notice=user_made")).says("erin@example.test");
    let mut erins = Visitor::at(&app);
    erins.sign_in("erin", NEW).await.is_at("/account");

    app.after(1);
    let edit = format!("/users/{erin}/edit");
    let form = boss.get(&edit).await;
    let typed: Vec<_> = person.into_iter().chain([("city", "Cork"), ("full_name", "Erin E.")]).collect();
    let typed: Vec<_> =
        typed.into_iter().filter(|(name, value)| *name != "full_name" || *value != "Erin").collect();
    boss.send_form(&form, &edit, &typed)
        .await
        .is_at(&format!("/users/{erin}?notice=user_saved"))
        .says("Erin E.")
        .says("Cork");
    let stale = boss.send_form(&form, &edit, &typed).await;
    assert_eq!(stale.status, 409);
    stale.says("Somebody else was faster");

    let page = boss.get(&format!("/users/{erin}")).await;
    page.says("Open: 1");
    let page = boss.send_form(&page, &format!("/users/{erin}/disable"), &[]).await;
    page.says("The account is disabled").says("erin disabled");
    erins.get("/account").await.is_at("/sign-in");
    erins.sign_in("erin", NEW).await.is_refused();

    let page = boss.get(&format!("/users/{erin}/remove")).await;
    page.says("Remove erin?");
    boss.send_form(&page, &format!("/users/{erin}/remove"), &[]).await.is_at("/users?notice=user_removed");
    assert_eq!(boss.get(&format!("/users/{erin}")).await.status, 404);
}

#[tokio::test]
async fn an_account_without_an_address_is_edited_and_disabled_and_stays_without_one() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    app.has(account("robot")).await;
    app.has(account("alice")).await;
    app.sql("UPDATE public.tm_user SET email = NULL, full_name = NULL WHERE username = 'robot'").await;
    let robot = id(&app, "robot").await;
    let edit = format!("/users/{robot}/edit");
    let form = boss.get(&edit).await;
    form.says("Without one the account gets no letters");
    let typed = |email: &'static str, name: &'static str| {
        [("username", name), ("full_name", name), ("email", email), ("role", "portal"), ("tenant", "root")]
    };
    let page = boss.send_form(&form, &edit, &typed("robot@", "robot")).await;
    page.faults("email", "This is not an e-mail address.");
    let page = boss.send_form(&form, &edit, &typed("", "robot")).await;
    page.is_at(&format!("/users/{robot}?notice=user_saved")).says("E-mail address None").says("portal");
    let page = boss.send_form(&page, &format!("/users/{robot}/disable"), &[]).await;
    page.says("The account is disabled").says("E-mail address None").says("Name robot");

    let alice = format!("/users/{}/edit", id(&app, "alice").await);
    let form = boss.get(&alice).await;
    assert!(!form.words().contains("Without one"), "{}", form.words());
    let page = boss.send_form(&form, &alice, &typed(" ", "alice")).await;
    page.faults("email", "Type an e-mail address.");
}

#[tokio::test]
async fn a_reset_is_sent_and_sessions_are_ended_for_somebody_else() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let id = id(&app, "alice").await;
    let page = boss.get(&format!("/users/{id}")).await;
    let page = boss.send_form(&page, &format!("/users/{id}/send-reset"), &[]).await;
    page.says("A letter is on its way");
    alice.get("/account").await.is_at("/account");
    boss.send_form(&page, &format!("/users/{id}/end-sessions"), &[])
        .await
        .says("All sessions of the account have ended.");
    alice.get("/account").await.is_at("/sign-in");
    let key = app.deliver().await.only_letter_to("alice@example.test").reset_key();
    let form = alice.get(&format!("/reset-password?token={key}")).await;
    let typed = [("password", NEW), ("password_again", NEW)];
    alice.send_form(&form, "/reset-password", &typed).await.is_at("/reset-password/done");
    alice.sign_in("alice", NEW).await.is_at("/account");
    Visitor::at(&app).sign_in("alice", PASSWORD).await.is_refused();
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_hold_or_touches_who_holds_more() {
    let app = TestApp::start().await;
    administrator(&app).await;
    app.has(with_role("clerk", "operations")).await;
    let mut clerk = Visitor::signed_in(&app, "clerk").await;
    let form = clerk.get("/users/invite").await;
    assert!(!form.text.contains("value=\"admin\""), "what can't be given is not offered");
    let typed = [("email", "x@example.test"), ("role", "admin"), ("tenant", "root")];
    clerk.send_form(&form, "/users/invite", &typed).await.faults("role", "Only somebody who holds them");
    let boss = id(&app, "boss").await;
    let page = clerk.get(&format!("/users/{boss}")).await;
    for act in ["disable", "end-sessions"] {
        let token = page.field("/sign-out", "form_token");
        let refused = clerk.post(&format!("/users/{boss}/{act}"), &[("form_token", &token)]).await;
        assert!(matches!(refused.status, 403 | 409), "{act}: {}", refused.status);
        refused.says("Only somebody who holds them");
    }
    assert_eq!(clerk.get(&format!("/users/{boss}/remove")).await.status, 403, "without USER:DELETE");
    assert_eq!(app.number("SELECT count(*) FROM latchkey.session").await, 2);
}

#[tokio::test]
async fn users_of_other_tenants_are_not_there() {
    let app = TestApp::start().await;
    app.sql(
        "INSERT INTO public.tenant (name, active, parent_id) SELECT name, true, root.id \
         FROM (SELECT id FROM public.tenant WHERE name = 'root') root, (VALUES ('north'), ('south')) AS t (name)",
    )
    .await;
    for (name, tenant) in [("nora", "north"), ("sven", "south")] {
        let mut newcomer = account(name);
        (newcomer.tenant, newcomer.role) = (tenant.to_owned(), "admin".to_owned());
        app.has(newcomer).await;
    }
    let mut nora = Visitor::signed_in(&app, "nora").await;
    let page = nora.get("/users").await;
    page.says("nora@example.test");
    assert!(!page.words().contains("sven"), "{}", page.words());
    let sven = id(&app, "sven").await;
    let token = page.field("/sign-out", "form_token");
    for place in ["", "/edit", "/remove"] {
        assert_eq!(nora.get(&format!("/users/{sven}{place}")).await.status, 404, "{place}");
    }
    for act in ["edit", "disable", "remove", "send-reset", "end-sessions", "invite"] {
        let answer = nora.post_once(&format!("/users/{sven}/{act}"), &[("form_token", &token)]).await;
        assert_eq!(answer.status, 404, "{act}");
    }
    let answer = nora.get("/outbox").await;
    assert_eq!(answer.status, 403);
    answer.says("members of the topmost tenant only");
    assert!(answer.text.contains(">Users</a>") && answer.text.contains(">Roles</a>"), "{}", answer.text);
    let out = nora.send_form(&answer, "/sign-out", &[]).await;
    out.is_at("/sign-in?notice=signed_out");
    assert_eq!(app.deliver().await.count(), 0);
}

#[tokio::test]
async fn without_the_permission_there_is_no_page_and_no_link_to_it() {
    let app = TestApp::start().await;
    app.sql(
        "DELETE FROM public.role_capability USING public.role r WHERE r.id = role_id AND r.name = 'portal'",
    )
    .await;
    app.has(with_role("pat", "portal")).await;
    let mut pat = Visitor::signed_in(&app, "pat").await;
    let page = pat.get("/account").await;
    for place in [
        "/users",
        "/users/new",
        "/users/invite",
        "/users/1",
        "/users/1/edit",
        "/roles",
        "/roles/new",
        "/roles/1",
        "/tenants",
        "/tenants/new",
        "/tenants/1",
        "/outbox",
    ] {
        let refused = pat.get(place).await;
        assert_eq!(refused.status, 403, "{place}");
        refused.says("This is not open to you").says("Go to your account");
        assert!(refused.text.contains("<a href=\"&#x2f;account\">Account</a>"), "{}", refused.text);
        assert!(!page.text.contains(&format!("href=\"{place}\"")), "{place}");
    }
}
