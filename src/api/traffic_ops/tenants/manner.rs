//! In what the versions differ about tenants.

use serde::{Serialize, Serializer};
use time::OffsetDateTime;

use super::OUT_OF_REACH;
use crate::{
    api::{
        problem::Problem,
        traffic_ops::{listing::BadQuery, views::spaced},
    },
    domain::{Label, TenantNode},
};

/// How a version shows and words tenants.
pub(in super::super) trait Manner {
    /// The tenant as it is shown.
    type View: Serialize;

    /// What is said of a path parameter that is no number.
    const BAD_ID: &'static str;

    /// The tenant in this version's shape. The parent's name is left out where it is not wanted.
    fn view(node: TenantNode, names_parent: bool) -> Self::View;

    /// What is said of a query that can't be read.
    fn bad_query(bad: BadQuery) -> Problem;

    /// Holds a name against the version's rule for names.
    fn check_name(name: &Label) -> Result<(), String>;

    /// What is said of a tenant that is not there.
    fn missing() -> Problem;
}

/// 3.x and 4.x.
pub(in super::super) struct UpTo4;

impl Manner for UpTo4 {
    type View = Tenant<Spaced>;

    const BAD_ID: &'static str = "failed to parse key: id";

    fn view(node: TenantNode, names_parent: bool) -> Self::View {
        Tenant::of(node, names_parent, Spaced)
    }

    fn bad_query(bad: BadQuery) -> Problem {
        bad.into()
    }

    fn check_name(_: &Label) -> Result<(), String> {
        Ok(())
    }

    fn missing() -> Problem {
        Problem::forbidden(OUT_OF_REACH)
    }
}

/// 5.0.
pub(in super::super) struct V5;

impl Manner for V5 {
    type View = Tenant<Rfc3339>;

    const BAD_ID: &'static str = "couldn't convert ID into a numeric value";

    fn view(node: TenantNode, names_parent: bool) -> Self::View {
        Tenant::of(node, names_parent, Rfc3339)
    }

    fn bad_query(bad: BadQuery) -> Problem {
        Problem::bad_request(format!("read tenant: get tenant: {bad}"))
    }

    fn check_name(name: &Label) -> Result<(), String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        match name.as_str().bytes().all(plain) {
            true => Ok(()),
            false => {
                Err("'name' must consist of only alphanumeric, dash, or underscore characters".to_owned())
            }
        }
    }

    fn missing() -> Problem {
        Problem::not_found("no tenant found with this id")
    }
}

/// A tenant; `T` writes its time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct Tenant<T> {
    id: i64,
    name: String,
    active: bool,
    last_updated: T,
    parent_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_name: Option<String>,
}

impl<T> Tenant<T> {
    fn of(node: TenantNode, names_parent: bool, time: impl Fn(OffsetDateTime) -> T) -> Self {
        Self {
            id: node.tenant.id.0,
            name: node.tenant.name,
            active: node.active,
            last_updated: time(node.last_updated),
            parent_id: node.parent.as_ref().map(|parent| parent.id.0),
            parent_name: node.parent.filter(|_| names_parent).map(|parent| parent.name),
        }
    }
}

/// `2018-12-12 16:26:32+00`
pub(in super::super) struct Spaced(OffsetDateTime);

impl Serialize for Spaced {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        spaced(&self.0, serializer)
    }
}

/// `2018-12-12T16:26:32.847362Z`
pub(in super::super) struct Rfc3339(OffsetDateTime);

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        time::serde::rfc3339::serialize(&self.0, serializer)
    }
}
