//! Where the link of a letter may lead: a stranger names the place, the operator says which places are good.
//!
//! Source: fact sheet Buddha Jones C4, DESIGN section 2 (`url` parameter).

use url::{Host, Url};

/// Longest link without its key, in bytes.
const LONGEST: usize = 2048;
/// What stands for a key while a link is judged: what follows must not turn into a part of the host.
const SAMPLE: &str = "abcdefghijABCDEFGHIJ0123456789";

/// Origins, each with the part of the site that is meant.
pub struct AllowedUrls {
    places: Vec<Url>,
    /// What is no place for people: this dialect's own operation.
    own_operation: Option<Url>,
}

/// Why an entry of the operator's list can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{entry:?} must be an address such as https://portal.example.com, without a query")]
pub struct UrlRefused {
    entry: String,
}

impl AllowedUrls {
    /// Reads the operator's list. The server's own origin is always allowed, but not `own_operation` below it: a
    /// letter that led there would be used up by whatever program follows links.
    ///
    /// # Errors
    /// The entry that is no origin.
    pub fn new(entries: &[String], public_url: &str, own_operation: &str) -> Result<Self, UrlRefused> {
        let refused = |entry: &str| UrlRefused { entry: entry.to_owned() };
        let own = public_url.to_owned();
        let places = entries.iter().chain([&own]).map(|entry| place(entry).ok_or_else(|| refused(entry)));
        let own_operation = Url::parse(&format!("{public_url}{own_operation}")).ok();
        Ok(Self { places: places.collect::<Result<_, _>>()?, own_operation })
    }

    /// Whether a key may be mailed behind this text. Exact origin, path within the operator's; no user name, no
    /// character that a mail program or a parser might read otherwise.
    pub(super) fn allow(&self, text: &str) -> bool {
        if text.len() > LONGEST || !text.bytes().all(is_plain) || !has_path(text) {
            return false;
        }
        let Ok(url) = Url::parse(&format!("{text}{SAMPLE}")) else { return false };
        url.username().is_empty()
            && url.password().is_none()
            && !hides_a_slash(url.path())
            && !self.own_operation.as_ref().is_some_and(|own| is_within(&as_routed(&url), own))
            && self.places.iter().any(|place| is_within(&url, place))
    }
}

/// The characters of addresses (RFC 3986 §2).
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

/// A slash or backslash that only shows when a server decodes the path: it might lead out of the operator's part.
fn hides_a_slash(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["%2f", "%5c"].iter().any(|hidden| path.contains(hidden))
}

/// The address with its path decoded, as requests are before their operation is looked up.
fn as_routed(url: &Url) -> Url {
    let mut routed = url.clone();
    routed.set_path(&percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy());
    routed
}

/// Something must part the host from the key.
fn has_path(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?', '#']))
}

fn place(entry: &str) -> Option<Url> {
    let url = Url::parse(entry).ok()?;
    let web = url.scheme() == "https" || url.scheme() == "http";
    let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    (web && bare
        && url.fragment().is_none()
        && matches!(url.host(), Some(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_))))
    .then_some(url)
}

/// Same scheme, host and port; the path is the place's or lies below it.
fn is_within(url: &Url, place: &Url) -> bool {
    let base = place.path().trim_end_matches('/');
    let below = url.path().strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    url.origin() == place.origin() && below
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str) -> bool {
        let entries =
            ["http://buddhajones.com", "https://portal.example.com/app/", "https://other.example:8443"];
        let entries = entries.map(str::to_owned);
        AllowedUrls::new(&entries, "https://login.example.com", "/password-reset").unwrap().allow(text)
    }

    #[test]
    fn a_link_leads_to_a_place_on_the_list_or_to_the_server_itself() {
        for good in [
            "http://buddhajones.com/resetpassword/",
            "http://buddhajones.com/reset-password?token=",
            "http://BuddhaJones.com:80/#/reset/",
            "https://portal.example.com/app/reset?token=",
            "https://portal.example.com/app?token=",
            "https://other.example:8443/x/",
            "https://login.example.com/reset-password?token=",
        ] {
            assert!(allowed(good), "{good}");
        }
    }

    #[test]
    fn a_link_leads_nowhere_else() {
        for bad in [
            "https://buddhajones.com/resetpassword/",
            "http://buddhajones.com.evil.example/",
            "http://buddhajones.com@evil.example/",
            "http://user:pass@buddhajones.com/",
            "http://evil.example/?http://buddhajones.com/",
            "http://www.buddhajones.com/",
            "http://buddhajones.com:8080/",
            "https://portal.example.com/application/",
            "https://portal.example.com/app/../evil/",
            "https://portal.example.com/app/%2e%2e/evil/",
            "https://portal.example.com/app/..%2Fevil/",
            "https://portal.example.com/app/..%5cevil/",
            "//buddhajones.com/",
            "javascript:alert(1)//",
            "ftp://buddhajones.com/",
            "reset-password?token=",
            "",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
    }

    #[test]
    fn a_key_never_becomes_a_part_of_the_host() {
        assert!(!allowed("http://buddhajones.com"));
        assert!(!allowed("https://other.example:8443"));
        assert!(!allowed("http://buddhajones.com."));
    }

    #[test]
    fn what_breaks_lines_or_fools_parsers_is_refused() {
        for bad in [
            "http://buddhajones.com/\r\nBcc: x@y.test/",
            "http://buddhajones.com/a b/",
            "http://buddhajones.com\\@evil.example/",
            "http://buddhajones.com/\t",
            "http://buddhajones.com/<b>",
            "http://buddhajones.com/é/",
            "http://buddhajones.com/\u{202e}/",
        ] {
            assert!(!allowed(bad), "{bad:?}");
        }
        assert!(!allowed(&format!("http://buddhajones.com/{}/", "x".repeat(LONGEST))));
    }

    #[test]
    fn no_letter_leads_to_the_operation_that_uses_keys_up() {
        assert!(!allowed("https://login.example.com/password-reset?token="));
        assert!(!allowed("https://login.example.com/password-reset/"));
        assert!(!allowed("https://login.example.com/x/../password-reset/"));
        assert!(!allowed("https://login.example.com/password%2dreset?token="));
        assert!(!allowed("https://login.example.com/%70assword-reset/"));
        assert!(allowed("https://login.example.com/password-resets/"));
    }

    #[test]
    fn an_entry_that_is_no_origin_is_named() {
        for bad in ["portal.example.com", "*", "https://a.example/?x", "https://u@a.example", "file:///etc"] {
            let refused = AllowedUrls::new(&[bad.to_owned()], "http://localhost", "/password-reset");
            assert!(refused.err().is_some_and(|error| error.to_string().contains(bad)), "{bad}");
        }
    }
}
