//! Where to go after signing in: back to the page that was asked for, and never to another site.

/// A place on this site, if it is one.
///
/// Browsers read `\` as `/` and drop tabs and line feeds, and two slashes at the beginning name another host.
pub(super) fn ours(target: &str) -> Option<&str> {
    let plain = target.chars().all(|c| !c.is_control() && !c.is_whitespace() && c != '\\');
    (target.starts_with('/') && !target.starts_with("//") && plain && target.len() <= LONGEST)
        .then_some(target)
}

const LONGEST: usize = 1000;

/// The sign-in page that leads on to a place.
pub(super) fn sign_in_first(target: &str) -> String {
    match ours(target) {
        Some("/" | "/account") | None => "/sign-in".to_owned(),
        Some(target) => {
            let next: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
            format!("/sign-in?next={next}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_sites_are_not_ours() {
        for good in ["/", "/account/sessions", "/users?search=a%20b&page=2"] {
            assert_eq!(ours(good), Some(good));
        }
        for bad in [
            "",
            "account",
            "//evil.test",
            "/\\evil.test",
            "\\\\evil.test",
            "https://evil.test",
            "/\t/evil.test",
        ] {
            assert_eq!(ours(bad), None, "{bad:?}");
        }
        assert_eq!(sign_in_first("/users?page=2"), "/sign-in?next=%2Fusers%3Fpage%3D2");
        assert_eq!(sign_in_first("//evil.test"), "/sign-in");
    }
}
