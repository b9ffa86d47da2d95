//! Conditional requests: lists that have not changed, and writes that must not run over somebody else's.
//!
//! Rules: fact sheet Traffic Ops §4.6, and RFC 9110 section 13 where the original breaks it (fact sheet §11-24).
//! What a list goes by is when anything in its table last changed or went, so it never claims that nothing is new
//! when a row left it.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use time::{Duration, OffsetDateTime};

use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::Precondition,
};

/// The reply to a client that has the newest state of a list already; `None` if there is news.
///
/// `changed_at` is when anything that the list shows last changed, rows that left it included.
pub(super) fn unchanged(call: &Call, changed_at: OffsetDateTime) -> Option<Reply> {
    is_known(&call.headers, changed_at)
        .then(|| dated(Reply::nothing().with_status(StatusCode::NOT_MODIFIED), call, changed_at))
}

/// A tag decides alone; a date only where there is none (RFC 9110 section 13.2.2).
pub(super) fn is_known(headers: &HeaderMap, changed_at: OffsetDateTime) -> bool {
    if headers.contains_key(header::IF_NONE_MATCH) {
        return tags(headers, header::IF_NONE_MATCH).any(|tagged| tagged == changed_at);
    }
    date(headers, header::IF_MODIFIED_SINCE).is_some_and(|known| whole_seconds(changed_at) <= known)
}

/// Adds `ETag` and `Last-Modified` to a list.
///
/// A date covers a whole second. It is given once that second is over; before, more could still happen in it and a
/// client that sends the date back would miss it (RFC 9110 section 8.8.2.2).
pub(super) fn dated(reply: Reply, call: &Call, changed_at: OffsetDateTime) -> Reply {
    let reply = tagged(reply, changed_at);
    let second = whole_seconds(changed_at);
    if second >= whole_seconds(call.site.clock.now()) {
        return reply;
    }
    let earliest = second.max(OffsetDateTime::UNIX_EPOCH);
    let date = httpdate::fmt_http_date(earliest.into());
    match HeaderValue::from_str(&date) {
        Ok(date) => reply.with(header::LAST_MODIFIED, date),
        Err(_) => reply,
    }
}

/// Adds `ETag` to the reply to a write: what `If-Match` takes at the next one.
pub(super) fn tagged(reply: Reply, last_updated: OffsetDateTime) -> Reply {
    match HeaderValue::from_str(&tag(last_updated)) {
        Ok(tag) => reply.with(header::ETAG, tag),
        Err(_) => reply,
    }
}

/// What the writer knows of the thing to be changed: by `If-Match`, else by `If-Unmodified-Since`.
///
/// Of several tags the newest counts; `*` and tags that are none of ours say nothing. A date covers its whole second,
/// so that a client can send back what it was shown.
pub(super) fn precondition(call: &Call) -> Precondition {
    known(&call.headers, call.site.clock.now())
}

pub(super) fn known(headers: &HeaderMap, now: OffsetDateTime) -> Precondition {
    let sane = |tagged: &OffsetDateTime| (*tagged - now).abs() < TAGS_ARE_GOOD_FOR;
    let newest = tags(headers, header::IF_MATCH).filter(sane).max();
    let date = || Some(date(headers, header::IF_UNMODIFIED_SINCE)? + ALMOST_A_SECOND);
    Precondition(newest.or_else(date))
}

/// How far a tag's time may be from now. Source: fact sheet Traffic Ops §4.6.
const TAGS_ARE_GOOD_FOR: Duration = Duration::days(20 * 365);
const ALMOST_A_SECOND: Duration = Duration::nanoseconds(999_999_999);

/// What a writer hears whose precondition fails.
pub(super) fn modified() -> Problem {
    let text = "resource was modified since the time specified by the request headers";
    Problem::new(StatusCode::PRECONDITION_FAILED, text)
}

fn whole_seconds(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_nanosecond(0).unwrap_or(at)
}

/// A date in any of the three formats of RFC 9110, or as the original writes it, with `UTC` for `GMT`.
fn date(headers: &HeaderMap, name: header::HeaderName) -> Option<OffsetDateTime> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    let in_gmt = text.strip_suffix("UTC").map(|front| format!("{front}GMT"));
    let date = httpdate::parse_http_date(in_gmt.as_deref().unwrap_or(text)).ok()?;
    Some(OffsetDateTime::from(date))
}

