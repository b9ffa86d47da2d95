//! The judge of replies notices what it is there for.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha512};

use super::{
    document::{Document, documents_of, entries},
    validate::complaint as said,
};

const PONG: &[u8] = b"{\"ping\":\"pong\"}\n";
const REFUSED: &[u8] = b"{\"alerts\":[{\"text\":\"no\",\"level\":\"error\"}]}\n";

/// The headers that every answer carries, as the documents give them in their examples.
fn headers(body: &[u8]) -> HeaderMap {
    let document: &'static Document = documents_of("traffic_ops").next().expect("a document");
    let refusal = &document.root["components"]["responses"]["NotSignedIn"];
    let mut headers: HeaderMap = entries(&refusal["headers"])
        .map(|(name, node)| {
            let example = document.resolve(node)["example"].as_str().expect("an example");
            let name = HeaderName::try_from(name).expect("a name");
            (name, HeaderValue::try_from(example).expect("a value"))
        })
        .collect();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("content-length", HeaderValue::from(body.len()));
    let digest = STANDARD.encode(Sha512::digest(body));
    headers.insert("whole-content-sha512", HeaderValue::try_from(digest).expect("a value"));
    headers
}

#[test]
fn a_reply_as_documented_passes() {
    for path in ["/api/3.0/ping", "/api/3.1/ping?x=y", "/api/4.1/p%69ng", "/api/5.0/ping"] {
        assert_eq!(said("GET", path, 200, &headers(PONG), PONG), None);
    }
    assert_eq!(said("HEAD", "/api/5.0/ping", 200, &headers(PONG), b""), None);
    let mut allow = headers(REFUSED);
    allow.insert("allow", HeaderValue::from_static("GET, HEAD, OPTIONS"));
    assert_eq!(said("DELETE", "/api/5.0/ping", 405, &allow, REFUSED), None);
    assert_eq!(said("GET", "/somewhere/else", 200, &HeaderMap::new(), b"<html>"), None);
}

#[test]
fn what_no_document_has_is_held_to_the_envelope() {
    for (path, status) in [("/api/5.0/nope", 404), ("/api/9.9/ping", 501), ("/api/5.0/ping/", 404)] {
        assert_eq!(said("GET", path, status, &headers(REFUSED), REFUSED), None);
        let bare = said("GET", path, status, &HeaderMap::new(), REFUSED).expect("a complaint");
        assert!(bare.contains("Whole-Content-Sha512 is missing"), "{bare}");
    }
    let found = said("GET", "/api/5.0/nope", 200, &headers(PONG), PONG).expect("a complaint");
    assert!(found.contains("nothing but a refusal"), "{found}");
}

#[test]
fn an_undocumented_status_is_noticed() {
    let found = said("GET", "/api/5.0/ping", 418, &headers(REFUSED), REFUSED).expect("a complaint");
    assert!(found.contains("ping documents no status 418"), "{found}");
}

#[test]
fn wrong_and_missing_headers_are_noticed() {
    for (name, value) in [
        (
            "whole-content-sha512",
            "0HqcLcYHCB4AFYGFzcAsP2h+PCMlYxk/TqMajcy3fWCzY730Tv32k5trUaJLeSBbRx2FUi7z/sTAuzikdg0E4w==",
        ),
        ("content-length", "17"),
        ("x-server-name", "traffic_ops_golang/"),
        ("cache-control", "no-store"),
        ("vary", "Origin"),
        ("content-type", "text/plain"),
    ] {
        let mut headers = headers(PONG);
        headers.insert(name, HeaderValue::from_static(value));
        assert!(said("GET", "/api/5.0/ping", 200, &headers, PONG).is_some(), "{name}: {value}");
        headers.remove(name);
        assert!(said("GET", "/api/5.0/ping", 200, &headers, PONG).is_some(), "no {name}");
    }
    let silent = said("DELETE", "/api/5.0/ping", 405, &headers(REFUSED), REFUSED).expect("a complaint");
    assert!(silent.contains("the header Allow is missing"), "{silent}");
}

#[test]
fn a_body_that_is_not_the_documented_one_is_noticed() {
    for (wrong, complaint) in [
        (&b"{\"ping\": \"pong\"}\n"[..], "compact"),
        (b"{\"ping\":\"pong\"}", "compact"),
        (b"{\"ping\":\"pang\"}\n", "pong"),
        (b"{\"ping\":\"pong\",\"more\":1}\n", "more"),
        (b"pong\n", "no JSON"),
    ] {
        let found = said("GET", "/api/5.0/ping", 200, &headers(wrong), wrong).expect("a complaint");
        assert!(found.contains(complaint), "{found}");
    }
    let turned = b"{\"alerts\":[{\"level\":\"error\",\"text\":\"no\"}]}\n";
    let found = said("GET", "/api/5.0/nope", 404, &headers(turned), turned).expect("a complaint");
    assert!(found.contains("not at its place"), "{found}");
}

#[test]
fn a_compressed_body_is_judged_by_what_is_in_it() {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(PONG).expect("memory");
    let packed = packed.finish().expect("memory");
    let mut headers = headers(PONG);
    headers.insert("content-encoding", HeaderValue::from_static("gzip"));
    headers.insert("content-length", HeaderValue::from(packed.len()));
    assert_eq!(said("GET", "/api/5.0/ping", 200, &headers, &packed), None);
    assert!(said("GET", "/api/5.0/ping", 200, &headers, PONG).is_some());
}
