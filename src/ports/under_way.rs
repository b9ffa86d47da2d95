//! What is being done at this moment, by whom or what it is about.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts what is under way, by key; cheap to clone.
#[derive(Clone)]
pub struct UnderWay<K>(Arc<Mutex<HashMap<K, usize>>>);

/// Something under way, until this goes.
pub struct Begun<K: Eq + Hash> {
    of: UnderWay<K>,
    key: K,
}

impl<K> Default for UnderWay<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash + Clone> UnderWay<K> {
    /// Begins something.
    pub fn begin(&self, key: K) -> Begun<K> {
        *self.counts().entry(key.clone()).or_default() += 1;
        Begun { of: self.clone(), key }
    }
}

impl<K: Eq + Hash> UnderWay<K> {
    /// Whether nothing is under way, whatever about.
    pub fn is_empty(&self) -> bool {
        self.counts().is_empty()
    }

    /// Whether something is under way about this.
    pub fn has(&self, key: &K) -> bool {
        self.counts().contains_key(key)
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for Begun<K> {
    fn drop(&mut self) {
        let mut counts = self.of.counts();
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_under_way_until_the_last_of_it_ends() {
        let under_way = UnderWay::default();
        let (one, two) = (under_way.begin("alice"), under_way.begin("alice"));
        assert!(under_way.has(&"alice") && !under_way.has(&"bob"));
        drop(one);
        assert!(under_way.has(&"alice"));
        drop(two);
        assert!(!under_way.has(&"alice") && under_way.is_empty());
    }
}
