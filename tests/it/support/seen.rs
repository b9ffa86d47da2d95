//! Finds the secrets in what passes over the wire, so that the watcher knows them.

use http::HeaderMap;
use serde_json::Value;

use super::watcher::Watcher;

/// Members of bodies and fields of forms whose values nobody else may learn.
const SECRET: [&str; 18] = [
    "p",
    "t",
    "password",
    "password_again",
    "current_password",
    "old_password",
    "localPasswd",
    "confirmLocalPasswd",
    "password_confirmation",
    "token",
    "authToken",
    "auth_token",
    "access_token",
    "refresh_token",
    "client_secret",
    "form_token",
    "key",
    "fixed_password",
];

/// A header of requests whose credentials are guesses: any word, and no secret.
pub const GUESS: &str = "X-Guess";

/// A request's credentials.
pub fn in_request(watcher: &Watcher, headers: &[(String, String)], body: &str) {
    if headers.iter().any(|(name, _)| name == GUESS) {
        return;
    }
    for (name, value) in headers {
        match name.to_ascii_lowercase().as_str() {
            "authorization" => value.split([' ', ',', '=', '"']).for_each(|part| watcher.guard(part)),
            "cookie" => {
                value.split("; ").filter_map(|pair| pair.split_once('=')).for_each(|(_, v)| watcher.guard(v))
            }
            _ => {}
        }
    }
    in_body(watcher, body.as_bytes());
}

/// An answer's cookies and tokens.
pub fn in_answer(watcher: &Watcher, headers: &HeaderMap, body: &[u8]) {
    let lines = headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    for (_, value) in lines.filter_map(|line| line.split(';').next()?.split_once('=')) {
        watcher.guard(value);
    }
    in_body(watcher, body);
}

fn in_body(watcher: &Watcher, body: &[u8]) {
    match serde_json::from_slice(body) {
        Ok(value) => in_json(watcher, &value),
        // A page holds no pairs, and splitting a long one into them takes time.
        Err(_) if body.first() == Some(&b'<') || body.len() > 64 * 1024 => {}
        Err(_) => {
            let pairs = form_urlencoded::parse(body).filter(|(name, _)| SECRET.contains(&name.as_ref()));
            pairs.for_each(|(_, value)| watcher.guard(&value));
        }
    }
}

fn in_json(watcher: &Watcher, value: &Value) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| match value {
            Value::String(text) if SECRET.contains(&name.as_str()) => watcher.guard(text),
            other => in_json(watcher, other),
        }),
        Value::Array(items) => items.iter().take(50).for_each(|item| in_json(watcher, item)),
        _ => {}
    }
}

/// Keys and passwords in a letter's text: nothing else there is that long without a blank.
pub fn in_letter(watcher: &Watcher, text: &str) {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words.filter(|word| [20, 30].contains(&word.len())).for_each(|word| watcher.guard(word));
}
