//! Files with one JSON object a line.

use std::io::{BufRead as _, BufReader, Read as _};

use serde::Deserialize;

use super::file::{File, LONGEST_ROW};
use crate::{
    domain::{MovingLine, UserLine},
    service::moving::{Arriving, Broken, Place, Source},
};

/// The lines of a file.
pub(super) struct Jsonl {
    file: BufReader<File>,
    number: i64,
    line: Vec<u8>,
}

impl Jsonl {
    pub(super) fn read(file: File) -> Self {
        Self { file: BufReader::new(file), number: 0, line: Vec::new() }
    }

    /// Reads one line into `line`; `false` at the end. What is too long is passed over, and `None`.
    fn advance(&mut self) -> std::io::Result<Option<bool>> {
        self.line.clear();
        self.number += 1;
        let mut limited = (&mut self.file).take(LONGEST_ROW);
        if limited.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(Some(false));
        }
        if limited.limit() > 0 || self.line.ends_with(b"\n") {
            return Ok(Some(true));
        }
        self.line.clear();
        self.file.skip_until(b'\n')?;
        Ok(None)
    }
}

impl Source for Jsonl {
    async fn next(&mut self) -> Result<Option<Arriving>, Broken> {
        loop {
            let content = match self.advance()? {
                Some(false) => return Ok(None),
                Some(true) => {
                    let line = self.line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.line).trim_ascii();
                    if line.is_empty() {
                        continue;
                    }
                    understand(line)
                }
                None => Err(format!("it is longer than {LONGEST_ROW} bytes")),
            };
            return Ok(Some(Arriving { place: Place { of: "line", number: self.number }, content }));
        }
    }
}

/// An object without a kind is an account.
fn understand(line: &[u8]) -> Result<MovingLine, String> {
    #[derive(Deserialize)]
    struct Kind {
        kind: Option<serde_json::Value>,
    }
    let kind: Kind = serde_json::from_slice(line).map_err(plainly)?;
    match kind.kind {
        None => serde_json::from_slice::<UserLine>(line).map(|user| MovingLine::User(Box::new(user))),
        Some(_) => serde_json::from_slice(line),
    }
    .map_err(plainly)
}

/// Without the parser's own line and column: the line is always its first.
fn plainly(error: serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((text, _)) => text.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_account_unless_it_says_otherwise() {
        assert!(matches!(understand(br#"{"username":"a"}"#), Ok(MovingLine::User(_))));
        assert!(matches!(understand(br#"{"kind":"user","username":"a"}"#), Ok(MovingLine::User(_))));
        assert!(matches!(understand(br#"{"kind":"role","name":"a"}"#), Ok(MovingLine::Role(_))));
        assert!(matches!(understand(br#"{"kind":"tenant","name":"a"}"#), Ok(MovingLine::Tenant(_))));
        let why = |line: &str| understand(line.as_bytes()).err().unwrap();
        assert_eq!(
            why(r#"{"kind":"cat"}"#),
            "unknown variant `cat`, expected one of `tenant`, `role`, `user`"
        );
        assert!(why(r#"{"username":"a","passwd":"b"}"#).starts_with("unknown field `passwd`"));
        assert_eq!(why("{"), "EOF while parsing an object");
        assert_eq!(why("[]"), "invalid length 0, expected struct Kind with 1 element");
        assert!(why(&"[".repeat(1000)).starts_with("invalid type") || !why(&"[".repeat(1000)).is_empty());
    }

    #[test]
    fn no_role_is_something_else_than_nothing_said() {
        let role = |line: &str| match understand(line.as_bytes()) {
            Ok(MovingLine::User(user)) => user.role,
            _ => panic!("an account"),
        };
        assert_eq!(role(r#"{"username":"a"}"#), None);
        assert_eq!(role(r#"{"username":"a","role":null}"#), Some(None));
        assert_eq!(role(r#"{"username":"a","role":"b"}"#), Some(Some("b".to_owned())));
    }
}
