//! Reads JSON bodies as forgivingly as the contract does, and says what is wrong in our own words.
//!
//! Names match without case, the last of two equal names counts, unknown names and whatever follows the first
//! JSON value are ignored, `null` as a body is an empty object (fact sheet Traffic Ops §0, §3.4).

use std::collections::HashMap;

use serde_json::Value;

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
    /// A member of another kind.
    #[error("{field}: must be {expected}")]
    Kind {
        /// The member's name as the contract spells it.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
}

/// A member of an object: the contract tells the three apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given<T> {
    /// Not there.
    Absent,
    /// There, and `null`.
    Null,
    /// There, with a value.
    Value(T),
}

impl<T> Given<T> {
    /// The value, where absent and `null` mean the same.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value after a patch: absent keeps the present one, `null` clears it.
    pub fn over(self, present: Option<T>) -> Option<T> {
        match self {
            Self::Absent => present,
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }
}

impl Fields {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Misread`].
    pub fn read(body: &[u8]) -> Result<Self, Misread> {
        let mut values = serde_json::Deserializer::from_slice(body).into_iter::<Value>();
        match values.next() {
            None => Err(Misread::Empty),
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

    /// A text.
    ///
    /// # Errors
    /// [`Misread::Kind`].
    pub fn text(&self, field: &'static str) -> Result<Given<String>, Misread> {
        self.member(field, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// A text that the database can hold: PostgreSQL knows no NUL.
    ///
    /// # Errors
    /// [`Misread::Kind`].
    pub fn stored_text(&self, field: &'static str) -> Result<Given<String>, Misread> {
        let stored = |value: &Value| value.as_str().filter(|text| !text.contains('\0')).map(str::to_owned);
        self.member(field, "a text without NUL characters", stored)
    }

    /// A whole number.
    ///
    /// # Errors
    /// [`Misread::Kind`].
    pub fn integer(&self, field: &'static str) -> Result<Given<i64>, Misread> {
        self.member(field, "a whole number", Value::as_i64)
    }

    /// A truth value.
    ///
    /// # Errors
    /// [`Misread::Kind`].
    pub fn truth(&self, field: &'static str) -> Result<Given<bool>, Misread> {
        self.member(field, "true or false", Value::as_bool)
    }

    /// A point in time, RFC 3339.
    ///
    /// # Errors
    /// [`Misread::Kind`].
    pub fn time(&self, field: &'static str) -> Result<Given<time::OffsetDateTime>, Misread> {
        let format = &time::format_description::well_known::Rfc3339;
        self.member(field, "a time as RFC 3339 writes it", |value| {
            time::OffsetDateTime::parse(value.as_str()?, format).ok()
        })
    }

    /// An object within the object; `null` counts as absent.
    ///
    /// # Errors
    /// [`Misread::Kind`].
    pub fn object(&self, field: &'static str) -> Result<Option<Fields>, Misread> {
        let given = self.member(field, "a JSON object", |value| Self::of(value.clone()))?;
        Ok(given.value())
    }

    /// A list of texts.
    ///
    /// # Errors
    /// [`Misread::Kind`].
    pub fn texts(&self, field: &'static str) -> Result<Given<Vec<String>>, Misread> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.member(field, "a list of texts", |value| value.as_array()?.iter().map(text).collect())
    }

    fn member<T>(
        &self,
        field: &'static str,
        expected: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Given<T>, Misread> {
        match self.get(field) {
            None => Ok(Given::Absent),
            Some(Value::Null) => Ok(Given::Null),
            Some(value) => read(value).map(Given::Value).ok_or(Misread::Kind { field, expected }),
        }
    }
}

#[cfg(test)]
mod tests {
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
        let number = Fields::read(br#"{"u":5,"n":1.0}"#).unwrap();
        assert_eq!(number.text("u").unwrap_err().to_string(), "u: must be a text");
        assert!(number.integer("n").is_err());
    }

    #[test]
    fn a_patch_keeps_replaces_or_clears() {
        assert_eq!(Given::Absent.over(Some(1)), Some(1));
        assert_eq!(Given::Null.over(Some(1)), None);
        assert_eq!(Given::Value(2).over(Some(1)), Some(2));
    }
}
