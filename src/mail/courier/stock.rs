//! Counts the letters of a busy stretch: when they are many, the database is told how large its tables have become.

/// After so many letters without a rest for the first time, and again after ten times as many, and so on.
const FIRST: usize = 400;

/// The letters since the last rest.
pub(super) struct Stock {
    letters: usize,
    next: usize,
}

impl Default for Stock {
    fn default() -> Self {
        Self { letters: 0, next: FIRST }
    }
}

impl Stock {
    /// Counts letters; says whether it is time to tell.
    pub(super) fn add(&mut self, letters: usize) -> bool {
        self.letters = self.letters.saturating_add(letters);
        let many = self.letters >= self.next;
        if many {
            self.next = self.letters.saturating_mul(10);
        }
        many
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_seldom_however_many_letters_there_are() {
        let mut stock = Stock::default();
        let told = (1..=500).filter(|_| stock.add(200)).count();
        assert_eq!(told, 3, "after 400, 4,000 and 40,000 of 100,000");
        let mut few = Stock::default();
        assert!((0..300).all(|_| !few.add(1)));
    }
}
