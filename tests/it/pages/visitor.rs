//! Somebody at a browser: cookies, forms as they stand on the page, redirects that are followed.

use std::net::SocketAddr;

use crate::{
    contract::wire::{Answer, send},
    support::{PASSWORD, TestApp},
};

/// A browser without scripts.
#[derive(Clone)]
pub struct Visitor {
    server: SocketAddr,
    /// Name, value, and the path below which it is sent.
    cookies: Vec<(String, String, String)>,
    headers: Vec<(String, String)>,
}

/// A page, and where it is.
pub struct Page {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub text: String,
    /// Path and query, after all redirects.
    pub place: String,
}

impl Visitor {
    pub fn at(app: &TestApp) -> Self {
        Self { server: app.address(), cookies: Vec::new(), headers: Vec::new() }
    }

    /// Somebody who signed in by the page.
    pub async fn signed_in(app: &TestApp, username: &str) -> Self {
        let mut visitor = Self::at(app);
        let page = visitor.sign_in(username, PASSWORD).await;
        assert_eq!((page.status, page.place.as_str()), (200, "/account"), "{}", page.words());
        visitor
    }

    /// The same browser, calling itself so.
    pub fn called(mut self, user_agent: &str) -> Self {
        self.headers.push(("User-Agent".to_owned(), user_agent.to_owned()));
        self
    }

    /// The same browser, sending one more header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut visitor = self.clone();
        visitor.headers.push((name.to_owned(), value.to_owned()));
        visitor
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, ..)| known == name).map(|(_, value, _)| value.as_str())
    }

    /// Sets a cookie.
    pub fn keep(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(known, ..)| known != name);
        self.cookies.push((name.to_owned(), value.to_owned(), "/".to_owned()));
    }

    pub async fn sign_in(&mut self, username: &str, password: &str) -> Page {
        let form = self.get("/sign-in").await;
        self.send_form(&form, "/sign-in", &[("username", username), ("password", password)]).await
    }

    /// Opens a page, and follows where it leads.
    pub async fn get(&mut self, place: &str) -> Page {
        let answer = self.once("GET", place, None).await;
        self.follow(answer, place).await
    }

    /// Sends the form with this action as it stands on the page, with what was typed over it.
    pub async fn send_form(&mut self, page: &Page, action: &str, typed: &[(&str, &str)]) -> Page {
        let hidden = page.hidden(action);
        let kept = hidden.iter().filter(|(name, _)| typed.iter().all(|(other, _)| other != name));
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs: Vec<_> = kept.chain(typed.iter().copied()).collect();
        self.post(action, &pairs).await
    }

    /// Sends pairs, and follows where that leads.
    pub async fn post(&mut self, action: &str, pairs: &[(&str, &str)]) -> Page {
        let answer = self.post_once(action, pairs).await;
        self.follow(answer, action).await
    }

    /// Sends pairs, and stays.
    pub async fn post_once(&mut self, action: &str, pairs: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.once("POST", action, Some(body)).await
    }

    /// One request, with the cookies that go there; those of the answer are kept.
    pub async fn once(&mut self, method: &str, place: &str, body: Option<String>) -> Answer {
        let mut headers = self.headers.clone();
        let path = place.split('?').next().unwrap();
        let fits =
            |below: &str| path == below || path.starts_with(&format!("{}/", below.trim_end_matches('/')));
        let cookies = self.cookies.iter().filter(|(_, _, below)| fits(below));
        let cookies: Vec<String> = cookies.map(|(name, value, _)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            headers.push(("Cookie".to_owned(), cookies.join("; ")));
        }
        if body.is_some() {
            headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        }
        let answer = send(self.server, method, place, &headers, body.as_deref()).await;
        self.take_cookies(&answer);
        answer
    }

    fn take_cookies(&mut self, answer: &Answer) {
        for line in answer.headers.get_all("set-cookie") {
            let mut parts = line.to_str().unwrap().split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let parts: Vec<_> = parts.collect();
            let path = parts.iter().find_map(|part| part.strip_prefix("Path=")).unwrap_or("/");
            self.cookies.retain(|(known, ..)| known != name);
            if !parts.contains(&"Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned(), path.to_owned()));
            }
        }
    }

    async fn follow(&mut self, mut answer: Answer, place: &str) -> Page {
        let mut place = place.to_owned();
        for _ in 0..5 {
            let Some(next) = answer.headers.get("location") else { break };
            place = next.to_str().unwrap().to_owned();
            answer = self.once("GET", &place, None).await;
        }
        let text = String::from_utf8(answer.body).unwrap();
        Page { status: answer.status, headers: answer.headers, text, place }
    }
}

