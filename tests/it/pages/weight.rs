//! What a page weighs and what it costs. The weight has a limit; the time is printed, not judged: machines differ.

use std::time::{Duration, Instant};

use super::{Visitor, users::administrator};
use crate::support::{PASSWORD, TestApp, account};

/// Largest page, in bytes before compression.
const HEAVIEST: usize = 30 * 1024;

/// As much as one page ever shows.
const MUCH: &str = "
    INSERT INTO public.tenant (name, active, parent_id) SELECT 'a tenant with a long name, number ' || n, true, id
        FROM generate_series(1, 97) n, public.tenant WHERE name = 'root';
    INSERT INTO public.role (name, description, priv_level) SELECT 'a role with a long name, number ' || n, repeat('what it is for ', 8), 0
        FROM generate_series(1, 90) n;
    INSERT INTO public.role_capability (role_id, cap_name) SELECT r.id, 'SOME-LONG-PERMISSION-NAME:' || n
        FROM generate_series(1, 200) n, public.role r WHERE r.name = 'a role with a long name, number 1';
    INSERT INTO public.tm_user (username, full_name, email, role, tenant_id, last_authenticated)
        SELECT 'a-user-name-of-some-length-' || n, 'A Person with a Long Name ' || n, 'an.address.of.some.length.' || n || '@example.test',
            r.id, t.id, now() FROM generate_series(1, 60) n, public.role r, public.tenant t
        WHERE r.name = 'a role with a long name, number 1' AND t.name = 'a tenant with a long name, number 1';
    INSERT INTO latchkey.outbox (kind, dialect, recipient, promised_at, expires_at, due_at, attempts, last_failure)
        SELECT 'email_confirmation', 'pages', 'an.address.of.some.length.' || n || '@example.test', now(), now() + interval '9 years',
            now() + interval '9 years', 9, repeat('451 4.7.1 greylisted ', 8) FROM generate_series(1, 60) n;
    INSERT INTO latchkey.session (account_id, digest, ends_at, opened_at, last_seen_at, address, user_agent)
        SELECT u.id, sha256(n::text::bytea), '2026-11-22', '2026-11-21 11:00', '2026-11-21 11:50', '2001:db8:1:2:3:4:5:6', repeat('Mozilla/5.0 ', 16)
        FROM generate_series(1, 2500) n, public.tm_user u WHERE u.username = 'boss';
";

#[tokio::test]
async fn no_page_weighs_more_than_thirty_kilobytes_however_much_there_is() {
    let app = TestApp::start().await;
    let mut boss = administrator(&app).await;
    app.has(account("alice")).await;
    app.sql(MUCH).await;
    let number = |query: &'static str| app.number(query);
    let user = number("SELECT id FROM public.tm_user WHERE username LIKE 'a-user%' LIMIT 1").await;
    let role = number("SELECT id FROM public.role WHERE name LIKE 'a role%number 1'").await;
    let tenant = number("SELECT id FROM public.tenant WHERE name LIKE 'a tenant%number 1'").await;
    let fixed = [
        "/account",
        "/account/profile",
        "/account/password",
        "/account/email",
        "/account/sessions",
        "/account/activity",
    ];
    let fixed = fixed.into_iter().chain([
        "/users",
        "/users/new",
        "/users/invite",
        "/roles",
        "/roles/new",
        "/tenants",
    ]);
    let fixed = fixed.chain(["/tenants/new", "/outbox", "/no-such-page", "/forgot-password", "/style.css"]);
    let mut places: Vec<String> = fixed.map(str::to_owned).collect();
    for place in ["", "/edit", "/remove", "/activity"] {
        places.push(format!("/users/{user}{place}"));
    }
    places.extend([format!("/roles/{role}"), format!("/tenants/{tenant}")]);
    let mut guest = Visitor::at(&app);
    for place in ["/", "/sign-in", "/forgot-password"] {
        told(place, &mut guest).await;
    }
    for place in &places {
        told(place, &mut boss).await;
    }
    let refused = guest.sign_in(&"x".repeat(200), PASSWORD).await;
    assert!(refused.text.len() < HEAVIEST);
}

/// Opens a page some times, prints weight and time, and judges the weight.
async fn told(place: &str, visitor: &mut Visitor) {
    let mut times: Vec<Duration> = Vec::new();
    let mut bytes = 0;
    for _ in 0..9 {
        let begun = Instant::now();
        bytes = visitor.once("GET", place, None).await.body.len();
        times.push(begun.elapsed());
    }
    times.sort();
    println!(
        "{place:24} {bytes:6} bytes {:8.2} ms with connection and database",
        times[4].as_secs_f64() * 1000.0
    );
    assert!(bytes < HEAVIEST, "{place} weighs {bytes} bytes");
}
