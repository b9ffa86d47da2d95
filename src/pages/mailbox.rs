//! The development mailbox: letters as a person would see them.

use http::{HeaderMap, HeaderValue, header};
use minijinja::context;
use time::OffsetDateTime;

use super::{moment, render::CSP, show::page};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    ports::{Mailbox, MailboxLetter},
};

/// So many are listed.
const LISTED: usize = 50;

/// Lists the letters, newest first.
pub(super) async fn list(call: Call) -> Result<Reply, Problem> {
    let now = call.site.clock.now();
    let (letters, older) = mailbox(&call)?.list(LISTED);
    let letters: Vec<_> = letters.iter().map(|letter| shown(letter, now)).collect();
    page(&call, "mailbox.html", context! { letters, older })
}

/// Shows one letter, text and HTML side by side.
pub(super) async fn letter(call: Call) -> Result<Reply, Problem> {
    let letter = find(&call)?;
    page(&call, "letter.html", context! { letter => shown(&letter, call.site.clock.now()) })
}

/// The HTML part alone, for the frame on the letter's page. It may bring its own styles and nothing else.
pub(super) async fn html(call: Call) -> Result<Reply, Problem> {
    let letter = find(&call)?;
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'self'; frame-ancestors 'self'";
    Ok(Reply::page(format!("<base target=\"_top\">{}", letter.html))
        .with(CSP, HeaderValue::from_static(policy))
        .with(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")))
}

fn mailbox(call: &Call) -> Result<&dyn Mailbox, Problem> {
    let mailbox = call.site.mailbox.as_deref().filter(|_| is_from_this_machine(&call.headers));
    mailbox.ok_or_else(|| Problem::not_found("there is no mailbox here"))
}

/// Letters hold keys: they are for whoever sits at the machine. A proxy in front, or a name that a page elsewhere made
/// this machine answer to, is the world.
fn is_from_this_machine(headers: &HeaderMap) -> bool {
    let forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|_| !host.ends_with(']')).map_or(host, |(name, _)| name);
    let is_loopback = |ip: std::net::IpAddr| ip.is_loopback();
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    !forwarded.iter().any(|header| headers.contains_key(*header))
        && (name.eq_ignore_ascii_case("localhost") || literal.parse().is_ok_and(is_loopback))
}

fn find(call: &Call) -> Result<MailboxLetter, Problem> {
    let name = call.param("name").unwrap_or_default();
    mailbox(call)?.letter(name).ok_or_else(|| Problem::not_found("there is no such letter"))
}

fn shown(letter: &MailboxLetter, now: OffsetDateTime) -> minijinja::Value {
    let date = letter.date.map(|date| moment::shown(date, now));
    let text = letter.text.replace('\r', "");
    context! {
        name => &letter.name,
        to => &letter.to,
        subject => &letter.subject,
        date,
        paragraphs => text.split("\n\n").map(str::to_owned).collect::<Vec<_>>(),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn with(pairs: &[(&str, &'static str)]) -> HeaderMap {
        let name = |name: &str| name.parse::<HeaderName>().unwrap();
        pairs.iter().map(|(key, value)| (name(key), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn letters_are_for_whoever_sits_at_the_machine() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "[::1]"] {
            assert!(is_from_this_machine(&with(&[("host", host)])), "{host}");
        }
        for host in ["login.example.test", "127.0.0.1.example.test:80", "10.0.0.1", ""] {
            assert!(!is_from_this_machine(&with(&[("host", host)])), "{host}");
        }
        for header in ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"] {
            assert!(!is_from_this_machine(&with(&[("host", "localhost"), (header, "x")])), "{header}");
        }
    }
}
