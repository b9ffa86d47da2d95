//! What goes out with every page: a strict policy, nothing kept, the house style when something is wrong.

use super::Visitor;
use crate::support::{TestApp, account};

#[tokio::test]
async fn every_page_goes_out_with_a_strict_policy_and_is_not_kept() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    for place in ["/account", "/account/sessions", "/no-such-page", "/reset-password"] {
        let page = alice.get(place).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_eq!(page.headers["referrer-policy"], "same-origin");
        assert!(!page.text.contains("<script") && !page.text.contains(" style="), "{}", page.text);
    }
}

#[tokio::test]
async fn what_goes_wrong_is_told_in_the_house_style() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let page = alice.get("/no-such-page").await;
    assert_eq!(page.status, 404);
    page.says("There is no such page");
    let answer = alice.once("DELETE", "/account", None).await;
    assert_eq!((answer.status, answer.headers["allow"].to_str().unwrap()), (405, "GET, HEAD, OPTIONS"));
    assert!(String::from_utf8(answer.body).unwrap().contains("/style.css"));
    let much = format!("full_name={}", "x".repeat(70_000));
    assert_eq!(alice.once("POST", "/account/profile", Some(much)).await.status, 413);
    app.lose_database().await;
    let page = alice.get("/account").await;
    assert_eq!((page.status, page.headers["retry-after"].to_str().unwrap()), (503, "2"));
    page.says("Not available just now").says("Try again in 2 seconds.");
}

#[tokio::test]
async fn the_style_sheet_is_kept_by_browsers_and_named_anew_when_it_changes() {
    let app = TestApp::start().await;
    let painted = TestApp::with(|config| config.pages.accent = Some("#ffd400".to_owned())).await;
    let href =
        |text: &str| text.split("stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let plain_name = href(&Visitor::at(&app).get("/").await.text);
    let painted_name = href(&Visitor::at(&painted).get("/").await.text);
    assert_ne!(plain_name, painted_name);
    let sheet = Visitor::at(&painted).once("GET", &painted_name, None).await;
    assert_eq!(sheet.headers["content-type"], "text/css; charset=utf-8");
    assert_eq!(sheet.headers["cache-control"], "max-age=31536000, immutable");
    let css = String::from_utf8(sheet.body).unwrap();
    assert!(css.contains("prefers-color-scheme:dark){:root{--accent:#ffd400;--on-accent:#000000}}"), "{css}");
}

#[tokio::test]
async fn the_operator_s_name_and_logo_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mark.svg");
    std::fs::write(&file, "<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap();
    let app = TestApp::with(|config| {
        config.pages.name = Some("Example <CDN>".to_owned());
        config.pages.logo = Some(file.clone());
    })
    .await;
    let mut guest = Visitor::at(&app);
    let page = guest.get("/sign-in").await;
    assert!(
        page.text.contains("Example &lt;CDN&gt;</a>") && page.text.contains("<img src=\"/logo\""),
        "{}",
        page.text
    );
    let logo = guest.once("GET", "/logo", None).await;
    assert_eq!((logo.status, logo.headers["content-type"].to_str().unwrap()), (200, "image/svg+xml"));
    assert!(logo.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    assert_eq!(Visitor::at(&TestApp::start().await).get("/logo").await.status, 404);
}
