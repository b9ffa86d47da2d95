//! Tenants: the tree that bounds whom an account may act on.

pub(in crate::pages) mod edit;

use minijinja::{Value, context};

use super::{Part, actor, contains, search};
use crate::{
    api::{call::Call, permissions::CREATE_TENANTS, problem::Problem, reply::Reply},
    domain::{Slice, TenantId, TenantNode},
    pages::show::{may, page},
    service::{TenantFilter, TenantOrder},
};

/// A page of the caller's own and all below it; as a tree, unless something is searched for.
pub(in crate::pages) async fn list(call: Call) -> Result<Reply, Problem> {
    let (part, search) = (Part::of(&call), search(&call));
    let slice = Slice::all_by(TenantOrder::Name);
    let found = call.site.services.tenants.list(actor(&call)?, &TenantFilter::default(), &slice).await?;
    let lines = match search.as_str() {
        "" => as_tree(found),
        search => {
            let matching = found.into_iter().filter(|node| contains(&node.tenant.name, search));
            matching.map(|node| (0, node)).collect()
        }
    };
    let (shown, more) = part.cut(lines);
    let tenants: Vec<_> = shown.iter().map(|(depth, node)| line(*depth, node)).collect();
    let caller = call.caller()?;
    let own = context! {
        tenants, search, part => part.shown(more), may_create => may(caller, &CREATE_TENANTS),
    };
    page(&call, "tenants.html", own)
}

fn line(depth: usize, node: &TenantNode) -> Value {
    context! {
        id => node.tenant.id.0,
        name => &node.tenant.name,
        parent => node.parent.as_ref().map(|parent| &parent.name),
        active => node.active,
        depth => depth.min(6),
    }
}

/// Each below the one it hangs under, with how far below the top; the order among siblings stays.
fn as_tree(nodes: Vec<TenantNode>) -> Vec<(usize, TenantNode)> {
    let ids: std::collections::HashSet<_> = nodes.iter().map(|node| node.tenant.id.0).collect();
    let mut below: std::collections::HashMap<Option<i64>, Vec<TenantNode>> = std::collections::HashMap::new();
    for node in nodes {
        // Whatever hangs under a tenant that is out of sight is a top.
        let parent = node.parent.as_ref().map(|parent| parent.id.0).filter(|id| ids.contains(id));
        below.entry(parent).or_default().push(node);
    }
    let mut tree = Vec::new();
    let mut next: Vec<_> = tops(&mut below, None, 0);
    while let Some((depth, node)) = next.pop() {
        let TenantId(id) = node.tenant.id;
        tree.push((depth, node));
        next.extend(tops(&mut below, Some(id), depth + 1));
    }
    tree
}

/// What hangs under one of them, the first last.
fn tops(
    below: &mut std::collections::HashMap<Option<i64>, Vec<TenantNode>>,
    parent: Option<i64>,
    depth: usize,
) -> Vec<(usize, TenantNode)> {
    below.remove(&parent).unwrap_or_default().into_iter().rev().map(|node| (depth, node)).collect()
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::domain::Tenant;

    #[test]
    fn a_forest_is_told_from_the_top_downwards() {
        let tenant = |id: i64, name: &str| Tenant { id: TenantId(id), name: name.to_owned() };
        let node = |id: i64, name: &str, parent: Option<(i64, &str)>| TenantNode {
            tenant: tenant(id, name),
            active: true,
            parent: parent.map(|(id, name)| tenant(id, name)),
            last_updated: OffsetDateTime::UNIX_EPOCH,
        };
        let nodes = vec![
            node(4, "a", Some((2, "m"))),
            node(3, "b", Some((1, "out of sight"))),
            node(5, "c", Some((4, "a"))),
            node(2, "m", None),
            node(6, "z", Some((2, "m"))),
        ];
        let told: Vec<_> =
            as_tree(nodes).into_iter().map(|(depth, node)| (depth, node.tenant.name)).collect();
        let told: Vec<_> = told.iter().map(|(depth, name)| (*depth, name.as_str())).collect();
        assert_eq!(told, [(0, "b"), (0, "m"), (1, "a"), (2, "c"), (1, "z")]);
    }
}
