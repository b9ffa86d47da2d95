//! What strangers send to the pages, as fuzz targets hand it over.

use http::HeaderMap;
use zeroize::Zeroizing;

use super::{cookies, device, place, seal};
use crate::api::secrets::Secrets;

/// The pages' own cookies in a head.
pub(crate) fn headers(headers: &HeaderMap) {
    let _key = cookies::value(headers, cookies::KEY);
    let agent = headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    assert!(!device::named(agent).chars().any(|character| character.is_control() && character != '\t'));
}

/// Where to go after signing in, and the token of a form.
pub(crate) fn texts(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(place) = place::ours(&text) {
        let base = url::Url::parse("https://login.example.com/sign-in").expect("an address");
        let led = base.join(place).expect("a place on this site");
        assert_eq!(led.origin(), base.origin(), "{place:?} leads away");
    }
    let secrets = Secrets::new(vec![Zeroizing::new(b"a secret for tests only".to_vec())]).expect("a key");
    assert!(!seal::is_good(&secrets, &text, &seal::Holder::Visitor(&text)), "no token is good for itself");
}
