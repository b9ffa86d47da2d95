//! Moving in from a Traffic Ops: a second database, laid out like the original's (fact sheet Traffic Ops §8).

use serde_json::Value;

use super::program::Place;
use crate::support::{Client, TestApp};

/// The original's tables, in the order of its own schema; types and names by the fact sheet.
const TABLES: &str = "
    CREATE TABLE tenant (id bigserial PRIMARY KEY, name text NOT NULL UNIQUE, active boolean NOT NULL DEFAULT false,
        parent_id bigint DEFAULT 1 REFERENCES tenant, last_updated timestamptz NOT NULL DEFAULT now(),
        CHECK (id <> parent_id));
    CREATE TABLE role (id bigserial PRIMARY KEY, name text NOT NULL CONSTRAINT role_name_unique UNIQUE,
        description text NOT NULL, priv_level bigint NOT NULL, last_updated timestamptz NOT NULL DEFAULT now());
    CREATE TABLE role_capability (role_id bigint NOT NULL REFERENCES role ON DELETE CASCADE, cap_name text NOT NULL,
        last_updated timestamptz NOT NULL DEFAULT now(), UNIQUE (role_id, cap_name));
    CREATE TABLE tm_user (id bigserial PRIMARY KEY, username text NOT NULL, public_ssh_key text,
        role bigint REFERENCES role ON DELETE SET NULL, uid bigint, gid bigint, local_passwd text,
        confirm_local_passwd text, last_updated timestamptz NOT NULL DEFAULT now(), company text, email text,
        full_name text, new_user boolean NOT NULL DEFAULT false, address_line1 text, address_line2 text, city text,
        state_or_province text, phone_number text, postal_code text, country text, token text,
        registration_sent timestamptz, tenant_id bigint NOT NULL REFERENCES tenant,
        last_authenticated timestamptz, ucdn text NOT NULL DEFAULT '');
    CREATE UNIQUE INDEX idx_89765_username_unique ON tm_user (username);
    CREATE UNIQUE INDEX idx_89765_tmuser_email_unique ON tm_user (email);
    INSERT INTO tenant (id, name, active, parent_id) VALUES (1, 'root', true, NULL), (2, 'unassigned', true, 1),
        (7, 'north', true, 8), (8, 'cdn', true, 1), (9, 'asleep', false, 1);
    INSERT INTO role (id, name, description, priv_level) VALUES (1, 'admin',
        'Has access to everything - cannot be modified or deleted', 30), (4, 'operations', 'Runs the CDN', 20),
        (5, 'disallowed', 'Block all access', 0), (30, 'cache keeper', 'Looks after caches', 15);
    INSERT INTO role_capability (role_id, cap_name) VALUES (1, 'ALL'), (4, 'USER:READ'), (4, 'CDN:READ'),
        (4, 'SERVER:QUEUE'), (30, 'USER:READ'), (30, 'CACHE:UPDATE');";

/// alice's hash is of `twelve12!` (fact sheet §12), bob's of `password` in SHA-1, carol's of `legacy Passwörd` in bcrypt.
const PEOPLE: &str = "
    INSERT INTO tm_user (id, username, email, full_name, role, tenant_id, local_passwd, token, uid, public_ssh_key,
        last_authenticated, ucdn) VALUES
    (11, 'alice', 'Alice@example.test', 'Alice of the CDN', 4, 7, 'SCRYPT:16384:8:1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBk\
     aGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==:eLnmxjgZ4BhJeXBCJzt0jBNSo3xWBt30Iw87YY+4J2OF1CrKX7HDH6Yufteh\
     kg8d/dvbLBfZnbwxm0u3kFcWdg==', 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee', 1000, 'ssh-ed25519 AAAA alice',
     '2026-01-02 03:04:05.678901+00', 'up'),
    (12, 'bob', 'bob@example.test', NULL, 30, 8, '5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8', NULL, NULL, NULL, NULL, ''),
    (13, 'carol', NULL, NULL, 4, 1, '$2a$04$abcdefghijklmnopqrstuuNUX0YnlAzZ/fg9ctJ5tvii7to3QKT8a', NULL, NULL, NULL,
     NULL, ''),
    (14, 'extension', '', NULL, 4, 1, NULL, '91504CE6-8E4A-46B2-9F9F-FE7C15228498', NULL, NULL, NULL, ''),
    (15, 'erin', 'erin@example.test', NULL, 4, 1, NULL, NULL, NULL, NULL, NULL, ''),
    (16, 'other erin', 'Erin@Example.Test', NULL, 4, 1, NULL, NULL, NULL, NULL, NULL, ''),
    (17, 'frank', 'frank@example.test', NULL, 4, 1, 'Tw3lve as it is', NULL, NULL, NULL, NULL, ''),
    (18, 'gina', 'gina@localhost', NULL, 4, 1, NULL, NULL, NULL, NULL, NULL, ''),
    (19, 'nobody', 'nobody@example.test', NULL, NULL, 9, NULL, NULL, NULL, NULL, NULL, '')";

const REPORT: &str = "\
tm_user 16, \"other erin\": the address is also in tm_user 15
tm_user 17, \"frank\": the password hash is of no scheme that can be verified
tm_user 18, \"gina\": this is not an e-mail address
Tenants: 3 made, 2 there already
Roles: 1 made, 1 that nobody has yet changed, 2 there already
Accounts: 6 made, 0 there already
Not taken in: 3
";

