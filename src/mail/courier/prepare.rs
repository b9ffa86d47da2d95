//! Finds out whom letters are for and mints what only they are to know, for a group of letters at once.

use std::{collections::BTreeSet, sync::Arc};

use time::OffsetDateTime;

use super::{Courier, carry::Ready};
use crate::{
    domain::{AccountId, LetterKind, ResetKey},
    mail::{Reason, Subject},
    store::{
        GenericClient, StoreError,
        addressees::{self, Addressee},
        audit::{self, AskedLetter},
        email_changes,
        outbox::{self, PromisedLetter},
        reset_keys::{self, NewKey},
        temporary_passwords,
    },
};

/// What became of a group.
#[derive(Default)]
pub(super) struct Prepared {
    /// To be written and handed over.
    pub ready: Vec<Ready>,
    /// Nobody is to get them, or they are not this courier's any more.
    pub gone: Vec<i64>,
    /// To be prepared again, when another letter of the same account is done with.
    pub later: Vec<(Arc<PromisedLetter>, AccountId)>,
    /// Something is wrong with them alone.
    pub spoilt: Vec<(Arc<PromisedLetter>, Reason)>,
}

impl Courier {
    /// Prepares a group of letters in one transaction; if one of them spoils it, each in its own.
    ///
    /// The transaction ends before the relay hears of a letter. A crash in between leaves keys that nobody knows,
    /// and the next try adds others to the same requests.
    pub(super) async fn prepare(&self, letters: &[Arc<PromisedLetter>]) -> Result<Prepared, StoreError> {
        match self.prepare_together(letters).await {
            Err(StoreError::Unavailable(cause)) => return Err(StoreError::Unavailable(cause)),
            Ok(prepared) => return Ok(prepared),
            Err(_) => {}
        }
        let mut all = Prepared::default();
        for letter in letters {
            match self.prepare_together(std::slice::from_ref(letter)).await {
                Ok(Prepared { ready, gone, later, .. }) => {
                    all.ready.extend(ready);
                    all.later.extend(later);
                    all.gone.extend(gone);
                }
                Err(StoreError::Unavailable(cause)) => return Err(StoreError::Unavailable(cause)),
                Err(defect) => {
                    let reason = Reason::new(format!("the letter could not be prepared: {defect}"));
                    all.spoilt.push((letter.clone(), reason));
                }
            }
        }
        Ok(all)
    }

    async fn prepare_together(&self, letters: &[Arc<PromisedLetter>]) -> Result<Prepared, StoreError> {
        let mut client = self.database.client().await?;
        let transaction = client.transaction().await?;
        let now = self.clock.now();
        let borrowed: Vec<&PromisedLetter> = letters.iter().map(|letter| &**letter).collect();
        let held = outbox::hold(&transaction, &borrowed, now + self.pace.lease).await?;
        let held: BTreeSet<i64> = held.into_iter().collect();
        let (held, gone): (Vec<_>, Vec<_>) = letters.iter().partition(|letter| held.contains(&letter.id));
        let mut prepared =
            Prepared { gone: gone.iter().map(|letter| letter.id).collect(), ..Prepared::default() };
        let (resets, others): (Vec<_>, Vec<_>) = held.into_iter().partition(|letter| is_by_name(letter));
        let mut nobodys = Vec::new();
        if !resets.is_empty() {
            nobodys = self.mint_resets(&transaction, &resets, now, &mut prepared).await?;
        }
        for letter in others {
            if self.is_one_too_many(&transaction, letter).await? {
                nobodys.push(letter.id);
                continue;
            }
            let subject = Subject::draw(letter.kind, |bytes| self.entropy.fill(bytes));
            match address(&transaction, letter, &subject, now).await? {
                Some((to, account)) => prepared.ready.push(Ready::now(letter, to, account, subject)),
                None => nobodys.push(letter.id),
            }
        }
        put_down(&transaction, &prepared.ready, letters.iter().filter(|l| nobodys.contains(&l.id))).await?;
        if !nobodys.is_empty() {
            outbox::forget(&transaction, &nobodys).await?;
            prepared.gone.extend(nobodys);
        }
        transaction.commit().await?;
        prepared.ready.sort_by_key(|ready| ready.letter.id);
        Ok(prepared)
    }

    /// The numbers of letters that are more than strangers may have sent to an account.
    async fn too_many(
        &self,
        client: &impl GenericClient,
        letters: &[(&PromisedLetter, AccountId)],
    ) -> Result<Vec<i64>, StoreError> {
        let Some(limit) = self.pace.to_one_account.filter(|_| !letters.is_empty()) else {
            return Ok(Vec::new());
        };
        let too_many = outbox::beyond_allowance(client, letters, limit).await?;
        if !too_many.is_empty() {
            tracing::info!(letters = too_many.len(), "not written: strangers asked for too many in an hour");
        }
        Ok(too_many)
    }

