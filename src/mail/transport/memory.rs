//! Keeps letters in memory, so that a test can read them and play a relay that refuses.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{DeliveryError, Letter};

/// Letters in the order they came; clones share them.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    letters: Vec<Letter>,
    refusals: VecDeque<DeliveryError>,
}

impl Memory {
    /// An empty shelf.
    pub fn new() -> Self {
        Self::default()
    }

    /// All letters so far.
    pub fn letters(&self) -> Vec<Letter> {
        self.shelf().letters.clone()
    }

    /// Takes the letters away.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut self.shelf().letters)
    }

    /// Answers the next letter with this error; several are used up in turn.
    pub fn refuse_next(&self, error: DeliveryError) {
        self.shelf().refusals.push_back(error);
    }

    pub(super) fn deliver(&self, letter: &Letter) -> Result<(), DeliveryError> {
        let mut shelf = self.shelf();
        if let Some(error) = shelf.refusals.pop_front() {
            return Err(error);
        }
        shelf.letters.push(letter.clone());
        Ok(())
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
