//! Hands letters to one mail relay. One recipient a message; connections are kept while letters follow each other.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lettre::transport::smtp::{
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters},
    commands::{Data, Mail, Quit, Rcpt, Rset},
    extension::{ClientId, Extension, MailBodyParameter, MailParameter},
};
use time::OffsetDateTime;
use tokio::{
    net::{TcpStream, lookup_host},
    sync::Mutex as Turnstile,
    time::Instant,
};

use super::{
    Letter, Reason, RelayRefused,
    absence::Absence,
    credentials::{checked, credentials, hello, is_this_machine},
    dialogue::{Cause, Failure, Step, take},
    tls::{Connector, Trust},
};
use crate::{
    mail::{Security, SmtpSettings},
    ports::{Clock, Entropy},
};

/// How much longer the answer to a letter may take than any other step (RFC 5321 §4.5.3.2.6).
const CONTENT_PATIENCE: u32 = 4;
/// How long a farewell is waited for: nothing depends on it.
const FAREWELL: Duration = Duration::from_secs(1);

/// A mail relay.
pub struct Smtp {
    host: String,
    port: u16,
    protection: Protection,
    credentials: Option<Credentials>,
    hello: ClientId,
    limit: Duration,
    kept: Mutex<Vec<Kept>>,
    /// Connections are opened one at a time: one finds out for all that nobody is there.
    door: Turnstile<()>,
    absence: Absence,
}

/// A connection between two letters.
struct Kept {
    connection: AsyncSmtpConnection,
    since: Instant,
}

enum Protection {
    None,
    Starttls(TlsParameters),
    Tls(Connector),
}

impl Smtp {
    /// Checks the settings and reads the files they name; the relay is not asked yet.
    ///
    /// # Errors
    /// What of the settings can't be used.
    pub fn new(settings: &SmtpSettings) -> Result<Self, RelayRefused> {
        let host = checked("host", &settings.host)?;
        let credentials = credentials(settings)?;
        let trust = || Trust::new(&host, settings.root_certificates.as_deref());
        let protection = match settings.security {
            Security::None if credentials.is_some() && !is_this_machine(&host) => {
                return Err(RelayRefused::PlainPassword);
            }
            Security::None => Protection::None,
            Security::Starttls => Protection::Starttls(trust()?.parameters()?),
            Security::Tls => Protection::Tls(trust()?.connector()?),
        };
        Ok(Self {
            hello: hello(settings.hello_name.as_deref())?,
            port: settings.port.unwrap_or_else(|| settings.security.usual_port()),
            limit: Duration::from_secs(settings.timeout.max(1)),
            kept: Mutex::default(),
            door: Turnstile::default(),
            absence: Absence::default(),
            host,
            protection,
            credentials,
        })
    }

