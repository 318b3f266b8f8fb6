//! From a recorded event to the authorisations it needed.
//!
//! What an event needed is said by `data/cloudtrail/events.tsv` where its name isn't the name of its one action, and
//! by the catalogue otherwise; what neither knows is [`Needs::Unknown`]. On which resources is read from the record;
//! what it doesn't tell stays [`Target::Unknown`](crate::iam::evaluate::Target). Never a guess: a plain name is taken
//! to be of the caller's own account, as the services do, and a name that isn't the whole of an ARN (a role without its
//! path, a secret without its suffix) names no resource.

mod facts;
mod format;
mod rule;
mod table;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use facts::Facts;
use rule::Rule;
use table::Table;

use super::call::{Need, Needs};
use super::record::Raw;
use crate::iam::actions::ActionSet;
use crate::iam::catalogue::{ActionId, Catalogue};

/// How many distinct events are remembered; a log has hundreds, a hostile one any number.
const REMEMBERED: usize = 1 << 13;
/// The longest name that is remembered.
const LONGEST: usize = 256;

/// What an event of some name needs, before its parameters are looked at.
#[derive(Debug)]
enum Plan {
    Nothing,
    Unknown,
    Rules(Vec<Rule>),
}

/// Knows what events need, and remembers what it has looked up.
#[derive(Debug, Default)]
pub(super) struct Mapper {
    plans: HashMap<String, HashMap<String, Arc<Plan>>>,
    remembered: usize,
}

impl Mapper {
    /// The authorisations that a record's call needed.
    pub(super) fn needs(&mut self, raw: &Raw<'_>, source: &str, event: &str, account: Option<&str>) -> Needs {
        let plan = self.plan(source, event);
        let rules = match &*plan {
            Plan::Nothing => return Needs::Nothing,
            Plan::Unknown => return Needs::Unknown,
            Plan::Rules(rules) => rules,
        };
        let facts = Facts::new(raw, account);
        let mut needs = Vec::with_capacity(rules.len());
        for rule in rules.iter().filter(|rule| rule.applies(&facts)) {
            for resource in rule.resources(&facts) {
                let need = Need { action: Arc::clone(&rule.action), resource };
                if !needs.contains(&need) {
                    needs.push(need);
                }
            }
        }
        if needs.is_empty() { Needs::Unknown } else { Needs::All(needs) }
    }

    fn plan(&mut self, source: &str, event: &str) -> Arc<Plan> {
        if let Some(plan) = self.plans.get(source).and_then(|events| events.get(event)) {
            return Arc::clone(plan);
        }
        if self.remembered >= REMEMBERED {
            self.plans.clear();
            self.remembered = 0;
        }
        let plan = Arc::new(plan(Catalogue::embedded(), Table::embedded(), source, event));
        if source.len().max(event.len()) > LONGEST {
            return plan;
        }
        self.remembered += 1;
        self.plans.entry(source.to_owned()).or_default().insert(event.to_owned(), Arc::clone(&plan));
        plan
    }
}

fn plan(catalogue: &Catalogue, table: &Table, source: &str, event: &str) -> Plan {
    let service = service_of_source(source);
    let rows = match behind(catalogue, table, service, event) {
        Behind::Rows(rows) => rows,
        Behind::Action(action) => return Plan::Rules(vec![Rule::of_action(catalogue, action)]),
        Behind::Unknown => return Plan::Unknown,
    };
    if rows.iter().any(|row| row == "-") {
        return Plan::Nothing;
    }
    let rules: Option<Vec<Rule>> = rows.iter().map(|row| Rule::parse(catalogue, service, row)).collect();
    rules.map_or(Plan::Unknown, Plan::Rules)
}

/// The prefix in IAM of the service behind an event source.
pub fn service_of_source(source: &str) -> &str {
    let table = Table::embedded();
    let host = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    table.service(host).unwrap_or_else(|| host.split('.').next().unwrap_or(host))
}

/// What stands behind an event's name.
enum Behind<'t> {
    Rows(&'t [String]),
    Action(ActionId),
    Unknown,
}

/// A row of its own, an action of that name, either of these without the version suffix, or a row for a beginning.
fn behind<'t>(catalogue: &Catalogue, table: &'t Table, service: &str, event: &str) -> Behind<'t> {
    for name in [event, without_version(event)] {
        if let Some(rows) = table.rows(service, name) {
            return Behind::Rows(rows);
        }
        if let Some(action) = catalogue.find(&format!("{service}:{name}")) {
            return Behind::Action(action);
        }
    }
    table.rows_by_beginning(service, event).map_or(Behind::Unknown, Behind::Rows)
}

/// `GetFunction20150331v2` is `GetFunction`, `CreateDistribution2020_05_31` is `CreateDistribution`.
fn without_version(event: &str) -> &str {
    let unversioned = event
        .rfind('v')
        .filter(|at| at + 1 < event.len() && event[at + 1..].bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(event, |at| &event[..at]);
    let name = unversioned.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let digits = unversioned[name.len()..].bytes().filter(u8::is_ascii_digit).count();
    if digits == 8 { name } else { event }
}

/// The actions that stand behind a name which is the name of a call or an event and of no action, such as
/// `HeadObject` of `s3`; none where it needs no permission, `None` where nothing of that name is known.
pub fn actions_of_event(catalogue: &Catalogue, service: &str, event: &str) -> Option<Vec<String>> {
    if catalogue.find(&format!("{service}:{event}")).is_some() {
        return None;
    }
    let service = service.to_ascii_lowercase();
    match behind(catalogue, Table::embedded(), &service, event) {
        Behind::Action(action) => Some(vec![catalogue.full_name(action)]),
        Behind::Rows(rows) => {
            let rules = rows.iter().filter_map(|row| Rule::parse(catalogue, &service, row));
            let mut actions: Vec<String> = rules.map(|rule| rule.action.to_string()).collect();
            actions.sort();
            actions.dedup();
            Some(actions)
        }
        Behind::Unknown => None,
    }
}

/// Whether some row of the table names the action, so that an event of another name shows its use.
pub fn is_behind_an_event(action: ActionId) -> bool {
    static NAMED: OnceLock<ActionSet> = OnceLock::new();
    let named = NAMED.get_or_init(|| {
        let catalogue = Catalogue::embedded();
        let mut named = ActionSet::empty();
        for (service, row) in Table::embedded().all_needs() {
            if let Some(action) = Rule::action_of(catalogue, service, row) {
                named.insert(action);
            }
        }
        named
    });
    named.contains(action)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
