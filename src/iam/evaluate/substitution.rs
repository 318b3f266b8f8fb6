//! Policy variables: comparing with a pattern into which the request's values are put.
//!
//! A variable that the request can't resolve is null, and nothing equals null: `StringEquals` with such a value doesn't
//! hold, `StringNotEquals` does. Only a `NotResource` isn't taken to except nothing: for resources that the rest of the
//! pattern fits, the comparison is impossible. An impossible comparison matches neither plainly nor negated; so do
//! values of another type than the operator's.

use std::borrow::Cow;

use super::request::Context;
use super::truth::Truth;
use crate::iam::pattern::{Pattern, Variable};

/// A comparison with several values of a policy, as it goes on.
#[derive(Debug)]
pub(super) struct Search {
    found: Truth,
    impossible: Truth,
    /// Whether a variable without a value makes impossible what the rest of its pattern fits.
    spares: bool,
}

impl Search {
    /// Among values of a condition.
    pub(super) fn among_values() -> Self {
        Self { found: Truth::No, impossible: Truth::No, spares: false }
    }

    /// Among resources.
    pub(super) fn among_resources() -> Self {
        Self { spares: true, ..Self::among_values() }
    }

    /// One more value that could be compared.
    pub(super) fn compared(&mut self, matches: impl Into<Truth>) {
        self.found = self.found.or(matches.into());
    }

    /// One more value that can't be compared with anything.
    pub(super) fn impossible(&mut self) {
        self.impossible = Truth::Yes;
    }

    /// One more pattern: `compare` is asked once its variables have values. Where the request may only keep them from
    /// us, `possible` says whether the pattern could match whatever they are.
    pub(super) fn pattern<T: Into<Truth>>(
        &mut self,
        pattern: &Pattern,
        context: &Context,
        fold: bool,
        possible: impl FnOnce(&Pattern) -> bool,
        compare: impl FnOnce(&Pattern) -> T,
    ) {
        match substituted(pattern, context, fold) {
            Ok(pattern) => self.compared(compare(&pattern)),
            Err(without) => {
                let unknown = without == Truth::Unknown;
                if (unknown || self.spares) && possible(pattern) {
                    if unknown {
                        self.found = self.found.or(Truth::Unknown);
                    }
                    if self.spares {
                        self.impossible = self.impossible.or(if unknown { without } else { Truth::Yes });
                    }
                }
            }
        }
    }

    /// One more pattern against a text.
    pub(super) fn text(&mut self, pattern: &Pattern, text: &str, context: &Context, fold: bool) {
        let possible = |pattern: &Pattern| pattern.overlaps(&Pattern::literal(text));
        self.pattern(pattern, context, fold, possible, |pattern| pattern.matches(text));
    }

    pub(super) fn is_over(&self) -> bool {
        self.found == Truth::Yes
    }

    /// Whether any value matched; negated, whether all could be compared and none did.
    pub(super) fn outcome(&self, negated: bool) -> Truth {
        if negated { (!self.found).and(!self.impossible) } else { self.found }
    }
}

/// The pattern with its variables replaced; `Err` is unknown where the request may keep a value from us, else no.
fn substituted<'p>(pattern: &'p Pattern, context: &Context, fold: bool) -> Result<Cow<'p, Pattern>, Truth> {
    let mut without = Truth::No;
    let resolved = pattern.resolve(|variable| match value(variable, context) {
        Ok(text) if fold => Some(text.to_lowercase().into()),
        Ok(text) => Some(Cow::Owned(text.to_owned())),
        Err(truth) => {
            without = truth;
            None
        }
    });
    resolved.ok_or(without)
}

/// The text of a variable; only a key with a single value can be one.
fn value<'c>(variable: &'c Variable, context: &'c Context) -> Result<&'c str, Truth> {
    match (context.get(&variable.key), &variable.default) {
        (Some([single]), _) => Ok(single),
        (None, _) if context.is_open() => Err(Truth::Unknown),
        (Some([]) | None, Some(default)) => Ok(default),
        _ => Err(Truth::No),
    }
}
