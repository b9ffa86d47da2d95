//! What 3.x still has of capabilities.

use serde_json::json;

use crate::support::{TestApp, UP_TO_3, account};

#[tokio::test]
async fn capabilities_of_3_x_are_empty_and_go_with_a_warning() {
    let app = TestApp::start().await;
    let reader = app.signed_in(account("reader")).await;
    for version in UP_TO_3 {
        let reader = reader.in_version(version);
        for path in ["capabilities", "capabilities/", "api_capabilities", "api_capabilities/"] {
            let body = String::from_utf8(reader.get(path).await.body).unwrap();
            let text = "This endpoint is deprecated, and will be removed in the future";
            let wanted =
                format!("{{\"alerts\":[{{\"text\":\"{text}\",\"level\":\"warning\"}}],\"response\":[]}}\n");
            assert_eq!(body, wanted, "{version} {path}");
        }
    }
    assert_eq!(reader.get("capabilities").await.status, 404);
    app.sql(
        "INSERT INTO capability (name, description, last_updated) VALUES ('look', 'Look', '2018-12-12T16:26:32Z'); \
         INSERT INTO api_capability (http_method, route, capability, last_updated) \
         VALUES ('GET', '/users', 'look', '2018-12-12T16:26:32Z')",
    )
    .await;
    let (old, time) = (reader.in_version("3.1"), "2018-12-12 16:26:32+00");
    let shown = json!([{ "description": "Look", "lastUpdated": time, "name": "look" }]);
    assert_eq!(old.get("capabilities?name=look").await.json()["response"].to_string(), shown.to_string());
    let shown = json!([{ "id": 1, "httpMethod": "GET", "httpRoute": "/users", "capability": "look", "lastUpdated": time }]);
    assert_eq!(old.get("api_capabilities?id=1").await.json()["response"].to_string(), shown.to_string());
    assert_eq!(old.get("api_capabilities?capability=other").await.json()["response"], json!([]));
}
