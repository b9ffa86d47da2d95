//! Line feeds and terminal orders from strangers reach no header, no log line and no letter.
//!
//! Headers are `HeaderValue`s, which can't hold them; what is stored is refused at the edge; what is logged of a request
//! is its route, never its text.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    process::program::{ADMIN_PASSWORD, House},
    support::TestApp,
};

const ORDERS: [&str; 6] = [
    "a\r\nSet-Cookie: x=y",
    "a\nERROR forged line",
    "\u{1b}[31mred\u{1b}[2J",
    "a\u{85}b",
    "a\0b",
    "\u{9b}31m",
];

#[tokio::test]
async fn a_log_line_is_one_line_and_holds_no_orders_for_terminals() {
    for format in ["text", "json"] {
        let house = House::new().with("LATCHKEY_LOG__LEVEL", "debug").with("LATCHKEY_LOG__FORMAT", format);
        let server = house.serve();
        let guest = server.client("");
        for order in ORDERS {
            guest.post("user/login", json!({ "u": order, "p": ADMIN_PASSWORD })).await;
            guest.post("user/reset_password", json!({ "email": order })).await;
            let path: String = form_urlencoded::byte_serialize(order.as_bytes()).collect();
            guest.get(&format!("/api/5.0/{path}")).await;
            guest.get(&format!("/api/5.0/users?username={path}")).await;
        }
        let mut admin = server.client("admin");
        admin.sign_in(ADMIN_PASSWORD).await;
        for text in ["evil\tagent \u{e9}\u{200b}", "x' OR 1=1; --", "%0d%0aforged"] {
            admin.with("User-Agent", text).with("X-Request-Id", "%1b[31m").get("user/current").await;
        }
        let log = server.log();
        assert!(log.lines().count() > 10, "something was logged");
        for line in log.lines() {
            assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "{line:?}");
            assert!(
                line.starts_with("20") || line.starts_with("{\"timestamp\""),
                "no line of ours: {line:?}"
            );
            assert!(!line.contains("forged line"), "{line:?}");
        }
    }
}

#[tokio::test]
async fn a_header_never_repeats_line_feeds_of_a_stranger() {
    let app = TestApp::start().await;
    let guest = app.anonymous();
    for path in [
        "/sign-in?next=/account%0d%0aSet-Cookie:%20evil=1",
        "/api/5.0/%0d%0aSet-Cookie:%20evil=1",
        "/reset-password?token=%0d%0aSet-Cookie:%20evil=1",
        "/password-reset/%0d%0aSet-Cookie:%20evil=1",
        "/users?search=%0d%0aSet-Cookie:%20evil=1",
    ] {
        let answer = guest.get(path).await;
        assert!(
            !answer.headers.get_all("set-cookie").iter().any(|line| line.as_bytes().starts_with(b"evil"))
        );
        assert!(answer.status < 500, "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn control_characters_are_refused_wherever_a_text_is_stored() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let whole = json!({ "username": "bob", "email": "bob@example.test", "fullName": "Bob", "role": "read-only",
        "tenantId": 1, "localPasswd": "eleven quiet lanterns" });
    for field in
        ["username", "email", "fullName", "role", "company", "city", "phoneNumber", "addressLine1", "ucdn"]
    {
        for order in ORDERS {
            let mut sent = whole.clone();
            sent[field] = order.into();
            assert_eq!(root.post("users", sent).await.status, 400, "{field}: {order:?}");
        }
    }
    for order in ORDERS {
        let role = json!({ "name": order, "description": "x", "permissions": [] });
        assert_eq!(root.post("roles", role).await.status, 400, "{order:?}");
        let tenant = json!({ "name": order, "active": true, "parentId": 1 });
        assert_eq!(root.in_version("4.1").post("tenants", tenant).await.status, 400, "{order:?}");
        let invited = json!({ "email": order, "role": "read-only", "tenantId": 1 });
        assert_eq!(root.post("users/register", invited).await.status, 400, "{order:?}");
    }
    assert_eq!(app.deliver().await.count(), 0, "no letter went anywhere");
    let mut keyed = whole;
    keyed["publicSshKey"] = "ssh-ed25519 AAAAC3Nza bob@example.test\n".into();
    assert_eq!(root.post("users", keyed).await.status, 201, "a key's file ends with a line feed");
}

/// A header that holds them is no HTTP, and is refused before anything of ours sees it.
#[tokio::test]
async fn a_head_with_orders_for_terminals_is_refused() {
    let app = TestApp::start().await;
    for order in ["\u{1b}[31m", "a\u{7}b", "a\u{7f}", "a\0b"] {
        let mut stream = TcpStream::connect(app.address()).await.unwrap();
        let head = format!("GET /api/5.0/ping HTTP/1.1\r\nHost: a.test\r\nUser-Agent: {order}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 400", "{order:?}");
    }
}
