//! Roles as 4.0 and later know them: by name, with permissions.
//!
//! Source of rules and texts: fact sheet Traffic Ops §1.13.

use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use time::OffsetDateTime;

use super::{CREATED, DELETED, UPDATED, labels, names, permissions, worded};
use crate::{
    api::{
        call::Call,
        problem::Problem,
        reply::Reply,
        traffic_ops::{conditional, listing},
    },
    domain::DescribedRole,
    service::{LogWords, RoleChoice, RoleDraft, RoleFilter, RoleOrder},
};

const MISSING: &str = "no such role";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoleV4 {
    name: String,
    permissions: Vec<String>,
    description: String,
    #[serde(with = "time::serde::rfc3339")]
    last_updated: OffsetDateTime,
}

impl From<DescribedRole> for RoleV4 {
    fn from(DescribedRole { role, description, last_updated }: DescribedRole) -> Self {
        Self { permissions: names(&role), name: role.name, description, last_updated }
    }
}

/// `GET roles`
pub(in super::super) async fn list(call: Call) -> Result<Reply, Problem> {
    let filter = RoleFilter {
        name: listing::text(&call, "name")?,
        can: listing::text(&call, "can")?,
        ..RoleFilter::default()
    };
    let slice = listing::slice(&call, &[("name", RoleOrder::Name)])?;
    super::list(&call, &filter, &slice, RoleV4::from).await
}

/// `POST roles`
pub(in super::super) async fn create(call: Call) -> Result<Reply, Problem> {
    let draft = draft(&call)?;
    let name = draft.name.to_string();
    let made = call.site.services.roles.create(call.errand(LogWords::Plain)?, draft).await;
    let made = made.map_err(|error| worded(error, &name, MISSING))?;
    let last_updated = made.last_updated;
    let reply = Reply::view(&RoleV4::from(made))?.saying(CREATED).with_status(StatusCode::CREATED);
    let reply = conditional::tagged(reply, last_updated);
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let place = format!("{}/roles?name={encoded}", call.site.table.mount(&call.endpoint));
    Ok(match HeaderValue::from_str(&place) {
        Ok(place) => reply.with(header::LOCATION, place),
        Err(_) => reply,
    })
}

/// `PUT roles?name=`
pub(in super::super) async fn update(call: Call) -> Result<Reply, Problem> {
    let choice = key(&call)?;
    let draft = draft(&call)?;
    let name = draft.name.to_string();
    let known = conditional::precondition(&call);
    let next = call.site.services.roles.update(call.errand(LogWords::Plain)?, &choice, draft, known).await;
    let next = next.map_err(|error| worded(error, &name, MISSING))?;
    let last_updated = next.last_updated;
    Ok(conditional::tagged(Reply::view(&RoleV4::from(next))?.saying(UPDATED), last_updated))
}

/// `DELETE roles?name=`
pub(in super::super) async fn remove(call: Call) -> Result<Reply, Problem> {
    let choice = key(&call)?;
    let removed = call.site.services.roles.remove(call.errand(LogWords::Plain)?, &choice).await;
    removed.map_err(|error| worded(error, "", MISSING))?;
    Ok(Reply::note(DELETED))
}

fn key(call: &Call) -> Result<RoleChoice, Problem> {
    let name = listing::text(call, "name")?;
    let missing = || Problem::bad_request("required parameters missing: missing required parameters: name");
    name.map(RoleChoice::Name).ok_or_else(missing)
}

/// Permissions that are left out are none: a replacement clears them.
fn draft(call: &Call) -> Result<RoleDraft, Problem> {
    let fields = call.fields()?;
    let mut broken = Vec::new();
    let labels = labels(&fields, &mut broken)?;
    let permissions = permissions(&fields, "permissions", &mut broken)?;
    match (labels, broken.is_empty()) {
        (Some((name, description)), true) => Ok(RoleDraft {
            name,
            description,
            permissions: Some(permissions.unwrap_or_default()),
            priv_level: None,
        }),
        _ => Err(Problem::bad_request(broken.join(", "))),
    }
}
