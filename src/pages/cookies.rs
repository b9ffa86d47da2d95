//! The pages' own cookies: who visits, and the key of a letter on its way from the link into the form.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cookie::{Cookie, SameSite, time::Duration};
use http::{HeaderMap, HeaderValue};

use crate::api::{call::Call, cookies::cookies, site::Site};

/// The value of a cookie of the request.
pub(super) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    cookies(headers).find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Name of the cookie that tells browsers apart in which nobody is signed in: with it no other host can have set it.
fn visitor_name(site: &Site) -> &'static str {
    if site.secure_cookies() { "__Host-latchkey_visitor" } else { "latchkey_visitor" }
}

/// Who visits; nothing is stored about it.
pub(super) fn visitor(call: &Call) -> Option<&str> {
    value(&call.headers, visitor_name(&call.site)).filter(|name| !name.is_empty())
}

/// A new visitor's name, and the cookie that keeps it until the browser is closed.
pub(super) fn new_visitor(site: &Site) -> (String, HeaderValue) {
    let mut bytes = [0; 16];
    site.entropy.fill(&mut bytes);
    let name = URL_SAFE_NO_PAD.encode(bytes);
    let line = line(site, Cookie::build((visitor_name(site), name.clone())).path("/"));
    (name, line)
}

/// Name of the cookie that carries a letter's key from the link to the form.
pub(super) const KEY: &str = "latchkey_key";
/// How long the form may be opened again before the link has to be.
const KEY_LIFETIME: Duration = Duration::minutes(15);

/// Carries a letter's key to the page at `path`, and to no other.
pub(super) fn key(site: &Site, key: &str, path: &str) -> HeaderValue {
    line(site, Cookie::build((KEY, key)).path(path).max_age(KEY_LIFETIME))
}

/// Drops the key.
pub(super) fn no_key(site: &Site, path: &str) -> HeaderValue {
    line(site, Cookie::build((KEY, "")).path(path).max_age(Duration::ZERO))
}

/// `Lax`: the link of a letter is followed from another site, from webmail.
fn line(site: &Site, cookie: cookie::CookieBuilder<'_>) -> HeaderValue {
    let cookie = cookie.http_only(true).same_site(SameSite::Lax).secure(site.secure_cookies()).build();
    HeaderValue::from_str(&cookie.to_string()).unwrap_or(HeaderValue::from_static(""))
}
