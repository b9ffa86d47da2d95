//! The relay's side of an SMTP dialogue.

use std::{io, sync::Arc, time::Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};

use super::{Behaviour, Inner, Mode, Received};

/// How a dialogue ended.
#[derive(PartialEq, Eq)]
pub enum End {
    Hangup,
    Starttls,
}

/// One dialogue.
pub struct Talk<S> {
    pub stream: BufReader<S>,
    inner: Arc<Inner>,
    encrypted: bool,
    login: Option<String>,
    hello: String,
    from: String,
    to: Vec<String>,
    taken: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    pub fn new(stream: S, inner: Arc<Inner>, encrypted: bool) -> Self {
        let stream = BufReader::new(stream);
        let (hello, from) = (String::new(), String::new());
        Self { stream, inner, encrypted, login: None, hello, from, to: Vec::new(), taken: 0 }
    }

    pub async fn greet(&mut self) -> io::Result<End> {
        self.say("220 sink.example.test ESMTP").await?;
        self.listen().await
    }

    pub async fn listen(&mut self) -> io::Result<End> {
        loop {
            let line = self.hear().await?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    self.hello = line.split(' ').nth(1).unwrap_or_default().to_owned();
                    self.say(&self.features()).await?
                }
                "STARTTLS" => {
                    self.say("220 go ahead").await?;
                    return Ok(End::Starttls);
                }
                "AUTH" => self.authenticate(&line).await?,
                "MAIL" if self.inner.login.is_some() && self.login.is_none() => {
                    self.say("530 log in first").await?
                }
                "MAIL" if self.inner.behaviour() == Behaviour::OneLetterAConnection && self.taken > 0 => {
                    self.say("421 enough").await?;
                    return Ok(End::Hangup);
                }
                "MAIL" => {
                    (self.from, self.to) = (address(&line), Vec::new());
                    self.say("250 ok").await?;
                }
                "RCPT" => self.recipient(address(&line)).await?,
                "DATA" => {
                    if !self.content().await? {
                        return Ok(End::Hangup);
                    }
                }
                "RSET" | "NOOP" => self.say("250 ok").await?,
                "QUIT" => {
                    self.say("221 bye").await?;
                    return Ok(End::Hangup);
                }
                _ => self.say("500 what?").await?,
            }
        }
    }

    fn features(&self) -> String {
        let mut lines = vec!["sink.example.test", "8BITMIME"];
        if self.inner.mode == Mode::Starttls && !self.encrypted {
            lines.push("STARTTLS");
        }
        if self.inner.offers.smtputf8 {
            lines.push("SMTPUTF8");
        }
        let auth = format!("AUTH {}", self.inner.offers.auth);
        if self.inner.login.is_some() {
            lines.push(&auth);
        }
        let last = lines.pop().unwrap();
        let before: String = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
        format!("{before}250 {last}")
    }

    async fn authenticate(&mut self, line: &str) -> io::Result<()> {
        let given = match line.split(' ').nth(2) {
            Some(text) => decoded(text),
            None => {
                let mut asked = String::new();
                for what in ["Username:", "Password:"] {
                    self.say(&format!("334 {}", STANDARD.encode(what))).await?;
                    asked = format!("{asked}\0{}", decoded(&self.hear().await?));
                }
                asked
            }
        };
        match self.inner.login.filter(|(name, password)| given == format!("\0{name}\0{password}")) {
            Some((name, _)) => {
                self.login = Some(name.to_owned());
                self.say("235 welcome").await
            }
            None => self.say("535 5.7.8 wrong").await,
        }
    }

    async fn recipient(&mut self, address: String) -> io::Result<()> {
        match self.inner.behaviour() {
            Behaviour::RefuseRecipient(code) => self.say(&format!("{code} <{address}>: not today")).await,
            Behaviour::RefuseNamed(start) if address.starts_with(start) => {
                self.say("550 5.1.1 nobody here").await
            }
            _ => {
                self.to.push(address);
                self.say("250 ok").await
            }
        }
    }

    /// Reads the content; `false` when the connection is to end.
    async fn content(&mut self) -> io::Result<bool> {
        if self.inner.behaviour() == Behaviour::DropAtData {
            return Ok(false);
        }
        self.say("354 go on").await?;
        let mut message = String::new();
        loop {
            let line = self.hear().await?;
            match line.as_str() {
                "." => break,
                _ => {
                    message.push_str(line.strip_prefix('.').unwrap_or(&line));
                    message.push_str("\r\n");
                }
            }
        }
        if let Behaviour::RefuseContent(code) = self.inner.behaviour() {
            self.say(&format!("{code} no")).await?;
            return Ok(true);
        }
        if self.inner.behaviour() == Behaviour::MuteAfterContent {
            return std::future::pending().await;
        }
        self.keep(message);
        if self.inner.behaviour() == Behaviour::DropAfterData {
            return Ok(false);
        }
        self.say("250 kept").await?;
        Ok(true)
    }

    fn keep(&mut self, message: String) {
        self.taken += 1;
        let (from, to) = (self.from.clone(), std::mem::take(&mut self.to));
        let (encrypted, login, at) = (self.encrypted, self.login.clone(), Instant::now());
        let hello = self.hello.clone();
        let letter = Received { from, to, message, encrypted, login, hello, at };
        self.inner.book().received.push(letter);
    }

    async fn hear(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        if let Behaviour::Slow(pause) = self.inner.behaviour() {
            tokio::time::sleep(pause).await;
        }
        let line = format!("{text}\r\n");
        if let Behaviour::Trickle(pause) = self.inner.behaviour() {
            for byte in line.bytes() {
                tokio::time::sleep(pause).await;
                self.stream.write_all(&[byte]).await?;
                self.stream.flush().await?;
            }
            return Ok(());
        }
        self.stream.write_all(line.as_bytes()).await?;
        self.stream.flush().await
    }
}

fn decoded(text: &str) -> String {
    STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
