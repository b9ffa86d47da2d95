//! Transactions that somebody leaves in the middle, or whose connection is lost.

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

#[tokio::test]
async fn whoever_hangs_up_in_a_transaction_of_one_leaves_nothing_of_it() {
    let (url, pool) = pool(true).await;
    let mut client = pool.client().await.unwrap();
    let transaction = client.transaction_of_one();
    assert!(transaction.execute(NOTE, &[]).now_or_never().is_none(), "it is on its way");
    drop(transaction);
    drop(client);
    assert_eq!(after_the_next_note(&url, &pool).await, 2);
}

#[tokio::test]
async fn the_statement_of_a_transaction_of_one_has_one_plan_and_the_next_are_planned_as_ever() {
    let (_, pool) = pool(true).await;
    let mut client = pool.client().await.unwrap();
    let manner = "SELECT current_setting('plan_cache_mode')";
    let transaction = client.transaction_of_one();
    let within: String = transaction.query_one(manner, &[]).await.unwrap().get(0);
    transaction.commit().await.unwrap();
    let after: String = client.query_one(manner, &[]).await.unwrap().get(0);
    assert_eq!((within.as_str(), after.as_str()), ("force_generic_plan", "auto"));
}

#[tokio::test]
async fn a_transaction_of_one_whose_connection_was_lost_is_begun_again() {
    let (url, pool) = pool(true).await;
    let other = Database::open(&url, &DatabaseSettings::default()).unwrap().client().await.unwrap();
    let mut client = pool.client().await.unwrap();
    let server: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    other.query_one("SELECT pg_terminate_backend($1, 5000)", &[&server]).await.unwrap();
    let transaction = client.transaction_of_one();
    transaction.execute(NOTE, &[]).await.unwrap();
    transaction.commit().await.unwrap();
    drop(client);
    assert_eq!(after_the_next_note(&url, &pool).await, 3);
}
