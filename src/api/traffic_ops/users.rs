//! Other people's accounts.
//!
//! Source of rules and texts: fact sheet Traffic Ops §1.10 to §1.12. `DELETE users/{id}` is latchkey's own: the
//! original lacks it, though its Go client has the call.

mod directory;
mod manner;

use http::{HeaderValue, header};

use super::{
    conditional,
    tenants::OUT_OF_REACH,
    whole::{Sent, Whole},
};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::{AccountId, Password, UsernameRefused},
    service::{ChangeError, CreateError, LogWords, RemoveError, Wanted},
};
pub(super) use directory::{list, show};
pub(super) use manner::{From4, Manner, UpTo3};

const TOO_STRONG: &str = "user cannot update a user with a role more privileged than themselves";

/// `POST users`
pub(super) async fn create<M: Manner>(call: Call) -> Result<Reply, Problem> {
    let form = whole::<M>(&call)?;
    let (taken, said) = (Taken::of(&form), form.new_user);
    let (wanted, password) = wanted(form);
    let password = password.ok_or_else(|| Problem::bad_request("'localPasswd' cannot be blank"))?;
    let made = call.site.services.users.create(call.errand(M::WORDS)?, wanted, password).await;
    let account = made.map_err(|error| match error {
        CreateError::TenantOutOfReach => Problem::forbidden(OUT_OF_REACH),
        CreateError::NoSuchRole => Problem::not_found("role not found"),
        CreateError::StrongerRole(lacking) => Problem::forbidden(M::too_strong(&lacking)),
        CreateError::Username(refused) => unusable_name(refused),
        CreateError::UsernameTaken => taken.username(),
        CreateError::EmailTaken => taken.email(),
        CreateError::Internal(fault) => fault.into(),
    })?;
    let reply = M::written(&account, said)?.saying("user was created.").with_status(M::CREATED);
    Ok(conditional::tagged(located::<M>(reply, &call, account.id), account.last_updated))
}

/// A name that nobody may take from now on, in the words of one that nobody can have.
pub(super) fn unusable_name(refused: UsernameRefused) -> Problem {
    Problem::bad_request(format!("'username' is not usable: {refused}"))
}

/// Says where the new account is, in the versions that do.
fn located<M: Manner>(reply: Reply, call: &Call, AccountId(id): AccountId) -> Reply {
    let mount = call.site.table.mount(&call.endpoint);
    match HeaderValue::from_str(&format!("{mount}/users?id={id}")) {
        Ok(location) if M::LOCATED => reply.with(header::LOCATION, location),
        _ => reply,
    }
}

/// `PUT users/{id}`
pub(super) async fn change<M: Manner>(call: Call) -> Result<Reply, Problem> {
    let (id, form) = M::in_order(id::<M>(&call), whole::<M>(&call))?;
    let (taken, said) = (Taken::of(&form), form.new_user);
    let (errand, condition) = (call.errand(M::WORDS)?, conditional::precondition(&call));
    let (wanted, password) = wanted(form);
    let changed = call.site.services.users.change(errand, id, wanted, password, condition).await;
    let account = changed.map_err(|error| match error {
        ChangeError::NoSuchUser => Problem::not_found(NO_SUCH_USER),
        ChangeError::NoSuchRole => Problem::not_found(M::NO_SUCH_ROLE),
        ChangeError::OwnRole => Problem::bad_request("users cannot update their own role"),
        ChangeError::TenantOutOfReach => Problem::forbidden(OUT_OF_REACH),
        ChangeError::StrongerRole(_) => Problem::forbidden(TOO_STRONG),
        ChangeError::LastAdministrator => Problem::bad_request(LAST_ADMINISTRATOR),
        ChangeError::Modified => conditional::modified(),
        ChangeError::Username(refused) => unusable_name(refused),
        ChangeError::UsernameTaken => taken.username(),
        ChangeError::EmailTaken => taken.email(),
        ChangeError::Internal(fault) => fault.into(),
    })?;
    let reply = M::written(&account, said)?.saying("user was updated.");
    Ok(conditional::tagged(reply, account.last_updated))
}

/// `DELETE users/{id}`
pub(super) async fn remove(call: Call) -> Result<Reply, Problem> {
    let id = id::<From4>(&call)?;
    let removed = call.site.services.users.remove(call.errand(LogWords::Plain)?, id).await;
    removed.map_err(|error| match error {
        RemoveError::NoSuchUser => Problem::not_found(NO_SUCH_USER),
        RemoveError::Oneself => Problem::bad_request("users cannot delete themselves"),
        RemoveError::TenantOutOfReach => Problem::forbidden(OUT_OF_REACH),
        RemoveError::StrongerRole(_) => {
            Problem::forbidden("user cannot delete a user with a role more privileged than themselves")
        }
        RemoveError::LastAdministrator => Problem::bad_request(LAST_ADMINISTRATOR),
        RemoveError::InUse(table) => {
            Problem::bad_request(format!("cannot delete user because it is being used by a/an {table}"))
        }
        RemoveError::Internal(fault) => fault.into(),
    })?;
    Ok(Reply::note("user was deleted."))
}

const NO_SUCH_USER: &str = "no user found with this id";
const LAST_ADMINISTRATOR: &str = "the last user with the 'admin' Role cannot be deleted or given another one";

fn id<M: Manner>(call: &Call) -> Result<AccountId, Problem> {
    let number = call.param("id").and_then(|text| text.parse().ok());
    number.map(AccountId).ok_or_else(|| Problem::bad_request(M::BAD_ID))
}

fn whole<M: Manner>(call: &Call) -> Result<Whole, Problem> {
    Sent::read(&call.fields()?, M::ROLE, None)?.checked(&call.site.refused_words)
}

fn wanted(form: Whole) -> (Wanted, Option<Password>) {
    let wanted = Wanted {
        username: form.username,
        email: Some(form.email),
        full_name: Some(form.full_name),
        role: form.role,
        tenant: form.tenant,
        profile: form.profile,
        ucdn: form.ucdn,
        new_user: form.new_user.unwrap_or_default(),
        left_out: form.left_out,
    };
    (wanted, form.password)
}

/// What may turn out to belong to somebody else.
struct Taken {
    username: String,
    email: String,
}

impl Taken {
    fn of(form: &Whole) -> Self {
        Self { username: form.username.to_string(), email: form.email.to_string() }
    }

    fn username(&self) -> Problem {
        Problem::bad_request(format!("tm_user username '{}' already exists.", self.username))
    }

    fn email(&self) -> Problem {
        Problem::bad_request(format!("tm_user email '{}' already exists.", self.email))
    }
}