impl Page {
    /// The hidden fields of the first form with this action.
    #[track_caller]
    pub fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let start = format!("action=\"{action}\"");
        let Some((_, form)) = self.text.split_once(&start) else {
            panic!("no form for {action} on {}: {}", self.place, self.words())
        };
        let form = form.split("</form>").next().unwrap();
        let fields = form.split("<input type=\"hidden\" ").skip(1).map(|field| {
            let value = |name: &str| {
                let (_, rest) = field.split_once(&format!("{name}=\"")).unwrap();
                plain(rest.split('"').next().unwrap())
            };
            (value("name"), value("value"))
        });
        fields.collect()
    }

    /// The value of a hidden field in the first form with this action.
    #[track_caller]
    pub fn field(&self, action: &str, name: &str) -> String {
        let hidden = self.hidden(action);
        hidden.into_iter().find(|(known, _)| known == name).expect("the field").1
    }

    /// What a person reads.
    pub fn words(&self) -> String {
        let body = self.text.split("<main").nth(1).unwrap_or(&self.text);
        let mut words = String::new();
        for part in body.replace("<wbr>", "").split('<') {
            words.push_str(part.split_once('>').map_or("", |(_, text)| text));
            words.push(' ');
        }
        plain(&words.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Fails the test unless a person reads this.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.words().contains(words), "{:?} is missing on {}: {}", words, self.place, self.words());
        self
    }

    /// Fails the test unless this is the page, in order.
    #[track_caller]
    pub fn is_at(&self, place: &str) -> &Self {
        assert_eq!((self.status, self.place.as_str()), (200, place), "{}", self.words());
        self
    }

    /// Fails the test unless the form came back as refused for a while, with how long to wait; the seconds.
    #[track_caller]
    pub fn is_held(&self) -> u64 {
        assert_eq!(self.status, 429, "{}", self.words());
        assert!(
            self.text.contains("<title>Error: ") && self.text.contains("role=\"alert\""),
            "{}",
            self.text
        );
        assert!(!self.text.contains("aria-invalid"), "no field is to blame: {}", self.text);
        let seconds: u64 = self.headers["retry-after"].to_str().unwrap().parse().unwrap();
        let wait = match seconds {
            1 => "1 second".to_owned(),
            2..90 => format!("{seconds} seconds"),
            _ => format!("{} minutes", seconds.div_ceil(60)),
        };
        self.says(&format!("Too many tries There were too many tries in a short time. Try again in {wait}."));
        seconds
    }

    /// Fails the test unless sign-in was refused, once on the page and without a word about which field is wrong.
    #[track_caller]
    pub fn is_refused(&self) -> &Self {
        assert_eq!(self.status, 401, "{}", self.words());
        assert!(
            self.text.contains("<title>Error: ") && self.text.contains("role=\"alert\""),
            "{}",
            self.text
        );
        assert!(!self.text.contains("aria-invalid"), "no field is to blame: {}", self.text);
        assert_eq!(self.words().matches("don't go together, or the account may not sign in").count(), 1);
        self
    }

    /// Fails the test unless the form came back with this fault beside this field, and in the summary.
    #[track_caller]
    pub fn faults(&self, field: &str, words: &str) -> &Self {
        assert!(matches!(self.status, 400 | 401), "{}: {}", self.status, self.words());
        assert!(self.text.contains("<title>Error: "), "{}", self.text);
        let summary = format!("<a href=\"#{field}\">");
        let beside = format!("id=\"{field}-fault\">");
        for place in [&summary, &beside] {
            let told = self.text.split(place.as_str()).nth(1).and_then(|rest| rest.split('<').next());
            assert!(
                told.is_some_and(|told| plain(told).contains(words)),
                "{place} {words:?}: {}",
                self.words()
            );
        }
        self
    }
}

/// HTML as it is read.
fn plain(text: &str) -> String {
    let marks = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    marks.iter().fold(text.to_owned(), |text, (mark, read)| text.replace(mark, read))
}
