//! Leaving in good order.

use latchkey::server::Limits;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::Instant};

use super::house::{House, answer, get, ms, patient, until_closed};

#[tokio::test]
async fn a_stop_finishes_the_running_call_and_takes_no_new_connection() {
    let house = House::open(patient()).await;
    let running = house.say(&get("slow")).await;
    house.slow_call_has_begun().await;
    let mut idle = house.say(&get("quick")).await;
    answer(&mut idle, "quick").await;
    house.stop.send(true).unwrap();
    assert_eq!(until_closed(&mut idle).await, "");
    assert!(TcpStream::connect(house.address).await.is_err(), "a new connection was taken");
    house.closes_after(running).await;
}

#[tokio::test]
async fn a_request_that_arrives_with_the_stop_is_still_answered() {
    let house = House::open(patient()).await;
    let mut busy = house.say(&get("quick")).await;
    answer(&mut busy, "quick").await;
    house.stop.send(true).unwrap();
    busy.write_all(get("quick").as_bytes()).await.unwrap();
    let heard = until_closed(&mut busy).await;
    assert!(heard.contains("connection: close\r\n") && heard.ends_with("quick"), "{heard}");
}

#[tokio::test]
async fn a_stop_cuts_what_is_half_sent_at_its_deadline() {
    let house = House::open(Limits { drain_timeout: ms(200), ..patient() }).await;
    let mut half_head = house.say("GET /quick HT").await;
    let mut half_body = house.say("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf").await;
    answer(&mut house.say(&get("quick")).await, "quick").await;
    let start = Instant::now();
    house.stop.send(true).unwrap();
    house.closes().await;
    assert!(start.elapsed() >= ms(200), "cut before its deadline");
    assert_eq!(until_closed(&mut half_head).await, "");
    assert_eq!(until_closed(&mut half_body).await, "");
}

#[tokio::test]
async fn a_full_house_stops_too() {
    let house = House::open(Limits { connections: 1, ..patient() }).await;
    let mut seated = house.say(&get("quick")).await;
    answer(&mut seated, "quick").await;
    let _waiting = house.say(&get("quick")).await;
    house.stop.send(true).unwrap();
    house.closes().await;
}
