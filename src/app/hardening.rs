//! Keeps what is in memory out of core dumps and other processes' reach.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Forbids core dumps of this process and of those it starts, and reading its memory by other processes of its user.
///
/// A dump would hold passwords that are being verified, keys and letters. What the system refuses is logged; the
/// server starts all the same.
pub fn keep_memory_private() {
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::warn!(%error, "core dumps can't be forbidden");
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        tracing::warn!(%error, "other processes of this user can read this one's memory");
    }
}
