//! Whether a name and a password belong together, whichever contract asks.

mod mailed;

use serde_json::json;
use time::OffsetDateTime;

use super::{
    Core, Fault, Origin, SignInError, arrivals,
    audit::Act,
    throttle::{Standing, Subjects, name_subject},
};
use crate::{
    domain::{
        Account, AccountId, AuditKind, ClientId, EmailAddress, GeneratedPassword, PasswordAttempt,
        PasswordHash, Role,
    },
    ports::{Verdict, hasher::Guess},
    store::{
        self,
        accounts::{Credentials, Judged, Sought},
    },
};

/// How somebody who signs in says who they are.
#[derive(Clone, Copy)]
pub enum SignInName<'a> {
    /// By user name, with case.
    Username(&'a str),
    /// By e-mail address, without case.
    Email(&'a str),
    /// By either, as people remember it: the user name of one account goes before the address of another.
    Either(&'a str),
}

impl<'a> SignInName<'a> {
    fn as_typed(self) -> &'a str {
        let (Self::Username(text) | Self::Email(text) | Self::Either(text)) = self;
        text
    }
}

/// What somebody claims.
pub(super) struct Claim<'a> {
    /// Who they say they are.
    pub name: SignInName<'a>,
    /// The password, as typed.
    pub password: &'a str,
    /// Where the claim comes from.
    pub origin: &'a Origin,
    /// The client that they come through, where it proved who it is.
    pub client: Option<&'a ClientId>,
}

/// A claim that is true.
#[derive(Clone)]
pub(super) struct Verified {
    /// Whose the password is.
    pub account: AccountId,
    /// What the holder is called, whatever was typed.
    pub username: String,
    /// Where the holder's mail goes.
    pub email: Option<EmailAddress>,
    /// The stored hash that it fits.
    pub hash: PasswordHash,
    /// Whether this place and program were noted today.
    pub noted: bool,
    /// Since when the password is known to be right; none where the stored hash is about to be another one.
    pub since: Option<OffsetDateTime>,
}

/// Checks a claim and opens what the contract opens for it. Every refusal costs one hash, but for those who tried
/// too often.
///
/// `open` says `None` when the password is not the verified one any more, or the tenant not active. The former happens
/// when another sign-in improved the stored hash in between, so all is tried twice.
///
/// # Errors
/// [`SignInError::Refused`]; [`Fault::Throttled`] within [`SignInError::Internal`].
pub(super) async fn sign_in<T, O>(
    core: &Core,
    claim: &Claim<'_>,
    open: impl Fn(Verified) -> O,
) -> Result<T, SignInError>
where
    O: Future<Output = Result<Option<T>, Fault>>,
{
    admit(core, claim)?;
    let Some(attempt) = PasswordAttempt::parse(claim.password) else {
        charge(core, claim);
        return Err(SignInError::Refused);
    };
    for _ in 0..2 {
        let verified = verify(core, claim, attempt.clone()).await?;
        let Some(opened) = open(verified.clone()).await? else { continue };
        if verified.since.is_none()
            && let Err(fault) = improve(core, &verified, attempt).await
        {
            tracing::warn!(%fault, "a password of an older scheme was not hashed anew; the next sign-in will");
        }
        return Ok(opened);
    }
    Err(SignInError::Refused)
}

/// Everybody who comes through a client has its address: they are counted by the client.
fn admit(core: &Core, claim: &Claim<'_>) -> Result<(), Fault> {
    match claim.client {
        Some(client) => core.throttle.admit_client(client, core.clock.now()),
        None => core.throttle.admit(claim.origin, core.clock.now()),
    }
}

fn charge(core: &Core, claim: &Claim<'_>) {
    match claim.client {
        Some(client) => core.throttle.charge_client(client, core.clock.now()),
        None => core.throttle.charge(claim.origin, core.clock.now()),
    }
}

async fn verify(core: &Core, claim: &Claim<'_>, attempt: PasswordAttempt) -> Result<Verified, SignInError> {
    let Looked { judged, subjects } = look(core, claim.name, claim.origin, core.clock.now()).await?;
    let mut standing = core.throttle.standing(&judged, claim.origin, core.clock.now())?;
    let account = judged.credentials.as_ref().map(|found| found.account);
    let (compared, _guess) = compared(core, claim, judged.credentials, &attempt).await?;
    if standing == Standing::Free {
        standing = stands(core, &subjects, claim.origin).await?;
    }
    let is_wrong = matches!(compared, Compared::Wrong(_));
    let verified = match standing {
        Standing::Free => settled(core, compared, &attempt, claim.origin).await,
        Standing::Hidden { .. } => Err(SignInError::Refused),
    };
    match verified {
        Ok(verified) => {
            let client = core.database.client().await?;
            core.throttle.succeeded(&client, &subjects, claim.origin).await?;
            Ok(verified)
        }
        Err(SignInError::Refused) if is_wrong => {
            charge(core, claim);
            put_down_failure(core, claim.origin, account, None, &subjects).await?;
            Err(SignInError::Refused)
        }
        Err(error) => Err(error),
    }
}

async fn stands(core: &Core, subjects: &Subjects, origin: &Origin) -> Result<Standing, Fault> {
    let client = core.database.client().await?;
    core.throttle.standing_now(&client, subjects, origin, core.clock.now()).await
}

