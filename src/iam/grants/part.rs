//! A part of a selection: what one pattern matches, less what some others match.
//!
//! `Action`, `NotAction`, `Resource` and `NotResource` all come down to parts, so containment knows one shape only.
//! The patterns are compared as patterns: nothing here may ask which actions exist today, for a wildcard ages.

use std::sync::Arc;

use crate::iam::actions::ActionSet;
use crate::iam::catalogue::Catalogue;
use crate::iam::document::Selection;
use crate::iam::pattern::{Pattern, Setting, Variable, Variables};

/// All that matches one pattern and none of the exceptions.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// As it is shown to a person: the pattern, or `all but` the exceptions.
    pub text: Arc<str>,
    pub pattern: Pattern,
    pub except: Arc<[Part]>,
}

/// What a part lacks to cover another: the exceptions that bite into it.
pub(crate) type Holes<'p> = Vec<&'p Part>;

impl Part {
    /// The actions of one pattern; none where it lacks a service's prefix, for then it matches nothing.
    pub fn action(text: &str) -> Option<Self> {
        let is_everything = !text.is_empty() && text.bytes().all(|b| b == b'*');
        (is_everything || text.contains(':')).then(|| {
            // Every action has a colon, so this odd spelling says no less than a lone star.
            let pattern = if text == "*:*" { "*" } else { text };
            Self { text: text.into(), pattern: Pattern::action(pattern), except: Arc::default() }
        })
    }

    /// All actions, or all resources.
    pub fn everything() -> Self {
        Self { text: "*".into(), pattern: Pattern::action("*"), except: Arc::default() }
    }

    /// The resources of one pattern.
    pub fn resource(text: &str, variables: Variables) -> Self {
        let pattern = Pattern::parse(text, Setting::Resource, variables);
        Self { text: text.into(), pattern, except: Arc::default() }
    }

    /// The parts of a selection: one a pattern, or a single one with exceptions where it is negated. An empty list
    /// selects nothing, negated or not.
    pub fn all_of(selection: &Selection, part: impl Fn(&str) -> Option<Self>) -> Vec<Self> {
        let parts = selection.patterns.iter().filter_map(|text| part(text));
        if !selection.negated || selection.patterns.is_empty() {
            return parts.collect();
        }
        let text = format!("all but {}", selection.patterns.join(", "));
        vec![Self { text: text.into(), except: parts.collect(), ..Self::everything() }]
    }

    /// Whether it holds everything without exception.
    pub fn is_everything(&self) -> bool {
        self.pattern.is_everything() && self.except.is_empty()
    }

    /// The exceptions that keep it from covering `other`, or `None` where it doesn't cover it anyway: its pattern
    /// doesn't, or an exception that may touch it needs a variable which the request may lack: a negated element with
    /// such a variable matches nothing there.
    pub fn covers_but<'p>(&'p self, other: &Self) -> Option<Holes<'p>> {
        let is_resolved = |variable| other.variables().any(|known| known == variable);
        let covers = self.pattern.covers(&other.pattern)
            && self
                .except
                .iter()
                .filter(|hole| hole.overlaps(other))
                .flat_map(|hole| hole.pattern.variables())
                .all(is_resolved);
        covers.then(|| self.except.iter().filter(|hole| hole.overlaps(other)).collect())
    }

    /// The variables that have values wherever the part matches.
    fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.pattern.variables().chain(self.except.iter().flat_map(|hole| hole.pattern.variables()))
    }

    /// Whether all of `other` is certainly in this part.
    pub fn covers(&self, other: &Self) -> bool {
        self.covers_but(other).is_some_and(|holes| holes.is_empty())
    }

    /// Whether they may have something in common; a no is certain.
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.excludes(other) && !other.excludes(self) && self.pattern.overlaps(&other.pattern)
    }

    fn excludes(&self, other: &Self) -> bool {
        self.except.iter().any(|hole| hole.pattern.covers(&other.pattern))
    }

    /// The actions of the catalogue that are in it; for a part of actions.
    pub fn actions_today(&self) -> ActionSet {
        let catalogue = Catalogue::embedded();
        let mut actions =
            if self.pattern.is_everything() { ActionSet::all() } else { catalogue.expand(&self.text) };
        self.except.iter().for_each(|hole| actions.remove_all(&hole.actions_today()));
        actions
    }

    /// Whether it holds `text`, a variable counting as nothing.
    pub fn holds(&self, text: &str) -> bool {
        self.pattern.matches(text) && !self.except.iter().any(|hole| hole.pattern.matches(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(negated: bool, patterns: &[&str]) -> Part {
        let patterns = patterns.iter().map(|&text| text.to_owned()).collect();
        Part::all_of(&Selection { negated, patterns }, Part::action).remove(0)
    }

    #[test]
    fn a_part_with_exceptions_covers_what_none_of_them_touches() {
        let cases: [(&[&str], Part, bool); 8] = [
            (&["iam:*"], part(false, &["s3:Get*"]), true),
            (&["iam:*"], part(false, &["*:Pass*"]), false),
            (&["iam:*"], part(false, &["IAM:PassRole"]), false),
            (&["iam:*"], part(true, &["iam:*"]), true),
            (&["iam:Create*"], part(true, &["iam:*", "s3:*"]), true),
            (&["iam:*"], part(true, &["iam:Create*"]), false),
            (&["s3"], part(true, &["s3:*"]), true),
            (&["s3:*"], part(true, &["s3*"]), false),
        ];
        for (except, narrow, expected) in cases {
            assert_eq!(part(true, except).covers(&narrow), expected, "all but {except:?} covers {narrow:?}");
        }
    }

    #[test]
    fn a_plain_pattern_covers_a_part_whatever_it_excludes() {
        assert!(part(false, &["*"]).covers(&part(true, &["iam:*"])));
        assert!(part(false, &["*:*"]).covers(&part(true, &["iam:*"])));
        assert!(!part(false, &["s3:*"]).covers(&part(true, &["iam:*"])));
    }

    #[test]
    fn an_empty_list_and_a_pattern_without_service_select_nothing() {
        for negated in [false, true] {
            assert!(Part::all_of(&Selection { negated, patterns: vec![] }, Part::action).is_empty());
        }
        assert!(Part::action("s3*").is_none());
    }

    #[test]
    fn what_is_excluded_does_not_overlap() {
        assert!(!part(true, &["iam:*"]).overlaps(&part(false, &["iam:PassRole"])));
        assert!(!part(false, &["iam:PassRole"]).overlaps(&part(true, &["iam:*"])));
        assert!(part(true, &["iam:Pass*"]).overlaps(&part(false, &["iam:*"])));
    }
}
