//! More than one relay, and what relays can and can't do.

use latchkey::mail::{MailSettings, Relays, TransportKind, TransportRefused};

use super::{transports::LOGIN, *};
use crate::smtp_sink::{Behaviour, Mode, Offers};

fn smtp(settings: &SmtpSettings) -> Smtp {
    Smtp::new(settings).unwrap().with_patience(PATIENCE)
}

async fn two() -> (Post, SmtpSink, SmtpSink, Courier) {
    let (post, best, second) = (Post::new().await, SmtpSink::start().await, SmtpSink::start().await);
    let relays = Relays::of(vec![smtp(&plain(&best)), smtp(&plain(&second))]);
    let courier = post.courier(Transport::Smtp(relays));
    for name in ["alice", "bob", "carol"] {
        post.has(name).await;
        post.promise_reset(&format!("{name}@example.test")).await;
    }
    (post, best, second, courier)
}

#[tokio::test]
async fn the_second_relay_is_for_when_the_first_is_away() {
    let (post, mut best, second, courier) = two().await;
    best.go_away().await;
    assert_eq!(courier.deliver_due().await.unwrap(), 3);
    assert_eq!((best.received().len(), second.received().len()), (0, 3));
    best.come_back();
    post.advance(61);
    post.promise_reset("alice@example.test").await;
    assert_eq!(courier.deliver_due().await.unwrap(), 1);
    assert_eq!((best.received().len(), second.received().len()), (1, 3), "the best one is back");
}

#[tokio::test]
async fn a_letter_that_the_first_relay_puts_off_goes_over_the_second_at_once() {
    let (_post, best, second, courier) = two().await;
    best.behave(Behaviour::RefuseContent(452));
    assert_eq!(courier.deliver_due().await.unwrap(), 3);
    assert_eq!((best.received().len(), second.received().len()), (0, 3));
}

#[tokio::test]
async fn a_letter_whose_fate_at_the_first_relay_is_unknown_is_not_offered_to_the_second() {
    let (_post, best, second, courier) = two().await;
    best.behave(Behaviour::DropAfterData);
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    assert_eq!((best.received().len(), second.received().len()), (3, 0));
}

#[tokio::test]
async fn when_both_relays_are_away_letters_wait_untried() {
    let (post, mut best, mut second, courier) = two().await;
    best.go_away().await;
    second.go_away().await;
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    second.come_back();
    post.advance(61);
    assert_eq!(courier.deliver_due().await.unwrap(), 3);
    assert_eq!(names(&second.received()), ["alice", "bob", "carol"]);
}

#[tokio::test]
async fn a_relay_that_knows_only_the_old_way_to_log_in_takes_letters() {
    let offers = Offers { auth: "LOGIN", smtputf8: false };
    let sink = SmtpSink::offering(Mode::Plain, Some(LOGIN), offers).await;
    let post = Post::new().await;
    post.has("alice").await;
    post.promise_reset("alice@example.test").await;
    let settings = SmtpSettings {
        username: Some(LOGIN.0.to_owned()),
        password: Some(LOGIN.1.to_owned().into()),
        ..plain(&sink)
    };
    assert_eq!(post.courier(over(&settings)).deliver_due().await.unwrap(), 1);
    assert_eq!(sink.received()[0].login.as_deref(), Some(LOGIN.0));
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_relay_that_can() {
    const ADDRESS: &str = "jörg@example.test";
    for (smtputf8, expected) in [(true, "sent"), (false, "given up")] {
        let sink = SmtpSink::offering(Mode::Plain, None, Offers { auth: "", smtputf8 }).await;
        let post = Post::new().await;
        let letter = post.promise(LetterKind::Test, ADDRESS, None).await;
        post.courier_to(&sink).deliver_due().await.unwrap();
        let (fate, why) = post.fate(letter).await;
        assert_eq!(fate, expected, "{why}");
        match smtputf8 {
            true => assert_eq!(sink.received()[0].to, [ADDRESS]),
            false => assert_eq!(why, "the relay takes ASCII addresses only: it offers no SMTPUTF8"),
        }
    }
}

/// The domain is written as DNS knows it, so an old relay takes the letter.
#[tokio::test]
async fn an_address_at_a_domain_beyond_ascii_needs_no_relay_of_its_own() {
    let sink = SmtpSink::offering(Mode::Plain, None, Offers { auth: "", smtputf8: false }).await;
    let post = Post::new().await;
    let letter = post.promise(LetterKind::Test, "joerg@müller.example", None).await;
    assert_eq!(post.courier_to(&sink).deliver_due().await.unwrap(), 1);
    assert_eq!(post.fate(letter).await.0, "sent");
    let received = sink.received();
    assert_eq!(received[0].to, ["joerg@xn--mller-kva.example"]);
    assert!(received[0].message.contains("To: joerg@xn--mller-kva.example\r\n"));
}

#[test]
fn one_relay_and_several_can_not_be_named_at_once() {
    let settings = MailSettings {
        transport: TransportKind::Smtp,
        smtp: Some(SmtpSettings::default()),
        relay: vec![SmtpSettings::default()],
        ..MailSettings::default()
    };
    let refused = Transport::open(&settings, "/nowhere".as_ref());
    assert!(matches!(refused.err(), Some(TransportRefused::TwoWays)));
    let several = MailSettings { smtp: None, ..settings };
    assert!(Transport::open(&several, "/nowhere".as_ref()).is_ok());
}
