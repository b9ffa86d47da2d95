//! Ties a child process to ours, so that it ends when we are killed; the one place of this program with
//! `unsafe` in it.

use std::process::Command;

use rustix::process::Signal;

/// Lets the system send `signal` to the child when the **thread that spawns it** ends, however that happens
/// (Linux's `PR_SET_PDEATHSIG`). So the spawning thread has to live as long as the child is wanted.
#[cfg(target_os = "linux")]
pub(super) fn end_with_us(command: &mut Command, signal: Signal) {
    use std::{io, os::unix::process::CommandExt};

    let us = rustix::process::getpid();
    let arrange = move || {
        rustix::process::set_parent_process_death_signal(Some(signal))?;
        // Killed between the fork and the line above: nobody would ever send it.
        if rustix::process::getppid() != Some(us) {
            return Err(io::Error::from(rustix::io::Errno::SRCH));
        }
        Ok(())
    };
    #[allow(unsafe_code, reason = "a death signal can only be set in the child, between fork and exec")]
    // SAFETY: what runs there must be async-signal-safe. `arrange` makes two system calls and compares two
    // numbers; it allocates nothing, takes no lock, and its error is a bare number. It runs after std has
    // changed the user, which would have cleared the signal.
    unsafe {
        command.pre_exec(arrange);
    }
}

/// Other systems have no such thing: there a child that was left behind is found and ended at the next start.
#[cfg(not(target_os = "linux"))]
pub(super) fn end_with_us(_command: &mut Command, _signal: Signal) {}
