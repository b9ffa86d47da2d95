//! Reads JSON bodies as forgivingly as the contract does, and says what is wrong in our own words.
//!
//! Names match without case, the last of two equal names counts, unknown names and whatever follows the first
//! JSON value are ignored, `null` as a body is an empty object (fact sheet Traffic Ops §0, §3.4).

mod member;

use std::collections::HashMap;

use serde_json::Value;
use zeroize::Zeroize as _;

pub use self::member::Given;
use super::limits::{self, DEEPEST, MOST_FIELDS};

/// The members of a JSON object.
#[derive(Default)]
pub struct Fields(HashMap<String, Value>);

/// Why a body can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misread {
    /// Nothing was sent.
    #[error("the body is empty; a JSON object is expected")]
    Empty,
    /// Not JSON.
    #[error("the body is not JSON (line {line}, column {column})")]
    NotJson {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// JSON, but no object.
    #[error("the body must be a JSON object")]
    NotAnObject,
    /// Objects and lists within each other, more than anybody needs.
    #[error("the body has more than {DEEPEST} objects and lists within each other")]
    TooDeep,
    /// More members than anybody needs.
    #[error("the body has an object of more than {MOST_FIELDS} members")]
    TooMany,
    /// A member of another kind.
    #[error("{field}: must be {expected}")]
    Kind {
        /// The member's name as the contract spells it.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
}

impl Fields {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Misread`].
    pub fn read(body: &[u8]) -> Result<Self, Misread> {
        if limits::is_too_deep(body) {
            return Err(Misread::TooDeep);
        }
        let mut values = serde_json::Deserializer::from_slice(body).into_iter::<Value>();
        match values.next() {
            None => Err(Misread::Empty),
            Some(Ok(value)) if !has_room(&value) => Err(Misread::TooMany),
            Some(Ok(value)) => Self::of(value).ok_or(Misread::NotAnObject),
            Some(Err(error)) => Err(Misread::NotJson { line: error.line(), column: error.column() }),
        }
    }

    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::default()),
            Value::Object(members) => {
                Some(Self(members.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect()))
            }
            _ => None,
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(&name.to_lowercase())
    }
}

/// Whether no object, the outermost and those in it, has more members than anybody needs.
fn has_room(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.len() <= MOST_FIELDS && members.values().all(has_room),
        Value::Array(items) => items.iter().all(has_room),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Any of the texts may be a password.
impl Drop for Fields {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_match_without_case_and_the_last_one_counts() {
        let fields = Fields::read(br#"{"U":"first","u":"second","x":1} trailing"#).unwrap();
        assert_eq!(fields.text("u"), Ok(Given::Value("second".to_owned())));
        assert_eq!(fields.text("p"), Ok(Given::Absent));
    }

    #[test]
    fn what_is_no_object_is_named() {
        assert_eq!(Fields::read(b"  ").err(), Some(Misread::Empty));
        assert_eq!(Fields::read(b"[]").err(), Some(Misread::NotAnObject));
        assert!(matches!(Fields::read(b"{").err(), Some(Misread::NotJson { .. })));
        assert!(Fields::read(b"null").is_ok());
    }

    #[test]
    fn more_than_anybody_needs_is_refused() {
        let members = |count: usize| {
            let members: Vec<_> = (0..count).map(|number| format!("\"{number}\":1")).collect();
            Fields::read(format!("{{{}}}", members.join(",")).as_bytes()).map(|_| ())
        };
        assert_eq!((members(MOST_FIELDS), members(MOST_FIELDS + 1)), (Ok(()), Err(Misread::TooMany)));
        let deep = format!("{{\"a\":{}", "[".repeat(100));
        assert_eq!(Fields::read(deep.as_bytes()).err(), Some(Misread::TooDeep));
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _outcome = Fields::read(&body);
        }
    }
}
