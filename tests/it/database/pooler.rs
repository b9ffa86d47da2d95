//! Through PgBouncer in transaction mode; the whole suite goes through it with `make test-pgbouncer`.

use latchkey::{
    config::Config,
    store::{Database, DatabaseSettings, migrate},
};
use serde_json::json;

use crate::support::{PASSWORD, PgBouncer, TestApp, account, database_url, empty_database_url};

/// The same database behind PgBouncer; `None` where there is no PgBouncer.
fn behind(url: &str) -> Option<String> {
    if !PgBouncer::is_installed() {
        println!("not shown here: PgBouncer (tools/ensure pgbouncer)");
        return None;
    }
    let (_, name) = url.rsplit_once('/').unwrap();
    Some(PgBouncer::url(name))
}

fn pooled(config: &mut Config) {
    config.throttle.enabled = false;
    config.database.prepared_statements = false;
    config.database.connections = 20;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_connections_share_the_servers_of_pgbouncer_and_nobody_gets_anothers_answer() {
    let Some(url) = behind(&database_url().await) else { return };
    let app = TestApp::on(url, pooled).await;
    let mut people = Vec::new();
    for number in 0..20 {
        people.push(app.signed_in(account(&format!("user{number}"))).await);
    }
    let mut crowd = tokio::task::JoinSet::new();
    for person in people {
        crowd.spawn(async move {
            for _ in 0..10 {
                let current = person.get("user/current").await;
                assert_eq!(
                    (current.status, &current.json()["response"]["username"]),
                    (200, &json!(person.username()))
                );
                let letter = person.post("user/reset_password", json!({ "email": person.email() })).await;
                assert_eq!(letter.status, 200, "{}", letter.text());
                let mut own = current.json()["response"].clone();
                own["company"] = person.username().into();
                assert_eq!(person.put("user/current", own).await.status, 200);
            }
            let body = json!({ "u": person.username(), "p": PASSWORD });
            assert_eq!(person.post("user/login", body).await.status, 200);
        });
    }
    crowd.join_all().await;
    assert_eq!(app.number("SELECT count(*) FROM tm_user WHERE company = username").await, 20);
    let names = "SELECT count(*) FROM pg_prepared_statements";
    assert_eq!(app.number(names).await, 0, "nothing is left on the servers");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_instances_migrate_through_pgbouncer_one_after_the_other() {
    let Some(url) = behind(&empty_database_url().await) else { return };
    let runs: Vec<_> = (0..3)
        .map(|_| {
            tokio::spawn({
                let url = url.clone();
                async move { migrate::run(&url).await }
            })
        })
        .collect();
    let mut applied = 0;
    for run in runs {
        applied += usize::from(!run.await.unwrap().unwrap().is_empty());
    }
    assert_eq!(applied, 1, "one of them did it");
    let settings = DatabaseSettings { prepared_statements: false, ..DatabaseSettings::default() };
    let client = Database::open(&url, &settings).unwrap();
    let client = client.client().await.unwrap();
    let locks: i64 = client
        .query_one("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(locks, 0, "the lock was given back");
}

#[tokio::test]
async fn whoever_forgets_the_setting_is_told_of_it() {
    let Some(url) = behind(&database_url().await) else { return };
    let refusal = Database::open(&url, &DatabaseSettings::default()).unwrap().time().await.unwrap_err();
    assert!(refusal.to_string().contains("prepared_statements = false"), "{refusal}");
}
