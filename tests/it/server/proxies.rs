//! Who is believed about the client's address and protocol, and what follows from it.

use latchkey::{
    config::Config,
    server::{Entrance, ForwardedHeader, Listen, SocketMode, TrustedProxies},
};
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::UnixStream};

use super::house::{House, answer, patient};
use crate::support::{PASSWORD, TestApp, account};

/// Who the client is, by a request with these headers, to a listener that believes these proxies.
async fn who(proxies: &[&str], header: ForwardedHeader, headers: &str) -> String {
    let listed = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
    let listen: Listen = "127.0.0.1:0".parse().unwrap();
    let entrance = Entrance::open(&listen, SocketMode::default(), None).await.unwrap();
    let house = House::at(entrance.behind(TrustedProxies::new(listed, header)), patient());
    let request = format!("GET /who HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    let heard = answer(&mut house.say(&request).await, "ly").await;
    heard.rsplit_once("\r\n\r\n").unwrap().1.to_owned()
}

const FOR: ForwardedHeader = ForwardedHeader::XForwardedFor;

#[tokio::test]
async fn listed_proxies_are_believed_and_nobody_else() {
    let words = "X-Forwarded-For: 203.0.113.9, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n";
    assert_eq!(who(&["127.0.0.0/8"], FOR, words).await, "192.0.2.7 securely");
    assert_eq!(who(&["127.0.0.1", "192.0.2.0/24"], FOR, words).await, "203.0.113.9 securely");
    for strangers in [&[][..], &["10.0.0.0/8", "unix"][..]] {
        assert_eq!(who(strangers, FOR, words).await, "127.0.0.1 openly");
    }
}

#[tokio::test]
async fn the_header_that_is_not_named_is_not_read() {
    let words = "Forwarded: for=\"[2001:db8::7]:443\";proto=https\r\n";
    assert_eq!(who(&["127.0.0.1"], ForwardedHeader::Forwarded, words).await, "2001:db8::7 securely");
    assert_eq!(who(&["127.0.0.1"], FOR, words).await, "127.0.0.1 openly");
}

#[tokio::test]
async fn a_proxy_on_a_unix_socket_is_believed_where_unix_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.sock");
    let listen: Listen = format!("unix:{}", path.display()).parse().unwrap();
    let entrance = Entrance::open(&listen, SocketMode::default(), None).await.unwrap();
    let _house =
        House::at(entrance.behind(TrustedProxies::new(vec!["unix".parse().unwrap()], FOR)), patient());
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"GET /who HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n").await.unwrap();
    answer(&mut stream, "192.0.2.7 openly").await;
}

fn behind_a_proxy(config: &mut Config) {
    config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
}

#[tokio::test]
async fn cookies_are_secure_when_a_trusted_proxy_says_that_the_client_came_by_tls() {
    let credentials = json!({ "u": "alice", "p": PASSWORD });
    for trusted in [true, false] {
        let app = TestApp::with(|config| {
            if trusted {
                behind_a_proxy(config)
            }
        })
        .await;
        let alice = app.has(account("alice")).await;
        for (scheme, wanted) in [("https", trusted), ("http", false)] {
            let client = alice.with("X-Forwarded-Proto", scheme);
            let answer = client.post("user/login", credentials.clone()).await;
            assert_eq!(answer.status, 200);
            let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
            assert!(!cookies.is_empty());
            for cookie in cookies {
                let secure = cookie.to_str().unwrap().ends_with("; Secure");
                assert_eq!(secure, wanted, "{scheme}, trusted: {trusted}: {cookie:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_session_is_remembered_with_the_address_that_the_proxy_names() {
    let app = TestApp::with(behind_a_proxy).await;
    let mut alice = app.has(account("alice")).await.with("X-Forwarded-For", "203.0.113.9, 192.0.2.7");
    alice.sign_in(PASSWORD).await;
    let from = "SELECT count(*) FROM latchkey.session WHERE address = '192.0.2.7'";
    assert_eq!(app.number(from).await, 1);
}
