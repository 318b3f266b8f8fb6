//! Choosing as few of the possible patterns as cover all wanted actions of one service.

use std::cmp::Reverse;

use fixedbitset::FixedBitSet;

use super::candidates::{Name, Shape, candidates};
use crate::iam::catalogue::{ActionId, Catalogue};

/// A pattern, and all wanted actions that it matches.
pub(super) struct Chosen {
    pub pattern: String,
    pub actions: Vec<ActionId>,
}

/// Covers the wanted actions of a service. Of the patterns that cover most of what is left, the most readable is taken;
/// what would be covered alone is spelt out.
pub(super) fn cover(
    catalogue: &Catalogue,
    service: &str,
    wanted: &[ActionId],
    others: &[ActionId],
) -> Vec<Chosen> {
    let spelt =
        |place: usize| Chosen { pattern: catalogue.full_name(wanted[place]), actions: vec![wanted[place]] };
    if wanted.len() == 1 {
        return vec![spelt(0)];
    }
    if others.is_empty() {
        return vec![Chosen { pattern: format!("{service}:*"), actions: wanted.to_vec() }];
    }
    let names_of = |actions: &[ActionId]| -> Vec<Name> {
        actions.iter().map(|action| Name::of(catalogue.name_of(*action))).collect()
    };
    let names = names_of(wanted);
    let mut options: Vec<Choice> = candidates(&names, &names_of(others))
        .into_iter()
        .map(|shape| Choice::of(shape, &names))
        .filter(|choice| choice.at_words.len() > 1)
        .collect();
    let mut left = FixedBitSet::with_capacity(names.len());
    left.insert_range(..);
    let mut taken = Vec::new();
    while let Some(place) = best(&options, &left) {
        let choice = options.swap_remove(place);
        left.difference_with(&choice.matched);
        taken.push(choice);
    }
    drop_needless(&mut taken, &left);
    let mut chosen: Vec<Chosen> = left.ones().map(spelt).collect();
    chosen.extend(taken.into_iter().map(|choice| Chosen {
        pattern: format!("{service}:{}", choice.narrowest(&names).written()),
        actions: choice.matched.ones().map(|place| wanted[place]).collect(),
    }));
    chosen
}

/// A pattern that may be taken.
struct Choice {
    shape: Shape,
    /// The wanted names that it matches.
    matched: FixedBitSet,
    /// Those of them whose words it leaves whole.
    at_words: Vec<usize>,
}

impl Choice {
    fn of(shape: Shape, names: &[Name]) -> Self {
        let pattern = shape.matcher();
        let mut matched = FixedBitSet::with_capacity(names.len());
        matched.extend((0..names.len()).filter(|place| pattern.matches(&names[*place])));
        let at_words = matched.ones().filter(|place| pattern.matches_words(&names[*place])).collect();
        Self { shape, matched, at_words }
    }

    fn narrowest(&self, names: &[Name]) -> Shape {
        let at_words: Vec<&Name> = self.at_words.iter().map(|place| &names[*place]).collect();
        let narrow = self.shape.narrowed(&at_words);
        let matcher = narrow.matcher();
        let does_the_same = self.matched.ones().all(|place| matcher.matches(&names[place]));
        if does_the_same { narrow } else { self.shape.clone() }
    }
}

/// The choice that covers most of what is left, two at least; among equals the most readable.
fn best(options: &[Choice], left: &FixedBitSet) -> Option<usize> {
    options
        .iter()
        .enumerate()
        .map(|(place, choice)| (choice.matched.intersection_count(left), &choice.shape, place))
        .filter(|(gain, ..)| *gain > 1)
        .min_by_key(|(gain, shape, _)| (Reverse(*gain), *shape))
        .map(|(.., place)| place)
}

/// Drops patterns whose actions the others cover as well.
fn drop_needless(taken: &mut Vec<Choice>, spelt: &FixedBitSet) {
    let mut place = 0;
    while place < taken.len() {
        let mut by_the_rest = spelt.clone();
        for (other, choice) in taken.iter().enumerate() {
            if other != place {
                by_the_rest.union_with(&choice.matched);
            }
        }
        if taken[place].matched.is_subset(&by_the_rest) {
            taken.remove(place);
        } else {
            place += 1;
        }
    }
}
