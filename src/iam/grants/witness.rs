//! Looking for a request that shows that the narrow policies grant more than the wide ones.
//!
//! Candidates are made from the patterns and conditions themselves, and the evaluator judges each; one that it doesn't
//! confirm is worth nothing. The search is bounded: not finding any proves nothing.

use std::collections::BTreeMap;

use crate::iam::actions::ActionSet;
use crate::iam::arn::Arn;
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::document::{Document, Effect, Selection, Statement, Version};
use crate::iam::evaluate::{Context, Decision, Evaluator, PolicySet, Request, Target};
use crate::iam::pattern::Pattern;

use super::cover::{Gap, Grant};
use super::implies::{Demand, Line};
use super::part::Part;
use super::rules::{Rule, Rules};

/// How many requests are tried for one grant.
const TRIES: usize = 600;
/// How many actions are tried for one grant.
const ACTIONS: usize = 8;
/// How many resources are tried for one action.
const RESOURCES: usize = 16;
/// What stands for any account, in AWS's documentation too.
const ACCOUNT: &str = "111122223333";
/// What stands for any name.
const NAME: &str = "example";

/// What the search needs, made once for two sets of policies.
pub(crate) struct Search<'r> {
    narrow: Evaluator,
    wide: Evaluator,
    ours: &'r Rules,
    theirs: &'r Rules,
    /// Today's actions that the wide policies allow at all.
    allowed: ActionSet,
}

impl<'r> Search<'r> {
    /// Compiles both sides.
    pub fn new(narrow: &[Document], wide: &[Document], ours: &'r Rules, theirs: &'r Rules) -> Self {
        let mut allowed = ActionSet::empty();
        theirs.allows.iter().for_each(|rule| allowed.insert_all(&rule.actions_today()));
        Self { narrow: of_identity(narrow), wide: of_identity(wide), ours, theirs, allowed }
    }

    /// A request that the grant allows under the narrow policies and that the wide ones don't allow.
    pub fn find(&self, grant: Grant<'_>, gap: Gap<'_>) -> Option<Request> {
        let mut tries = 0;
        for action in self.actions(grant, gap) {
            let rules = self.touching(&action);
            let resources = resources(grant, &action, &rules);
            let contexts = contexts(grant, &rules);
            for resource in &resources {
                for context in &contexts {
                    tries += 1;
                    if tries > TRIES {
                        return None;
                    }
                    let request = request(&action, resource, context);
                    if self.shows(&request) {
                        return Some(request);
                    }
                }
            }
        }
        None
    }

    fn shows(&self, request: &Request) -> bool {
        self.narrow.evaluate(request).decision == Decision::Allowed
            && matches!(
                self.wide.evaluate(request).decision,
                Decision::ImplicitlyDenied | Decision::ExplicitlyDenied
            )
    }

    /// Actions of the grant that exist, those first that are likeliest to show the gap.
    fn actions(&self, grant: Grant<'_>, gap: Gap<'_>) -> Vec<String> {
        let part = grant.action;
        if part.except.is_empty() && part.pattern.is_literal() {
            return vec![part.text.to_string()];
        }
        let all = part.actions_today();
        let first = match gap {
            Gap::Denied(deny) => all.intersection(&deny.actions_today()),
            Gap::Action | Gap::Resource(_) | Gap::Conditions(_) => all.difference(&self.allowed),
        };
        let catalogue = Catalogue::embedded();
        let spread = |set: &ActionSet| -> Vec<ActionId> {
            set.iter().step_by((set.len() / ACTIONS).max(1)).take(ACTIONS).collect()
        };
        let rest = all.difference(&first);
        spread(&first)
            .into_iter()
            .chain(spread(&rest))
            .take(ACTIONS + ACTIONS / 2)
            .map(|action| catalogue.full_name(action))
            .collect()
    }

    /// All rules that speak of an action.
    fn touching(&self, action: &str) -> Vec<&'r Rule> {
        let action = action.to_ascii_lowercase();
        [&self.theirs.denies, &self.theirs.allows, &self.ours.denies]
            .into_iter()
            .flatten()
            .filter(|rule| rule.actions.iter().any(|part| part.holds(&action)))
            .collect()
    }
}

fn of_identity(policies: &[Document]) -> Evaluator {
    Evaluator::compile(&PolicySet { identity: policies.to_vec(), ..PolicySet::default() })
}

