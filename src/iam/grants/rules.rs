//! Policies as rules: each statement with its selections split into parts and its conditions ready to compare.

use std::fmt;
use std::sync::Arc;

use crate::iam::actions::ActionSet;
use crate::iam::document::{Condition, Document, Effect, Statement};

use super::implies::Line;
use super::part::Part;

/// All rules of a set of identity policies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    pub allows: Vec<Rule>,
    pub denies: Vec<Rule>,
}

/// One statement.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub place: Place,
    pub actions: Vec<Part>,
    pub scope: Arc<Scope>,
}

/// On what, and when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    pub resources: Vec<Part>,
    pub conditions: Vec<Condition>,
    pub lines: Vec<Line>,
}

/// Where a statement stands, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Which policy.
    pub policy: usize,
    /// Which statement of it.
    pub statement: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {} of policy {}", self.statement + 1, self.policy + 1)
    }
}

impl Rules {
    /// Reads the statements of identity policies.
    pub fn of(policies: &[Document]) -> Self {
        let mut rules = Self::default();
        for (policy, document) in policies.iter().enumerate() {
            for (index, statement) in document.statements.iter().enumerate() {
                let rule = Rule::of(document, statement, Place { policy, statement: index });
                match statement.effect {
                    Effect::Allow => rules.allows.push(rule),
                    Effect::Deny => rules.denies.push(rule),
                }
            }
        }
        rules
    }

    /// The rules that speak of all of an action part, as rules that speak of nothing else.
    pub fn about(&self, action: &Part) -> Self {
        let of = |rules: &[Rule]| {
            let about = rules.iter().filter(|rule| rule.actions.iter().any(|part| part.covers(action)));
            about.map(Rule::alone).collect()
        };
        Self { allows: of(&self.allows), denies: of(&self.denies) }
    }
}

impl Rule {
    /// The same statement, for comparisons in which the action is settled.
    pub fn alone(&self) -> Self {
        Self { place: self.place, actions: vec![Part::everything()], scope: Arc::clone(&self.scope) }
    }

    /// The same statement on those of its resources that `keep` keeps; none where none is left.
    pub fn only_on(&self, keep: impl Fn(&Part) -> bool) -> Option<Self> {
        let Scope { resources, conditions, lines } = &*self.scope;
        if resources.iter().all(&keep) {
            return (!resources.is_empty()).then(|| self.clone());
        }
        let resources: Vec<_> = resources.iter().filter(|part| keep(part)).cloned().collect();
        (!resources.is_empty()).then(|| Self {
            scope: Arc::new(Scope { resources, conditions: conditions.clone(), lines: lines.clone() }),
            ..self.clone()
        })
    }

    /// The actions of the catalogue that it speaks of.
    pub fn actions_today(&self) -> ActionSet {
        let mut actions = ActionSet::empty();
        self.actions.iter().for_each(|part| actions.insert_all(&part.actions_today()));
        actions
    }

    fn of(document: &Document, statement: &Statement, place: Place) -> Self {
        let variables = document.variables();
        let actions = statement.actions.as_ref();
        let resources = statement.resources.as_ref();
        Self {
            place,
            actions: actions.map_or_else(Vec::new, |selection| Part::all_of(selection, Part::action)),
            scope: Arc::new(Scope {
                resources: resources.map_or_else(Vec::new, |selection| {
                    Part::all_of(selection, |text| Some(Part::resource(text, variables)))
                }),
                conditions: statement.conditions.clone(),
                lines: statement.conditions.iter().map(|line| Line::read(line, variables)).collect(),
            }),
        }
    }
}
