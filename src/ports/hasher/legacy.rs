//! Schemes of the programs that accounts came from: verified, never made.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{
    bcrypt_parts::{Parts, decimal},
    scheme::Unusable,
};

/// Reads plain bcrypt, `$2b$<cost>$<salt, 22><digest, 31>`; 2a and 2y are the same, 2x has a known fault and is not.
pub(super) fn read_bcrypt(stored: &str) -> Option<Parts> {
    let rest = ["$2a$", "$2b$", "$2y$"].into_iter().find_map(|version| stored.strip_prefix(version))?;
    let (cost, salt_and_digest) = rest.split_once('$')?;
    let (salt, digest) = salt_and_digest.split_at_checked(22)?;
    Parts::read(cost, salt, digest).filter(|_| cost.len() == 2)
}

/// Traffic Ops' own text, `SCRYPT:<N>:<r>:<p>:<salt>:<key>` (fact sheet §5.2).
pub(super) struct Scrypt {
    params: scrypt::Params,
    salt: Vec<u8>,
    key: Vec<u8>,
}

impl Scrypt {
    /// What a stored text of this scheme starts with.
    pub(super) const PREFIX: &str = "SCRYPT:";

    /// Most N·r·p: eight times Traffic Ops' own, the OWASP minimum of 2^17·8·1, 128 MiB of memory.
    const MOST: u64 = 1 << 20;

    /// Units N·r·p that take as long as one round of bcrypt; measured: 33 ms for 2^14·8·1, 73 ms for cost 10.
    const PER_BCRYPT_ROUND: u64 = 290;

    /// Reads what follows [`Scrypt::PREFIX`]. The key has 64 bytes, whatever the other parameters.
    pub(super) fn read(rest: &str) -> Result<Self, Unusable> {
        let [n, r, p, salt, key] = fields(rest).ok_or(Unusable::NoHash)?;
        let number = |text| decimal::<u64>(text).filter(|number| *number > 0).ok_or(Unusable::NoHash);
        let (n, r, p) = (number(n)?, number(r)?, number(p)?);
        // The cost first: a text that asks for too much is told so, whatever else is wrong with it.
        let scrypt = Self::new([n, r, p], Vec::new(), Vec::new())?;
        let text = |text| BASE64_STANDARD.decode(text).map_err(|_| Unusable::NoHash);
        let (salt, key) = (text(salt)?, text(key)?);
        (key.len() == 64).then_some(Self { salt, key, ..scrypt }).ok_or(Unusable::NoHash)
    }

    /// With the numbers N, r and p.
    pub(super) fn new([n, r, p]: [u64; 3], salt: Vec<u8>, key: Vec<u8>) -> Result<Self, Unusable> {
        let units = n.checked_mul(r).and_then(|units| units.checked_mul(p));
        if units.is_none_or(|units| units > Self::MOST) {
            return Err(Unusable::TooCostly);
        }
        let params = Self::params(n, r, p).ok_or(Unusable::NoHash)?;
        Ok(Self { params, salt, key })
    }

    fn params(n: u64, r: u64, p: u64) -> Option<scrypt::Params> {
        let log_n = n.is_power_of_two().then(|| n.ilog2()).filter(|log_n| *log_n > 0)?;
        scrypt::Params::new(log_n.try_into().ok()?, r.try_into().ok()?, p.try_into().ok()?).ok()
    }

    /// Whether the password leads to the key, compared in constant time.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let mut key = Zeroizing::new(vec![0; self.key.len()]);
        let derived = scrypt::scrypt(password, &self.salt, &self.params, &mut key);
        derived.is_ok() && bool::from(key.ct_eq(&self.key))
    }

    /// Work of one comparison, in rounds of bcrypt.
    pub(super) fn rounds(&self) -> u64 {
        self.params.n() * u64::from(self.params.r()) * u64::from(self.params.p()) / Self::PER_BCRYPT_ROUND
    }
}

/// SHA-1 in 40 lower-case hexadecimal digits, all that the first Traffic Ops stored (fact sheet §5.2).
pub(super) struct Sha1Hex([u8; 40]);

