//! `unknown_account = "uniform"`: nobody learns who has an account.

use latchkey::service::UnknownAccount;

use super::program::{INVALID, RESET, is, reset};
use crate::support::{TestApp, account, lasting};

async fn uniform(fixed: bool) -> TestApp {
    TestApp::with(|config| {
        config.dialects.timeslot.unknown_account = UnknownAccount::Uniform;
        config.dialects.timeslot.fixed_password = fixed.then(|| "autechre".to_owned().into());
    })
    .await
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_bytes() {
    for fixed in [false, true] {
        let app = uniform(fixed).await;
        let alice = app.has(account("alice")).await;
        let known = reset(&app.anonymous(), &alice.email()).await;
        is(&known, 200, " ");
        let unknown = reset(&app.anonymous(), "nobody@example.test").await;
        assert_eq!(lasting(&unknown), lasting(&known));
        let letters = app.deliver().await;
        assert_eq!(letters.count(), 1);
        letters.only_letter_to(&alice.email());
        assert_eq!(
            app.number("SELECT count(*) FROM latchkey.outbox WHERE recipient LIKE 'nobody%'").await,
            0
        );
    }
}

/// "OK if valid email, 403 if invalid email": that much is true in both modes.
#[tokio::test]
async fn what_is_no_address_is_still_403() {
    let app = uniform(false).await;
    for text in ["alice", "a@@b", "@", "a b@c.test"] {
        is(&reset(&app.anonymous(), text).await, 403, INVALID);
    }
    let form = app.anonymous().with("Content-Type", "application/x-www-form-urlencoded");
    is(&form.send("POST", RESET, Some("email=alice".to_owned())).await, 403, INVALID);
}
