//! A promised letter arrives, whatever happens to latchkey or to the relay in between.

use std::time::Instant;

use serde_json::json;
use tokio::time::timeout;

use super::{
    program::{House, NEVER, Program, eventually},
    relay::letter_to,
};
use crate::{
    smtp_sink::{Behaviour, Received, SmtpSink},
    support::{Client, post_form},
};

#[tokio::test]
async fn a_letter_promised_before_a_sigkill_arrives_after_the_restart() {
    let mut relay = SmtpSink::away().await;
    let house = House::new().writing_to(&relay);
    let server = house.serve();
    house.has("alice");
    ask_for_a_letter(&server.client("alice")).await;
    timeout(NEVER, handed_back(&house)).await.expect("the courier has found nobody");
    server.shoot();

    relay.come_back();
    let server = house.serve();
    let letter = letter_to(&relay, "alice@example.test").await;
    choose_password(&server, "alice", &letter, "chosen after the restart").await;
    all_letters_go_out_once(server, &relay, 2).await;
}

/// The letter is leased at that moment, and the relay has not said a word.
#[tokio::test]
async fn a_letter_that_was_with_a_mute_relay_at_a_sigkill_arrives_after_the_restart() {
    let relay = SmtpSink::start().await;
    relay.behave(Behaviour::Mute);
    let house = House::new().writing_to(&relay);
    let server = house.serve();
    house.has("alice");
    ask_for_a_letter(&server.client("alice")).await;
    eventually("the courier stands before the relay", || (relay.connections() > 0).then_some(())).await;
    server.shoot();

    relay.behave(Behaviour::Accept);
    let server = house.serve();
    // Instead of sitting out the rest of the lease.
    const LEASE_ENDS: &str = "UPDATE latchkey.outbox SET leased_until = leased_until - interval '1 minute'";
    assert_eq!(house.database().await.execute(LEASE_ENDS, &[]).await.unwrap(), 1);
    let letter = letter_to(&relay, "alice@example.test").await;
    choose_password(&server, "alice", &letter, "chosen after the restart").await;
    all_letters_go_out_once(server, &relay, 2).await;
}

#[tokio::test]
async fn while_the_relay_is_away_requests_are_answered_and_when_it_is_back_all_letters_arrive() {
    const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dave"];
    let mut relay = SmtpSink::away().await;
    let house = House::new().writing_to(&relay);
    let server = house.serve();
    for name in PEOPLE {
        house.has(name);
    }
    for name in PEOPLE {
        ask_for_a_letter(&server.client(name)).await;
    }
    let tried = || server.log().contains("letters wait until the relay is back").then_some(());
    eventually("the courier has found nobody", tried).await;
    ask_for_a_letter(&server.client("admin")).await;
    relay.come_back();
    let begun = Instant::now();
    for name in PEOPLE.into_iter().chain(["admin"]) {
        let letter = letter_to(&relay, &format!("{name}@example.test")).await;
        let page = server.client(name).send("GET", &letter.reset_path(), None).await;
        assert_eq!(page.status, 303, "{name} gets to the page");
    }
    println!("the relay was back, and all letters had arrived {} ms later", begun.elapsed().as_millis());
    all_letters_go_out_once(server, &relay, PEOPLE.len() + 1).await;
}

/// Returns when a letter was tried and is leased no more: whoever leased it would keep it for half a minute.
async fn handed_back(house: &House) {
    const SQL: &str = "SELECT FROM latchkey.outbox WHERE leased_until IS NULL AND last_failure IS NOT NULL";
    let database = house.database().await;
    while database.query(SQL, &[]).await.unwrap().is_empty() {}
}

/// The answer does not wait for any mail; how long it took is printed, not judged: other tests run beside this one.
async fn ask_for_a_letter(client: &Client) {
    let begun = Instant::now();
    let answer = client.post("user/reset_password", json!({ "email": client.email() })).await;
    let took = begun.elapsed();
    answer.says(&format!("Successfully sent password reset to email '{}'", client.email()));
    println!(
        "the request of {} was answered 200 in {:.1} ms",
        client.username(),
        took.as_secs_f64() * 1000.0
    );
}

/// Follows the link, sends the form, and signs in with the new password.
async fn choose_password(server: &Program, name: &str, letter: &Received, password: &str) {
    let mut client = server.client(name);
    let path = letter.reset_path();
    let page = client.send("GET", &path, None).await;
    assert_eq!(page.status, 303, "the link leads to the page");
    let (_, key) = path.split_once("token=").unwrap();
    let form = [("token", key), ("password", password), ("password_again", password)];
    let done = post_form(&client, "/reset-password", &form).await;
    assert_eq!(done.status, 303, "the new password is taken");
    let visitor = client.clone();
    client.sign_in(password).await;
    assert_eq!(post_form(&visitor, "/reset-password", &form).await.status, 410, "a key works once");
}

/// Waits for the last letter, stops the server, which finishes what it is about, and counts what the relay got.
async fn all_letters_go_out_once(server: Program, relay: &SmtpSink, count: usize) {
    eventually("the last letter", || (relay.received().len() >= count).then_some(())).await;
    let (status, _) = server.stop();
    assert!(status.success());
    let received = relay.received();
    let to: Vec<_> = received.iter().map(|letter| (&letter.to, letter.subject())).collect();
    assert_eq!(to.len(), count, "{to:?}");
    for (place, letter) in to.iter().enumerate() {
        assert!(!to[..place].contains(letter), "{letter:?} came twice");
    }
}
