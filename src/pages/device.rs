//! What somebody signed in with, from what the program calls itself: good for recognising, not for proving.

use super::words::{filled, say};

/// Browsers by a word of theirs. The order counts: most of them claim to be those further down.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// A few words for a device.
pub(super) fn named(user_agent: Option<&str>) -> String {
    let Some(text) = user_agent.map(str::trim).filter(|text| !text.is_empty()) else {
        return say("device.unknown");
    };
    let known = |list: &[(&str, &'static str)]| {
        list.iter().find(|(word, _)| text.contains(word)).map(|(_, name)| *name)
    };
    match (known(BROWSERS), known(SYSTEMS)) {
        (Some(browser), Some(system)) => {
            filled(&say("device.browser_on_system"), &[("browser", browser), ("system", system)])
        }
        (Some(browser), None) => browser.to_owned(),
        // Programs: the first word, as in `curl/8.5.0`.
        (None, _) => text.split(' ').next().unwrap_or(text).replace('/', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_have_the_names_that_people_know() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1";
        assert_eq!(named(Some(chrome)), "Chrome on Linux");
        assert_eq!(named(Some(&format!("{chrome} Edg/126.0"))), "Edge on Linux");
        assert_eq!(named(Some(safari)), "Safari on iPhone");
        assert_eq!(named(Some("curl/8.5.0")), "curl 8.5.0");
        assert_eq!(named(Some("Go-http-client/1.1")), "Go-http-client 1.1");
        assert_eq!(named(None), "An unknown program");
    }
}
