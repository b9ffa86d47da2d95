//! In what the versions differ about users.

use http::StatusCode;
use serde::Serialize;

use super::TOO_STRONG;
use crate::{
    api::{
        problem::Problem,
        reply::Reply,
        traffic_ops::{
            roles,
            views::{List3, UserV4, Write3},
            whole::RoleField,
        },
    },
    domain::{Account, AccountId, AccountOrder, AccountText, Listed},
    service::{Lacking, LogWords},
};

/// How a family of versions reads, shows and words accounts.
pub(in super::super) trait Manner {
    /// A member of a list.
    type Member: Serialize;

    /// How a role is named.
    const ROLE: RoleField;
    /// What a list can be sorted and narrowed by; the first is the order of a list that nobody asked another of.
    const ORDERS: &'static [(&'static str, AccountOrder)];
    /// The filter for a permission, where there is one.
    const PERMISSION: Option<&'static str>;
    /// Whether members show how many change-log rows they wrote.
    const COUNTED: bool;
    /// The status of `POST`.
    const CREATED: StatusCode;
    /// Whether `POST` says where the new account is.
    const LOCATED: bool;
    /// The words for the change log.
    const WORDS: LogWords;
    /// What is said of a path parameter that is no number.
    const BAD_ID: &'static str;
    /// What `PUT` says of a role that does not exist.
    const NO_SUCH_ROLE: &'static str;

    /// A member of a list in this family's shape.
    fn member(listed: &Listed) -> Self::Member;

    /// The answer to a write; `new_user` is what the client said of it.
    fn written(account: &Account, new_user: Option<bool>) -> Result<Reply, Problem>;

    /// What `POST` says of a role that grants what the caller does not hold.
    fn too_strong(lacking: &Lacking) -> String;

    /// Identity and form of `PUT`: of two that are wrong, the one that is told.
    fn in_order<F>(
        id: Result<AccountId, Problem>,
        form: Result<F, Problem>,
    ) -> Result<(AccountId, F), Problem>;
}

const BY_USERNAME: (&str, AccountOrder) = ("username", AccountOrder::Text(AccountText::Username));
const BY_ID: (&str, AccountOrder) = ("id", AccountOrder::Id);
const BY_ROLE: (&str, AccountOrder) = ("role", AccountOrder::Text(AccountText::Role));
const BY_TENANT: (&str, AccountOrder) = ("tenant", AccountOrder::Text(AccountText::Tenant));

/// 3.x.
pub(in super::super) struct UpTo3;

impl Manner for UpTo3 {
    type Member = List3;

    const ROLE: RoleField = RoleField::Id;
    const ORDERS: &'static [(&'static str, AccountOrder)] = &[BY_USERNAME, BY_ID, BY_ROLE, BY_TENANT];
    const PERMISSION: Option<&'static str> = None;
    const COUNTED: bool = false;
    const CREATED: StatusCode = StatusCode::OK;
    const LOCATED: bool = false;
    const WORDS: LogWords = LogWords::Keyed;
    const BAD_ID: &'static str = "failed to parse key: id";
    const NO_SUCH_ROLE: &'static str = "role not found";

    fn member(listed: &Listed) -> List3 {
        List3::of(&listed.account)
    }

    fn written(account: &Account, new_user: Option<bool>) -> Result<Reply, Problem> {
        Reply::view(&Write3::saying(account, new_user))
    }

    fn too_strong(_: &Lacking) -> String {
        TOO_STRONG.to_owned()
    }

    fn in_order<F>(
        id: Result<AccountId, Problem>,
        form: Result<F, Problem>,
    ) -> Result<(AccountId, F), Problem> {
        let form = form?;
        Ok((id?, form))
    }
}

/// 4.0 and later.
pub(in super::super) struct From4;

impl Manner for From4 {
    type Member = UserV4;

    const ROLE: RoleField = RoleField::Name;
    const ORDERS: &'static [(&'static str, AccountOrder)] = &[
        BY_USERNAME,
        BY_ID,
        BY_ROLE,
        BY_TENANT,
        ("company", AccountOrder::Text(AccountText::Company)),
        ("email", AccountOrder::Text(AccountText::Email)),
        ("fullName", AccountOrder::Text(AccountText::FullName)),
        ("newUser", AccountOrder::NewUser),
        ("city", AccountOrder::Text(AccountText::City)),
        ("stateOrProvince", AccountOrder::Text(AccountText::StateOrProvince)),
        ("country", AccountOrder::Text(AccountText::Country)),
        ("postalCode", AccountOrder::Text(AccountText::PostalCode)),
    ];
    const PERMISSION: Option<&'static str> = Some("capability");
    const COUNTED: bool = true;
    const CREATED: StatusCode = StatusCode::CREATED;
    const LOCATED: bool = true;
    const WORDS: LogWords = LogWords::Plain;
    const BAD_ID: &'static str = "couldn't convert id into an int";
    const NO_SUCH_ROLE: &'static str = "no such role";

    fn member(listed: &Listed) -> UserV4 {
        UserV4::counting(&listed.account, listed.changes)
    }

    fn written(account: &Account, _: Option<bool>) -> Result<Reply, Problem> {
        Reply::view(&UserV4::written(account))
    }

    fn too_strong(lacking: &Lacking) -> String {
        roles::too_strong(lacking)
    }

    fn in_order<F>(
        id: Result<AccountId, Problem>,
        form: Result<F, Problem>,
    ) -> Result<(AccountId, F), Problem> {
        Ok((id?, form?))
    }
}
