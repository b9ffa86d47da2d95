//! `latchkey outbox`: letters that wait, were sent or failed, for whoever may reach the database.

use std::time::Duration;

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use time::OffsetDateTime;

use super::{
    print::{self, moment, say},
    services::with_database,
};
use crate::{
    config::Config,
    domain::{EmailAddress, LetterKind},
    store::{
        Database,
        outbox::{self, Entry, Promise, Retry, Shelf},
    },
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// The newest letters, and the outbox in numbers
    List {
        /// Which
        #[arg(long, value_enum, default_value = "all")]
        state: State,
        /// How many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        /// Only letters with smaller numbers
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Everything about one letter, except what it says: that is not stored
    Show {
        /// Its number
        number: i64,
        /// As a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Try a letter again at once that waits or was given up
    Retry {
        /// Its number
        #[arg(required_unless_present = "all")]
        number: Option<i64>,
        /// All that wait or were given up and are not too old
        #[arg(long, conflicts_with = "number")]
        all: bool,
    },
    /// Remove a letter that was not sent
    Drop {
        /// Its number
        number: i64,
    },
    /// Promise a test letter, which takes the way of all letters, and wait until a running latchkey has sent it
    SendTest {
        /// To whom
        address: String,
        /// Seconds to wait for it; what a mute relay does wrong is known after the relay's `timeout` only
        #[arg(long, default_value_t = 60)]
        wait: u64,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum State {
    All,
    Waiting,
    Sent,
    Failed,
}

/// Runs one of them on the database of the configuration.
pub(super) fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    with_database(config, async |database| {
        let now = database.time().await?;
        match command {
            Command::List { state, limit, before, json } => {
                list(&database, state, before, limit, json, now).await
            }
            Command::Show { number, json } => show(&database, number, json, now).await,
            Command::Retry { number, .. } => retry(&database, number, now).await,
            Command::Drop { number } => drop_letter(&database, number).await,
            Command::SendTest { address, wait } => send_test(&database, &address, wait, now).await,
        }
    })
}

async fn list(
    database: &Database,
    state: State,
    before: Option<i64>,
    limit: i64,
    json: bool,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let shelf = match state {
        State::All => Shelf::All,
        State::Waiting => Shelf::Waiting,
        State::Sent => Shelf::Sent,
        State::Failed => Shelf::Failed,
    };
    let client = database.client().await?;
    let letters = outbox::list(&client, shelf, before, limit).await?;
    let heading = ["NUMBER", "STATE", "KIND", "TO", "PROMISED", "TRIES", "LAST FAILURE"];
    print::list(&letters, json, |letter| as_json(letter, now), heading, |letter| row(letter, now));
    if json {
        return Ok(());
    }
    let figures = outbox::figures(&client, now).await?;
    let oldest = figures.oldest.map(|age| format!(", the oldest for {} s", age.whole_seconds()));
    let failed: String = figures.failed.iter().map(|(reason, count)| format!(", {count} {reason}")).collect();
    say!(
        "{} waiting{}; since the beginning {} sent{failed}.",
        figures.waiting,
        oldest.unwrap_or_default(),
        figures.sent
    );
    Ok(())
}

fn row(letter: &Entry, now: OffsetDateTime) -> [String; 7] {
    [
        letter.id.to_string(),
        letter.state(now).to_owned(),
        letter.kind.clone(),
        if letter.recipient.is_empty() { "-".to_owned() } else { letter.recipient.clone() },
        moment(letter.promised_at),
        letter.attempts.to_string(),
        letter.last_failure.clone().unwrap_or_else(|| "-".to_owned()),
    ]
}

fn as_json(letter: &Entry, now: OffsetDateTime) -> serde_json::Value {
    serde_json::json!({
        "number": letter.id,
        "state": letter.state(now),
        "kind": letter.kind,
        "dialect": letter.dialect,
        "recipient": Some(&letter.recipient).filter(|text| !text.is_empty()),
        "account": letter.account.map(|account| account.0),
        "origin": letter.origin,
        "promised": moment(letter.promised_at),
        "expires": moment(letter.expires_at),
        "nextTry": Some(letter).filter(|letter| letter.state(now) == "waiting").map(|letter| moment(letter.due_at)),
        "tries": letter.attempts,
        "lastFailure": letter.last_failure,
        "sent": letter.sent_at.map(moment),
        "givenUp": letter.given_up_at.map(moment),
    })
}

async fn show(database: &Database, number: i64, json: bool, now: OffsetDateTime) -> anyhow::Result<()> {
    let Some(letter) = outbox::entry(&database.client().await?, number).await? else {
        bail!("there is no letter {number}");
    };
    let letter = as_json(&letter, now);
    if json {
        say!("{letter}");
        return Ok(());
    }
    for (name, value) in letter.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        say!("{name:12} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    Ok(())
}

async fn retry(database: &Database, number: Option<i64>, now: OffsetDateTime) -> anyhow::Result<()> {
    let client = database.client().await?;
    let Some(number) = number else {
        let letters = outbox::retry_failed(&client, now).await?;
        say!("{letters} letters are due now.");
        return Ok(());
    };
    match outbox::retry(&client, number, now).await? {
        Retry::Due => say!("Letter {number} is due now."),
        Retry::Sent => bail!("letter {number} was sent already"),
        Retry::Over => bail!("letter {number} is too old: what it would say is true no more"),
        Retry::Unknown => bail!("there is no letter {number}"),
    }
    Ok(())
}

async fn drop_letter(database: &Database, number: i64) -> anyhow::Result<()> {
    if !outbox::drop_letter(&database.client().await?, number).await? {
        bail!("there is no letter {number} that was not sent");
    }
    say!("Letter {number} is dropped.");
    Ok(())
}

/// How often it is looked what became of the test letter.
const LOOK_EVERY: Duration = Duration::from_millis(100);

async fn send_test(database: &Database, address: &str, wait: u64, now: OffsetDateTime) -> anyhow::Result<()> {
    let address = EmailAddress::parse(address)?;
    let promise = Promise {
        kind: LetterKind::Test,
        dialect: "latchkey",
        recipient: address.as_str(),
        account: None,
        origin: None,
        link: None,
        promised_at: now,
        expires_at: now + Duration::from_hours(1),
    };
    let client = database.client().await?;
    let number = outbox::promise(&client, &promise).await?;
    say!("Letter {number} to {address} is promised.");
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_secs(wait) {
        let Some(letter) = outbox::entry(&client, number).await? else {
            bail!("letter {number} was dropped")
        };
        match (letter.sent_at, letter.given_up_at, letter.last_failure) {
            (Some(_), _, _) => {
                say!("It was sent after {} ms.", begun.elapsed().as_millis());
                return Ok(());
            }
            (_, Some(_), Some(why)) => bail!("it was given up: {why}"),
            (_, _, Some(why)) => bail!("it was tried and waits for the next try: {why}"),
            _ => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
    bail!(
        "it was not tried within {wait} s, and stays in the outbox: either no latchkey runs on this database, or mail is held \
         back while the relay is away or mail.per_hour is used up; `latchkey check` asks the relay"
    )
}
