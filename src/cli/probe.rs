//! `latchkey probe`: asks a running server how it is, where there is no curl: in containers.

use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::Args;

use super::print::say;
use crate::config::Config;

#[derive(Args)]
pub(super) struct Arguments {
    /// Whether it should be sent requests now (/readyz), not only whether it lives (/healthz)
    #[arg(long)]
    ready: bool,
}

/// Longer than this a healthy server never thinks.
const PATIENCE: Duration = Duration::from_secs(5);

/// Fails unless the server that the configuration describes answers with 200 at its `observe.listen`.
pub(super) fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let address = config.observe.listen.context("observe.listen is not set, so nobody can be asked")?;
    let path = if arguments.ready { "/readyz" } else { "/healthz" };
    let (status, text) = ask(here(address), path).with_context(|| format!("{address} does not answer"))?;
    say!("{}", text.trim_end());
    match status.as_str() {
        "200" => Ok(()),
        other => bail!("{path} answers {other}"),
    }
}

/// A server that listens everywhere is asked on loopback.
fn here(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// Status and body of one answer.
fn ask(address: SocketAddr, path: &str) -> anyhow::Result<(String, String)> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(16 * 1024).read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("this is no answer in HTTP")?;
    let status = head.split(' ').nth(1).context("this is no answer in HTTP")?;
    Ok((status.to_owned(), body.to_owned()))
}
