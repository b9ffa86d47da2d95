//! Today's scheme, passlib's published `bcrypt_sha256` version 2: no cut at 72 bytes, no end at NUL.
//!
//! `$bcrypt-sha256$v=2,t=2b,r=<cost>$<salt, 22>$<digest, 31>`: bcrypt over the Base64 of HMAC-SHA256 of the password,
//! keyed by the salt as text (DESIGN section 2, passwords at rest).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::bcrypt_parts::{self, Parts, Salt};

/// What a stored text of this scheme starts with.
pub(super) const PREFIX: &str = "$bcrypt-sha256$v=2,t=2b,r=";

/// A stored hash of this scheme.
pub(super) struct BcryptSha256 {
    parts: Parts,
    salt_text: String,
}

impl BcryptSha256 {
    /// Reads what follows [`PREFIX`].
    pub(super) fn read(rest: &str) -> Option<Self> {
        let mut fields = rest.split('$');
        let (cost, salt, digest) = (fields.next()?, fields.next()?, fields.next()?);
        let complete = fields.next().is_none();
        let parts = Parts::read(cost, salt, digest).filter(|_| complete)?;
        Some(Self { parts, salt_text: salt.to_owned() })
    }

    pub(super) fn cost(&self) -> u32 {
        self.parts.cost
    }

    /// Whether the password leads to the digest.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        self.parts.matches(&key(&self.salt_text, password))
    }
}

/// Hashes a password; the cost is within 4 to 31.
pub(super) fn make(cost: u32, salt: Salt, password: &[u8]) -> String {
    let salt_text = bcrypt_parts::text(salt);
    let digest = bcrypt_parts::digest(cost, salt, &key(&salt_text, password));
    format!("{PREFIX}{cost}${salt_text}${}", bcrypt_parts::text(digest))
}

/// 44 characters that stand for the whole password. Keyed, so that a leaked plain SHA-256 of it is of no use here.
fn key(salt_text: &str, password: &[u8]) -> Zeroizing<Vec<u8>> {
    let mac = Hmac::<Sha256>::new_from_slice(salt_text.as_bytes()).expect("HMAC takes keys of any length");
    let code = Zeroizing::new(<[u8; 32]>::from(mac.chain_update(password).finalize().into_bytes()));
    Zeroizing::new(BASE64_STANDARD.encode(code.as_slice()).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with passlib 1.7.4: `bcrypt_sha256.using(rounds=…, salt="abcdefghijklmnopqrstuu", ident="2b").hash(…)`.
    const VECTORS: [(&str, &str); 6] = [
        (
            "correct horse battery staple",
            "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$h8GCYhBqatMGV8VIjRD4nhRxM87r3yu",
        ),
        ("", "$bcrypt-sha256$v=2,t=2b,r=5$abcdefghijklmnopqrstuu$/9somFXasnR0UYnERdLWgQiPErveO0G"),
        (
            "Grüße, 世界 🔑",
            "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$UXdbLZ/xE0bFjsnNid0QSg5Dvv2s1B6",
        ),
        ("twelve12!", "$bcrypt-sha256$v=2,t=2b,r=10$abcdefghijklmnopqrstuu$AnU3hWrle/qt4rQ01LTontDml1djfcK"),
        (
            "abcdefgh\0ijk",
            "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$pQsKpagKmIHQdwDSOHRc1BDyomdEXU6",
        ),
        ("password", "$bcrypt-sha256$v=2,t=2b,r=6$qIcHQhxR8h/qTYy01H/RNe$zliYwt/Hb2VvW76AS4LaHjK2ARGCYTG"),
    ];

    fn read(stored: &str) -> BcryptSha256 {
        BcryptSha256::read(stored.strip_prefix(PREFIX).unwrap()).unwrap()
    }

    #[test]
    fn what_passlib_made_is_verified_and_made_alike() {
        let long = "é".repeat(500);
        let of_1000_bytes =
            (&*long, "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$XfnQC7X0FUUVV4CM2p/60juqG6SbhqS");
        for (password, stored) in VECTORS.into_iter().chain([of_1000_bytes]) {
            let hash = read(stored);
            assert!(hash.matches(password.as_bytes()), "{stored}");
            assert!(!hash.matches(b"Correct horse battery staple"), "{stored}");
            assert_eq!(make(hash.cost(), hash.parts.salt, password.as_bytes()), stored);
        }
    }

    #[test]
    fn the_73rd_byte_matters_as_passlib_has_it() {
        let (b, c) = ("a".repeat(72) + "b", "a".repeat(72) + "c");
        let of_b = "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$sSrE0PHMPo8HoMSJMhWvwfnQwqf1e5O";
        let of_c = "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$SpUQNNt4rloFzed7QNzsoRK0ehacAfu";
        assert!(read(of_b).matches(b.as_bytes()) && !read(of_b).matches(c.as_bytes()));
        assert!(read(of_c).matches(c.as_bytes()) && !read(of_c).matches(b.as_bytes()));
    }

    #[test]
    fn nul_is_a_character_like_others() {
        let of_nothing = make(4, [7; 16], b"");
        assert!(!read(&of_nothing).matches(b"\0"));
        let of_front = make(4, [7; 16], b"front");
        assert!(!read(&of_front).matches(b"front\0front") && !read(&of_front).matches(b"front\0"));
    }

    #[test]
    fn a_text_with_something_missing_or_left_over_is_none() {
        let (salt, digest) = ("abcdefghijklmnopqrstuu", "h8GCYhBqatMGV8VIjRD4nhRxM87r3yu");
        assert!(BcryptSha256::read(&format!("4${salt}${digest}")).is_some());
        for rest in [
            String::new(),
            format!("4${salt}"),
            format!("4${salt}${digest}$"),
            format!("+4${salt}${digest}"),
            format!("3${salt}${digest}"),
            format!("32${salt}${digest}"),
            format!("4${salt}a${digest}"),
            format!("4${salt}$é{}", &digest[2..]),
            format!("4${}${digest}", &salt[1..]),
        ] {
            assert!(BcryptSha256::read(&rest).is_none(), "{rest}");
        }
    }
}
