//! Actions: that they exist, and their services too.

use crate::iam::catalogue::Catalogue;
use crate::iam::document::MOST_WILD;

use super::Kind;
use super::finding::Report;
use super::issue::Issue;
use super::structure::{Policy, Text};

pub(super) fn check(policy: &Policy<'_>, _: &Kind, report: &mut Report) {
    let catalogue = Catalogue::embedded();
    let mut effort = Effort { suggestions: MOST_SUGGESTIONS, wild: MOST_WILD };
    for actions in policy.statements.iter().filter_map(|statement| statement.actions.as_ref()) {
        for action in &actions.items {
            check_action(action, catalogue, &mut effort, report);
        }
    }
}

/// How many unknown actions get suggestions.
const MOST_SUGGESTIONS: usize = 100;

/// What may still be spent on a policy's actions; no policy that IAM stores uses it up.
struct Effort {
    suggestions: usize,
    /// Characters of patterns with wildcards.
    wild: usize,
}

impl Effort {
    /// Whether a pattern can still be looked up.
    fn looks_up(&mut self, pattern: &str) -> bool {
        if !pattern.contains(['*', '?']) {
            return true;
        }
        let left = self.wild.checked_sub(pattern.len());
        self.wild = left.unwrap_or(0);
        left.is_some()
    }

    fn did_you_mean(&mut self, catalogue: &Catalogue, action: &str) -> String {
        let Some(left) = self.suggestions.checked_sub(1) else { return String::new() };
        self.suggestions = left;
        did_you_mean(catalogue, action)
    }
}

fn check_action(action: &Text<'_>, catalogue: &Catalogue, effort: &mut Effort, report: &mut Report) {
    // A variable can't stand here at all, which the checks of variables say.
    if action.text.contains("${") || is_all(action.text) {
        return;
    }
    let unknown_service = action.text.split_once(':').map(|(service, _)| service).filter(|service| {
        !service.is_empty() && !service.contains(['*', '?']) && !catalogue.has_service(service)
    });
    if let Some(service) = unknown_service {
        let meant = effort.did_you_mean(catalogue, action.text);
        let details = format!("There is no service {service:?}.{meant}");
        report.add(Issue::InvalidServiceInAction, &action.at, details);
    } else if effort.looks_up(action.text) && !catalogue.matches_any(action.text) {
        let what = if action.text.contains(['*', '?']) {
            format!("No action matches {:?}.", action.text)
        } else {
            format!("The action {:?} does not exist.", action.text)
        };
        report.add(Issue::InvalidAction, &action.at, what + &effort.did_you_mean(catalogue, action.text));
    }
}

fn is_all(action: &str) -> bool {
    !action.is_empty() && action.bytes().all(|c| c == b'*')
}

fn did_you_mean(catalogue: &Catalogue, action: &str) -> String {
    match catalogue.suggest(action).as_slice() {
        [] => String::new(),
        [others @ .., last] if !others.is_empty() => {
            format!(" Did you mean {} or {last}?", others.join(", "))
        }
        [one, ..] => format!(" Did you mean {one}?"),
    }
}
