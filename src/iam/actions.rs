//! Sets of actions over the catalogue, as bitsets: union, difference and subset in microseconds.

use std::fmt;

use fixedbitset::FixedBitSet;

use super::catalogue::{ActionId, Catalogue};

/// A set of actions that exist. All sets have the catalogue's length, so that equal sets are equal bit for bit.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ActionSet {
    bits: FixedBitSet,
}

impl ActionSet {
    /// No action.
    pub fn empty() -> Self {
        Self { bits: FixedBitSet::with_capacity(Catalogue::embedded().len()) }
    }

    /// All actions of the catalogue.
    pub fn all() -> Self {
        let mut set = Self::empty();
        set.bits.insert_range(..);
        set
    }

    /// Adds one.
    pub fn insert(&mut self, action: ActionId) {
        self.bits.insert(usize::from(action.0));
    }

    /// Takes one out.
    pub fn remove(&mut self, action: ActionId) {
        self.bits.remove(usize::from(action.0));
    }

    /// Adds all between two places of the catalogue's order, `to` excluded.
    pub fn insert_range(&mut self, from: ActionId, to: ActionId) {
        self.bits.insert_range(usize::from(from.0)..usize::from(to.0));
    }

    /// Adds all of another set.
    pub fn insert_all(&mut self, other: &Self) {
        self.bits.union_with(&other.bits);
    }

    /// Takes all of another set out.
    pub fn remove_all(&mut self, other: &Self) {
        self.bits.difference_with(&other.bits);
    }

    /// Whether it is in.
    pub fn contains(&self, action: ActionId) -> bool {
        self.bits.contains(usize::from(action.0))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.bits.count_ones(..)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bits.is_clear()
    }

    /// In the catalogue's order.
    pub fn iter(&self) -> impl Iterator<Item = ActionId> + '_ {
        self.bits.ones().map(ActionId::at)
    }

    /// Those in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut set = self.clone();
        set.insert_all(other);
        set
    }

    /// Those in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut set = self.clone();
        set.bits.intersect_with(&other.bits);
        set
    }

    /// Those in this and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut set = self.clone();
        set.remove_all(other);
        set
    }

    /// All actions that aren't in this.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut set = self.clone();
        set.bits.toggle_range(..);
        set
    }

    /// Whether all of this are in the other.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.bits.is_subset(&other.bits)
    }

    /// Whether the two have none in common.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.bits.is_disjoint(&other.bits)
    }
}

impl Default for ActionSet {
    fn default() -> Self {
        Self::empty()
    }
}

/// The names, so that a failed comparison can be read.
impl fmt::Debug for ActionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let catalogue = Catalogue::embedded();
        f.debug_set().entries(self.iter().map(|action| catalogue.full_name(action))).finish()
    }
}

impl FromIterator<ActionId> for ActionSet {
    fn from_iter<I: IntoIterator<Item = ActionId>>(actions: I) -> Self {
        let mut set = Self::empty();
        set.extend(actions);
        set
    }
}

impl Extend<ActionId> for ActionSet {
    fn extend<I: IntoIterator<Item = ActionId>>(&mut self, actions: I) {
        actions.into_iter().for_each(|action| self.insert(action));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set() -> impl Strategy<Value = ActionSet> {
        let span = (0..Catalogue::embedded().len(), 0..300_usize);
        prop::collection::vec(span, 0..5).prop_map(|spans| {
            let mut set = ActionSet::empty();
            for (from, length) in spans {
                let to = (from + length).min(Catalogue::embedded().len());
                set.insert_range(ActionId::at(from), ActionId::at(to));
            }
            set
        })
    }

    proptest! {
        #[test]
        fn sets_keep_the_laws_of_sets(a in set(), b in set()) {
            prop_assert_eq!(a.union(&b), b.union(&a));
            prop_assert_eq!(a.intersection(&b), b.intersection(&a));
            prop_assert_eq!(a.difference(&b), a.intersection(&b.complement()));
            prop_assert_eq!(a.union(&b).complement(), a.complement().intersection(&b.complement()));
            prop_assert_eq!(a.union(&b).len() + a.intersection(&b).len(), a.len() + b.len());
            prop_assert!(a.intersection(&b).is_subset(&a) && a.is_subset(&a.union(&b)));
            prop_assert_eq!(a.is_subset(&b), a.difference(&b).is_empty());
            prop_assert_eq!(a.is_disjoint(&b), a.intersection(&b).is_empty());
            prop_assert_eq!(a.iter().collect::<ActionSet>(), a);
        }
    }

    #[test]
    fn all_and_none_are_complements() {
        assert_eq!(ActionSet::all().len(), Catalogue::embedded().len());
        assert_eq!(ActionSet::all().complement(), ActionSet::default());
        assert!(ActionSet::empty().is_empty());
    }
}
