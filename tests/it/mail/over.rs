//! What is over is cleared away.

use latchkey::store::housekeeping::{self, Retention};

use super::*;

async fn count(post: &Post, table: &str) -> i64 {
    let client = post.database.client().await.unwrap();
    client.query_one(&format!("SELECT count(*) FROM latchkey.{table}"), &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn letters_and_keys_stay_for_a_while_and_then_go() {
    let post = Post::new().await;
    post.has("alice").await;
    post.promise_reset("alice@example.test").await;
    post.promise_reset("alice@example.test").await;
    let (courier, memory) = post.courier_in_memory();
    courier.deliver_due().await.unwrap();
    memory.refuse_next(latchkey::mail::DeliveryError::Permanent(latchkey::mail::Reason::new("never")));
    post.promise(LetterKind::Test, "nobody@example.test", None).await;
    courier.deliver_due().await.unwrap();
    let left = |sent, failed, keys| [("sent", sent), ("failed", failed), ("keys", keys)];
    let day = 86_400;
    for (days, expected) in [(6, left(2, 1, 2)), (2, left(0, 1, 2)), (2, left(0, 1, 0)), (21, left(0, 0, 0))]
    {
        post.advance(days * day);
        let client = post.database.client().await.unwrap();
        housekeeping::clear(&client, &Retention::default(), post.clock.now()).await.unwrap();
        const SHELVES: &str = "SELECT count(sent_at), count(given_up_at) FROM latchkey.outbox";
        let row = client.query_one(SHELVES, &[]).await.unwrap();
        let now = left(row.get(0), row.get(1), count(&post, "reset_key").await);
        assert_eq!(now, expected);
    }
}

#[tokio::test]
async fn sessions_and_tokens_go_a_day_after_their_end_in_small_batches() {
    let post = Post::new().await;
    let alice = post.has("alice").await;
    let client = post.database.client().await.unwrap();
    let now = post.clock.now();
    const SESSIONS: &str = "INSERT INTO latchkey.session (account_id, digest, opened_at, last_seen_at, ends_at) \
         SELECT $1, sha256(n::text::bytea), $2, $2, $3 FROM generate_series(1, 1100) n";
    let an_hour = now + Duration::from_hours(1);
    client.execute(SESSIONS, &[&alice.0, &now, &an_hour]).await.unwrap();
    const TOKEN: &str = "INSERT INTO latchkey.auth_token (account_id, dialect, digest, issued_at, expires_at) \
         VALUES ($1, 'timeslot', sha256('a'), $2, $3), ($1, 'buddha_jones', sha256('b'), $2, NULL)";
    client.execute(TOKEN, &[&alice.0, &now, &an_hour]).await.unwrap();
    let clear = async || housekeeping::clear(&client, &Retention::default(), post.clock.now()).await.unwrap();
    post.advance(86_400);
    assert_eq!(clear().await, 0);
    post.advance(3_601);
    assert_eq!([clear().await, clear().await, clear().await, clear().await], [500, 500, 100, 0]);
    assert_eq!(count(&post, "auth_token").await, 1, "a token without an end stays");
}

#[tokio::test]
async fn an_address_that_nobody_confirmed_goes_a_week_after_its_end() {
    let post = Post::new().await;
    let alice = post.has("alice").await;
    let client = post.database.client().await.unwrap();
    const WANTED: &str = "INSERT INTO latchkey.email_change (account_id, outbox_id, email, expires_at) \
         VALUES ($1, 1, 'alice@elsewhere.test', $2)";
    client.execute(WANTED, &[&alice.0, &post.clock.now()]).await.unwrap();
    for (days, left) in [(7, 1), (1, 0)] {
        post.advance(days * 86_400);
        housekeeping::clear(&client, &Retention::default(), post.clock.now()).await.unwrap();
        assert_eq!(count(&post, "email_change").await, left);
    }
}
