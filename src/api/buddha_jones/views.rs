//! What the contract shows of an account. The order of the members is the contract's.

use serde::Serialize;

use crate::domain::{Account, EmailAddress};

/// The account of a client that just signed in.
#[derive(Serialize)]
pub(super) struct SignedIn<'a> {
    user_id: i64,
    username: &'a str,
    email: Option<&'a str>,
    first_name: &'a str,
    last_name: &'a str,
    full_name: &'a str,
    image: Option<&'a str>,
    #[serde(flatten)]
    employment: Employment<'a>,
    token: &'a str,
    status: u8,
}

/// An account.
#[derive(Serialize)]
pub(super) struct User<'a> {
    id: i64,
    username: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    full_name: &'a str,
    image: Option<&'a str>,
    initials: String,
    #[serde(flatten)]
    employment: Employment<'a>,
    status: u8,
}

/// A role stands for the type of a user; the rest is not kept here.
#[derive(Serialize)]
struct Employment<'a> {
    type_id: Option<i64>,
    type_name: Option<&'a str>,
    hourly_rate: Option<f64>,
    salary_type: Option<&'a str>,
    salary_amount: Option<f64>,
    min_hour: Option<f64>,
}

/// Whoever may sign in is active.
const ACTIVE: u8 = 1;

impl<'a> SignedIn<'a> {
    /// The account, with the token that it signed in for.
    pub(super) fn of(account: &'a Account, token: &'a str) -> Self {
        let Name { first, last, full } = Name::of(account);
        Self {
            user_id: account.id.0,
            username: account.username.as_str(),
            email: account.email.as_ref().map(EmailAddress::as_str),
            first_name: first,
            last_name: last,
            full_name: full,
            image: None,
            employment: Employment::of(account),
            token,
            status: ACTIVE,
        }
    }
}

impl<'a> User<'a> {
    /// The account.
    pub(super) fn of(account: &'a Account) -> Self {
        let Name { first, last, full } = Name::of(account);
        let initials = [first, last].into_iter().filter_map(|name| name.chars().next());
        Self {
            id: account.id.0,
            username: account.username.as_str(),
            first_name: first,
            last_name: last,
            full_name: full,
            image: None,
            initials: initials.flat_map(char::to_uppercase).collect(),
            employment: Employment::of(account),
            status: ACTIVE,
        }
    }
}

impl<'a> Employment<'a> {
    fn of(account: &'a Account) -> Self {
        let role = account.role.as_ref();
        Self {
            type_id: role.map(|role| role.id.0),
            type_name: role.map(|role| role.name.as_str()),
            hourly_rate: None,
            salary_type: None,
            salary_amount: None,
            min_hour: None,
        }
    }
}

/// A full name in the contract's parts: all but the last word, and the last.
struct Name<'a> {
    first: &'a str,
    last: &'a str,
    full: &'a str,
}

impl<'a> Name<'a> {
    fn of(account: &'a Account) -> Self {
        Self::parted(account.full_name.as_deref().unwrap_or_default().trim())
    }

    fn parted(full: &'a str) -> Self {
        let (first, last) = full.rsplit_once(' ').unwrap_or((full, ""));
        Self { first: first.trim_end(), last, full }
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn a_name_is_parted_at_its_last_word() {
        for (full, first, last) in
            [("Ada Lovelace", "Ada", "Lovelace"), ("Ada", "Ada", ""), ("", "", ""), ("A  B C", "A  B", "C")]
        {
            let name = Name::parted(full);
            assert_eq!((name.first, name.last, name.full), (first, last, full));
        }
    }
}
