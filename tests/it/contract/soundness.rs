//! The documents are sound in themselves: well formed, complete, and their examples are what their schemas say.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    document::{Document, METHODS, Operation, documents, documents_of, entries, json},
    validate::compiled,
};

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
        for (path, item) in entries(&root["paths"]) {
            assert!(path.starts_with('/'), "{}: {path}", document.name);
            // What else a path item may hold would go unread: each operation says it itself.
            let unread = entries(item).find(|(key, _)| METHODS.iter().all(|(method, _)| method != key));
            assert_eq!(unread, None, "{}: {path} holds what is no operation", document.name);
        }
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
