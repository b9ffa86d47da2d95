//! A machine whose clock is wrong goes by the database's, so nothing lives longer or shorter for it.

use latchkey::ports::{Clock as _, SystemClock};
use time::Duration;

use crate::support::database;

#[tokio::test]
async fn a_clock_that_is_five_minutes_off_is_set_by_the_database_s() {
    let database = database().await;
    for wrong in [Duration::minutes(5), Duration::minutes(-5)] {
        let clock = SystemClock::default();
        clock.correct(database.time().await.unwrap() + wrong);
        let off = clock.now() - database.time().await.unwrap();
        assert!((off - wrong).abs() < Duration::minutes(1), "the machine is {off} off");
        clock.correct(database.time().await.unwrap());
        let off = clock.now() - database.time().await.unwrap();
        assert!(off.abs() < Duration::minutes(1), "after the correction it is {off} off");
    }
}
