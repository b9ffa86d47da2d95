//! Which scheme a stored text is of, and what a comparison with it costs.

use super::{
    HasherSettings,
    bcrypt_parts::Parts,
    bcrypt_sha256::{self, BcryptSha256},
    craft,
    foreign::{self, Argon2Hash, Pbkdf2Hash},
    legacy::{self, Scrypt, Sha1Hex},
};
use crate::domain::PasswordHash;

/// A stored text of one of the schemes that are verified.
pub(super) enum Scheme {
    /// Today's.
    BcryptSha256(BcryptSha256),
    Bcrypt(Parts),
    Scrypt(Scrypt),
    Sha1(Sha1Hex),
    Pbkdf2(Pbkdf2Hash),
    Argon2(Argon2Hash),
}

/// Why a stored text is not compared with anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// No scheme knows it.
    #[error("is of no scheme that can be verified")]
    NoHash,
    /// It asks for more work or memory than is given to a login.
    #[error("asks for more work than is given to a login")]
    TooCostly,
}

impl HasherSettings {
    /// Whether a hash that comes from elsewhere could ever let anybody in.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn can_verify(&self, hash: &PasswordHash) -> Result<(), Unusable> {
        Scheme::read(hash.as_str(), craft::DEAREST.max(self.cost)).map(drop)
    }
}

/// Longest text that is looked at, in bytes: three times what any of the schemes makes.
const LONGEST: usize = 1024;

impl Scheme {
    /// Reads a stored text; bcrypt dearer than `dearest` is refused.
    pub(super) fn read(stored: &str, dearest: u32) -> Result<Self, Unusable> {
        let scheme = if stored.len() > LONGEST {
            None
        } else if let Some(rest) = stored.strip_prefix(bcrypt_sha256::PREFIX) {
            BcryptSha256::read(rest).map(Self::BcryptSha256)
        } else if let Some(rest) = stored.strip_prefix(Scrypt::PREFIX) {
            Some(Self::Scrypt(Scrypt::read(rest)?))
        } else if let Some(rest) = stored.strip_prefix(foreign::SCRYPT) {
            Some(Self::Scrypt(foreign::read_scrypt(rest)?))
        } else if let Some(rest) = stored.strip_prefix("$argon2") {
            Some(Self::Argon2(Argon2Hash::read(rest)?))
        } else if let Some(rest) = stored.strip_prefix("$pbkdf2") {
            Some(Self::Pbkdf2(Pbkdf2Hash::read(rest)?))
        } else if let Some(rest) = stored.strip_prefix("pbkdf2_") {
            Some(Self::Pbkdf2(Pbkdf2Hash::read_django(rest)?))
        } else {
            let sha1 = || Sha1Hex::read(stored).map(Self::Sha1);
            legacy::read_bcrypt(stored).map(Self::Bcrypt).or_else(sha1)
        };
        let scheme = scheme.ok_or(Unusable::NoHash)?;
        if scheme.bcrypt_cost().is_some_and(|cost| cost > dearest) {
            return Err(Unusable::TooCostly);
        }
        Ok(scheme)
    }

    /// Whether the password is the one.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        match self {
            Self::BcryptSha256(hash) => hash.matches(password),
            Self::Bcrypt(parts) => parts.matches(password),
            Self::Scrypt(hash) => hash.matches(password),
            Self::Sha1(digest) => digest.matches(password),
            Self::Pbkdf2(hash) => hash.matches(password),
            Self::Argon2(hash) => hash.matches(password),
        }
    }

    /// Work of one comparison, in rounds of bcrypt.
    pub(super) fn rounds(&self) -> u64 {
        match self {
            Self::BcryptSha256(_) | Self::Bcrypt(_) => self.bcrypt_cost().map_or(0, |cost| 1 << cost),
            Self::Scrypt(hash) => hash.rounds(),
            Self::Sha1(_) => 0,
            Self::Pbkdf2(hash) => hash.rounds(),
            Self::Argon2(hash) => hash.rounds(),
        }
    }

    fn bcrypt_cost(&self) -> Option<u32> {
        match self {
            Self::BcryptSha256(hash) => Some(hash.cost()),
            Self::Bcrypt(parts) => Some(parts.cost),
            Self::Scrypt(_) | Self::Sha1(_) | Self::Pbkdf2(_) | Self::Argon2(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cost_above_the_cap_is_refused() {
        let plain = "$2b$15$abcdefghijklmnopqrstuuNUX0YnlAzZ/fg9ctJ5tvii7to3QKT8a";
        let keyed = "$bcrypt-sha256$v=2,t=2b,r=15$abcdefghijklmnopqrstuu$h8GCYhBqatMGV8VIjRD4nhRxM87r3yu";
        for stored in [plain, keyed] {
            assert_eq!(Scheme::read(stored, 14).map(|_| ()), Err(Unusable::TooCostly), "{stored}");
            assert!(Scheme::read(stored, 15).is_ok(), "{stored}");
        }
    }

    #[test]
    fn a_text_that_is_no_hash_is_none() {
        for stored in ["", "*", "!", "plain text", "$2b$", "$bcrypt-sha256$v=1,t=2b,r=4$a$b", "SCRYPT", "é"]
        {
            assert_eq!(Scheme::read(stored, 14).map(|_| ()), Err(Unusable::NoHash), "{stored}");
        }
        let long = format!("SCRYPT:2:1:1:{}:AAAA", "A".repeat(4096));
        assert_eq!(Scheme::read(&long, 14).map(|_| ()), Err(Unusable::NoHash));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(stored in any::<String>()) {
            let _outcome = Scheme::read(&stored, 14);
        }

        #[test]
        fn no_text_that_begins_like_a_hash_makes_the_reader_panic(
            front in prop::sample::select(vec![
                "$2a$04$", "$2b$", "$2y$14$abcdefghijklmnopqrstuu", "SCRYPT:", "SCRYPT:16384:8:1:AAEC:", "SCRYPT:2:",
                "$bcrypt-sha256$v=2,t=2b,r=", "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$",
                "$argon2id$v=19$m=64,t=2,p=1$", "$argon2i$", "$pbkdf2-sha256$", "$pbkdf2$1000$", "pbkdf2_sha1$1000$salt$",
                "$scrypt$ln=4,r=8,p=1$", "$scrypt$",
            ]),
            rest in "[0-9A-Za-z:$./+=é\\PC]{0,80}",
        ) {
            let _outcome = Scheme::read(&format!("{front}{rest}"), 14);
        }
    }
}
