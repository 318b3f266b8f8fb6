//! What policy generation makes of what a role did.
//!
//! From "IAM Access Analyzer policy generation" of the user guide: management events, the actions used, and placeholders
//! for the resources of actions that can be restricted to some.

use std::collections::BTreeSet;
use std::sync::Arc;

use alpha::iam::catalogue::Catalogue;
use alpha::iam::cloudtrail::{Ending, Filter, Needs, Reader, Seen};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::events::Event;

/// A policy of the actions that management events show the role to have used, with placeholders for resources if asked
/// for.
pub fn policy(
    events: &[Arc<Event>],
    role: &str,
    window: (Timestamp, Timestamp),
    placeholders: bool,
) -> Value {
    let catalogue = Catalogue::embedded();
    let mut reader = Reader::new();
    let mut by_resources: Vec<(BTreeSet<String>, BTreeSet<String>)> = Vec::new();
    let (since, until) = window;
    let own = events.iter().filter(|event| {
        event.role() == role && !event.is_data() && event.time >= since && event.time <= until
    });
    for event in own {
        let Ok(Seen::Call(call)) = reader.read(&event.text, 0, &Filter::default()) else { continue };
        let (Needs::All(needs), Ending::Succeeded) = (&call.needs, &call.ending) else { continue };
        for action in needs.iter().filter_map(|need| catalogue.find(&need.action)) {
            let required = catalogue.resources_of(action).filter(|(_, required)| *required);
            let mut resources: BTreeSet<String> =
                required.map(|(kind, _)| kind.arn.replace("${Partition}", "aws")).collect();
            if resources.is_empty() || !placeholders {
                resources = BTreeSet::from(["*".to_owned()]);
            }
            let place = by_resources.iter().position(|(own, _)| *own == resources);
            let place = place.unwrap_or_else(|| {
                by_resources.push((resources, BTreeSet::new()));
                by_resources.len() - 1
            });
            by_resources[place].1.insert(catalogue.full_name(action));
        }
    }
    let statements = by_resources
        .iter()
        .map(|(resources, actions)| json!({"Effect": "Allow", "Action": actions, "Resource": resources}));
    json!({"Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>()})
}
