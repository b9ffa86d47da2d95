//! Caps: on all connections, on those of one address, on calls at work.

use latchkey::server::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::house::{House, NEVER, answer, get, ms, patient, until_closed};

#[tokio::test]
async fn the_cap_holds_and_a_freed_seat_is_taken_by_who_waited() {
    let house = House::open(Limits { connections: 2, ..patient() }).await;
    let mut seated = Vec::new();
    for _ in 0..2 {
        let mut socket = house.say(&get("quick")).await;
        answer(&mut socket, "quick").await;
        seated.push(socket);
    }
    let mut waiting = house.say(&get("quick")).await;
    assert!(timeout(ms(100), waiting.readable()).await.is_err(), "a third connection was served");
    seated.pop();
    answer(&mut waiting, "quick").await;
}

#[tokio::test]
async fn silent_connections_give_their_seats_back() {
    let house = House::open(Limits { connections: 2, header_timeout: ms(100), ..patient() }).await;
    let _silent = [house.say("").await, house.say("GET /").await];
    answer(&mut house.say(&get("quick")).await, "quick").await;
}

#[tokio::test]
async fn an_address_has_its_share_and_others_have_theirs() {
    let house = House::open(Limits { connections_per_address: 2, ..patient() }).await;
    let mut seated = Vec::new();
    for _ in 0..2 {
        let mut socket = house.say(&get("quick")).await;
        answer(&mut socket, "quick").await;
        seated.push(socket);
    }
    let mut third = TcpStream::connect(house.address).await.unwrap();
    assert_eq!(until_closed(&mut third).await, "", "closed at once, without a word");
    let mut elsewhere = from("127.0.0.2", &house).await;
    answer(&mut elsewhere, "quick").await;
    drop(seated);
    // The seats are free when the server has seen the ends.
    let served = async {
        loop {
            let mut socket = TcpStream::connect(house.address).await.unwrap();
            let _ = socket.write_all(get("quick").as_bytes()).await;
            if socket.read(&mut [0; 64]).await.is_ok_and(|count| count > 0) {
                return;
            }
        }
    };
    timeout(NEVER, served).await.expect("the seats stay taken");
}

/// A connection from another address of this machine, on which a request was sent.
async fn from(address: &str, house: &House) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(house.address).await.unwrap();
    stream.write_all(get("quick").as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn calls_beyond_what_can_be_at_work_are_told_to_come_again() {
    let house = House::open(Limits { calls: 1, ..patient() }).await;
    let mut running = house.say(&get("slow")).await;
    house.slow_call_has_begun().await;
    let mut shed = house.say(&get("quick")).await;
    let heard = answer(&mut shed, "refused /quick").await;
    assert!(heard.starts_with("HTTP/1.1 503 ") && !heard.contains("connection: close"), "{heard}");
    house.turnstile.go.add_permits(1);
    answer(&mut running, "slow").await;
    shed.write_all(get("quick").as_bytes()).await.unwrap();
    assert!(answer(&mut shed, "quick").await.starts_with("HTTP/1.1 200 "), "the connection is kept");
}

#[tokio::test]
async fn half_sent_bodies_keep_nobody_out() {
    let house = House::open(Limits { calls: 1, ..patient() }).await;
    let words = "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf";
    let mut halves = Vec::new();
    for _ in 0..4 {
        halves.push(house.say(words).await);
    }
    let mut slow = house.say(&get("slow")).await;
    house.slow_call_has_begun().await;
    house.turnstile.go.add_permits(1);
    answer(&mut slow, "slow").await;
    for mut half in halves {
        half.write_all(b" done").await.unwrap();
        assert!(answer(&mut half, "\r\n\r\n9").await.starts_with("HTTP/1.1 200 "));
    }
}