    /// Gives each step of the dialogue this long, in place of the whole seconds of the settings.
    #[must_use]
    pub fn with_patience(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Why it is too early to ask again, after nobody was there.
    pub(super) fn why_held(&self, now: OffsetDateTime) -> Option<Reason> {
        self.absence.why_held(now)
    }

    pub(super) async fn deliver(
        &self,
        letter: &Letter,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<(), Failure> {
        let kept = self.kept().pop();
        if let Some(Kept { connection, .. }) = kept {
            match self.hand_over(connection, letter).await {
                // Relays hang up when they have waited or taken enough; this letter was not offered yet.
                Err(failure) if failure.hung_up_before_the_letter() => {}
                outcome => return outcome,
            }
        }
        let fresh = self.come_in(clock, entropy).await?;
        self.hand_over(fresh, letter).await
    }

    /// Opens a connection, unless somebody has just found that nobody is there.
    async fn come_in(
        &self,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<AsyncSmtpConnection, Failure> {
        let _turn = self.door.lock().await;
        if let Some(reason) = self.why_held(clock.now()) {
            return Err(Failure { step: Step::Connect, cause: Cause::Away(reason) });
        }
        let opened = self.open().await;
        match &opened {
            Ok(_) => self.absence.is_over(&self.name()),
            Err(failure) => self.absence.begins(&self.name(), clock.now(), entropy, &failure.reason()),
        }
        opened
    }

    fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Says good-bye on connections that were not used for so long.
    pub(super) async fn rest(&self, unused: Duration) {
        let old = {
            let mut kept = self.kept();
            let (old, young) = std::mem::take(&mut *kept)
                .into_iter()
                .partition::<Vec<_>, _>(|kept| kept.since.elapsed() >= unused);
            *kept = young;
            old
        };
        for Kept { mut connection, .. } in old {
            // The letters are accepted; a relay that does not answer good-bye changes nothing.
            let _ = take(Step::Quit, FAREWELL.min(self.limit), connection.command(Quit)).await;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Greets the relay as for a letter, up to AUTH, and leaves without offering one.
    pub(super) async fn greet(&self) -> (String, Result<(), Reason>) {
        let outcome = async {
            let mut connection = self.open().await?;
            take(Step::Quit, self.limit, connection.command(Quit)).await.map(drop)
        };
        (self.name(), outcome.await.map_err(|failure| failure.reason()))
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Failure> {
        let stream = self.connect().await?;
        let stream: Box<dyn AsyncTokioStream> = match &self.protection {
            Protection::Tls(connector) => {
                Box::new(take(Step::Tls, self.limit, connector.wrap(stream)).await?)
            }
            Protection::None | Protection::Starttls(_) => {
                take(Step::FirstWord, self.limit, stream.peek(&mut [0])).await?;
                Box::new(stream)
            }
        };
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &self.hello);
        let mut connection = take(Step::Greeting, self.limit, greeting).await?;
        if let Protection::Starttls(parameters) = &self.protection {
            let upgrade = connection.starttls(parameters.clone(), &self.hello);
            take(Step::Starttls, self.limit, upgrade).await?;
        }
        if let Some(credentials) = &self.credentials {
            take(Step::Login, self.limit, connection.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(connection)
    }

    /// Connects to the first address that answers, without Nagle's delay: the dialogue is short lines, and each
    /// would wait for the relay's delayed acknowledgement (44 ms a letter).
    async fn connect(&self) -> Result<TcpStream, Failure> {
        let addresses = take(Step::Connect, self.limit, lookup_host((self.host.as_str(), self.port))).await?;
        let mut failed =
            Failure { step: Step::Connect, cause: Cause::Broken("the name has no address".to_owned()) };
        for address in addresses {
            match take(Step::Connect, self.limit, TcpStream::connect(address)).await {
                Ok(stream) => {
                    let set = stream.set_nodelay(true);
                    return set
                        .map(|()| stream)
                        .map_err(|e| Failure { step: Step::Connect, cause: e.into() });
                }
                Err(failure) => failed = failure,
            }
        }
        Err(failed)
    }

    /// Offers the letter; keeps the connection if it can carry another one.
    async fn hand_over(&self, mut connection: AsyncSmtpConnection, letter: &Letter) -> Result<(), Failure> {
        let outcome = self.offer(&mut connection, letter).await;
        let usable = match &outcome {
            Ok(()) => true,
            Err(failure) if failure.is_answer() => {
                take(Step::Reset, self.limit, connection.command(Rset)).await.is_ok()
            }
            Err(_) => false,
        };
        if usable {
            self.kept().push(Kept { connection, since: Instant::now() });
        }
        outcome
    }

    async fn offer(&self, connection: &mut AsyncSmtpConnection, letter: &Letter) -> Result<(), Failure> {
        let envelope = letter.envelope();
        let parameters = parameters(connection, letter)?;
        let mail = Mail::new(envelope.from().cloned(), parameters);
        take(Step::Mail, self.limit, connection.command(mail)).await?;
        for recipient in envelope.to() {
            let rcpt = Rcpt::new(recipient.clone(), Vec::new());
            take(Step::Rcpt, self.limit, connection.command(rcpt)).await?;
        }
        take(Step::Data, self.limit, connection.command(Data)).await?;
        let patience = self.limit.saturating_mul(CONTENT_PATIENCE);
        take(Step::Content, patience, connection.message(letter.message())).await?;
        Ok(())
    }
}

/// What MAIL must announce. Texts are encoded as ASCII; only addresses can go beyond it (RFC 6531 §3.4).
fn parameters(connection: &AsyncSmtpConnection, letter: &Letter) -> Result<Vec<MailParameter>, Failure> {
    if letter.message().is_ascii() {
        return Ok(Vec::new());
    }
    if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
        let cause = Cause::Unable("the relay takes ASCII addresses only: it offers no SMTPUTF8");
        return Err(Failure { step: Step::Mail, cause });
    }
    Ok(vec![MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)])
}
