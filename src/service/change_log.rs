//! The words in which changes go into Traffic Ops' change log.
//!
//! Its readers match on them: fact sheet Traffic Ops §1.7, §8.

use crate::domain::{AccountId, EmailAddress, Username};

/// How a change of an account is put down, which differs with the version that it was asked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogWords {
    /// As in 4.0 and later.
    Plain,
    /// As in 3.x, which repeats the identity.
    Keyed,
}

impl LogWords {
    pub(super) fn created(self, username: &Username, id: AccountId) -> String {
        self.user(username, id, "Created")
    }

    pub(super) fn updated(self, username: &Username, id: AccountId) -> String {
        self.user(username, id, "Updated")
    }

    pub(super) fn deleted(self, username: &Username, id: AccountId) -> String {
        self.user(username, id, "Deleted")
    }

    fn user(self, username: &Username, AccountId(id): AccountId, done: &str) -> String {
        match self {
            Self::Plain => format!("USER: {username}, ID: {id}, ACTION: {done} User"),
            Self::Keyed => format!("USER: {username}, ID: {id}, ACTION: {done} user, keys: {{ id:{id} }}"),
        }
    }
}

/// Somebody was invited.
pub(super) fn invited(username: &Username, email: &EmailAddress, role: &str, tenant: &str) -> String {
    format!(
        "USER: {username}, EMAIL: {email}, ACTION: registration sent with role {role} and tenant {tenant}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_of_versions_has_its_own_words() {
        let alice = Username::parse("alice").unwrap();
        let id = AccountId(7);
        assert_eq!(LogWords::Plain.created(&alice, id), "USER: alice, ID: 7, ACTION: Created User");
        assert_eq!(
            LogWords::Keyed.created(&alice, id),
            "USER: alice, ID: 7, ACTION: Created user, keys: { id:7 }"
        );
    }
}
