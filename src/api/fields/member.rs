//! What a member of an object may be: absent, `null`, or a value of one kind.

use serde_json::Value;

use super::{Fields, Misread};
use crate::api::limits;

const STORED_TEXT: &str = "a text of at most 255 characters without control characters";
const STORED_LINES: &str =
    "a text of at most 8000 characters without control characters other than line breaks";
const TEXTS: &str = "a list of at most 1000 texts";

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
    /// A text that is parsed into a type with rules of its own, or a password, which may hold any character.
    ///
    /// # Errors
    /// [`Misread::Kind`].
    pub fn text(&self, field: &'static str) -> Result<Given<String>, Misread> {
        self.member(field, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// A text that is stored as it is: short, and without control characters (PostgreSQL knows no NUL, and logs,
    /// letters and terminals no others).
    ///
    /// # Errors
    /// [`Misread::Kind`].
    pub fn stored_text(&self, field: &'static str) -> Result<Given<String>, Misread> {
        self.text_that(field, STORED_TEXT, limits::is_short_line)
    }

    /// A text that is stored as it is and may have several lines.
    ///
    /// # Errors
    /// [`Misread::Kind`].
    pub fn stored_lines(&self, field: &'static str) -> Result<Given<String>, Misread> {
        self.text_that(field, STORED_LINES, limits::are_lines)
    }

    fn text_that(
        &self,
        field: &'static str,
        expected: &'static str,
        fits: fn(&str) -> bool,
    ) -> Result<Given<String>, Misread> {
        self.member(field, expected, |value| value.as_str().filter(|text| fits(text)).map(str::to_owned))
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

    /// A list of texts, each of which is parsed into a type with rules of its own.
    ///
    /// # Errors
    /// [`Misread::Kind`].
    pub fn texts(&self, field: &'static str) -> Result<Given<Vec<String>>, Misread> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let given: Given<Vec<String>> =
            self.member(field, "a list of texts", |value| value.as_array()?.iter().map(text).collect())?;
        match given {
            Given::Value(texts) if texts.len() > limits::MOST_ITEMS => {
                Err(Misread::Kind { field, expected: TEXTS })
            }
            given => Ok(given),
        }
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_patch_keeps_replaces_or_clears() {
        assert_eq!(Given::Absent.over(Some(1)), Some(1));
        assert_eq!(Given::Null.over(Some(1)), None);
        assert_eq!(Given::Value(2).over(Some(1)), Some(2));
    }

    #[test]
    fn a_member_of_another_kind_is_named() {
        let number = Fields::read(br#"{"u":5,"n":1.0}"#).unwrap();
        assert_eq!(number.text("u").unwrap_err().to_string(), "u: must be a text");
        assert!(number.integer("n").is_err());
        let items = Fields::read(format!("{{\"a\":[{}\"\"]}}", "\"\",".repeat(1000)).as_bytes()).unwrap();
        assert_eq!(items.texts("a"), Err(Misread::Kind { field: "a", expected: TEXTS }));
    }

    proptest! {
        #[test]
        fn what_is_stored_never_holds_control_characters(text in any::<String>(), size in 0_usize..10_000) {
            let long = text.chars().cycle().take(size).collect::<String>();
            for text in [text, long] {
                let fields = Fields::read(serde_json::json!({ "a": text }).to_string().as_bytes()).unwrap();
                if let Ok(Given::Value(line)) = fields.stored_text("A") {
                    prop_assert!(line == text && !line.chars().any(char::is_control) && line.chars().count() <= 255);
                }
                if let Ok(Given::Value(lines)) = fields.stored_lines("a") {
                    let unprintable = lines.contains(['\0', '\x1b']);
                    prop_assert!(lines == text && lines.chars().count() <= 8000 && !unprintable);
                }
            }
        }
    }
}
