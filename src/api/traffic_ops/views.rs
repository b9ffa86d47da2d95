//! How an account looks on the wire, one struct for each shape that ever shipped.
//!
//! Key order, names and time formats: fact sheet Traffic Ops §2.1. A shipped view is frozen.

use serde::{Serialize, Serializer};
use time::{OffsetDateTime, macros::format_description};

use crate::{
    domain::{Account, EmailAddress},
    service::{Accounts, Caller, Fault},
};

/// A shape in which somebody is shown their own account.
pub(super) trait OwnView: Serialize + Sized {
    /// The account in this shape.
    fn of(caller: &Caller, accounts: &Accounts) -> impl Future<Output = Result<Self, Fault>> + Send;
}

/// 3.x `GET user/current`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Current3 {
    username: String,
    local_user: bool,
    role_name: Option<String>,
    #[serde(flatten)]
    rest: Rest3,
}

impl OwnView for Current3 {
    async fn of(Caller { account, .. }: &Caller, _: &Accounts) -> Result<Self, Fault> {
        Ok(Self {
            username: account.username.to_string(),
            local_user: account.has_password,
            role_name: role_name(account),
            rest: Rest3::of(account),
        })
    }
}

/// 3.x `GET users`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List3 {
    rolename: Option<String>,
    username: String,
    #[serde(serialize_with = "spaced_or_null")]
    registration_sent: Option<OffsetDateTime>,
    #[serde(flatten)]
    rest: Rest3,
}

impl List3 {
    pub(super) fn of(account: &Account) -> Self {
        Self {
            rolename: role_name(account),
            username: account.username.to_string(),
            registration_sent: account.registration_sent,
            rest: Rest3::of(account),
        }
    }
}

/// 3.x answer to a write. What the client sent to confirm the password is not shown (fact sheet §11-9).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Write3 {
    username: String,
    #[serde(serialize_with = "spaced_or_null")]
    registration_sent: Option<OffsetDateTime>,
    role_name: Option<String>,
    #[serde(flatten)]
    rest: Rest3,
}

impl Write3 {
    pub(super) fn of(account: &Account) -> Self {
        Self {
            username: account.username.to_string(),
            registration_sent: account.registration_sent,
            role_name: role_name(account),
            rest: Rest3::of(account),
        }
    }

    /// The shape of an answer about somebody else's account, which repeats of `newUser` what the client said.
    pub(super) fn saying(account: &Account, new_user: Option<bool>) -> Self {
        Self { rest: Rest3 { new_user, ..Rest3::of(account) }, ..Self::of(account) }
    }
}

/// The tail that every 3.x shape shares.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rest3 {
    address_line1: Option<String>,
    address_line2: Option<String>,
    city: Option<String>,
    company: Option<String>,
    country: Option<String>,
    email: Option<String>,
    full_name: Option<String>,
    gid: Option<i64>,
    id: i64,
    new_user: Option<bool>,
    phone_number: Option<String>,
    postal_code: Option<String>,
    public_ssh_key: Option<String>,
    role: Option<i64>,
    state_or_province: Option<String>,
    tenant: String,
    tenant_id: i64,
    uid: Option<i64>,
    #[serde(serialize_with = "spaced")]
    last_updated: OffsetDateTime,
}

impl Rest3 {
    fn of(account: &Account) -> Self {
        let profile = account.profile.clone();
        Self {
            address_line1: profile.address_line1,
            address_line2: profile.address_line2,
            city: profile.city,
            company: profile.company,
            country: profile.country,
            email: email(account),
            full_name: account.full_name.clone(),
            gid: profile.gid,
            id: account.id.0,
            new_user: Some(account.new_user),
            phone_number: profile.phone_number,
            postal_code: profile.postal_code,
            public_ssh_key: profile.public_ssh_key,
            role: account.role.as_ref().map(|role| role.id.0),
            state_or_province: profile.state_or_province,
            tenant: account.tenant.name.clone(),
            tenant_id: account.tenant.id.0,
            uid: profile.uid,
            last_updated: account.last_updated,
        }
    }
}

/// 4.0 to 5.0, everywhere.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserV4 {
    address_line1: Option<String>,
    address_line2: Option<String>,
    change_log_count: i64,
    city: Option<String>,
    company: Option<String>,
    country: Option<String>,
    email: Option<String>,
    full_name: Option<String>,
    gid: Option<i64>,
    id: i64,
    #[serde(with = "time::serde::rfc3339::option")]
    last_authenticated: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    last_updated: OffsetDateTime,
    new_user: bool,
    phone_number: Option<String>,
    postal_code: Option<String>,
    public_ssh_key: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    registration_sent: Option<OffsetDateTime>,
    role: Option<String>,
    state_or_province: Option<String>,
    tenant: String,
    tenant_id: i64,
    ucdn: String,
    uid: Option<i64>,
    username: String,
}

impl OwnView for UserV4 {
    async fn of(Caller { account, change_log, .. }: &Caller, accounts: &Accounts) -> Result<Self, Fault> {
        let count = match change_log {
            Some(count) => *count,
            None => accounts.change_log_count(account).await?,
        };
        Ok(Self::counting(account, count))
    }
}

impl UserV4 {
    /// The shape in which somebody is shown.
    pub(super) fn counting(account: &Account, change_log_count: i64) -> Self {
        Self { change_log_count, ..Self::written(account) }
    }

    /// The shape of an answer to a write, which never counts the change log.
    pub(super) fn written(account: &Account) -> Self {
        let profile = account.profile.clone();
        Self {
            address_line1: profile.address_line1,
            address_line2: profile.address_line2,
            change_log_count: 0,
            city: profile.city,
            company: profile.company,
            country: profile.country,
            email: email(account),
            full_name: account.full_name.clone(),
            gid: profile.gid,
            id: account.id.0,
            last_authenticated: account.last_authenticated,
            last_updated: account.last_updated,
            new_user: account.new_user,
            phone_number: profile.phone_number,
            postal_code: profile.postal_code,
            public_ssh_key: profile.public_ssh_key,
            registration_sent: account.registration_sent,
            role: role_name(account),
            state_or_province: profile.state_or_province,
            tenant: account.tenant.name.clone(),
            tenant_id: account.tenant.id.0,
            ucdn: account.ucdn.clone(),
            uid: profile.uid,
            username: account.username.to_string(),
        }
    }
}

fn role_name(account: &Account) -> Option<String> {
    account.role.as_ref().map(|role| role.name.clone())
}

fn email(account: &Account) -> Option<String> {
    account.email.as_ref().map(EmailAddress::to_string)
}

/// The time format of 3.x: `2018-12-12 16:26:32+00`.
pub(super) fn spaced<S: Serializer>(time: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]+00");
    let utc = time.to_offset(time::UtcOffset::UTC);
    serializer.serialize_str(&utc.format(format).map_err(serde::ser::Error::custom)?)
}

fn spaced_or_null<S: Serializer>(time: &Option<OffsetDateTime>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => spaced(time, serializer),
        None => serializer.serialize_none(),
    }
}
