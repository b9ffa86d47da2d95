//! What becomes of a promise.

use latchkey::{
    domain::Digest,
    mail::DeliveryError,
    store::{outbox, reset_keys},
};

use super::*;

fn not_now() -> DeliveryError {
    DeliveryError::Temporary(latchkey::mail::Reason::new("not now"))
}

#[tokio::test]
async fn a_reset_letter_holds_a_key_of_the_account_that_asked() {
    let post = Post::new().await;
    let alice = post.has("alice").await;
    let letter = post.promise_reset("ALICE@example.test").await;
    let (courier, memory) = post.courier_in_memory();
    assert_eq!(courier.deliver_due().await.unwrap(), 1);
    let letters = memory.letters();
    assert_eq!(letters[0].recipient, "alice@example.test");
    assert_eq!(post.opens(key_in(&letters[0].text)).await, Some(alice));
    assert_eq!(post.fate(letter).await.0, "sent");
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
}

#[tokio::test]
async fn an_unknown_address_gets_no_letter_and_leaves_no_row() {
    let post = Post::new().await;
    let letter = post.promise_reset("nobody@example.test").await;
    let (courier, memory) = post.courier_in_memory();
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    assert!(memory.letters().is_empty());
    assert_eq!(post.fate(letter).await.0, "gone");
}

#[tokio::test]
async fn a_sent_letter_leaves_whose_it_was_and_no_address() {
    let post = Post::new().await;
    let alice = post.has("alice").await;
    let letter = post.promise_reset("alice@example.test").await;
    post.courier_in_memory().0.deliver_due().await.unwrap();
    const SQL: &str = "SELECT recipient, origin, account_id FROM latchkey.outbox WHERE id = $1";
    let row = post.database.client().await.unwrap().query_one(SQL, &[&letter]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "");
    assert_eq!(row.get::<_, Option<String>>(1), None);
    assert_eq!(row.get::<_, i64>(2), alice.0);
}

#[tokio::test]
async fn a_notice_goes_to_the_address_it_was_promised_to() {
    let post = Post::new().await;
    let alice = post.has("alice").await;
    post.promise(LetterKind::PasswordChanged, "former@example.test", Some(alice)).await;
    let (courier, memory) = post.courier_in_memory();
    assert_eq!(courier.deliver_due().await.unwrap(), 1);
    let letters = memory.take();
    assert_eq!(letters[0].recipient, "former@example.test");
    assert!(letters[0].text.contains("The password of the account alice"));
    assert!(memory.letters().is_empty());
}

#[tokio::test]
async fn every_key_of_a_letter_that_was_tried_twice_is_good() {
    let post = Post::new().await;
    let alice = post.has("alice").await;
    post.promise_reset("alice@example.test").await;
    let (courier, memory) = post.courier_in_memory();
    memory.refuse_next(not_now());
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    post.advance(13);
    assert_eq!(courier.deliver_due().await.unwrap(), 1);
    assert_eq!(post.opens(key_in(&memory.letters()[0].text)).await, Some(alice));
    let client = post.database.client().await.unwrap();
    let keys: i64 = client.query_one("SELECT count(*) FROM latchkey.reset_key", &[]).await.unwrap().get(0);
    assert_eq!(keys, 2);
}

#[tokio::test]
async fn a_letter_nobody_takes_is_tried_to_its_end_and_given_up() {
    let post = Post::new().await;
    post.has("alice").await;
    let letter = post.promise_reset("alice@example.test").await;
    let (courier, memory) = post.courier_in_memory();
    let mut rounds = 0;
    while post.fate(letter).await.0 == "waiting" {
        memory.refuse_next(not_now());
        courier.deliver_due().await.unwrap();
        post.advance(5);
        rounds += 1;
    }
    let (fate, why) = post.fate(letter).await;
    assert_eq!((fate, why.as_str()), ("given up", "not now"));
    assert!((58 * 12..=60 * 12 + 1).contains(&rounds), "after {} s", rounds * 5);
    const SQL: &str = "SELECT attempts FROM latchkey.outbox WHERE id = $1";
    let client = post.database.client().await.unwrap();
    let attempts: i32 = client.query_one(SQL, &[&letter]).await.unwrap().get(0);
    assert!((8..=16).contains(&attempts), "{attempts}");
}

#[tokio::test]
async fn a_letter_past_its_end_is_not_sent() {
    let post = Post::new().await;
    post.has("alice").await;
    let letter = post.promise_reset("alice@example.test").await;
    post.advance(3600);
    let (courier, memory) = post.courier_in_memory();
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    assert!(memory.letters().is_empty());
    assert_eq!(post.fate(letter).await, ("given up", "not delivered in time".to_owned()));
}

