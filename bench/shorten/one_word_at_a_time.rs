//! The method that the README of iam-shrink describes: a name is cut into its words, one word at a time is replaced by a
//! wildcard where the pattern then matches nothing unwanted, and that is repeated for a number of rounds.
//!
//! The README leaves open which word is tried first; here it is the replacement that stands for most of the present
//! patterns, which serves the method well.

use std::collections::{BTreeMap, BTreeSet};

use alpha::iam::actions::ActionSet;
use alpha::iam::catalogue::Catalogue;

/// The patterns after so many rounds.
pub fn shrink(set: &ActionSet, rounds: usize) -> Vec<String> {
    let catalogue = Catalogue::embedded();
    let mut by_service = BTreeMap::<&str, BTreeSet<Vec<String>>>::new();
    for action in set.iter() {
        by_service.entry(catalogue.service_of(action)).or_default().insert(words(catalogue.name_of(action)));
    }
    let mut patterns = Vec::new();
    for (service, mut names) in by_service {
        for _ in 0..rounds {
            if !round(service, &mut names, set) {
                break;
            }
        }
        patterns.extend(without_covered(names.iter().map(|name| written(service, name)).collect()));
    }
    patterns
}

/// Replaces one word of as many patterns as can be; whether any was.
fn round(service: &str, names: &mut BTreeSet<Vec<String>>, set: &ActionSet) -> bool {
    let mut options = BTreeMap::<Vec<String>, BTreeSet<Vec<String>>>::new();
    for name in names.iter() {
        for at in 0..name.len() {
            if name[at] != "*" {
                options.entry(with_wildcard(name, at)).or_default().insert(name.clone());
            }
        }
    }
    options.retain(|option, _| {
        let matched = Catalogue::embedded().expand(&written(service, option));
        matched.is_subset(set)
    });
    let mut options: Vec<_> = options.into_iter().collect();
    options.sort_by_key(|(_, replaced)| std::cmp::Reverse(replaced.len()));
    let mut any = false;
    for (option, replaced) in options {
        let present: Vec<_> = replaced.into_iter().filter(|name| names.contains(name)).collect();
        // A wildcard for a single pattern stands for nothing more than that.
        if present.len() > 1 {
            for name in &present {
                names.remove(name);
            }
            names.insert(option);
            any = true;
        }
    }
    any
}

/// With the word at a place replaced, and runs of wildcards made one.
fn with_wildcard(name: &[String], at: usize) -> Vec<String> {
    let mut name = name.to_vec();
    name[at] = "*".into();
    name.dedup_by(|later, earlier| later == "*" && earlier == "*");
    name
}

fn written(service: &str, name: &[String]) -> String {
    format!("{service}:{}", name.concat())
}

/// Without patterns whose actions a single other one matches as well.
fn without_covered(patterns: Vec<String>) -> Vec<String> {
    let sets: Vec<ActionSet> = patterns.iter().map(|pattern| Catalogue::embedded().expand(pattern)).collect();
    let covered = |at: usize| {
        (0..sets.len()).any(|other| {
            other != at && sets[at].is_subset(&sets[other]) && (sets[at] != sets[other] || other < at)
        })
    };
    let keep: Vec<bool> = (0..sets.len()).map(|at| !covered(at)).collect();
    patterns.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(pattern, _)| pattern).collect()
}

/// Cut before every capital that a small letter precedes or follows.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let starts = letter.is_ascii_uppercase()
            && (at == 0
                || !letters[at - 1].is_ascii_uppercase()
                || letters.get(at + 1).is_some_and(char::is_ascii_lowercase));
        match words.last_mut() {
            Some(word) if !starts => word.push(*letter),
            _ => words.push(letter.to_string()),
        }
    }
    words
}
