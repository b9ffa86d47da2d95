//! What is needed to judge a sign-in, in one statement: the account, its password, its tenants, and who has to wait.

use time::OffsetDateTime;

use crate::{
    domain::{AccountId, Digest, EmailAddress, PasswordHash, Role},
    store::{
        GenericClient, StoreError,
        devices::seen_today,
        roles,
        row::Columns,
        tenants::{awake, upwards},
        throttle::held_until,
    },
};

/// Who is looked for, and where the request comes from.
pub struct Sought<'a> {
    /// The user name or address, as typed.
    pub name: &'a str,
    /// What failures with this name are counted under.
    pub subject: &'a Digest,
    /// The network that the request comes from.
    pub place: Option<&'a str>,
    /// Digest of what the client calls itself, without its version.
    pub program: &'a Digest,
    /// The moment.
    pub now: OffsetDateTime,
}

/// What was found under a name.
pub struct Judged {
    /// Until when sign-ins with this name are held back, whether or not anybody has it.
    pub name_held_until: Option<OffsetDateTime>,
    /// The account of the name.
    pub credentials: Option<Credentials>,
}

/// What is needed to judge a sign-in.
pub struct Credentials {
    /// Whose they are.
    pub account: AccountId,
    /// What the holder is called.
    pub username: String,
    /// Where the holder's mail goes.
    pub email: Option<EmailAddress>,
    /// The stored hash; none means that no password fits.
    pub hash: Option<PasswordHash>,
    /// The role, for accounts that have one.
    pub role: Option<Role>,
    /// Whether the tenant and all above it are active.
    pub tenant_active: bool,
    /// Until when sign-ins to this account are held back, by whatever name, from places that it was not used at.
    pub held_until: Option<OffsetDateTime>,
    /// How the account is known here; `None` where it was never used.
    pub here: Option<Here>,
}

/// An account at a place where its holder signed in before.
#[derive(Clone, Copy)]
pub struct Here {
    /// Until when sign-ins from here are held back.
    pub held_until: Option<OffsetDateTime>,
    /// Whether this program was used here in the last day: then there is nothing to note.
    pub noted: bool,
}

/// What failures at an account are counted under.
pub fn account_subject(AccountId(id): AccountId) -> Digest {
    Digest::of(format!("account {id}").as_bytes())
}

/// What failures at an account are counted under that come from a place which its holder knows.
pub fn place_subject(AccountId(id): AccountId, place: &str) -> Digest {
    Digest::of(format!("account {id} at {place}").as_bytes())
}

/// `$1` name, `$2` its subject, `$3` place, `$4` program, `$5` now. The subjects are those of [`account_subject`] and
/// [`place_subject`].
macro_rules! judged_where {
    ($condition:literal) => {
        concat!(
            "WITH RECURSIVE holder AS (SELECT u.id, u.username, u.email, u.local_passwd, u.role, u.tenant_id \
               FROM public.tm_user u WHERE ",
            $condition,
            " LIMIT 1), ",
            upwards!("above", "(SELECT tenant_id FROM holder)"),
            " SELECT ",
            held_until!("$2", "$5"),
            ", h.id, h.username, h.email, h.local_passwd, (SELECT bool_and(active) FROM above), ",
            held_until!("sha256(convert_to('account ' || h.id, 'UTF8'))", "$5"),
            ", EXISTS (SELECT FROM latchkey.device d WHERE d.account_id = h.id AND d.place = $3::text), ",
            held_until!("sha256(convert_to('account ' || h.id || ' at ' || $3, 'UTF8'))", "$5"),
            ", ",
            seen_today!("h.id", "$3", "$4", "$5"),
            ", r.id, r.name, r.priv_level, ARRAY[]::text[] \
             FROM (SELECT) always LEFT JOIN holder h ON true LEFT JOIN public.role r ON r.id = h.role"
        )
    };
}

/// The account with this user name, compared with case.
///
/// # Errors
/// [`StoreError`].
pub async fn by_username(client: &impl GenericClient, sought: &Sought<'_>) -> Result<Judged, StoreError> {
    judged(client, judged_where!("u.username = $1"), sought).await
}

/// The account with this address, compared without case.
///
/// # Errors
/// [`StoreError`].
pub async fn by_email(client: &impl GenericClient, sought: &Sought<'_>) -> Result<Judged, StoreError> {
    const SQL: &str = judged_where!("lower(u.email) = lower($1) ORDER BY u.email = $1 DESC, u.id");
    judged(client, SQL, sought).await
}

/// The account with this user name, or with this address. What looks like an address is first of all one: nobody
/// keeps somebody else out by taking their address for a name.
///
/// # Errors
/// [`StoreError`].
pub async fn by_either(client: &impl GenericClient, sought: &Sought<'_>) -> Result<Judged, StoreError> {
    const SQL: &str = judged_where!(
        "u.username = $1 OR lower(u.email) = lower($1) \
         ORDER BY (u.username = $1) <> (strpos($1, '@') > 0) DESC, u.email = $1 DESC, u.id"
    );
    judged(client, SQL, sought).await
}

async fn judged(client: &impl GenericClient, sql: &str, sought: &Sought<'_>) -> Result<Judged, StoreError> {
    let statement = client.prepare_cached(sql).await?;
    let Sought { name, subject, place, program, now } = sought;
    let (subject, program) = (subject.0.as_slice(), program.0.as_slice());
    let row = client.query_one(&statement, &[name, &subject, place, &program, now]).await?;
    let mut columns = Columns::of(&row);
    let name_held_until = columns.take()?;
    let credentials = match columns.take::<Option<i64>>()? {
        Some(id) => Some(read(AccountId(id), &mut columns)?),
        None => None,
    };
    Ok(Judged { name_held_until, credentials })
}

fn read(account: AccountId, columns: &mut Columns<'_>) -> Result<Credentials, StoreError> {
    let username = columns.take()?;
    let email = columns.take::<Option<String>>()?.map(EmailAddress::stored);
    let hash = columns.take::<Option<String>>()?.map(PasswordHash::stored);
    let tenant_active = columns.take()?;
    let held_until = columns.take()?;
    let is_known: bool = columns.take()?;
    let here = Here { held_until: columns.take()?, noted: columns.take()? };
    let here = is_known.then_some(here);
    let role = roles::read(columns)?;
    Ok(Credentials { account, username, email, hash, role, tenant_active, held_until, here })
}

/// Whether the tenant of an account, and all above it, are active.
///
/// # Errors
/// [`StoreError`].
pub async fn tenant_is_active(
    client: &impl GenericClient,
    AccountId(id): AccountId,
) -> Result<bool, StoreError> {
    const SQL: &str = concat!(
        "SELECT coalesce(",
        awake!("(SELECT tenant_id FROM public.tm_user WHERE id = $1)"),
        ", false)"
    );
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.query_one(&statement, &[&id]).await?.try_get(0)?)
}
