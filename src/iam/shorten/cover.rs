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
    let options: Vec<Choice> = candidates(&names, &names_of(others))
        .into_iter()
        .map(|shape| Choice::of(shape, &names))
        .filter(|choice| choice.at_words.len() > 1)
        .collect();
    let Some(cover) = fewest(&options, names.len()) else { return (0..wanted.len()).map(spelt).collect() };
    let mut chosen: Vec<Chosen> = cover.spelt.ones().map(spelt).collect();
    chosen.extend(cover.taken.into_iter().map(|choice| Chosen {
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

/// Patterns that cover names, and the names that are spelt out beside them.
struct Cover<'c> {
    taken: Vec<&'c Choice>,
    spelt: FixedBitSet,
}

impl Cover<'_> {
    fn patterns(&self) -> usize {
        self.taken.len() + self.spelt.count_ones(..)
    }

    /// Drops patterns whose names the others cover as well.
    fn drop_needless(&mut self) {
        let mut place = 0;
        while place < self.taken.len() {
            let mut by_the_rest = self.spelt.clone();
            for (other, choice) in self.taken.iter().enumerate() {
                if other != place {
                    by_the_rest.union_with(&choice.matched);
                }
            }
            if self.taken[place].matched.is_subset(&by_the_rest) {
                self.taken.remove(place);
            } else {
                place += 1;
            }
        }
    }
}

/// The cover of fewest patterns that some order of taking leads to; of equal ones that without infixes, then that with
/// the more readable patterns.
fn fewest(options: &[Choice], names: usize) -> Option<Cover<'_>> {
    let ends: Vec<&Choice> =
        options.iter().filter(|choice| !matches!(choice.shape, Shape::Infix(_))).collect();
    let all: Vec<&Choice> = options.iter().collect();
    [(&ends, Ties::MostReadable), (&ends, Ties::Scarcest), (&all, Ties::MostReadable), (&all, Ties::Scarcest)]
        .into_iter()
        .map(|(options, ties)| greedy(options, names, ties))
        .min_by_key(Cover::patterns)
}

/// Which of several choices that cover as many is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ties {
    /// The one that reads best.
    MostReadable,
    /// The one whose names have the fewest other choices; it needs fewer patterns in some cases.
    Scarcest,
}

/// Takes what covers most of what is left, as long as it is worth it.
fn greedy<'c>(options: &[&'c Choice], names: usize, ties: Ties) -> Cover<'c> {
    let mut spelt = FixedBitSet::with_capacity(names);
    spelt.insert_range(..);
    let mut ways = vec![0_usize; names];
    for place in options.iter().flat_map(|choice| choice.matched.ones()) {
        ways[place] += 1;
    }
    // Thousandths, so that equal choices compare equal.
    let scarcity = |choice: &Choice, left: &FixedBitSet| match ties {
        Ties::MostReadable => 0,
        Ties::Scarcest => choice.matched.intersection(left).map(|place| 1000 / ways[place]).sum::<usize>(),
    };
    let mut taken = Vec::new();
    loop {
        let gain = |choice: &Choice| {
            let gain = choice.matched.intersection_count(&spelt);
            if gain < choice.shape.worth() { 0 } else { gain }
        };
        let most = options.iter().map(|choice| gain(choice)).max().unwrap_or(0);
        if most == 0 {
            break;
        }
        let equals = options.iter().copied().filter(|choice| gain(choice) == most);
        let Some(best) = equals.min_by_key(|choice| (Reverse(scarcity(choice, &spelt)), &choice.shape))
        else {
            break;
        };
        spelt.difference_with(&best.matched);
        taken.push(best);
    }
    let mut cover = Cover { taken, spelt };
    cover.drop_needless();
    cover
}
