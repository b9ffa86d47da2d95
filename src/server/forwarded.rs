//! What proxies write about whom they forward for: `X-Forwarded-For`, `X-Forwarded-Proto` and `Forwarded` (RFC 7239).

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED: HeaderName = HeaderName::from_static("forwarded");

/// One proxy's word about who came to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hop {
    /// The address; `None` for `unknown`, a made-up name or anything else that is none.
    pub(super) address: Option<IpAddr>,
    /// Whether it came by TLS, if the proxy says.
    pub(super) secure: Option<bool>,
}

/// The words of `X-Forwarded-For`, the nearest proxy's first. The protocols of `X-Forwarded-Proto` are put beside
/// them from the same end; a single one counts for all.
pub(super) fn x_forwarded(headers: &HeaderMap) -> impl Iterator<Item = Hop> {
    let schemes: Vec<bool> = from_the_right(headers, PROTO).map(is_https).collect();
    from_the_right(headers, FOR).enumerate().map(move |(place, text)| {
        let secure = schemes.get(place).or(schemes.last()).copied();
        Hop { address: address(text), secure }
    })
}

/// What `X-Forwarded-Proto` says where nobody is named.
pub(super) fn x_forwarded_proto(headers: &HeaderMap) -> Option<bool> {
    from_the_right(headers, PROTO).next().map(is_https)
}

/// The words of `Forwarded`, the nearest proxy's first.
pub(super) fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Hop> {
    from_the_right(headers, FORWARDED).map(hop)
}

/// One element of `Forwarded`: pairs with semicolons between.
fn hop(element: &str) -> Hop {
    let mut hop = Hop::default();
    for (name, value) in split_from_the_right(element, b';').filter_map(|pair| pair.split_once('=')) {
        let value = unquoted(value.trim());
        match name.trim() {
            name if name.eq_ignore_ascii_case("for") => hop.address = address(value),
            name if name.eq_ignore_ascii_case("proto") => hop.secure = Some(is_https(value)),
            _ => {}
        }
    }
    hop
}

/// Elements of a list header, over all its lines, the last first.
fn from_the_right(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> =
        headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default()).collect();
    lines.into_iter().rev().flat_map(|line| split_from_the_right(line, b',')).map(str::trim)
}

/// Splits at a mark outside of quotes, the last part first. Quotes are counted from the right too: what a proxy
/// appended is in order, and what a stranger put before it can't reach into it with a quote that is never closed.
fn split_from_the_right(text: &str, mark: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut quoted = false;
        let cut = text.bytes().rposition(|byte| {
            quoted ^= byte == b'"';
            byte == mark && !quoted
        });
        rest = cut.map(|at| &text[..at]);
        Some(cut.map_or(text, |at| &text[at + 1..]))
    })
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

fn is_https(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https")
}

/// An address as proxies write it: bare, in brackets, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.parse::<IpAddr>().ok();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare().or_else(bracketed).or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    fn addresses(hops: impl Iterator<Item = Hop>) -> Vec<Option<String>> {
        hops.map(|hop| hop.address.map(|address| address.to_string())).collect()
    }

    #[test]
    fn lists_are_read_from_the_right_over_all_lines() {
        let headers =
            headers(&[(FOR, "192.0.2.1, 192.0.2.2:80"), (FOR, "[2001:db8::1]:443, ::ffff:10.0.0.1")]);
        let found: Vec<_> = addresses(x_forwarded(&headers)).into_iter().flatten().collect();
        assert_eq!(found, ["10.0.0.1", "2001:db8::1", "192.0.2.2", "192.0.2.1"]);
    }

    #[test]
    fn what_is_no_address_is_nobody() {
        let found = addresses(x_forwarded(&headers(&[(FOR, "unknown, , 1.2.3, _hidden")])));
        assert_eq!(found, vec![None; 4]);
    }

    #[test]
    fn the_examples_of_rfc_7239_are_understood() {
        let line =
            r#"for=192.0.2.43, For="[2001:db8:cafe::17]:4711", for=192.0.2.60;proto=https;by=203.0.113.43"#;
        let headers = headers(&[(FORWARDED, line), (FORWARDED, "for=\"_gazonk\";proto=http")]);
        let hops: Vec<_> = forwarded(&headers).collect();
        assert_eq!(hops[0], Hop { address: None, secure: Some(false) });
        assert_eq!(hops[1], Hop { address: address("192.0.2.60"), secure: Some(true) });
        assert_eq!(hops[2], Hop { address: address("2001:db8:cafe::17"), secure: None });
        assert_eq!(hops[3], Hop { address: address("192.0.2.43"), secure: None });
        assert_eq!(hops.len(), 4);
    }

    #[test]
    fn one_protocol_counts_for_all_hops_and_a_list_goes_with_the_addresses() {
        let secure = |proto| {
            let headers = headers(&[(FOR, "192.0.2.1, 192.0.2.2"), (PROTO, proto)]);
            x_forwarded(&headers).map(|hop| hop.secure.unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(secure("https"), [true, true]);
        assert_eq!(secure("https, http"), [false, true]);
    }

    proptest! {
        #[test]
        fn nothing_that_a_stranger_sends_changes_what_a_proxy_appends(
            garbage in "[ -~]{0,60}",
            last: IpAddr,
        ) {
            let written = match last { IpAddr::V4(_) => last.to_string(), IpAddr::V6(_) => format!("\"[{last}]\"") };
            let line = format!("{garbage}, for={written};proto=https");
            let first = forwarded(&headers(&[(FORWARDED, &line)])).next();
            prop_assert_eq!(first, Some(Hop { address: Some(last.to_canonical()), secure: Some(true) }));
            let line = format!("{garbage},{last}");
            let first = x_forwarded(&headers(&[(FOR, &line)])).next();
            prop_assert_eq!(first.unwrap().address, Some(last.to_canonical()));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(value) = http::HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                for name in [FOR, PROTO, FORWARDED] {
                    headers.append(name, value.clone());
                }
                let _ = (x_forwarded(&headers).count(), forwarded(&headers).count());
            }
        }
    }
}
