//! Actions: that they exist, and their services too.

use crate::iam::catalogue::Catalogue;

use super::Kind;
use super::finding::Report;
use super::issue::Issue;
use super::structure::{Policy, Text};

pub(super) fn check(policy: &Policy<'_>, _: &Kind, report: &mut Report) {
    let catalogue = Catalogue::embedded();
    for actions in policy.statements.iter().filter_map(|statement| statement.actions.as_ref()) {
        for action in &actions.items {
            check_action(action, catalogue, report);
        }
    }
}

fn check_action(action: &Text<'_>, catalogue: &Catalogue, report: &mut Report) {
    // A variable can't stand here at all, which the checks of variables say.
    if action.text.contains("${") || is_all(action.text) {
        return;
    }
    let unknown_service = action.text.split_once(':').map(|(service, _)| service).filter(|service| {
        !service.is_empty() && !service.contains(['*', '?']) && !catalogue.has_service(service)
    });
    if let Some(service) = unknown_service {
        let details = format!("There is no service {service:?}.{}", did_you_mean(catalogue, action.text));
        report.add(Issue::InvalidServiceInAction, &action.at, details);
    } else if catalogue.expand(action.text).is_empty() {
        let what = if action.text.contains(['*', '?']) {
            format!("No action matches {:?}.", action.text)
        } else {
            format!("The action {:?} does not exist.", action.text)
        };
        report.add(Issue::InvalidAction, &action.at, what + &did_you_mean(catalogue, action.text));
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
