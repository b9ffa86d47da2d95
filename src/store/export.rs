//! Tables `tenant`, `role` and `tm_user`, as they are read to go elsewhere: one row after the other, at one moment.

use std::collections::VecDeque;

use tokio_postgres::Row;

use super::{Database, GenericClient, StoreError, roles::granted_in_order, row::Columns};
use crate::domain::{MovingLine, RoleLine, TenantLine, UserLine};

/// Those above come before those below.
const TENANTS: &str = "WITH RECURSIVE tree (id, name, parent, active, depth) AS (\
       SELECT id, name, NULL::text, active, 0 FROM public.tenant WHERE parent_id IS NULL \
       UNION ALL SELECT t.id, t.name, tree.name, t.active, tree.depth + 1 \
       FROM tree JOIN public.tenant t ON t.parent_id = tree.id) \
     SELECT id::bigint, name, parent, active FROM tree ORDER BY depth, name COLLATE \"C\"";

const ROLES: &str = concat!(
    "SELECT r.id::bigint, r.name, coalesce(r.description, ''), r.priv_level::bigint, ",
    granted_in_order!(),
    " FROM public.role r ORDER BY r.name COLLATE \"C\""
);

/// A column that an older Traffic Ops has not got is read as nothing: hence JSON.
macro_rules! users {
    ($order:literal) => {
        concat!(
            "SELECT u.id::bigint, u.username, nullif(u.email, ''), u.full_name, r.name, t.name, u.local_passwd, \
               u.new_user, (j ->> 'registration_sent')::timestamptz, (j ->> 'last_authenticated')::timestamptz, \
               (j ->> 'last_updated')::timestamptz, j ->> 'ucdn', j ->> 'address_line1', j ->> 'address_line2', \
               j ->> 'city', j ->> 'company', j ->> 'country', (j ->> 'gid')::bigint, j ->> 'phone_number', \
               j ->> 'postal_code', j ->> 'public_ssh_key', j ->> 'state_or_province', (j ->> 'uid')::bigint \
             FROM public.tm_user u CROSS JOIN LATERAL to_jsonb(u) AS j LEFT JOIN public.role r ON r.id = u.role \
             LEFT JOIN public.tenant t ON t.id = u.tenant_id ORDER BY ",
            $order
        )
    };
}

/// In which order accounts leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departing {
    /// By user name, byte by byte: the same accounts are the same text everywhere.
    ByName,
    /// The oldest first, who wins where two can't both be taken in.
    ByAge,
}

#[derive(Clone, Copy)]
enum Stage {
    Tenants,
    Roles,
    Users,
}

/// Everything that can leave a database with Traffic Ops' tables, latchkey's or not, as it was at one moment.
///
/// Never more than some rows are held at once, and no statement lasts longer than those take. Nothing is written.
pub struct Departures<C> {
    transaction: C,
    order: Departing,
    stage: Option<Stage>,
    rows: VecDeque<Row>,
}

const FETCH: &str = "FETCH 1000 FROM latchkey_departure";

impl<C: GenericClient> Departures<C> {
    /// Begins, in a transaction of its own in which nothing was asked yet.
    ///
    /// # Errors
    /// [`StoreError`], also when the tables are not there.
    pub async fn begin(transaction: C, order: Departing) -> Result<Self, StoreError> {
        transaction.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let mut departures = Self { transaction, order, stage: None, rows: VecDeque::new() };
        departures.turn_to(Some(Stage::Tenants)).await?;
        Ok(departures)
    }

    /// The next one, with the table it is from and its number there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next(&mut self) -> Result<Option<(&'static str, i64, MovingLine)>, StoreError> {
        while let Some(stage) = self.stage {
            if let Some(row) = self.rows.pop_front() {
                return read(stage, &row).map(Some);
            }
            self.rows = self.transaction.query(FETCH, &[]).await?.into();
            if self.rows.is_empty() {
                self.transaction.batch_execute("CLOSE latchkey_departure").await?;
                self.turn_to(stage.next()).await?;
            }
        }
        Ok(None)
    }

    async fn turn_to(&mut self, stage: Option<Stage>) -> Result<(), StoreError> {
        self.stage = stage;
        let rows = match (stage, self.order) {
            (None, _) => return Ok(()),
            (Some(Stage::Tenants), _) => TENANTS,
            (Some(Stage::Roles), _) => ROLES,
            (Some(Stage::Users), Departing::ByName) => users!("u.username COLLATE \"C\""),
            (Some(Stage::Users), Departing::ByAge) => users!("u.id"),
        };
        let declare = format!("DECLARE latchkey_departure NO SCROLL CURSOR FOR {rows}");
        Ok(self.transaction.batch_execute(&declare).await?)
    }
}

/// How many accounts a database has.
///
/// # Errors
/// [`StoreError`].
pub async fn accounts(database: &Database) -> Result<u64, StoreError> {
    let client = database.client().await?;
    let count: i64 = client.query_one("SELECT count(*) FROM public.tm_user", &[]).await?.try_get(0)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

impl Stage {
    fn next(self) -> Option<Self> {
        match self {
            Self::Tenants => Some(Self::Roles),
            Self::Roles => Some(Self::Users),
            Self::Users => None,
        }
    }
}

fn read(stage: Stage, row: &Row) -> Result<(&'static str, i64, MovingLine), StoreError> {
    let mut columns = Columns::of(row);
    let number = columns.take()?;
    Ok(match stage {
        Stage::Tenants => ("tenant", number, MovingLine::Tenant(tenant(&mut columns)?)),
        Stage::Roles => ("role", number, MovingLine::Role(role(&mut columns)?)),
        Stage::Users => ("tm_user", number, MovingLine::User(Box::new(user(&mut columns)?))),
    })
}

fn tenant(columns: &mut Columns<'_>) -> Result<TenantLine, StoreError> {
    Ok(TenantLine { name: columns.take()?, parent: columns.take()?, active: columns.take()? })
}

fn role(columns: &mut Columns<'_>) -> Result<RoleLine, StoreError> {
    Ok(RoleLine {
        name: columns.take()?,
        description: columns.take()?,
        priv_level: columns.take()?,
        permissions: columns.take()?,
    })
}

fn user(columns: &mut Columns<'_>) -> Result<UserLine, StoreError> {
    Ok(UserLine {
        username: columns.take()?,
        email: columns.take()?,
        full_name: columns.take()?,
        role: Some(columns.take()?),
        tenant: columns.take()?,
        password_hash: columns.take()?,
        new_user: columns.take()?,
        registration_sent: columns.take()?,
        last_authenticated: columns.take()?,
        last_updated: columns.take()?,
        ucdn: columns.take()?,
        address_line1: columns.take()?,
        address_line2: columns.take()?,
        city: columns.take()?,
        company: columns.take()?,
        country: columns.take()?,
        gid: columns.take()?,
        phone_number: columns.take()?,
        postal_code: columns.take()?,
        public_ssh_key: columns.take()?,
        state_or_province: columns.take()?,
        uid: columns.take()?,
    })
}
