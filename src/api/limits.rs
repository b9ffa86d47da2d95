//! How much a request may hold of anything: looked at before anything is made of it.
//!
//! The body as a whole is limited where it is read (`http::body`), the head by the listener (`limits.header_bytes`),
//! texts that have rules by their types in `domain`. What is left is here, and in `docs/security.md`.

use http::{HeaderMap, HeaderValue};

use super::{admission::Head, problem::Problem};

/// Objects and lists within each other in a JSON body. The contracts need three.
pub const DEEPEST: usize = 32;
/// Members of a JSON object, fields of a form, parameters of a query. The contracts need forty.
pub const MOST_FIELDS: usize = 256;
/// Members of a list, such as the permissions of a role.
pub const MOST_ITEMS: usize = 1000;
/// Characters of a short text: a name, a line of an address.
pub const LONGEST_TEXT: usize = 255;
/// Characters of a text that may have several lines: an SSH key.
pub const LONGEST_LINES: usize = 8000;
/// Bytes of path and query together.
pub const LONGEST_TARGET: usize = 8 * 1024;
/// Lines of the head. hyper stops at 100 before anything of ours is asked.
pub const MOST_HEADERS: usize = 64;
/// Bytes of one header's value: a browser with many cookies sends a few thousand.
pub const LONGEST_HEADER: usize = 16 * 1024;

/// Refuses a head that nobody needs.
///
/// # Errors
/// 400, with the limit.
pub fn check(head: &Head) -> Result<(), Problem> {
    let refused = |text: String| Err(Problem::bad_request(text));
    if head.target.as_str().len() > LONGEST_TARGET {
        return refused(format!("Path and query are longer than {LONGEST_TARGET} bytes."));
    }
    if head.headers.len() > MOST_HEADERS {
        return refused(format!("There are more than {MOST_HEADERS} headers."));
    }
    match longest(&head.headers) > LONGEST_HEADER {
        true => refused(format!("A header is longer than {LONGEST_HEADER} bytes.")),
        false => Ok(()),
    }
}

fn longest(headers: &HeaderMap) -> usize {
    headers.values().map(HeaderValue::len).max().unwrap_or_default()
}

/// Whether objects and lists lie deeper within each other than [`DEEPEST`], in the first JSON value of a body.
///
/// Brackets are counted before a parser sees them, so that no parser's own limit or stack decides.
pub fn is_too_deep(json: &[u8]) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => in_text = false,
            (false, b'"') => in_text = true,
            (false, b'{' | b'[') if depth == DEEPEST => return true,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') if depth <= 1 => return false,
            (false, b'}' | b']') => depth -= 1,
            _ => {}
        }
    }
    false
}

/// A text of one line that is short enough, without control characters.
pub fn is_short_line(text: &str) -> bool {
    !text.chars().any(char::is_control) && text.chars().nth(LONGEST_TEXT).is_none()
}

/// A text that may have several lines, and no other control characters than those that make lines.
pub fn are_lines(text: &str) -> bool {
    let plain = |character: char| !character.is_control() || "\r\n\t".contains(character);
    text.chars().all(plain) && text.chars().nth(LONGEST_LINES).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_counted_outside_of_texts_and_in_the_first_value_only() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(!is_too_deep(&nested(DEEPEST)));
        assert!(is_too_deep(&nested(DEEPEST + 1)));
        assert!(!is_too_deep(format!("\"{}\"", "[".repeat(100)).as_bytes()));
        assert!(!is_too_deep(format!("{{\"a\\\"{}\":1}}", "[".repeat(100)).as_bytes()));
        assert!(!is_too_deep(&[b"{}".to_vec(), nested(100)].concat()), "what follows is not looked at");
        assert!(!is_too_deep(b"]]]]") && !is_too_deep(b""));
    }

    #[test]
    fn a_line_is_short_and_plain() {
        assert!(is_short_line("") && is_short_line(&"é".repeat(LONGEST_TEXT)));
        assert!(!is_short_line(&"é".repeat(LONGEST_TEXT + 1)));
        for bad in ["a\0b", "a\r\nBcc: x@y.test", "a\tb", "\u{1b}[31m", "\u{7f}", "\u{85}", "\u{9b}31m"] {
            assert!(!is_short_line(bad), "{bad:?}");
        }
        assert!(
            are_lines("ssh-ed25519 AAAA a@b\r\nssh-rsa\tBBBB\n") && !are_lines("a\0") && !are_lines("\u{1b}")
        );
        assert!(!are_lines(&"x".repeat(LONGEST_LINES + 1)));
    }
}
