//! A mail relay that is away until it is told to come: its port is taken, but nobody listens there.

use std::net::SocketAddr;

use mail_parser::{Message, MessageParser};
use tokio::{
    io::copy_bidirectional,
    net::{TcpSocket, TcpStream},
    task::JoinHandle,
};

use super::program::{House, eventually};
use crate::smtp_sink::{Behaviour, Received, SmtpSink};

/// The relay; it ends with the value.
pub struct Relay {
    /// Where it is or will be.
    pub address: SocketAddr,
    away: Option<TcpSocket>,
    sink: SmtpSink,
    door: Option<JoinHandle<()>>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(door) = &self.door {
            door.abort();
        }
    }
}

impl Relay {
    /// A relay that refuses connections. The bound socket keeps the port from everybody else.
    pub async fn away() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        Self { address, away: Some(socket), sink: SmtpSink::start().await, door: None }
    }

    /// A relay that takes connections and says nothing.
    pub async fn mute() -> Self {
        let mut relay = Self::away().await;
        relay.sink.behave(Behaviour::Mute);
        relay.come();
        relay
    }

    /// It is back.
    pub fn come(&mut self) {
        let listener = self.away.take().expect("a relay that is away").listen(64).unwrap();
        let sink = self.sink.address;
        self.door = Some(tokio::spawn(async move {
            while let Ok((mut guest, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut inside = TcpStream::connect(sink).await?;
                    copy_bidirectional(&mut guest, &mut inside).await
                });
            }
        }));
    }

    /// From now on it takes every letter.
    pub fn speak(&self) {
        self.sink.behave(Behaviour::Accept);
    }

    /// How many came to a relay that is there.
    pub fn guests(&self) -> usize {
        self.sink.connections()
    }

    /// The letters so far.
    pub fn received(&self) -> Vec<Received> {
        self.sink.received()
    }

    /// Waits for the first letter to this address.
    pub async fn letter_to(&self, address: &str) -> Received {
        let look = || self.received().into_iter().find(|letter| letter.to == [address]);
        eventually(&format!("a letter to {address}"), look).await
    }
}

impl House {
    /// The house, with its letters going to that relay.
    pub fn writing_to(self, relay: &Relay) -> Self {
        self.with("LATCHKEY_MAIL__TRANSPORT", "smtp")
            .with("LATCHKEY_MAIL__SMTP__HOST", relay.address.ip())
            .with("LATCHKEY_MAIL__SMTP__PORT", relay.address.port())
            .with("LATCHKEY_MAIL__SMTP__SECURITY", "none")
    }
}

impl Received {
    /// Path and query of the link to the page where a new password is chosen.
    #[track_caller]
    pub fn reset_path(&self) -> String {
        let letter = self.opened();
        let text = letter.body_text(0).expect("a text");
        let link = text.split_whitespace().find(|word| word.contains("token=")).expect("a link with a key");
        let (_, path) =
            link.split_once("://").and_then(|(_, rest)| rest.split_once('/')).expect("a whole link");
        format!("/{path}")
    }

    pub fn subject(&self) -> String {
        self.opened().subject().unwrap_or_default().to_owned()
    }

    fn opened(&self) -> Message<'_> {
        MessageParser::default().parse(&self.message).expect("a letter")
    }
}
