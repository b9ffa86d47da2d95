//! API versions, and which of them serve a route.

use std::fmt;

/// One released version of a dialect, e.g. `4.1`.
///
/// Can't be compared, on purpose: a handler that says `if version == …` does not build. A difference between
/// versions is a second row in the route table, with its own view or form.
#[derive(Clone, Copy, Debug)]
pub struct ApiVersion {
    major: u8,
    minor: u8,
}

impl ApiVersion {
    /// The version `major.minor`.
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// Whether a route added in `since` is served in this version: same major, that minor or a later one.
    pub(super) const fn serves(self, since: Self) -> bool {
        self.major == since.major && self.minor >= since.minor
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
