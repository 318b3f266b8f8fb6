//! Lists of patterns, as a policy holds them, written shorter without changing which actions they stand for.

use std::collections::BTreeMap;

use super::{QUOTES_AND_COMMA, in_order, shorten, shorten_to};
use crate::iam::actions::ActionSet;
use crate::iam::catalogue::Catalogue;

/// The same actions in fewer patterns. Patterns of a service that don't get fewer stay as they were written; so does what
/// stands for no action.
pub fn rewrite(patterns: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for known in groups(patterns, &mut out) {
        let short = shorten(&union(&known));
        out.extend(if short.len() < known.len() { short } else { known });
    }
    finished(out)
}

/// The same actions in at most `max_chars` characters of a JSON list, quotes and commas counted, generalising no more
/// than that takes. A list that fits stays as it was written.
pub fn rewrite_to(patterns: &[String], max_chars: usize) -> Vec<String> {
    if chars(patterns) <= max_chars {
        return patterns.to_vec();
    }
    let mut out = Vec::new();
    let known = groups(patterns, &mut out).concat();
    let short = shorten_to(&union(&known), max_chars.saturating_sub(chars(&out)));
    let fewest = rewrite(&known);
    // Patterns that were there may be wider than any that is cut at words.
    let fits = chars(&short) + chars(&out) <= max_chars;
    out.extend(if fits || chars(&short) <= chars(&fewest) { short } else { fewest });
    finished(out)
}

/// The patterns by service, those that stand for nothing going to `unknown`. A wildcard in a service's prefix binds all
/// services together.
fn groups(patterns: &[String], unknown: &mut Vec<String>) -> Vec<Vec<String>> {
    let catalogue = Catalogue::embedded();
    let mut groups = BTreeMap::<String, Vec<String>>::new();
    let mut across = false;
    for pattern in patterns {
        if !catalogue.matches_any(pattern) {
            unknown.push(pattern.clone());
            continue;
        }
        let service = pattern.split_once(':').map_or("*", |(service, _)| service);
        across |= service.contains(['*', '?']);
        let group = groups.entry(service.to_ascii_lowercase()).or_default();
        if !group.contains(pattern) {
            group.push(pattern.clone());
        }
    }
    let groups: Vec<_> = groups.into_values().collect();
    if across { vec![groups.concat()] } else { groups }
}

fn union(patterns: &[String]) -> ActionSet {
    let mut set = ActionSet::empty();
    for pattern in patterns {
        Catalogue::embedded().expand_into(pattern, &mut set);
    }
    set
}

fn chars(patterns: &[String]) -> usize {
    patterns.iter().map(|pattern| pattern.chars().count() + QUOTES_AND_COMMA).sum()
}

fn finished(patterns: Vec<String>) -> Vec<String> {
    let mut patterns = in_order(patterns);
    patterns.dedup();
    patterns
}
