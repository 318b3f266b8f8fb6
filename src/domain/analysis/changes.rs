//! What changes, in lines that can be folded, and whole.

use std::fmt::Write;

use crate::domain::proposal::{DiffFacts, DiffLine};
use crate::iam::actions::ActionSet;
use crate::iam::catalogue::Catalogue;
use crate::iam::diff::{Change, Diff, headline, size, times};
use crate::iam::document::Document;
use crate::iam::evidence::{Evidence, Observability, observability};
use crate::iam::legible::legible;
use crate::iam::proposal::{Keep, Proposal};
use crate::iam::shorten::shorten;

/// How many names a line has before it is folded.
const NAMES: usize = 6;

/// The facts of a difference.
pub fn facts(diff: &Diff, proposal: &Proposal, evidence: &Evidence, present: &[Document]) -> DiffFacts {
    let unobservable: ActionSet = proposal
        .kept
        .iter()
        .filter(|(_, keep)| matches!(keep, Keep::Unobservable(_)))
        .map(|(action, _)| *action)
        .collect();
    let unwatched: ActionSet =
        proposal.dropped.iter().filter(|action| is_unwatched(*action, evidence)).collect();
    DiffFacts {
        before: count(diff.before.actions),
        after: count(diff.after.actions),
        lines: diff.ranked().into_iter().map(line).collect(),
        whole: whole(diff, proposal, present),
        unobservable: shorten(&unobservable),
        unwatched: shorten(&unwatched),
    }
}

/// Whether only data events would show an action, and none of its service were seen.
fn is_unwatched(action: crate::iam::catalogue::ActionId, evidence: &Evidence) -> bool {
    let service = Catalogue::embedded().service_of(action);
    observability(action) == Observability::Data
        && !evidence.coverage().data_services.names().any(|seen| seen == service)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn line(change: &Change) -> DiffLine {
    let names: Vec<&str> = change.ranked().into_iter().map(|action| bare(&action.name)).collect();
    let shown = names.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(NAMES);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let uses = change.uses();
    let used = if uses == 0 { String::new() } else { format!("; used {}", times(uses)) };
    DiffLine {
        kind: change.kind.as_str().to_owned(),
        text: legible(&format!("{}: {shown}{more}{used}", change.service)).into_owned(),
        actions: count(change.actions.len()),
    }
}

fn bare(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, bare)| bare)
}

/// Everything, for whoever wants to read it all.
fn whole(diff: &Diff, proposal: &Proposal, present: &[Document]) -> String {
    let mut out = format!("{}\n{}\n", headline(diff), size(diff));
    for change in &diff.changes {
        let _ = writeln!(out, "\n{} in {}:", change.kind.as_str(), legible(&change.service));
        for action in &change.actions {
            let used = action.used.filter(|uses| *uses > 0);
            let used = used.map_or_else(String::new, |uses| format!("  (used {})", times(uses)));
            let _ = writeln!(out, "  {}{used}", legible(&action.name));
        }
    }
    out.push_str("\nProposed policies:\n");
    if proposal.fitted.parts.is_empty() {
        out.push_str("none: nothing stays\n");
    }
    for part in &proposal.fitted.parts {
        let _ = writeln!(out, "{}", part.document.to_string_pretty());
    }
    out.push_str("\nPresent policies:\n");
    for document in present {
        let _ = writeln!(out, "{}", document.to_string_pretty());
    }
    out
}
