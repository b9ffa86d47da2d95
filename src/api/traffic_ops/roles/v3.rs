//! Roles as 3.x knows them: by identity, with a level and capabilities.
//!
//! The level is shown and stored, and bounded by the writer's own; nothing else is decided by it (DESIGN section 2,
//! authority). Source of rules and texts: fact sheet Traffic Ops §1.13.

use serde::Serialize;

use super::{CREATED, DELETED, HIGHER_LEVEL, UPDATED, assigned, labels, names, permissions, worded};
use crate::{
    api::{
        call::Call,
        problem::Problem,
        reply::Reply,
        traffic_ops::{conditional, listing},
    },
    domain::{DescribedRole, RoleId},
    service::{LogWords, RoleChoice, RoleDraft, RoleError, RoleFilter, RoleOrder},
};

const MISSING: &str = "role not found";

const ORDERS: [(&str, RoleOrder); 3] =
    [("name", RoleOrder::Name), ("id", RoleOrder::Id), ("privLevel", RoleOrder::PrivLevel)];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoleV3 {
    id: i64,
    name: String,
    description: String,
    priv_level: i64,
    capabilities: Option<Vec<String>>,
}

impl From<DescribedRole> for RoleV3 {
    fn from(DescribedRole { role, description, .. }: DescribedRole) -> Self {
        let capabilities = Some(names(&role));
        Self { id: role.id.0, name: role.name, description, priv_level: role.priv_level, capabilities }
    }
}

/// `GET roles`
pub(in super::super) async fn list(call: Call) -> Result<Reply, Problem> {
    let filter = RoleFilter {
        id: listing::integer(&call, "id")?,
        name: listing::text(&call, "name")?,
        priv_level: listing::integer(&call, "privLevel")?,
        can: None,
    };
    let slice = listing::slice(&call, &ORDERS)?;
    super::list(&call, &filter, &slice, RoleV3::from).await
}

/// `POST roles`: 200, and no place (fact sheet §11, what must stay).
pub(in super::super) async fn create(call: Call) -> Result<Reply, Problem> {
    let draft = draft(&call).await?;
    let (name, silent) = (draft.name.to_string(), draft.permissions.is_none());
    let made = call.site.services.roles.create(call.errand(LogWords::Plain)?, draft).await;
    let made = made.map_err(|error| worded(error, &name, MISSING))?;
    let last_updated = made.last_updated;
    let mut view = RoleV3::from(made);
    if silent {
        view.capabilities = None;
    }
    Ok(conditional::tagged(Reply::view(&view)?.saying(CREATED), last_updated))
}

/// `PUT roles?id=`
pub(in super::super) async fn update(call: Call) -> Result<Reply, Problem> {
    let draft = draft(&call).await?;
    let (choice, name) = (key(&call)?, draft.name.to_string());
    let known = conditional::precondition(&call);
    let next = call.site.services.roles.update(call.errand(LogWords::Plain)?, &choice, draft, known).await;
    let next = next.map_err(|error| match error {
        RoleError::HigherLevel => Problem::forbidden(HIGHER_LEVEL),
        other => worded(other, &name, MISSING),
    })?;
    let last_updated = next.last_updated;
    Ok(conditional::tagged(Reply::view(&RoleV3::from(next))?.saying(UPDATED), last_updated))
}

/// `DELETE roles?id=`
pub(in super::super) async fn remove(call: Call) -> Result<Reply, Problem> {
    let choice = key(&call)?;
    let removed = call.site.services.roles.remove(call.errand(LogWords::Plain)?, &choice).await;
    removed.map_err(|error| match error {
        RoleError::Assigned { holders, .. } => assigned(holders),
        other => worded(other, "", MISSING),
    })?;
    Ok(Reply::note(DELETED))
}

fn key(call: &Call) -> Result<RoleChoice, Problem> {
    let id = call.query("id").ok_or_else(|| Problem::bad_request("missing key: id"))?;
    let id = id.parse().map_err(|_| Problem::bad_request("failed to parse key: id"))?;
    Ok(RoleChoice::Id(RoleId(id)))
}

async fn draft(call: &Call) -> Result<RoleDraft, Problem> {
    let fields = call.fields()?;
    let mut broken = Vec::new();
    let labels = labels(&fields, &mut broken)?;
    let priv_level = fields.integer("privLevel")?.value();
    if priv_level.is_none() {
        broken.push("'privLevel' is required".to_owned());
    }
    let permissions = permissions(&fields, "capabilities", &mut broken)?;
    let unknown = call.site.services.roles.unknown(permissions.as_deref().unwrap_or_default()).await?;
    if !unknown.is_empty() {
        let names: Vec<_> = unknown.iter().map(|permission| permission.0.as_ref()).collect();
        broken.push(format!("can not add non-existent capabilities: [{}]", names.join(" ")));
    }
    match (labels, broken.is_empty()) {
        (Some((name, description)), true) => Ok(RoleDraft { name, description, permissions, priv_level }),
        _ => Err(Problem::bad_request(broken.join(", "))),
    }
}
