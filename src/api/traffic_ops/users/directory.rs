//! Lists of accounts, written down as they are read.

use std::io::{self, Write as _};

use super::{super::conditional, Manner};
use crate::{
    api::{
        call::Call,
        json,
        long::LongWriter,
        problem::Problem,
        reply::Reply,
        traffic_ops::listing::{self, BadQuery},
    },
    domain::{AccountFilter, AccountId, AccountOrder, Listed, Permission},
    service::{Actor, Directory, Fault},
};

/// `GET users`
pub(in super::super) async fn list<M: Manner>(call: Call) -> Result<Reply, Problem> {
    let id = listing::integer(&call, "id")?;
    found::<M>(&call, id).await
}

/// `GET users/{id}`: a list too, of one or none.
pub(in super::super) async fn show<M: Manner>(call: Call) -> Result<Reply, Problem> {
    let id = call.param("id").and_then(|text| text.parse().ok()).ok_or(BadQuery::Integer("id"))?;
    found::<M>(&call, Some(id)).await
}

async fn found<M: Manner>(call: &Call, id: Option<i64>) -> Result<Reply, Problem> {
    let directory = directory::<M>(call, id)?;
    let users = &call.site.services.users;
    // Before the list, so that a change in between makes the list newer than it says, never older.
    let changed_at = users.last_change().await?;
    if let Some(unchanged) = conditional::unchanged(call, changed_at) {
        return Ok(unchanged);
    }
    let (mut body, mut members, mut last_updated) = (LongWriter::default(), 0, None);
    body.write_all(b"{\"response\":[").map_err(unwritten)?;
    let actor = Actor::Account(&call.caller()?.account);
    let each = |listed: &Listed| {
        if members > 0 {
            body.write_all(b",").map_err(unwritten)?;
        }
        members += 1;
        last_updated = Some(listed.account.last_updated);
        json::write_to(&mut body, &M::member(listed)).map_err(|_| Fault::Broken)
    };
    users.list(actor, &directory, each).await?;
    body.write_all(b"]}\n").map_err(unwritten)?;
    let reply = conditional::dated(Reply::written(body.finish().map_err(unwritten)?), call, changed_at);
    // Whoever changes the one account has its own tag; that of a list says more than is needed.
    Ok(match last_updated {
        Some(last_updated) if id.is_some() => conditional::tagged(reply, last_updated),
        _ => reply,
    })
}

fn unwritten(error: io::Error) -> Fault {
    tracing::error!(%error, "a list can't be packed");
    Fault::Broken
}

fn directory<M: Manner>(call: &Call, id: Option<i64>) -> Result<Directory, BadQuery> {
    let mut filters: Vec<_> = id.map(AccountId).map(AccountFilter::Id).into_iter().collect();
    for (name, order) in M::ORDERS {
        filters.extend(match *order {
            AccountOrder::Id => None,
            AccountOrder::NewUser => listing::truth(call, name)?.map(AccountFilter::NewUser),
            AccountOrder::Text(field) => {
                listing::text(call, name)?.map(|text| AccountFilter::Text(field, text))
            }
        });
    }
    let permission = M::PERMISSION.map(|name| listing::text(call, name)).transpose()?.flatten();
    filters.extend(permission.map(|name| AccountFilter::Permission(Permission::named(name))));
    Ok(Directory { filters, slice: listing::slice(call, M::ORDERS)?, counted: M::COUNTED })
}
