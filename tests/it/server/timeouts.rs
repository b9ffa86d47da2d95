//! Who is slow is cut off in time, and hears of it where there is something to answer.

use latchkey::server::Limits;
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, timeout},
};

use super::house::{House, NEVER, answer, get, ms, patient, until_closed};

#[tokio::test]
async fn whoever_says_nothing_or_half_a_request_is_cut_off_in_time() {
    let house = House::open(Limits { header_timeout: ms(100), ..patient() }).await;
    for words in ["", "GET /qui", "GET /quick HTTP/1.1\r\nHost: x\r\nX-Slow:"] {
        let start = Instant::now();
        assert_eq!(until_closed(&mut house.say(words).await).await, "", "after {words:?}");
        assert!(start.elapsed() >= ms(100), "cut off too early after {words:?}");
    }
}

#[tokio::test]
async fn headers_that_drip_do_not_stretch_their_time() {
    let house = House::open(Limits { header_timeout: ms(150), ..patient() }).await;
    let mut socket = house.say("").await;
    let mut drip = tokio::time::interval(ms(10));
    let dripping = async {
        while socket.write_all(b"G").await.is_ok() {
            drip.tick().await;
        }
    };
    timeout(NEVER, dripping).await.expect("it may drip for ever");
}

#[tokio::test]
async fn half_a_body_is_answered_with_408_in_the_envelope_and_the_connection_closed() {
    let house = House::open(Limits { call_timeout: ms(100), ..patient() }).await;
    let words = "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf";
    let heard = until_closed(&mut house.say(words).await).await;
    assert!(heard.starts_with("HTTP/1.1 408 "), "{heard}");
    assert!(heard.contains("connection: close\r\n") && heard.ends_with("refused /length"), "{heard}");
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_our_fault_and_so_is_one_that_breaks() {
    let house = House::open(Limits { call_timeout: ms(100), ..patient() }).await;
    for (path, status) in [("slow", "503"), ("broken", "500")] {
        let heard = until_closed(&mut house.say(&get(path)).await).await;
        assert!(heard.starts_with(&format!("HTTP/1.1 {status} ")), "{heard}");
        assert!(heard.ends_with(&format!("refused /{path}")), "{heard}");
    }
}

#[tokio::test]
async fn a_connection_is_kept_between_requests_and_closed_when_it_lies_idle() {
    let house = House::open(Limits { header_timeout: ms(100), idle_timeout: ms(400), ..patient() }).await;
    let (mut socket, mut start) = (house.say("").await, Instant::now());
    for _ in 0..3 {
        start = Instant::now();
        socket.write_all(get("quick").as_bytes()).await.unwrap();
        assert!(answer(&mut socket, "quick").await.starts_with("HTTP/1.1 200 "));
    }
    assert_eq!(until_closed(&mut socket).await, "");
    assert!(start.elapsed() >= ms(400), "idle time and header time are two things");
}
