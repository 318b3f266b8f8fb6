//! The directions of the architecture, read from the `use` lines and paths of the sources.

use std::fs;
use std::path::{Path, PathBuf};

/// Which parts of the crate each part may name. What isn't listed here doesn't exist yet.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    ("lib", &[]),
    ("cli", &["app", "cli", "config", "domain", "iam"]),
    (
        "app",
        &["app", "aws", "config", "domain", "engine", "http", "iam", "local", "ports", "preflight", "slack"],
    ),
    ("config", &["config", "domain", "handwritten", "iam"]),
    ("http", &["domain", "engine", "http", "ports", "slack"]),
    ("engine", &["domain", "engine", "iam", "ports"]),
    ("slack", &["domain", "iam", "ports", "slack"]),
    ("local", &["domain", "handwritten", "iam", "local", "ports", "record"]),
    ("aws", &["aws", "domain", "iam", "ports", "record"]),
    ("preflight", &["domain", "iam", "preflight"]),
    ("record", &["domain", "iam", "ports", "record"]),
    ("ports", &["domain", "iam"]),
    ("domain", &["domain", "iam"]),
    ("iam", &["iam"]),
    ("handwritten", &["handwritten"]),
];

/// What pure code must not name: whatever can fail, or differ, for a reason outside the program.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "ToSocketAddrs",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::stdin",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.iter_mut().for_each(|(path, _)| *path = path.strip_prefix(&root).unwrap().to_owned());
    found
}

fn part_of(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The parts that a source names as `crate::part` or `alpha::part`.
fn named(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for start in ["crate::", "alpha::"] {
        for (at, _) in text.match_indices(start) {
            let rest = &text[at + start.len()..];
            let names = match rest.strip_prefix('{') {
                Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
                None => vec![rest],
            };
            parts.extend(names.into_iter().map(|name| {
                name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
            }));
        }
    }
    parts
}

#[test]
fn no_part_names_a_part_that_it_must_not_know() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let part = part_of(&path);
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == part) else {
            wrong.push(format!("{}: no direction is written down for {part}", path.display()));
            continue;
        };
        for name in named(&text).into_iter().filter(|name| !allowed.contains(&name.as_str())) {
            wrong.push(format!("{}: {part} must not name {name}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_policy_engine_and_the_domain_touch_nothing_outside_the_program() {
    let mut wrong = Vec::new();
    let pure = |part: &str| part == "iam" || part == "domain";
    for (path, text) in sources().into_iter().filter(|(path, _)| pure(&part_of(path))) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for name in IMPURE.iter().filter(|name| code.contains(**name)) {
            wrong.push(format!("{}: names {name}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_proofs_know_nothing_of_how_a_proposal_is_made() {
    let proofs = sources()
        .into_iter()
        .filter(|(path, _)| path.starts_with("iam/proof") || path.starts_with("iam/grants"));
    let wrong: Vec<String> = proofs
        .filter(|(_, text)| text.contains("proposal::") || text.contains("iam::proposal"))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_directions_sees_what_is_named() {
    assert_eq!(
        named("use crate::iam::{arn}; crate::{app, cli::x}; let a = alpha::local::b;"),
        ["iam", "app", "cli", "local"]
    );
}
