//! A client with a cookie jar, in one version of the Traffic Ops API.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::contract::wire::{Answer, send};

/// The versions of the Traffic Ops API.
pub const VERSIONS: [&str; 5] = ["3.0", "3.1", "4.0", "4.1", "5.0"];
/// Those in which a role is a number.
pub const UP_TO_3: [&str; 2] = ["3.0", "3.1"];
/// Those in which a role is a name.
pub const SINCE_4: [&str; 3] = ["4.0", "4.1", "5.0"];

/// A client of the server under test. Every reply is held against the documents before the test sees it.
#[derive(Clone)]
pub struct Client {
    server: SocketAddr,
    version: &'static str,
    username: String,
    cookies: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl Client {
    pub fn new(server: SocketAddr, username: Option<String>) -> Self {
        let username = username.unwrap_or_default();
        Self { server, version: "5.0", username, cookies: Vec::new(), headers: Vec::new() }
    }

    /// The same client in another version.
    pub fn in_version(&self, version: &'static str) -> Self {
        Self { version, ..self.clone() }
    }

    /// The same client, sending one more header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same client at another instance.
    pub fn at(&self, server: SocketAddr) -> Self {
        Self { server, ..self.clone() }
    }

    /// The same client without its cookies.
    pub fn without_cookies(&self) -> Self {
        Self { cookies: Vec::new(), ..self.clone() }
    }

    /// The user name of the account it was made for.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The address of that account.
    pub fn email(&self) -> String {
        format!("{}@example.test", self.username)
    }

    /// The value of a cookie in the jar.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Signs in and keeps the cookies.
    pub async fn sign_in(&mut self, password: &str) {
        let body = json!({ "u": self.username, "p": password });
        let answer = self.post("user/login", body).await;
        assert_eq!(answer.status, 200, "{} signs in: {}", self.username, answer.text());
        self.keep(&answer);
    }

    /// Keeps the cookies of an answer, as a browser does.
    pub fn keep(&mut self, answer: &Answer) {
        for name in ["mojolicious", "access_token"] {
            let Some(value) = answer.cookie(name) else { continue };
            match self.cookies.iter_mut().find(|(known, _)| known == name) {
                Some(kept) => kept.1 = value,
                None => self.cookies.push((name.to_owned(), value)),
            }
        }
    }

    /// Changes one field of the account's own profile, as a portal does.
    pub async fn changes_own(&self, field: &str, value: &str) {
        let mut profile = self.get("user/current").await.json()["response"].clone();
        profile[field] = value.into();
        self.put("user/current", profile).await.says("User profile was successfully updated");
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body.to_string())).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, Some(body.to_string())).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    /// A path that begins with a slash is taken as it is, any other below the version.
    pub async fn send(&self, method: &str, path: &str, body: Option<String>) -> Answer {
        let path = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("/api/{}/{path}", self.version),
        };
        let mut headers = self.headers.clone();
        if !self.cookies.is_empty() {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.push(("Cookie".to_owned(), pairs.join("; ")));
        }
        send(self.server, method, &path, &headers, body.as_deref()).await
    }
}

impl Answer {
    /// Fails the test unless it is a success with this sentence.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert_eq!((self.status, self.text().as_str()), (200, text));
        self
    }

    /// Fails the test unless it is a success.
    #[track_caller]
    pub fn succeeds(&self) -> &Self {
        assert_eq!(self.status, 200, "{}", self.text());
        self
    }

    /// This member of each element of a list.
    #[track_caller]
    pub fn listed(&self, member: &str) -> Vec<String> {
        let list = self.succeeds().json()["response"].as_array().cloned().expect("a list");
        list.iter().map(|element| element[member].as_str().unwrap().to_owned()).collect()
    }

    /// Fails the test unless it is refused with this status; the sentence.
    #[track_caller]
    pub fn refused_with(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.json()["alerts"][0]["level"], "error");
        self.text()
    }

    /// Fails the test unless it is refused with this status and sentence.
    #[track_caller]
    pub fn refuses(&self, status: u16, text: &str) -> &Self {
        assert_eq!((self.status, self.text().as_str()), (status, text));
        assert_eq!(self.json()["alerts"][0]["level"], "error");
        self
    }
}
