//! What a relay can do to a courier.

use std::collections::BTreeSet;

use super::*;
use crate::smtp_sink::Behaviour;

async fn with_letters(names: &[&str]) -> (Post, SmtpSink, Vec<i64>) {
    let (post, sink) = (Post::new().await, SmtpSink::start().await);
    let mut letters = Vec::new();
    for name in names {
        post.has(name).await;
        letters.push(post.promise_reset(&format!("{name}@example.test")).await);
    }
    (post, sink, letters)
}

#[tokio::test]
async fn a_letter_arrives_with_both_parts_and_all_headers() {
    let (post, sink, letters) = with_letters(&["alice"]).await;
    assert_eq!(post.courier_to(&sink).deliver_due().await.unwrap(), 1);
    let received = sink.received();
    assert_eq!(received[0].from, "latchkey@example.test");
    assert_eq!(received[0].to, ["alice@example.test"]);
    let message = &received[0].message;
    for expected in [
        "From: latchkey <latchkey@example.test>\r\n",
        "To: alice@example.test\r\n",
        "Subject: latchkey Password Reset Request\r\n",
        "Date: Sat, 21 Nov 2026 19:22:05 +0000\r\n",
        "\r\nMessage-ID: <",
        "\r\nMIME-Version: 1.0\r\n",
        "\r\nAuto-Submitted: auto-generated\r\n",
        "Content-Type: multipart/alternative;",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Type: text/html; charset=utf-8\r\n",
    ] {
        assert!(message.contains(expected), "{expected:?} is missing in\n{message}");
    }
    assert!(post.opens(key_in(message)).await.is_some());
    assert_eq!(message.matches(key_in(message)).count(), 4, "once as text, three times as HTML");
    assert_eq!(post.fate(letters[0]).await.0, "sent");
}

