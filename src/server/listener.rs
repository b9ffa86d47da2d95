//! Listening sockets of all kinds, and where they are.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    task::{Context, Poll, ready},
};

use listenfd::ListenFd;
use tokio::net::TcpListener;

use super::{
    address::{Address, Listen, SocketMode},
    proxies::TrustedProxies,
    socket::Socket,
    tls::Certificates,
    unix_socket::UnixSocket,
};
use crate::ports::Counters;

/// A place that can't be listened at.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The system refuses.
    #[error("{place} can't be listened on: {fault}{}", remedy(fault))]
    Refused {
        /// Where.
        place: String,
        /// Why.
        fault: io::Error,
    },
    /// `systemd` is to be listened at, and it has handed nothing over.
    #[error("listen names systemd, but no socket was handed over: start it by a .socket unit")]
    NothingHandedOver,
}

fn remedy(fault: &io::Error) -> &'static str {
    match fault.kind() {
        io::ErrorKind::AddrInUse => {
            " (end the other program that listens there, or choose another place by `listen`)"
        }
        io::ErrorKind::AddrNotAvailable => " (`listen` names an address that this machine doesn't have)",
        io::ErrorKind::PermissionDenied => " (a port below 1024 and some folders are for root)",
        _ => "",
    }
}

/// Everything connections come in by, and whose word about clients is taken there.
pub struct Entrance {
    pub(super) doors: Vec<Door>,
    pub(super) proxies: TrustedProxies,
    pub(super) counters: Counters,
}

/// One listening socket.
pub(super) struct Door {
    socket: Listening,
    certificates: Option<Arc<Certificates>>,
}

enum Listening {
    Tcp(TcpListener),
    Unix(UnixSocket, String),
}

/// Where a door really is, as people write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its address; `None` for a Unix socket.
    pub address: Option<SocketAddr>,
    /// Whether TLS is spoken there.
    pub tls: bool,
    name: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl From<TcpListener> for Entrance {
    fn from(listener: TcpListener) -> Self {
        let door = Door { socket: Listening::Tcp(listener), certificates: None };
        Self { doors: vec![door], proxies: TrustedProxies::default(), counters: Counters::default() }
    }
}

impl Entrance {
    /// Binds every address. With certificates, ports speak TLS unless they are written as `http://`.
    ///
    /// # Errors
    /// The first address that can't be bound, and why.
    pub async fn open(
        listen: &Listen,
        mode: SocketMode,
        certificates: Option<Arc<Certificates>>,
    ) -> Result<Self, ListenError> {
        let mut doors = Vec::new();
        for address in &listen.0 {
            let refused = |fault| ListenError::Refused { place: address.to_string(), fault };
            match address {
                Address::Port(place) => {
                    let socket = Listening::Tcp(TcpListener::bind(place).await.map_err(refused)?);
                    doors.push(Door { socket, certificates: certificates.clone() });
                }
                Address::PlainPort(place) => {
                    let socket = Listening::Tcp(TcpListener::bind(place).await.map_err(refused)?);
                    doors.push(Door { socket, certificates: None });
                }
                Address::Unix(path) => {
                    let socket = UnixSocket::bind(path, mode.0).map_err(refused)?;
                    doors.push(Door {
                        socket: Listening::Unix(socket, address.to_string()),
                        certificates: None,
                    });
                }
                Address::HandedOver => doors.extend(handed_over(certificates.as_ref()).map_err(refused)?),
            }
        }
        match doors.is_empty() {
            true => Err(ListenError::NothingHandedOver),
            false => Ok(Self { doors, proxies: TrustedProxies::default(), counters: Counters::default() }),
        }
    }

    /// Takes the word of these proxies.
    #[must_use]
    pub fn behind(self, proxies: TrustedProxies) -> Self {
        Self { proxies, ..self }
    }

    /// Counts connections here.
    #[must_use]
    pub fn counted(self, counters: Counters) -> Self {
        Self { counters, ..self }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn places(&self) -> io::Result<Vec<Place>> {
        self.doors.iter().map(Door::place).collect()
    }
}

/// The sockets that the service manager opened for us.
fn handed_over(certificates: Option<&Arc<Certificates>>) -> io::Result<Vec<Door>> {
    let mut handed = ListenFd::from_env();
    let mut doors = Vec::new();
    for index in 0..handed.len() {
        if let Ok(Some(listener)) = handed.take_tcp_listener(index) {
            listener.set_nonblocking(true)?;
            let socket = Listening::Tcp(TcpListener::from_std(listener)?);
            doors.push(Door { socket, certificates: certificates.cloned() });
        } else if let Some(listener) = handed.take_unix_listener(index)? {
            let at = listener.local_addr()?.as_pathname().map(|path| path.display().to_string());
            let name = format!("unix:{}", at.unwrap_or_default());
            doors.push(Door {
                socket: Listening::Unix(UnixSocket::over(listener)?, name),
                certificates: None,
            });
        }
    }
    Ok(doors)
}

impl Door {
    fn place(&self) -> io::Result<Place> {
        let tls = self.certificates.is_some();
        Ok(match &self.socket {
            Listening::Tcp(listener) => {
                let address = listener.local_addr()?;
                Place { address: Some(address), tls, name: address.to_string() }
            }
            Listening::Unix(_, name) => Place { address: None, tls, name: name.clone() },
        })
    }

    /// The certificates of this door, if TLS is spoken there.
    pub(super) fn certificates(&self) -> Option<Arc<Certificates>> {
        self.certificates.clone()
    }

    /// The next connection with its peer's address, which one on a Unix socket has none of.
    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Socket, Option<IpAddr>)>> {
        Poll::Ready(match &self.socket {
            Listening::Tcp(listener) => ready!(listener.poll_accept(cx))
                .map(|(stream, peer)| (Socket::Tcp(stream), Some(peer.ip().to_canonical()))),
            Listening::Unix(socket, _) => {
                ready!(socket.listener.poll_accept(cx)).map(|(stream, _)| (Socket::Unix(stream), None))
            }
        })
    }
}
