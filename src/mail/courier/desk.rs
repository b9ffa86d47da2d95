//! What a courier has in hand: leased letters in the order of promise, and whose letters are under way.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::stock::Stock;
use crate::{domain::AccountId, store::outbox::PromisedLetter};

/// Letters that this courier leased. They are waiting, or on a lane; those of one account follow each other.
#[derive(Default)]
pub(super) struct Desk {
    waiting: BTreeMap<i64, Arc<PromisedLetter>>,
    under_way: BTreeMap<i64, (Arc<PromisedLetter>, Option<AccountId>)>,
    /// Whose the waiting letters are that were looked up already.
    known: BTreeMap<i64, AccountId>,
    stock: Stock,
}

/// By what letters of one person are known before the account is looked up.
fn name(letter: &PromisedLetter) -> String {
    letter.recipient.to_lowercase()
}

impl Desk {
    /// Puts leased letters on it; says whether so many came that it is time to take stock.
    pub(super) fn lay(&mut self, letters: Vec<PromisedLetter>) -> bool {
        let many = self.stock.add(letters.len());
        self.waiting.extend(letters.into_iter().map(|letter| (letter.id, Arc::new(letter))));
        many
    }

    /// A pause: the letters that come now are counted anew.
    pub(super) fn rest(&mut self) {
        self.stock = Stock::default();
    }

    /// Takes the first letters, at most one a person and none for whom one is under way.
    pub(super) fn pick(&mut self, limit: usize) -> Vec<Arc<PromisedLetter>> {
        let mut busy: BTreeSet<String> = self.under_way.values().map(|(letter, _)| name(letter)).collect();
        let accounts: BTreeSet<i64> =
            self.under_way.values().filter_map(|(_, id)| Some(id.as_ref()?.0)).collect();
        let is_busy = |id: &i64| self.known.get(id).is_some_and(|account| accounts.contains(&account.0));
        let free = self
            .waiting
            .iter()
            .filter(|(id, _)| !is_busy(id))
            .map(|(_, letter)| letter)
            .filter(|letter| busy.insert(name(letter)));
        let picked: Vec<_> = free.take(limit).cloned().collect();
        for letter in &picked {
            self.waiting.remove(&letter.id);
            self.under_way.insert(letter.id, (letter.clone(), None));
        }
        picked
    }

    /// Notes whose letter it is; `false` when another letter of that account is under way: then it waits again.
    pub(super) fn belongs(&mut self, letter: &Arc<PromisedLetter>, account: Option<AccountId>) -> bool {
        let busy = account.is_some()
            && self.under_way.iter().any(|(id, (_, other))| *id != letter.id && *other == account);
        match busy {
            true => self.later(letter, account),
            false => {
                self.under_way.insert(letter.id, (letter.clone(), account));
            }
        }
        !busy
    }

    /// Lets a letter wait again, in its place.
    pub(super) fn put_back(&mut self, letter: &Arc<PromisedLetter>) {
        self.under_way.remove(&letter.id);
        self.waiting.insert(letter.id, letter.clone());
    }

    /// Lets a letter wait until no other one of its account is under way.
    pub(super) fn later(&mut self, letter: &Arc<PromisedLetter>, account: Option<AccountId>) {
        self.known.extend(account.map(|account| (letter.id, account)));
        self.put_back(letter);
    }

    /// A letter is no longer this courier's affair.
    pub(super) fn clear(&mut self, id: i64) {
        self.known.remove(&id);
        self.under_way.remove(&id);
    }

    /// Takes everything away that is not under way.
    pub(super) fn take_waiting(&mut self) -> Vec<Arc<PromisedLetter>> {
        self.known.clear();
        std::mem::take(&mut self.waiting).into_values().collect()
    }

    /// All letters whose leases are to be renewed.
    pub(super) fn all(&self) -> Vec<Arc<PromisedLetter>> {
        self.waiting.values().chain(self.under_way.values().map(|(letter, _)| letter)).cloned().collect()
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether there is nothing on it.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.under_way.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::domain::LetterKind;

    fn letter(id: i64, recipient: &str) -> PromisedLetter {
        let promised_at = datetime!(2026-11-21 19:22 UTC);
        PromisedLetter {
            id,
            kind: LetterKind::PasswordReset,
            dialect: "traffic_ops".to_owned(),
            recipient: recipient.to_owned(),
            account: None,
            origin: None,
            link: None,
            promised_at,
            expires_at: promised_at + time::Duration::hours(1),
            attempts: 1,
        }
    }

    fn numbers(letters: &[Arc<PromisedLetter>]) -> Vec<i64> {
        letters.iter().map(|letter| letter.id).collect()
    }

    #[test]
    fn letters_of_one_person_follow_each_other_in_the_order_of_promise() {
        let mut desk = Desk::default();
        desk.lay(vec![letter(1, "Alice@x.test"), letter(2, "alice@X.test"), letter(3, "bob@x.test")]);
        assert_eq!(numbers(&desk.pick(9)), [1, 3]);
        assert!(desk.pick(9).is_empty());
        desk.clear(3);
        assert!(desk.pick(9).is_empty(), "alice's first letter is still under way");
        desk.clear(1);
        assert_eq!(numbers(&desk.pick(9)), [2]);
        desk.clear(2);
        assert!(desk.is_empty());
    }

    #[test]
    fn two_names_of_one_account_are_found_out_and_the_second_letter_waits() {
        let mut desk = Desk::default();
        desk.lay(vec![letter(1, "alice@x.test"), letter(2, "alice")]);
        let picked = desk.pick(9);
        assert!(desk.belongs(&picked[0], Some(AccountId(7))));
        assert!(!desk.belongs(&picked[1], Some(AccountId(7))));
        assert_eq!(desk.waiting(), 1);
        assert!(desk.pick(9).is_empty(), "it is not looked up again and again");
        desk.clear(1);
        assert_eq!(numbers(&desk.pick(9)), [2]);
    }
}
