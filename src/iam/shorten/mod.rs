//! Sets of actions written as few readable patterns, at word boundaries.
//!
//! A pattern never matches an action of the catalogue that isn't in the set, and never cuts a word in two: the words of
//! `DescribeDBClusters` are `Describe`, `DB` and `Clusters`, and a wildcard stands for whole words only. Of patterns
//! that do the same, the narrowest is written, because a wildcard also matches actions that don't exist yet. `*` by
//! itself stands for all actions of all services and nothing else.

mod candidates;
mod cover;
mod rewrite;
#[cfg(test)]
mod tests;

use super::actions::ActionSet;
use super::catalogue::{ActionId, Catalogue};
use cover::Chosen;
pub use rewrite::{rewrite, rewrite_to};

/// What a pattern costs in a policy beside its own characters: two quotes and a comma.
const QUOTES_AND_COMMA: usize = 3;

/// The fewest readable patterns that together match exactly the actions of a set, in order.
pub fn shorten(set: &ActionSet) -> Vec<String> {
    if is_everything(set) {
        return vec!["*".into()];
    }
    in_order(by_service(set).flatten().map(|chosen| chosen.pattern).collect())
}

/// Patterns that together match exactly the actions of a set and take at most `max_chars` characters in a JSON list
/// (quotes and commas counted), with as few wildcards as that allows: what fits as it is stays as it is. What can't be
/// made to fit comes back as short as it gets.
pub fn shorten_to(set: &ActionSet, max_chars: usize) -> Vec<String> {
    let catalogue = Catalogue::embedded();
    let cost = |pattern: &str| pattern.len() + QUOTES_AND_COMMA;
    let mut names: Vec<Option<(ActionId, String)>> =
        set.iter().map(|action| Some((action, catalogue.full_name(action)))).collect();
    let mut total: usize = names.iter().flatten().map(|(_, name)| cost(name)).sum();
    let mut wild: Vec<Chosen> = by_service(set).flatten().filter(|chosen| chosen.actions.len() > 1).collect();
    let mut patterns = Vec::new();
    let mut plain = set.clone();
    while total > max_chars {
        // The pattern that saves most comes first, so that the fewest are needed.
        let saved = |chosen: &Chosen| {
            let left = chosen.actions.iter().filter(|action| plain.contains(**action));
            let spelt: usize = left.map(|action| cost(&catalogue.full_name(*action))).sum();
            spelt.saturating_sub(cost(&chosen.pattern))
        };
        let best = wild.iter().enumerate().map(|(place, chosen)| (saved(chosen), place));
        let Some((gain, place)) = best.max_by_key(|(gain, place)| (*gain, std::cmp::Reverse(*place))) else {
            break;
        };
        if gain == 0 {
            break;
        }
        let chosen = wild.remove(place);
        chosen.actions.iter().for_each(|action| plain.remove(*action));
        total -= gain;
        patterns.push(chosen.pattern);
    }
    if total > max_chars && is_everything(set) {
        return vec!["*".into()];
    }
    names.retain(|name| name.as_ref().is_some_and(|(action, _)| plain.contains(*action)));
    patterns.extend(names.into_iter().flatten().map(|(_, name)| name));
    in_order(patterns)
}

fn is_everything(set: &ActionSet) -> bool {
    !set.is_empty() && set.len() == Catalogue::embedded().len()
}

/// The patterns of each service that the set has actions of.
fn by_service(set: &ActionSet) -> impl Iterator<Item = Vec<Chosen>> + '_ {
    let catalogue = Catalogue::embedded();
    catalogue.services().filter_map(move |service| {
        let actions: Vec<ActionId> = catalogue.actions_of(service).collect();
        let (wanted, others): (Vec<_>, Vec<_>) =
            actions.into_iter().partition(|action| set.contains(*action));
        if wanted.is_empty() { None } else { Some(cover::cover(catalogue, service, &wanted, &others)) }
    })
}

fn in_order(mut patterns: Vec<String>) -> Vec<String> {
    patterns.sort_by_cached_key(|pattern| pattern.to_ascii_lowercase());
    patterns
}