impl Sha1Hex {
    /// Reads the whole column.
    pub(super) fn read(stored: &str) -> Option<Self> {
        let digits = <[u8; 40]>::try_from(stored.as_bytes()).ok()?;
        digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')).then_some(Self(digits))
    }

    /// Whether the password has this digest, compared in constant time.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let digest = <[u8; 20]>::from(Sha1::digest(password));
        let digits = digest.iter().flat_map(|byte| [hex(byte >> 4), hex(byte & 15)]).collect::<Vec<_>>();
        digits.ct_eq(self.0.as_slice()).into()
    }
}

fn hex(nibble: u8) -> u8 {
    nibble + if nibble < 10 { b'0' } else { b'a' - 10 }
}

fn fields<const N: usize>(text: &str) -> Option<[&str; N]> {
    text.split(':').collect::<Vec<_>>().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fact sheet Traffic Ops §12.
    const SCRYPT_OF_TWELVE12: &str = "16384:8:1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMD\
        EyMzQ1Njc4OTo7PD0+Pw==:eLnmxjgZ4BhJeXBCJzt0jBNSo3xWBt30Iw87YY+4J2OF1CrKX7HDH6Yuftehkg8d/dvbLBfZnbwxm0u3kFcW\
        dg==";

    #[test]
    fn traffic_ops_scrypt_is_verified() {
        let hash = Scrypt::read(SCRYPT_OF_TWELVE12).ok().unwrap();
        assert!(hash.matches(b"twelve12!"));
        assert!(!hash.matches(b"twelve12") && !hash.matches(b"Twelve12!"));
    }

    #[test]
    fn scrypt_beyond_reason_is_not_computed() {
        let (_, salt_and_key) = SCRYPT_OF_TWELVE12.split_at("16384:8:1".len());
        let read = |numbers: &str| Scrypt::read(&format!("{numbers}{salt_and_key}")).map(|_| ());
        for fine in ["2:1:1", "131072:8:1", "16384:8:8"] {
            assert_eq!(read(fine), Ok(()), "{fine}");
        }
        for dear in ["131072:8:2", "2097152:1:1", "2:4294967295:4294967295", "18446744073709551615:2:2"] {
            assert_eq!(read(dear), Err(Unusable::TooCostly), "{dear}");
        }
        for wrong in ["0:8:1", "1:8:1", "16384:0:1", "16383:8:1", "-2:8:1", "+2:8:1", "2:8", "2:8:1:1", "::"]
        {
            assert_eq!(read(wrong), Err(Unusable::NoHash), "{wrong}");
        }
        assert_eq!(
            Scrypt::read("16384:8:1:AAEC:AAEC").map(|_| ()),
            Err(Unusable::NoHash),
            "a key of 3 bytes"
        );
    }

    #[test]
    fn plain_bcrypt_of_three_versions_is_verified() {
        let rest = "$04$abcdefghijklmnopqrstuuNUX0YnlAzZ/fg9ctJ5tvii7to3QKT8a";
        for version in ["$2a", "$2b", "$2y"] {
            let hash = read_bcrypt(&format!("{version}{rest}")).unwrap();
            assert!(hash.matches("legacy Passwörd".as_bytes()), "{version}");
            assert!(!hash.matches("legacy Password".as_bytes()), "{version}");
        }
        assert!(read_bcrypt(&format!("$2x{rest}")).is_none());
        assert!(read_bcrypt(&format!("$2b{}", &rest[..rest.len() - 1])).is_none());
        assert!(read_bcrypt(&format!("$2b{}", rest.replace("04", "4"))).is_none());
    }

    #[test]
    fn plain_bcrypt_keeps_its_cut_at_72_bytes() {
        let hash = read_bcrypt("$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe").unwrap();
        assert!(hash.matches(&[b'a'; 80]) && hash.matches(&[b'a'; 72]) && !hash.matches(&[b'a'; 71]));
    }

    #[test]
    fn sha1_is_forty_lower_case_digits() {
        let text = "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8";
        let hash = Sha1Hex::read(text).unwrap();
        assert!(hash.matches(b"password") && !hash.matches(b"Password"));
        assert!(Sha1Hex::read(&text.to_uppercase()).is_none());
        assert!(Sha1Hex::read(&text[1..]).is_none());
    }
}
