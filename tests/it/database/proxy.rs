//! A proxy before PostgreSQL that can cut what goes through it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Passes bytes on until it is told otherwise.
pub struct Proxy {
    pub address: SocketAddr,
    /// Raised to cut all connections that there are.
    cuts: watch::Sender<usize>,
    refuses: Arc<AtomicBool>,
    taken: Arc<AtomicUsize>,
}

impl Proxy {
    /// Before the server on that port.
    pub async fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cuts, cut) = watch::channel(0);
        let (refuses, taken) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (refusing, taking) = (refuses.clone(), taken.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                taking.fetch_add(1, Relaxed);
                if refusing.load(Relaxed) {
                    reset(&client);
                } else {
                    tokio::spawn(pass(client, port, cut.clone()));
                }
            }
        });
        Self { address, cuts, refuses, taken }
    }

    /// Resets every connection, in the middle of whatever it is doing.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Resets whoever comes, or no longer does.
    pub fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Relaxed);
    }

    /// How many have come.
    pub fn taken(&self) -> usize {
        self.taken.load(Relaxed)
    }
}

async fn pass(mut client: TcpStream, port: u16, mut cut: watch::Receiver<usize>) {
    cut.mark_unchanged();
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else { return reset(&client) };
    let was_cut = tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => false,
        changed = cut.changed() => changed.is_ok(),
    };
    if was_cut {
        reset(&client);
        reset(&server);
    }
}

/// With nothing to wait for at its end, a socket is reset when it is dropped.
fn reset(stream: &TcpStream) {
    #[expect(deprecated, reason = "a time of zero blocks nobody, which is what is deprecated")]
    stream.set_linger(Some(Duration::ZERO)).unwrap();
}
