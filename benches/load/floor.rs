//! The floor: bare hyper and tokio-postgres, doing the same statements and nothing else, in a process of its own.
//!
//! No routing beyond a prefix, no cookies, no checks, no envelope, and no pool: each request takes the next of a
//! few connections, which pipeline. Nothing that does the work over these crates can be much faster.

use std::{
    convert::Infallible,
    io::Read,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use latchkey::ports::{Clock, SystemClock};
use time::Duration;
use tokio::net::TcpListener;
use tokio_postgres::{Client, NoTls, Statement};

/// As many as latchkey's pool holds.
const CONNECTIONS: usize = 8;

/// What `user/current` of 4.0 needs, as `store::sessions` and `store::accounts` ask for it, in one statement.
const CURRENT: &str = "SELECT s.id, s.ends_at, s.last_seen_at, \
    u.id, u.username, u.email, u.full_name, u.local_passwd IS NOT NULL, u.new_user, u.registration_sent, \
    u.last_authenticated, u.last_updated, u.ucdn, u.address_line1, u.address_line2, u.city, u.company, \
    u.country, u.gid, u.phone_number, u.postal_code, u.public_ssh_key, u.state_or_province, u.uid, t.id, \
    t.name, r.id, r.name, r.priv_level, \
    ARRAY(SELECT c.cap_name FROM public.role_capability c WHERE c.role_id = r.id), \
    (SELECT count(*) FROM public.log l WHERE l.tm_user = u.id) \
    FROM latchkey.session s JOIN public.tm_user u ON u.id = s.account_id \
    JOIN public.tenant t ON t.id = u.tenant_id LEFT JOIN public.role r ON r.id = u.role \
    WHERE s.digest = $1 AND s.ends_at > $2";

/// The statement behind `user/reset_password`, as in `store::outbox`, into tables like its own that no courier reads.
const RESET: &str = "WITH counted AS (INSERT INTO floor.letter_allowance AS a (recipient, letters, began_at) \
    VALUES (sha256($1::text::bytea), 1, $2) ON CONFLICT (recipient) DO UPDATE SET \
      letters = CASE WHEN a.began_at <= $2::timestamptz - interval '1 hour' THEN 1 ELSE a.letters + 1 END, \
      began_at = CASE WHEN a.began_at <= $2 - interval '1 hour' THEN $2 ELSE a.began_at END \
    RETURNING letters) \
    INSERT INTO floor.outbox (kind, dialect, recipient, account_id, origin, promised_at, expires_at, due_at) \
    SELECT 'password_reset', 'traffic_ops', $1, NULL, '127.0.0.1', $2, $3, $2 FROM counted RETURNING id";

struct Desk {
    client: Client,
    current: Statement,
    reset: Statement,
}

struct Floor {
    desks: Vec<Desk>,
    next: AtomicUsize,
    clock: SystemClock,
}

/// Serves until standard input ends, that is until whoever started it is gone. Prints its address first.
pub(crate) fn run(database: &str) {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("no runtime");
    runtime.block_on(serve(database));
}

async fn serve(database: &str) {
    let floor = Arc::new(Floor::open(database).await.expect("no database"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("no listener");
    println!("http://{}", listener.local_addr().expect("no address"));
    loop {
        let Ok((socket, _)) = listener.accept().await else { continue };
        let floor = Arc::clone(&floor);
        tokio::spawn(async move {
            let _ = socket.set_nodelay(true);
            let service = service_fn(move |request| answer(Arc::clone(&floor), request));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
        });
    }
}

impl Floor {
    async fn open(database: &str) -> Result<Self, tokio_postgres::Error> {
        let mut desks = Vec::new();
        for _ in 0..CONNECTIONS {
            let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
            tokio::spawn(connection);
            let (current, reset) = (client.prepare(CURRENT).await?, client.prepare(RESET).await?);
            desks.push(Desk { client, current, reset });
        }
        Ok(Self { desks, next: AtomicUsize::new(0), clock: SystemClock::default() })
    }

    fn desk(&self) -> &Desk {
        &self.desks[self.next.fetch_add(1, Relaxed) % self.desks.len()]
    }

    /// `/current/<digest in hex>`: the row's user name.
    async fn current(&self, digest: &str) -> String {
        let bytes = (0..digest.len() / 2).map(|at| u8::from_str_radix(&digest[at * 2..at * 2 + 2], 16));
        let digest = bytes.collect::<Result<Vec<u8>, _>>().expect("a digest in hex");
        let desk = self.desk();
        let row = desk.client.query_one(&desk.current, &[&digest, &self.clock.now()]).await;
        row.expect("no such session").get::<_, String>(4)
    }

    /// `/reset`: what it inserted for the body, taken as it is.
    async fn reset(&self, request: Request<Incoming>) -> String {
        let body = request.into_body().collect().await.expect("no body").to_bytes();
        let (recipient, now, desk) = (String::from_utf8_lossy(&body), self.clock.now(), self.desk());
        let expiry = now + Duration::hours(1);
        let row = desk.client.query_one(&desk.reset, &[&&*recipient, &now, &expiry]).await;
        row.expect("not inserted").get::<_, i64>(0).to_string()
    }
}

async fn answer(floor: Arc<Floor>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = match request.uri().path() {
        "/ping" => Bytes::from_static(b"{\"ping\":\"pong\"}\n"),
        "/reset" => floor.reset(request).await.into(),
        path => floor.current(path.strip_prefix("/current/").expect("a known path")).await.into(),
    };
    Ok(Response::new(Full::new(body)))
}
