//! A client that sends a request exactly as it is told to: odd methods, `/../` in paths, chunks, `Expect`.

use std::{io, net::SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::validate::{check_reply, unpacked};
use crate::support::{in_answer, in_request, watcher};

/// A reply, already held against the documents.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Decompressed.
    pub body: Vec<u8>,
}

/// Sends one request over a connection of its own, and fails the test when the reply breaks its document.
pub async fn send(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: Option<&str>,
) -> Answer {
    let chunked = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Transfer-Encoding"));
    let mut headers = headers.to_vec();
    let framed = match body {
        Some(body) if chunked => format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()),
        Some(body) => {
            headers.push(("Content-Length".to_owned(), body.len().to_string()));
            body.to_owned()
        }
        None => String::new(),
    };
    send_unframed(server, method, path, &headers, &framed).await
}

/// As [`send`], with the bytes after the head as they are: they may break what the head promises.
pub async fn send_unframed(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    rest: &str,
) -> Answer {
    in_request(watcher(), headers, rest);
    let heard = exchange(server, method, path, headers, rest).await;
    let (status, headers, sent) = heard.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
    check_reply(method, path, status, &headers, &sent);
    let body = unpacked(&headers, &sent).expect("a body that was judged");
    in_answer(watcher(), &headers, &body);
    Answer { status, headers, body }
}

impl Answer {
    /// The body as JSON; null if there is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The text of the first alert, or nothing.
    pub fn text(&self) -> String {
        self.json()["alerts"][0]["text"].as_str().unwrap_or_default().to_owned()
    }

    /// The value of a cookie that the reply sets.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.filter_map(|line| line.split(';').next()?.split_once('='));
        pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value.to_owned())
    }
}

type Heard = (u16, HeaderMap, Vec<u8>);

async fn exchange(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    rest: &str,
) -> io::Result<Heard> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Host")) {
        head.push_str(&format!("Host: {server}\r\n"));
    }
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    let mut stream = BufReader::new(TcpStream::connect(server).await?);
    stream.write_all(format!("{head}\r\n").as_bytes()).await?;
    if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Expect")) {
        // The body is held back until the server asks for it, which it need not do.
        let (status, headers) = read_head(&mut stream).await?;
        if status != 100 {
            return finish(&mut stream, method, status, headers).await;
        }
    }
    stream.write_all(rest.as_bytes()).await?;
    let (status, headers) = read_head(&mut stream).await?;
    finish(&mut stream, method, status, headers).await
}

async fn read_head(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<(u16, HeaderMap)> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("no status line: {line:?}")))?;
    let mut headers = HeaderMap::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else { return Ok((status, headers)) };
        let name = HeaderName::try_from(name).map_err(io::Error::other)?;
        headers.append(name, HeaderValue::try_from(value.trim()).map_err(io::Error::other)?);
    }
}

async fn finish(
    stream: &mut (impl AsyncBufRead + Unpin),
    method: &str,
    status: u16,
    headers: HeaderMap,
) -> io::Result<Heard> {
    let mut body = Vec::new();
    if method == "HEAD" || status == 204 {
        return Ok((status, headers, body));
    }
    if headers.get("Transfer-Encoding").is_some() {
        read_chunks(stream, &mut body).await?;
    } else if let Some(length) = headers.get("Content-Length") {
        let length = length.to_str().ok().and_then(|length| length.parse().ok()).unwrap_or_default();
        body.resize(length, 0);
        stream.read_exact(&mut body).await?;
    } else {
        stream.read_to_end(&mut body).await?;
    }
    Ok((status, headers, body))
}

async fn read_chunks(stream: &mut (impl AsyncBufRead + Unpin), body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let length = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        let mut chunk = vec![0; length + 2];
        stream.read_exact(&mut chunk).await?;
        if length == 0 {
            return Ok(());
        }
        body.extend_from_slice(&chunk[..length]);
    }
}
