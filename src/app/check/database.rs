//! Whether the database can be reached, is new enough, takes writes, has our schema, and agrees about the time.

use time::{Duration, OffsetDateTime};

use super::Finding;
use crate::{
    config::DatabaseSettings,
    ports::{Clock as _, SystemClock},
    store::{
        Database,
        condition::{self, Condition},
        migrate,
    },
};

/// The oldest PostgreSQL that latchkey runs on (DESIGN section 3).
const OLDEST: u32 = 13;
/// Difference of the clocks that does no harm: latchkey goes by the database's (DESIGN section 2, times).
const SKEW: Duration = Duration::seconds(2);

/// Looks at the database at this connection string.
pub async fn look(url: &str, settings: &DatabaseSettings) -> Vec<Finding> {
    // The cause may repeat a part of the connection string, and there may be a password in it.
    let Ok(database) = Database::open(url, settings) else {
        let advice = "write it as postgresql://user:password@host:5432/name, with % for odd characters in the password";
        return vec![Finding::failure("database", "database.url or a file it needs can't be read", advice)];
    };
    let asked = SystemClock::default().now();
    let looked = async { condition::look(&database.client().await?).await };
    match looked.await {
        Ok(condition) => {
            let answered = SystemClock::default().now();
            judge(&condition, asked + (answered - asked) / 2)
        }
        Err(error) => {
            let advice =
                "is it running, do host, port, user and password fit, and does pg_hba.conf let us in?";
            vec![Finding::failure("database", error.to_string(), advice)]
        }
    }
}

fn judge(condition: &Condition, here: OffsetDateTime) -> Vec<Finding> {
    vec![
        version(&condition.version),
        writes(condition.read_only),
        schema(condition.schema, condition.taken_away.as_deref()),
        clock(condition.time - here),
    ]
}

fn version(version: &str) -> Finding {
    let major: Option<u32> =
        version.split(|c: char| !c.is_ascii_digit()).next().and_then(|text| text.parse().ok());
    let found = format!("reached; PostgreSQL {version}");
    match major {
        Some(major) if major < OLDEST => {
            Finding::failure("database", found, format!("latchkey needs PostgreSQL {OLDEST} or later"))
        }
        _ => Finding::ok("database", found),
    }
}

fn writes(read_only: bool) -> Finding {
    match read_only {
        false => Finding::ok("database writes", "it takes writes"),
        true => Finding::failure(
            "database writes",
            "it is read-only: a standby, or default_transaction_read_only is set",
            "name the primary, or all servers with target_session_attrs=read-write in database.url",
        ),
    }
}

/// In the words that the start has for it.
fn schema(schema: Option<i32>, taken_away: Option<&str>) -> Finding {
    let ours = migrate::of_this_release();
    let advice = "run `latchkey migrate`; `latchkey serve` does it too";
    if let Some(step) = taken_away {
        return Finding::failure("database schema", migrate::too_new(step), migrate::WAY_BACK);
    }
    match schema {
        None => Finding::warning("database schema", "latchkey's schema is not there yet", advice),
        Some(theirs) if theirs < ours => Finding::warning(
            "database schema",
            format!("version {theirs}; this release needs {ours}"),
            advice,
        ),
        Some(theirs) if theirs > ours => Finding::warning(
            "database schema",
            format!("version {theirs}, and this release knows {ours}: {}", migrate::EXTENDED),
            "run the later release, unless you went back to this one on purpose",
        ),
        Some(theirs) => Finding::ok("database schema", format!("version {theirs}, as this release needs it")),
    }
}

fn clock(skew: Duration) -> Finding {
    let seconds = skew.as_seconds_f64().abs();
    match skew.abs() <= SKEW {
        true => Finding::ok("clock", format!("differs from the database's by {seconds:.1} s")),
        false => {
            let way = if skew.is_positive() { "behind" } else { "ahead of" };
            let found = format!("this machine's clock is {seconds:.0} s {way} the database's");
            Finding::warning("clock", found, "set both by NTP; latchkey goes by the database's meanwhile")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::check::Verdict;

    #[test]
    fn an_old_postgresql_is_a_failure_and_a_strange_one_is_not() {
        assert_eq!(version("12.9").verdict, Verdict::Failure);
        for good in ["13.0", "15.18 (Debian 15.18-0+deb12u1)", "17beta1", "CockroachDB"] {
            assert_eq!(version(good).verdict, Verdict::Ok, "{good}");
        }
    }

    #[test]
    fn a_schema_that_is_not_ours_is_worth_a_look() {
        let ours = migrate::of_this_release();
        assert!(ours >= 9, "the steps are counted");
        assert_eq!(schema(Some(ours), None).verdict, Verdict::Ok);
        for other in [None, Some(ours - 1), Some(ours + 1)] {
            assert_eq!(schema(other, None).verdict, Verdict::Warning, "{other:?}");
        }
    }

    #[test]
    fn a_later_schema_is_told_as_the_start_tells_it() {
        let later = Some(migrate::of_this_release() + 2);
        assert!(schema(later, None).found.ends_with(migrate::EXTENDED));
        let taken = schema(later, Some("V900__contract_token"));
        assert_eq!(taken.verdict, Verdict::Failure);
        assert!(taken.found.contains("V900__contract_token"), "{}", taken.found);
    }

    #[test]
    fn clocks_may_differ_by_two_seconds() {
        assert_eq!(clock(Duration::milliseconds(-1900)).verdict, Verdict::Ok);
        assert!(clock(Duration::seconds(-65)).found.contains("65 s ahead of"));
        assert!(clock(Duration::seconds(65)).found.contains("65 s behind"));
    }
}
