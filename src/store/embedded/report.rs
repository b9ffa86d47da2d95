//! What the operator is told about the private PostgreSQL.

use std::{fmt, path::PathBuf, time::Duration};

/// How this process came by its PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// The data was made just now.
    First,
    /// The data was there.
    Again,
    /// Another latchkey runs it.
    Joined,
}

/// One line for the operator, by `Display`; nothing in it is secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The version of PostgreSQL; of one that was joined, only the major one.
    pub version: String,
    /// The folder that belongs to PostgreSQL.
    pub folder: PathBuf,
    /// Made, found or joined.
    pub beginning: Beginning,
    /// From the call until it was ready.
    pub took: Duration,
    /// As whom it runs, when that is not us.
    pub user: Option<String>,
    /// What had to be cleared away first.
    pub found: Option<String>,
}

impl Report {
    /// Whether this start made the database.
    pub fn is_first(&self) -> bool {
        self.beginning == Beginning::First
    }

    /// From the call until PostgreSQL was ready, in milliseconds.
    pub fn milliseconds(&self) -> u128 {
        self.took.as_millis()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.beginning {
            Beginning::First => "first start",
            Beginning::Again => "started again",
            Beginning::Joined => "joined the one that is running",
        };
        write!(
            f,
            "PostgreSQL {} in {}: {how} in {} ms",
            self.version,
            self.folder.display(),
            self.milliseconds()
        )?;
        if let Some(user) = &self.user {
            write!(f, ", as user {user}")?;
        }
        match &self.found {
            Some(found) => write!(f, " ({found})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_one_line_of_plain_words() {
        let mut report = Report {
            version: "15.18".into(),
            folder: "/srv/var/postgres".into(),
            beginning: Beginning::First,
            took: Duration::from_millis(612),
            user: Some("postgres".into()),
            found: None,
        };
        let first = "PostgreSQL 15.18 in /srv/var/postgres: first start in 612 ms, as user postgres";
        assert_eq!(report.to_string(), first);
        report.beginning = Beginning::Again;
        report.user = None;
        report.found = Some("PostgreSQL 7 had been cut off".into());
        let again =
            "PostgreSQL 15.18 in /srv/var/postgres: started again in 612 ms (PostgreSQL 7 had been cut off)";
        assert_eq!(report.to_string(), again);
    }
}
