//! Schemes of servers that people move away from: verified so that accounts can be moved, never made.
//!
//! PBKDF2, Argon2 and scrypt as PHC strings (`$name$parameters$salt$key`), with the dialects of passlib and Django.

use base64::{
    Engine as _, alphabet,
    engine::general_purpose::{GeneralPurpose, NO_PAD},
};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{bcrypt_parts::decimal, legacy::Scrypt, scheme::Unusable};

/// What an scrypt PHC string starts with.
pub(super) const SCRYPT: &str = "$scrypt$";

const TEXT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// Keys that are compared: shorter ones are guessed too easily, longer ones are nobody's.
const KEYS: std::ops::RangeInclusive<usize> = 16..=64;

/// Reads what follows [`SCRYPT`]: `ln=14,r=8,p=1$<salt>$<key>`.
pub(super) fn read_scrypt(rest: &str) -> Result<Scrypt, Unusable> {
    let [parameters, salt, key] = fields(rest).ok_or(Unusable::NoHash)?;
    let log_n = parameter(parameters, "ln").filter(|log_n| (1..64).contains(log_n));
    let number = |name| parameter(parameters, name).filter(|number| *number > 0);
    let numbers = (log_n, number("r"), number("p"));
    let (Some(log_n), Some(r), Some(p)) = numbers else { return Err(Unusable::NoHash) };
    let (salt, key) = salt_and_key(salt, key).ok_or(Unusable::NoHash)?;
    Scrypt::new([1 << log_n, u64::from(r), u64::from(p)], salt, key)
}

#[derive(Clone, Copy)]
enum Prf {
    Sha1,
    Sha256,
    Sha512,
}

impl Prf {
    /// Bytes of a key that come of as many iterations as it asks for.
    fn block(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// Iterations that take as long as one round of bcrypt; measured: 12, 14 and 53 ms for 100,000 of them on a
    /// processor with instructions for the first two, 72 ms for bcrypt of cost 10.
    fn per_bcrypt_round(self) -> u64 {
        match self {
            Self::Sha1 => 580,
            Self::Sha256 => 500,
            Self::Sha512 => 130,
        }
    }
}

/// PBKDF2 with HMAC.
pub(super) struct Pbkdf2Hash {
    prf: Prf,
    iterations: u32,
    salt: Vec<u8>,
    key: Vec<u8>,
}

impl Pbkdf2Hash {
    /// Most iterations, each block of the key counted: three times what OWASP asks for with SHA-256.
    const MOST: u64 = 2_000_000;

    /// Reads what follows `$pbkdf2`: `-sha256$i=600000,l=32$<salt>$<key>`, or passlib's `-sha256$29000$<salt>$<key>`,
    /// whose Base64 has a full stop for the plus sign and where no name means SHA-1.
    pub(super) fn read(rest: &str) -> Result<Self, Unusable> {
        let [name, parameters, salt, key] = fields(rest).ok_or(Unusable::NoHash)?;
        let prf = match name {
            "" | "-sha1" => Prf::Sha1,
            "-sha256" => Prf::Sha256,
            "-sha512" => Prf::Sha512,
            _ => return Err(Unusable::NoHash),
        };
        let iterations = decimal(parameters).or_else(|| parameter(parameters, "i"));
        let (salt, key) = salt_and_key(salt, key).ok_or(Unusable::NoHash)?;
        Self::new(prf, iterations, salt, key)
    }

    /// Reads what follows `pbkdf2_`, Django's `sha256$600000$<salt as it is>$<key>`.
    pub(super) fn read_django(rest: &str) -> Result<Self, Unusable> {
        let [name, iterations, salt, key] = fields(rest).ok_or(Unusable::NoHash)?;
        let prf = match name {
            "sha1" => Prf::Sha1,
            "sha256" => Prf::Sha256,
            _ => return Err(Unusable::NoHash),
        };
        let key = bytes(key).filter(|key| KEYS.contains(&key.len())).ok_or(Unusable::NoHash)?;
        Self::new(prf, decimal(iterations), salt.as_bytes().to_vec(), key)
    }

