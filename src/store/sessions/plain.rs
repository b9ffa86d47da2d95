//! Sessions of plain sign-ins, several opened by one statement: a known program at a known place with a password that
//! was right a moment ago, nothing counted against it, and nobody at the account at this moment.

use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::{
    domain::{AccountId, Digest, PasswordHash, Role},
    store::{
        GenericClient, StoreError, accounts,
        audit::{NewEvent, Written},
        devices::seen_today,
        throttle::unburdened,
    },
};

/// A session that is opened if its sign-in is a plain one.
pub struct PlainSignIn<'a> {
    /// Whose name it was a moment ago.
    pub account: AccountId,
    /// The user name, as typed.
    pub username: &'a str,
    /// The stored password that was verified.
    pub verified: &'a PasswordHash,
    /// Digest of the token that the client gets.
    pub token: Digest,
    /// The network that it comes from.
    pub place: &'a str,
    /// Digest of what the client calls itself, without its version.
    pub program: Digest,
    /// What the client calls itself.
    pub user_agent: Option<&'a str>,
    /// What failures are counted under, if they are.
    pub subject: Option<Digest>,
    /// What is put down with it.
    pub event: NewEvent<'a>,
}

/// What became of several sign-ins.
pub struct Outcomes {
    /// Of each, in their order, whether it was a plain one. The others have to be judged one by one.
    pub opened: Vec<bool>,
    /// Whose last sign-in is to be [noted](accounts::note_sign_ins) after the commit.
    pub to_be_noted: Vec<AccountId>,
    /// What was put down.
    pub written: Written,
}

/// Opens the sessions of those who may sign in as plainly as that, and puts them down in the audit trail.
///
/// As by [`open`](super::open) each account's row is held, so that no session slips in behind a new password. But whom
/// somebody else holds is left out: no stranger waits for another here. To be called in a
/// [transaction of one](crate::store::Client::transaction_of_one).
///
/// # Errors
/// [`StoreError::Corrupt`] when the database speaks of a sign-in that was not asked about, and the others of
/// [`StoreError`].
pub async fn open_plain(
    client: &impl GenericClient,
    sign_ins: &[PlainSignIn<'_>],
    ends_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Outcomes, StoreError> {
    let (mut opened, mut to_be_noted) = (vec![false; sign_ins.len()], Vec::new());
    let mut written = Written::default();
    for row in insert(client, sign_ins, ends_at, now).await? {
        let number: i64 = row.try_get(0)?;
        let at = usize::try_from(number - 1).ok().filter(|at| *at < sign_ins.len());
        let at = at.ok_or_else(|| StoreError::Corrupt(format!("sign-in {number} of {}", sign_ins.len())))?;
        opened[at] = true;
        written = written.and(Written::of(&sign_ins[at].event));
        if row.try_get(1)? {
            to_be_noted.push(sign_ins[at].account);
        }
    }
    Ok(Outcomes { opened, to_be_noted, written })
}

/// `$1` now, `$2` the end of the sessions, `$3` since when a sign-in need not be noted anew, `$4` the role that may not
/// sign in, then a column for each value of a sign-in. `UNION` comes to an end even where tenants stand in a ring.
const SQL: &str = concat!(
    "WITH RECURSIVE asked AS (SELECT * FROM unnest($5::bigint[], $6::text[], $7::text[], $8::bytea[], \
      $9::text[], $10::bytea[], $11::text[], $12::bytea[], $13::text[], $14::text[], $15::text[], $16::jsonb[]) \
      WITH ORDINALITY AS a (account, username, verified, token, place, program, user_agent, subject, \
        event, dialect, address, detail, number)), \
    held AS (SELECT id, username, local_passwd, role, tenant_id, last_authenticated FROM public.tm_user \
      WHERE id = ANY ($5) FOR SHARE SKIP LOCKED), \
    up AS (SELECT t.id AS tenant, t.parent_id, t.active FROM public.tenant t \
        WHERE t.id IN (SELECT tenant_id FROM held) \
      UNION SELECT up.tenant, t.parent_id, t.active FROM up JOIN public.tenant t ON t.id = up.parent_id), \
    awake AS (SELECT tenant FROM up GROUP BY tenant HAVING bool_and(active)), \
    plain AS (SELECT a.*, h.last_authenticated FROM asked a \
      JOIN held h ON h.id = a.account AND h.username = a.username AND h.local_passwd = a.verified \
      JOIN awake ON awake.tenant = h.tenant_id \
      JOIN public.role r ON r.id = h.role AND r.name <> $4 \
      WHERE ",
    seen_today!("a.account", "a.place", "a.program", "$1"),
    " AND ",
    unburdened!("a.subject", "$1"),
    "), \
    opened AS (INSERT INTO latchkey.session \
      (account_id, digest, ends_at, opened_at, last_seen_at, address, user_agent) \
      SELECT account, token, $2, $1, $1, address, user_agent FROM plain), \
    put_down AS (INSERT INTO latchkey.audit_event \
      (happened_at, event, account_id, actor_id, dialect, address, detail) \
      SELECT $1, event, account, account, dialect, address, detail FROM plain) \
    SELECT number, last_authenticated IS NULL OR last_authenticated < $3 FROM plain"
);

/// The numbers of those that were opened, from 1, and whether their last sign-in is to be noted.
async fn insert(
    client: &impl GenericClient,
    sign_ins: &[PlainSignIn<'_>],
    ends_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Vec<Row>, StoreError> {
    let statement = client.prepare_cached(SQL).await?;
    let stale = now - accounts::SIGN_IN_NOTED_EVERY;
    let (accounts, names) = (each(sign_ins, |of| of.account.0), each(sign_ins, |of| of.username));
    let verified = each(sign_ins, |of| of.verified.as_str());
    let tokens = each(sign_ins, |of| of.token.0.as_slice());
    let (places, agents) = (each(sign_ins, |of| of.place), each(sign_ins, |of| of.user_agent));
    let programs = each(sign_ins, |of| of.program.0.as_slice());
    let subjects = each(sign_ins, |of| of.subject.as_ref().map(|subject| subject.0.as_slice()));
    let (events, dialects) =
        (each(sign_ins, |of| of.event.kind.as_str()), each(sign_ins, |of| of.event.dialect));
    let (addresses, details) = (each(sign_ins, |of| of.event.address), each(sign_ins, |of| of.event.detail));
    Ok(client
        .query(
            &statement,
            &[
                &now,
                &ends_at,
                &stale,
                &Role::DISALLOWED,
                &accounts,
                &names,
                &verified,
                &tokens,
                &places,
                &programs,
                &agents,
                &subjects,
                &events,
                &dialects,
                &addresses,
                &details,
            ],
        )
        .await?)
}

fn each<'s, 'a, T>(sign_ins: &'s [PlainSignIn<'a>], of: impl Fn(&'s PlainSignIn<'a>) -> T) -> Vec<T> {
    sign_ins.iter().map(of).collect()
}
