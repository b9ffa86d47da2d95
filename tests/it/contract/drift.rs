//! The documents and the route table name the same operations, and the documents are sound in themselves.

use std::collections::BTreeSet;

use latchkey::{
    api::{dialect::Dialect, route::Access, table::endpoints},
    http::DIALECTS,
};
use serde_json::Value;

use super::{
    document::{Document, Operation, documents, documents_of, entries, json},
    validate::compiled,
};

/// Full path (the version is in it), method, operation, whether it asks for a session.
type Claim = (String, String, String, bool);

#[test]
fn the_documents_and_the_route_table_name_the_same_operations() {
    for dialect in contracts() {
        let (promised, served) = (promised(dialect), served(dialect));
        let missing: Vec<_> = promised.difference(&served).collect();
        let secret: Vec<_> = served.difference(&promised).collect();
        assert!(missing.is_empty(), "{}: documented, but not served so: {missing:#?}", dialect.name);
        assert!(secret.is_empty(), "{}: served, but not documented so: {secret:#?}", dialect.name);
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
fn every_document_is_well_formed() {
    for document in documents() {
        let root = &document.root;
        let says = |pointer: &str| root.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        assert!(says("/openapi").starts_with("3.1."), "{}: no OpenAPI 3.1", document.name);
        assert!(
            !says("/info/title").is_empty() && !says("/info/version").is_empty(),
            "{}: no info",
            document.name
        );
        assert!(
            document.servers().all(|url| url.is_empty() || url.starts_with('/')),
            "{}: servers",
            document.name
        );
        assert!(document.servers().count() > 0, "{}: no server", document.name);
        assert!(entries(&root["paths"]).all(|(path, _)| path.starts_with('/')), "{}: paths", document.name);
        let ids: Vec<_> = document.operations().map(|operation| operation.id).collect();
        assert!(!ids.is_empty() && ids.iter().all(|id| !id.is_empty()), "{}: operations", document.name);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{}: an id twice", document.name);
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    for document in documents() {
        let mut used = BTreeSet::new();
        references(document, &document.root, &mut used);
        for kind in ["headers", "parameters", "responses", "schemas"] {
            for (name, _) in entries(&document.root["components"][kind]) {
                let reference = format!("#/components/{kind}/{name}");
                assert!(used.contains(reference.as_str()), "{}: nobody uses {reference}", document.name);
            }
        }
    }
}

#[test]
fn every_answer_is_described_and_carries_the_standard_headers() {
    let wanted = documents_of("traffic_ops").next().expect("a document");
    let wanted = entries(&wanted.root["components"]["responses"]["NotSignedIn"]["headers"]);
    let wanted: Vec<_> = wanted.map(|(name, _)| name).collect();
    for operation in documents_of("traffic_ops").flat_map(Document::operations) {
        for status in operation.statuses() {
            let response = operation.response(status).expect("a status it documents");
            let described = response["description"].as_str().is_some_and(|text| !text.is_empty());
            assert!(described, "{} {status}: no description", operation.id);
            let bodiless = response.get("content").is_none();
            let missing = wanted.iter().find(|name| {
                response["headers"].get(**name).is_none() && !(bodiless && **name == "Content-Length")
            });
            assert_eq!(missing, None, "{} {status}", operation.id);
        }
    }
}

#[test]
fn every_example_is_what_its_schema_says() {
    for document in documents() {
        for (name, header) in entries(&document.root["components"]["headers"]) {
            if let Some(example) = header.get("example") {
                holds(document, &header["schema"], example, name);
            }
        }
        for operation in document.operations() {
            for (name, carrier, example) in examples(operation) {
                let schema = &json(document, carrier)["schema"];
                holds(document, schema, example, &format!("{} {name}", operation.id));
            }
            for parameter in operation.parameters() {
                // What leads to a refusal may be no such value at all.
                for (name, example) in parameter.examples().filter(|(name, _)| !name.starts_with("bad")) {
                    let what = format!("{} {} {name}", operation.id, parameter.name());
                    holds(document, parameter.schema(), example, &what);
                }
            }
        }
    }
}

/// Every dialect but the pages and the health checks, which promise nothing to clients.
fn contracts() -> impl Iterator<Item = &'static Dialect> {
    DIALECTS.iter().copied().filter(|dialect| !["pages", "health"].contains(&dialect.name))
}

fn examples(operation: Operation) -> Vec<(&'static str, &'static Value, &'static Value)> {
    let asked = operation.request().into_iter().flat_map(move |carrier| {
        operation.request_examples().map(move |(name, example)| (name, carrier, example))
    });
    let answered = operation.statuses().flat_map(move |status| {
        let carrier = operation.response(status).expect("a status it documents");
        let mut examples = operation.response_examples(status).peekable();
        let bodiless = carrier.get("content").is_none();
        assert!(bodiless || examples.peek().is_some(), "{} {status} has no example", operation.id);
        examples.map(move |(name, example)| (name, carrier, example))
    });
    asked.chain(answered).collect()
}

fn holds(document: &'static Document, schema: &'static Value, example: &Value, what: &str) {
    if let Err(error) = compiled(document, schema).validate(example) {
        panic!("{}: the example of {what}: {error}", document.name);
    }
}

fn references<'a>(document: &'a Document, node: &'a Value, used: &mut BTreeSet<&'a str>) {
    match node {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                document.resolve(node);
                used.insert(reference);
            }
            members.values().for_each(|member| references(document, member, used));
        }
        Value::Array(items) => items.iter().for_each(|item| references(document, item, used)),
        _ => {}
    }
}

fn promised(dialect: &Dialect) -> BTreeSet<Claim> {
    documents_of(dialect.name)
        .flat_map(Document::operations)
        .flat_map(|operation| {
            operation.document.servers().map(move |server| {
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
