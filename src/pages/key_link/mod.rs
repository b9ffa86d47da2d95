//! The pages behind the links of letters: the key moves from the address into the form before anything is shown.
//!
//! A link is opened by whoever comes across it: mail scanners, previews, another device, twice. So opening it
//! changes nothing. The answer is a redirect to the same page without the key, which travels in a cookie that
//! only this page gets and that lives for minutes: the address bar, the history and the logs of the next pages don't
//! hold it. The form then carries it in a hidden field. A form with such a key needs no other token against
//! forgery: nobody else knows it, and it opens one account, once.

pub(super) mod email;
pub(super) mod register;
pub(super) mod reset;

use http::{HeaderValue, StatusCode, header};

use super::{cookies, form::Form, show::go};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::ResetKey,
};

/// The key of a letter, and whether it came in its link just now; if not, it came from there a moment ago.
fn presented(call: &Call, gone: fn() -> Problem) -> Result<(ResetKey, bool), Problem> {
    match call.query("token") {
        Some(text) => ResetKey::parse(&text).ok_or_else(gone).map(|key| (key, true)),
        None => carried(call).map(|key| (key, false)),
    }
}

/// On to the same page without the key in its address.
fn onward(call: &Call, key: &ResetKey, path: &str) -> Reply {
    unlinked(go(path).with(header::SET_COOKIE, cookies::key(&call.site, key.reveal(), path)))
}

fn carried(call: &Call) -> Result<ResetKey, Problem> {
    let key = cookies::value(&call.headers, cookies::KEY).and_then(ResetKey::parse);
    key.ok_or_else(|| Problem::bad_request("the page was opened without its link").coded("no_key"))
}

/// The key in the form.
fn in_form(form: &Form) -> Option<ResetKey> {
    ResetKey::parse(form.text("token"))
}

/// An answer to an address that holds a good key is nobody's referrer.
fn unlinked(reply: Reply) -> Reply {
    reply.with(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
}

/// On to another page; the key is not carried any further.
fn leave(call: &Call, target: &str, path: &str) -> Reply {
    match cookies::value(&call.headers, cookies::KEY) {
        Some(_) => go(target).with(header::SET_COOKIE, cookies::no_key(&call.site, path)),
        None => go(target),
    }
}

/// 410. The code says whose link it was: what helps now is another thing with each.
fn gone(code: &'static str) -> Problem {
    Problem::new(StatusCode::GONE, "the key is not good").coded(code)
}
