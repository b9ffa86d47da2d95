//! Client programs: made known by the operator, recognised by their secret.

use subtle::ConstantTimeEq as _;

use super::{Core, Fault};
use crate::{
    domain::{BearerToken, ClientId, Digest},
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
        let client = self.core.database.client().await?;
        store::oauth_clients::insert(&client, &new, &secret.digest()).await?;
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
        let client = self.core.database.client().await?;
        match store::oauth_clients::remove(&client, id).await? {
            true => Ok(()),
            false => Err(ClientError::NoSuchClient(id.clone())),
        }
    }

    /// Recognises a client by its secret; `None` when name or secret is wrong.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn recognise(&self, id: &str, secret: &str) -> Result<Option<KnownClient>, Fault> {
        let Ok(id) = ClientId::parse(id) else { return Ok(None) };
        let client = self.core.database.client().await?;
        let stored = store::oauth_clients::secret(&client, &id).await?;
        let right = |stored: &Digest| bool::from(stored.0.ct_eq(&Digest::of(secret.as_bytes()).0));
        Ok(stored.filter(right).map(|_| KnownClient(id)))
    }
}
