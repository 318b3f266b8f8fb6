//! From the shares of actions to statements that a person can read: one for each set of resources and conditions.

use std::collections::BTreeMap;

use super::attribute::{Attributed, Share};
use super::grant::Grant;
use super::{narrow, write};
use crate::iam::actions::ActionSet;
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::document::{Condition, Effect, Selection, Statement};
use crate::iam::pattern::Pattern;

/// Statements with the same name, resources and conditions become one. A `NotAction` of which everything stays is
/// left as it is written.
pub(super) fn statements(
    catalogue: &Catalogue,
    grants: &[Grant<'_>],
    attributed: &Attributed,
    removed: &[Pattern],
) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    for (grant, shares) in grants.iter().zip(attributed) {
        for (resources, actions) in scopes(grant, shares) {
            let base = in_version_2012(grant);
            if resources.is_none() && grant.says_not_action() && actions == grant.actions {
                statements.push(base);
                continue;
            }
            let mut patterns = written_actions(catalogue, grant, &actions, resources.is_none());
            if resources.is_none() {
                patterns.extend(kept_unknown(catalogue, grant, removed));
            }
            if patterns.is_empty() {
                continue;
            }
            let resources =
                resources.map_or(base.resources, |patterns| Some(write::selection(false, patterns)));
            add(&mut statements, base.sid, patterns, resources, base.conditions);
        }
    }
    for actions in statements.iter_mut().filter_map(|statement| statement.actions.as_mut()) {
        *actions = write::selection(actions.negated, std::mem::take(&mut actions.patterns));
    }
    statements
}

fn add(
    statements: &mut Vec<Statement>,
    sid: Option<String>,
    patterns: Vec<String>,
    resources: Option<Selection>,
    conditions: Vec<Condition>,
) {
    let same = statements.iter_mut().find(|known| {
        known.sid == sid
            && known.actions.as_ref().is_some_and(|actions| !actions.negated)
            && known.resources == resources
            && known.conditions == conditions
    });
    if let Some(actions) = same.and_then(|known| known.actions.as_mut()) {
        actions.patterns.extend(patterns);
        return;
    }
    let actions = Some(Selection { negated: false, patterns });
    statements.push(Statement {
        sid,
        effect: Effect::Allow,
        principal: None,
        actions,
        resources,
        conditions,
    });
}

/// The actions of a grant by the resources they keep; `None` are the statement's own. The whole ones come first, and
/// always, since patterns that the catalogue doesn't know stay with them.
fn scopes(grant: &Grant<'_>, shares: &BTreeMap<ActionId, Share>) -> Vec<(Option<Vec<String>>, ActionSet)> {
    let mut whole = ActionSet::empty();
    let mut narrowed: BTreeMap<Vec<String>, ActionSet> = BTreeMap::new();
    for (&action, share) in shares {
        if share.whole {
            whole.insert(action);
        } else {
            narrowed.entry(narrow::narrowed(grant, &share.seen)).or_default().insert(action);
        }
    }
    let rest = narrowed.into_iter().map(|(resources, actions)| (Some(resources), actions));
    std::iter::once((None, whole)).chain(rest).collect()
}

/// The actions by name; a pattern of the statement stays as written where all that it stands for stays.
fn written_actions(
    catalogue: &Catalogue,
    grant: &Grant<'_>,
    actions: &ActionSet,
    whole: bool,
) -> Vec<String> {
    let mut patterns = Vec::new();
    let mut left = actions.clone();
    for pattern in grant.written_actions().iter().filter(|pattern| whole && pattern.contains(['*', '?'])) {
        let named = catalogue.expand(pattern);
        if !named.is_empty() && named.is_subset(actions) {
            patterns.push(pattern.clone());
            left = left.difference(&named);
        }
    }
    patterns.extend(left.iter().map(|action| catalogue.full_name(action)));
    patterns
}

fn kept_unknown(catalogue: &Catalogue, grant: &Grant<'_>, removed: &[Pattern]) -> Vec<String> {
    write::unknown_of(catalogue, grant, removed).map(str::to_owned).collect()
}

fn in_version_2012(grant: &Grant<'_>) -> Statement {
    write::in_version_2012(grant.variables, grant.statement)
}

/// Whether `pattern` may be written without granting anything beyond the patterns of today.
pub(super) fn stays_within(pattern: &str, granted: &[Pattern]) -> bool {
    let pattern = Pattern::action(pattern);
    granted.iter().any(|granted| granted.covers(&pattern))
}
