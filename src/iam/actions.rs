//! Sets of actions over the catalogue, as bitsets: union, difference and subset in microseconds.

use fixedbitset::FixedBitSet;

use super::catalogue::ActionId;

/// A set of actions that exist.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActionSet {
    bits: FixedBitSet,
}

impl ActionSet {
    /// No action.
    pub fn empty() -> Self {
        Self::default()
    }

    /// All actions of the catalogue.
    pub fn all() -> Self {
        todo!()
    }

    /// Adds one.
    pub fn insert(&mut self, _action: ActionId) {
        todo!()
    }

    /// Adds all between two places of the catalogue's order, `to` excluded.
    pub fn insert_range(&mut self, _from: ActionId, _to: ActionId) {
        todo!()
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
        std::iter::empty()
    }

    /// Those in either.
    #[must_use]
    pub fn union(&self, _other: &Self) -> Self {
        todo!()
    }

    /// Those in both.
    #[must_use]
    pub fn intersection(&self, _other: &Self) -> Self {
        todo!()
    }

    /// Those in this and not in the other.
    #[must_use]
    pub fn difference(&self, _other: &Self) -> Self {
        todo!()
    }

    /// Whether all of this are in the other.
    pub fn is_subset(&self, _other: &Self) -> bool {
        todo!()
    }
}

impl FromIterator<ActionId> for ActionSet {
    fn from_iter<I: IntoIterator<Item = ActionId>>(actions: I) -> Self {
        let mut set = Self::empty();
        actions.into_iter().for_each(|action| set.insert(action));
        set
    }
}
