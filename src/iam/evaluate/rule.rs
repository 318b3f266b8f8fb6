//! One statement, compiled, and the policies made of them.

use super::action::{Actions, Asked};
use super::caller::{Caller, Naming, Whom};
use super::condition::Test;
use super::request::Context;
use super::resource::{Resources, Subject};
use super::truth::Truth;
use super::verdict::PolicyKind;
use crate::iam::document::{Document, Effect, Statement};
use crate::iam::pattern::Variables;

/// A request, prepared once for all statements.
#[derive(Debug)]
pub(super) struct Question<'r> {
    pub(super) action: Asked,
    pub(super) caller: Caller<'r>,
    pub(super) subject: Subject<'r>,
    pub(super) context: &'r Context,
    /// Whether the caller has a permissions boundary, which a `NotPrincipal` with Deny always hits.
    pub(super) bounded: bool,
}

/// A compiled policy.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) rules: Box<[Rule]>,
}

impl Policy {
    pub(super) fn compile(document: Document, kind: PolicyKind) -> Self {
        let variables = document.variables();
        let rules = document.statements.into_iter().map(|own| Rule::compile(own, variables, kind)).collect();
        Self { rules }
    }
}

/// A compiled statement.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) effect: Effect,
    pub(super) sid: Option<String>,
    actions: Actions,
    whom: Reach,
    resources: Option<Resources>,
    tests: Box<[Test]>,
}

/// Whom a statement speaks of.
#[derive(Debug)]
enum Reach {
    /// Whoever the policy is attached to: a `Principal` in such a policy means nothing.
    Bearer,
    Named(Whom),
    /// A policy of a resource whose statement names nobody: it is skipped.
    Nobody,
}

impl Rule {
    fn compile(statement: Statement, variables: Variables, kind: PolicyKind) -> Self {
        let whom = match (kind, &statement.principal) {
            (PolicyKind::Resource | PolicyKind::Endpoint | PolicyKind::Rcp, Some(principal)) => {
                Reach::Named(Whom::compile(principal))
            }
            (PolicyKind::Resource | PolicyKind::Endpoint, None) => Reach::Nobody,
            // A resource control policy can name nobody but everybody.
            _ => Reach::Bearer,
        };
        Self {
            effect: statement.effect,
            sid: statement.sid,
            actions: Actions::compile(statement.actions),
            whom,
            resources: statement.resources.map(|own| Resources::compile(own, variables)),
            tests: statement.conditions.into_iter().map(|own| Test::compile(own, variables)).collect(),
        }
    }

    /// How the statement names the caller, where all else of it matches.
    pub(super) fn applies(&self, question: &Question<'_>) -> Naming {
        if !self.actions.concern(&question.action) {
            return Naming::NOBODY;
        }
        let naming = match &self.whom {
            Reach::Nobody => return Naming::NOBODY,
            Reach::Bearer => Naming::EVERYBODY,
            Reach::Named(whom) => {
                if whom.is_negated() && self.effect == Effect::Deny && question.bounded {
                    Naming::EVERYBODY
                } else {
                    whom.naming(&question.caller, question.context)
                }
            }
        };
        if naming == Naming::NOBODY {
            return naming;
        }
        let mut rest = match (&self.resources, &self.whom) {
            (Some(resources), _) => resources.concern(&question.subject, self.effect, question.context),
            // The policy of a resource need not say which resource it is; any other has to.
            (None, Reach::Named(_)) => Truth::Yes,
            (None, _) => Truth::No,
        };
        for test in &self.tests {
            if rest == Truth::No {
                break;
            }
            rest = rest.and(test.holds(question.context));
        }
        naming.given(rest)
    }

    /// The condition keys that the statement looks at and the request doesn't tell.
    pub(super) fn unknown_keys<'s>(&'s self, context: &'s Context) -> impl Iterator<Item = &'s str> {
        self.tests.iter().map(Test::key).filter(|key| context.get(key).is_none())
    }
}