#[tokio::test]
async fn a_leased_letter_is_passed_by_until_the_lease_ends() {
    let post = Post::new().await;
    post.has("alice").await;
    let letter = post.promise_reset("alice@example.test").await;
    let client = post.database.client().await.unwrap();
    let lost = outbox::lease(&client, post.clock.now(), Duration::from_secs(30), 10).await.unwrap();
    assert_eq!(lost.len(), 1);
    let (courier, memory) = post.courier_in_memory();
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    post.advance(31);
    assert_eq!(courier.deliver_due().await.unwrap(), 1);
    assert_eq!(memory.letters().len(), 1);
    // Whoever lost the lease can't bring the letter back.
    outbox::retry_at(&client, &lost[0], post.clock.now(), "late").await.unwrap();
    assert_eq!(post.fate(letter).await, ("sent", String::new()));
}

#[tokio::test]
async fn a_lease_can_be_renewed_and_handed_back_uncounted() {
    let post = Post::new().await;
    post.promise_reset("alice@example.test").await;
    let client = post.database.client().await.unwrap();
    let lease_for = Duration::from_secs(30);
    let mine = outbox::lease(&client, post.clock.now(), lease_for, 10).await.unwrap();
    post.advance(25);
    outbox::renew(&client, &[&mine[0]], post.clock.now() + lease_for).await.unwrap();
    post.advance(25);
    assert!(outbox::lease(&client, post.clock.now(), lease_for, 10).await.unwrap().is_empty());
    outbox::release(&client, &[&mine[0]], Some("handed\r\nback")).await.unwrap();
    let again = outbox::lease(&client, post.clock.now(), lease_for, 10).await.unwrap();
    assert_eq!((again.len(), again[0].attempts), (1, 1));
    assert_eq!(post.fate(again[0].id).await.1, "handed  back");
}

#[tokio::test]
async fn resets_of_an_account_can_be_withdrawn_while_they_wait() {
    let post = Post::new().await;
    let alice = post.has("alice").await;
    post.has("bob").await;
    let voided = post.promise_reset("Alice@Example.Test").await;
    let notice = post.promise(LetterKind::PasswordChanged, "alice@example.test", Some(alice)).await;
    let other = post.promise_reset("bob@example.test").await;
    let client = post.database.client().await.unwrap();
    outbox::withdraw(&client, alice).await.unwrap();
    assert_eq!(post.fate(voided).await.0, "gone");
    assert_eq!(post.courier_in_memory().0.deliver_due().await.unwrap(), 2);
    assert_eq!((post.fate(notice).await.0, post.fate(other).await.0), ("sent", "sent"));
}

#[tokio::test]
async fn no_key_is_minted_behind_the_back_of_a_password_change() {
    let post = Post::new().await;
    let alice = post.has("alice").await;
    post.promise_reset("alice@example.test").await;
    let mut courier = post.database.client().await.unwrap();
    let letter =
        outbox::lease(&courier, post.clock.now(), Duration::from_secs(30), 1).await.unwrap().remove(0);
    let minting = courier.transaction().await.unwrap();
    let until = post.clock.now() + Duration::from_secs(30);
    assert_eq!(outbox::hold(&minting, &[&letter], until).await.unwrap(), [letter.id]);
    let digest = Digest::of(b"key");
    reset_keys::mint(&minting, &letter, &digest, post.clock.now()).await.unwrap();

    let (database, now) = (post.database.clone(), post.clock.now());
    let change = tokio::spawn(async move {
        let mut client = database.client().await.unwrap();
        let change = client.transaction().await.unwrap();
        outbox::withdraw(&change, alice).await.unwrap();
        reset_keys::void_all(&change, alice, now).await.unwrap();
        change.commit().await.unwrap();
    });
    support::somebody_waits_for_a_lock(&post.database).await;
    minting.commit().await.unwrap();
    change.await.unwrap();
    assert!(reset_keys::holder(&courier, &digest, now).await.unwrap().is_none());
    let late = courier.transaction().await.unwrap();
    assert!(outbox::hold(&late, &[&letter], until).await.unwrap().is_empty());
}

#[tokio::test]
async fn letters_of_a_kind_that_a_later_release_knows_are_left_to_it() {
    let post = Post::new().await;
    let letter = post.promise_reset("alice@example.test").await;
    let client = post.database.client().await.unwrap();
    client.execute("UPDATE latchkey.outbox SET kind = 'birthday'", &[]).await.unwrap();
    assert_eq!(post.courier_in_memory().0.deliver_due().await.unwrap(), 0);
    assert_eq!(post.fate(letter).await.0, "waiting");
}
