//! Neither a request nor housekeeping reads a whole large table: every statement that the server keeps prepared is explained
//! on 20,000 rows.

use std::sync::Arc;

use latchkey::{
    ports::{Clock as _, OsEntropy},
    store::{
        GenericClient,
        housekeeping::{self, Retention},
    },
};
use serde_json::json;
use tokio_postgres::NoTls;

use crate::support::{PASSWORD, TestApp, account, database_url, direct_url};

/// Tables that grow with the number of people, as the rows below fill them.
const LARGE: [&str; 7] =
    ["tm_user", "log", "session", "outbox", "reset_request", "reset_key", "letter_allowance"];

/// Statements that read a whole table because what they are about is the whole table, by how they begin.
const ABOUT_ALL: [&str; 1] = [
    // When anything in a list last changed: the newest row of the index on `last_updated`, and small tables.
    "SELECT greatest('epoch'",
];

const ROWS: &str = "\
    INSERT INTO public.tm_user (username, email, full_name, tenant_id, role, local_passwd) \
      SELECT 'user' || n, 'user' || n || '@example.test', 'User ' || n, t.id, r.id, 'none' \
      FROM generate_series(1, 20000) n, public.tenant t, public.role r \
      WHERE t.name = 'root' AND r.name = 'read-only'; \
    INSERT INTO public.log (level, message, tm_user) \
      SELECT 'APICHANGE', 'something', id FROM public.tm_user WHERE username LIKE 'user%'; \
    INSERT INTO latchkey.session (account_id, digest, opened_at, last_seen_at, ends_at) \
      SELECT id, sha256(username::bytea), '2026-11-21 11:00+00', '2026-11-21 11:00+00', '2026-11-22 11:00+00' \
      FROM public.tm_user WHERE username LIKE 'user%'; \
    INSERT INTO latchkey.outbox (kind, dialect, recipient, promised_at, expires_at, due_at, sent_at) \
      SELECT 'password_reset', 'traffic_ops', '', '2026-11-21 10:00+00', '2026-11-21 11:00+00', \
        '2026-11-21 10:00+00', '2026-11-21 10:01+00' FROM generate_series(1, 20000); \
    INSERT INTO latchkey.reset_request (account_id, outbox_id, dialect, requested_at, expires_at, voided_at) \
      SELECT id, id, 'traffic_ops', '2026-11-21 10:00+00', '2026-11-21 11:00+00', '2026-11-21 11:00+00' \
      FROM public.tm_user WHERE username LIKE 'user%'; \
    INSERT INTO latchkey.reset_key (digest, request_id, minted_at) \
      SELECT sha256(id::text::bytea), id, '2026-11-21 10:00+00' FROM latchkey.reset_request; \
    INSERT INTO latchkey.letter_allowance (recipient, letters, began_at) \
      SELECT sha256(n::text::bytea), 1, '2026-11-21 10:00+00' FROM generate_series(1, 20000) n; \
    VACUUM ANALYZE";

/// What else housekeeping clears away; nothing of it is over.
const KEPT: &str = "\
    INSERT INTO latchkey.oauth_client (id, secret_digest, name, created_at) \
      VALUES ('program', sha256('secret'), 'A program', '2026-11-21 10:00+00'); \
    INSERT INTO latchkey.token_family (client_id, account_id, granted_at, refreshable_until) \
      SELECT 'program', id, '2026-11-21 10:00+00', '2026-12-21 10:00+00' FROM public.tm_user; \
    INSERT INTO latchkey.auth_token (account_id, dialect, digest, issued_at, expires_at) \
      SELECT id, 'timeslot', sha256(username::bytea), '2026-11-21 10:00+00', '2026-12-21 10:00+00' FROM public.tm_user; \
    INSERT INTO latchkey.temporary_password (digest, account_id, outbox_id, dialect, minted_at, expires_at) \
      SELECT sha256(username::bytea), id, id, 'timeslot', '2026-11-21 10:00+00', '2026-12-21 10:00+00' \
      FROM public.tm_user; \
    INSERT INTO latchkey.email_change (account_id, outbox_id, email, expires_at) \
      SELECT id, id, username || '@example.test', '2026-12-21 10:00+00' FROM public.tm_user; \
    INSERT INTO latchkey.audit_event (happened_at, event, account_id, dialect) \
      SELECT '2026-11-21 10:00+00', 'signed_in', id, 'pages' FROM public.tm_user; \
    INSERT INTO latchkey.device (account_id, place, program, first_seen_at, last_seen_at) \
      SELECT id, '192.0.2.1', sha256('program'), '2026-11-21 10:00+00', '2026-11-21 10:00+00' FROM public.tm_user; \
    INSERT INTO latchkey.throttle (subject, streak, failures, began_at, blocked_until) \
      SELECT sha256(username::bytea), 1, 1, '2026-11-21 10:00+00', '2026-11-21 10:00+00' FROM public.tm_user; \
    VACUUM ANALYZE";

/// On a PostgreSQL with nothing in between: it tells which statements are kept prepared.
async fn app() -> TestApp {
    let url = database_url().await;
    let (_, name) = url.rsplit_once('/').unwrap();
    TestApp::drawing(Arc::new(OsEntropy), direct_url(name), |config| {
        config.database.prepared_statements = true;
    })
    .await
}

