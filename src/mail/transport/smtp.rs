//! Hands letters to a mail relay. One recipient a message; connections are kept while letters follow each other.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::transport::smtp::{
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters},
    commands::{Data, Mail, Quit, Rcpt, Rset},
    extension::{ClientId, Extension, MailBodyParameter, MailParameter},
};
use tokio::net::{TcpStream, lookup_host};
use zeroize::Zeroizing;

use super::{
    DeliveryError, Letter, TransportRefused,
    dialogue::{Cause, Failure, Step, take},
    tls::{Connector, Trust},
};
use crate::mail::{Security, SmtpSettings};

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
    kept: Mutex<Vec<AsyncSmtpConnection>>,
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
    pub fn new(settings: &SmtpSettings) -> Result<Self, TransportRefused> {
        let host = checked("host", &settings.host)?;
        let credentials = credentials(settings)?;
        let trust = || Trust::new(&host, settings.root_certificates.as_deref());
        let protection = match settings.security {
            Security::None if credentials.is_some() && !is_this_machine(&host) => {
                return Err(TransportRefused::PlainPassword);
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

    pub(super) async fn deliver(&self, letter: &Letter) -> Result<(), DeliveryError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(kept) = kept {
            match self.hand_over(kept, letter).await {
                // Relays hang up when they have waited or taken enough; this letter was not offered yet.
                Err(failure) if failure.hung_up_before_the_letter() => {}
                outcome => return outcome.map_err(Failure::judged),
            }
        }
        let fresh = self.open().await.map_err(Failure::judged)?;
        self.hand_over(fresh, letter).await.map_err(Failure::judged)
    }

    /// Says good-bye on all kept connections.
    pub(super) async fn rest(&self) {
        let kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        for mut connection in kept {
            // The letters are accepted; a relay that does not answer good-bye changes nothing.
            let _ = take(Step::Quit, FAREWELL.min(self.limit), connection.command(Quit)).await;
        }
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Failure> {
        let stream = self.connect().await?;
        let stream: Box<dyn AsyncTokioStream> = match &self.protection {
            Protection::Tls(connector) => {
                Box::new(take(Step::Tls, self.limit, connector.wrap(stream)).await?)
            }
            Protection::None | Protection::Starttls(_) => Box::new(stream),
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
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
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

fn credentials(settings: &SmtpSettings) -> Result<Option<Credentials>, TransportRefused> {
    let password = match (&settings.password, &settings.password_file) {
        (None, None) => None,
        (Some(password), None) => Some(Zeroizing::new(password.reveal().to_owned())),
        (None, Some(file)) => Some(read_password(file)?),
        (Some(_), Some(_)) => return Err(TransportRefused::Credentials),
    };
    match (&settings.username, password) {
        (None, None) => Ok(None),
        (Some(username), Some(password)) => {
            let username = checked("username", username)?;
            Ok(Some(Credentials::new(username, checked("password", &password)?)))
        }
        _ => Err(TransportRefused::Credentials),
    }
}

fn read_password(file: &Path) -> Result<Zeroizing<String>, TransportRefused> {
    let text = fs::read_to_string(file).map_err(|cause| TransportRefused::file(file, cause))?;
    let text = Zeroizing::new(text);
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn hello(name: Option<&str>) -> Result<ClientId, TransportRefused> {
    let Some(name) = name else {
        let own = ClientId::default();
        let speakable = own.to_string().bytes().all(|byte| byte.is_ascii_graphic());
        return Ok(if speakable { own } else { ClientId::Ipv4(Ipv4Addr::LOCALHOST) });
    };
    let name = checked("hello_name", name)?;
    Ok(match name.parse() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(name),
    })
}

fn checked(field: &'static str, text: &str) -> Result<String, TransportRefused> {
    match text.is_empty() || text.chars().any(char::is_control) {
        true => Err(TransportRefused::Text(field)),
        false => Ok(text.to_owned()),
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
