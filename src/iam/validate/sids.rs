//! Names of statements: their characters, and that they are unique.

use std::collections::HashSet;

use super::finding::Report;
use super::issue::Issue;
use super::structure::Policy;
use super::{Kind, PolicyType};

pub(super) fn check(policy: &Policy<'_>, kind: &Kind, report: &mut Report) {
    let mut seen = HashSet::new();
    for sid in policy.statements.iter().filter_map(|statement| statement.sid.as_ref()) {
        if sid.text.is_empty() {
            report.add(Issue::EmptySidValue, &sid.at, "The Sid is empty. Give it a value, or remove it.");
            continue;
        }
        if kind.policy != PolicyType::Resource && !sid.text.bytes().all(|c| c.is_ascii_alphanumeric()) {
            report.add(
                Issue::UnsupportedSid,
                &sid.at,
                format!("The Sid {:?} may hold letters and digits of ASCII only.", sid.text),
            );
        }
        if !seen.insert(sid.text) {
            let (issue, must) = if kind.policy == PolicyType::Resource {
                (Issue::UniqueSidsRecommended, "should")
            } else {
                (Issue::UniqueSidsRequired, "must")
            };
            let details =
                format!("The Sid {:?} stands in an earlier statement too, and {must} be unique.", sid.text);
            report.add(issue, &sid.at, details);
        }
    }
}
