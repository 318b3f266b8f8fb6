//! Containment of what policies grant, symbolically, with a third answer: unproved.
//!
//! A *grant* is one action pattern on one resource pattern of an Allow statement, under the statement's conditions,
//! less the Denies of its policies. Patterns are compared as patterns and never by the actions that exist today: a
//! wildcard ages. Nothing here may call a grant proved that isn't; a violation is only claimed with a request that the
//! evaluator allows under the narrow policies and not under the wide ones.

mod atom;
mod cover;
mod granted;
mod implies;
mod part;
mod rules;
mod witness;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::iam::document::{Condition, Document};
use crate::iam::evaluate::Request;

pub use granted::{granted_actions, is_privileged, privileged};
pub use rules::Place;

use cover::{Gap, Grant, gap};
pub(crate) use part::Part;
pub(crate) use rules::{Rule, Rules};

/// What is known of the question whether some policies grant nothing that others don't.
#[derive(Debug, Clone, Default)]
pub struct Containment {
    /// How many grants were looked at.
    pub grants: usize,
    /// How many of them are granted by the wide policies too, for certain.
    pub proved: usize,
    /// Grants that the wide policies don't give, each with a request that shows it.
    pub violations: Vec<Violation>,
    /// Grants of which neither is known.
    pub unproved: Vec<Unproved>,
}

impl Containment {
    /// Whether every grant is proved.
    pub fn holds(&self) -> bool {
        self.proved == self.grants
    }
}

/// A grant, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The statement.
    pub place: Place,
    /// The action pattern, or `all but` the excluded ones.
    pub action: String,
    /// The resource pattern, or `all but` the excluded ones.
    pub resource: String,
    /// The statement's conditions.
    pub conditions: Vec<Condition>,
}

impl fmt::Display for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.action, self.resource)?;
        f.write_str(if self.conditions.is_empty() { "" } else { " under conditions" })
    }
}

/// A grant that the wide policies don't give.
#[derive(Debug, Clone)]
pub struct Violation {
    /// What is granted.
    pub grant: Granted,
    /// A request that is allowed by the narrow policies and not by the wide ones.
    pub witness: Request,
    /// Where the wide policies fall short, in a person's words.
    pub reason: String,
}

/// A grant that could neither be proved nor refuted.
#[derive(Debug, Clone)]
pub struct Unproved {
    /// What is granted.
    pub grant: Granted,
    /// Why the proof fails, in a person's words.
    pub reason: String,
}

/// Whether the identity policies `wide` grant all that the identity policies `narrow` grant.
pub fn contained(narrow: &[Document], wide: &[Document]) -> Containment {
    let (ours, theirs) = (Rules::of(narrow), Rules::of(wide));
    let mut answer = Containment::default();
    let mut search = None;
    for grant in ours.grants() {
        answer.grants += 1;
        let Some(gap) = gap(grant, &ours, &theirs) else {
            answer.proved += 1;
            continue;
        };
        let search = search.get_or_insert_with(|| witness::Search::new(narrow, wide, &ours, &theirs));
        let (reason, described) = (reason(gap), describe(grant));
        match search.find(grant, gap) {
            Some(witness) => answer.violations.push(Violation { grant: described, witness, reason }),
            None => answer.unproved.push(Unproved { grant: described, reason }),
        }
    }
    answer
}

/// How heavy policies may be together to be compared with one another.
pub const MOST_WEIGHT: usize = 6_144;

/// How heavy policies are to compare: their patterns and condition values counted, those with wildcards inside by their
/// length. The work grows with the square of it and more, and policies that IAM stores stay below [`MOST_WEIGHT`].
pub fn weight(policies: &[Document]) -> usize {
    let of = |text: &String| match text.find(['*', '?', '$']) {
        Some(at) if at + 1 < text.len() => 1 + text.len() / 8,
        _ => 1,
    };
    let statements = policies.iter().flat_map(|document| &document.statements);
    let texts = statements.flat_map(|statement| {
        let selections = statement.actions.iter().chain(&statement.resources);
        let values = statement.conditions.iter().flat_map(|condition| &condition.values);
        selections.flat_map(|selection| &selection.patterns).chain(values)
    });
    texts.map(of).sum()
}

/// Whether each grant of the narrow rules is proved to be one of the wide rules.
pub(crate) fn proved(narrow: &Rules, wide: &Rules) -> bool {
    narrow.grants().all(|grant| gap(grant, narrow, wide).is_none())
}

fn describe(grant: Grant<'_>) -> Granted {
    Granted {
        place: grant.rule.place,
        action: grant.action.text.to_string(),
        resource: grant.resource.text.to_string(),
        conditions: grant.rule.scope.conditions.clone(),
    }
}

fn reason(gap: Gap<'_>) -> String {
    match gap {
        Gap::Action => "no single statement allows all of these actions".into(),
        Gap::Resource(rule) => {
            format!(
                "no single statement that allows these actions, such as {}, does so on all of these resources",
                rule.place
            )
        }
        Gap::Conditions(rule) => {
            format!("{} allows it under conditions that don't follow from its own", rule.place)
        }
        Gap::Denied(rule) => {
            format!("{} denies some of it, and no Deny as strict stands beside it", rule.place)
        }
    }
}
