//! Tables with commas: accounts, one a row, under the names of their columns.

use anyhow::{Context as _, bail};
use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, StringRecord};

use super::file::{File, LONGEST_ROW, Position};
use crate::{
    cli::columns::COLUMNS,
    domain::{MovingLine, UserLine},
    service::moving::{Arriving, Broken, Place, Source},
};

/// The rows of a file.
pub(super) struct Csv {
    reader: Reader<Limited>,
    columns: StringRecord,
    row: ByteRecord,
    /// Lines end with CR LF: the reader takes a row to begin with the LF of the line before.
    late: i64,
}

impl Csv {
    /// Reads the first line.
    ///
    /// # Errors
    /// A column that accounts have not got, one that is named twice, none for the user name.
    pub(super) fn read(file: File) -> anyhow::Result<Self> {
        let (position, begun) = (file.position(), Position::default());
        let limited = Limited { file, position, begun };
        let mut reader = ReaderBuilder::new().from_reader(limited);
        let columns = reader.headers().context("the first line")?.clone();
        for (at, column) in columns.iter().enumerate() {
            if !COLUMNS.contains(&column) {
                bail!("no account has the column {column:?}; known are {}", COLUMNS.join(", "));
            }
            if columns.iter().take(at).any(|other| other == column) {
                bail!("the column {column:?} is there twice");
            }
        }
        if !columns.iter().any(|column| column == "username") {
            bail!("the first line must name the columns, and one of them must be username");
        }
        let late = i64::from(reader.position().line() == 1);
        Ok(Self { reader, columns, row: ByteRecord::new(), late })
    }

    fn understand(&self) -> Result<MovingLine, String> {
        let row =
            StringRecord::from_byte_record(self.row.clone()).map_err(|_| "it is not UTF-8".to_owned())?;
        let mut user: UserLine =
            row.deserialize(Some(&self.columns)).map_err(|error| self.plainly(&error))?;
        // An empty cell says nothing.
        user.role = user.role.filter(Option::is_some);
        Ok(MovingLine::User(Box::new(user)))
    }

    fn plainly(&self, error: &csv::Error) -> String {
        let ErrorKind::Deserialize { err, .. } = error.kind() else { return error.to_string() };
        let column = err.field().and_then(|field| self.columns.get(usize::try_from(field).ok()?));
        match column {
            Some(column) => format!("{column}: {}", err.kind()),
            // Those are the ones whose errors don't know where they happened.
            None => format!("a time is none: {}", err.kind()),
        }
    }

    fn line(&self, position: &csv::Position) -> i64 {
        i64::try_from(position.line()).unwrap_or(i64::MAX - 1) + self.late
    }
}

impl Source for Csv {
    async fn next(&mut self) -> Result<Option<Arriving>, Broken> {
        let limited = self.reader.get_ref();
        limited.begun.set(limited.position.get());
        let line = self.line(self.reader.position());
        let content = match self.reader.read_byte_record(&mut self.row) {
            Ok(false) => return Ok(None),
            Ok(true) => self.understand(),
            Err(error) => match error.kind() {
                ErrorKind::UnequalLengths { expected_len, len, .. } => {
                    Err(format!("it has {len} cells where the first line has {expected_len}"))
                }
                _ => return Err(format!("line {line}: {error}").into()),
            },
        };
        let line = self.row.position().map_or(line, |position| self.line(position));
        Ok(Some(Arriving { place: Place { of: "line", number: line }, content }))
    }
}

/// A file that ends with an error when a row of it does not: after a quote that is never closed the rest of the file
/// would be one cell.
struct Limited {
    file: File,
    position: Position,
    begun: Position,
}

impl std::io::Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.position.get() - self.begun.get() > LONGEST_ROW {
            let text = format!("a row is longer than {LONGEST_ROW} bytes; is a quotation mark not closed?");
            return Err(std::io::Error::other(text));
        }
        self.file.read(buffer)
    }
}
