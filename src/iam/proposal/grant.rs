//! The Allow statements of the present policies, prepared for questions.

use crate::iam::actions::ActionSet;
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::document::{Document, Effect, Statement};
use crate::iam::evaluate::Target;
use crate::iam::pattern::{Pattern, Setting, Variables, without_variables};

/// One Allow statement of the present policies, prepared for questions.
#[derive(Debug)]
pub(super) struct Grant<'a> {
    pub(super) statement: &'a Statement,
    pub(super) variables: Variables,
    /// The actions of the catalogue that it grants on at least some resource.
    pub(super) actions: ActionSet,
    /// The patterns of `Resource` or `NotResource`.
    pub(super) resources: Vec<Pattern>,
}

/// Whether a statement speaks of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admits {
    Yes,
    /// It depends on a policy variable.
    Maybe,
    No,
}

impl Grant<'_> {
    /// Whether the statement lists resources that it does *not* speak of.
    pub(super) fn excludes(&self) -> bool {
        self.statement.resources.as_ref().is_some_and(|selection| selection.negated)
    }

    /// Whether the statement lists actions that it does *not* grant.
    pub(super) fn says_not_action(&self) -> bool {
        self.statement.actions.as_ref().is_some_and(|selection| selection.negated)
    }

    /// The patterns of `Action` as written; none where the statement says `NotAction`.
    pub(super) fn written_actions(&self) -> &[String] {
        match &self.statement.actions {
            Some(selection) if !selection.negated => &selection.patterns,
            Some(_) | None => &[],
        }
    }

    /// The patterns of `Action`, ready to be compared.
    pub(super) fn action_patterns(&self) -> impl Iterator<Item = Pattern> {
        self.written_actions().iter().map(|pattern| Pattern::action(pattern))
    }

    /// Whether the action can be done to anything that the statement speaks of: `Action: *` on a bucket grants nothing
    /// of a queue, and nothing that is done to no resource.
    pub(super) fn can_grant(&self, catalogue: &Catalogue, action: ActionId) -> bool {
        let Some(selection) = self.statement.resources.as_ref().filter(|selection| !selection.negated) else {
            return true;
        };
        self.resources.iter().any(Pattern::is_everything)
            || selection.patterns.iter().any(|resource| match self.variables {
                Variables::Substituted => can_name(catalogue, action, resource),
                Variables::Literal => can_name(catalogue, action, &without_variables(resource)),
            })
    }

    /// Patterns that stand for no action of the catalogue.
    pub(super) fn unknown_actions(&self) -> impl Iterator<Item = &str> {
        self.written_actions()
            .iter()
            .map(String::as_str)
            .filter(|pattern| !Catalogue::embedded().matches_any(pattern))
    }

    /// Whether the statement speaks of what a call was on.
    pub(super) fn admits(&self, target: &Target) -> Admits {
        match target {
            Target::Named(name) => self.admits_named(&seen(name)),
            Target::Unknown => Admits::Maybe,
        }
    }

    fn admits_named(&self, seen: &Pattern) -> Admits {
        let covered = self.resources.iter().any(|pattern| pattern.covers(seen));
        let touched = self.resources.iter().any(|pattern| pattern.overlaps(seen));
        match (self.excludes(), covered, touched) {
            (false, true, _) | (true, _, false) => Admits::Yes,
            (false | true, false, true) => Admits::Maybe,
            (false, _, false) | (true, true, _) => Admits::No,
        }
    }
}

/// A resource as the evidence holds it: an ARN, or a pattern where there were too many to hold.
pub(super) fn seen(resource: &str) -> Pattern {
    Pattern::parse(resource, Setting::Resource, Variables::Literal)
}

/// Whether a `Resource` pattern can name anything that the action is done to. Most patterns are of another service.
fn can_name(catalogue: &Catalogue, action: ActionId, resource: &str) -> bool {
    let service_of = |arn: &str| arn.split(':').nth(2).map(str::to_owned);
    let literal =
        service_of(resource).filter(|service| !service.contains(['*', '?', '$']) && !service.is_empty());
    let mut types = catalogue.resources_of(action);
    types.any(|(kind, _)| {
        let same = literal.is_none() || literal == service_of(kind.arn);
        same && kind.matches(resource)
    })
}

/// The Allow statements that can grant anything at all.
pub(super) fn grants(present: &[Document]) -> Vec<Grant<'_>> {
    let mut grants = Vec::new();
    for document in present {
        for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else {
                continue;
            };
            let variables = document.variables();
            grants.push(Grant {
                statement,
                variables,
                actions: selected(actions.negated, &actions.patterns),
                resources: resources
                    .patterns
                    .iter()
                    .map(|pattern| Pattern::parse(pattern, Setting::Resource, variables))
                    .collect(),
            });
        }
    }
    grants
}

fn selected(negated: bool, patterns: &[String]) -> ActionSet {
    let mut named = ActionSet::empty();
    patterns.iter().for_each(|pattern| Catalogue::embedded().expand_into(pattern, &mut named));
    if negated { named.complement() } else { named }
}

/// All actions that any of the statements grants.
pub(super) fn all_actions(grants: &[Grant<'_>]) -> ActionSet {
    grants.iter().fold(ActionSet::empty(), |all, grant| all.union(&grant.actions))
}
