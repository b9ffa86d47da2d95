//! The threads that hash: niced, so that a full queue of logins leaves the cores to the service.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc::Receiver},
    thread::{self, JoinHandle},
};

use super::{Craft, Job};

/// Starts the threads (`None`: one a core); each ends when the sending side of the queue is gone.
pub(super) fn start(
    threads: Option<usize>,
    waiting: Receiver<Job>,
    craft: &Arc<Craft>,
) -> Vec<JoinHandle<()>> {
    let wanted = threads.unwrap_or_else(cores).max(1);
    let waiting = Arc::new(Mutex::new(waiting));
    let start_one = |number| {
        let (waiting, craft) = (Arc::clone(&waiting), Arc::clone(craft));
        let work = move || {
            step_back();
            work_off(&waiting, &craft);
        };
        thread::Builder::new().name(format!("hash-{number}")).spawn(work)
    };
    let (started, refused): (Vec<_>, Vec<_>) = (0..wanted).map(start_one).partition(Result::is_ok);
    for error in refused.into_iter().filter_map(Result::err) {
        tracing::error!(%error, wanted, "a thread for password hashing could not be started");
    }
    started.into_iter().flatten().collect()
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn work_off(waiting: &Mutex<Receiver<Job>>, craft: &Craft) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // The job's caller hears of it by the dropped reply; the thread has to stay for the others.
        if catch_unwind(AssertUnwindSafe(|| job(craft))).is_err() {
            tracing::error!("a password hashing job panicked");
        }
    }
}

/// Lowers the priority of the calling thread. Linux nices threads; elsewhere the whole process would be hit.
#[cfg(target_os = "linux")]
fn step_back() {
    const NICENESS: i32 = 15;
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS) {
        tracing::debug!(%error, "password hashing runs at normal priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::ports::OsEntropy;

    fn craft() -> Arc<Craft> {
        Arc::new(Craft::new(4, Arc::new(OsEntropy)))
    }

    #[test]
    fn the_threads_end_with_the_last_sender() {
        let (jobs, waiting) = sync_channel::<Job>(1);
        let threads = start(Some(3), waiting, &craft());
        assert_eq!(threads.len(), 3);
        drop(jobs);
        assert!(threads.into_iter().all(|thread| thread.join().is_ok()));
    }

    #[test]
    fn a_job_that_panics_does_not_take_its_thread_along() {
        let (jobs, waiting) = sync_channel::<Job>(2);
        let threads = start(Some(1), waiting, &craft());
        let (done, outcome) = sync_channel(1);
        jobs.send(Box::new(|_| panic!("meant"))).unwrap();
        jobs.send(Box::new(move |_| done.send("alive").unwrap())).unwrap();
        assert_eq!(outcome.recv(), Ok("alive"));
        drop(jobs);
        assert!(threads.into_iter().all(|thread| thread.join().is_ok()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_threads_are_niced_and_the_others_are_not() {
        let own = |()| rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let before = own(());
        let (jobs, waiting) = sync_channel::<Job>(1);
        let _threads = start(Some(1), waiting, &craft());
        let (done, outcome) = sync_channel(1);
        jobs.send(Box::new(move |_| done.send(own(())).unwrap())).unwrap();
        assert_eq!(outcome.recv(), Ok(15));
        assert_eq!(own(()), before);
    }
}
