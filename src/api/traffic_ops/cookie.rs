//! The session as the client carries it: a signed cookie, and an access token around it.
//!
//! Formats: fact sheet Traffic Ops §4.5. The payload has one more claim, `sid`, without which the signature
//! proves nothing. Own code, because no library writes these two forms byte for byte.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::Sha256;
use time::OffsetDateTime;

use crate::{api::secrets::Secrets, domain::SessionToken};

#[derive(Serialize, Deserialize)]
struct Payload {
    #[serde(default)]
    auth_data: String,
    #[serde(default)]
    expires: i64,
    #[serde(default)]
    by: String,
    #[serde(default)]
    sid: String,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    #[serde(default)]
    exp: i64,
    #[serde(rename = "mojoCookie")]
    cookie: String,
}

/// What the original writes into `by`; clients that look inside know this name.
const BY: &str = "trafficcontrol-go-tocookie";
const JWT_HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// Why a cookie was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieRefused {
    /// Empty, or without the claim that latchkey needs.
    Empty,
    /// Without the dashes before the signature.
    NoDashes,
    /// Not base64, not hexadecimal or not JSON.
    Malformed,
    /// Signed with another key, or not at all.
    Signature,
    /// Its time is over.
    Expired,
}

/// Writes the cookie.
pub fn seal(secrets: &Secrets, username: &str, token: &SessionToken, until: OffsetDateTime) -> String {
    let payload = Payload {
        auth_data: username.to_owned(),
        expires: until.unix_timestamp(),
        by: BY.to_owned(),
        sid: token.reveal().to_string(),
    };
    let payload = encode(&payload);
    let signature = hex(&sign::<Hmac<Sha1>>(secrets.signing(), payload.as_bytes()));
    format!("{payload}--{signature}")
}

/// Reads a cookie: form, signature, time.
///
/// # Errors
/// [`CookieRefused`]: the first of these that is wrong.
pub fn open(secrets: &Secrets, cookie: &str, now: OffsetDateTime) -> Result<SessionToken, CookieRefused> {
    if cookie.is_empty() {
        return Err(CookieRefused::Empty);
    }
    let (payload, signature) = match cookie.rsplit_once("--") {
        Some(parts) => parts,
        None if cookie.contains('-') => return Err(CookieRefused::Malformed),
        None => return Err(CookieRefused::NoDashes),
    };
    let claimed = from_hex(signature).ok_or(CookieRefused::Malformed)?;
    let decoded = URL_SAFE_NO_PAD.decode(payload).map_err(|_| CookieRefused::Malformed)?;
    if !signed_by_any::<Hmac<Sha1>>(secrets, payload.as_bytes(), &claimed) {
        return Err(CookieRefused::Signature);
    }
    let payload: Payload = serde_json::from_slice(&decoded).map_err(|_| CookieRefused::Malformed)?;
    if payload.expires < now.unix_timestamp() {
        return Err(CookieRefused::Expired);
    }
    SessionToken::parse(&payload.sid).ok_or(CookieRefused::Empty)
}

/// Writes the access token around a cookie.
pub fn wrap(secrets: &Secrets, cookie: &str, until: OffsetDateTime) -> String {
    let claims = Claims { exp: until.unix_timestamp(), cookie: cookie.to_owned() };
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(JWT_HEADER), encode(&claims));
    let signature = sign::<Hmac<Sha256>>(secrets.signing(), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Reads an access token: form, algorithm, signature. Its time is that of the cookie inside.
pub fn unwrap(secrets: &Secrets, access_token: &str) -> Option<String> {
    let (signed, signature) = access_token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let claimed = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let good = header.get("alg").is_some_and(|algorithm| algorithm == "HS256")
        && signed_by_any::<Hmac<Sha256>>(secrets, signed.as_bytes(), &claimed);
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    good.then_some(claims.cookie)
}

fn encode(claims: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).unwrap_or_default())
}

fn keyed<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> M {
    // HMAC takes keys of any length; the type of the error says otherwise for other algorithms.
    let mut mac = <M as KeyInit>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    mac.update(message);
    mac
}

