//! The comparison: per class of actions, what each side grants and whether one contains the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::iam::actions::ActionSet;
use crate::iam::catalogue::{AccessLevel, ActionId, Catalogue};
use crate::iam::grants::{Part, Rule, Rules, Scope, proved};
use crate::iam::pattern::{Pattern, Setting, Variables};

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
    let mut ledger = Ledger::default();
    for class in classes(&sets) {
        let mut sides = [Rules::default(), Rules::default()];
        for &place in &class.rules {
            let (side, is_allow, rule) = row[place];
            let rules = &mut sides[side];
            if is_allow { &mut rules.allows } else { &mut rules.denies }.push(rule.alone());
        }
        for (formats, actions) in by_resource_types(&sides, class.actions) {
            let outcome = Outcome::of(sides.each_ref().map(|side| relevant(side, formats.as_deref())));
            for action in actions {
                ledger.enter(Action::known(action), Some(action), &outcome);
            }
        }
    }
    for (name, sides) in strangers(old, new) {
        ledger.enter(Action::unknown(&name), None, &Outcome::of(sides));
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

type Formats = Arc<[&'static str]>;

/// The actions by the resource types that they have, where the rules look at resources at all.
fn by_resource_types(sides: &[Rules; 2], actions: Vec<ActionId>) -> Vec<(Option<Formats>, Vec<ActionId>)> {
    let any = sides.iter().flat_map(|side| side.allows.iter().chain(&side.denies));
    if any.flat_map(|rule| &rule.scope.resources).all(Part::is_everything) {
        return vec![(None, actions)];
    }
    let catalogue = Catalogue::embedded();
    let mut groups: HashMap<Vec<&'static str>, Vec<ActionId>> = HashMap::new();
    for action in actions {
        let formats = catalogue.resources_of(action).map(|(kind, _)| kind.arn).collect();
        groups.entry(formats).or_default().push(action);
    }
    groups.into_iter().map(|(formats, actions)| (Some(formats.into()), actions)).collect()
}

/// The rules less the resources on which actions with these resource types can't be called; all of them where nothing
/// would be left, for the catalogue may lag behind.
fn relevant(side: &Rules, formats: Option<&[&'static str]>) -> Rules {
    let Some(formats) = formats else { return side.clone() };
    let types: Vec<ResourceType> = formats.iter().map(|format| ResourceType::read(format)).collect();
    let keep = |part: &Part| match types.as_slice() {
        [] => part.holds("*"),
        types => types.iter().any(|kind| kind.meets(part)),
    };
    let filtered = |rules: &[Rule]| -> Vec<Rule> {
        rules
            .iter()
            .filter_map(|rule| {
                let resources: Vec<_> =
                    rule.scope.resources.iter().filter(|part| keep(part)).cloned().collect();
                let Scope { conditions, lines, .. } = &*rule.scope;
                (!resources.is_empty()).then(|| Rule {
                    scope: Arc::new(Scope {
                        resources,
                        conditions: conditions.clone(),
                        lines: lines.clone(),
                    }),
                    ..rule.clone()
                })
            })
            .collect()
    };
    let allows = filtered(&side.allows);
    if allows.is_empty() {
        return side.clone();
    }
    Rules { allows, denies: filtered(&side.denies) }
}

/// The ARNs of one resource type.
struct ResourceType {
    arns: Pattern,
    /// Its name can't hold a slash, so that `bucket/*` is no bucket.
    is_bucket: bool,
}

impl ResourceType {
    fn read(format: &str) -> Self {
        let mut text = String::with_capacity(format.len());
        let mut rest = format;
        while let Some((before, after)) = rest.split_once("${") {
            text.push_str(before);
            text.push('*');
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
        text.push_str(rest);
        Self {
            arns: Pattern::parse(&text, Setting::ArnLike, Variables::Literal),
            is_bucket: format.ends_with(":::${BucketName}"),
        }
    }

    fn meets(&self, part: &Part) -> bool {
        let has_slash = || Pattern::parse("*/*", Setting::Plain, Variables::Literal).covers(&part.pattern);
        self.arns.overlaps(&part.pattern) && !(self.is_bucket && has_slash())
    }
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
    fn enter(&mut self, action: Action, id: Option<ActionId>, outcome: &Outcome) {
        if outcome.before.is_none() && outcome.after.is_none() {
            return;
        }
        let level = self.levels.entry((action.service().to_owned(), action.level)).or_default();
        if outcome.before.is_some() {
            level.0 += 1;
            self.before.add(id);
        }
        if outcome.after.is_some() {
            level.1 += 1;
            self.after.add(id);
        }
        match outcome.kind {
            None => self.kept.push(action),
            Some(kind) => {
                let key = (kind, action.service().to_owned(), outcome.before.clone(), outcome.after.clone());
                self.changes.entry(key).or_default().push(action);
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
