//! Work of one kind that several requests bring at one time, done in one go: what arrives while a round is under way
//! waits for the next one. Nobody waits for company: whoever comes alone is a round.

use std::{
    mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

/// Of so many at the most is a round.
const MOST: usize = 64;

/// So many rounds at one time: while the database writes one to the disk, the next is on its way.
const AT_ONCE: usize = 4;

/// One round: an outcome for each job, in their order.
type Round<J, O> = Box<dyn Fn(Vec<J>) -> Pin<Box<dyn Future<Output = Vec<O>> + Send>> + Send + Sync>;

/// Where jobs wait for the next round; cheap to clone.
pub(super) struct Together<J, O> {
    desk: Arc<Desk<J, O>>,
}

struct Desk<J, O> {
    round: Round<J, O>,
    queue: Mutex<Queue<J, O>>,
}

struct Queue<J, O> {
    waiting: Vec<(J, oneshot::Sender<O>)>,
    /// Tasks that go from round to round. They end when nobody waits.
    at_work: usize,
}

impl<J, O> Clone for Together<J, O> {
    fn clone(&self) -> Self {
        Self { desk: Arc::clone(&self.desk) }
    }
}

impl<J: Send + 'static, O: Send + 'static> Together<J, O> {
    pub(super) fn new<F>(round: impl Fn(Vec<J>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Vec<O>> + Send + 'static,
    {
        let queue = Mutex::new(Queue { waiting: Vec::new(), at_work: 0 });
        Self { desk: Arc::new(Desk { round: Box::new(move |jobs| Box::pin(round(jobs))), queue }) }
    }

    /// Has a job done in the next round; `None` when that came to no end. Whoever hangs up before it begins is left
    /// out; a round that began is finished.
    pub(super) async fn bring(&self, job: J) -> Option<O> {
        let (tell, told) = oneshot::channel();
        let begin = {
            let mut queue = self.desk.queue();
            queue.waiting.push((job, tell));
            let begin = queue.at_work < AT_ONCE;
            queue.at_work += usize::from(begin);
            begin
        };
        if begin {
            let desk = Arc::clone(&self.desk);
            tokio::spawn(async move { desk.rounds().await });
        }
        told.await.ok()
    }
}

impl<J, O> Desk<J, O> {
    async fn rounds(&self) {
        while let Some((jobs, tells)) = self.next() {
            let at_work = AtWork(self);
            let outcomes = (self.round)(jobs).await;
            mem::forget(at_work);
            for (tell, outcome) in tells.into_iter().zip(outcomes) {
                // Whoever asked may have hung up.
                let _ = tell.send(outcome);
            }
        }
    }

    /// Those who wait; if nobody does, one task less is at work.
    fn next(&self) -> Option<(Vec<J>, Vec<oneshot::Sender<O>>)> {
        let mut queue = self.queue();
        // When the database was away for long, most of those who asked have gone.
        queue.waiting.retain(|(_, tell)| !tell.is_closed());
        let count = queue.waiting.len().min(MOST);
        queue.at_work -= usize::from(count == 0);
        (count > 0).then(|| queue.waiting.drain(..count).unzip())
    }

    fn queue(&self) -> MutexGuard<'_, Queue<J, O>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A round under way. Should it panic, its own are let go, and so are those who wait where nobody else is at work.
struct AtWork<'a, J, O>(&'a Desk<J, O>);

impl<J, O> Drop for AtWork<'_, J, O> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.at_work -= 1;
        if queue.at_work == 0 {
            queue.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use tokio::{sync::Semaphore, task::yield_now};

    use super::*;

    /// Doubles numbers, and says how many came together. It panics at 13.
    fn doubling() -> Together<usize, (usize, usize)> {
        Together::new(|jobs: Vec<usize>| async move {
            yield_now().await;
            assert!(!jobs.contains(&13), "an unlucky round");
            let count = jobs.len();
            jobs.into_iter().map(|job| (job * 2, count)).collect()
        })
    }

    #[tokio::test]
    async fn whoever_comes_alone_is_a_round_and_those_who_come_meanwhile_are_the_next() {
        let doubling = doubling();
        assert_eq!(doubling.bring(1).await, Some((2, 1)));
        let later = async {
            // The task of the first has begun its round by then.
            yield_now().await;
            tokio::join!(doubling.bring(3), doubling.bring(4))
        };
        let (first, (second, third)) = tokio::join!(doubling.bring(2), later);
        assert_eq!((first, second, third), (Some((4, 1)), Some((6, 2)), Some((8, 2))));
    }

    #[tokio::test]
    async fn so_many_rounds_are_under_way_at_one_time_and_no_more() {
        let gate = Arc::new(Semaphore::new(0));
        let of_rounds = Arc::clone(&gate);
        let counting = Together::new(move |jobs: Vec<()>| {
            let gate = Arc::clone(&of_rounds);
            async move {
                drop(gate.acquire().await);
                vec![jobs.len(); jobs.len()]
            }
        });
        let mut visits = Vec::new();
        for visit in 0..AT_ONCE + 3 {
            let counting = counting.clone();
            visits.push(tokio::spawn(async move { counting.bring(()).await }));
            if visit < AT_ONCE {
                // Its round begins before the next comes.
                for _ in 0..3 {
                    yield_now().await;
                }
            }
        }
        yield_now().await;
        gate.add_permits(1);
        let mut counts = Vec::new();
        for visit in visits {
            counts.push(visit.await.unwrap().unwrap());
        }
        assert_eq!(counts[..AT_ONCE], [1; AT_ONCE]);
        assert_eq!(counts[AT_ONCE..], [3; 3], "the others find all at work");
    }

    #[tokio::test]
    async fn a_round_has_an_end() {
        let doubling = doubling();
        let all = futures_util::future::join_all((100..300).map(|job| doubling.bring(job))).await;
        let outcomes: Vec<_> = all.into_iter().flatten().collect();
        assert_eq!(doubling.desk.queue().at_work, 0);
        assert!(outcomes.iter().map(|(doubled, _)| *doubled).eq((100..300).map(|job| job * 2)));
        assert_eq!(outcomes.iter().map(|(_, count)| *count).max(), Some(MOST));
    }

    #[tokio::test]
    async fn a_panic_lets_everybody_go_and_the_next_begins_anew() {
        let doubling = doubling();
        assert_eq!(tokio::join!(doubling.bring(13), doubling.bring(1)), (None, None));
        assert_eq!(doubling.bring(1).await, Some((2, 1)));
    }

    #[tokio::test]
    async fn who_hangs_up_is_left_out_unless_the_round_has_begun() {
        for (begun, done) in [(false, 1), (true, 2)] {
            let count = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&count);
            let counting = Together::new(move |jobs: Vec<()>| {
                let counted = Arc::clone(&counted);
                async move {
                    yield_now().await;
                    counted.fetch_add(jobs.len(), SeqCst);
                    jobs
                }
            });
            let mut hung_up = Box::pin(counting.bring(()));
            assert!(futures_util::FutureExt::now_or_never(&mut hung_up).is_none());
            if begun {
                yield_now().await;
            }
            drop(hung_up);
            counting.bring(()).await;
            assert_eq!((begun, count.load(SeqCst)), (begun, done));
        }
    }
}
