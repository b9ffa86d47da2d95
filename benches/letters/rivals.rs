//! The same letters without an outbox: finished messages, and lettre.

use std::time::Instant;

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    address::Envelope,
    transport::smtp::{client::AsyncSmtpConnection, extension::ClientId},
};
use tokio::{net::TcpStream, task::JoinSet};

use super::{house::relay::Relay, rate};

/// A message of the size of a reset letter.
fn message(number: usize) -> Vec<u8> {
    let text = "A line of about seventy characters, of which a letter has some sixty.\r\n".repeat(60);
    format!("From: latchkey@example.test\r\nTo: user{number}@example.test\r\nSubject: A letter\r\n\r\n{text}")
        .into_bytes()
}

fn envelope(number: usize) -> Envelope {
    let address = |text: String| text.parse::<Address>().expect("an address");
    let to = address(format!("user{number}@example.test"));
    Envelope::new(Some(address("latchkey@example.test".to_owned())), vec![to]).expect("an envelope")
}

/// lettre on streams without Nagle's delay, as latchkey uses it: letters a second.
pub(crate) async fn lettre_alone(relay: &Relay, count: usize, lanes: usize) -> f64 {
    let begun = Instant::now();
    let mut work = JoinSet::new();
    for lane in 0..lanes {
        let address = relay.address;
        work.spawn(async move {
            let stream = TcpStream::connect(address).await.expect("a connection");
            stream.set_nodelay(true).expect("no delay");
            let hello = ClientId::default();
            let mut line =
                AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await.expect("hello");
            for number in (1..=count).filter(|number| number % lanes == lane) {
                line.send(&envelope(number), &message(number)).await.expect("sent");
            }
        });
    }
    work.join_all().await;
    let took = begun.elapsed();
    relay.got_each_once(count);
    rate(count, took)
}

/// lettre's own pool: letters a second.
pub(crate) async fn lettre_out_of_the_box(relay: &Relay, count: usize) -> f64 {
    let way = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(relay.address.ip().to_string());
    let way = way.port(relay.address.port()).build();
    let begun = Instant::now();
    for number in 1..=count {
        way.send_raw(&envelope(number), &message(number)).await.expect("sent");
    }
    let took = begun.elapsed();
    relay.got_each_once(count);
    rate(count, took)
}
