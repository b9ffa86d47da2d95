//! A server with the people of the recorded exchanges, and what they hold: sessions, keys from letters.

use std::collections::HashMap;

use serde_json::json;

use super::rows::Row;
use crate::{
    contract::wire::{Answer, send},
    support::{TestApp, unthrottled},
};

/// The recorded server's secret; forged and expired cookies are signed with it.
const SECRET: &str = "mONKEYDOmONKEYSEE.";

const PEOPLE: &str = include_str!("../exchanges/people.sql");

/// What a key that nobody was sent looks like.
const NO_KEY: &str = "NobodyWasEverSentThisVeryKey00";

/// Rows that begin where the row before them ended. All others begin with everything put back.
const GOES_ON: [&str; 13] = [
    "login-token-ok-second-time",
    "logout-old-cookie-still-works",
    "logout-old-access-token-still-works",
    "reset-password-known-then-token-login",
    "reset-password-known-then-token-login-again",
    "reset-password-known-then-old-password-login",
    "reset-password-known-again",
    "reset-password-known-again-then-first-token",
    "reset-password-flow-put-user-current",
    "reset-password-flow-token-after-put",
    "reset-password-flow-login-new-password",
    "users-register-again",
    "users-register-then-get",
];

/// Rows that were recorded after others had been sent once more, without being recorded.
const AFTER: [(&str, &[&str]); 5] = [
    ("user-current-put-then-old-cookie", &["user-current-put-password-ok"]),
    ("user-current-put-then-login-old-password", &["user-current-put-password-ok"]),
    ("user-current-put-then-login-new-password", &["user-current-put-password-ok"]),
    ("user-current-put-then-renamed-old-cookie", &["user-current-put-new-username"]),
    (
        "reset-password-new-user-old-registration-token",
        &["reset-password-new-user-registration", "reset-password-new-user-registration"],
    ),
];

/// The server, and what its people were given since they were last put back.
pub struct Stage {
    app: TestApp,
    version: &'static str,
    signed_in: HashMap<String, Answer>,
    keys: HashMap<String, Vec<String>>,
    touched: bool,
    norole_is_there: bool,
}

impl Stage {
    /// Starts a server that speaks, among others, this version.
    pub async fn open(version: &'static str) -> Self {
        let app = TestApp::with(|config| {
            // The original has no throttle, and its exchanges fail in rows.
            unthrottled(config);
            config.session.secrets = vec![SECRET.to_owned().into()];
        })
        .await;
        // To the evening on which the exchanges were recorded, so that what had expired then has expired.
        app.after(6 * 60);
        Self {
            app,
            version,
            signed_in: HashMap::new(),
            keys: HashMap::new(),
            touched: true,
            norole_is_there: false,
        }
    }

    /// Sends the request of a row, after whatever it builds on.
    pub async fn replay(&mut self, row: &Row, all: &[Row]) -> Answer {
        if self.touched && !GOES_ON.contains(&row.case()) {
            self.put_back().await;
        }
        self.let_norole_come_or_go(row.knows_norole()).await;
        for case in AFTER.iter().filter(|(case, _)| *case == row.case()).flat_map(|(_, before)| *before) {
            let before = all.iter().find(|row| row.case() == *case).expect("a recorded row");
            self.send(before).await;
        }
        self.send(row).await
    }

    async fn send(&mut self, row: &Row) -> Answer {
        let mut headers = Vec::new();
        for (name, value) in &row.headers {
            headers.push((name.clone(), self.filled(value).await));
        }
        let body = match &row.body {
            Some(body) => Some(self.filled(body).await),
            None => None,
        };
        self.touched |= row.leaves_traces();
        let answer = send(self.app.address(), &row.method, &row.path, &headers, body.as_deref()).await;
        self.read_letters().await;
        answer
    }

    async fn put_back(&mut self) {
        self.app.sql(PEOPLE).await;
        self.signed_in.clear();
        self.keys.clear();
        (self.touched, self.norole_is_there) = (false, true);
    }

    /// One of the people stands in no list but one.
    async fn let_norole_come_or_go(&mut self, there: bool) {
        if there && !self.norole_is_there {
            self.put_back().await;
        } else if !there && self.norole_is_there {
            self.app.sql("DELETE FROM tm_user WHERE username = 'norole'").await;
            self.norole_is_there = false;
        }
    }

    /// Puts our own values where the recording has names in double braces.
    async fn filled(&mut self, text: &str) -> String {
        let mut done = String::new();
        let mut rest = text;
        while let Some((front, (name, back))) =
            rest.split_once("{{").and_then(|(front, back)| Some((front, back.split_once("}}")?)))
        {
            done.push_str(front);
            done.push_str(&self.meant(name).await);
            rest = back;
        }
        done + rest
    }

    async fn meant(&mut self, name: &str) -> String {
        if name == "three megabytes" {
            return json!({ "u": "x".repeat(3 << 20), "p": "twelve12" }).to_string();
        }
        let (what, whose) = name.split_once(" of ").expect("something of somebody");
        match what {
            "session" => self.cookie(whose, "mojolicious").await,
            "access token" => self.cookie(whose, "access_token").await,
            "key" => self.key(whose, usize::MAX).await,
            "first key" => self.key(whose, 0).await,
            "second key" => self.key(whose, 1).await,
            unknown => panic!("nobody knows what {unknown} is"),
        }
    }

    /// A cookie of somebody who is signed in for as long as nothing is put back.
    async fn cookie(&mut self, whose: &str, name: &str) -> String {
        if !self.signed_in.contains_key(whose) {
            let (path, form) = match whose {
                "newbie" | "nopass" => ("login/token", json!({ "t": self.key(whose, usize::MAX).await })),
                "victim" => ("login", json!({ "u": whose, "p": "victim-pass-77" })),
                _ => ("login", json!({ "u": whose, "p": "twelve12" })),
            };
            // Somebody whose role was taken away later: nobody with that role signs in.
            if whose == "blocked" {
                self.give_blocked("read-only").await;
            }
            let answer = self.post(path, &form.to_string()).await;
            if whose == "blocked" {
                self.give_blocked("disallowed").await;
            }
            assert_eq!(answer.status, 200, "{whose} can't sign in: {}", answer.text());
            self.signed_in.insert(whose.to_owned(), answer);
        }
        self.signed_in[whose].cookie(name).unwrap_or_else(|| panic!("{whose} was given no {name}"))
    }

    async fn give_blocked(&self, role: &str) {
        let named = format!("(SELECT id FROM role WHERE name = '{role}')");
        self.app.sql(&format!("UPDATE tm_user SET role = {named} WHERE username = 'blocked'")).await;
    }

    /// The nth key that somebody was sent, or the newest; asks for one when there is none.
    async fn key(&mut self, whose: &str, nth: usize) -> String {
        let address = format!("{whose}@example.test");
        if !self.keys.contains_key(&address) {
            self.post("reset_password", &json!({ "email": address }).to_string()).await;
            self.read_letters().await;
        }
        let keys = self.keys.get(&address).map_or(&[][..], Vec::as_slice);
        keys.get(nth).or(keys.last()).cloned().unwrap_or_else(|| NO_KEY.to_owned())
    }

    async fn post(&mut self, path: &str, body: &str) -> Answer {
        self.touched = true;
        send(self.app.address(), "POST", &format!("/api/{}/user/{path}", self.version), &[], Some(body)).await
    }

    async fn read_letters(&mut self) {
        for letter in self.app.deliver().await.letters() {
            if letter.text.contains("token=") {
                self.keys.entry(letter.to.clone()).or_default().push(letter.reset_key());
            }
        }
    }
}
