//! The outbox, for those who look after mail.
//!
//! Letters go to people of every tenant, and to nobody's: only holders of accounts in the tenant above all others
//! see them, if their role grants it.

use super::{Actor, Core, Fault, fault::store_faults};
pub use crate::store::outbox::{Entry, Figures, Retry, Shelf};
use crate::{domain::Tenant, store};

/// Shows letters, and has them sent again.
#[derive(Clone)]
pub struct Letters {
    core: Core,
}

/// Why nothing is shown or done.
#[derive(Debug, thiserror::Error)]
pub enum LettersError {
    /// The actor belongs to a tenant below another one.
    #[error("letters are shown in the tenant above all others only")]
    OutOfReach,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

store_faults!(LettersError);

impl Letters {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
    }

    /// The newest letters of a shelf, newest first; `before` leaves out that number and all newer ones.
    ///
    /// # Errors
    /// [`LettersError`].
    pub async fn list(
        &self,
        actor: Actor<'_>,
        shelf: Shelf,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Entry>, LettersError> {
        require_top(actor)?;
        let client = self.core.database.client().await?;
        Ok(store::outbox::list(&client, shelf, before, limit).await?)
    }

    /// The outbox in numbers.
    ///
    /// # Errors
    /// [`LettersError`].
    pub async fn figures(&self, actor: Actor<'_>) -> Result<Figures, LettersError> {
        require_top(actor)?;
        let client = self.core.database.client().await?;
        Ok(store::outbox::figures(&client, self.core.clock.now()).await?)
    }

    /// Has a letter sent now that waits or was given up.
    ///
    /// # Errors
    /// [`LettersError`].
    pub async fn retry(&self, actor: Actor<'_>, id: i64) -> Result<Retry, LettersError> {
        require_top(actor)?;
        let client = self.core.database.client().await?;
        let outcome = store::outbox::retry(&client, id, self.core.clock.now()).await?;
        drop(client);
        self.core.bell.ring();
        Ok(outcome)
    }
}

fn require_top(actor: Actor<'_>) -> Result<(), LettersError> {
    match actor {
        Actor::Account(account) if account.tenant.name != Tenant::ROOT => Err(LettersError::OutOfReach),
        Actor::Account(_) | Actor::Operator => Ok(()),
    }
}
