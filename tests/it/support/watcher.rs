//! Listens to everything that is logged while the tests run, and remembers whether a secret was among it.
//!
//! Lines and secrets come in any order: each line is held against the secrets known by then, each new secret against the
//! lines heard by then. The last eight bytes of a secret are its mark: only where they turn up is it looked for in full.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    io,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use tracing_subscriber::{Layer as _, filter::Targets, fmt, layer::SubscriberExt as _, registry};

/// Bytes of lines that are kept for secrets that are drawn later.
const KEPT: usize = 48 * 1024 * 1024;
const MARK: usize = 8;
/// Bits of the filter over the marks of all lines: a false hit costs a search, nothing else.
const BITS: usize = 1 << 26;

/// What was heard, what must not be, and the first breach.
pub struct Watcher(Mutex<Heard>);

struct Heard {
    lines: VecDeque<String>,
    size: usize,
    marks: Vec<u64>,
    secrets: HashMap<[u8; MARK], HashSet<String>>,
    leak: Option<String>,
}

/// The one that all tests share.
static WATCHER: LazyLock<Watcher> = LazyLock::new(Watcher::new);

/// The one that all tests share, listening to this program since the first call.
pub fn watcher() -> &'static Watcher {
    static LISTENING: LazyLock<()> = LazyLock::new(|| {
        let lines = fmt::layer().with_ansi(false).with_writer(|| Ear);
        let all = "info,latchkey=trace,lettre=off".parse::<Targets>().unwrap();
        // Another subscriber means that another program's tests are running: nothing of ours.
        let _ = tracing::subscriber::set_global_default(registry().with(lines.with_filter(all)));
    });
    LazyLock::force(&LISTENING);
    &WATCHER
}

/// Where the lines of this program go.
struct Ear;

impl io::Write for Ear {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        WATCHER.hear(&String::from_utf8_lossy(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Watcher {
    pub fn new() -> Self {
        let (lines, secrets) = (VecDeque::new(), HashMap::new());
        Self(Mutex::new(Heard { lines, size: 0, marks: vec![0; BITS / 64], secrets, leak: None }))
    }

    /// Takes output of a program.
    pub fn hear(&self, text: &str) {
        let mut heard = self.heard();
        for line in text.lines() {
            heard.hear(line);
        }
    }

    /// Takes a secret, in the forms in which it travels. What is shorter than a dozen characters could be any word.
    pub fn guard(&self, secret: &str) {
        if secret.len() < 12 {
            return;
        }
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let spaced = encoded.replace('+', "%20");
        let mut heard = self.heard();
        for form in [secret.to_owned(), encoded, spaced] {
            heard.guard(form);
        }
    }

    /// Lines that were heard, and secrets that are guarded.
    pub fn counts(&self) -> (usize, usize) {
        let heard = self.heard();
        (heard.lines.len(), heard.secrets.values().map(HashSet::len).sum())
    }

    /// Fails the test if any secret was heard.
    #[track_caller]
    pub fn is_content(&self) {
        let leak = self.heard().leak.clone();
        if let Some(line) = leak.filter(|_| !std::thread::panicking()) {
            panic!("a secret was logged: {line}");
        }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heard {
    fn hear(&mut self, line: &str) {
        for window in line.as_bytes().windows(MARK) {
            let at = place(window);
            self.marks[at / 64] |= 1 << (at % 64);
            if let Some(secrets) = self.secrets.get(window)
                && secrets.iter().any(|secret| line.contains(secret.as_str()))
            {
                self.leak.get_or_insert_with(|| line.to_owned());
            }
        }
        self.size += line.len();
        self.lines.push_back(line.to_owned());
        while self.size > KEPT {
            self.size -= self.lines.pop_front().map_or(self.size, |line| line.len());
        }
    }

    fn guard(&mut self, secret: String) {
        let mark: [u8; MARK] = secret.as_bytes()[secret.len() - MARK..].try_into().unwrap();
        let at = place(&mark);
        let new = self.secrets.entry(mark).or_default().insert(secret.clone());
        if new && self.marks[at / 64] & (1 << (at % 64)) != 0 {
            let line = self.lines.iter().find(|line| line.contains(&secret));
            self.leak = self.leak.take().or_else(|| line.cloned());
        }
    }
}

/// FNV-1a, folded to the filter's size.
fn place(mark: &[u8]) -> usize {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = mark.iter().fold(0xcbf2_9ce4_8422_2325, fold);
    (hash ^ (hash >> 32)) as usize % BITS
}
