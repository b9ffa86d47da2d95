//! HTTP/1 on a raw socket.

use latchkey::server::Limits;
use tokio::{io::AsyncWriteExt, time::timeout};

use super::house::{House, NEVER, get, patient, until_closed};

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let house = House::open(patient()).await;
    let last = "GET /end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let words =
        format!("{}POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345{last}", get("who"));
    let mut socket = house.say(&words).await;
    let own = "127.0.0.1 openly";
    let heard = until_closed(&mut socket).await;
    assert_eq!(heard.matches("HTTP/1.1 200 ").count(), 3, "{heard}");
    let (who, length) = (heard.find(own).unwrap(), heard.find("\r\n\r\n5").unwrap());
    assert!(who < length && heard.ends_with("quick"), "{heard}");
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let house = House::open(patient()).await;
    let heard = until_closed(&mut house.say("GET /quick HTTP/1.0\r\n\r\n").await).await;
    assert!(heard.starts_with("HTTP/1.0 200 ") && heard.ends_with("quick"), "{heard}");
}

#[tokio::test]
async fn headers_beyond_the_limit_are_refused() {
    let house = House::open(Limits { header_bytes: 9000, ..patient() }).await;
    let words = format!("GET / HTTP/1.1\r\nX-Long: {}\r\n\r\n", "a".repeat(20_000));
    let heard = until_closed(&mut house.say(&words).await).await;
    assert!(heard.starts_with("HTTP/1.1 431 "), "{heard}");
}

#[tokio::test]
async fn an_answer_that_comes_before_the_whole_body_is_seen_by_who_is_still_sending() {
    let house = House::open(patient()).await;
    let mut socket = house.say("POST /quick HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n").await;
    let rest = vec![b'a'; 3_000_000];
    let _ = timeout(NEVER, socket.write_all(&rest)).await.expect("stuck");
    assert!(until_closed(&mut socket).await.ends_with("quick"));
}
