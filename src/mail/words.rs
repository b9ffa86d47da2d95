//! How names, moments and time-spans are written in letters.

use std::time::Duration;

use time::{OffsetDateTime, format_description::StaticFormatDescription, macros::format_description};

const MOMENT: StaticFormatDescription =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");

/// A text that can stand in HTML.
pub(super) fn escape(text: &str) -> String {
    [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")]
        .iter()
        .fold(text.to_owned(), |text, (character, written)| text.replace(*character, written))
}

/// A stored text without the characters that would break a line or turn its direction.
pub(super) fn plain(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A moment as people write it, in UTC.
pub(super) fn moment(time: OffsetDateTime) -> String {
    time.to_offset(time::UtcOffset::UTC).format(MOMENT).unwrap_or_else(|_| time.to_string())
}

/// A moment or a time-span as HTML in which lines are broken between date and time only. In ASCII: with the character
/// itself the whole letter would travel in another encoding, which tears links apart.
pub(super) fn unbroken(said: &str) -> String {
    escape(said).replace(' ', "&nbsp;").replace(",&nbsp;", ", ")
}

/// A time-span as people say it, to the nearest minute, and to the nearest day from two days on.
pub(super) fn in_words(span: Duration) -> String {
    let minutes = (span.as_secs() + 30) / 60;
    let counted = |n: u64, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    match (minutes / 60, minutes % 60) {
        (0, 0) => "less than a minute".to_owned(),
        (0, minutes) => counted(minutes, "minute"),
        (hours, _) if hours >= 48 => counted((hours + 12) / 24, "day"),
        (hours, 0) => counted(hours, "hour"),
        (hours, minutes) => format!("{} and {}", counted(hours, "hour"), counted(minutes, "minute")),
    }
}
