//! The documents and the route table name the same operations, each in the same versions.

use std::{collections::BTreeSet, slice};

use latchkey::api::{
    dialect::Dialect,
    reply::Reply,
    route::{Access, Route, Verb},
    table::endpoints,
    timeslot,
    version::ApiVersion,
};
use serde_json::json;

use super::{
    contracts,
    document::{Document, Place, documents, documents_of, place},
};

/// Full path (the version is in it), method, operation, whether it asks for a session.
type Claim = (String, String, String, bool);

#[test]
fn the_documents_and_the_route_table_name_the_same_operations() {
    for dialect in contracts() {
        if let Some(drift) = drift(documents_of(dialect.name), dialect) {
            panic!("{}: {drift}", dialect.name);
        }
    }
}

#[test]
fn every_document_belongs_to_a_dialect() {
    let known: BTreeSet<_> =
        contracts().flat_map(|dialect| documents_of(dialect.name)).map(|document| &document.name).collect();
    let all: BTreeSet<_> = documents().iter().map(|document| &document.name).collect();
    assert_eq!(known, all);
}

#[test]
fn an_operation_of_a_later_minor_version_is_documented_with_servers_of_its_own() {
    let late = json!([{ "url": "/1.1" }]);
    let document = document_in_two_versions(late);
    assert_eq!(drift(document.iter(), &IN_TWO_VERSIONS), None);
    let found = |method, target| match place(document, method, target) {
        Place::Of(operation) => Some((operation.id, operation.servers().last())),
        Place::OtherMethod(_) | Place::Nowhere => None,
    };
    assert_eq!(found("GET", "/1.0/thing"), Some(("thing", Some("/1.1"))));
    assert_eq!(found("DELETE", "/1.1/thing"), Some(("removeThing", Some("/1.1"))));
    assert_eq!(found("DELETE", "/1.0/thing"), None);

    for (wrong, complaint) in [
        (json!([{ "url": "/1.0" }, { "url": "/1.1" }]), "documented, but not served so"),
        (json!([]), "served, but not documented so"),
    ] {
        let said = drift(document_in_two_versions(wrong).iter(), &IN_TWO_VERSIONS).unwrap();
        assert!(said.contains(complaint) && said.contains("removeThing"), "{said}");
    }
}

/// A contract whose second operation came with its second version.
static IN_TWO_VERSIONS: Dialect = Dialect {
    mount: |version| format!("/{version}"),
    versions: &[V1_0, V1_1],
    routes: &[
        Route { operation: "thing", verb: Verb::Get, since: &[V1_0], ..ROUTE },
        Route { operation: "removeThing", verb: Verb::Delete, since: &[V1_1], ..ROUTE },
    ],
    ..timeslot::DIALECT
};

const V1_0: ApiVersion = ApiVersion::new(1, 0);
const V1_1: ApiVersion = ApiVersion::new(1, 1);

const ROUTE: Route = Route {
    operation: "",
    verb: Verb::Get,
    path: "thing",
    since: &[],
    access: Access::Public,
    handler: |_| Box::pin(async { Ok(Reply::note("")) }),
};

/// Its document, with what is said of the second operation's servers.
fn document_in_two_versions(servers: serde_json::Value) -> &'static [Document] {
    let root = json!({
        "servers": [{ "url": "/1.0" }, { "url": "/1.1" }],
        "paths": {
            "/thing": {
                "get": { "operationId": "thing" },
                "delete": { "operationId": "removeThing", "servers": servers },
            },
        },
    });
    slice::from_ref(Box::leak(Box::new(Document { name: "in_two_versions".to_owned(), root })))
}

/// What is documented and not served, or served and not documented.
fn drift(documents: impl Iterator<Item = &'static Document>, dialect: &'static Dialect) -> Option<String> {
    let (promised, served) = (promised(documents), served(dialect));
    let missing: Vec<_> = promised.difference(&served).collect();
    let secret: Vec<_> = served.difference(&promised).collect();
    if !missing.is_empty() {
        return Some(format!("documented, but not served so: {missing:#?}"));
    }
    (!secret.is_empty()).then(|| format!("served, but not documented so: {secret:#?}"))
}

fn promised(documents: impl Iterator<Item = &'static Document>) -> BTreeSet<Claim> {
    documents
        .flat_map(Document::operations)
        .flat_map(|operation| {
            operation.servers().map(move |server| {
                let path = format!("{server}{}", operation.path);
                (path, operation.method.to_owned(), operation.id.to_owned(), operation.needs_session())
            })
        })
        .collect()
}

fn served(dialect: &'static Dialect) -> BTreeSet<Claim> {
    endpoints(dialect)
        .map(|endpoint| {
            // The second path, if there is one, is the first with a slash too many.
            let path = endpoint.paths().swap_remove(0);
            let needs_session = match endpoint.route.access {
                Access::Public | Access::Greeted => false,
                Access::Session | Access::Own | Access::Holding(_) | Access::Client(_) => true,
            };
            (path, endpoint.route.verb.to_string(), endpoint.route.operation.to_owned(), needs_session)
        })
        .collect()
}
