//! The lines that hand a session to the client and take it away again: of this contract and of the pages, whose sessions
//! are the same.

use std::fmt::Write as _;

use http::HeaderValue;
use time::OffsetDateTime;

use super::{
    cookie,
    credentials::{ACCESS_TOKEN, SESSION},
};
use crate::{
    api::{
        reply::{Renewal, SessionChange},
        site::Site,
    },
    domain::SessionToken,
};

/// `Set-Cookie` lines in the contract's order: the session first, the access token last (fact sheet Traffic Ops §4.4).
pub(crate) fn session_cookies(
    site: &Site,
    session: SessionChange,
    renewal: Option<Renewal>,
) -> Vec<HeaderValue> {
    match (session, renewal) {
        (SessionChange::Opened { signed_in, with_access_token }, _) => {
            given(site, &signed_in.username, &signed_in.token, signed_in.good_until, with_access_token)
        }
        (SessionChange::Ended, _) => {
            [SESSION, ACCESS_TOKEN].iter().filter_map(|name| gone(site, name)).collect()
        }
        (SessionChange::None, Some(Renewal { token, in_access_token, username, good_until })) => {
            given(site, &username, &token, good_until, in_access_token)
        }
        (SessionChange::None, None) => Vec::new(),
    }
}

fn given(
    site: &Site,
    username: &str,
    token: &SessionToken,
    until: OffsetDateTime,
    with_access_token: bool,
) -> Vec<HeaderValue> {
    let sealed = cookie::seal(&site.secrets.now(), username, token, until);
    let access_token = with_access_token.then(|| cookie::wrap(&site.secrets.now(), &sealed, until));
    let seconds = (until - site.clock.now()).as_seconds_f64().round() as i64;
    let line = |name, value: &str| header(line(name, value, until, seconds, site.secure_cookies()));
    let access_token = access_token.map(|token| line(ACCESS_TOKEN, &token));
    [Some(line(SESSION, &sealed)), access_token].into_iter().flatten().flatten().collect()
}

fn gone(site: &Site, name: &str) -> Option<HeaderValue> {
    header(line(name, "", OffsetDateTime::UNIX_EPOCH, 0, site.secure_cookies()))
}

fn header(line: String) -> Option<HeaderValue> {
    HeaderValue::try_from(line).ok()
}

/// The line of a cookie that is good until then, for so many seconds. As the cookie crate writes it (a test holds the
/// two together), at a tenth of the cost: it goes out with every answer to somebody who is signed in.
fn line(name: &str, value: &str, until: OffsetDateTime, seconds: i64, secure: bool) -> String {
    let secure = if secure { "Secure; " } else { "" };
    let until = httpdate::HttpDate::from(std::time::SystemTime::from(until));
    let mut line = String::with_capacity(name.len() + value.len() + 128);
    for part in [name, "=", value, "; HttpOnly; SameSite=Lax; ", secure, "Path=/; Max-Age="] {
        line.push_str(part);
    }
    // Writing into a text can't fail.
    let _ = write!(line, "{seconds}; Expires={until}");
    line
}

#[cfg(test)]
mod tests {
    use ::cookie::{Cookie, SameSite};
    use time::{Duration, macros::datetime};

    use super::*;

    #[test]
    fn a_line_is_written_as_the_crate_writes_it() {
        let now = datetime!(2026-11-21 13:00:00.75 UTC);
        for (value, until, seconds, secure) in [
            ("eyJh--0f", now, 3600, false),
            ("eyJh--0f", now, 0, true),
            ("eyJh--0f", now, 21_600, true),
            ("", OffsetDateTime::UNIX_EPOCH, 0, false),
            ("", OffsetDateTime::UNIX_EPOCH, 0, true),
        ] {
            let mut cookie = Cookie::new(SESSION, value);
            cookie.set_expires(until);
            cookie.set_max_age(Duration::seconds(seconds));
            cookie.set_path("/");
            cookie.set_http_only(true);
            cookie.set_same_site(SameSite::Lax);
            cookie.set_secure(secure);
            assert_eq!(line(SESSION, value, until, seconds, secure), cookie.to_string());
        }
    }
}
