//! An administrator's day: roles, tenants, letters.

use super::{Visitor, users::administrator};
use crate::support::{TestApp, account};

#[tokio::test]
async fn a_role_is_made_changed_and_removed() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    boss.get("/roles").await.says("admin Has access to everything").says("all");
    let form = boss.get("/roles/new").await;
    let page = boss.send_form(&form, "/roles/new", &[("name", ""), ("permission", "USER:READ")]).await;
    page.faults("name", "Type a name").faults("description", "Say what the role is for.");
    assert!(page.text.contains("value=\"USER:READ\" checked"), "what was ticked is kept");
    let typed = [
        ("name", "clerk"),
        ("description", "Looks things up"),
        ("permission", "USER:READ"),
        ("permission", "ROLE:READ"),
        ("others", "DELIVERY-SERVICE:READ\nCDN:READ"),
    ];
    boss.send_form(&form, "/roles/new", &typed)
        .await
        .is_at("/roles?notice=role_saved")
        .says("clerk Looks things up 4");
    let id = app.number("SELECT id FROM public.role WHERE name = 'clerk'").await;
    let place = format!("/roles/{id}");
    app.after(1);
    let form = boss.get(&place).await;
    assert!(form.text.contains("CDN:READ\nDELIVERY-SERVICE:READ</textarea>"), "{}", form.text);
    let typed = [("name", "clerk"), ("description", "Reads"), ("permission", "USER:READ")];
    boss.send_form(&form, &place, &typed).await.says("clerk Reads 1");
    let stale = boss.send_form(&form, &place, &typed).await;
    assert_eq!(stale.status, 409);
    let page = boss.get(&place).await;
    boss.send_form(&page, &format!("{place}/remove"), &[]).await.is_at("/roles?notice=role_removed");
}

#[tokio::test]
async fn roles_that_are_needed_stay() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    let token = boss.get("/roles").await.field("/sign-out", "form_token");
    app.has(account("reader")).await;
    for (name, text) in [
        ("admin", "Users still have this role: 1."),
        ("disallowed", "keeps its name"),
        ("read-only", "Users still have this role: 1."),
    ] {
        let id = app.number(&format!("SELECT id FROM public.role WHERE name = '{name}'")).await;
        let page = boss.post(&format!("/roles/{id}/remove"), &[("form_token", &token)]).await;
        assert_eq!(page.status, 409, "{name}");
        page.says(text);
    }
    let admin = app.number("SELECT id FROM public.role WHERE name = 'admin'").await;
    let page = boss.get(&format!("/roles/{admin}")).await;
    page.says("This role may do everything. It can't be changed.");
    assert!(!page.words().contains("Save"));
}

#[tokio::test]
async fn a_tenant_is_made_moved_put_to_sleep_and_removed() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    let form = boss.get("/tenants/new").await;
    let page = boss.send_form(&form, "/tenants/new", &[("name", " "), ("parent", "nowhere")]).await;
    page.faults("name", "Type a name").faults("parent", "no such tenant");
    for (name, parent) in [("north", "root"), ("harbour", "north")] {
        let typed = [("name", name), ("parent", parent), ("active", "1")];
        boss.send_form(&form, "/tenants/new", &typed).await.is_at("/tenants?notice=tenant_saved");
    }
    let page = boss.get("/tenants").await;
    page.says("root active north root active harbour north active unassigned root active");
    let id = app.number("SELECT id FROM public.tenant WHERE name = 'north'").await;
    let place = format!("/tenants/{id}");
    let form = boss.get(&place).await;
    let under_itself = [("name", "north"), ("parent", "harbour")];
    boss.send_form(&form, &place, &under_itself).await.faults("parent", "can't be under itself");
    let asleep = [("name", "Nord"), ("parent", "unassigned")];
    boss.send_form(&form, &place, &asleep).await.says("unassigned root active Nord unassigned inactive");
    let page = boss.get(&place).await;
    let kept = boss.send_form(&page, &format!("{place}/remove"), &[]).await;
    assert_eq!(kept.status, 409);
    kept.says("still in use");
    let below = app.number("SELECT id FROM public.tenant WHERE name = 'harbour'").await;
    let page = boss.get(&format!("/tenants/{below}")).await;
    boss.send_form(&page, &format!("/tenants/{below}/remove"), &[])
        .await
        .is_at("/tenants?notice=tenant_removed");
}

#[tokio::test]
async fn many_tenants_are_typed_instead_of_listed_and_found_by_a_part_of_their_name() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    app.sql(
        "INSERT INTO public.tenant (name, active, parent_id) SELECT 'branch ' || n, true, id \
         FROM generate_series(1, 200) n, public.tenant WHERE name = 'root'",
    )
    .await;
    let form = boss.get("/users/invite").await;
    assert!(!form.text.contains("branch 7"), "202 options are none");
    let typed = [("email", "carol@example.test"), ("role", "read-only"), ("tenant", "branch 77")];
    boss.send_form(&form, "/users/invite", &typed)
        .await
        .is_at("/users?state=invited&notice=invited")
        .says("branch 77");
    let found = boss.get("/tenants?search=CH+77").await;
    assert_eq!(found.text.matches("<tr").count(), 2, "the head and one tenant");
    boss.get("/tenants?page=9").await.says("Back Page 9");
}

#[tokio::test]
async fn letters_are_seen_waiting_sent_and_failed_and_sent_again() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    app.has(account("alice")).await;
    let mut guest = Visitor::at(&app);
    let form = guest.get("/forgot-password").await;
    guest.send_form(&form, "/forgot-password", &[("email", "alice@example.test")]).await;
    boss.get("/outbox")
        .await
        .says("Letters that wait: 1. The oldest was promised just now")
        .says("Reset #1 alice@example.test");
    app.sql("UPDATE latchkey.outbox SET given_up_at = promised_at, last_failure = '550 <no> such user', attempts = 3").await;
    let page = boss.get("/outbox?state=failed").await;
    page.says("No letter waits.").says("failed Tries so far: 3. 550 <no> such user Send again");
    boss.send_form(&page, "/outbox/1/retry", &[])
        .await
        .is_at("/outbox?notice=letter_due")
        .says("sent again now");
    app.deliver().await.only_letter_to("alice@example.test");
    let page = boss.get("/outbox?state=sent").await;
    page.says("no longer kept");
    assert!(!page.text.contains("/retry"), "what was sent is not sent again");
}
