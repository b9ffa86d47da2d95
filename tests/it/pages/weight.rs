//! What a page weighs, however much there is to show. What it costs is measured by `cargo bench --bench pages`.

#[path = "../../../benches/pages/full.rs"]
mod full;

use super::{Visitor, users::administrator};
use crate::{
    contract::wire::send,
    support::{PASSWORD, TestApp},
};

/// No page may be so large, in bytes before compression.
const HEAVIEST: usize = 30 * 1024;

/// Makes names and addresses longer than those that people have.
const LENGTHEN: &str = "
    UPDATE public.tenant SET name = name || ' with a long name' WHERE name LIKE 'a tenant%';
    UPDATE public.role SET name = name || ' with a long name' WHERE name LIKE 'a role%';
    UPDATE public.role_capability SET cap_name = cap_name || '-WITH-A-LONG-NAME' WHERE cap_name LIKE 'A-%';
    UPDATE public.tm_user SET username = username || '-of-some-length', full_name = full_name || ' and a Longer One',
        email = 'of.some.length.' || email WHERE username LIKE 'a-user-name%';
    UPDATE latchkey.outbox SET recipient = 'of.some.length.' || recipient;
";

#[tokio::test]
async fn no_page_weighs_more_than_thirty_kilobytes_however_much_there_is() {
    let app = TestApp::start().await;
    let boss = administrator(&app).await;
    app.sql(&full::rows("boss", "timestamptz '2026-11-21 12:00Z'")).await;
    let mut numbers = [0; 3];
    for (number, (_, query)) in numbers.iter_mut().zip(full::SUBJECTS) {
        *number = app.number(query).await;
    }
    app.sql(LENGTHEN).await;
    let session = format!("mojolicious={}", boss.cookie("mojolicious").unwrap());
    for page in full::pages(numbers, &session) {
        let headers: Vec<_> = page.cookie.map(|cookie| ("Cookie".to_owned(), cookie)).into_iter().collect();
        let answer = send(app.address(), "GET", &page.place, &headers, None).await;
        assert_eq!(answer.status, 200, "{}", page.name);
        assert!(answer.body.len() < HEAVIEST, "{} weighs {} bytes", page.name, answer.body.len());
    }
    let refused = Visitor::at(&app).sign_in(&"x".repeat(200), PASSWORD).await;
    assert!(refused.text.len() < HEAVIEST);
}
