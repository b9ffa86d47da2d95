//! Somebody hangs up while a connection is in use: the next who is given it finds it as if nothing had been.

use futures_util::FutureExt as _;
use latchkey::store::{Database, DatabaseSettings};

use crate::support::empty_database_url;

const NOTE: &str = "INSERT INTO note VALUES ('a line')";

/// A database of its own, and a pool of one connection to it that has written before.
async fn pool(prepared_statements: bool) -> (String, Database) {
    let url = empty_database_url().await;
    let settings = DatabaseSettings { connections: 1, prepared_statements, ..DatabaseSettings::default() };
    let pool = Database::open(&url, &settings).unwrap();
    let client = pool.client().await.unwrap();
    client.batch_execute("CREATE TABLE note (line text)").await.unwrap();
    client.execute(NOTE, &[]).await.unwrap();
    (url, pool)
}

/// Writes on the one connection, and counts on another.
async fn after_the_next_note(url: &str, pool: &Database) -> i64 {
    pool.client().await.unwrap().execute(NOTE, &[]).await.unwrap();
    let other = Database::open(url, &DatabaseSettings::default()).unwrap().client().await.unwrap();
    other.query_one("SELECT count(*) FROM note", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn whoever_hangs_up_while_a_transaction_begins_leaves_none_open() {
    for prepared_statements in [true, false] {
        let (url, pool) = pool(prepared_statements).await;
        let mut client = pool.client().await.unwrap();
        assert!(client.transaction().now_or_never().is_none(), "it is on its way");
        drop(client);
        assert_eq!(after_the_next_note(&url, &pool).await, 2);
    }
}

#[tokio::test]
async fn whoever_hangs_up_while_a_statement_is_learned_leaves_no_transaction_open() {
    let (url, pool) = pool(false).await;
    let client = pool.client().await.unwrap();
    assert!(client.prepare_cached("SELECT line FROM note").now_or_never().is_none(), "it is on its way");
    drop(client);
    assert_eq!(after_the_next_note(&url, &pool).await, 2);
}

#[tokio::test]
async fn whoever_hangs_up_while_a_transaction_is_committed_leaves_it_committed() {
    let (url, pool) = pool(true).await;
    let mut client = pool.client().await.unwrap();
    let transaction = client.transaction().await.unwrap();
    transaction.execute(NOTE, &[]).await.unwrap();
    assert!(transaction.commit().now_or_never().is_none(), "it is on its way");
    drop(client);
    assert_eq!(after_the_next_note(&url, &pool).await, 3);
}
