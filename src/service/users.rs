//! Other people's accounts: listed, made, changed and removed by those who hold the permissions for it.

mod change;
mod create;
mod help;
mod remove;

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use time::OffsetDateTime;
use tokio::sync::Semaphore;

use super::{Actor, Core, Errand, Fault, RoleChoice};
use crate::{
    domain::{
        AccountFilter, AccountOrder, AccountText, EmailAddress, Listed, Profile, Slice, TenantId, Username,
    },
    store::{self, accounts::Search},
};

pub use change::ChangeError;
pub use create::CreateError;
pub use help::HelpError;
pub use remove::RemoveError;

/// Other people's accounts.
#[derive(Clone)]
pub struct Users {
    core: Core,
    long_lists: Arc<Semaphore>,
}

/// Which accounts somebody wants to see, and what of them.
pub struct Directory {
    /// The conditions that each must meet.
    pub filters: Vec<AccountFilter>,
    /// Order and part.
    pub slice: Slice<AccountOrder>,
    /// Whether their change-log rows are counted.
    pub counted: bool,
}

impl Directory {
    fn may_be_long(&self) -> bool {
        let is_of_one = |filter: &AccountFilter| {
            use AccountText::{Email, Username};
            matches!(filter, AccountFilter::Id(_) | AccountFilter::Text(Username | Email, _))
        };
        self.slice.limit.is_none_or(|limit| limit > SHORT) && !self.filters.iter().any(is_of_one)
    }
}

/// An account as an administrator wants it to be, but for the password.
pub struct Wanted {
    /// What the holder signs in with.
    pub username: Username,
    /// Where the holder's mail goes. `None` leaves it as it is, which may be nowhere: accounts that programs use, and
    /// adopted ones, have no address.
    pub email: Option<EmailAddress>,
    /// The name people call the holder by. `None` leaves it as it is.
    pub full_name: Option<String>,
    /// What the holder may do.
    pub role: RoleChoice,
    /// The tenant the holder belongs to.
    pub tenant: TenantId,
    /// The free fields.
    pub profile: Profile,
    /// The upstream CDN the account acts for, `""` for none.
    pub ucdn: String,
    /// Whether the holder has yet to finish the registration.
    pub new_user: bool,
    /// What the client says nothing about.
    pub left_out: LeftOut,
}

/// Fields that not every client knows: where they are left out, a change leaves them as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// [`Profile::gid`].
    pub gid: bool,
    /// [`Profile::uid`].
    pub uid: bool,
    /// [`Wanted::ucdn`].
    pub ucdn: bool,
}

/// How many lists that may be long are made at once. Each takes a core and a database connection for as long as it
/// takes, and sign-ins want some of both; the others wait for their turn.
const LONG_LISTS_AT_ONCE: usize = 2;
/// What is no longer than this is never long.
const SHORT: i64 = 200;

/// How many accounts are written down before other requests get their turn.
const AT_A_STRETCH: usize = 64;

impl Users {
    pub(super) fn new(core: Core) -> Self {
        Self { core, long_lists: Arc::new(Semaphore::new(LONG_LISTS_AT_ONCE)) }
    }

    /// When anything that lists of accounts show was last changed or removed.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn last_change(&self) -> Result<OffsetDateTime, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::accounts::last_change(&client).await?)
    }

    /// Hands over the accounts within the actor's reach, one after the other as they come from the database.
    ///
    /// A database connection is held until the last one: `each` must not wait for anybody.
    ///
    /// # Errors
    /// [`Fault`], also when `each` could not take one.
    pub async fn list(
        &self,
        actor: Actor<'_>,
        directory: &Directory,
        mut each: impl FnMut(&Listed) -> Result<(), Fault> + Send,
    ) -> Result<(), Fault> {
        let _turn = match directory.may_be_long() {
            true => self.long_lists.acquire().await.ok(),
            false => None,
        };
        let client = self.core.database.client().await?;
        let search = Search {
            seen_from: actor.tenant(),
            filters: &directory.filters,
            slice: &directory.slice,
            counted: directory.counted,
        };
        let mut found = std::pin::pin!(store::accounts::search(&client, &search).await?);
        let mut stretch = 0;
        while let Some(listed) = found.try_next().await? {
            each(&listed)?;
            stretch += 1;
            if stretch % AT_A_STRETCH == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }
}