    fn new(prf: Prf, iterations: Option<u32>, salt: Vec<u8>, key: Vec<u8>) -> Result<Self, Unusable> {
        let iterations = iterations.filter(|iterations| *iterations > 0).ok_or(Unusable::NoHash)?;
        let hash = Self { prf, iterations, salt, key };
        (hash.work() <= Self::MOST).then_some(hash).ok_or(Unusable::TooCostly)
    }

    /// Whether the password leads to the key, compared in constant time.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let mut key = Zeroizing::new(vec![0; self.key.len()]);
        match self.prf {
            Prf::Sha1 => pbkdf2_hmac::<Sha1>(password, &self.salt, self.iterations, &mut key),
            Prf::Sha256 => pbkdf2_hmac::<Sha256>(password, &self.salt, self.iterations, &mut key),
            Prf::Sha512 => pbkdf2_hmac::<Sha512>(password, &self.salt, self.iterations, &mut key),
        }
        key.ct_eq(&self.key).into()
    }

    /// Iterations, those of each block counted.
    fn work(&self) -> u64 {
        u64::from(self.iterations) * self.key.len().div_ceil(self.prf.block()) as u64
    }

    /// Work of one comparison, in rounds of bcrypt.
    pub(super) fn rounds(&self) -> u64 {
        self.work() / self.prf.per_bcrypt_round()
    }
}

/// Argon2 of any of its three kinds, without a secret and without associated data.
pub(super) struct Argon2Hash {
    argon2: argon2::Argon2<'static>,
    salt: Vec<u8>,
    key: Vec<u8>,
}

impl Argon2Hash {
    /// Most memory, in KiB: 128 MiB, twice the second choice of RFC 9106 §4. Its first one is not for servers.
    const MOST_MEMORY: u32 = 128 * 1024;
    /// Most memory times passes: RFC 9106's second choice four times.
    const MOST_WORK: u64 = 768 * 1024;
    /// KiB times passes that take as long as one round of bcrypt; measured: 177 ms for 64 MiB and three passes, 72 ms
    /// for bcrypt of cost 10.
    const PER_BCRYPT_ROUND: u64 = 80;

    /// Reads what follows `$argon2`: `id$v=19$m=65536,t=3,p=4$<salt>$<key>`; without `v` it is version 16.
    pub(super) fn read(rest: &str) -> Result<Self, Unusable> {
        let (kind, rest) = rest.split_once('$').ok_or(Unusable::NoHash)?;
        let algorithm = match kind {
            "d" => argon2::Algorithm::Argon2d,
            "i" => argon2::Algorithm::Argon2i,
            "id" => argon2::Algorithm::Argon2id,
            _ => return Err(Unusable::NoHash),
        };
        let (version, rest) = match (rest.strip_prefix("v=19$"), rest.strip_prefix("v=16$")) {
            (Some(rest), _) => (argon2::Version::V0x13, rest),
            (None, Some(rest)) => (argon2::Version::V0x10, rest),
            (None, None) => (argon2::Version::V0x10, rest),
        };
        let [parameters, salt, key] = fields(rest).ok_or(Unusable::NoHash)?;
        let plain = parameters.split(',').count() == 3;
        let numbers = (parameter(parameters, "m"), parameter(parameters, "t"), parameter(parameters, "p"));
        let (Some(memory), Some(passes), Some(lanes), true) = (numbers.0, numbers.1, numbers.2, plain) else {
            return Err(Unusable::NoHash);
        };
        // A lane takes 8 KiB at least, whatever `m` says.
        if lanes > memory / 8 {
            return Err(Unusable::NoHash);
        }
        if memory > Self::MOST_MEMORY || u64::from(memory) * u64::from(passes) > Self::MOST_WORK {
            return Err(Unusable::TooCostly);
        }
        let (salt, key) = salt_and_key(salt, key).ok_or(Unusable::NoHash)?;
        if salt.len() < argon2::MIN_SALT_LEN {
            return Err(Unusable::NoHash);
        }
        let parameters = argon2::Params::new(memory, passes, lanes, Some(key.len()));
        let parameters = parameters.map_err(|_| Unusable::NoHash)?;
        Ok(Self { argon2: argon2::Argon2::new(algorithm, version, parameters), salt, key })
    }

