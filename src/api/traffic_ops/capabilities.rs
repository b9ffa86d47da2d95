//! What 3.x still has of capabilities: two lists and a warning. Permissions took their place.
//!
//! Source: fact sheet Traffic Ops §1.15.

use serde::Serialize;
use time::OffsetDateTime;

use super::{listing, views::spaced};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    service::{ApiCapability, Capability},
};

const DEPRECATED: &str = "This endpoint is deprecated, and will be removed in the future";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CapabilityV3 {
    description: Option<String>,
    #[serde(serialize_with = "spaced")]
    last_updated: OffsetDateTime,
    name: String,
}

/// `GET capabilities`
pub(super) async fn list(call: Call) -> Result<Reply, Problem> {
    let name = listing::text(&call, "name")?;
    let found = call.site.services.roles.capabilities(name.as_deref()).await?;
    let view =
        |Capability { name, description, last_updated }| CapabilityV3 { description, last_updated, name };
    let views: Vec<_> = found.into_iter().map(view).collect();
    Ok(Reply::view(&views)?.warning(DEPRECATED))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiCapabilityV3 {
    id: i64,
    http_method: String,
    http_route: String,
    capability: String,
    #[serde(serialize_with = "spaced")]
    last_updated: OffsetDateTime,
}

impl From<ApiCapability> for ApiCapabilityV3 {
    fn from(row: ApiCapability) -> Self {
        let ApiCapability { id, http_method, route, capability, last_updated } = row;
        Self { id, http_method, http_route: route, capability, last_updated }
    }
}

/// `GET api_capabilities`
pub(super) async fn list_api(call: Call) -> Result<Reply, Problem> {
    let (id, capability) = (listing::integer(&call, "id")?, listing::text(&call, "capability")?);
    let found = call.site.services.roles.api_capabilities(id, capability.as_deref()).await?;
    let views: Vec<_> = found.into_iter().map(ApiCapabilityV3::from).collect();
    Ok(Reply::view(&views)?.warning(DEPRECATED))
}
