//! What operators see of the outbox and do to it.

use std::{io, sync::Mutex};

use latchkey::{
    mail::{DeliveryError, Reason},
    store::outbox::{self, Figures, Retry, Shelf},
};
use time::Duration as Span;

use super::*;
use crate::smtp_sink::Behaviour;

async fn figures(post: &Post) -> Figures {
    outbox::figures(&post.database.client().await.unwrap(), post.clock.now()).await.unwrap()
}

#[tokio::test]
async fn the_outbox_is_counted_and_the_count_outlives_its_rows() {
    let (post, sink) = (Post::new().await, SmtpSink::start().await);
    for name in ["alice", "bob", "carol", "dave"] {
        post.has(name).await;
        post.promise_reset(&format!("{name}@example.test")).await;
    }
    post.advance(90);
    let before = figures(&post).await;
    assert_eq!((before.waiting, before.oldest, before.sent), (4, Some(Span::seconds(90)), 0));
    sink.behave(Behaviour::RefuseNamed("bob"));
    let courier = post.courier_to(&sink);
    courier.deliver_due().await.unwrap();
    post.promise_reset("alice@example.test").await;
    post.advance(3600);
    courier.deliver_due().await.unwrap();
    let client = post.database.client().await.unwrap();
    client.execute("DELETE FROM latchkey.outbox", &[]).await.unwrap();
    let expected = Figures {
        waiting: 0,
        oldest: None,
        oldest_failure: None,
        sent: 3,
        failed: vec![("expired".to_owned(), 1), ("refused".to_owned(), 1)],
    };
    assert_eq!(figures(&post).await, expected);
}

#[tokio::test]
async fn a_letter_that_was_given_up_can_be_tried_again_while_it_is_of_use() {
    let (post, sink) = (Post::new().await, SmtpSink::start().await);
    post.has("bob").await;
    let letter = post.promise_reset("bob@example.test").await;
    sink.behave(Behaviour::RefuseNamed("bob"));
    let courier = post.courier_to(&sink);
    courier.deliver_due().await.unwrap();
    let client = post.database.client().await.unwrap();
    let failed = outbox::list(&client, Shelf::Failed, None, 10).await.unwrap();
    assert_eq!((failed.len(), failed[0].id, failed[0].state(post.clock.now())), (1, letter, "failed"));

    sink.behave(Behaviour::Accept);
    assert_eq!(outbox::retry(&client, letter, post.clock.now()).await.unwrap(), Retry::Due);
    assert_eq!(courier.deliver_due().await.unwrap(), 1);
    assert_eq!(outbox::retry(&client, letter, post.clock.now()).await.unwrap(), Retry::Sent);
    assert_eq!(outbox::retry(&client, 999, post.clock.now()).await.unwrap(), Retry::Unknown);

    let late = post.promise_reset("bob@example.test").await;
    post.advance(3601);
    courier.deliver_due().await.unwrap();
    assert_eq!(outbox::retry(&client, late, post.clock.now()).await.unwrap(), Retry::Over);
    assert_eq!(outbox::retry_failed(&client, post.clock.now()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_letter_that_is_dropped_is_not_sent() {
    let post = Post::new().await;
    post.has("alice").await;
    let letter = post.promise_reset("alice@example.test").await;
    let client = post.database.client().await.unwrap();
    assert!(outbox::drop_letter(&client, letter).await.unwrap());
    assert!(!outbox::drop_letter(&client, letter).await.unwrap());
    assert_eq!(post.courier_in_memory().0.deliver_due().await.unwrap(), 0);
}

#[tokio::test]
async fn a_test_letter_goes_the_way_of_all_letters_and_is_about_nobody() {
    let (post, sink) = (Post::new().await, SmtpSink::start().await);
    let letter = post.promise(LetterKind::Test, "operator@example.test", None).await;
    assert_eq!(post.courier_to(&sink).deliver_due().await.unwrap(), 1);
    assert!(sink.received()[0].message.contains("Subject: latchkey Test Letter\r\n"));
    let entry = outbox::entry(&post.database.client().await.unwrap(), letter).await.unwrap().unwrap();
    assert_eq!((entry.state(post.clock.now()), entry.account, entry.recipient.as_str()), ("sent", None, ""));
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn letters_that_wait_for_more_than_five_minutes_are_announced_in_the_log_every_five_minutes() {
    let log = Log::default();
    let lines = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || lines.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let post = Post::new().await;
    post.has("alice").await;
    post.promise_reset("alice@example.test").await;
    let (courier, memory) = post.courier_in_memory();
    let alerts = || String::from_utf8(log.0.lock().unwrap().clone()).unwrap().matches("ALERT").count();
    for (minutes, expected) in [(5, 0), (1, 1), (4, 1), (1, 2)] {
        for _ in 0..minutes {
            memory.refuse_next(DeliveryError::Temporary(Reason::new("not now")));
            post.advance(60);
            courier.deliver_due().await.unwrap();
        }
        assert_eq!(alerts(), expected);
    }
    assert!(
        !String::from_utf8_lossy(&log.0.lock().unwrap()).contains("alice"),
        "nothing personal in the log"
    );
}
