//! What another site can do with the session of whoever visits it: nothing.

use super::{
    driver::Driver,
    house::{House, PASSWORD},
    person::Person,
};

#[tokio::test]
async fn a_form_on_another_site_changes_nothing() {
    let (house, driver) = (House::open(), Driver::start().await);
    house.has("alice", "read-only");
    let alice = Person::at(&driver, &house.url, true).await;
    alice.signs_in("alice", PASSWORD).await;
    alice.sees("/account", "alice@example.test").await;
    for action in ["/sign-out", "/account/sessions/end-others", "/account/profile"] {
        let page = format!(
            "data:text/html,<form method=post action='{}{action}'><input name=full_name value=Eve><button>Win a prize</button></form>",
            house.url
        );
        alice.client.goto(&page).await.unwrap();
        alice.presses("Win a prize").await;
        alice.open("/account").await;
        alice.sees("/account", "alice@example.test").await;
        assert!(!alice.words().await.contains("Eve"), "{action}");
    }
    assert_eq!(house.number("SELECT count(*) FROM latchkey.session").await, 1);
    alice.client.close().await.unwrap();
}
