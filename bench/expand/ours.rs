//! Our side of the race, and its referee.
//!
//! - `patterns CORPUS OUT`: the wildcard patterns of a corpus of policies, or of the catalogue where there is none
//! - `expand PATTERNS OUT`: expands them as the peers do
//! - `compare OURS PEER...`: prints a line a contestant, and compares what they found
//!
//! What a peer returns is a list of references to names that it holds in memory, so what is timed here is a list of ids
//! for each pattern; sets, and copying all the names, are timed apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Instant;

use alpha::iam::catalogue::{ActionId, Catalogue};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const PASSES: usize = 50;

#[derive(Serialize, Deserialize)]
struct Run {
    name: String,
    seconds: f64,
    /// What else was timed.
    #[serde(default)]
    apart: Vec<(String, f64)>,
    all: Vec<String>,
    expanded: BTreeMap<String, Vec<String>>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["patterns", corpus, out] => {
            let patterns =
                fs::read_to_string(corpus).map_or_else(|_| Ok(made_up()), |text| wildcards(&text))?;
            println!("{} patterns", patterns.len());
            fs::write(out, serde_json::to_vec(&patterns)?).context("the patterns")
        }
        ["expand", patterns, out] => {
            let patterns: Vec<String> = serde_json::from_slice(&fs::read(patterns)?)?;
            fs::write(out, serde_json::to_vec(&expand(&patterns))?).context("our results")
        }
        ["compare", ours, peers @ ..] => compare(&read(ours)?, peers),
        _ => bail!("usage: race-expand patterns CORPUS OUT | expand PATTERNS OUT | compare OURS PEER..."),
    }
}

fn read(path: &str) -> Result<Run> {
    serde_json::from_slice(&fs::read(path)?).with_context(|| path.to_owned())
}

/// The action patterns with a `*` in a corpus with one policy a line, but for `*` itself.
fn wildcards(corpus: &str) -> Result<BTreeSet<String>> {
    fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::String(text) => found.push(text),
            Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
            Value::Object(members) => {
                for (key, value) in members {
                    let lists = matches!(key.as_str(), "Action" | "NotAction");
                    let inner = matches!(key.as_str(), "document" | "Statement");
                    if lists || (inner && !value.is_string()) {
                        texts(value, found);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut patterns = BTreeSet::new();
    for line in corpus.lines() {
        let value: Value = serde_json::from_str(line)?;
        let mut found = Vec::new();
        texts(&value, &mut found);
        let wild = found.into_iter().filter(|text| text.contains('*') && text.contains(':'));
        patterns.extend(wild.map(str::to_owned));
    }
    Ok(patterns)
}

/// Of every service: all of it, and its actions by their first five letters.
fn made_up() -> BTreeSet<String> {
    let catalogue = Catalogue::embedded();
    let all = catalogue.services().map(|service| format!("{service}:*"));
    let starts = catalogue.actions().step_by(17).map(|action| {
        let start: String = catalogue.name_of(action).chars().take(5).collect();
        format!("{}:{start}*", catalogue.service_of(action))
    });
    all.chain(starts).collect()
}

fn expand(patterns: &[String]) -> Run {
    let catalogue = Catalogue::embedded();
    let names = |list: &Vec<ActionId>| -> Vec<String> {
        list.iter().map(|action| catalogue.full_name(*action)).collect()
    };
    let (seconds, lists) =
        best(|| patterns.iter().map(|pattern| catalogue.list(pattern)).collect::<Vec<_>>());
    let (sets, _) = best(|| patterns.iter().map(|pattern| catalogue.expand(pattern)).collect::<Vec<_>>());
    let (naming, results) = best(|| lists.iter().map(names).collect::<Vec<_>>());
    Run {
        name: format!("alpha {}", env!("CARGO_PKG_VERSION")),
        seconds,
        apart: vec![("  as sets".into(), sets), ("  all names copied".into(), seconds + naming)],
        all: names(&catalogue.actions().collect()),
        expanded: patterns.iter().cloned().zip(results).collect(),
    }
}

/// The shortest of several passes, in seconds, and what the last one gave.
fn best<T>(pass: impl Fn() -> T) -> (f64, T) {
    let timed = || {
        let start = Instant::now();
        let result = pass();
        (start.elapsed().as_secs_f64(), result)
    };
    let (mut seconds, mut result) = timed();
    for _ in 1..PASSES {
        let (next, again) = timed();
        (seconds, result) = (seconds.min(next), again);
    }
    (seconds, result)
}

fn compare(ours: &Run, peers: &[&str]) -> Result<()> {
    let line =
        |name: &str, seconds: f64, note: &str| println!("{name:24} {:>10.3} ms  {note}", seconds * 1e3);
    line(&ours.name, ours.seconds, "");
    for (name, seconds) in &ours.apart {
        line(name, *seconds, "");
    }
    let mut unexplained = 0;
    for peer in peers {
        let peer = read(peer)?;
        let (common, different) = agreement(ours, &peer);
        let ratio = peer.seconds / ours.seconds;
        let (alike, all) = (ours.expanded.len() - different.len(), ours.expanded.len());
        let note =
            format!("{ratio:.0}x; {alike} of {all} patterns alike over the {common} actions that both know");
        line(&peer.name, peer.seconds, &note);
        for pattern in different {
            println!("    differs: {pattern}");
            unexplained += usize::from(!has_capital_in_service(&pattern));
        }
    }
    if unexplained > 0 {
        bail!("{unexplained} patterns differ");
    }
    Ok(())
}

/// IAM doesn't look at the case of a service's prefix; a peer that does finds nothing.
fn has_capital_in_service(pattern: &str) -> bool {
    pattern.split(':').next().is_some_and(|service| service.chars().any(|letter| letter.is_ascii_uppercase()))
}

/// How many actions both know, and the patterns that don't expand alike over these.
fn agreement(ours: &Run, peer: &Run) -> (usize, Vec<String>) {
    let lower =
        |names: &[String]| -> BTreeSet<String> { names.iter().map(|name| name.to_lowercase()).collect() };
    let common: BTreeSet<String> = lower(&ours.all).intersection(&lower(&peer.all)).cloned().collect();
    let different = ours.expanded.iter().filter(|(pattern, names)| {
        let theirs = peer.expanded.get(*pattern).map(|names| lower(names)).unwrap_or_default();
        let known = |names: &BTreeSet<String>| names.intersection(&common).cloned().collect::<BTreeSet<_>>();
        known(&lower(names)) != known(&theirs)
    });
    (common.len(), different.map(|(pattern, _)| pattern.clone()).collect())
}