fn resources(grant: Grant<'_>, action: &str, rules: &[&Rule]) -> Vec<String> {
    let catalogue = Catalogue::embedded();
    let formats: Vec<String> = catalogue
        .find(action)
        .map(|id| catalogue.resources_of(id).map(|(kind, _)| kind.arn.to_owned()).collect())
        .unwrap_or_default();
    let ours = example_of(grant.resource, "alpha-example");
    let theirs = rules
        .iter()
        .flat_map(|rule| &rule.scope.resources)
        .flat_map(|part| part.except.iter().chain([part]))
        .filter(|part| part.overlaps(grant.resource))
        .map(|part| example_of(part, NAME));
    let mut found: Vec<String> = Vec::new();
    let candidates = formats
        .iter()
        .map(|format| filled(format))
        .chain(formats.is_empty().then(|| "*".to_owned()))
        .chain([ours])
        .chain(theirs)
        .chain([example_of(grant.resource, ""), example_of(grant.resource, "x/x")]);
    for candidate in candidates {
        if !found.contains(&candidate) && holds(grant.resource, &candidate) {
            found.push(candidate);
        }
    }
    found.truncate(RESOURCES);
    found
}

/// A text of a part's pattern, each variable being what every variable is in these requests.
fn example_of(part: &Part, star: &str) -> String {
    part.pattern.example(star, |_| NAME.to_owned())
}

fn holds(part: &Part, text: &str) -> bool {
    let matches = |pattern: &Pattern| {
        pattern.resolve(|_| Some(NAME.into())).is_some_and(|pattern| pattern.matches(text))
    };
    matches(&part.pattern) && !part.except.iter().any(|hole| matches(&hole.pattern))
}

/// An ARN of the catalogue's format, such as `arn:${Partition}:s3:::${BucketName}`.
fn filled(format: &str) -> String {
    let mut out = String::with_capacity(format.len());
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(match name {
            "Partition" => "aws",
            "Region" => "us-east-1",
            "Account" => ACCOUNT,
            _ => NAME,
        });
        rest = after;
    }
    out + rest
}

type Keys = BTreeMap<Box<str>, Vec<String>>;

/// Circumstances under which the grant's own conditions hold: plain ones first, then one key changed at a time.
fn contexts(grant: Grant<'_>, rules: &[&Rule]) -> Vec<Keys> {
    let own = &grant.rule.scope.lines;
    let all: Vec<&Line> = own.iter().chain(rules.iter().flat_map(|rule| &rule.scope.lines)).collect();
    let mut base = Keys::new();
    for part in rules.iter().flat_map(|rule| &rule.scope.resources).chain([grant.resource]) {
        for pattern in part.except.iter().chain([part]).map(|part| &part.pattern) {
            base.extend(pattern.variables().map(|variable| (variable.key.clone(), vec![NAME.to_owned()])));
        }
    }
    let mut choices: BTreeMap<&str, Vec<Option<Vec<String>>>> = BTreeMap::new();
    for line in &all {
        let values = choices.entry(&line.key).or_insert_with(|| vec![None, Some(vec![NAME.to_owned()])]);
        if let Demand::Values(demand) = &line.demand {
            values.extend(demand.atoms.iter().flat_map(super::atom::Atom::examples).map(|v| Some(vec![v])));
        }
    }
    let unresolved = || vec![None, Some(vec![NAME.to_owned()])];
    let variables: Vec<_> = base.keys().cloned().collect();
    for key in &variables {
        choices.entry(key).or_insert_with(unresolved);
    }
    for (key, values) in &mut choices {
        let judge = of_conditions(grant, key);
        values.retain(|value| {
            let mut keys = base.clone();
            keys.extend(value.clone().map(|value| ((*key).into(), value)));
            judge.evaluate(&request("s3:GetObject", "arn:aws:s3:::example/x", &keys)).decision
                == Decision::Allowed
        });
        values.dedup();
        if let Some(Some(first)) = values.first() {
            base.insert((*key).into(), first.clone());
        }
    }
    let mut contexts = vec![base.clone()];
    for (key, values) in choices {
        for value in values {
            let mut keys = base.clone();
            match value {
                Some(value) => keys.insert(key.into(), value),
                None => keys.remove(key),
            };
            if !contexts.contains(&keys) {
                contexts.push(keys);
            }
        }
    }
    contexts
}

/// A judge of the grant's conditions on one key, all else being allowed.
fn of_conditions(grant: Grant<'_>, key: &str) -> Evaluator {
    let everything = || Some(Selection { negated: false, patterns: vec!["*".into()] });
    let conditions = grant.rule.scope.conditions.iter().filter(|line| line.key.eq_ignore_ascii_case(key));
    let statement = Statement {
        sid: None,
        effect: Effect::Allow,
        principal: None,
        actions: everything(),
        resources: everything(),
        conditions: conditions.cloned().collect(),
    };
    of_identity(&[Document { version: Some(Version::V2012), id: None, statements: vec![statement] }])
}

fn request(action: &str, resource: &str, keys: &Keys) -> Request {
    let account = Arn::parse(resource)
        .map(|arn| arn.account)
        .filter(|account| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()))
        .unwrap_or(ACCOUNT);
    let mut context = Context::closed();
    for (key, values) in keys {
        context.insert(key, values.clone());
    }
    Request {
        action: action.to_owned(),
        principal: format!("arn:aws:iam::{account}:role/{NAME}"),
        resource: Target::Named(resource.to_owned()),
        resource_account: Some(account.to_owned()),
        context,
    }
}