async fn original() -> Place {
    let original = Place::bare().await;
    original.sql(TABLES).await;
    original.sql(PEOPLE).await;
    original
}

#[tokio::test]
async fn a_traffic_ops_moves_in_with_its_passwords() {
    let (original, place) = (original().await, Place::new().await);
    assert_eq!(place.ends(3, &["import", "traffic-ops", "-"], &original.url), REPORT);

    let alice: Value = serde_json::from_str(
        &place.text("SELECT to_jsonb(u)::text FROM tm_user u WHERE username = 'alice'").await,
    )
    .unwrap();
    assert_eq!(alice["email"], "Alice@example.test");
    assert_eq!((&alice["uid"], &alice["ucdn"]), (&1000.into(), &"up".into()));
    assert_eq!(alice["public_ssh_key"], "ssh-ed25519 AAAA alice");
    assert_eq!(alice["last_authenticated"], "2026-01-02T03:04:05.678901+00:00");
    assert_eq!(alice["token"], Value::Null, "the original's tokens open nothing here");
    let tree = "SELECT string_agg(t.name || '<' || p.name, ' ' ORDER BY t.name) FROM tenant t \
         JOIN tenant p ON p.id = t.parent_id";
    assert_eq!(place.text(tree).await, "asleep<root cdn<root north<cdn unassigned<root");
    let granted = "SELECT string_agg(cap_name, ' ' ORDER BY cap_name) FROM role_capability c \
         JOIN role r ON r.id = c.role_id WHERE r.name = 'operations'";
    assert_eq!(place.text(granted).await, "CDN:READ SERVER:QUEUE USER:READ");

    let trail = "SELECT string_agg(event || n, ' ' ORDER BY event) FROM (SELECT event, count(*) AS n \
         FROM latchkey.audit_event WHERE (detail ->> 'imported')::boolean GROUP BY event) AS e";
    assert_eq!(place.text(trail).await, "account_created6 role_changed1 role_created1 tenant_created3");

    let app = TestApp::on(place.url.clone(), |_| {}).await;
    let known = [("alice", "twelve12!"), ("bob", "password"), ("carol", "legacy Passwörd")];
    for (name, password) in known {
        let mut client = Client::new(app.address(), Some(name.to_owned()));
        client.sign_in(password).await;
        client.sign_in(password).await;
    }
    let kept = "SELECT count(*)::text FROM tm_user WHERE local_passwd LIKE '$bcrypt-sha256$v=2,t=2b,r=4$%'";
    assert_eq!(place.text(kept).await, "3", "hashed again at the first sign-in");
}

#[tokio::test]
async fn a_second_run_changes_nothing_and_says_so() {
    let (original, place) = (original().await, Place::new().await);
    place.ends(3, &["import", "traffic-ops", "-"], &format!("{}\n", original.url));
    let before = place.digest().await;
    let again = place.ends(3, &["import", "traffic-ops", "-"], &original.url);
    assert!(
        again.starts_with("tm_user 16, \"other erin\": the address is that of the account erin\n"),
        "{again}"
    );
    assert!(
        again.ends_with(
            "Roles: 0 made, 4 there already\nAccounts: 0 made, 6 there already\nNot taken in: 3\n"
        )
    );
    assert_eq!(place.digest().await, before);
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_keeps_nothing() {
    let (original, place) = (original().await, Place::new().await);
    let before =
        place.text("SELECT (count(*) || ' ' || (SELECT count(*) FROM role))::text FROM tenant").await;
    let said = place.ends(3, &["import", "traffic-ops", "--dry-run", "-"], &original.url);
    assert_eq!(said, format!("{REPORT}This was a dry run: nothing was kept.\n"));
    let counts = "SELECT (count(*) || ' ' || (SELECT count(*) FROM role))::text FROM tenant";
    assert_eq!(place.text(counts).await, before);
    assert_eq!(place.text("SELECT count(*)::text FROM tm_user").await, "0");
}

#[tokio::test]
async fn an_older_original_lacks_columns_and_its_plain_passwords_can_be_left_behind() {
    let (original, place) = (original().await, Place::new().await);
    original.sql("ALTER TABLE tm_user DROP COLUMN ucdn, DROP COLUMN last_authenticated").await;
    let said = place.ends(3, &["import", "traffic-ops", "--drop-unknown-hashes", "-"], &original.url);
    assert!(
        said.contains("Accounts: 7 made, 0 there already\nWithout their password: 1\nNot taken in: 2\n"),
        "{said}"
    );
    let frank = "SELECT (local_passwd IS NULL AND ucdn = '')::text FROM tm_user WHERE username = 'frank'";
    assert_eq!(place.text(frank).await, "true");
}

#[tokio::test]
async fn a_database_that_is_no_traffic_ops_is_told_so() {
    let (nothing, place) = (Place::bare().await, Place::new().await);
    let why = place.ends(1, &["import", "traffic-ops", "-"], &nothing.url);
    assert!(why.contains("the database to read from") && why.contains("tm_user"), "{why}");
    let why = place.ends(1, &["import", "traffic-ops", "no connection string"], "");
    assert!(why.contains("the database to read from"), "{why}");
    for told in ["postgresql://somebody:secret@localhost/to", "host=localhost password=secret"] {
        let why = place.ends(1, &["import", "traffic-ops", told], "");
        assert!(why.contains("put `-` in its place") && !why.contains("secret"), "{why}");
    }
}