fn sign<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    keyed::<M>(key, message).finalize().into_bytes().to_vec()
}

fn signed_by_any<M: Mac + KeyInit>(secrets: &Secrets, message: &[u8], claimed: &[u8]) -> bool {
    secrets.verifying().any(|key| keyed::<M>(key, message).verify_slice(claimed).is_ok())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Lower case only, as it is written: one session has one spelling.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |letter: u8| match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    };
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    pairs.iter().map(byte).collect::<Option<Vec<_>>>().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};
    use zeroize::Zeroizing;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    fn secrets(keys: &[&str]) -> Secrets {
        Secrets::new(keys.iter().map(|key| Zeroizing::new(key.as_bytes().to_vec())).collect()).unwrap()
    }

    fn token() -> SessionToken {
        SessionToken::draw(|bytes| bytes.fill(0xfb))
    }

    #[test]
    fn a_cookie_is_read_back_until_its_time_is_over() {
        let ours = secrets(&["first"]);
        for username in ["admin", "~tilde", "管理者", "a--b"] {
            let cookie = seal(&ours, username, &token(), NOW + Duration::hours(1));
            assert!(
                open(&ours, &cookie, NOW).is_ok_and(|read| read.digest() == token().digest()),
                "{username}"
            );
            assert_eq!(open(&ours, &cookie, NOW + Duration::hours(2)).err(), Some(CookieRefused::Expired));
        }
    }

    #[test]
    fn a_cookie_has_one_spelling() {
        let ours = secrets(&["first"]);
        let cookie = seal(&ours, "admin", &token(), NOW);
        let (payload, signature) = cookie.rsplit_once("--").unwrap();
        for other in [
            format!("{payload}--{}", signature.to_uppercase()),
            format!("{payload}=--{signature}"),
            format!("{payload}==--{signature}"),
            format!("{payload}--{signature} "),
            format!("{payload}--{signature}00"),
        ] {
            assert!(open(&ours, &other, NOW).is_err(), "{other}");
        }
    }

    #[test]
    fn a_new_secret_signs_while_the_old_one_still_verifies() {
        let cookie = seal(&secrets(&["old"]), "admin", &token(), NOW);
        assert!(open(&secrets(&["new", "old"]), &cookie, NOW).is_ok());
        assert_eq!(open(&secrets(&["new"]), &cookie, NOW).err(), Some(CookieRefused::Signature));
    }

    /// Test vectors of the original: fact sheet Traffic Ops §12.
    #[test]
    fn the_original_s_signature_verifies_but_proves_nothing_without_a_session() {
        let theirs = secrets(&["mONKEYDOmONKEYSEE."]);
        let cookie = "eyJhdXRoX2RhdGEiOiJhZG1pbiIsImV4cGlyZXMiOjE4OTM0NTYwMDAsImJ5IjoidHJhZmZpY2NvbnRyb2wtZ28tdG9jb29raWUifQ\
            --7ed11b4fab11dd00a76b441fdc339fe6e5176183";
        assert_eq!(open(&theirs, cookie, NOW).err(), Some(CookieRefused::Empty));
        let expected = "pKvFHnPrpv6WbEga73qOlGFkAZuoT_lvp52i8Cc7Syc";
        let access_token = wrap(&theirs, cookie, OffsetDateTime::from_unix_timestamp(1_893_456_000).unwrap());
        assert_eq!(access_token.rsplit('.').next(), Some(expected));
        assert_eq!(unwrap(&theirs, &access_token).as_deref(), Some(cookie));
    }

    #[test]
    fn an_unsigned_access_token_is_refused() {
        let ours = secrets(&["key"]);
        let access_token = wrap(&ours, "cookie", NOW);
        let claims = access_token.split('.').nth(1).unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        assert_eq!(unwrap(&ours, &format!("{none}.{claims}.")), None);
        assert_eq!(unwrap(&secrets(&["other"]), &access_token), None);
        assert_eq!(unwrap(&ours, "garbage"), None);
    }
}
