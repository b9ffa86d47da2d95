//! Where latchkey means to answer otherwise than the recorded server did: the whole list, a reason each.
//!
//! Each reason stands for itself; behind it, in brackets, where it was decided. These papers are kept beside this tree: "DESIGN
//! 2" is the table of decisions, "facts 11-13" number 13 on the list of things to do better in the sheet on Traffic Ops.

mod authority;
mod own_account;
mod recovery;
mod requests;
mod sign_in;
mod users;

use serde_json::Value;

/// A group of recorded cases that latchkey answers in its own way.
pub struct Wanted {
    /// Names without the version, `*` for any text; with `v3` or `v5` in front for one of them only.
    pub cases: &'static [&'static str],
    pub ours: Ours,
    pub why: &'static str,
}

/// How latchkey answers.
pub enum Ours {
    /// With this status and, unless empty, this one sentence.
    Says(u16, &'static str),
    /// With the recorded status and level, in words of its own.
    OwnWords,
    /// With 200 and the seed document's sentence about the address that was asked for.
    Promises,
    /// As recorded, once this is done to the recorded body.
    Once(fn(&mut Value)),
}

/// All of them; a case that stands twice counts where it stands first.
pub fn list() -> impl Iterator<Item = &'static Wanted> {
    let subjects =
        [requests::LIST, sign_in::LIST, own_account::LIST, recovery::LIST, authority::LIST, users::LIST];
    subjects.into_iter().flatten()
}

impl Wanted {
    /// Whether the recorded case belongs to this group.
    pub fn covers(&self, name: &str) -> bool {
        self.cases.iter().any(|pattern| means(pattern, name))
    }
}

/// Whether a pattern of the list means the recorded case of this full name.
pub fn means(pattern: &str, name: &str) -> bool {
    let (version, case) = name.split_once('-').unwrap_or_default();
    let major = version.split('.').next().unwrap_or_default();
    let of_this_major = pattern.strip_prefix(major).and_then(|rest| rest.strip_prefix('-'));
    fits(of_this_major.unwrap_or(pattern), case)
}

/// One `*`, anywhere.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((front, back)) => {
            text.len() >= front.len() + back.len() && text.starts_with(front) && text.ends_with(back)
        }
    }
}
