//! Two latchkeys on one database.

use serde_json::json;

use super::program::{ADMIN_PASSWORD, House};
use crate::support::empty_database_url;

#[tokio::test]
async fn two_latchkeys_start_together_on_one_database_and_share_it() {
    let url = empty_database_url().await;
    let secret = r#"["a secret that both have"]"#;
    let houses = [House::new(), House::new()]
        .map(|house| house.with("LATCHKEY_SESSION__SECRETS", secret).with("LATCHKEY_DATABASE__URL", &url));
    let [one, other] = houses.each_ref().map(|house| house.begin(&[]));
    let [one, other] = [one, other].map(super::program::Beginning::ready);
    let made =
        [&one, &other].map(|server| server.said.iter().any(|line| line.contains("First administrator")));
    assert!(made[0] != made[1], "one of them made the administrator: {made:?}");

    let mut admin = one.client("admin");
    admin.sign_in(ADMIN_PASSWORD).await;
    let there = admin.at(other.address);
    let answer = there.get("user/current").await;
    assert_eq!((answer.status, &answer.json()["response"]["username"]), (200, &json!("admin")));
    assert_eq!(admin.get("user/current").await.status, 200);

    there.post("user/logout", json!({})).await.says("You are logged out.");
    assert_eq!(admin.get("user/current").await.status, 401, "it has ended here");
    assert_eq!(there.get("user/current").await.status, 401, "and there");
}
