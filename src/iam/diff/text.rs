//! A difference in words. Long lists are folded, most important first; the JSON form has everything.

use std::cmp::Reverse;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::{Action, Change, Clause, Diff, Kind, Terms};
use crate::iam::catalogue::AccessLevel;
use crate::iam::legible::legible;

/// How many names of a change are shown.
const NAMES: usize = 8;
/// How many changes of one kind are shown.
const CHANGES: usize = 12;
/// How many resources or conditions of a clause are shown.
const PATTERNS: usize = 4;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const NOTE: Style = AnsiColor::Yellow.on_default();

/// The whole report, with colours as terminals take them.
pub fn render(diff: &Diff) -> String {
    let mut out = String::new();
    line(&mut out, format_args!("{BOLD}{}{BOLD:#}", headline(diff)));
    line(&mut out, format_args!("{}", size(diff)));
    used(diff, &mut out);
    for kind in Kind::ALL {
        section(diff, kind, &mut out);
    }
    out
}

/// What changes, in one line, such as `−161 actions (all of: Tagging), 3 kept`.
pub fn headline(diff: &Diff) -> String {
    if diff.is_empty() {
        return format!("No difference: {} kept", actions(diff.kept.len()));
    }
    let mut parts = Vec::new();
    let (gained, lost) = (diff.count(Kind::Gained), diff.count(Kind::Lost));
    if gained > 0 {
        parts.push(format!("+{}", actions(gained)));
    }
    if lost > 0 {
        let levels = diff.levels_lost();
        let levels: Vec<_> = levels.iter().rev().map(|level| level.as_str()).collect();
        let all_of =
            if levels.is_empty() { String::new() } else { format!(" (all of: {})", levels.join(", ")) };
        parts.push(format!("−{}{all_of}", actions(lost)));
    }
    for kind in [Kind::Narrowed, Kind::Widened, Kind::Changed] {
        if diff.count(kind) > 0 {
            parts.push(format!("{} {}", thousands(diff.count(kind)), kind.as_str()));
        }
    }
    parts.push(format!("{} kept", thousands(diff.kept.len())));
    parts.join(", ")
}

/// The size before and after, in one line.
pub fn size(diff: &Diff) -> String {
    let (before, after) = (diff.before, diff.after);
    let reduction = diff.reduction();
    let change = match reduction {
        _ if before.actions == 0 || before.actions == after.actions => String::new(),
        // Not everything while something is left.
        less if less > 0.0 && after.actions > 0 => format!(" (−{:.1} %)", less.min(99.9)),
        less if less > 0.0 => format!(" (−{less:.0} %)"),
        more => format!(" (+{:.1} %)", -more),
    };
    format!(
        "granted: {} before, {} after{change}; privileged: {} before, {} after",
        actions(before.actions),
        thousands(after.actions),
        thousands(before.privileged),
        thousands(after.privileged),
    )
}

fn used(diff: &Diff, out: &mut String) {
    let mut hit: Vec<(&Action, &Change)> = diff
        .changes
        .iter()
        .filter(|change| change.kind.may_break())
        .flat_map(|change| change.actions.iter().map(move |action| (action, change)))
        .filter(|(action, _)| action.used.is_some_and(|count| count > 0))
        .collect();
    if hit.is_empty() {
        return;
    }
    hit.sort_by_key(|(action, change)| (change.kind != Kind::Lost, Reverse(action.used)));
    line(out, format_args!("\n{BAD}Used, and no longer granted as before{BAD:#}"));
    for (action, change) in hit {
        let count = action.used.unwrap_or_default();
        let fate = match change.kind {
            Kind::Lost => "is no longer granted",
            Kind::Narrowed => "is granted on less",
            Kind::Changed => "is granted otherwise",
            Kind::Gained | Kind::Widened => "is granted",
        };
        line(out, format_args!("  {BOLD}{}{BOLD:#} was used {} and {fate}", action.name, times(count)));
    }
}

fn section(diff: &Diff, kind: Kind, out: &mut String) {
    let changes: Vec<&Change> = diff.ranked().into_iter().filter(|change| change.kind == kind).collect();
    if changes.is_empty() {
        return;
    }
    let (title, style) = match kind {
        Kind::Gained => ("Gained", BAD),
        Kind::Widened => ("Widened", BAD),
        Kind::Changed => ("Changed: neither more nor less can be proved", NOTE),
        Kind::Lost => ("Lost", GOOD),
        Kind::Narrowed => ("Narrowed", GOOD),
    };
    line(out, format_args!("\n{style}{title}{style:#}"));
    for change in changes.iter().take(CHANGES) {
        let count = thousands(change.actions.len());
        line(out, format_args!("  {BOLD}{}{BOLD:#} {count}: {}", change.service, names(change)));
        terms(change, out);
    }
    if let Some(rest) = changes.get(CHANGES..).filter(|rest| !rest.is_empty()) {
        let more = thousands(rest.iter().map(|change| change.actions.len()).sum());
        line(out, format_args!("  {DIM}and {more} more actions, in {} groups{DIM:#}", thousands(rest.len())));
    }
}

fn names(change: &Change) -> String {
    let sorted = change.ranked();
    let shown = sorted.iter().take(NAMES).map(|action| {
        let name = action.name.split_once(':').map_or(action.name.as_str(), |(_, name)| name);
        match action.level {
            Some(AccessLevel::PermissionsManagement) => format!("{NOTE}{name}{NOTE:#}"),
            _ => name.to_owned(),
        }
    });
    folded(shown, sorted.len().saturating_sub(NAMES), "actions")
}

fn terms(change: &Change, out: &mut String) {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            clauses("from", before, out);
            clauses("to  ", after, out);
        }
        (Some(only), None) | (None, Some(only)) => clauses("on  ", only, out),
        (None, None) => {}
    }
}

fn clauses(word: &str, terms: &Terms, out: &mut String) {
    for clause in &terms.allowed {
        line(out, format_args!("      {DIM}{word}{DIM:#} {}", in_words(clause)));
    }
    for clause in &terms.denied {
        line(
            out,
            format_args!(
                "      {DIM}{:width$} but not on{DIM:#} {}",
                "",
                in_words(clause),
                width = word.len()
            ),
        );
    }
}

fn in_words(clause: &Clause) -> String {
    let list = |all: &[String], what| {
        folded(all.iter().take(PATTERNS).cloned(), all.len().saturating_sub(PATTERNS), what)
    };
    let resources = list(&clause.resources, "resources");
    let text = if clause.conditions.is_empty() {
        resources
    } else {
        format!("{resources} if {}", clause.conditions.join(" and "))
    };
    legible(&text).into_owned()
}

fn folded(shown: impl Iterator<Item = String>, more: usize, what: &str) -> String {
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if more > 0 {
        let _ = write!(text, ", and {} more {what}", thousands(more));
    }
    text
}

fn actions(count: usize) -> String {
    format!("{} {}", thousands(count), if count == 1 { "action" } else { "actions" })
}

/// How often something happened, such as `once` or `1,204 times`.
pub fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", thousands_of(count)) }
}

fn thousands(count: usize) -> String {
    thousands_of(count as u64)
}

fn thousands_of(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writing to a string can't fail.
fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = writeln!(out, "{text}");
}
