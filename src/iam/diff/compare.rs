//! The comparison: per class of actions, what each side grants and whether one contains the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::iam::actions::ActionSet;
use crate::iam::catalogue::{AccessLevel, ActionId, Catalogue, ResourceType};
use crate::iam::grants::{Part, Rule, Rules, proved};

use super::classes::classes;
use super::side::Side;
use super::{Action, Change, Clause, Diff, Kind, Level, Size, Terms, in_words};

pub(super) fn compare(old: &Side, new: &Side) -> Diff {
    // All rules in one row, so that a class of actions is a set of places in it.
    let row: Vec<(usize, bool, &Rule)> = [old, new]
        .into_iter()
        .enumerate()
        .flat_map(|(side, of)| {
            let allows = of.rules.allows.iter().map(move |rule| (side, true, rule));
            allows.chain(of.rules.denies.iter().map(move |rule| (side, false, rule)))
        })
        .collect();
    let sets: Vec<ActionSet> = row.iter().map(|(_, _, rule)| rule.actions_today()).collect();
    let catalogue = Catalogue::embedded();
    let mut ledger = Ledger::default();
    for class in classes(&sets) {
        let mut sides = [Rules::default(), Rules::default()];
        for &place in &class.rules {
            let (side, is_allow, rule) = row[place];
            let rules = &mut sides[side];
            if is_allow { &mut rules.allows } else { &mut rules.denies }.push(rule.alone());
        }
        for (types, actions) in by_resource_types(&sides, class.actions) {
            let outcome = Outcome::of(sides.each_ref().map(|side| relevant(side, &types)));
            for of_service in actions.chunk_by(|a, b| catalogue.service_of(*a) == catalogue.service_of(*b)) {
                ledger.enter(of_service.iter().map(|action| Action::known(*action)).collect(), &outcome);
            }
        }
    }
    for (name, sides) in strangers(old, new) {
        ledger.enter(vec![Action::unknown(&name)], &Outcome::of(sides));
    }
    ledger.close()
}

/// Names of actions that only the policies know, each with the rules that speak of it.
fn strangers(old: &Side, new: &Side) -> Vec<(String, [Rules; 2])> {
    let mut named: BTreeMap<String, &Part> = BTreeMap::new();
    for part in old.strangers().chain(new.strangers()) {
        named.entry(part.text.to_ascii_lowercase()).or_insert(part);
    }
    let sides = |part: &Part| [old.rules.about(part), new.rules.about(part)];
    named.into_values().map(|part| (part.text.to_string(), sides(part))).collect()
}

/// The actions by the resource types that they have, where the rules look at resources at all.
fn by_resource_types(sides: &[Rules; 2], actions: Vec<ActionId>) -> Vec<(Vec<ResourceType>, Vec<ActionId>)> {
    let any = sides.iter().flat_map(|side| side.allows.iter().chain(&side.denies));
    if any.flat_map(|rule| &rule.scope.resources).all(Part::is_everything) {
        return vec![(Vec::new(), actions)];
    }
    let catalogue = Catalogue::embedded();
    let mut groups: HashMap<Vec<&'static str>, (Vec<ResourceType>, Vec<ActionId>)> = HashMap::new();
    for action in actions {
        let types: Vec<_> = catalogue.resources_of(action).map(|(kind, _)| kind).collect();
        let formats = types.iter().map(|kind| kind.arn).collect();
        groups.entry(formats).or_insert_with(|| (types, Vec::new())).1.push(action);
    }
    groups.into_values().collect()
}

/// The rules less the resources on which actions with these resource types can't be called; all of them where nothing
/// would be left, for the catalogue may lag behind.
fn relevant(side: &Rules, types: &[ResourceType]) -> Rules {
    let keep = |part: &Part| match types {
        _ if part.pattern.is_everything() => true,
        [] => part.holds("*"),
        types => types.iter().any(|kind| kind.matches(&part.text)),
    };
    let filtered =
        |rules: &[Rule]| -> Vec<Rule> { rules.iter().filter_map(|rule| rule.only_on(keep)).collect() };
    let allows = filtered(&side.allows);
    if allows.is_empty() {
        return side.clone();
    }
    Rules { allows, denies: filtered(&side.denies) }
}

