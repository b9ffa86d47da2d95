//! Reads the columns of a row from left to right.

use tokio_postgres::{Row, types::FromSql};

use super::StoreError;

/// A reading position in a row: the order of the `SELECT` list is the order of the calls.
pub(super) struct Columns<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(super) fn of(row: &'a Row) -> Self {
        Self { row, next: 0 }
    }

    /// The next column.
    pub(super) fn take<T: FromSql<'a>>(&mut self) -> Result<T, StoreError> {
        let column = self.next;
        self.next += 1;
        Ok(self.row.try_get(column)?)
    }
}
