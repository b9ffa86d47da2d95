//! One's own sessions: seen, and ended from afar.

use time::Duration;

use super::{Caller, Sessions};
use crate::{
    domain::{AuditKind, SessionId},
    service::{Fault, Origin, audit::Act, endings},
    store::{self, sessions::OpenSession},
};

impl Sessions {
    /// The caller's sessions that can still be used, the newest use first.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn own(&self, caller: &Caller) -> Result<Vec<OpenSession>, Fault> {
        let now = self.core.clock.now();
        let client = self.core.database.client().await?;
        let mut sessions = store::sessions::of_account(&client, caller.account.id, now).await?;
        let lifetimes = self.core.lifetimes;
        // A row outlives the cookie that it goes with, where nobody renewed that; it is noted only now and then.
        let renewed = lifetimes.session_at_renewal
            + Duration::try_from(store::sessions::SEEN_NOTED_EVERY).unwrap_or_default();
        sessions.retain(|open| {
            now < open.opened_at + lifetimes.session_at_sign_in || now < open.last_seen_at + renewed
        });
        Ok(sessions)
    }

    /// Ends one of the caller's sessions; `false` if it is none, or over already.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn end_own(&self, caller: &Caller, session: SessionId, origin: &Origin) -> Result<bool, Fault> {
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        if !store::sessions::end_of_account(&tx, caller.account.id, session).await? {
            return Ok(false);
        }
        let act = Act::of_holder(AuditKind::SessionsEnded, caller.account.id, origin);
        let written = act.put_down(&tx, self.core.clock.now()).await?;
        written.commit(tx).await?;
        Ok(true)
    }

    /// Ends everything that the caller is signed in with elsewhere: sessions, and tokens of programs.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn end_others(&self, caller: &Caller, origin: &Origin) -> Result<(), Fault> {
        let account = caller.account.id;
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        endings::sign_ins(&tx, account, Some(caller.proof)).await?;
        let act = Act::of_holder(AuditKind::SessionsEnded, account, origin);
        let written = act.put_down(&tx, self.core.clock.now()).await?;
        written.commit(tx).await?;
        Ok(())
    }
}
