//! Counts by name, of a bounded number of names: a hostile log holds any number of them.
//!
//! The least names are kept. A name that was dropped has as many lesser ones before it as are kept, in whatever order
//! they came, and never comes back; so the outcome is the same however the log was cut. What is dropped is counted.

use std::borrow::Borrow;
use std::collections::BTreeMap;

/// The longest name that is kept whole, in bytes; the ARN of a role with a path comes to some 600.
const LONGEST: usize = 1024;

/// What is counted under a name.
pub trait Tally {
    /// How often it was seen.
    fn times(&self) -> u64;
    /// Adds what was counted elsewhere.
    fn join(&mut self, other: Self);
}

impl Tally for u64 {
    fn times(&self) -> u64 {
        *self
    }

    fn join(&mut self, other: Self) {
        *self += other;
    }
}

/// The least names, `MANY` at most, each with its tally, and how often all others were seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounded<K, T, const MANY: usize> {
    kept: BTreeMap<K, T>,
    others: u64,
}

impl<K, T, const MANY: usize> Default for Bounded<K, T, MANY> {
    fn default() -> Self {
        Self { kept: BTreeMap::new(), others: 0 }
    }
}

impl<K: Ord, T: Tally, const MANY: usize> Bounded<K, T, MANY> {
    /// Each name that is kept, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &T)> {
        self.kept.iter()
    }

    /// The names that are kept, in order.
    pub fn names(&self) -> impl Iterator<Item = &K> {
        self.kept.keys()
    }

    /// How many names are kept.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether a name is kept.
    pub fn contains<Q: Ord + ?Sized>(&self, name: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.kept.contains_key(name)
    }

    /// How often names were seen that are not kept.
    pub fn others(&self) -> u64 {
        self.others
    }

    /// Counts under a name, which is copied only where it is new.
    pub(super) fn add<Q: Ord + ToOwned<Owned = K> + ?Sized>(&mut self, name: &Q, tally: T)
    where
        K: Borrow<Q>,
    {
        if let Some(own) = self.kept.get_mut(name) {
            return own.join(tally);
        }
        let full = self.kept.len() >= MANY;
        if full && self.kept.last_key_value().is_some_and(|(last, _)| last.borrow() < name) {
            self.others += tally.times();
            return;
        }
        self.kept.insert(name.to_owned(), tally);
        if full && let Some((_, dropped)) = self.kept.pop_last() {
            self.others += dropped.times();
        }
    }

    pub(super) fn merge(&mut self, other: Self)
    where
        K: Clone,
    {
        self.others += other.others;
        for (name, tally) in other.kept {
            self.add(&name, tally);
        }
    }
}

/// A name as it is kept: of an overlong one, which no service gives, only the beginning.
pub(super) fn short(name: &str) -> &str {
    &name[..name.floor_char_boundary(LONGEST)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Few = Bounded<u32, u64, 5>;

    fn of(names: &[u32]) -> Few {
        let mut few = Few::default();
        names.iter().for_each(|name| few.add(name, 1));
        few
    }

    #[test]
    fn the_least_names_are_kept_and_the_others_counted() {
        let few = of(&[9, 1, 8, 2, 7, 3, 6, 4, 9, 1]);
        assert_eq!(few.names().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 6]);
        assert_eq!(few.others(), 4);
        assert_eq!(few.iter().map(|(_, times)| times).sum::<u64>() + few.others(), 10);
    }

    #[test]
    fn an_overlong_name_is_cut_between_characters() {
        assert_eq!(short("abc"), "abc");
        let long = "é".repeat(LONGEST);
        assert_eq!(short(&long).len(), LONGEST);
        assert_eq!(short(&format!("a{long}")).len(), LONGEST - 1);
    }

    proptest! {
        #[test]
        fn neither_the_order_nor_the_cut_matters(
            names in proptest::collection::vec(0..20_u32, 0..60),
            cut in 0..60_usize,
        ) {
            let whole = of(&names);
            let reversed: Vec<u32> = names.iter().rev().copied().collect();
            prop_assert_eq!(&of(&reversed), &whole);
            let (first, second) = names.split_at(cut.min(names.len()));
            for (a, b) in [(first, second), (second, first)] {
                let mut merged = of(a);
                merged.merge(of(b));
                prop_assert_eq!(&merged, &whole);
            }
        }
    }
}
