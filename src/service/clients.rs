//! Client programs: made known by the operator, recognised by their secret.

use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::{Core, Fault, Origin, audit::Act};
use crate::{
    domain::{AuditKind, BearerToken, ClientId, Digest},
    store::{self, Constraint, StoreError},
};

pub use crate::store::oauth_clients::OauthClient;

/// Makes clients known, forgets them and recognises them.
#[derive(Clone)]
pub struct Clients {
    core: Core,
}

/// A client that proved who it is. Nothing else can be granted tokens.
pub struct KnownClient(ClientId);

impl KnownClient {
    /// Its name.
    pub fn id(&self) -> &ClientId {
        &self.0
    }
}

/// Why nothing was done about a client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Another client has the name.
    #[error("there is a client of this name already")]
    Taken,
    /// No client has the name.
    #[error("no client is called {0}")]
    NoSuchClient(ClientId),
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

impl From<StoreError> for ClientError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(Constraint::ClientId) => Self::Taken,
            other => Self::Internal(other.into()),
        }
    }
}

impl Clients {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
    }

    /// Makes a client known and returns its secret, of which only a digest is kept.
    ///
    /// # Errors
    /// [`ClientError::Taken`], [`ClientError::Internal`].
    pub async fn add(&self, id: ClientId, name: String) -> Result<BearerToken, ClientError> {
        let secret = BearerToken::draw(|bytes| self.core.entropy.fill(bytes));
        let new = OauthClient { id, name, created_at: self.core.clock.now() };
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        store::oauth_clients::insert(&tx, &new, &secret.digest()).await?;
        let origin = Origin::command_line();
        let act = Act::of_stranger(AuditKind::ClientAdded, None, &origin);
        let written = act.with(json!({ "client": new.id.as_str() })).put_down(&tx, new.created_at).await?;
        written.commit(tx).await?;
        Ok(secret)
    }

    /// All clients, by name.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn list(&self) -> Result<Vec<OauthClient>, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::oauth_clients::all(&client).await?)
    }

    /// Forgets a client; every token it got dies.
    ///
    /// # Errors
    /// [`ClientError::NoSuchClient`], [`ClientError::Internal`].
    pub async fn remove(&self, id: &ClientId) -> Result<(), ClientError> {
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        if !store::oauth_clients::remove(&tx, id).await? {
            return Err(ClientError::NoSuchClient(id.clone()));
        }
        let origin = Origin::command_line();
        let act = Act::of_stranger(AuditKind::ClientRemoved, None, &origin);
        let written = act.with(json!({ "client": id.as_str() })).put_down(&tx, self.core.clock.now()).await?;
        written.commit(tx).await?;
        Ok(())
    }

    /// Recognises a client by its secret; `None` when name or secret is wrong.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn recognise(
        &self,
        id: &str,
        secret: &str,
        origin: &Origin,
    ) -> Result<Option<KnownClient>, Fault> {
        let now = self.core.clock.now();
        self.core.throttle.admit(origin, now)?;
        let known = self.known(id, secret).await?;
        if known.is_none() {
            self.core.throttle.charge(origin, now);
        }
        Ok(known)
    }

    async fn known(&self, id: &str, secret: &str) -> Result<Option<KnownClient>, Fault> {
        let Ok(id) = ClientId::parse(id) else { return Ok(None) };
        let client = self.core.database.client().await?;
        let stored = store::oauth_clients::secret(&client, &id).await?;
        let right = |stored: &Digest| bool::from(stored.0.ct_eq(&Digest::of(secret.as_bytes()).0));
        Ok(stored.filter(right).map(|_| KnownClient(id)))
    }
}
