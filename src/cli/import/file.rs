//! A file, or standard input, of which one knows how much was read.

use std::{
    cell::Cell,
    fs,
    io::{self, Read},
    path::Path,
    rc::Rc,
};

/// Bytes that one row of a file may have.
pub(super) const LONGEST_ROW: u64 = 1 << 20;

/// How many bytes were read so far.
pub(super) type Position = Rc<Cell<u64>>;

/// Something to be read from the beginning to the end.
pub(super) struct File {
    from: Box<dyn Read>,
    length: Option<u64>,
    position: Position,
}

impl File {
    /// Opens a file; `-` is standard input.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let position = Position::default();
        if path == Path::new("-") {
            return Ok(Self { from: Box::new(io::stdin().lock()), length: None, position });
        }
        let file = fs::File::open(path)?;
        // What is no regular file has no length that means anything.
        let length = Some(file.metadata()?).filter(fs::Metadata::is_file).map(|about| about.len());
        Ok(Self { from: Box::new(file), length, position })
    }

    /// How many bytes there are, if that is known.
    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    /// Where the reading is, to be looked at meanwhile.
    pub(super) fn position(&self) -> Position {
        self.position.clone()
    }
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.position.set(self.position.get() + count as u64);
        Ok(count)
    }
}
