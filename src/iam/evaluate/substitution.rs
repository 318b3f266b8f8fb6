//! Policy variables: a pattern with the request's values in place, or the truth that is left without them.

use std::borrow::Cow;

use super::request::Context;
use super::truth::Truth;
use crate::iam::pattern::{Pattern, Variable};

/// The pattern with its variables replaced. `Err` is the truth of any comparison with it: a variable without a value
/// matches nothing, and one that the request may only have kept from us is unknown.
pub(super) fn substituted<'p>(
    pattern: &'p Pattern,
    context: &Context,
    fold: bool,
) -> Result<Cow<'p, Pattern>, Truth> {
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

/// Whether the pattern matches `text`, given the request's values.
pub(super) fn matches(pattern: &Pattern, text: &str, context: &Context, fold: bool) -> Truth {
    match substituted(pattern, context, fold) {
        Ok(pattern) => pattern.matches(text).into(),
        // Whatever stands for the variable, what surrounds it has to fit.
        Err(Truth::Unknown) if !pattern.overlaps(&Pattern::literal(text)) => Truth::No,
        Err(truth) => truth,
    }
}
