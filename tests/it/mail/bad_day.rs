//! A bad day of a relay, from its first refusal to its return.

use latchkey::mail::Reason;

use super::{
    transports::{LOGIN, protected},
    *,
};
use crate::smtp_sink::{Behaviour, Mode};

/// Two letters are promised before each trouble, and tried while it lasts.
struct Day {
    post: Post,
    courier: Courier,
    people: Vec<String>,
}

impl Day {
    async fn trouble(&mut self, what: &str) {
        for _ in 0..2 {
            let name = format!("user{:02}", self.people.len());
            self.post.has(&name).await;
            self.post.promise_reset(&format!("{name}@example.test")).await;
            self.people.push(name);
        }
        assert_eq!(self.courier.deliver_due().await.unwrap(), 0, "while the relay {what}");
        // Longer than a relay that was away is left alone.
        self.post.advance(61);
    }
}

#[tokio::test]
async fn whatever_happens_to_the_relay_every_letter_arrives_exactly_once_in_the_order_of_promise() {
    let mut sink = SmtpSink::with(Mode::Starttls, Some(LOGIN)).await;
    let folder = tempfile::tempdir().unwrap();
    let settings = protected(&sink, Security::Starttls, true, &folder);
    let post = Post::new().await;
    let courier = post.courier(hastily_over(&settings));
    let mut day = Day { post, courier, people: Vec::new() };

    sink.go_away().await;
    day.trouble("refuses connections").await;
    sink.come_back();
    for (what, behaviour) in [
        ("puts everybody off", Behaviour::RefuseRecipient(451)),
        ("says a byte a second", Behaviour::Trickle(Duration::from_secs(1))),
        ("takes connections and is mute", Behaviour::Mute),
        ("hangs up at DATA", Behaviour::DropAtData),
        ("is mute after the letter", Behaviour::MuteAfterContent),
        ("has a full disk", Behaviour::RefuseContent(452)),
    ] {
        sink.behave(behaviour);
        day.trouble(what).await;
    }
    sink.behave(Behaviour::Accept);
    let take_off = sink.disguise();
    day.trouble("shows another's certificate").await;
    take_off();

    // Half an hour on, every letter is due again.
    day.post.advance(1800);
    assert_eq!(day.post.courier(over(&settings)).deliver_due().await.unwrap(), 16);
    let received = sink.received();
    assert_eq!(names(&received), day.people, "once each, in the order of promise");
    for letter in &received {
        assert!(letter.encrypted && letter.login.as_deref() == Some(LOGIN.0));
        assert!(day.post.opens(key_in(&letter.message)).await.is_some());
    }
}

#[tokio::test]
async fn a_relay_that_says_little_by_little_gets_its_letter() {
    let (post, sink) = (Post::new().await, SmtpSink::start().await);
    post.has("alice").await;
    post.promise_reset("alice@example.test").await;
    sink.behave(Behaviour::Trickle(Duration::from_millis(2)));
    assert_eq!(post.courier_to(&sink).deliver_due().await.unwrap(), 1);
    assert_eq!(sink.received().len(), 1);
}

#[tokio::test]
async fn a_poison_letter_holds_nobody_up() {
    let post = Post::new().await;
    let mallory = post.has("mallory").await;
    // No mail server would take this address; it came into the database some other way.
    const POISON: &str =
        "UPDATE public.tm_user SET email = E'm@example.test\\r\\nBcc: x@y.test' WHERE id = $1";
    post.database.client().await.unwrap().execute(POISON, &[&mallory.0]).await.unwrap();
    post.has("alice").await;
    let poison = post.promise_reset("mallory").await;
    post.promise_reset("alice@example.test").await;
    let (courier, memory) = post.courier_in_memory();
    assert_eq!(courier.deliver_due().await.unwrap(), 1);
    assert_eq!(memory.letters()[0].recipient, "alice@example.test");
    let (fate, why) = post.fate(poison).await;
    assert_eq!(fate, "waiting");
    assert_eq!(
        why,
        Reason::new("the letter could not be written: the recipient's address can't be used in mail")
            .to_string()
    );
}
