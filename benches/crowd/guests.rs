//! Those who keep a server busy without asking anything: slow heads, half-sent bodies, idle connections.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

/// Connections that are made at one time.
const AT_ONCE: usize = 128;
/// Guests of one address: below what the server gives one.
const OF_ONE_ADDRESS: usize = 800;
/// Between two bytes of a slow head.
const DRIP: Duration = Duration::from_secs(2);

/// What a guest does with its connection.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// A byte of a request's head now and then.
    Slow,
    /// A head, and half the body that it announces.
    Half,
    /// One request with its answer, and nothing more.
    Idle,
}

/// A crowd of one kind, and how many of it are connected.
pub(crate) struct Crowd {
    pub(crate) wanted: usize,
    held: Arc<AtomicUsize>,
}

impl Crowd {
    /// Sends them in. Whoever is cut off comes again, until the runtime ends.
    pub(crate) fn gather(kind: Kind, wanted: usize, first: usize, server: SocketAddr) -> Self {
        let (held, doors) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(AT_ONCE)));
        for number in first..first + wanted {
            let (held, doors) = (Arc::clone(&held), Arc::clone(&doors));
            tokio::spawn(async move {
                loop {
                    let Ok(place) = doors.acquire().await else { return };
                    let begun = timeout(Duration::from_secs(5), enter(kind, number, server)).await;
                    drop(place);
                    if let Ok(Ok(stream)) = begun {
                        held.fetch_add(1, Relaxed);
                        stay(kind, stream).await;
                        held.fetch_sub(1, Relaxed);
                    } else {
                        sleep(Duration::from_millis(500)).await;
                    }
                }
            });
        }
        Self { wanted, held }
    }

    /// How many are connected.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Relaxed)
    }
}

/// Connects from an address of its own and says the first words.
async fn enter(kind: Kind, number: usize, server: SocketAddr) -> io::Result<TcpStream> {
    let place = u8::try_from(number / OF_ONE_ADDRESS % 200).unwrap_or(0);
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 1, 1 + place), 0).into())?;
    let mut stream = socket.connect(server).await?;
    match kind {
        Kind::Slow => stream.write_all(b"G").await?,
        Kind::Half => {
            let head = "POST /api/5.0/user/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&[b' '; 1000]).await?;
        }
        Kind::Idle => {
            stream.write_all(b"GET /api/5.0/ping HTTP/1.1\r\nHost: x\r\n\r\n").await?;
            if stream.read(&mut [0; 2048]).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
    Ok(stream)
}

/// Stays until the server has had enough.
async fn stay(kind: Kind, mut stream: TcpStream) {
    let mut heard = [0; 256];
    loop {
        let wait = if matches!(kind, Kind::Slow) { DRIP } else { Duration::from_secs(3600) };
        match timeout(wait, stream.read(&mut heard)).await {
            Ok(Ok(count)) if count > 0 => {}
            Ok(_) => return,
            Err(_) if stream.write_all(b"E").await.is_err() => return,
            Err(_) => {}
        }
    }
}
