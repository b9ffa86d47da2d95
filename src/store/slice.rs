//! The end of a statement that returns part of a list.

use crate::domain::Slice;

/// `ORDER BY … LIMIT … OFFSET …`; the statement's parameters number `next` and the one after it are
/// [`Slice::limit`] and [`Slice::offset`].
///
/// Columns come as literals, so nothing that a client sends gets into the statement.
pub(super) fn clause<O: Copy>(
    slice: &Slice<O>,
    column: impl Fn(O) -> &'static str,
    identity: &'static str,
    next: usize,
) -> String {
    let direction = if slice.descending { " DESC" } else { "" };
    let first = slice.order.map(|order| format!("{}{direction}, ", column(order))).unwrap_or_default();
    format!(" ORDER BY {first}{identity}{direction} LIMIT ${next} OFFSET ${}", next + 1)
}
