//! Clients that the operator made known, and whose tokens they carry (RFC 6749).

/// The name by which a client program makes itself known: up to 100 characters `[A-Za-z0-9._~-]`.
///
/// These mean the same in HTTP Basic, whether it is read as RFC 7617 or as RFC 6749 §2.3.1 has it. A name may look
/// like the number of an account; nothing follows from that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

/// Why a text can't be a client's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client's name has 1 to {LONGEST_ID} characters: letters, digits, `.`, `_`, `~`, `-`")]
pub struct ClientIdRefused;

const LONGEST_ID: usize = 100;

impl ClientId {
    /// Reads a name.
    ///
    /// # Errors
    /// [`ClientIdRefused`].
    pub fn parse(text: &str) -> Result<Self, ClientIdRefused> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
        match (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(ClientIdRefused),
        }
    }

    /// Takes a name that was accepted when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ClientId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Identity of the tokens that come from one grant: a token, and all that were got by refreshing it. No secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenFamilyId(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_s_name_means_the_same_wherever_it_is_written() {
        for good in ["website", "42", "a", "App.v2_beta~1-x"] {
            assert_eq!(ClientId::parse(good).map(|id| id.0), Ok(good.to_owned()));
        }
        let long = "x".repeat(101);
        for bad in ["", "a:b", "a b", "ä", "a%20b", "a+b", "a\n", &long] {
            assert_eq!(ClientId::parse(bad), Err(ClientIdRefused), "{bad:?}");
        }
    }
}