#[tokio::test]
async fn letters_go_in_the_order_of_promise_over_one_connection() {
    let people: Vec<String> = (0..45).map(|n| format!("user{n:02}")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let (post, sink, _) = with_letters(&people).await;
    assert_eq!(post.courier_to(&sink).deliver_due().await.unwrap(), 45);
    assert_eq!(names(&sink.received()), people);
    assert_eq!(sink.connections(), 1);
}

#[tokio::test]
async fn a_letter_put_off_with_451_is_tried_again_later() {
    let (post, sink, letters) = with_letters(&["alice"]).await;
    let courier = post.courier_to(&sink);
    sink.behave(Behaviour::RefuseRecipient(451));
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    let (fate, why) = post.fate(letters[0]).await;
    assert_eq!(fate, "waiting");
    assert_eq!(why, "RCPT was answered with 451: <alice@example.test>: not today");
    sink.behave(Behaviour::Accept);
    assert_eq!(courier.deliver_due().await.unwrap(), 0, "ten seconds are not over");
    post.advance(13);
    assert_eq!(courier.deliver_due().await.unwrap(), 1);
    assert_eq!(sink.received().len(), 1);
}

#[tokio::test]
async fn a_letter_refused_with_550_is_given_up_and_the_next_one_goes() {
    let (post, sink, letters) = with_letters(&["alice", "bob", "carol"]).await;
    sink.behave(Behaviour::RefuseNamed("bob"));
    let courier = post.courier_to(&sink);
    assert_eq!(courier.deliver_due().await.unwrap(), 2);
    assert_eq!(names(&sink.received()), ["alice", "carol"]);
    assert_eq!(sink.connections(), 1, "a refusal is no reason to hang up");
    let (fate, why) = post.fate(letters[1]).await;
    assert_eq!((fate, why.as_str()), ("given up", "RCPT was answered with 550: 5.1.1 nobody here"));
    post.advance(3000);
    sink.behave(Behaviour::Accept);
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
}

#[tokio::test]
async fn a_full_disk_is_waited_for_and_refused_content_is_not() {
    let (post, sink, letters) = with_letters(&["alice"]).await;
    let courier = post.courier_to(&sink);
    sink.behave(Behaviour::RefuseContent(452));
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    assert_eq!(post.fate(letters[0]).await.0, "waiting");
    post.advance(13);
    sink.behave(Behaviour::RefuseContent(554));
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    assert_eq!(post.fate(letters[0]).await.0, "given up");
}

#[tokio::test]
async fn a_mute_relay_ends_in_a_time_out_and_all_letters_wait_in_order() {
    let (post, sink, letters) = with_letters(&["alice", "bob"]).await;
    let courier = post.courier(hastily_over(&plain(&sink)));
    sink.behave(Behaviour::Mute);
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    assert_eq!(sink.connections(), 1, "one letter finds out for all");
    for letter in &letters {
        let (fate, why) = post.fate(*letter).await;
        assert!(fate == "waiting" && why.starts_with("the relay said nothing for 300ms"), "{fate}: {why}");
    }
    sink.behave(Behaviour::Accept);
    post.advance(13);
    assert_eq!(post.courier_to(&sink).deliver_due().await.unwrap(), 2);
    assert_eq!(names(&sink.received()), ["alice", "bob"]);
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_not_asked_by_every_letter() {
    let (post, sink, letters) = with_letters(&["alice"]).await;
    let settings = plain(&sink);
    drop(sink);
    let courier = post.courier(over(&settings));
    for _ in 0..5 {
        assert_eq!(courier.deliver_due().await.unwrap(), 0);
        post.advance(61);
    }
    let (fate, why) = post.fate(letters[0]).await;
    assert_eq!(fate, "waiting");
    assert!(why.starts_with("connecting failed: "), "{why}");
}

#[tokio::test]
async fn a_connection_dropped_at_data_is_tried_again_and_the_letter_arrives_once() {
    let (post, sink, letters) = with_letters(&["alice"]).await;
    let courier = post.courier_to(&sink);
    sink.behave(Behaviour::DropAtData);
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    assert_eq!(post.fate(letters[0]).await.0, "waiting");
    sink.behave(Behaviour::Accept);
    post.advance(13);
    assert_eq!(courier.deliver_due().await.unwrap(), 1);
    assert_eq!(sink.received().len(), 1);
}

#[tokio::test]
async fn a_letter_whose_answer_was_lost_goes_twice_under_one_message_id_and_both_keys_work() {
    let (post, sink, _) = with_letters(&["alice"]).await;
    let courier = post.courier_to(&sink);
    sink.behave(Behaviour::DropAfterData);
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    sink.behave(Behaviour::Accept);
    post.advance(13);
    assert_eq!(courier.deliver_due().await.unwrap(), 1);
    let received = sink.received();
    assert_eq!(received.len(), 2);
    let ids: BTreeSet<_> = received
        .iter()
        .map(|letter| letter.message.lines().find(|line| line.starts_with("Message-ID:")).map(str::to_owned))
        .collect();
    assert_eq!(ids.len(), 1);
    for letter in &received {
        assert!(post.opens(key_in(&letter.message)).await.is_some());
    }
}

#[tokio::test]
async fn a_relay_that_hangs_up_after_each_letter_gets_all_of_them() {
    let (post, sink, _) = with_letters(&["alice", "bob", "carol"]).await;
    sink.behave(Behaviour::OneLetterAConnection);
    assert_eq!(post.courier_to(&sink).deliver_due().await.unwrap(), 3);
    assert_eq!(names(&sink.received()), ["alice", "bob", "carol"]);
}

#[tokio::test]
async fn a_relay_that_takes_its_time_is_not_hurried() {
    let (post, sink, _) = with_letters(&["alice"]).await;
    sink.behave(Behaviour::Slow(Duration::from_millis(100)));
    assert_eq!(post.courier_to(&sink).deliver_due().await.unwrap(), 1);
}

#[tokio::test]
async fn two_couriers_share_an_outbox_and_no_letter_goes_twice() {
    let people: Vec<String> = (0..60).map(|n| format!("user{n:02}")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let (post, sink, _) = with_letters(&people).await;
    let (one, other) = (post.courier_to(&sink), post.courier_to(&sink));
    let (a, b) = tokio::join!(one.deliver_due(), other.deliver_due());
    assert_eq!(a.unwrap() + b.unwrap(), 60);
    let received = sink.received();
    let different: BTreeSet<_> = names(&received).into_iter().collect();
    assert_eq!((received.len(), different.len()), (60, 60));
}
