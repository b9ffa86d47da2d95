//! A request to a documented operation: sound, until something is done to it.

use std::net::SocketAddr;

use serde_json::Value;

use super::{
    document::{Operation, Parameter},
    wire::{Answer, send, send_unframed},
};

/// What a visitor asks of an operation.
#[derive(Clone)]
pub struct Request {
    server: SocketAddr,
    operation: Operation,
    method: &'static str,
    /// Below the server's address, without the query.
    pub place: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Body,
}

#[derive(Clone)]
enum Body {
    Sound(String),
    /// Sent as it is, whatever the head has led to expect.
    Unframed(&'static str),
}

impl Request {
    /// With these values of its parameters, and with the first example of its body.
    pub fn to(server: SocketAddr, operation: Operation, value: impl Fn(Parameter) -> Option<String>) -> Self {
        let (mut place, mut query, mut headers) = (operation.path.to_owned(), Vec::new(), Vec::new());
        for parameter in operation.parameters() {
            let Some(value) = value(parameter) else { continue };
            match parameter.place() {
                "path" => place = place.replace(&format!("{{{}}}", parameter.name()), &value),
                "query" => query.push(format!("{}={value}", parameter.name())),
                _ => headers.push((parameter.name().to_owned(), value)),
            }
        }
        let mark = if query.is_empty() { "" } else { "?" };
        let query = format!("{mark}{}", query.join("&"));
        let body = operation.request_examples().next().map(|(_, example)| example.to_string());
        let body = Body::Sound(body.unwrap_or_default());
        Self { server, operation, method: operation.method, place, query, headers, body }
    }

    /// With a header, instead of another of its name.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without a header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// With another body.
    pub fn saying(self, body: impl ToString) -> Self {
        Self { body: Body::Sound(body.to_string()), ..self }
    }

    /// With a body that is not what the header promises.
    fn breaking(self, header: &str, value: &str, body: &'static str) -> Self {
        Self { body: Body::Unframed(body), ..self.with(header, value) }
    }

    /// So that it is answered as the example of this name: with the example's own body, with what goes wrong in all
    /// contracts alike, or sound as it is.
    pub fn made_for(self, name: &str) -> Self {
        if let Some((_, body)) = self.operation.request_examples().find(|(example, _)| *example == name) {
            return self.saying(body);
        }
        match name {
            "notJson" => self.saying("{"),
            "tooLarge" => self.saying("x".repeat(65_537)),
            "packed" => self.with("Content-Encoding", "gzip").saying("packed"),
            "brokenOff" => self.breaking("Transfer-Encoding", "chunked", "no chunk\r\n"),
            "slow" => self.breaking("Content-Length", "10", "nine byte"),
            "otherMethod" => Self { method: "PATCH", ..self.saying("") },
            "noToken" => self.without("Authorization"),
            "crossSite" => self.carrying_a_cookie().with("Sec-Fetch-Site", "cross-site").saying(""),
            _ => self,
        }
    }

    fn carrying_a_cookie(self) -> Self {
        match self.headers.iter().any(|(name, _)| name == "Cookie") {
            true => self,
            false => self.with("Cookie", "a=b"),
        }
    }

    /// With its body changed, where it is an example's.
    pub fn filled_in(mut self, change: impl FnOnce(&mut Value)) -> Self {
        if let Body::Sound(body) = &mut self.body
            && let Ok(mut form) = serde_json::from_str(body)
        {
            change(&mut form);
            *body = form.to_string();
        }
        self
    }

    /// Sends it, in the newest version that has the operation.
    pub async fn send(self) -> Answer {
        let Self { server, operation, method, place, query, headers, body } = self;
        let target = format!("{}{place}{query}", operation.servers().last().expect("a server"));
        match body {
            Body::Sound(body) => {
                let body = Some(body.as_str()).filter(|body| !body.is_empty());
                send(server, method, &target, &headers, body).await
            }
            Body::Unframed(rest) => send_unframed(server, method, &target, &headers, rest).await,
        }
    }
}
