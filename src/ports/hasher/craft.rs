//! The work that the threads do: a hash made, an attempt compared, and the same work for names nobody has.

use std::{hint::black_box, sync::Arc};

use super::{
    Verdict,
    bcrypt_parts::{KEY_LENGTH, Salt},
    bcrypt_sha256,
    scheme::{Scheme, Unusable},
};
use crate::{
    domain::{Password, PasswordAttempt, PasswordHash},
    ports::Entropy,
};

/// bcrypt cost that a stored hash may ask for at most, unless new hashes cost more: about one second.
pub(super) const DEAREST: u32 = 14;

/// Hashes and compares, at the cost of the settings.
pub(super) struct Craft {
    cost: u32,
    entropy: Arc<dyn Entropy>,
    decoy: Salt,
}

impl Craft {
    pub(super) fn new(cost: u32, entropy: Arc<dyn Entropy>) -> Self {
        let decoy = salt(&*entropy);
        Self { cost, entropy, decoy }
    }

    pub(super) fn hash(&self, password: &Password) -> PasswordHash {
        let salt = salt(&*self.entropy);
        PasswordHash::stored(bcrypt_sha256::make(self.cost, salt, password.reveal().as_bytes()))
    }

    /// Compares; whatever was cheaper than today's scheme is made up for, so that time tells nobody apart.
    ///
    /// Both forms of an attempt are tried where they differ: first the one that the scheme's program hashed.
    pub(super) fn verify(&self, attempt: &PasswordAttempt, stored: Option<&PasswordHash>) -> Verdict {
        let scheme = stored.and_then(|stored| self.read(stored));
        let (typed, normalised) = (attempt.typed(), attempt.normalised());
        let mut forms = match scheme {
            Some(Scheme::BcryptSha256(_)) | None => vec![normalised, typed],
            Some(_) => vec![typed, normalised],
        };
        forms.dedup();
        let mut left = forms.len() as u64 * (1 << self.cost);
        for (scheme, form) in scheme.iter().flat_map(|scheme| forms.iter().map(move |form| (scheme, *form))) {
            if scheme.matches(form.as_bytes()) {
                return Verdict::Right { rehash: self.outdated(scheme, form, normalised) };
            }
            left = left.saturating_sub(scheme.rounds());
        }
        for cost in instalments(left, self.cost) {
            black_box(bcrypt_sha256::make(cost, self.decoy, normalised.as_bytes()));
        }
        Verdict::Wrong
    }

    fn read(&self, stored: &PasswordHash) -> Option<Scheme> {
        match Scheme::read(stored.as_str(), DEAREST.max(self.cost)) {
            Ok(scheme) => Some(scheme),
            Err(Unusable::NoHash) => {
                tracing::debug!("a stored password is of no known scheme");
                None
            }
            Err(Unusable::TooCostly) => {
                tracing::warn!(
                    "a stored password asks for more work than a login is given; it was not compared"
                );
                None
            }
        }
    }

    /// Whether the right password should be hashed again.
    fn outdated(&self, scheme: &Scheme, form: &str, normalised: &str) -> bool {
        match scheme {
            Scheme::BcryptSha256(hash) => hash.cost() != self.cost || form != normalised,
            // Plain bcrypt sees 72 bytes, and it, scrypt and PBKDF2 stumble over NUL: what they did not see may be
            // mistyped, and a new hash of it would lock the account's owner out.
            Scheme::Bcrypt(_) => form.len() < KEY_LENGTH && !form.contains('\0'),
            Scheme::Scrypt(_) | Scheme::Pbkdf2(_) => !form.contains('\0'),
            Scheme::Sha1(_) | Scheme::Argon2(_) => true,
        }
    }
}

/// Costs of bcrypts that make up so many rounds together, none above `dearest`; fewer than 16 rounds are let go.
fn instalments(mut rounds: u64, dearest: u32) -> Vec<u32> {
    let mut costs = Vec::new();
    for cost in (4..=dearest).rev() {
        while rounds >= 1 << cost {
            costs.push(cost);
            rounds -= 1 << cost;
        }
    }
    costs
}

fn salt(entropy: &dyn Entropy) -> Salt {
    let mut salt = Salt::default();
    entropy.fill(&mut salt);
    salt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_costs_one_hash_of_today() {
        assert_eq!(instalments(1 << 10, 10), [10]);
        assert_eq!(instalments(2 << 10, 10), [10, 10]);
    }

    #[test]
    fn what_a_cheaper_scheme_saved_is_made_up_for() {
        assert_eq!(instalments((1 << 10) - (1 << 8), 10), [9, 8]);
        assert_eq!(instalments(0, 10), [0_u32; 0]);
        assert_eq!(instalments(15, 10), [0_u32; 0]);
    }
}
