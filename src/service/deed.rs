//! How a change of a role or a tenant ends: in the change log, in the audit trail, and committed.

use serde_json::Value;
use time::OffsetDateTime;

use super::{Errand, Fault, audit::Act};
use crate::{domain::AuditKind, store::Transaction};

/// What was done, as the readers of both will find it.
pub(super) struct Deed {
    /// What the audit trail calls it.
    pub kind: AuditKind,
    /// The line of the change log, whose readers match on it (fact sheet Traffic Ops §8).
    pub words: String,
    /// More about it for the audit trail.
    pub detail: Value,
}

impl Deed {
    /// Puts it down and commits; who collects the trail is told after that.
    pub(super) async fn commit(
        self,
        tx: Transaction<'_>,
        errand: &Errand<'_>,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        errand.actor.log(&tx, &self.words, now).await?;
        let written = Act::of(self.kind, None, errand).with(self.detail).put_down(&tx, now).await?;
        written.commit(tx).await?;
        Ok(())
    }
}
