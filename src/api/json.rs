//! Writes JSON the way the contract's server does: compact, with `<`, `>`, `&` and U+2028/2029 escaped.
//!
//! Source: fact sheet Traffic Ops §3.5. Own code, because no library writes exactly these escapes.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::problem::Problem;

/// Writes a view.
///
/// # Errors
/// A 500 when it can't be written, which is a defect.
pub fn write(view: &impl Serialize) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::with_capacity(512);
    write_to(&mut out, view).map(|()| out)
}

/// Writes a view to the end of something.
///
/// # Errors
/// As [`write()`].
pub fn write_to(out: &mut impl io::Write, view: &impl Serialize) -> Result<(), Problem> {
    view.serialize(&mut Serializer::with_formatter(out, Escaping)).map_err(|error| {
        tracing::error!(%error, "a view can't be written as JSON");
        Problem::internal()
    })
}

struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        let mut rest = text;
        // Nearly no text has any of them, and bytes are found sooner than characters.
        while rest.bytes().any(|byte| matches!(byte, b'<' | b'>' | b'&' | 0xe2)) {
            let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) else { break };
            let (plain, from) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let mut characters = from.chars();
            if let Some(special) = characters.next() {
                write!(out, "\\u{:04x}", u32::from(special))?;
            }
            rest = characters.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn markup_characters_are_escaped_and_other_text_is_not() {
        let written = super::write(&"a<b>&c\u{2028}é😀\"\\\n").unwrap();
        assert_eq!(written, br#""a\u003cb\u003e\u0026c\u2028"#.iter().chain("é😀\\\"\\\\\\n\"".as_bytes()).copied().collect::<Vec<_>>());
    }
}