/// `"v1-<nanoseconds since 1970, base 36>"`.
fn tag(at: OffsetDateTime) -> String {
    let (mut rest, mut digits) = (at.unix_timestamp_nanos().unsigned_abs(), Vec::new());
    while rest > 0 || digits.is_empty() {
        let digit = u32::try_from(rest % 36).unwrap_or_default();
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        rest /= 36;
    }
    format!("\"v1-{}\"", digits.iter().rev().collect::<String>())
}

/// The times in a header's tags, weak ones included.
fn tags(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = OffsetDateTime> {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(|element| {
        let element = element.trim();
        let opaque = element.strip_prefix("W/").unwrap_or(element);
        let digits = opaque.strip_prefix("\"v1-")?.strip_suffix('"')?;
        OffsetDateTime::from_unix_timestamp_nanos(i128::from_str_radix(digits, 36).ok()?).ok()
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    fn headers(given: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        given.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_tag_is_the_time_in_base_36() {
        let new_year = datetime!(2024-01-01 0:00 UTC);
        assert_eq!(tag(new_year), "\"v1-cy2xeohcq2o0\"");
        let given = headers(&[(header::IF_MATCH, "\"x\", W/\"v1-0\", \"v1-cy2xeohcq2o0\", *")]);
        assert_eq!(tags(&given, header::IF_MATCH).last(), Some(new_year));
    }

    #[test]
    fn an_echoed_date_or_tag_is_known_and_an_older_one_is_not() {
        let changed_at = datetime!(2018-12-12 16:26:32.847362 UTC);
        for (value, known) in [
            ("Wed, 12 Dec 2018 16:26:32 GMT", true),
            ("Wed, 12 Dec 2018 16:26:32 UTC", true),
            ("Wednesday, 12-Dec-18 16:26:33 GMT", true),
            ("Wed Dec 12 16:26:31 2018", false),
            ("yesterday", false),
            ("", false),
        ] {
            let given = headers(&[(header::IF_MODIFIED_SINCE, value)]);
            assert_eq!(is_known(&given, changed_at), known, "{value}");
        }
        let late = "Mon, 01 Jan 2035 00:00:00 GMT";
        let other =
            headers(&[(header::IF_MODIFIED_SINCE, late), (header::IF_NONE_MATCH, "\"v1-cy2xeohcq2o0\"")]);
        assert!(!is_known(&other, changed_at), "a tag decides alone");
        assert!(is_known(&other, datetime!(2024-01-01 0:00 UTC)));
    }

    #[test]
    fn the_newest_tag_counts_before_a_date_and_foreign_ones_say_nothing() {
        let date = (header::IF_UNMODIFIED_SINCE, "Sat, 21 Nov 2026 11:00:00 GMT");
        let until = |given: &[_]| known(&headers(given), NOW).0;
        assert_eq!(until(std::slice::from_ref(&date)), Some(datetime!(2026-11-21 11:00:00.999999999 UTC)));
        let tag = (header::IF_MATCH, "\"v1-cy2xeohcq2o0\", \"v1-cy2xeohcq2o1\"");
        let tagged = datetime!(2024-01-01 0:00:00.000000001 UTC);
        assert_eq!(until(&[tag, date.clone()]), Some(tagged));
        for foreign in ["*", "\"x\"", "\"v1-0\"", "v1-cy2xeohcq2o0"] {
            assert_eq!(until(&[(header::IF_MATCH, foreign)]), None, "{foreign}");
        }
        assert_eq!(until(&[(header::IF_MATCH, "*"), date]).map(|at| at.hour()), Some(11));
    }

    #[test]
    fn a_date_covers_its_second() {
        let given = headers(&[(header::IF_UNMODIFIED_SINCE, "Wed, 12 Dec 2018 16:26:32 GMT")]);
        let condition = known(&given, NOW);
        assert!(condition.allows(datetime!(2018-12-12 16:26:32.847362 UTC)));
        assert!(!condition.allows(datetime!(2018-12-12 16:26:33 UTC)));
    }
}
