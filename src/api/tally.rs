//! Counts answers by operation, version and status, and how long they took; one line of cells a core, so that
//! two cores never write to one cell.

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    thread,
    time::Duration,
};

/// Statuses that are counted by name; any other is counted as `other`.
const STATUSES: [u16; 28] = [
    200, 201, 202, 204, 301, 302, 303, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422,
    429, 431, 499, 500, 501, 503, 504,
];

/// Upper ends of the steps that times are counted in, in microseconds: half a millisecond to ten seconds.
const STEPS: [u64; 14] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

/// A client that went away before it was answered, as proxies write it down.
pub const HUNG_UP: u16 = 499;

/// The counts of one place, written by the threads of one line only. A cache line of its own begins each.
#[repr(align(64))]
struct Cells {
    statuses: [AtomicU64; STATUSES.len() + 1],
    steps: [AtomicU64; STEPS.len() + 1],
    microseconds: AtomicU64,
}

impl Cells {
    fn new() -> Self {
        let zero = |_| AtomicU64::new(0);
        Self {
            statuses: std::array::from_fn(zero),
            steps: std::array::from_fn(zero),
            microseconds: AtomicU64::new(0),
        }
    }
}

/// Counts of all places of a server.
pub struct Tally {
    lines: Vec<Vec<Cells>>,
}

/// What was counted of one place since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Answers by status, those that came to any; `None` is a status nobody expects.
    pub statuses: Vec<(Option<u16>, u64)>,
    /// Answers by time: the upper end in microseconds (`None`: longer than all) and how many took no longer than
    /// it and longer than the one before.
    pub steps: Vec<(Option<u64>, u64)>,
    /// Microseconds that all of them took together.
    pub microseconds: u64,
}

/// Lines at most: more cores than this share.
const MOST_LINES: usize = 16;

/// The threads that have counted so far.
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static NUMBER: usize = THREADS.fetch_add(1, Relaxed);
}

impl Tally {
    /// Counts for so many places.
    pub(super) fn new(places: usize) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let line = || std::iter::repeat_with(Cells::new).take(places).collect();
        Self { lines: std::iter::repeat_with(line).take(cores.min(MOST_LINES)).collect() }
    }

    /// Counts an answer of a place, by the number that the table gave it.
    pub fn note(&self, place: usize, status: u16, took: Duration) {
        let line = NUMBER.with(|number| number % self.lines.len());
        let Some(cells) = self.lines[line].get(place) else { return };
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let status = STATUSES.binary_search(&status).unwrap_or(STATUSES.len());
        let step = STEPS.partition_point(|end| *end < microseconds);
        cells.statuses[status].fetch_add(1, Relaxed);
        cells.steps[step].fetch_add(1, Relaxed);
        cells.microseconds.fetch_add(microseconds, Relaxed);
    }

    /// What was counted of a place.
    pub fn counted(&self, place: usize) -> Counted {
        let sum = |cell: &dyn Fn(&Cells) -> &AtomicU64| -> u64 {
            self.lines.iter().filter_map(|line| line.get(place)).map(|cells| cell(cells).load(Relaxed)).sum()
        };
        let names = STATUSES.iter().copied().map(Some).chain([None]);
        let statuses = names.enumerate().map(|(at, name)| (name, sum(&|cells| &cells.statuses[at])));
        let ends = STEPS.iter().copied().map(Some).chain([None]);
        let steps = ends.enumerate().map(|(at, end)| (end, sum(&|cells| &cells.steps[at])));
        Counted {
            statuses: statuses.filter(|(_, count)| *count > 0).collect(),
            steps: steps.collect(),
            microseconds: sum(&|cells| &cells.microseconds),
        }
    }
}

impl Counted {
    /// Whether nobody has called yet.
    pub fn is_empty(&self) -> bool {
        self.statuses.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_place_status_and_time_from_every_thread() {
        let tally = Tally::new(2);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    tally.note(1, 200, Duration::from_micros(500));
                    tally.note(1, 200, Duration::from_micros(501));
                    tally.note(1, 418, Duration::from_secs(11));
                });
            }
        });
        let counted = tally.counted(1);
        assert_eq!(counted.statuses, [(Some(200), 8), (None, 4)]);
        let steps: Vec<_> = counted.steps.iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(steps, [&(Some(500), 4), &(Some(1_000), 4), &(None, 4)]);
        assert_eq!(counted.microseconds, 4 * (500 + 501 + 11_000_000));
        assert!(tally.counted(0).is_empty());
    }

    #[test]
    fn statuses_and_steps_stand_in_order_as_the_search_in_them_needs() {
        assert!(STATUSES.is_sorted() && STEPS.is_sorted());
    }

    #[test]
    fn a_place_that_is_not_there_is_nobodys() {
        let tally = Tally::new(1);
        tally.note(7, 200, Duration::ZERO);
        assert!(tally.counted(7).is_empty() && tally.counted(0).is_empty());
    }
}
