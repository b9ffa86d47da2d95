//! A mail relay for tests: takes letters, or fails in the way it is told to.

mod talk;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use self::talk::{End, Talk};

/// What the relay does with what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes every letter.
    Accept,
    /// Answers RCPT with this code.
    RefuseRecipient(u16),
    /// Answers RCPT with 550 when the address starts like this, and takes the others.
    RefuseNamed(&'static str),
    /// Answers the content with this code.
    RefuseContent(u16),
    /// Takes the connection and never says a word.
    Mute,
    /// Hangs up after DATA.
    DropAtData,
    /// Takes the whole letter, keeps it, and hangs up without an answer.
    DropAfterData,
    /// Says 421 to every second letter on a connection and hangs up.
    OneLetterAConnection,
    /// Waits this long before each answer.
    Slow(Duration),
    /// Waits this long before each byte of an answer.
    Trickle(Duration),
    /// Hears the whole letter, does not keep it, and never says a word again.
    MuteAfterContent,
}

/// What the relay says it can do.
#[derive(Clone, Copy)]
pub struct Offers {
    /// The ways to log in.
    pub auth: &'static str,
    /// Whether addresses may go beyond ASCII.
    pub smtputf8: bool,
}

/// How a connection is protected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Plain,
    Starttls,
    Tls,
}

/// A letter as the relay got it.
#[derive(Clone, Debug)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    pub message: String,
    pub encrypted: bool,
    pub login: Option<String>,
    /// What the client calls itself.
    pub hello: String,
    /// When it was whole.
    pub at: Instant,
}

#[derive(Default)]
struct Book {
    received: Vec<Received>,
    connections: usize,
}

/// A relay on a port of its own; it ends with the value.
pub struct SmtpSink {
    pub address: SocketAddr,
    /// The relay's certificate, for whoever is to trust it.
    pub certificate: String,
    inner: Arc<Inner>,
    listening: JoinHandle<()>,
    away: Option<TcpSocket>,
}

struct Inner {
    behaviour: Mutex<Behaviour>,
    book: Mutex<Book>,
    mode: Mode,
    acceptor: Mutex<TlsAcceptor>,
    offers: Offers,
    login: Option<(&'static str, &'static str)>,
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl SmtpSink {
    /// A relay without TLS and without AUTH.
    pub async fn start() -> Self {
        Self::with(Mode::Plain, None).await
    }

    /// A relay that refuses connections.
    pub async fn away() -> Self {
        let mut sink = Self::start().await;
        sink.go_away().await;
        sink
    }

    /// A relay that is protected, and takes letters only after this login.
    pub async fn with(mode: Mode, login: Option<(&'static str, &'static str)>) -> Self {
        Self::offering(mode, login, Offers { auth: "LOGIN PLAIN", smtputf8: false }).await
    }

    /// A relay that says so of itself.
    pub async fn offering(mode: Mode, login: Option<(&'static str, &'static str)>, offers: Offers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (acceptor, certificate) = identity();
        let inner = Arc::new(Inner {
            behaviour: Mutex::new(Behaviour::Accept),
            book: Mutex::default(),
            mode,
            acceptor: Mutex::new(acceptor),
            offers,
            login,
        });
        let listening = tokio::spawn(listen(listener, inner.clone()));
        Self { address, certificate, inner, listening, away: None }
    }

    /// Shows another certificate from now on, which nobody trusts; returns what brings the right one back.
    pub fn disguise(&self) -> impl FnOnce() {
        let inner = self.inner.clone();
        let right = std::mem::replace(&mut *self.inner.acceptor.lock().unwrap(), identity().0);
        move || *inner.acceptor.lock().unwrap() = right
    }

    /// Refuses connections from now on. The bound socket keeps the port from everybody else.
    pub async fn go_away(&mut self) {
        self.listening.abort();
        let _ = (&mut self.listening).await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(self.address).unwrap();
        self.away = Some(socket);
    }

    /// Takes connections again.
    pub fn come_back(&mut self) {
        let listener = self.away.take().expect("a relay that is away").listen(64).unwrap();
        self.listening = tokio::spawn(listen(listener, self.inner.clone()));
    }

    /// Changes what the relay does from the next command on.
    pub fn behave(&self, behaviour: Behaviour) {
        *self.inner.behaviour.lock().unwrap() = behaviour;
    }

    /// The letters so far, in the order they came.
    pub fn received(&self) -> Vec<Received> {
        self.inner.book().received.clone()
    }

    /// How many connections were taken.
    pub fn connections(&self) -> usize {
        self.inner.book().connections
    }
}

/// A certificate for `localhost` that nobody else has, and the same in PEM form.
fn identity() -> (TlsAcceptor, String) {
    let pair = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(pair.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![pair.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), pair.cert.pem())
}

impl Inner {
    fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.lock().unwrap().clone()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    fn behaviour(&self) -> Behaviour {
        *self.behaviour.lock().unwrap()
    }
}

async fn listen(listener: TcpListener, inner: Arc<Inner>) {
    while let Ok((stream, _)) = listener.accept().await {
        inner.book().connections += 1;
        tokio::spawn(serve(stream, inner.clone()));
    }
}

async fn serve(stream: TcpStream, inner: Arc<Inner>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    if inner.behaviour() == Behaviour::Mute {
        tokio::time::sleep(Duration::from_secs(60)).await;
        return Ok(());
    }
    if inner.mode == Mode::Tls {
        let stream = inner.acceptor().accept(stream).await?;
        return Talk::new(stream, inner, true).greet().await.map(drop);
    }
    let mut talk = Talk::new(stream, inner.clone(), false);
    if talk.greet().await? == End::Starttls {
        let stream = inner.acceptor().accept(talk.stream.into_inner()).await?;
        Talk::new(stream, inner, true).listen().await?;
    }
    Ok(())
}