    /// The same for a letter whose account is found when it is minted for.
    async fn is_one_too_many(
        &self,
        client: &impl GenericClient,
        letter: &PromisedLetter,
    ) -> Result<bool, StoreError> {
        if letter.kind != LetterKind::GeneratedPassword || letter.account.is_some() {
            return Ok(false);
        }
        let found = addressees::named(client, &letter.recipient).await?;
        let asked: Vec<_> = found.iter().map(|to| (letter, to.account)).collect();
        Ok(!self.too_many(client, &asked).await?.is_empty())
    }

    /// Mints the keys of reset letters, which are nearly all letters, with few statements; returns the numbers of
    /// those that nobody is to get.
    async fn mint_resets(
        &self,
        client: &impl GenericClient,
        letters: &[&Arc<PromisedLetter>],
        now: OffsetDateTime,
        prepared: &mut Prepared,
    ) -> Result<Vec<i64>, StoreError> {
        let names: Vec<_> = letters.iter().map(|letter| (letter.id, letter.recipient.as_str())).collect();
        let mut found = addressees::named_all(client, &names).await?;
        let (mut accounts, mut fresh) = (BTreeSet::new(), Vec::new());
        let mut nobodys = Vec::new();
        for letter in letters {
            match found.remove(&letter.id) {
                // Two names of one account: one letter after the other.
                Some(to) if !accounts.insert(to.account.0) => {
                    prepared.later.push((Arc::clone(letter), to.account))
                }
                Some(to) => fresh.push((letter, to, ResetKey::draw(|bytes| self.entropy.fill(bytes)))),
                None => nobodys.push(letter.id),
            }
        }
        let asked: Vec<_> = fresh.iter().map(|(letter, to, _)| (&****letter, to.account)).collect();
        let too_many = self.too_many(client, &asked).await?;
        fresh.retain(|(letter, ..)| !too_many.contains(&letter.id));
        nobodys.extend(too_many);
        let keys: Vec<NewKey<'_>> = fresh
            .iter()
            .map(|(letter, to, key)| NewKey { letter, account: to.account, digest: key.digest() })
            .collect();
        let minted: BTreeSet<i64> = reset_keys::mint_all(client, &keys, now).await?.into_iter().collect();
        for (letter, to, key) in fresh {
            let account = to.account;
            match minted.contains(&letter.id) {
                true => {
                    let subject = Subject::PasswordReset(key);
                    prepared.ready.push(Ready::now(letter, to, Some(account), subject));
                }
                false => nobodys.push(letter.id),
            }
        }
        Ok(nobodys)
    }
}

/// Puts down who asked for letters to get back in, whether or not somebody gets one. Those that an administrator or
/// the holder asked for were put down then.
async fn put_down(
    client: &impl GenericClient,
    ready: &[Ready],
    nobodys: impl Iterator<Item = &Arc<PromisedLetter>>,
) -> Result<(), StoreError> {
    let kept = ready.iter().map(|ready| (&ready.letter, ready.account));
    let asked = kept.chain(nobodys.map(|letter| (letter, None))).filter(|(letter, _)| {
        letter.account.is_none()
            && matches!(letter.kind, LetterKind::PasswordReset | LetterKind::GeneratedPassword)
    });
    let asked: Vec<_> = asked
        .map(|(letter, account)| AskedLetter {
            letter: letter.id,
            account,
            dialect: &letter.dialect,
            address: letter.origin.as_deref(),
            asked_at: letter.promised_at,
        })
        .collect();
    if asked.is_empty() { Ok(()) } else { audit::write_asked(client, &asked).await }
}

/// Whether the letter's account is still to be found by the name it was asked for with.
fn is_by_name(letter: &PromisedLetter) -> bool {
    letter.kind == LetterKind::PasswordReset && letter.account.is_none()
}

/// Whom the letter is for; `None` when nobody is to get it.
async fn address(
    client: &impl GenericClient,
    letter: &PromisedLetter,
    subject: &Subject,
    now: OffsetDateTime,
) -> Result<Option<(Addressee, Option<AccountId>)>, StoreError> {
    let found = match subject {
        Subject::PasswordReset(key) | Subject::Registration(key) => {
            reset_keys::mint(client, letter, &key.digest(), now).await?
        }
        Subject::EmailConfirmation(key) => email_changes::mint(client, letter, &key.digest(), now).await?,
        Subject::GeneratedPassword(password) => {
            temporary_passwords::mint(client, letter, &password.digest(), now).await?
        }
        Subject::Test => return Ok(Some((Addressee::stranger(&letter.recipient), None))),
        Subject::PasswordChanged | Subject::EmailChanged | Subject::NewDevice | Subject::AccountDisabled => {
            match letter.account {
                Some(account) => addressees::of(client, account).await?,
                None => None,
            }
        }
    };
    Ok(found.map(|to| {
        let account = to.account;
        (to, Some(account))
    }))
}