/// What becomes of the actions of a class.
struct Outcome {
    /// None where the grant is kept, or where there was none and is none.
    kind: Option<Kind>,
    before: Option<Terms>,
    after: Option<Terms>,
}

impl Outcome {
    fn of([old, new]: [Rules; 2]) -> Self {
        let (before, after) = (terms(&old), terms(&new));
        let kind = match (&before, &after) {
            (None, None) => None,
            (None, Some(_)) => Some(Kind::Gained),
            (Some(_), None) => Some(Kind::Lost),
            (Some(_), Some(_)) => match (proved(&new, &old), proved(&old, &new)) {
                (true, true) => None,
                (true, false) => Some(Kind::Narrowed),
                (false, true) => Some(Kind::Widened),
                (false, false) => Some(Kind::Changed),
            },
        };
        Self { kind, before, after }
    }
}

/// What rules grant, in words; none where nothing is left of it.
fn terms(rules: &Rules) -> Option<Terms> {
    let live: BTreeSet<_> = rules.live_grants().map(|grant| grant.rule.place).collect();
    let allows = rules.allows.iter().filter(|rule| live.contains(&rule.place));
    (!live.is_empty()).then(|| Terms { allowed: clauses(allows), denied: clauses(rules.denies.iter()) })
}

fn clauses<'r>(rules: impl Iterator<Item = &'r Rule>) -> Vec<Clause> {
    let mut by_conditions: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
    for rule in rules {
        let mut conditions: Vec<_> = rule.scope.conditions.iter().map(in_words).collect();
        conditions.sort();
        let resources = rule.scope.resources.iter().map(|part| part.text.to_string());
        by_conditions.entry(conditions).or_default().extend(resources);
    }
    by_conditions
        .into_iter()
        .map(|(conditions, resources)| Clause { resources: resources.into_iter().collect(), conditions })
        .collect()
}

/// All outcomes so far.
#[derive(Default)]
struct Ledger {
    changes: BTreeMap<(Kind, String, Option<Terms>, Option<Terms>), Vec<Action>>,
    kept: Vec<Action>,
    levels: BTreeMap<(String, Option<AccessLevel>), (usize, usize)>,
    before: Size,
    after: Size,
}

impl Ledger {
    /// Adds actions of one service that have one fate.
    fn enter(&mut self, actions: Vec<Action>, outcome: &Outcome) {
        let (before, after) = (outcome.before.is_some(), outcome.after.is_some());
        let Some(service) = actions.first().map(|action| action.service().to_owned()) else { return };
        if !before && !after {
            return;
        }
        for action in &actions {
            let level = self.levels.entry((service.clone(), action.level)).or_default();
            for (is_granted, level, size) in
                [(before, &mut level.0, &mut self.before), (after, &mut level.1, &mut self.after)]
            {
                *level += usize::from(is_granted);
                size.actions += usize::from(is_granted);
                size.privileged += usize::from(is_granted && action.is_privileged());
            }
        }
        match outcome.kind {
            None => self.kept.extend(actions),
            Some(kind) => {
                let key = (kind, service, outcome.before.clone(), outcome.after.clone());
                self.changes.entry(key).or_default().extend(actions);
            }
        }
    }

    fn close(mut self) -> Diff {
        self.kept.sort();
        Diff {
            changes: self
                .changes
                .into_iter()
                .map(|((kind, service, before, after), mut actions)| {
                    actions.sort();
                    Change { kind, service, actions, before, after }
                })
                .collect(),
            kept: self.kept,
            levels: self
                .levels
                .into_iter()
                .map(|((service, level), (before, after))| Level { service, level, before, after })
                .collect(),
            before: self.before,
            after: self.after,
        }
    }
}
