//! The functions that every request pays for, one by one: `cargo bench --bench functions`.

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;
use latchkey::{
    api::{
        problem::Problem,
        reply::{Outcome, Reply},
        secrets::Secrets,
        site::Site,
        traffic_ops::{self, cookie},
    },
    app::{App, Parts},
    config::Config,
    domain::{Password, PasswordAttempt, PasswordContext, SessionToken},
    mail::{Memory, Transport},
    ports::{Clock as _, OsEntropy, SystemClock},
    store::Database,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

fn secrets() -> Secrets {
    Secrets::new(vec![Zeroizing::new(b"a key for the bench, as long as one that is drawn".to_vec())])
        .expect("a key")
}

/// An installation whose database nobody asks.
fn site() -> Arc<Site> {
    let config = Config::default();
    let parts = Parts {
        database: Database::open("host=/nowhere", &config.database).expect("a pool"),
        clock: Arc::new(SystemClock::default()),
        entropy: Arc::new(OsEntropy),
        transport: Transport::Memory(Memory::new()),
        mailbox: None,
        secrets: secrets(),
        public_url: "https://login.example.test".to_owned(),
    };
    App::assemble(&config, parts).expect("an application").site
}

/// As long as an account of 4.0.
fn account() -> Value {
    let text = "some text of a profile";
    json!({
        "addressLine1": text, "addressLine2": null, "changeLogCount": 17, "city": text, "company": text,
        "country": text, "email": "load1@load.example", "fullName": "Load Test", "gid": null, "id": 4711,
        "lastAuthenticated": "2026-11-21T12:00:00Z", "lastUpdated": "2026-11-21T12:00:00Z", "newUser": false,
        "phoneNumber": text, "postalCode": null, "publicSshKey": null, "registrationSent": null,
        "role": "operations", "stateOrProvince": null, "tenant": "root", "tenantId": 1, "ucdn": "", "uid": null,
        "username": "load1",
    })
}

fn cookies(criterion: &mut Criterion) {
    let (secrets, now) = (secrets(), SystemClock::default().now());
    let token = SessionToken::draw(|bytes| bytes.fill(7));
    let until = now + Duration::from_secs(3600);
    let sealed = cookie::seal(&secrets, "load1", &token, until);
    criterion.bench_function("cookie check", |b| {
        b.iter(|| cookie::open(black_box(&secrets), black_box(&sealed), now).is_ok())
    });
    criterion.bench_function("cookie renewal", |b| {
        b.iter(|| cookie::seal(black_box(&secrets), "load1", &token, until))
    });
}

fn envelopes(criterion: &mut Criterion) {
    let (site, account) = (site(), account());
    let render = |result: Result<Reply, Problem>| {
        let outcome = Outcome {
            site: &site,
            result,
            caller: None,
            renewal: None,
            allowed_origin: None,
            request_id: b"a name",
            took: Duration::ZERO,
        };
        (traffic_ops::DIALECT.render)(outcome)
    };
    criterion.bench_function("envelope and hash header, a sentence that was said before", |b| {
        b.iter(|| render(Ok(Reply::note("Successfully logged in."))))
    });
    criterion.bench_function("envelope and hash header, an account", |b| {
        b.iter(|| render(Reply::view(black_box(&account))))
    });
}

fn routes(criterion: &mut Criterion) {
    let site = site();
    for path in ["/api/4.0/user/current", "/api/5.0/users/4711", "/api/4.0/nothing"] {
        criterion.bench_function(&format!("route look-up, {path}"), |b| {
            b.iter(|| site.table.lookup(&Method::GET, black_box(path)))
        });
    }
}

fn passwords(criterion: &mut Criterion) {
    let about = PasswordContext {
        username: Some("load1"),
        email: Some("load1@load.example"),
        ..PasswordContext::default()
    };
    criterion.bench_function("password rules", |b| {
        b.iter(|| Password::parse(black_box("a password for the bench"), &about).is_ok())
    });
    criterion.bench_function("password attempt", |b| {
        b.iter(|| PasswordAttempt::parse(black_box("a password for the bench")).is_some())
    });
}

criterion_group! {
    name = functions;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = cookies, envelopes, routes, passwords
}
criterion_main!(functions);
