//! Nothing is taken that is larger than anybody needs, and each refusal is in the words of whoever is at home there.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{TestApp, account};

#[tokio::test]
async fn a_body_that_is_too_deep_too_wide_or_too_long_is_refused() {
    let app = TestApp::start().await;
    let guest = app.anonymous();
    let deep = format!("{{\"u\":{}1{}}}", "[".repeat(40), "]".repeat(40));
    let members: Vec<_> = (0..300).map(|number| format!("\"{number}\":1")).collect();
    let wide = format!("{{{}}}", members.join(","));
    let long = format!("{{\"u\":\"{}\"}}", "x".repeat(70_000));
    for (body, status, says) in [
        (&deep, 400, "the body has more than 32 objects and lists within each other"),
        (&wide, 400, "the body has an object of more than 256 members"),
        (&long, 413, "The body is larger than 65536 bytes."),
    ] {
        guest.send("POST", "user/login", Some(body.clone())).await.refuses(status, says);
    }
    for path in ["/v1/users/signin", "/v1/users/reset", "/oauth", "/login", "/password-reset"] {
        for body in [&deep, &wide, &long] {
            let json = guest.with("Content-Type", "application/json");
            let answer = json.send("POST", path, Some(body.clone())).await;
            assert!([400, 413, 422].contains(&answer.status), "{path}: {}", answer.status);
        }
        let form = guest.with("Content-Type", "application/x-www-form-urlencoded");
        let answer = form.send("POST", path, Some("email=a&".repeat(300))).await;
        assert!([400, 413, 422].contains(&answer.status), "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn a_head_that_is_too_long_or_has_too_many_lines_is_refused() {
    let app = TestApp::start().await;
    let guest = app.anonymous();
    let query = format!("ping?x={}", "x".repeat(9000));
    guest.get(&query).await.refuses(400, "Path and query are longer than 8192 bytes.");
    let crowded = (0..70).fold(guest.clone(), |client, number| client.with(&format!("X-{number}"), "x"));
    crowded.get("ping").await.refuses(400, "There are more than 64 headers.");
    let wide = guest.with("X-Wide", &"x".repeat(17_000));
    wide.get("ping").await.refuses(400, "A header is longer than 16384 bytes.");
    for path in ["/v1/users/signout", "/logout", "/sign-in"] {
        assert_eq!(wide.get(path).await.status, 400, "{path}");
    }
    assert_eq!(guest.with("X-Wide", &"x".repeat(15_000)).get("ping").await.status, 200);
}

#[tokio::test]
async fn a_text_that_is_stored_is_short() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let whole = json!({ "username": "bob", "email": "bob@example.test", "fullName": "Bob", "role": "read-only",
        "tenantId": 1, "localPasswd": "eleven quiet lanterns" });
    let with = |field: &str, text: String| -> Value {
        let mut sent = whole.clone();
        sent[field] = text.into();
        sent
    };
    let wanted = "a text of at most 255 characters without control characters";
    for field in
        ["fullName", "company", "city", "country", "postalCode", "addressLine2", "stateOrProvince", "ucdn"]
    {
        let refused = root.post("users", with(field, "é".repeat(256))).await;
        refused.refuses(400, &format!("{field}: must be {wanted}"));
    }
    root.post("users", with("username", "x".repeat(256))).await.refused_with(400);
    root.post("users", with("email", format!("{}@b.test", "x".repeat(250)))).await.refused_with(400);
    root.post("users", with("localPasswd", "x".repeat(1025))).await.refused_with(400);
    root.post("users", with("publicSshKey", "x".repeat(8001))).await.refused_with(400);
    let named = |name: String| json!({ "name": name, "description": "x", "permissions": [] });
    root.post("roles", named("x".repeat(256)))
        .await
        .refuses(400, "'name' cannot have more than 255 characters");
    let many: Vec<_> = (0..1001).map(|number| format!("P{number}")).collect();
    let role = json!({ "name": "many", "description": "x", "permissions": many });
    root.post("roles", role).await.refuses(400, "permissions: must be a list of at most 1000 texts");
    for longest in [with("fullName", "é".repeat(255)), with("publicSshKey", "x".repeat(8000))] {
        let mut made = longest;
        made["username"] = format!("bob{}", made["fullName"].as_str().unwrap().len()).into();
        made["email"] = format!("{}@example.test", made["username"].as_str().unwrap()).into();
        assert_eq!(root.post("users", made).await.status, 201);
    }
}

#[tokio::test]
async fn whoever_signs_in_with_too_much_hears_what_everybody_hears() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let guest = app.anonymous();
    for (name, password) in [("x".repeat(5000), "x".repeat(20)), ("alice".to_owned(), "x".repeat(5000))] {
        let answer = guest.post("user/login", json!({ "u": name, "p": password })).await;
        answer.refuses(401, "Invalid username or password.");
    }
}

#[tokio::test]
async fn a_body_that_is_announced_as_too_large_is_not_waited_for() {
    let app = TestApp::start().await;
    let mut socket = TcpStream::connect(app.address()).await.unwrap();
    let head = "POST /api/5.0/user/login HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut heard = [0; 12];
    socket.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"HTTP/1.1 413");
}
