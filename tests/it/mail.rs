//! Mail: what was promised arrives, once, whatever the relay does meanwhile.

mod bad_day;
mod lanes;
mod operators;
mod outbox;
mod over;
mod relay;
mod relays;
mod templates;
mod transports;

use std::{sync::Arc, time::Duration};

use latchkey::{
    domain::{AccountId, LetterKind, ResetKey},
    mail::{Courier, Instance, Memory, Pace, Renderer, Security, Smtp, SmtpSettings, Transport},
    ports::{Bell, Clock as _, ManualClock, OsEntropy},
    store::{Database, outbox::Promise, reset_keys},
};
use time::macros::datetime;

use crate::{
    smtp_sink::{Received, SmtpSink},
    support,
};

/// How long a step of the dialogue may take here, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where a mute relay is to be found out soon.
const HASTE: Duration = Duration::from_millis(300);

/// A database with an outbox, a clock that is moved by hand, and couriers on demand.
struct Post {
    database: Database,
    clock: Arc<ManualClock>,
    bell: Bell,
}

impl Post {
    async fn new() -> Self {
        let clock = Arc::new(ManualClock::at(datetime!(2026-11-21 19:22:05 UTC)));
        Self { database: support::database().await, clock, bell: Bell::default() }
    }

    /// A courier with one lane, so that all letters follow each other.
    fn courier(&self, transport: Transport) -> Courier {
        let (clock, entropy) = (self.clock.clone(), Arc::new(OsEntropy));
        let courier =
            Courier::new(self.database.clone(), clock, entropy, renderer(), transport, self.bell.clone());
        courier.at_pace(Pace { lanes: 1, ..Pace::default() })
    }

    fn courier_to(&self, sink: &SmtpSink) -> Courier {
        self.courier(over(&plain(sink)))
    }

    fn courier_in_memory(&self) -> (Courier, Memory) {
        let memory = Memory::new();
        (self.courier(Transport::Memory(memory.clone())), memory)
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Makes an account with the address `<name>@example.test`.
    async fn has(&self, name: &str) -> AccountId {
        const SQL: &str = "INSERT INTO public.tm_user (username, email, full_name, tenant_id, role) \
             SELECT $1, $1 || '@example.test', initcap($1), t.id, r.id FROM public.tenant t, public.role r \
             WHERE t.name = 'root' AND r.name = 'read-only' RETURNING id";
        let client = self.database.client().await.unwrap();
        AccountId(client.query_one(SQL, &[&name]).await.unwrap().get(0))
    }

    /// Promises a reset letter that is good for an hour.
    async fn promise_reset(&self, address: &str) -> i64 {
        self.promise(LetterKind::PasswordReset, address, None).await
    }

    async fn promise(&self, kind: LetterKind, address: &str, account: Option<AccountId>) -> i64 {
        let now = self.clock.now();
        let promise = Promise {
            kind,
            dialect: "traffic_ops",
            recipient: address,
            account,
            origin: Some("192.0.2.7"),
            link: None,
            promised_at: now,
            expires_at: now + Duration::from_hours(1),
        };
        latchkey::store::outbox::promise(&self.database.client().await.unwrap(), &promise).await.unwrap()
    }

    /// `waiting`, `sent`, `given up` or `gone`, and the last failure.
    async fn fate(&self, letter: i64) -> (&'static str, String) {
        const SQL: &str = "SELECT sent_at IS NOT NULL, given_up_at IS NOT NULL, coalesce(last_failure, '') \
             FROM latchkey.outbox WHERE id = $1";
        let client = self.database.client().await.unwrap();
        let Some(row) = client.query_opt(SQL, &[&letter]).await.unwrap() else {
            return ("gone", String::new());
        };
        let fate = match (row.get(0), row.get(1)) {
            (true, _) => "sent",
            (_, true) => "given up",
            _ => "waiting",
        };
        (fate, row.get(2))
    }

    /// Whose password the key would set.
    async fn opens(&self, key: &str) -> Option<AccountId> {
        let client = self.database.client().await.unwrap();
        let digest = ResetKey::parse(key).unwrap().digest();
        reset_keys::holder(&client, &digest, self.clock.now()).await.unwrap().map(|holder| holder.account)
    }
}

fn renderer() -> Renderer {
    let renderer = Renderer::new(Instance {
        name: "latchkey".to_owned(),
        from: "latchkey@example.test".to_owned(),
        support: None,
        public_url: "https://login.example.test".to_owned(),
        reset_link: "https://login.example.test/reset/{key}".to_owned(),
        registration_link: "https://login.example.test/register/{key}".to_owned(),
    });
    renderer.unwrap()
}

/// The way over one relay.
fn over(settings: &SmtpSettings) -> Transport {
    Transport::Smtp(Smtp::new(settings).unwrap().with_patience(PATIENCE).into())
}

/// The same in haste.
fn hastily_over(settings: &SmtpSettings) -> Transport {
    Transport::Smtp(Smtp::new(settings).unwrap().with_patience(HASTE).into())
}

/// The settings for a relay without any protection.
fn plain(sink: &SmtpSink) -> SmtpSettings {
    SmtpSettings {
        host: sink.address.ip().to_string(),
        port: Some(sink.address.port()),
        security: Security::None,
        ..SmtpSettings::default()
    }
}

/// The key in a letter's text or message.
fn key_in(text: &str) -> &str {
    let (_, rest) = text.split_once("/reset/").expect("a letter with a link");
    &rest[..30]
}

/// The names in the addresses that got a letter, in order.
fn names(received: &[Received]) -> Vec<&str> {
    received.iter().map(|letter| letter.to[0].split('@').next().unwrap()).collect()
}
