//! Room for the sockets: as many open files as the cap on connections needs.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::warn;

/// Files beside the connections: the database's, the mail's, logs, templates.
const OTHERS: u64 = 256;

/// Raises this process's soft limit of open files, as far as the hard one goes, so that `connections` fit.
/// Says so in the log if they do not; the listener then waits for files as it waits for seats.
pub(super) fn make_room(connections: usize) {
    let needed = (connections as u64).saturating_add(OTHERS);
    let limit = getrlimit(Resource::Nofile);
    let Some(soft) = limit.current.filter(|soft| *soft < needed) else { return };
    let wanted = limit.maximum.map_or(needed, |hard| hard.min(needed));
    let raised =
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum }).is_ok();
    let files = if raised { wanted } else { soft };
    if files < needed {
        warn!(
            files,
            needed, "fewer open files are allowed than the listener may have connections (ulimit -n)"
        );
    }
}
