//! What a bench is told on the command line; whatever its usage does not name ends it with the usage.

use std::process::exit;

/// The words of the command line, held against the usage.
pub(crate) struct Told {
    words: Vec<String>,
    usage: &'static str,
}

impl Told {
    /// By a usage such as `[--seconds N] [--keep]`: a word in capitals is a value. `None` when cargo did not ask for
    /// measurements: `cargo test --all-targets` starts benches too.
    pub(crate) fn by(usage: &'static str) -> Option<Self> {
        let mut words: Vec<String> = std::env::args().skip(1).collect();
        let asked = words.iter().position(|word| word == "--bench")?;
        words.remove(asked);
        let told = Self { words, usage };
        let mut rest = told.words.iter();
        while let Some(word) = rest.next() {
            if usage.contains(&format!("[{word} ")) {
                rest.next().unwrap_or_else(|| told.refuse());
            } else if !usage.contains(&format!("[{word}]")) {
                told.refuse();
            }
        }
        Some(told)
    }

    /// Whether this was said.
    pub(crate) fn says(&self, name: &str) -> bool {
        self.words.iter().any(|word| word == name)
    }

    /// The value behind a name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.words.iter().skip_while(|word| *word != name).nth(1).map(String::as_str)
    }

    /// The number behind a name, or else the usual one.
    pub(crate) fn number(&self, name: &str, usual: usize) -> usize {
        self.text(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| self.refuse()))
    }

    /// Ends the program with the usage.
    fn refuse(&self) -> ! {
        eprintln!("usage: {}", self.usage);
        exit(2)
    }
}
