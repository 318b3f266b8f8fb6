//! What statements say, in a person's words.

use super::probe::matches;
use crate::iam::document::{Selection, Statement};

/// Where a statement applies: ` on ...`, or nothing where it names no resource.
pub fn on(statement: &Statement) -> String {
    match &statement.resources {
        Some(Selection { negated, patterns }) if !patterns.is_empty() => {
            format!(" on {}{}", if *negated { "all but " } else { "" }, patterns.join(", "))
        }
        Some(_) | None => String::new(),
    }
}

/// What a statement says of an action, which is given in lower case.
pub fn described(statement: &Statement, action: &str) -> String {
    let mut written = statement.actions.iter().flat_map(|selection| &selection.patterns);
    let action = written.find(|text| matches(text, action)).map_or(action, String::as_str);
    let conditions: Vec<String> = statement
        .conditions
        .iter()
        .map(|condition| {
            format!("{} {} {}", condition.key, condition.operator, condition.values.join(" or "))
        })
        .collect();
    let given =
        if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(" and ")) };
    format!("{action}{}{given}", on(statement))
}
