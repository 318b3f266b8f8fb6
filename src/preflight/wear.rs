//! Which lines of a template are of use: those without which some request would fare otherwise.

use std::collections::BTreeMap;

use super::finding::{Finding, Kind};
use super::matter::{Matter, Said};
use super::probe::matches;
use crate::iam::document::{Selection, Statement};
use crate::iam::evaluate::{Decision, Request};

/// What a line holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Action(String),
    /// Whatever it is called in a stack.
    Resource,
}

/// What is known of the lines of a template's policies, over all that it can make: of use, or what to say of it.
#[derive(Debug, Default)]
pub struct Wear(BTreeMap<(usize, Item), Option<Finding>>);

impl Wear {
    /// The lines that nothing would miss.
    pub fn findings(self) -> impl Iterator<Item = Finding> {
        self.0.into_values().flatten()
    }

    /// Takes away, in turn, each line that has to do with an action, and asks again.
    pub fn note(&mut self, matter: &Matter<'_>) {
        let whole = matter.evaluator(&matter.given);
        let asked: Vec<(Request, Decision)> = matter
            .requests(&matter.given)
            .into_iter()
            .map(|request| {
                let (decision, _) = matter.decide(&whole, &request);
                (request, decision)
            })
            .collect();
        for (at, said) in matter.given.iter().enumerate() {
            let Some(statement) = said.statement() else { continue };
            let (p, s) = said.place;
            let Some(lines) = matter.pair.policies[p].lines.get(s) else { continue };
            let mut judge = |line: Option<&usize>, item: Item, fewer: Statement, text: String| {
                let key = (line.copied().unwrap_or_default(), item);
                if matches!(self.0.get(&key), Some(None)) {
                    return;
                }
                let fewer = replaced(matter, at, fewer);
                let evaluator = matter.evaluator(&fewer);
                let is_missed =
                    asked.iter().any(|(request, was)| matter.decide(&evaluator, request).0 != *was);
                let finding = matter.at(said.place, Kind::Superfluous, &matter.action, text);
                let finding = Finding { line: key.0, ..finding };
                self.0.insert(key, (!is_missed).then_some(finding));
            };
            for (index, name) in patterns(statement.actions.as_ref()).iter().enumerate() {
                let fewer =
                    Statement { actions: without(statement.actions.as_ref(), index), ..statement.clone() };
                if matches(name, &matter.action) {
                    let text = format!("nothing would miss `- {name}`");
                    judge(lines.actions.get(index), Item::Action(name.clone()), fewer, text);
                }
            }
            for (index, resource) in patterns(statement.resources.as_ref()).iter().enumerate() {
                let fewer = Statement {
                    resources: without(statement.resources.as_ref(), index),
                    ..statement.clone()
                };
                let text = format!("nothing would miss the resource {resource}");
                judge(lines.resources.get(index), Item::Resource, fewer, text);
            }
        }
    }
}

fn patterns(selection: Option<&Selection>) -> &[String] {
    selection.map_or(&[], |selection| &selection.patterns)
}

fn without(selection: Option<&Selection>, index: usize) -> Option<Selection> {
    let mut selection = selection?.clone();
    selection.patterns.remove(index);
    Some(selection)
}

fn replaced(matter: &Matter<'_>, at: usize, statement: Statement) -> Vec<Said> {
    let mut given = matter.given.clone();
    given[at].document.statements = vec![statement];
    given
}
