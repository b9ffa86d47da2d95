//! Which part of a list somebody wants, and in what order.

/// A part of a list whose members can be sorted by any `O`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice<O> {
    /// What the list is sorted by; `None`: by identity. Members that are equal in it follow by identity, so that
    /// pages neither overlap nor leave anything out.
    pub order: Option<O>,
    /// Whether the greatest comes first.
    pub descending: bool,
    /// How many members at most; `None`: all.
    pub limit: Option<i64>,
    /// How many members to leave out in front.
    pub offset: i64,
}

impl<O> Slice<O> {
    /// The whole list, the smallest first.
    pub fn all_by(order: O) -> Self {
        Self { order: Some(order), descending: false, limit: None, offset: 0 }
    }
}
