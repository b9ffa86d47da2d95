//! A process under callgrind, told through valgrind's own door when to count.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A command that runs a program under callgrind; it counts nothing until [`Counter::start`].
pub(crate) fn under(binary: &str, out: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--instr-atstart=no", "--compress-strings=no", "--compress-pos=no"]);
    command.arg(format!("--callgrind-out-file={}", out.display())).arg(binary);
    command
}

/// Counts what a process under callgrind does.
pub(crate) struct Counter {
    process: u32,
    out: PathBuf,
    dumps: std::cell::Cell<u32>,
}

impl Counter {
    pub(crate) fn of(process: u32, out: &Path) -> Self {
        Self { process, out: out.to_owned(), dumps: std::cell::Cell::new(0) }
    }

    /// Counts from here on.
    pub(crate) fn start(&self) {
        self.tell(&["instrumentation", "on"]);
        self.tell(&["zero"]);
    }

    /// Ends the counting and returns callgrind's own file of it.
    pub(crate) fn stop(&self) -> String {
        self.tell(&["dump"]);
        self.tell(&["instrumentation", "off"]);
        self.dumps.set(self.dumps.get() + 1);
        let file = format!("{}.{}", self.out.display(), self.dumps.get());
        // For kcachegrind and callgrind_annotate.
        let _ = std::fs::copy(&file, super::stage::folder().join("callgrind.out"));
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    fn tell(&self, words: &[&str]) {
        let mut vgdb = Command::new("vgdb");
        let told = vgdb.arg(format!("--pid={}", self.process)).args(words).output();
        let told = told.expect("vgdb, a program of valgrind, can't be run");
        assert!(told.status.success(), "vgdb: {}", String::from_utf8_lossy(&told.stderr));
    }
}
