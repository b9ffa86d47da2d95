//! The token that proves that a form came from a page of ours, shown to the browser that sends it.
//!
//! It is an HMAC over whose form it is: the session, or the visitor's cookie where nobody is signed in. So a token
//! that was stolen from one session is of no use in another. No two tokens are alike: a page that is compressed
//! with a guess of an attacker's in it tells nothing about the next one (BREACH).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{
    api::{secrets::Secrets, site::Site},
    domain::SessionId,
};

/// Whose form it is.
pub(super) enum Holder<'a> {
    /// Of a session.
    Session(SessionId),
    /// Of a browser in which nobody is signed in.
    Visitor(&'a str),
}

/// Bytes that make each token another one.
const SALT: usize = 12;
/// Bytes of the code that are kept: 160 bits.
const CODE: usize = 20;

/// A fresh token.
pub(super) fn token(site: &Site, holder: &Holder<'_>) -> String {
    let mut salt = [0; SALT];
    site.entropy.fill(&mut salt);
    write(&site.secrets.now(), salt, holder)
}

fn write(secrets: &Secrets, salt: [u8; SALT], holder: &Holder<'_>) -> String {
    let code = code(secrets.signing(), &salt, holder).finalize().into_bytes();
    URL_SAFE_NO_PAD.encode([&salt[..], &code[..CODE]].concat())
}

/// Whether the token was made for this holder, by any of our keys.
pub(super) fn is_good(secrets: &Secrets, token: &str, holder: &Holder<'_>) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
    let Some((salt, claimed)) = bytes.split_at_checked(SALT).filter(|(_, code)| code.len() == CODE) else {
        return false;
    };
    secrets.verifying().any(|key| code(key, salt, holder).verify_truncated_left(claimed).is_ok())
}

fn code(key: &[u8], salt: &[u8], holder: &Holder<'_>) -> Hmac<Sha256> {
    // HMAC takes keys of any length; the type of the error says otherwise for other algorithms.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    // The same keys sign sessions: nothing else that they sign begins like this.
    mac.update(b"latchkey form\0");
    mac.update(salt);
    match holder {
        Holder::Session(SessionId(id)) => mac.update(format!("session\0{id}").as_bytes()),
        Holder::Visitor(name) => mac.update(format!("visitor\0{name}").as_bytes()),
    }
    mac
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn secrets(keys: &[&str]) -> Secrets {
        Secrets::new(keys.iter().map(|key| Zeroizing::new(key.as_bytes().to_vec())).collect()).unwrap()
    }

    #[test]
    fn a_token_is_good_for_its_holder_alone() {
        let ours = secrets(&["key"]);
        let token = write(&ours, [7; SALT], &Holder::Session(SessionId(1)));
        assert!(is_good(&ours, &token, &Holder::Session(SessionId(1))));
        assert!(!is_good(&ours, &token, &Holder::Session(SessionId(11))));
        assert!(!is_good(&ours, &token, &Holder::Visitor("1")));
        assert!(!is_good(&secrets(&["other"]), &token, &Holder::Session(SessionId(1))));
        assert!(is_good(&secrets(&["newer", "key"]), &token, &Holder::Session(SessionId(1))));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let ours = secrets(&["key"]);
        let token = write(&ours, [7; SALT], &Holder::Visitor("v"));
        for bad in [
            "",
            "x",
            &token[..token.len() - 4],
            &format!("{token}AAAA"),
            &token.replace(&token[20..24], "AAAA"),
        ] {
            assert!(!is_good(&ours, bad, &Holder::Visitor("v")), "{bad}");
        }
    }
}
