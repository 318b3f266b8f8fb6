//! The `Resource` element, compiled, and what a request's resource can be.
//!
//! Most statements are passed over for their actions, so that patterns are read when they are first asked for.

use std::sync::OnceLock;

use super::request::{Context, Target};
use super::substitution::Search;
use super::truth::Truth;
use crate::iam::catalogue::Catalogue;
use crate::iam::document::{Effect, Selection};
use crate::iam::pattern::{Pattern, Setting, Variables};

/// Which side of a call is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Both,
    /// As if the resource's owner were the caller's account, and required nothing of its own.
    Caller,
}

/// The resource of a request, as statements are compared with it.
#[derive(Debug)]
pub(super) enum Subject<'r> {
    /// One resource; the text `*` for actions without resource types.
    One(&'r str),
    /// All that a pattern with wildcards stands for.
    Many(&'r str, Pattern),
    /// One of those that a pattern stands for, and which isn't told: a record names what it creates so.
    OneOf(&'r str, Pattern),
    /// One that isn't named.
    Unnamed,
}

impl<'r> Subject<'r> {
    pub(super) fn of(target: &'r Target, action: &str, side: Side) -> Self {
        let pattern = |text| Pattern::parse(text, Setting::Resource, Variables::Literal);
        match target {
            Target::Unknown => Self::Unnamed,
            Target::Named(text) if text == "*" && has_no_resource_types(action) => Self::One(text),
            Target::Named(text) if text.contains(['*', '?']) => match side {
                Side::Both => Self::Many(text, pattern(text)),
                Side::Caller => Self::OneOf(text, pattern(text)),
            },
            Target::Named(text) => Self::One(text),
        }
    }

    /// The text of the request, where there is one.
    pub(super) fn text(&self) -> Option<&'r str> {
        match self {
            Self::One(text) | Self::Many(text, _) | Self::OneOf(text, _) => Some(text),
            Self::Unnamed => None,
        }
    }
}

/// Whether the catalogue knows the action, and as one that can't be restricted to resources.
pub(super) fn has_no_resource_types(action: &str) -> bool {
    let catalogue = Catalogue::embedded();
    catalogue.find(action).is_some_and(|id| catalogue.resources_of(id).next().is_none())
}

/// A compiled `Resource` or `NotResource`.
#[derive(Debug)]
pub(super) struct Resources {
    negated: bool,
    everything: bool,
    texts: Vec<String>,
    variables: Variables,
    patterns: OnceLock<Box<[Pattern]>>,
}

impl Resources {
    pub(super) fn compile(selection: Selection, variables: Variables) -> Self {
        let everything = selection.patterns.iter().any(|pattern| pattern == "*");
        Self {
            // As with actions, an empty list concerns nothing whatever its name.
            negated: selection.negated && !selection.patterns.is_empty(),
            everything,
            texts: selection.patterns,
            variables,
            patterns: OnceLock::new(),
        }
    }

    fn patterns(&self) -> &[Pattern] {
        self.patterns.get_or_init(|| {
            self.texts.iter().map(|text| Pattern::parse(text, Setting::Resource, self.variables)).collect()
        })
    }

    /// Whether a statement of this effect concerns the subject. Of a subject with wildcards, an Allow concerns what
    /// overlaps and a Deny only what it covers. One of many is concerned for certain only where all of them are.
    pub(super) fn concern(&self, subject: &Subject<'_>, effect: Effect, context: &Context) -> Truth {
        if self.everything {
            return (!self.negated).into();
        }
        let mut search = Search::among_resources();
        match subject {
            Subject::One(text) => {
                for pattern in self.patterns() {
                    search.text(pattern, text, context, false);
                    if search.is_over() {
                        break;
                    }
                }
            }
            Subject::Many(_, many) => {
                let overlap = (effect == Effect::Allow) != self.negated;
                for pattern in self.patterns() {
                    search.pattern(
                        pattern,
                        context,
                        false,
                        |pattern| pattern.overlaps(many),
                        |pattern| if overlap { pattern.overlaps(many) } else { pattern.covers(many) },
                    );
                }
            }
            Subject::OneOf(_, many) => {
                let possible = |pattern: &Pattern| pattern.overlaps(many);
                for pattern in self.patterns() {
                    search.pattern(pattern, context, false, possible, |pattern| {
                        match (pattern.covers(many), pattern.overlaps(many)) {
                            (true, _) => Truth::Yes,
                            (false, true) => Truth::Unknown,
                            (false, false) => Truth::No,
                        }
                    });
                }
            }
            Subject::Unnamed => {
                let any = self.patterns().iter().any(Pattern::is_everything);
                let listed = if any || self.texts.is_empty() { any.into() } else { Truth::Unknown };
                return if self.negated { !listed } else { listed };
            }
        }
        search.outcome(self.negated)
    }
}
