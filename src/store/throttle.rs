//! Table `latchkey.throttle`: sign-ins that failed, and how long the next one has to wait.

use time::OffsetDateTime;

use super::{GenericClient, StoreError};
use crate::domain::Digest;

/// How failures are answered.
#[derive(Clone, Copy)]
pub struct Waits<'a> {
    /// Seconds after the first failure, the second and so on; the last counts for all that follow. Never empty.
    pub seconds: &'a [i32],
    /// Failures in a day after which nothing more is tried until the day is over.
    pub a_day: i32,
}

/// Until when a subject is held back; `NULL` where it is not, at the time `$now`.
macro_rules! held_until {
    ($subject:literal, $now:literal) => {
        concat!(
            "(SELECT blocked_until FROM latchkey.throttle WHERE subject = ",
            $subject,
            " AND blocked_until > ",
            $now,
            ")"
        )
    };
}
pub(super) use held_until;

/// Whether nothing is counted against a subject that a sign-in would have to wait for or to end, at the time `$now`.
macro_rules! unburdened {
    ($subject:literal, $now:literal) => {
        concat!(
            "NOT EXISTS (SELECT FROM latchkey.throttle t WHERE t.subject = ",
            $subject,
            " AND (t.streak > 0 OR t.blocked_until > ",
            $now,
            "))"
        )
    };
}
pub(super) use unburdened;

/// Counts a failure of each subject.
///
/// # Errors
/// [`StoreError`].
pub async fn failed(
    client: &impl GenericClient,
    subjects: &[Digest],
    waits: Waits<'_>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    // Sorted, so that two sign-ins never wait for each other in a circle.
    const SQL: &str = "INSERT INTO latchkey.throttle AS t (subject, streak, failures, began_at, blocked_until) \
         SELECT s, 1, 1, $2, $2::timestamptz + make_interval(secs => ($3::integer[])[1]) \
           FROM unnest($1::bytea[]) AS s ORDER BY s \
         ON CONFLICT (subject) DO UPDATE SET \
           (streak, failures, began_at, blocked_until) = (SELECT n.streak, n.failures, n.began_at, \
             CASE WHEN n.failures >= $4 THEN n.began_at + interval '1 day' \
               ELSE $2 + make_interval(secs => ($3::integer[])[least(n.streak, cardinality($3::integer[]))]) END \
             FROM (SELECT CASE WHEN over THEN 1 ELSE t.streak + 1 END AS streak, \
                CASE WHEN over THEN 1 ELSE t.failures + 1 END AS failures, \
                CASE WHEN over THEN $2 ELSE t.began_at END AS began_at \
                FROM (SELECT t.began_at <= $2 - interval '1 day' AS over) o) n)";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&bytes(subjects), &now, &waits.seconds, &waits.a_day]).await?;
    Ok(())
}

/// Until when the first of the subjects is held back, and until when any of the others is.
///
/// # Errors
/// [`StoreError`].
pub async fn held(
    client: &impl GenericClient,
    subjects: &[Digest],
    now: OffsetDateTime,
) -> Result<[Option<OffsetDateTime>; 2], StoreError> {
    const SQL: &str = "SELECT max(blocked_until) FILTER (WHERE subject = ($1::bytea[])[1]), \
           max(blocked_until) FILTER (WHERE subject <> ($1::bytea[])[1]) \
         FROM latchkey.throttle WHERE subject = ANY ($1) AND blocked_until > $2";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_one(&statement, &[&bytes(subjects), &now]).await?;
    Ok([row.try_get(0)?, row.try_get(1)?])
}

/// Starts the streaks of the subjects again. The day's count goes on unless it is to start again too.
///
/// # Errors
/// [`StoreError`].
pub async fn relieve(
    client: &impl GenericClient,
    subjects: &[Digest],
    start_again: bool,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE latchkey.throttle SET streak = 0, failures = CASE WHEN $2 THEN 0 ELSE failures END \
         WHERE subject = ANY ($1) AND streak > 0";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&bytes(subjects), &start_again]).await?;
    Ok(())
}

/// Forgets the subjects, the day's count included: the password that was guessed at is another one now.
///
/// # Errors
/// [`StoreError`].
pub async fn forget(client: &impl GenericClient, subjects: &[Digest]) -> Result<(), StoreError> {
    let statement = client.prepare_cached("DELETE FROM latchkey.throttle WHERE subject = ANY ($1)").await?;
    client.execute(&statement, &[&bytes(subjects)]).await?;
    Ok(())
}

fn bytes(subjects: &[Digest]) -> Vec<&[u8]> {
    subjects.iter().map(|subject| subject.0.as_slice()).collect()
}