#[tokio::test]
async fn no_statement_of_a_request_reads_a_whole_large_table() {
    let app = app().await;
    fill(&app, ROWS).await;
    tour(&app).await;
    let mut told = Vec::new();
    for (statement, plan) in plans(&app).await {
        if std::env::var_os("SHOW_PLANS").is_some() {
            println!("{statement}\n{plan}\n");
        }
        let read_whole = plan.lines().filter_map(|line| line.split_once("Seq Scan on ")?.1.split(' ').next());
        let about_all = ABOUT_ALL.iter().any(|beginning| statement.starts_with(beginning));
        if !about_all && read_whole.into_iter().any(|table| LARGE.contains(&table)) {
            told.push(format!("{statement}\n{plan}"));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n\n"));
}

#[tokio::test]
async fn lists_by_a_unique_name_find_their_row_by_an_index() {
    let app = app().await;
    fill(&app, ROWS).await;
    let reader = app.signed_in(account("reader")).await;
    // What a list asks has too many forms to be kept prepared: whether it read all rows, the statistics tell.
    let read =
        "SELECT coalesce(sum(seq_tup_read), 0)::bigint FROM pg_stat_user_tables WHERE relname = 'tm_user'";
    for filter in ["id=77", "username=user77", "email=USER77@example.test"] {
        let before = app.number(read).await;
        reader.get(&format!("users?{filter}")).await.succeeds();
        flushed(&app).await;
        assert_eq!(app.number(read).await, before, "{filter} reads all accounts");
    }
}

#[tokio::test]
async fn housekeeping_finds_what_is_over_by_an_index() {
    let app = app().await;
    fill(&app, ROWS).await;
    fill(&app, KEPT).await;
    let client = app.database.client().await.unwrap();
    housekeeping::clear(&client, &Retention::default(), app.clock.now()).await.unwrap();
    let kept =
        "SELECT name, statement FROM pg_prepared_statements WHERE statement LIKE 'DELETE%SKIP LOCKED)'";
    let kept = client.query(kept, &[]).await.unwrap();
    assert!(kept.len() >= 10, "it clears away more than {} kinds", kept.len());
    for row in kept {
        let (name, statement): (String, String) = (row.get(0), row.get(1));
        let plan = explained(&client, &format!("\"{name}\"('2026-11-20 10:00+00', 500)")).await;
        assert!(!plan.contains("Seq Scan"), "{statement}\n{plan}");
    }
}

/// Has the statistics of every connection written down.
async fn flushed(app: &TestApp) {
    for client in all(app).await {
        client.batch_execute("SELECT pg_stat_force_next_flush()").await.unwrap();
    }
    app.database.line().await.unwrap().batch_execute("SELECT pg_stat_force_next_flush()").await.unwrap();
}

/// Every connection of the application but the one that is shared.
async fn all(app: &TestApp) -> Vec<latchkey::store::Client> {
    let mut held = Vec::new();
    for _ in 1..app.database.load().most {
        held.push(app.database.client().await.unwrap());
    }
    held
}

async fn fill(app: &TestApp, rows: &str) {
    let (client, connection) = tokio_postgres::connect(&app.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    for statement in rows.split("; ").map(str::trim) {
        client.batch_execute(statement).await.unwrap();
    }
}

/// What people and programs do most.
async fn tour(app: &TestApp) {
    let mut alice = app.signed_in(account("alice")).await;
    alice.get("user/current").await.succeeds();
    alice.get("users?username=user5").await.succeeds();
    let guest = app.anonymous();
    guest.post("user/login", json!({ "u": "alice", "p": "a wrong password" })).await.refused_with(401);
    guest.post("user/reset_password", json!({ "email": "alice@example.test" })).await.succeeds();
    let key = app.deliver().await.only_letter_to("alice@example.test").reset_key();
    guest.post("user/login/token", json!({ "t": key })).await.succeeds();
    alice.sign_in(PASSWORD).await;
    alice.post("user/logout", json!({})).await.succeeds();
}

/// Every statement that a connection of the application has prepared, with the plan it has whatever its values are.
async fn plans(app: &TestApp) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for client in all(app).await {
        explain(&client, &mut found).await;
    }
    explain(&*app.database.line().await.unwrap(), &mut found).await;
    found.sort();
    found.dedup();
    let shown = found.iter().map(|(statement, _)| statement.as_str()).collect::<Vec<_>>().join("\n");
    assert!(found.len() >= 8 && shown.contains("FROM latchkey.session s JOIN"), "few statements:\n{shown}");
    found
}

async fn explain(client: &impl GenericClient, found: &mut Vec<(String, String)>) {
    const KEPT: &str = "SELECT name, statement, cardinality(parameter_types) FROM pg_prepared_statements \
         WHERE statement ~ '^(SELECT|INSERT|UPDATE|DELETE|WITH)' AND statement !~ 'pg_prepared_statements'";
    client.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    for row in client.query(KEPT, &[]).await.unwrap() {
        let (name, statement, values): (String, String, i32) = (row.get(0), row.get(1), row.get(2));
        let nulls = vec!["NULL"; usize::try_from(values).unwrap()].join(", ");
        let values = if nulls.is_empty() { nulls } else { format!("({nulls})") };
        found.push((statement, explained(client, &format!("\"{name}\"{values}")).await));
    }
}

/// The plan of a prepared statement with these values.
async fn explained(client: &impl GenericClient, execution: &str) -> String {
    let lines = client.query(&format!("EXPLAIN (COSTS OFF) EXECUTE {execution}"), &[]).await.unwrap();
    lines.iter().map(|line| line.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
}
