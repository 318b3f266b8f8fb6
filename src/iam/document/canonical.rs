//! The canonical form: one document for all that mean the same, as far as that can be decided.
//!
//! It never changes what a document means. What only people read (`Sid`, `Id`) is kept. Two documents with the same
//! canonical form mean the same; the reverse isn't promised.

use super::{
    Condition, Document, Effect, OperatorKind, Principal, Principals, Selection, Statement, Version, spelling,
};
use crate::iam::arn::Arn;
use crate::iam::catalogue::Catalogue;
use crate::iam::pattern::{Pattern, Setting, Variables};

/// How many comparisons of one character with another a list's patterns may cost.
const MOST_COMPARISONS: usize = 1 << 27;

/// Whether it would take too long to compare each of `wide` with each of `all`. No list that IAM would store comes near
/// this.
pub(crate) fn is_too_much<'t>(
    wide: impl Iterator<Item = &'t str>,
    all: impl Iterator<Item = &'t str>,
) -> bool {
    let characters =
        |texts: &mut dyn Iterator<Item = &'t str>| texts.map(|text| text.len() + 1).sum::<usize>();
    let (mut wide, mut all) = (wide, all);
    characters(&mut wide).saturating_mul(characters(&mut all)) > MOST_COMPARISONS
}

impl Document {
    /// The canonical form:
    /// - patterns and values sorted, without duplicates and without those that another of the list covers;
    /// - actions, operators and condition keys in AWS's spelling, an account as its number, everybody as
    ///   `{"AWS": "*"}`;
    /// - no statement that can't match anything, none twice (of two that differ in `Sid` only, one stays), Allow
    ///   before Deny and then by content;
    /// - version `2012-10-17` unless a `${` in it is literal text in the version that it has.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let catalogue = Catalogue::embedded();
        let variables = self.variables();
        let mut statements: Vec<Statement> = self
            .statements
            .iter()
            .map(|statement| canonical_statement(statement, catalogue, variables))
            .filter(can_match)
            .collect();
        if statements.len() > 1 {
            statements.sort_by_cached_key(|statement| (without_name(statement), no_name_last(statement)));
            statements.dedup_by(|later, earlier| is_twice(later, earlier));
        }
        let version = match self.version {
            Some(Version::V2008) | None if statements.iter().any(mentions_variables) => Version::V2008,
            _ => Version::V2012,
        };
        Self { version: Some(version), id: self.id.clone(), statements }
    }

    /// The bytes of the canonical form, to be digested: equal bytes, equal meaning and equal names.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        self.canonical().to_string_compact().into_bytes()
    }
}

/// Whether two documents mean the same, names (`Sid`, `Id`) and the case of what isn't known aside. A yes is certain,
/// a no is not.
pub fn equal_in_meaning(one: &Document, other: &Document) -> bool {
    nameless(one).canonical() == nameless(other).canonical()
}

/// Without names, and in lower case what IAM reads without regard to case.
fn nameless(document: &Document) -> Document {
    let mut document = document.clone();
    document.id = None;
    for statement in &mut document.statements {
        statement.sid = None;
        for pattern in statement.actions.iter_mut().flat_map(|actions| &mut actions.patterns) {
            pattern.make_ascii_lowercase();
        }
        for condition in &mut statement.conditions {
            condition.key.make_ascii_lowercase();
        }
    }
    document
}

/// Whether two statements are one, their names aside.
fn is_twice(one: &Statement, other: &Statement) -> bool {
    let Statement { sid: _, effect, principal, actions, resources, conditions } = one;
    *effect == other.effect
        && *principal == other.principal
        && *actions == other.actions
        && *resources == other.resources
        && *conditions == other.conditions
}

fn without_name(statement: &Statement) -> Statement {
    Statement { sid: None, ..statement.clone() }
}

fn no_name_last(statement: &Statement) -> (bool, Option<String>) {
    (statement.sid.is_none(), statement.sid.clone())
}

/// Of a canonical statement: without actions, with an empty list of them (negated too: IAM takes it for no list), or
/// with none left beside its `NotAction` it matches nothing; so it is with resources, but that these may be absent.
/// Principals don't count: in an identity policy, where none belongs, they mean nothing.
fn can_match(statement: &Statement) -> bool {
    let possible = |Selection { negated, patterns }: &Selection| {
        !patterns.is_empty() && (!*negated || patterns.iter().all(|pattern| pattern != "*"))
    };
    statement.actions.as_ref().is_some_and(possible) && statement.resources.as_ref().is_none_or(possible)
}

fn canonical_statement(statement: &Statement, catalogue: &Catalogue, variables: Variables) -> Statement {
    let Statement { sid, effect, principal, actions, resources, conditions } = statement;
    let conditions = conditions.iter().map(|c| canonical_condition(c, catalogue, variables)).collect();
    Statement {
        sid: sid.clone(),
        effect: *effect,
        principal: principal.as_ref().map(canonical_principals),
        actions: actions.as_ref().map(|selection| Selection {
            negated: selection.negated,
            patterns: uncovered(
                selection.patterns.iter().map(|pattern| spelling::action(catalogue, pattern)),
                selection.negated,
                Pattern::action,
            ),
        }),
        resources: resources.as_ref().map(|selection| Selection {
            negated: selection.negated,
            patterns: uncovered(
                selection.patterns.iter().map(|pattern| without_doubled_stars(pattern)),
                selection.negated,
                |text| Pattern::parse(text, Setting::Resource, variables),
            ),
        }),
        conditions: told_apart(conditions),
    }
}

