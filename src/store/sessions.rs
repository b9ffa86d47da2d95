//! Table `latchkey.session`: sign-ins that have not ended.

mod plain;

use time::{Duration, OffsetDateTime};

use super::{
    GenericClient, StoreError,
    accounts::{self, account_columns, account_joins},
    row::Columns,
    tenants::awake,
};
use crate::domain::{Account, AccountId, Digest, PasswordHash, SessionId};
pub use plain::{Outcomes, PlainSignIn, open_plain};

/// A session to be opened.
pub struct NewSession<'a> {
    /// Whose it is.
    pub account: AccountId,
    /// Digest of the token that the client gets.
    pub digest: &'a Digest,
    /// When it ends whatever happens.
    pub ends_at: OffsetDateTime,
    /// The client's address, for the holder to recognise.
    pub address: Option<&'a str>,
    /// The client's own name for itself, for the holder to recognise.
    pub user_agent: Option<&'a str>,
}

/// A session that was opened.
pub struct Opened {
    /// Whether the account's last sign-in is to be [noted](accounts::note_sign_in) anew, after the commit: the row is
    /// held for reading only, and two sign-ins at once would wait for each other in a circle.
    pub to_be_noted: bool,
}

/// Opens a session, if the password is still the one that was verified and the tenant is active; else `None`.
///
/// `verified` is `None` for sign-ins without a password. The account's row is held meanwhile: a password that is being
/// changed at this moment is waited for, so that no session slips in behind it.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when the password is being changed for too long.
pub async fn open(
    client: &impl GenericClient,
    session: &NewSession<'_>,
    verified: Option<&PasswordHash>,
    now: OffsetDateTime,
) -> Result<Option<Opened>, StoreError> {
    const SQL: &str = concat!(
        "WITH held AS (SELECT id, last_authenticated FROM public.tm_user \
           WHERE id = $1 AND ($7::text IS NULL OR local_passwd = $7) AND ",
        awake!("tm_user.tenant_id"),
        " FOR SHARE), \
         opened AS (INSERT INTO latchkey.session \
           (account_id, digest, ends_at, opened_at, last_seen_at, address, user_agent) \
           SELECT id, $2, $3, $4, $4, $5, $6 FROM held) \
         SELECT last_authenticated FROM held"
    );
    let statement = client.prepare_cached(SQL).await?;
    let hash = verified.map(PasswordHash::as_str);
    let digest = session.digest.0.as_slice();
    let account = session.account.0;
    let row = client
        .query_opt(
            &statement,
            &[&account, &digest, &session.ends_at, &now, &session.address, &session.user_agent, &hash],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let noted: Option<OffsetDateTime> = row.try_get(0)?;
    let to_be_noted = noted.is_none_or(|noted| noted < now - accounts::SIGN_IN_NOTED_EVERY);
    Ok(Some(Opened { to_be_noted }))
}

/// A session that was found, and whose it is.
pub struct Found {
    /// The row's identity.
    pub id: SessionId,
    /// When it ends whatever happens.
    pub ends_at: OffsetDateTime,
    /// When it was last used; at most a minute behind.
    pub last_seen_at: OffsetDateTime,
    /// How many change-log rows the holder has written, if that was asked for.
    pub change_log: Option<i64>,
    /// The holder, with role and tenant.
    pub account: Account,
}

/// The session with this token, if it has not ended: one statement for session, account, role and tenant, and for
/// the length of the holder's change log where that is to be shown.
///
/// # Errors
/// [`StoreError`].
pub async fn by_digest(
    client: &impl GenericClient,
    digest: &Digest,
    counting: bool,
    now: OffsetDateTime,
) -> Result<Option<Found>, StoreError> {
    const SQL: &str = concat!(
        "SELECT s.id, s.ends_at, s.last_seen_at, \
         CASE WHEN $3 THEN (SELECT count(*) FROM public.log l WHERE l.tm_user = u.id) END, ",
        account_columns!(),
        " FROM latchkey.session s JOIN public.tm_user u ON u.id = s.account_id",
        account_joins!(),
        "WHERE s.digest = $1 AND s.ends_at > $2"
    );
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&digest.0.as_slice(), &now, &counting]).await?;
    row.map(|row| {
        let mut columns = Columns::of(&row);
        Ok(Found {
            id: SessionId(columns.take()?),
            ends_at: columns.take()?,
            last_seen_at: columns.take()?,
            change_log: columns.take()?,
            account: accounts::read(&mut columns)?,
        })
    })
    .transpose()
}

/// How stale `last_seen_at` may get before a request writes it.
pub const SEEN_NOTED_EVERY: Duration = Duration::minutes(1);

/// Notes that a session was used.
///
/// # Errors
/// [`StoreError`].
pub async fn seen(client: &impl GenericClient, id: SessionId, now: OffsetDateTime) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE latchkey.session SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&id.0, &now]).await?;
    Ok(())
}

/// Whether the session has a row: it was not ended.
///
/// # Errors
/// [`StoreError`].
pub async fn lives(client: &impl GenericClient, id: SessionId) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT EXISTS (SELECT FROM latchkey.session WHERE id = $1)";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.query_one(&statement, &[&id.0]).await?.try_get(0)?)
}

/// Ends one session.
///
/// # Errors
/// [`StoreError`].
pub async fn end(client: &impl GenericClient, id: SessionId) -> Result<(), StoreError> {
    let statement = client.prepare_cached("DELETE FROM latchkey.session WHERE id = $1").await?;
    client.execute(&statement, &[&id.0]).await?;
    Ok(())
}

/// A session as its holder sees it.
pub struct OpenSession {
    /// The row's identity.
    pub id: SessionId,
    /// When it was opened.
    pub opened_at: OffsetDateTime,
    /// When it was last used; at most a minute behind.
    pub last_seen_at: OffsetDateTime,
    /// The client's address when it was opened.
    pub address: Option<String>,
    /// The client's own name for itself.
    pub user_agent: Option<String>,
}

/// The sessions of an account that have not ended, the newest use first.
///
/// # Errors
/// [`StoreError`].
pub async fn of_account(
    client: &impl GenericClient,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<Vec<OpenSession>, StoreError> {
    const SQL: &str = "SELECT id, opened_at, last_seen_at, address, user_agent FROM latchkey.session \
         WHERE account_id = $1 AND ends_at > $2 ORDER BY last_seen_at DESC, id DESC";
    let statement = client.prepare_cached(SQL).await?;
    let rows = client.query(&statement, &[&account.0, &now]).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok(OpenSession {
                id: SessionId(columns.take()?),
                opened_at: columns.take()?,
                last_seen_at: columns.take()?,
                address: columns.take()?,
                user_agent: columns.take()?,
            })
        })
        .collect()
}

/// Ends one session of an account; `false` if it has none with this identity.
///
/// # Errors
/// [`StoreError`].
pub async fn end_of_account(
    client: &impl GenericClient,
    account: AccountId,
    id: SessionId,
) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM latchkey.session WHERE id = $1 AND account_id = $2";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.execute(&statement, &[&id.0, &account.0]).await? == 1)
}

/// Ends all sessions of an account, except one that may go on.
///
/// # Errors
/// [`StoreError`].
pub async fn end_all(
    client: &impl GenericClient,
    account: AccountId,
    except: Option<SessionId>,
) -> Result<u64, StoreError> {
    const SQL: &str = "DELETE FROM latchkey.session WHERE account_id = $1 AND id IS DISTINCT FROM $2";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.execute(&statement, &[&account.0, &except.map(|id| id.0)]).await?)
}
