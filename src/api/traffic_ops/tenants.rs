//! Tenants. 3.x and 4.x are alike; 5.0 has another time format, a rule for names, and some words of its own.
//!
//! Source of rules and texts: fact sheet Traffic Ops §1.14.

mod manner;

use super::{
    conditional,
    listing::{self, BadQuery},
};
use crate::{
    api::{
        call::Call,
        fields::{Fields, Misread},
        problem::Problem,
        reply::Reply,
    },
    domain::{Label, LabelRefused, TenantId},
    service::{Actor, LogWords, TenantDraft, TenantError, TenantFilter, TenantOrder},
};
pub(super) use manner::{Manner, UpTo4, V5};

const ORDERS: [(&str, TenantOrder); 5] = [
    ("name", TenantOrder::Name),
    ("active", TenantOrder::Active),
    ("id", TenantOrder::Id),
    ("parent_id", TenantOrder::ParentId),
    ("parent_name", TenantOrder::ParentName),
];

/// `GET tenants`: the caller's own and all below it.
pub(super) async fn list<M: Manner>(call: Call) -> Result<Reply, Problem> {
    let caller = &call.caller()?.account;
    let filter = filter(&call).map_err(M::bad_query)?;
    let slice = listing::slice(&call, &ORDERS).map_err(M::bad_query)?;
    let tenants = &call.site.services.tenants;
    // Before the list, so that a change in between makes the list newer than it says, never older. A caller who was
    // moved sees other tenants, though none of them changed.
    let changed_at = tenants.changed_at().await?.max(caller.last_updated);
    if let Some(unchanged) = conditional::unchanged(&call, changed_at) {
        return Ok(unchanged);
    }
    let found = tenants.list(Actor::Account(caller), &filter, &slice).await?;
    let views: Vec<M::View> = found.into_iter().map(|node| M::view(node, true)).collect();
    Ok(conditional::dated(Reply::view(&views)?, &call, changed_at))
}

fn filter(call: &Call) -> Result<TenantFilter, BadQuery> {
    Ok(TenantFilter {
        active: listing::truth(call, "active")?,
        id: listing::integer(call, "id")?,
        name: listing::text(call, "name")?,
        parent_id: listing::integer(call, "parent_id")?,
        parent_name: listing::text(call, "parent_name")?,
    })
}

/// `POST tenants`: 200 in every version (fact sheet §11, what must stay).
pub(super) async fn create<M: Manner>(call: Call) -> Result<Reply, Problem> {
    let form = Form::read::<M>(&call)?;
    let draft = form.draft(false);
    let made = call.site.services.tenants.create(call.errand(LogWords::Plain)?, &draft).await;
    let made = made.map_err(|error| worded::<M>(error, &draft))?;
    let last_updated = made.last_updated;
    let reply = Reply::view(&M::view(made, form.names_parent))?.saying("tenant was created.");
    Ok(conditional::tagged(reply, last_updated))
}

/// `PUT tenants/{id}`
pub(super) async fn update<M: Manner>(call: Call) -> Result<Reply, Problem> {
    let id = id::<M>(&call)?;
    let form = Form::read::<M>(&call)?;
    // A tenant that fell asleep because somebody left a field out would lock all its users out.
    let active = form.active.ok_or_else(|| Problem::bad_request("active is a required field"))?;
    let draft = form.draft(active);
    let known = conditional::precondition(&call);
    let next = call.site.services.tenants.update(call.errand(LogWords::Plain)?, id, &draft, known).await;
    let next = next.map_err(|error| worded::<M>(error, &draft))?;
    let last_updated = next.last_updated;
    let reply = Reply::view(&M::view(next, form.names_parent))?.saying("tenant was updated.");
    Ok(conditional::tagged(reply, last_updated))
}

