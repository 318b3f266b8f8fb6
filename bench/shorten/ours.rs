//! Shortens the action lists of a corpus and counts patterns, characters and errors, beside another method.

use std::fs;
use std::time::{Duration, Instant};

use alpha::iam::actions::ActionSet;
use alpha::iam::catalogue::Catalogue;
use alpha::iam::document::Document;
use alpha::iam::shorten::shorten;
use anyhow::{Context, Result, bail};

mod one_word_at_a_time;

struct Tally {
    name: &'static str,
    patterns: usize,
    characters: usize,
    /// Lists on which it needs fewer patterns than alpha does.
    better: usize,
    wrong: usize,
    time: Duration,
}

fn main() -> Result<()> {
    let corpus = std::env::args().nth(1).context("usage: race-shorten CORPUS")?;
    let sets = match fs::read_to_string(corpus) {
        Ok(text) => lists(&text)?,
        Err(_) => made_up(),
    };
    let actions: usize = sets.iter().map(ActionSet::len).sum();
    println!("{} lists of {actions} actions", sets.len());
    let ours: Vec<usize> = sets.iter().map(|set| shorten(set).len()).collect();
    let tallies = [
        tally("alpha", &sets, &ours, shorten),
        tally("a word at a time, 2x", &sets, &ours, |set| one_word_at_a_time::shrink(set, 2)),
        tally("a word at a time, all", &sets, &ours, |set| one_word_at_a_time::shrink(set, usize::MAX)),
    ];
    for Tally { name, patterns, characters, better, wrong, time } in &tallies {
        let seconds = time.as_secs_f64();
        println!(
            "{name:22} {patterns:>6} patterns {characters:>8} characters; fewer than alpha: {better:>3}; wrong: {wrong}; {seconds:.3} s"
        );
    }
    if tallies[0].wrong > 0 {
        bail!("a shortened list doesn't expand to what it was");
    }
    Ok(())
}

fn tally(
    name: &'static str,
    sets: &[ActionSet],
    ours: &[usize],
    method: impl Fn(&ActionSet) -> Vec<String>,
) -> Tally {
    let start = Instant::now();
    let results: Vec<Vec<String>> = sets.iter().map(method).collect();
    let time = start.elapsed();
    let mut tally = Tally { name, patterns: 0, characters: 0, better: 0, wrong: 0, time };
    for ((set, patterns), ours) in sets.iter().zip(&results).zip(ours) {
        tally.patterns += patterns.len();
        tally.characters += patterns.iter().map(|pattern| pattern.len() + 3).sum::<usize>();
        tally.better += usize::from(patterns.len() < *ours);
        tally.wrong += usize::from(union(patterns) != *set);
    }
    tally
}

fn union(patterns: &[String]) -> ActionSet {
    let mut set = ActionSet::empty();
    for pattern in patterns {
        Catalogue::embedded().expand_into(pattern, &mut set);
    }
    set
}

/// What each `Action` list of a corpus, one policy a line, stands for: two actions at least, and not everything.
fn lists(corpus: &str) -> Result<Vec<ActionSet>> {
    let mut sets = Vec::new();
    for line in corpus.lines() {
        let value: serde_json::Value = serde_json::from_str(line)?;
        let document = Document::parse(value["document"].to_string().as_bytes())?;
        for selection in document.statements.into_iter().filter_map(|statement| statement.actions) {
            let set = union(&selection.patterns);
            if set.len() > 1 && set.len() < Catalogue::embedded().len() {
                sets.push(set);
            }
        }
    }
    Ok(sets)
}

/// Of every service: each access level, and every third action.
fn made_up() -> Vec<ActionSet> {
    let catalogue = Catalogue::embedded();
    let mut sets = Vec::new();
    for service in catalogue.services() {
        let mut levels = std::collections::BTreeMap::<_, ActionSet>::new();
        for action in catalogue.actions_of(service) {
            levels.entry(catalogue.level_of(action)).or_default().insert(action);
        }
        sets.extend(levels.into_values());
        sets.push(catalogue.actions_of(service).step_by(3).collect());
    }
    sets.retain(|set| set.len() > 1);
    sets
}