    /// Whether the password leads to the key, compared in constant time.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let mut key = Zeroizing::new(vec![0; self.key.len()]);
        let derived = self.argon2.hash_password_into(password, &self.salt, &mut key);
        derived.is_ok() && bool::from(key.ct_eq(&self.key))
    }

    /// Work of one comparison, in rounds of bcrypt.
    pub(super) fn rounds(&self) -> u64 {
        let parameters = self.argon2.params();
        u64::from(parameters.m_cost()) * u64::from(parameters.t_cost()) / Self::PER_BCRYPT_ROUND
    }
}

/// The number of `name=number` in a list with commas.
fn parameter(list: &str, name: &str) -> Option<u32> {
    list.split(',').find_map(|one| decimal(one.strip_prefix(name)?.strip_prefix('=')?))
}

fn salt_and_key(salt: &str, key: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    Some((bytes(salt)?, bytes(key).filter(|key| KEYS.contains(&key.len()))?))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    TEXT.decode(text.trim_end_matches('=').replace('.', "+")).ok()
}

fn fields<const N: usize>(text: &str) -> Option<[&str; N]> {
    text.split('$').collect::<Vec<_>>().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::hasher::scheme::Scheme;

    /// Of `twelve12!`; made with argon2-cffi 25.1, passlib 1.7.4 and, the PHC forms of PBKDF2, Python's hashlib.
    const VECTORS: [&str; 15] = [
        "$argon2id$v=19$m=64,t=2,p=1$YSBzYWx0IG9mIDE2IGJ5dA$G6vNKjTRJbf4R7vvhe4DJySUKL2k8iprp9YDmgKfugg",
        "$argon2id$v=16$m=64,t=2,p=1$YSBzYWx0IG9mIDE2IGJ5dA$cBCz34eohk22IBPSRbNfczAd0WunMvoP0N6+liyBF84",
        "$argon2id$m=64,t=2,p=1$YSBzYWx0IG9mIDE2IGJ5dA$cBCz34eohk22IBPSRbNfczAd0WunMvoP0N6+liyBF84",
        "$argon2i$v=19$m=64,t=2,p=1$YSBzYWx0IG9mIDE2IGJ5dA$cWvSH7VQ8lnUt0cD7wKa5tokB7g3V+0KZ8394dIQA1I",
        "$argon2d$v=19$m=64,t=2,p=1$YSBzYWx0IG9mIDE2IGJ5dA$dfjGWOdhPI8hZCbg0tX77Nxl8ixYgDdwswvh4jB23TM",
        "$argon2id$v=19$m=128,t=1,p=4$YSBzYWx0IG9mIDE2IGJ5dA$mP57U99gf/iR1K3P+MZ8fiNzJ/9TTkDL",
        "$pbkdf2-sha1$i=1000,l=20$YSBzYWx0IG9mIDE2IGJ5dA$iMPVCenm0WKy0x7Zz/IrvNVqcks",
        "$pbkdf2-sha256$i=1000,l=32$YSBzYWx0IG9mIDE2IGJ5dA$Mhx3Dm0sUD47nEMW735gvPLWaQKL/DRzt384rC3s398",
        "$pbkdf2-sha512$i=1000,l=64$YSBzYWx0IG9mIDE2IGJ5dA$L2pfsGv/YOeM02lDP+SLdpdzlfl59uhBsSU29OuoVddAoTB2Tko+XyI9Pxw\
         Sghx+j6obI1AaH0X4nsx2kW0Y5g",
        "$pbkdf2$1000$YSBzYWx0IG9mIDE2IGJ5dA$iMPVCenm0WKy0x7Zz/IrvNVqcks",
        "$pbkdf2-sha256$1000$YSBzYWx0IG9mIDE2IGJ5dA$Mhx3Dm0sUD47nEMW735gvPLWaQKL/DRzt384rC3s398",
        "$pbkdf2-sha512$1000$YSBzYWx0IG9mIDE2IGJ5dA$L2pfsGv/YOeM02lDP.SLdpdzlfl59uhBsSU29OuoVddAoTB2Tko.XyI9PxwSghx.j6o\
         bI1AaH0X4nsx2kW0Y5g",
        "$scrypt$ln=4,r=8,p=1$YSBzYWx0IG9mIDE2IGJ5dA$cKnWwXbTbkcUEbJ+/OJ53XupqFLFVpebodh9rV/fYH8",
        "pbkdf2_sha256$1000$djangosalt12$V6YNmH+b3jxI5Pi0vvRMf2ErC10Uzh0vNAgffaXwnAw=",
        "pbkdf2_sha1$1000$djangosalt1234567890ab$+OjF7dq5K0aqJkGsV++fiZzB3Sc=",
    ];

    #[test]
    fn what_other_programs_made_is_verified() {
        for stored in VECTORS {
            let scheme = Scheme::read(stored, 14).unwrap_or_else(|error| panic!("{stored}: {error}"));
            assert!(scheme.matches(b"twelve12!"), "{stored}");
            assert!(!scheme.matches(b"twelve12") && !scheme.matches(b""), "{stored}");
        }
    }

    #[test]
    fn work_beyond_reason_is_not_done() {
        let (salt, key) = ("YSBzYWx0IG9mIDE2IGJ5dA", "Mhx3Dm0sUD47nEMW735gvPLWaQKL/DRzt384rC3s398");
        let read = |front: &str| Scheme::read(&format!("{front}${salt}${key}"), 14).map(drop);
        for fine in
            ["$argon2id$v=19$m=65536,t=3,p=4", "$pbkdf2-sha256$i=1200000,l=32", "$scrypt$ln=17,r=8,p=1"]
        {
            assert_eq!(read(fine), Ok(()), "{fine}");
        }
        for dear in [
            "$argon2id$v=19$m=2097152,t=1,p=4",
            "$argon2id$v=19$m=131072,t=7,p=1",
            "$argon2id$v=19$m=64,t=4294967295,p=1",
            "$pbkdf2-sha256$i=2000001,l=32",
            "$pbkdf2-sha1$i=1200000,l=32",
            "$scrypt$ln=18,r=8,p=1",
            "$scrypt$ln=63,r=8,p=1",
            "$scrypt$ln=2,r=4294967295,p=4294967295",
        ] {
            assert_eq!(read(dear), Err(Unusable::TooCostly), "{dear}");
        }
        for wrong in [
            "$argon2id$v=19$m=64,t=2,p=1,keyid=AAAA",
            "$argon2id$v=19$m=64,t=2,p=16777215",
            "$argon2id$v=19$m=64,t=0,p=1",
            "$argon2id$v=20$m=64,t=2,p=1",
            "$argon2x$v=19$m=64,t=2,p=1",
            "$pbkdf2-md5$i=1000,l=16",
            "$pbkdf2-sha256$i=0,l=16",
            "$pbkdf2-sha256$i=+5,l=16",
            "$scrypt$ln=0,r=8,p=1",
            "$scrypt$ln=64,r=8,p=1",
            "$scrypt$r=8,p=1",
            "$scrypt$ln=4,r=0,p=1",
            "$scrypt$ln=4,r=8,p=0",
        ] {
            assert_eq!(read(wrong), Err(Unusable::NoHash), "{wrong}");
        }
        let salted = format!("$argon2id$v=19$m=64,t=2,p=1$AAAA${key}");
        assert_eq!(Scheme::read(&salted, 14).map(drop), Err(Unusable::NoHash));
        let short = format!("$pbkdf2-sha256$i=1000,l=4${salt}$AAAA");
        assert_eq!(Scheme::read(&short, 14).map(drop), Err(Unusable::NoHash));
    }
}
