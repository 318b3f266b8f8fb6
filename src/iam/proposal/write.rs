//! Writing statements: always in version 2012-10-17, with unique names, and without what is no action.

use std::collections::{BTreeSet, HashSet};

use super::grant::Grant;
use crate::iam::catalogue::Catalogue;
use crate::iam::document::{Selection, Statement};
use crate::iam::pattern::{Pattern, Variables, without_variables};

/// The statement in the words of version 2012-10-17, with the same meaning.
pub(super) fn in_version_2012(variables: Variables, statement: &Statement) -> Statement {
    let mut statement = statement.clone();
    if variables == Variables::Literal {
        let resources = statement.resources.iter_mut().flat_map(|selection| &mut selection.patterns);
        let values = statement.conditions.iter_mut().flat_map(|condition| &mut condition.values);
        resources.chain(values).for_each(|text| *text = without_variables(text));
    }
    statement
}

/// Gives each statement a name that no other of the document has; the first keeps its own.
pub(super) fn unique_sids(statements: &mut [Statement]) {
    let mut taken = HashSet::new();
    for statement in statements {
        let Some(own) = statement.sid.take() else { continue };
        let mut name = own.clone();
        let mut count = 1;
        while !taken.insert(name.clone()) {
            count += 1;
            name = format!("{own}{count}");
        }
        statement.sid = Some(name);
    }
}

/// A selection of patterns, sorted and each once.
pub(super) fn selection(negated: bool, mut patterns: Vec<String>) -> Selection {
    patterns.sort();
    patterns.dedup();
    Selection { negated, patterns }
}

/// Patterns of a statement that match nothing the catalogue knows and may be newer than it: they stay as written,
/// unless a person takes them away.
pub(super) fn unknown_of<'g>(
    catalogue: &'g Catalogue,
    grant: &'g Grant<'_>,
    removed: &'g [Pattern],
) -> impl Iterator<Item = &'g str> {
    grant
        .unknown_actions()
        .filter(move |pattern| actions_behind(catalogue, pattern).is_none())
        .filter(|pattern| !removed.iter().any(|removed| removed.covers(&Pattern::action(pattern))))
}

/// Names that are known to be calls or events and no actions, with the actions behind them.
pub(super) fn no_actions(catalogue: &Catalogue, grants: &[Grant<'_>]) -> Vec<(String, Vec<String>)> {
    let names: BTreeSet<&str> = grants.iter().flat_map(Grant::unknown_actions).collect();
    let behind = |name: &str| Some((name.to_owned(), actions_behind(catalogue, name)?));
    names.into_iter().filter_map(behind).collect()
}

/// The actions that a name stands for when it is known to be the name of a call or an event and of no action.
fn actions_behind(catalogue: &Catalogue, name: &str) -> Option<Vec<String>> {
    if name.contains(['*', '?']) {
        return None;
    }
    let (service, event) = name.split_once(':')?;
    crate::iam::cloudtrail::actions_of_event(catalogue, service, event)
}
