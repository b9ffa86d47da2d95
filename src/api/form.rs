//! Reads bodies that come as JSON or as an HTML form, whichever the content type says.

use std::collections::HashMap;

use http::{HeaderMap, header};
use serde_json::Value;
use zeroize::Zeroize;

use super::limits::{MOST_FIELDS, is_too_deep};

/// The texts of a body by name. The last of several with one name counts; what is no text is not there.
#[derive(Default)]
pub struct Form(HashMap<String, String>);

/// Why a body can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormRefused {
    /// It says it is JSON and is not, or has too much within each other.
    #[error("the body is not JSON")]
    NotJson,
    /// It has more fields than anybody needs.
    #[error("there are more than {MOST_FIELDS} fields")]
    TooMany,
}

impl Form {
    /// Reads a body. An empty one has no fields, of whatever type it says it is.
    ///
    /// # Errors
    /// [`FormRefused`].
    pub fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, FormRefused> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        match kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("/json")) {
            true => Self::of_json(body),
            false => Self::of_pairs(body),
        }
    }

    /// Reads `a=b&c=d`, as it stands in a form's body and in a query.
    ///
    /// # Errors
    /// [`FormRefused::TooMany`].
    pub fn of_pairs(encoded: &[u8]) -> Result<Self, FormRefused> {
        match encoded.split(|byte| *byte == b'&').nth(MOST_FIELDS) {
            Some(_) => Err(FormRefused::TooMany),
            None => Ok(Self(pairs(encoded).collect())),
        }
    }

    fn of_json(body: &[u8]) -> Result<Self, FormRefused> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        if is_too_deep(body) {
            return Err(FormRefused::NotJson);
        }
        let Value::Object(members) = serde_json::from_slice(body).map_err(|_| FormRefused::NotJson)? else {
            return Ok(Self::default());
        };
        if members.len() > MOST_FIELDS {
            return Err(FormRefused::TooMany);
        }
        let texts = members.into_iter().filter_map(|(name, value)| Some((name, text(value)?)));
        Ok(Self(texts.collect()))
    }

    /// A field; an empty one is not there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }
}

impl FromIterator<(String, String)> for Form {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(fields: T) -> Self {
        Self(fields.into_iter().collect())
    }
}

/// Any of the texts may be a password.
impl Drop for Form {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

/// Numbers too: some programs write a name or a password of digits as one.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The pairs whose two sides are UTF-8. Replacing what is not would make one password of many.
fn pairs(body: &[u8]) -> impl Iterator<Item = (String, String)> {
    body.split(|byte| *byte == b'&').filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        Some((decoded(&pair[..at])?, decoded(pair.get(at + 1..).unwrap_or_default())?))
    })
}

fn decoded(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    String::from_utf8(percent_encoding::percent_decode(&spaced).collect()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_form_is_decoded_once_and_the_last_of_two_counts() {
        let form =
            Form::of_pairs(b"email=a%2Bb%40c.test&password=x+%2525&&token&password=y+%2525=z").unwrap();
        assert_eq!(form.get("email"), Some("a+b@c.test"));
        assert_eq!(form.get("password"), Some("y %25=z"));
        assert_eq!(form.get("token"), None);
    }

    #[test]
    fn what_is_not_utf_8_is_not_there() {
        let form = Form::of_pairs(b"a=%ff&b=\xff&c=%c3%a9").unwrap();
        assert_eq!((form.get("a"), form.get("b"), form.get("c")), (None, None, Some("é")));
    }

    #[test]
    fn json_gives_texts_and_numbers() {
        let form =
            Form::of_json(br#"{"a":"x","b":42,"c":null,"d":["x"],"e":{"x":1},"f":true,"a":"y"}"#).unwrap();
        assert_eq!((form.get("a"), form.get("b")), (Some("y"), Some("42")));
        assert!(["c", "d", "e", "f"].iter().all(|name| form.get(name).is_none()));
        for other in [&b"[]"[..], b"null", b"\"text\"", b"7", b"", b" \n"] {
            assert!(Form::of_json(other).is_ok_and(|form| form.0.is_empty()), "{other:?}");
        }
        for unreadable in [&b"{"[..], b"\"\\ud800\"", b"{}trailing", b"\xff", b"email=a"] {
            assert!(Form::of_json(unreadable).is_err(), "{unreadable:?}");
        }
    }

    #[test]
    fn the_content_type_decides() {
        let read = |kind: &'static str, body: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
            Form::read(&headers, body).map(|form| form.get("a").map(str::to_owned))
        };
        for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON", "text/json"] {
            assert_eq!(read(kind, br#"{"a":"x"}"#), Ok(Some("x".to_owned())), "{kind}");
        }
        assert_eq!(read("application/x-www-form-urlencoded", b"a=x"), Ok(Some("x".to_owned())));
        assert_eq!(Form::read(&HeaderMap::new(), b"a=x").unwrap().get("a"), Some("x"));
    }

    #[test]
    fn more_fields_than_anybody_needs_are_refused() {
        let pairs = |count: usize| Form::of_pairs("a=b&".repeat(count - 1).as_bytes()).map(|_| ());
        assert_eq!((pairs(MOST_FIELDS), pairs(MOST_FIELDS + 1)), (Ok(()), Err(FormRefused::TooMany)));
        let members: Vec<_> = (0..=MOST_FIELDS).map(|number| format!("\"{number}\":1")).collect();
        let json = format!("{{{}}}", members.join(","));
        assert_eq!(Form::of_json(json.as_bytes()).err(), Some(FormRefused::TooMany));
        assert_eq!(Form::of_json("[".repeat(60_000).as_bytes()).err(), Some(FormRefused::NotJson));
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_read_back(name in any::<String>(), value in any::<String>()) {
            let encoded = form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish();
            let form = Form::of_pairs(encoded.as_bytes()).unwrap();
            prop_assert_eq!(form.get(&name).unwrap_or_default(), value);
        }

        #[test]
        fn no_body_makes_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _outcomes = (Form::of_pairs(&body), Form::of_json(&body));
        }
    }
}
