//! What strangers can send, handed to each parser as it came: called by the fuzz targets, and by ordinary tests that
//! replay the kept corpus.
//!
//! Not part of any build that serves. Each function takes any bytes, must not panic, and asserts what must hold of
//! whatever the parser accepts.

#![expect(clippy::missing_panics_doc, reason = "a panic is how a target tells of a fault")]

use http::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use crate::{
    api::{
        buddha_jones::{self, AllowedUrls},
        fields::{Fields, Given},
        form::Form,
        json, limits,
        secrets::Secrets,
        teen_quotes, timeslot, traffic_ops,
    },
    domain::{
        AuthToken, BearerToken, ClientId, EmailAddress, GeneratedPassword, Label, Password, PasswordAttempt,
        PasswordContext, ResetKey, SessionToken, Username,
    },
    pages as people, ports, server,
};

/// Takes any bytes.
pub type Target = fn(&[u8]);

/// Every target by the name of its folder under `fuzz/corpus`.
pub const TARGETS: [(&str, Target); 14] = [
    ("access_token", access_token),
    ("cookie", cookie),
    ("email", email),
    ("form", form),
    ("headers", headers),
    ("json", json_body),
    ("json_writing", json_writing),
    ("multipart", multipart),
    ("names", names),
    ("pages", pages),
    ("password", password),
    ("query", query),
    ("stored_hash", stored_hash),
    ("url_rule", url_rule),
];

/// The key that signs the cookies of the corpus.
const KEY: &[u8] = b"a secret for tests only";

fn secrets(key: &[u8]) -> Secrets {
    Secrets::new(vec![Zeroizing::new(key.to_vec())]).expect("a key")
}

/// The session cookie.
pub fn cookie(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    traffic_ops::fuzz::cookie(&secrets(KEY), &secrets(b"another secret of the tests"), &text);
}

/// The access token around it.
pub fn access_token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    traffic_ops::fuzz::access_token(&secrets(KEY), &secrets(b"another secret of the tests"), &text);
}

/// E-mail addresses of accounts and of questions.
pub fn email(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for read in [EmailAddress::parse(&text), EmailAddress::parse_mailbox(&text)].into_iter().flatten() {
        let address = read.as_str();
        assert!(address.len() <= 254 && address.contains('@') && !address.chars().any(char::is_control));
    }
    if let Ok(read) = EmailAddress::parse(&text) {
        assert_eq!(EmailAddress::parse(read.as_str()).as_ref(), Ok(&read), "an address is an address again");
    }
}

/// HTML forms, and JSON in their place.
pub fn form(bytes: &[u8]) {
    for kind in ["application/x-www-form-urlencoded", "application/json"] {
        let headers = [(http::header::CONTENT_TYPE, HeaderValue::from_static(kind))].into_iter().collect();
        if let Ok(form) = Form::read(&headers, bytes) {
            let _fields = ["email", "password", "token", ""].map(|name| form.get(name));
        }
    }
}

/// A head: one header a line.
pub fn headers(bytes: &[u8]) {
    let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| {
        let at = line.iter().position(|byte| *byte == b':')?;
        let value = line.get(at + 1..)?.trim_ascii();
        Some((HeaderName::from_bytes(&line[..at]).ok()?, HeaderValue::from_bytes(value).ok()?))
    });
    let mut headers = HeaderMap::new();
    for (name, value) in lines.take(limits::MOST_HEADERS) {
        headers.append(name, value);
    }
    traffic_ops::fuzz::headers(&headers);
    timeslot::fuzz::headers(&headers);
    teen_quotes::fuzz::headers(&headers);
    buddha_jones::fuzz::headers(&headers);
    people::fuzz::headers(&headers);
    server::fuzz::headers(&headers);
}