/// `DELETE tenants/{id}`
pub(super) async fn remove<M: Manner>(call: Call) -> Result<Reply, Problem> {
    let id = id::<M>(&call)?;
    let removed = call.site.services.tenants.remove(call.errand(LogWords::Plain)?, id).await;
    removed.map_err(|error| match error {
        TenantError::HeldBy(table) => held_by(id, &table),
        other => refused::<M>(other),
    })?;
    Ok(Reply::note("tenant was deleted."))
}

fn id<M: Manner>(call: &Call) -> Result<TenantId, Problem> {
    let number = call.param("id").and_then(|text| text.parse().ok());
    number.map(TenantId).ok_or_else(|| Problem::bad_request(M::BAD_ID))
}

/// Body of `POST` and `PUT`.
struct Form {
    name: Label,
    active: Option<bool>,
    parent: TenantId,
    /// Whether the client told the parent's name: then the answer tells it too.
    names_parent: bool,
}

impl Form {
    fn read<M: Manner>(call: &Call) -> Result<Self, Problem> {
        let fields = call.fields()?;
        let (name, parent) = (name::<M>(&fields)?, parent(&fields)?);
        let active = fields.truth("active")?.value();
        let names_parent = fields.text("parentName")?.value().is_some();
        match (name, parent) {
            (Ok(name), Ok(parent)) => Ok(Self { name, active, parent, names_parent }),
            (name, parent) => {
                let broken: Vec<_> = name.err().into_iter().chain(parent.err()).collect();
                Err(Problem::bad_request(broken.join(", ")))
            }
        }
    }

    /// A tenant that is made without a word about it is not active.
    fn draft(&self, active: bool) -> TenantDraft {
        let active = self.active.unwrap_or(active);
        TenantDraft { name: self.name.clone(), active, parent: self.parent }
    }
}

fn name<M: Manner>(fields: &Fields) -> Result<Result<Label, String>, Misread> {
    let text = fields.text("name")?.value().unwrap_or_default();
    let parsed = Label::parse(&text).map_err(|refused: LabelRefused| format!("'name' {refused}"));
    Ok(parsed.and_then(|label| M::check_name(&label).map(|()| label)))
}

fn parent(fields: &Fields) -> Result<Result<TenantId, String>, Misread> {
    Ok(match fields.integer("parentId")?.value() {
        None | Some(0) => Err("'parentId' cannot be blank".to_owned()),
        Some(number) if number < 1 => Err("'parentId' must be no less than 1".to_owned()),
        Some(number) => Ok(TenantId(number)),
    })
}

fn worded<M: Manner>(error: TenantError, draft: &TenantDraft) -> Problem {
    match error {
        TenantError::NameTaken => {
            Problem::bad_request(format!("tenant name '{}' already exists.", draft.name))
        }
        other => refused::<M>(other),
    }
}

/// The refusals that need no more than themselves.
fn refused<M: Manner>(error: TenantError) -> Problem {
    match error {
        TenantError::NoSuchTenant => M::missing(),
        TenantError::OutOfReach => Problem::forbidden(OUT_OF_REACH),
        TenantError::Root => Problem::bad_request("trying to change the root tenant, which is immutable"),
        TenantError::UnderItself => Problem::bad_request("trying to set existing child as new parent"),
        TenantError::Modified => conditional::modified(),
        TenantError::Internal(fault) => fault.into(),
        // A name and rows in the way are told with what they are about; here they would be a defect.
        TenantError::NameTaken | TenantError::HeldBy(_) => Problem::internal(),
    }
}

fn held_by(TenantId(number): TenantId, table: &str) -> Problem {
    let what = match table {
        "tenant" => "child tenants",
        "tm_user" => "users",
        "deliveryservice" => "deliveryservices",
        "origin" => "origins",
        other => other,
    };
    Problem::bad_request(format!("Tenant '{number}' has {what}. Please update these {what} and retry."))
}

/// What is said of a tenant that the caller does not see, here and of accounts there.
pub(super) const OUT_OF_REACH: &str = "not authorized on this tenant";
