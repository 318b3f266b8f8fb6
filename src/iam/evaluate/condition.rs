//! The `Condition` element, compiled: each line a test of one key.
//!
//! A key without values is a key that the request lacks. `ForAllValues` matches such a key and `ForAnyValue` doesn't,
//! whether `IfExists` or not, for it speaks of each value by itself; without them `IfExists` and a negated comparison
//! match, a plain one doesn't. A key with several values, or one that can have several, needs one of the set
//! operators: without it the line doesn't match.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use ipnet::IpNet;

use super::number::{Decimal, instant};
use super::request::Context;
use super::substitution::Search;
use super::truth::Truth;
use crate::iam::arn::Arn;
use crate::iam::catalogue::Catalogue;
use crate::iam::document::{Condition, OperatorKind, SetQualifier};
use crate::iam::pattern::{Pattern, Setting, Variables};

/// One compiled line of a condition block.
#[derive(Debug)]
pub(super) struct Test {
    key: String,
    set: Option<SetQualifier>,
    if_exists: bool,
    kind: OperatorKind,
    values: Vec<String>,
    variables: Variables,
    /// The values as the operator's type, read when they are first asked for.
    comparison: OnceLock<Comparison>,
}

/// The policy's values, read as the operator's type; what can't be read is `None`.
#[derive(Debug)]
enum Comparison {
    Text {
        fold: bool,
        patterns: Box<[Pattern]>,
    },
    Arn(Box<[Option<Pattern>]>),
    Number(Relation, Box<[Option<Decimal>]>),
    Date(Relation, Box<[Option<i128>]>),
    Bool(Box<[Pattern]>),
    Binary(Box<[Option<Vec<u8>>]>),
    Address(Box<[Option<IpNet>]>),
    Absent {
        yes: bool,
        no: bool,
    },
    /// A set of values, and no set operator to compare it with.
    Impossible,
}

#[derive(Debug, Clone, Copy)]
enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Test {
    pub(super) fn compile(condition: Condition, variables: Variables) -> Self {
        let Condition { operator, mut key, values } = condition;
        key.make_ascii_lowercase();
        Self {
            key,
            set: operator.set,
            if_exists: operator.if_exists,
            kind: operator.kind,
            values,
            variables,
            comparison: OnceLock::new(),
        }
    }

    fn comparison(&self) -> &Comparison {
        self.comparison.get_or_init(|| {
            if self.set.is_none() && self.kind != OperatorKind::Null && has_several_values(&self.key) {
                Comparison::Impossible
            } else {
                Comparison::compile(self.kind, &self.values, self.variables)
            }
        })
    }

    /// The key, in lower case.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn holds(&self, context: &Context) -> Truth {
        let values = match context.get(&self.key) {
            None if context.is_open() => return Truth::Unknown,
            None => &[],
            Some(values) => values,
        };
        if let Comparison::Absent { yes, no } = *self.comparison() {
            return (if values.is_empty() { yes } else { no }).into();
        }
        if values.is_empty() {
            return self.without_values().into();
        }
        match (self.set, values) {
            (Some(SetQualifier::ForAllValues), values) => {
                Truth::all(values.iter().map(|value| self.admits(value, context)))
            }
            (Some(SetQualifier::ForAnyValue), values) => {
                Truth::any(values.iter().map(|value| self.admits(value, context)))
            }
            (None, [value]) => self.admits(value, context),
            (None, _) => Truth::No,
        }
    }

    fn without_values(&self) -> bool {
        match self.set {
            Some(SetQualifier::ForAllValues) => true,
            Some(SetQualifier::ForAnyValue) => false,
            None => self.if_exists || self.kind.is_negated(),
        }
    }

    /// Whether one value of the request matches; for a negated operator, whether it is none of the policy's values.
    fn admits(&self, value: &str, context: &Context) -> Truth {
        let search = match self.comparison() {
            Comparison::Text { fold: true, patterns } => {
                Some(among(patterns, &value.to_lowercase(), context, true))
            }
            Comparison::Text { fold: false, patterns } => Some(among(patterns, value, context, false)),
            Comparison::Bool(patterns) => {
                let value = value.to_ascii_lowercase();
                matches!(&*value, "true" | "false").then(|| among(patterns, &value, context, true))
            }
            Comparison::Arn(patterns) => Arn::parse(value)
                .map(|_| typed(patterns, |search, pattern| search.text(pattern, value, context, false))),
            Comparison::Number(relation, numbers) => Decimal::parse(value)
                .map(|value| typed(numbers, |search, own| search.compared(relation.holds(value.cmp(own))))),
            Comparison::Date(relation, dates) => instant(value)
                .map(|value| typed(dates, |search, own| search.compared(relation.holds(value.cmp(own))))),
            Comparison::Binary(values) => {
                decoded(value).map(|value| typed(values, |search, own| search.compared(*own == value)))
            }
            Comparison::Address(ranges) => {
                address(value).map(|value| typed(ranges, |search, own| search.compared(own.contains(&value))))
            }
            Comparison::Absent { .. } | Comparison::Impossible => None,
        };
        search.map_or(Truth::No, |search| search.outcome(self.kind.is_negated()))
    }
}

