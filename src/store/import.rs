//! Tables `tm_user`, `role` and `tenant`, as they are filled from elsewhere: many accounts with few statements.

mod ground;

use time::OffsetDateTime;
use tokio_postgres::types::ToSql;

use super::{GenericClient, StoreError, row::Columns};
use crate::domain::{AuditKind, EmailAddress, PasswordHash, Profile, Username};
pub use ground::{HeldRole, HeldTenant, move_tenant, plant_tenant, role_named, tenant_named};

/// An account that passed the rules and may be made, if its names are free.
pub struct Arrival {
    /// What the holder signs in with.
    pub username: Username,
    /// Where the holder's mail goes.
    pub email: Option<EmailAddress>,
    /// The name people call the holder by.
    pub full_name: Option<String>,
    /// The stored form of the password.
    pub hash: Option<PasswordHash>,
    /// The name of the role, if there is to be one.
    pub role: Option<String>,
    /// The name of the tenant.
    pub tenant: String,
    /// Invited, and has not finished the registration.
    pub new_user: bool,
    /// When the invitation was sent.
    pub registration_sent: Option<OffsetDateTime>,
    /// When the holder last signed in.
    pub last_authenticated: Option<OffsetDateTime>,
    /// When the account was last changed.
    pub last_updated: OffsetDateTime,
    /// The upstream CDN the account acts for, `""` for none.
    pub ucdn: String,
    /// The free fields.
    pub profile: Profile,
}

/// What an arrival finds.
pub struct Found {
    /// Whether it names no role, or one that is there.
    pub role_known: bool,
    /// Whether its tenant is there.
    pub tenant_known: bool,
    /// Whether an account has its user name; then, whether that one has its address too.
    pub namesake: Option<bool>,
    /// The user name of an account that has its address, compared without case.
    pub at_address: Option<String>,
    /// The address as it is compared.
    pub address: Option<String>,
}

/// What arrivals find: one for each, whoever else arrives.
///
/// # Errors
/// [`StoreError`].
pub async fn look_round(
    client: &impl GenericClient,
    arrivals: &[&Arrival],
) -> Result<Vec<Found>, StoreError> {
    // LIMIT keeps the planner at one look into an index for each, however many accounts there are.
    const SQL: &str = "SELECT a.role IS NULL OR r.id IS NOT NULL, t.id IS NOT NULL, named.same_address, \
           mailed.username, lower(a.email) \
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY \
           AS a (username, email, role, tenant, place) \
         LEFT JOIN public.role r ON r.name = a.role LEFT JOIN public.tenant t ON t.name = a.tenant \
         LEFT JOIN LATERAL (SELECT lower(n.email) IS NOT DISTINCT FROM lower(a.email) AS same_address \
           FROM public.tm_user n WHERE n.username = a.username LIMIT 1) AS named ON true \
         LEFT JOIN LATERAL (SELECT m.username FROM public.tm_user m WHERE lower(m.email) = lower(a.email) LIMIT 1) \
           AS mailed ON true \
         ORDER BY a.place";
    let usernames = column(arrivals, |arrival| arrival.username.as_str());
    let emails = column(arrivals, |arrival| arrival.email.as_ref().map(EmailAddress::as_str));
    let roles = column(arrivals, |arrival| arrival.role.as_deref());
    let tenants = column(arrivals, |arrival| arrival.tenant.as_str());
    let rows = client.query(SQL, &[&usernames, &emails, &roles, &tenants]).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok(Found {
                role_known: columns.take()?,
                tenant_known: columns.take()?,
                namesake: columns.take()?,
                at_address: columns.take()?,
                address: columns.take()?,
            })
        })
        .collect()
}

/// The fields of an account, in the order of the values that [`let_in`] hands over.
const INTO: &str = "WITH made AS (INSERT INTO public.tm_user \
       (username, email, full_name, local_passwd, role, tenant_id, new_user, registration_sent, \
        last_authenticated, last_updated, ucdn, address_line1, address_line2, city, company, country, gid, \
        phone_number, postal_code, public_ssh_key, state_or_province, uid) \
     SELECT a.username, a.email, a.full_name, a.local_passwd, r.id, t.id, a.new_user, a.registration_sent, \
        a.last_authenticated, a.last_updated, a.ucdn, a.address_line1, a.address_line2, a.city, a.company, \
        a.country, a.gid, a.phone_number, a.postal_code, a.public_ssh_key, a.state_or_province, a.uid \
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], \
        $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], $13::text[], \
        $14::text[], $15::text[], $16::text[], $17::bigint[], $18::text[], $19::text[], $20::text[], \
        $21::text[], $22::bigint[]) WITH ORDINALITY \
       AS a (username, email, full_name, local_passwd, role, tenant, new_user, registration_sent, \
        last_authenticated, last_updated, ucdn, address_line1, address_line2, city, company, country, gid, \
        phone_number, postal_code, public_ssh_key, state_or_province, uid, place) \
     JOIN public.tenant t ON t.name = a.tenant LEFT JOIN public.role r ON r.name = a.role \
     ORDER BY a.place ON CONFLICT DO NOTHING RETURNING id, username), \
     put_down AS (INSERT INTO latchkey.audit_event (happened_at, event, account_id, dialect, detail) \
       SELECT $23, $24, id, 'cli', '{\"imported\": true}' FROM made) \
     SELECT username FROM made";

/// Makes accounts of all of these, with a line in the audit trail for each, and returns the user names of those that
/// were made: the others lost their name or address to somebody who came at the same moment.
///
/// # Errors
/// [`StoreError`].
pub async fn let_in(
    client: &impl GenericClient,
    arrivals: &[&Arrival],
    now: OffsetDateTime,
) -> Result<Vec<String>, StoreError> {
    let free = |of: fn(&Profile) -> &Option<String>| {
        column(arrivals, move |arrival| of(&arrival.profile).as_deref())
    };
    let values: [&(dyn ToSql + Sync); 24] = [
        &column(arrivals, |arrival| arrival.username.as_str()),
        &column(arrivals, |arrival| arrival.email.as_ref().map(EmailAddress::as_str)),
        &column(arrivals, |arrival| arrival.full_name.as_deref()),
        &column(arrivals, |arrival| arrival.hash.as_ref().map(PasswordHash::as_str)),
        &column(arrivals, |arrival| arrival.role.as_deref()),
        &column(arrivals, |arrival| arrival.tenant.as_str()),
        &column(arrivals, |arrival| arrival.new_user),
        &column(arrivals, |arrival| arrival.registration_sent),
        &column(arrivals, |arrival| arrival.last_authenticated),
        &column(arrivals, |arrival| arrival.last_updated),
        &column(arrivals, |arrival| arrival.ucdn.as_str()),
        &free(|profile| &profile.address_line1),
        &free(|profile| &profile.address_line2),
        &free(|profile| &profile.city),
        &free(|profile| &profile.company),
        &free(|profile| &profile.country),
        &column(arrivals, |arrival| arrival.profile.gid),
        &free(|profile| &profile.phone_number),
        &free(|profile| &profile.postal_code),
        &free(|profile| &profile.public_ssh_key),
        &free(|profile| &profile.state_or_province),
        &column(arrivals, |arrival| arrival.profile.uid),
        &now,
        &AuditKind::AccountCreated.as_str(),
    ];
    let rows = client.query(INTO, &values).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// One field of all of them, as an array for PostgreSQL.
fn column<'a, T>(arrivals: &[&'a Arrival], of: impl Fn(&'a Arrival) -> T) -> Vec<T> {
    arrivals.iter().map(|arrival| of(arrival)).collect()
}