/// Counts a failure and puts it down. Not the name: people type passwords into the wrong field.
async fn put_down_failure(
    core: &Core,
    origin: &Origin,
    account: Option<AccountId>,
    actor: Option<AccountId>,
    subjects: &Subjects,
) -> Result<(), Fault> {
    let now = core.clock.now();
    let mut client = core.database.client().await?;
    let tx = client.transaction().await?;
    core.throttle.failed(&tx, subjects, origin, now).await?;
    let act = Act::of_stranger(AuditKind::SignInFailed, account, origin);
    let written = act.by(actor).with(json!({ "program": origin.user_agent })).put_down(&tx, now).await?;
    written.commit(tx).await?;
    Ok(())
}

/// What was found under a name, and what its failures are counted under.
struct Looked {
    judged: Judged,
    subjects: Subjects,
}

async fn look(
    core: &Core,
    name: SignInName<'_>,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<Looked, Fault> {
    let typed = name.as_typed();
    let (subject, place) = (name_subject(typed), arrivals::place(origin));
    // No name has a NUL in it, and PostgreSQL takes none.
    let nobody = "\u{1}";
    let text = if typed.contains('\0') { nobody } else { typed };
    let program = arrivals::program(origin);
    let sought = Sought { name: text, subject: &subject, place: place.as_deref(), program: &program, now };
    let line = core.database.line().await?;
    let judged = match name {
        SignInName::Username(_) => store::accounts::by_username(&*line, &sought).await?,
        SignInName::Email(_) => store::accounts::by_email(&*line, &sought).await?,
        SignInName::Either(_) => store::accounts::by_either(&*line, &sought).await?,
    };
    let subjects = Subjects::of(&subject, judged.credentials.as_ref(), place.as_deref());
    Ok(Looked { judged, subjects })
}

/// What came of the hash of a password.
enum Compared {
    /// Since when, as far as the stored hash stays the same.
    Right(Credentials, PasswordHash, Option<OffsetDateTime>),
    /// With whose password it was not; it may be one that was mailed.
    Wrong(Option<Credentials>),
}

/// Holds the password against the stored one. Costs one hash, whoever is meant.
async fn compared(
    core: &Core,
    claim: &Claim<'_>,
    found: Option<Credentials>,
    attempt: &PasswordAttempt,
) -> Result<(Compared, Option<Guess>), Fault> {
    let found = found.filter(may_sign_in);
    let hash = found.as_ref().and_then(|found| found.hash.clone());
    let (verdict, guess) =
        core.hasher.verify_claim(claim.name.as_typed(), attempt.clone(), hash.clone()).await?;
    let compared = match (verdict, found, hash) {
        (Verdict::Right { rehash }, Some(found), Some(hash)) => {
            Compared::Right(found, hash, (!rehash).then(|| core.clock.now()))
        }
        (Verdict::RightSince(since), Some(found), Some(hash)) => Compared::Right(found, hash, Some(since)),
        (_, found, _) => Compared::Wrong(found),
    };
    Ok((compared, guess))
}

/// Who was verified; a password that was mailed becomes the account's own by it.
async fn settled(
    core: &Core,
    compared: Compared,
    attempt: &PasswordAttempt,
    origin: &Origin,
) -> Result<Verified, SignInError> {
    match compared {
        Compared::Right(found, hash, since) => Ok(verified(found, hash, since)),
        Compared::Wrong(found) => match GeneratedPassword::parse(attempt.typed()) {
            Some(drawn) => mailed::promoted(core, found, drawn, origin).await,
            None => Err(SignInError::Refused),
        },
    }
}

fn verified(found: Credentials, hash: PasswordHash, since: Option<OffsetDateTime>) -> Verified {
    let noted = found.here.is_some_and(|here| here.noted);
    let Credentials { account, username, email, .. } = found;
    Verified { account, username, email, hash, noted, since }
}

fn may_sign_in(found: &Credentials) -> bool {
    found.tenant_active && found.role.as_ref().is_some_and(Role::may_sign_in)
}

/// Whether a text is the password of an account that is signed in, or one that was mailed to it. Nothing is used up, but what is wrong
/// counts as a failed sign-in.
pub(super) async fn is_password_of(
    core: &Core,
    account: &Account,
    typed: &str,
    origin: &Origin,
) -> Result<bool, Fault> {
    let now = core.clock.now();
    core.throttle.admit(origin, now)?;
    let Some(attempt) = PasswordAttempt::parse(typed) else { return Ok(false) };
    let name = SignInName::Username(account.username.as_str());
    let Looked { judged, subjects } = look(core, name, origin, now).await?;
    if let Standing::Hidden { seconds } = core.throttle.standing(&judged, origin, now)? {
        return Err(Fault::Throttled { seconds });
    }
    let hash = judged.credentials.filter(|found| found.account == account.id).and_then(|found| found.hash);
    let right = match core.hasher.verify(attempt, hash).await? {
        Verdict::Right { .. } | Verdict::RightSince(_) => true,
        Verdict::Wrong => mailed::is_mailed(core, account.id, typed).await?,
    };
    if let Standing::Hidden { seconds } = stands(core, &subjects, origin).await? {
        return Err(Fault::Throttled { seconds });
    }
    if right {
        let client = core.database.client().await?;
        core.throttle.succeeded(&client, &subjects, origin).await?;
        return Ok(true);
    }
    core.throttle.charge(origin, now);
    put_down_failure(core, origin, Some(account.id), Some(account.id), &subjects).await?;
    Ok(false)
}

/// Stores the same password in today's scheme.
async fn improve(core: &Core, verified: &Verified, attempt: PasswordAttempt) -> Result<(), Fault> {
    let better = core.hasher.hash(attempt.into_password_in_force()).await?;
    let client = core.database.client().await?;
    Ok(store::accounts::rehash(&client, verified.account, &verified.hash, &better).await?)
}
