//! Resource patterns of a statement, narrowed to what was seen.

use std::collections::BTreeSet;

use super::grant::{Grant, seen};
use crate::iam::evidence::generalise;
use crate::iam::pattern::without_variables;

/// The narrowest patterns that follow the rules of generalisation, hold everything seen and stay within what the
/// statement grants. Where a general pattern would reach beyond the statement, the resources are listed one by one.
pub(super) fn narrowed(grant: &Grant<'_>, resources: &BTreeSet<String>) -> Vec<String> {
    let mut patterns = Vec::new();
    for general in generalise(resources.iter().map(String::as_str)) {
        if within(grant, &general) {
            patterns.push(general);
            continue;
        }
        let wide = seen(&general);
        patterns.extend(resources.iter().filter(|one| wide.covers(&seen(one))).cloned());
    }
    patterns.sort();
    patterns.dedup();
    patterns.iter().map(|pattern| without_variables(pattern)).collect()
}

fn within(grant: &Grant<'_>, general: &str) -> bool {
    let general = seen(general);
    if grant.excludes() {
        !grant.resources.iter().any(|excluded| excluded.overlaps(&general))
    } else {
        grant.resources.iter().any(|granted| granted.covers(&general))
    }
}