/// A JSON body, with every kind of field that is read from one.
pub fn json_body(bytes: &[u8]) {
    let too_deep = limits::is_too_deep(bytes);
    let Ok(fields) = Fields::read(bytes) else { return };
    assert!(!too_deep);
    for field in
        ["u", "p", "t", "email", "fullName", "role", "permissions", "id", "active", "lastUpdated", "user"]
    {
        let _kinds = (fields.text(field), fields.integer(field), fields.truth(field), fields.time(field));
        let _more = (fields.texts(field), fields.object(field).is_ok());
        if let Ok(Given::Value(text)) = fields.stored_text(field) {
            assert!(limits::is_short_line(&text));
        }
        if let Ok(Given::Value(text)) = fields.stored_lines(field) {
            assert!(limits::are_lines(&text));
        }
    }
    traffic_ops::fuzz::account(&fields);
}

/// Any text in an answer: JSON that reads back as the same, without a character that markup is made of.
pub fn json_writing(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let written = json::write(&text).expect("a text can be written");
    assert!(!written.iter().any(|byte| b"<>&\r\n".contains(byte) || *byte < b' '));
    assert_eq!(serde_json::from_slice::<String>(&written).ok().as_deref(), Some(&*text));
}

/// A `multipart/form-data` body: the boundary is the first line.
pub fn multipart(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (boundary, body) = (String::from_utf8_lossy(&bytes[..end]), bytes.get(end + 1..).unwrap_or_default());
    buddha_jones::fuzz::multipart(boundary.trim_end(), body);
}

/// Names and keys of all kinds: what is accepted is what was sent.
pub fn names(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    if let Ok(name) = Username::parse(text) {
        assert!(name.as_str() == text && text.len() <= 255 && !text.chars().any(char::is_control));
        assert!(name.may_be_taken().is_err() || text.trim() == text);
    }
    if let Ok(label) = Label::parse(text) {
        assert!(label.as_str() == text && limits::is_short_line(text));
    }
    if let Ok(id) = ClientId::parse(text) {
        assert!(id.as_str() == text && text.is_ascii());
    }
    assert!(ResetKey::parse(text).is_none_or(|key| key.reveal() == text));
    assert!(BearerToken::parse(text).is_none_or(|token| token.reveal() == text));
    assert!(GeneratedPassword::parse(text).is_none_or(|password| password.reveal() == text));
    assert!(SessionToken::parse(text).is_none_or(|token| *token.reveal() == text));
    assert!(AuthToken::parse(text).is_none_or(|token| *token.reveal() == text));
}

/// Where pages lead on to, and tokens of forms.
pub fn pages(bytes: &[u8]) {
    people::fuzz::texts(bytes);
}

/// A password as it is set and as it is tried: whatever can be set can be tried.
pub fn password(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let attempt = PasswordAttempt::parse(text);
    let about = PasswordContext {
        username: Some("alice"),
        email: Some("alice@example.test"),
        ..PasswordContext::default()
    };
    if let Ok(password) = Password::parse(text, &about) {
        assert!(password.reveal().len() <= 1024 && password.reveal().chars().count() >= 8);
        assert!(attempt.is_some_and(|attempt| attempt.normalised() == password.reveal()));
    }
}

/// The query of a list.
pub fn query(bytes: &[u8]) {
    traffic_ops::fuzz::query(&String::from_utf8_lossy(bytes));
    let _fields = Form::of_pairs(bytes).map(|form| form.get("token").map(str::len));
}

/// What may stand in the column of stored passwords.
pub fn stored_hash(bytes: &[u8]) {
    ports::hasher::fuzz::stored(&String::from_utf8_lossy(bytes));
}

/// The `url` of a reset that somebody asks for.
pub fn url_rule(bytes: &[u8]) {
    let entries = ["http://buddhajones.com", "https://portal.example.com/app/"].map(str::to_owned);
    let allowed = AllowedUrls::new(&entries, "https://login.example.com", "/password-reset");
    buddha_jones::fuzz::url(&allowed.expect("a list"), &String::from_utf8_lossy(bytes));
}

#[cfg(test)]
mod tests;
