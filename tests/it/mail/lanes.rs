//! Several lanes at once: who goes over which, how many letters in an hour, and what the database learns of a crowd.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::smtp_sink::Behaviour;

fn four_lanes(post: &Post, sink: &SmtpSink) -> Courier {
    post.courier_to(sink).at_pace(Pace::default())
}

/// Makes accounts, and promises a reset letter to each.
async fn crowd_with_letters(post: &Post, count: i64) {
    const LETTERS: &str = "INSERT INTO latchkey.outbox (kind, dialect, recipient, promised_at, expires_at, due_at) \
         SELECT 'password_reset', 'traffic_ops', 'user' || n || '@example.test', $1, $1::timestamptz + interval '1 hour', $1 \
         FROM generate_series(1, $2::bigint) n";
    let client = post.database.client().await.unwrap();
    support::people(&client, count).await;
    client.execute(LETTERS, &[&post.clock.now(), &count]).await.unwrap();
}

#[tokio::test]
async fn letters_go_over_four_connections_and_those_of_one_account_in_the_order_of_promise() {
    let (post, sink) = (Post::new().await, SmtpSink::start().await);
    let mut promised: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for name in (0..20).map(|n| format!("user{n:02}")) {
        post.has(&name).await;
    }
    for round in 0..3 {
        for name in (0..20).map(|n| format!("user{n:02}")) {
            // Asked for by address and by name: it is the account that counts.
            let recipient = if round == 1 { name.clone() } else { format!("{name}@example.test") };
            promised.entry(name).or_default().push(post.promise_reset(&recipient).await);
        }
    }
    sink.behave(Behaviour::Slow(Duration::from_millis(2)));
    assert_eq!(four_lanes(&post, &sink).deliver_due().await.unwrap(), 60);
    let received = sink.received();
    let mut arrived: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (name, letter) in names(&received).into_iter().zip(&received) {
        let (_, id) = letter.message.split_once("Message-ID: <").unwrap();
        arrived.entry(name.to_owned()).or_default().push(id.split('.').next().unwrap().parse().unwrap());
    }
    assert_eq!(arrived, promised);
    assert!((2..=4).contains(&sink.connections()), "{}", sink.connections());
    for (name, numbers) in &arrived {
        let newest = received.iter().rfind(|letter| letter.to[0].starts_with(name)).unwrap();
        assert!(post.opens(key_in(&newest.message)).await.is_some(), "{name}: {numbers:?}");
    }
}

#[tokio::test]
async fn one_connection_finds_out_for_all_lanes_that_nobody_answers() {
    let (post, sink) = (Post::new().await, SmtpSink::start().await);
    for name in (0..40).map(|n| format!("user{n:02}")) {
        post.has(&name).await;
        post.promise_reset(&format!("{name}@example.test")).await;
    }
    sink.behave(Behaviour::Mute);
    let courier = post.courier(hastily_over(&plain(&sink))).at_pace(Pace::default());
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    assert_eq!(sink.connections(), 1);
    const SQL: &str = "SELECT count(*) FROM latchkey.outbox WHERE leased_until IS NULL AND attempts = 0 \
         AND last_failure LIKE 'the relay said nothing for 300ms%'";
    let client = post.database.client().await.unwrap();
    assert_eq!(
        client.query_one(SQL, &[]).await.unwrap().get::<_, i64>(0),
        40,
        "none of them was counted as tried"
    );
}

#[tokio::test]
async fn couriers_of_two_instances_carry_a_thousand_letters_once_each() {
    let (post, sink) = (Post::new().await, SmtpSink::start().await);
    crowd_with_letters(&post, 1000).await;
    let (one, other) = (four_lanes(&post, &sink), four_lanes(&post, &sink));
    let (a, b) = tokio::join!(one.deliver_due(), other.deliver_due());
    assert_eq!(a.unwrap() + b.unwrap(), 1000);
    let received = sink.received();
    let different: BTreeSet<_> = names(&received).into_iter().collect();
    assert_eq!((received.len(), different.len()), (1000, 1000));
}

#[tokio::test]
async fn no_more_letters_go_in_an_hour_than_the_operator_allows() {
    let (post, sink) = (Post::new().await, SmtpSink::start().await);
    for name in (0..12).map(|n| format!("user{n:02}")) {
        post.has(&name).await;
        post.promise(LetterKind::Test, &format!("{name}@example.test"), None).await;
    }
    let capped = Pace { per_hour: Some(5), ..Pace::default() };
    let (one, other) = (post.courier_to(&sink).at_pace(capped), post.courier_to(&sink).at_pace(capped));
    let (a, b) = tokio::join!(one.deliver_due(), other.deliver_due());
    assert_eq!(a.unwrap() + b.unwrap(), 5);
    post.advance(1800);
    assert_eq!(one.deliver_due().await.unwrap(), 0);
    post.advance(1790);
    assert_eq!(one.deliver_due().await.unwrap(), 0);
    assert_eq!(sink.received().len(), 5);
}

/// Otherwise plans that were made for empty tables would be kept, and each letter read all letters before it.
#[tokio::test]
async fn after_some_hundred_letters_the_database_knows_how_large_its_tables_have_become() {
    const KNOWN: &str = "SELECT count(*) FROM pg_class WHERE oid IN ('latchkey.outbox'::regclass, \
         'latchkey.reset_request'::regclass, 'latchkey.reset_key'::regclass) AND reltuples >= 100";
    let post = Post::new().await;
    let client = post.database.client().await.unwrap();
    client.batch_execute("VACUUM ANALYZE").await.unwrap();
    crowd_with_letters(&post, 450).await;
    let (courier, memory) = post.courier_in_memory();
    assert_eq!(courier.deliver_due().await.unwrap(), 450);
    assert_eq!(memory.letters().len(), 450);
    assert_eq!(
        client.query_one(KNOWN, &[]).await.unwrap().get::<_, i64>(0),
        3,
        "tables that are known to have grown"
    );
}
