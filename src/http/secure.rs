//! What an answer that goes by TLS carries: cookies that are for TLS only (DESIGN section 2, cookie attributes), and the
//! word that browsers keep to TLS (RFC 6797).

use warp::http::{HeaderMap, HeaderValue, header};

use crate::api::site::Site;

/// Marks an answer that goes by TLS: the request came so, or everybody comes so by the word of the operator.
pub(super) fn keep_to_tls(site: &Site, secure: bool, headers: &mut HeaderMap) {
    if secure {
        mark_cookies(headers);
    }
    if let Some(word) = site.strict_transport.as_ref().filter(|_| secure || site.secure_cookies()) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, word.clone());
    }
}

/// Adds `Secure` to the cookies that lack it: on the installation's side they have it only where its public address
/// is `https`.
fn mark_cookies(headers: &mut HeaderMap) {
    if let header::Entry::Occupied(mut cookies) = headers.entry(header::SET_COOKIE) {
        cookies.iter_mut().for_each(add);
    }
}

fn add(cookie: &mut HeaderValue) {
    let has = |line: &str| line.split(';').skip(1).any(|word| word.trim().eq_ignore_ascii_case("secure"));
    let marked = cookie.to_str().ok().filter(|line| !has(line)).map(|line| format!("{line}; Secure"));
    if let Some(marked) = marked.and_then(|line| HeaderValue::try_from(line).ok()) {
        *cookie = marked;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cookie_is_marked_once() {
        let mut headers = HeaderMap::new();
        for cookie in ["a=secure; Path=/", "b=1; Secure; Path=/", "c=2"] {
            headers.append(header::SET_COOKIE, HeaderValue::from_static(cookie));
        }
        mark_cookies(&mut headers);
        let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(cookies, ["a=secure; Path=/; Secure", "b=1; Secure; Path=/", "c=2; Secure"]);
    }
}