/// Sorted, each once. Several conditions with one operator and one key all have to hold, and one JSON object has to
/// hold them: their keys differ in case, and in the same way whoever wrote them.
fn told_apart(mut conditions: Vec<Condition>) -> Vec<Condition> {
    let place = |condition: &Condition| {
        (condition.operator, condition.key.to_ascii_lowercase(), condition.values.clone())
    };
    conditions.sort_by_cached_key(|condition| (place(condition), condition.key.clone()));
    conditions.dedup_by(|later, earlier| place(later) == place(earlier));
    let same = |a: &Condition, b: &Condition| a.operator == b.operator && a.key.eq_ignore_ascii_case(&b.key);
    for group in conditions.chunk_by_mut(same).filter(|group| group.len() > 1) {
        let key = group[0].key.to_ascii_lowercase();
        for (condition, variant) in group.iter_mut().zip(super::write::case_variants(&key)) {
            condition.key = variant;
        }
    }
    conditions
}

/// Sorted, each once, and none that another covers. Of two that cover one another the first stays. In a negated list
/// what holds a variable stays too: where the variable has no value the whole list matches nothing.
fn uncovered(
    texts: impl Iterator<Item = String>,
    negated: bool,
    read: impl Fn(&str) -> Pattern,
) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort_by_cached_key(|text| (text.to_ascii_lowercase(), text.clone()));
    texts.dedup();
    if texts.iter().all(|text| !text.contains(['*', '?', '$'])) {
        // Each is one text only, and covers at most the same in another case.
        texts.dedup_by(|later, earlier| later.eq_ignore_ascii_case(earlier) && read(later) == read(earlier));
        return texts;
    }
    let patterns: Vec<Pattern> = texts.iter().map(|text| read(text)).collect();
    // Only what holds a wildcard covers anything but its equals, and of these there are few.
    let mut wide: Vec<usize> = (0..patterns.len()).filter(|&at| !patterns[at].is_literal()).collect();
    // No list that IAM would store comes near this; a hostile one isn't compared with itself.
    if is_too_much(wide.iter().map(|&at| &*texts[at]), texts.iter().map(String::as_str)) {
        wide.clear();
    }
    let covered = |at: usize| {
        if negated && patterns[at].variables().next().is_some() {
            return false;
        }
        let by = |other: usize| {
            other != at
                && patterns[at].prefix().starts_with(patterns[other].prefix())
                && patterns[other].covers(&patterns[at])
                && (other < at || !patterns[at].covers(&patterns[other]))
        };
        wide.iter().any(|&other| by(other)) || (at > 0 && patterns[at - 1] == patterns[at])
    };
    let keep: Vec<bool> = (0..texts.len()).map(|at| !covered(at)).collect();
    texts.into_iter().zip(keep).filter_map(|(text, keep)| keep.then_some(text)).collect()
}

/// A run of stars is one star; within `${...}` nothing is touched.
fn without_doubled_stars(pattern: &str) -> String {
    let mut text = pattern.to_owned();
    while !text.contains("${") && text.contains("**") {
        text = text.replace("**", "*");
    }
    text
}

fn canonical_principals(principals: &Principals) -> Principals {
    let mut members: Vec<Principal> = principals.members.iter().map(canonical_principal).collect();
    members.sort();
    members.dedup();
    Principals { negated: principals.negated, members }
}

/// IAM's documents say that `"*"` and `{"AWS": "*"}` are equivalent, and so are an account's number and its root.
fn canonical_principal(principal: &Principal) -> Principal {
    match principal {
        Principal::Everyone => Principal::Aws("*".into()),
        Principal::Aws(name) => Principal::Aws(account_of_root(name).unwrap_or(name).to_owned()),
        other => other.clone(),
    }
}

fn account_of_root(name: &str) -> Option<&str> {
    let arn = Arn::parse(name)?;
    let number = arn.account.len() == 12 && arn.account.bytes().all(|c| c.is_ascii_digit());
    (arn.service == "iam" && arn.region.is_empty() && arn.resource == "root" && number).then_some(arn.account)
}

fn canonical_condition(condition: &Condition, catalogue: &Catalogue, variables: Variables) -> Condition {
    let values = condition.values.iter().cloned();
    let negated = condition.operator.kind.is_negated();
    let values = match condition.operator.kind {
        OperatorKind::StringLike | OperatorKind::StringNotLike => {
            uncovered(values, negated, |text| Pattern::parse(text, Setting::Plain, variables))
        }
        OperatorKind::ArnLike
        | OperatorKind::ArnEquals
        | OperatorKind::ArnNotLike
        | OperatorKind::ArnNotEquals => {
            uncovered(values, negated, |text| Pattern::parse(text, Setting::ArnLike, variables))
        }
        OperatorKind::Bool | OperatorKind::Null => in_order(values.map(|value| value.to_ascii_lowercase())),
        _ => in_order(values),
    };
    Condition {
        operator: condition.operator,
        key: spelling::condition_key(catalogue, &condition.key),
        values,
    }
}

fn in_order(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut values: Vec<String> = values.collect();
    values.sort();
    values.dedup();
    values
}

/// Whether something in the statement would be read as a variable by the newer version.
fn mentions_variables(statement: &Statement) -> bool {
    let resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    resources.chain(values).any(|text| text.contains("${"))
}

impl Effect {
    /// The effect of this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Allow, Self::Deny].into_iter().find(|effect| effect.as_str() == text)
    }
}

#[cfg(test)]
mod tests;
