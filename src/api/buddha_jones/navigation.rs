//! Whether a program of the API asks, or something that opens links: a browser, a preview, a mail scanner.
//!
//! Source: fact sheet Buddha Jones C1.

use http::{HeaderMap, HeaderValue, header};

/// Whether the request only opens a link. Such a request changes nothing, whatever the contract says of `GET`.
pub(super) fn opens_a_link(headers: &HeaderMap) -> bool {
    looks_ahead(headers) || navigates(headers) || prefers_pages(headers)
}

fn looks_ahead(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| {
        let values = headers.get_all(*name).iter();
        let mut texts = values.map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase());
        texts.any(|text| ["prefetch", "preview", "prerender"].iter().any(|purpose| text.contains(purpose)))
    })
}

/// Browsers say so of whatever replaces the page or a frame; a script's request has another mode.
fn navigates(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-mode").is_some_and(|mode| mode.as_bytes().eq_ignore_ascii_case(b"navigate"))
}

/// `text/html` weighs more than JSON. `*/*`, and no `Accept` at all, prefer nothing.
fn prefers_pages(headers: &HeaderMap) -> bool {
    let lines: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value: &HeaderValue| value.to_str().ok())
        .collect();
    let accept = lines.join(",");
    weight(&accept, "text", "html") > weight(&accept, "application", "json")
}

/// The weight of a type in thousandths: that of its most precise range (RFC 9110 §12.5.1).
fn weight(accept: &str, kind: &str, subtype: &str) -> u16 {
    let ranges = accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let (first, second) = parts.next()?.split_once('/')?;
        let precision = match (first, second) {
            ("*", "*") => 0,
            (first, "*") if first.eq_ignore_ascii_case(kind) => 1,
            (first, second) if first.eq_ignore_ascii_case(kind) && second.eq_ignore_ascii_case(subtype) => 2,
            _ => return None,
        };
        Some((precision, parts.find_map(quality).unwrap_or(1000)))
    });
    ranges.max_by_key(|(precision, _)| *precision).map_or(0, |(_, weight)| weight)
}

fn quality(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let value: f32 = value.trim().parse().ok()?;
    // From 0 to 1 by the rule; the cast cuts whatever is not.
    Some((value.clamp(0.0, 1.0) * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(name: &'static str, value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        opens_a_link(&headers)
    }

    #[test]
    fn browsers_previews_and_scanners_open_links() {
        assert!(opens("sec-fetch-mode", "navigate"));
        for name in ["sec-purpose", "purpose", "x-purpose", "x-moz"] {
            assert!(opens(name, "prefetch") && opens(name, "Preview"), "{name}");
        }
        assert!(opens("sec-purpose", "prefetch;prerender"));
        let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for accept in [firefox, "text/html", "text/*", "TEXT/HTML;q=0.2", "application/json;q=0.5, text/html"]
        {
            assert!(opens("accept", accept), "{accept}");
        }
    }

    #[test]
    fn programs_of_the_api_do_not() {
        assert!(!opens_a_link(&HeaderMap::new()));
        assert!(!opens("sec-fetch-mode", "cors"));
        let axios = "application/json, text/plain, */*";
        for accept in
            [axios, "*/*", "application/json", "text/html, application/json", "text/plain", "nonsense"]
        {
            assert!(!opens("accept", accept), "{accept}");
        }
    }
}