impl Comparison {
    fn compile(kind: OperatorKind, values: &[String], variables: Variables) -> Self {
        use OperatorKind as K;
        let patterns = |setting, fold: bool| {
            values
                .iter()
                .map(
                    |value| {
                        if fold { Cow::Owned(value.to_lowercase()) } else { Cow::Borrowed(value.as_str()) }
                    },
                )
                .map(|value| Pattern::parse(&value, setting, variables))
                .collect::<Box<[_]>>()
        };
        let text = |setting, fold| Self::Text { fold, patterns: patterns(setting, fold) };
        let number = |relation| Self::Number(relation, values.iter().map(|v| Decimal::parse(v)).collect());
        let date = |relation| Self::Date(relation, values.iter().map(|v| instant(v)).collect());
        match kind {
            K::StringEquals | K::StringNotEquals => text(Setting::Exact, false),
            K::StringEqualsIgnoreCase | K::StringNotEqualsIgnoreCase => text(Setting::Exact, true),
            K::StringLike | K::StringNotLike => text(Setting::Plain, false),
            K::ArnEquals | K::ArnLike | K::ArnNotEquals | K::ArnNotLike => {
                Self::Arn(values.iter().map(|value| arn_pattern(value, variables)).collect())
            }
            K::NumericEquals | K::NumericNotEquals => number(Relation::Equal),
            K::NumericLessThan => number(Relation::Less),
            K::NumericLessThanEquals => number(Relation::LessOrEqual),
            K::NumericGreaterThan => number(Relation::Greater),
            K::NumericGreaterThanEquals => number(Relation::GreaterOrEqual),
            K::DateEquals | K::DateNotEquals => date(Relation::Equal),
            K::DateLessThan => date(Relation::Less),
            K::DateLessThanEquals => date(Relation::LessOrEqual),
            K::DateGreaterThan => date(Relation::Greater),
            K::DateGreaterThanEquals => date(Relation::GreaterOrEqual),
            K::Bool => Self::Bool(patterns(Setting::Exact, true)),
            K::BinaryEquals => Self::Binary(values.iter().map(|value| decoded(value)).collect()),
            K::IpAddress | K::NotIpAddress => {
                Self::Address(values.iter().map(|value| range(value)).collect())
            }
            K::Null => {
                let lists = |word: &str| values.iter().any(|value| value.eq_ignore_ascii_case(word));
                Self::Absent { yes: lists("true"), no: lists("false") }
            }
        }
    }
}

/// Whether AWS classifies the key as multivalued, however many values a request gives it.
fn has_several_values(key: &str) -> bool {
    Catalogue::embedded().condition_key_type(key).is_some_and(|kind| kind.starts_with("ArrayOf"))
}

fn among(patterns: &[Pattern], value: &str, context: &Context, fold: bool) -> Search {
    let mut search = Search::among_values();
    for pattern in patterns {
        search.text(pattern, value, context, fold);
    }
    search
}

/// Compares with each value of the policy that is of the operator's type.
fn typed<T>(own: &[Option<T>], mut compare: impl FnMut(&mut Search, &T)) -> Search {
    let mut search = Search::among_values();
    for value in own {
        match value {
            Some(value) => compare(&mut search, value),
            None => search.impossible(),
        }
    }
    search
}

/// A value that doesn't begin like an ARN, has no six components and no variable that may bring them is none.
fn arn_pattern(value: &str, variables: Variables) -> Option<Pattern> {
    let could_be = value.starts_with("arn:") || value.matches(':').count() >= 5 || value.contains("${");
    could_be.then(|| Pattern::parse(value, Setting::ArnLike, variables))
}

/// Base64, padded or not.
fn decoded(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    LENIENT.decode(text.trim()).ok()
}

/// A single address, as a range of one.
fn address(text: &str) -> Option<IpNet> {
    let (text, prefix) = (text.trim(), if text.contains(':') { 128 } else { 32 });
    format!("{text}/{prefix}").parse().ok()
}

/// A range in CIDR notation, or a single address.
fn range(text: &str) -> Option<IpNet> {
    text.trim().parse().ok().or_else(|| address(text))
}
