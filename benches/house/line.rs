//! One connection of a client that knows just enough HTTP: requests as bytes, answers up to their end.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A GET as it goes over the wire.
pub(crate) fn get(path: &str, cookie: Option<&str>) -> Vec<u8> {
    let cookie = cookie.map_or(String::new(), |cookie| format!("Cookie: {cookie}\r\n"));
    format!("GET {path} HTTP/1.1\r\nHost: load.example\r\n{cookie}\r\n").into_bytes()
}

/// A POST of a JSON text as it goes over the wire.
pub(crate) fn post(path: &str, json: &str) -> Vec<u8> {
    post_with(path, "", json)
}

/// A POST of a JSON text with more header lines, each with its line end.
pub(crate) fn post_with(path: &str, lines: &str, json: &str) -> Vec<u8> {
    let head = format!("Host: load.example\r\n{lines}Content-Type: application/json");
    format!("POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{json}", json.len()).into_bytes()
}

/// A connection that is kept open.
pub(crate) struct Line {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Line {
    pub(crate) async fn open(to: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, heard: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and returns the whole answer, head and body.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> io::Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.heard.clear();
        loop {
            if self.stream.read_buf(&mut self.heard).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if length(&self.heard)?.is_some_and(|length| self.heard.len() >= length) {
                return Ok(&self.heard);
            }
        }
    }
}

/// Length of an answer with its head, as soon as the head is there.
fn length(heard: &[u8]) -> io::Result<Option<usize>> {
    let Some(end) = heard.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let named = |line: &&[u8]| line.len() > 15 && line[..15].eq_ignore_ascii_case(b"content-length:");
    let value = heard[..end].split(|byte| *byte == b'\n').find(named).map(|line| line[15..].trim_ascii());
    let body = value.and_then(|value| std::str::from_utf8(value).ok()?.parse::<usize>().ok());
    let body = body.ok_or_else(|| io::Error::other("an answer without Content-Length"))?;
    Ok(Some(end + 4 + body))
}
