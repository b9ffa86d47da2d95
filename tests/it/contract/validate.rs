//! Judges one reply against the documents: status, headers, digest, body.

use std::{
    collections::HashMap,
    io::Read,
    sync::{Arc, LazyLock, Mutex},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderMap;
use jsonschema::Validator;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use super::document::{Document, Operation, Place, documents, documents_of, entries, place};

/// A reply as it came over the wire.
struct Seen<'a> {
    method: &'a str,
    status: u16,
    headers: &'a HeaderMap,
    /// Decompressed.
    body: Vec<u8>,
    /// How long it was before.
    sent: usize,
}

/// Fails the test when a reply breaks the document of its operation.
///
/// `path` is the target of the request, with or without a query; `body` is what came, still compressed where
/// `Content-Encoding` says so. A path that no document has is judged when it lies under `/api/`: the envelope and
/// the headers that every answer carries.
///
/// # Panics
/// With everything that is wrong with the reply.
pub fn check_reply(method: &str, path: &str, status: u16, headers: &HeaderMap, body: &[u8]) {
    if let Some(complaint) = complaint(method, path, status, headers, body) {
        panic!("{complaint}\n{headers:#?}\n{}", String::from_utf8_lossy(body));
    }
}

/// What is wrong with a reply, if anything is.
pub(super) fn complaint(
    method: &str,
    path: &str,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<String> {
    let breaches = match unpacked(headers, body) {
        Ok(plain) => breaches(path, &Seen { method, status, headers, body: plain, sent: body.len() }),
        Err(error) => vec![format!("the body can't be decompressed: {error}")],
    };
    let list = breaches.join("\n  - ");
    (!list.is_empty())
        .then(|| format!("{method} {path} answered {status}, which breaks its document:\n  - {list}"))
}

fn breaches(path: &str, seen: &Seen<'_>) -> Vec<String> {
    match place(documents(), seen.method, path) {
        // A slash too many is forgiven on some paths only; refusing it is an answer of its own.
        Place::Of(_) if seen.status == 404 && path.split('?').next().is_some_and(|p| p.ends_with('/')) => {
            if path.starts_with("/api/") {
                outside(seen)
            } else {
                Vec::new()
            }
        }
        Place::Of(operation) => documented(operation, seen),
        Place::OtherMethod(there) if seen.method == "OPTIONS" && seen.status < 300 => {
            preflight(there[0], seen)
        }
        Place::OtherMethod(there) => documented(there[0], seen),
        Place::Nowhere if path.starts_with("/api/") => outside(seen),
        Place::Nowhere => Vec::new(),
    }
}

fn documented(operation: Operation, seen: &Seen<'_>) -> Vec<String> {
    match operation.response(seen.status) {
        Some(response) => against(operation.document, response, seen),
        None => vec![format!("{} documents no status {}", operation.id, seen.status)],
    }
}

/// What every refusal of the server must be, whatever was asked for.
fn outside(seen: &Seen<'_>) -> Vec<String> {
    // Any refusal of any document will do: the shape and the headers are the same everywhere.
    let document = documents_of("traffic_ops").next().expect("the documents of Traffic Ops");
    let mut found = against(document, &document.root["components"]["responses"]["NotSignedIn"], seen);
    if seen.status < 400 {
        found.push("nothing is documented here, so nothing but a refusal can be right".to_owned());
    }
    found
}

/// What browsers need, where the contract is meant for them.
fn preflight(operation: Operation, seen: &Seen<'_>) -> Vec<String> {
    let said = |name: &&str| !seen.headers.contains_key(*name);
    let wanted: &[&str] = match operation.document.name.as_str() {
        "teen_quotes" | "timeslot" => &["Allow"],
        _ => &["Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"],
    };
    wanted.iter().filter(|name| said(name)).map(|name| format!("the pre-flight lacks {name}")).collect()
}

fn against(document: &'static Document, response: &'static Value, seen: &Seen<'_>) -> Vec<String> {
    let mut found: Vec<String> =
        entries(&response["headers"]).filter_map(|(name, node)| header(document, name, node, seen)).collect();
    if seen.method != "HEAD" {
        found.extend(length(seen));
        found.extend(digest(seen));
        found.extend(body(document, response, seen));
    }
    found
}

fn header(document: &'static Document, name: &str, node: &'static Value, seen: &Seen<'_>) -> Option<String> {
    let rule = document.resolve(node);
    let mut values = seen.headers.get_all(name).iter().peekable();
    if values.peek().is_none() {
        return (rule["required"] == true).then(|| format!("the header {name} is missing"));
    }
    let validator = compiled(document, &rule["schema"]);
    let wrong = values.find_map(|value| {
        let text = Value::from(String::from_utf8_lossy(value.as_bytes()));
        validator.validate(&text).err().map(|error| error.to_string())
    })?;
    Some(format!("the header {name}: {wrong}"))
}

fn length(seen: &Seen<'_>) -> Option<String> {
    let said = seen.headers.get("Content-Length")?;
    let right = seen.sent.to_string();
    (said.as_bytes() != right.as_bytes())
        .then(|| format!("Content-Length is {said:?}, but {right} bytes came"))
}

fn digest(seen: &Seen<'_>) -> Option<String> {
    let right = STANDARD.encode(Sha512::digest(&seen.body));
    let said = seen.headers.get("Whole-Content-Sha512")?;
    (said.as_bytes() != right.as_bytes())
        .then(|| format!("Whole-Content-Sha512 is {said:?}, but the body has {right}"))
}

fn body(document: &'static Document, response: &'static Value, seen: &Seen<'_>) -> Vec<String> {
    if response.get("content").is_none() {
        let empty = seen.body.is_empty() && !seen.headers.contains_key("Content-Type");
        return (!empty).then(|| "no content is documented, but some came".to_owned()).into_iter().collect();
    }
    let media = entries(&response["content"]);
    let kind = seen.headers.get("Content-Type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((_, media)) = media.into_iter().find(|(name, _)| *name == kind) else {
        return vec![format!("the content type is {kind:?}")];
    };
    let schema = document.resolve(&media["schema"]);
    if schema["x-verbatim"] == true {
        let text = Value::from(String::from_utf8_lossy(&seen.body));
        let wrong =
            compiled(document, schema).validate(&text).err().map(|error| format!("the body: {error}"));
        return wrong.into_iter().collect();
    }
    let value: Value = match serde_json::from_slice(&seen.body) {
        Ok(value) => value,
        Err(error) => return vec![format!("the body is no JSON: {error}")],
    };
    let mut found: Vec<String> = compiled(document, &media["schema"])
        .iter_errors(&value)
        .map(|error| format!("the body at {:?}: {error}", error.instance_path().to_string()))
        .collect();
    found.extend(out_of_order(document, &media["schema"], &value));
    found.extend(
        (!is_compact(document, &seen.body))
            .then(|| "the body is not compact JSON as it should end".to_owned()),
    );
    found
}

/// Clients compare bodies as text (and hash them), so the order of keys is part of the promise.
fn out_of_order(document: &'static Document, schema: &'static Value, value: &Value) -> Option<String> {
    let schema = document.resolve(schema);
    if let (Some(items), Some(schema)) = (value.as_array(), schema.get("items")) {
        return items.iter().find_map(|item| out_of_order(document, schema, item));
    }
    let mut wanted = entries(schema.get("properties")?);
    for (key, member) in value.as_object()? {
        match wanted.find(|(name, _)| name == key) {
            Some((_, schema)) => {
                if let Some(found) = out_of_order(document, schema, member) {
                    return Some(found);
                }
            }
            None => return Some(format!("the key {key:?} is not at its place")),
        }
    }
    None
}

fn is_compact(document: &Document, body: &[u8]) -> bool {
    let json = match (document.ends_with_line_feed(), body.split_last()) {
        (true, Some((b'\n', json))) => json,
        (true, _) => return false,
        (false, _) => body,
    };
    let (mut in_text, mut escaped) = (false, false);
    json.iter().all(|byte| {
        match (in_text, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (_, _, b'"') => in_text = !in_text,
            _ => {}
        }
        in_text || !byte.is_ascii_whitespace()
    })
}

/// The body without compression.
pub(super) fn unpacked(headers: &HeaderMap, body: &[u8]) -> std::io::Result<Vec<u8>> {
    if headers.get("Content-Encoding").is_none_or(|coding| coding != "gzip") || body.is_empty() {
        return Ok(body.to_vec());
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(body).read_to_end(&mut plain)?;
    Ok(plain)
}

/// Compiles a schema of a document, once.
///
/// The documents live as long as the program, so the address of a schema is its name.
pub(super) fn compiled(document: &'static Document, schema: &'static Value) -> Arc<Validator> {
    static CACHE: LazyLock<Mutex<HashMap<usize, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let address = std::ptr::from_ref(schema) as usize;
    let mut cache = CACHE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let entry = cache.entry(address).or_insert_with(|| {
        let whole =
            json!({ "components": { "schemas": document.root["components"]["schemas"] }, "allOf": [schema] });
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&whole);
        Arc::new(
            validator.unwrap_or_else(|error| panic!("{}: a schema that is none: {error}", document.name)),
        )
    });
    Arc::clone(entry)
}
