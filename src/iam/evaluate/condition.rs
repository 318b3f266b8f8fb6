//! The `Condition` element, compiled: each line a test of one key.
//!
//! A key without values is a key that the request lacks. A negated comparison matches such a key, a plain one doesn't,
//! `IfExists` always does, `ForAllValues` does, `ForAnyValue` doesn't. A key with several values needs one of the set
//! operators: without it the line doesn't match.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;
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
use crate::iam::document::{Condition, OperatorKind, SetQualifier};
use crate::iam::pattern::{Pattern, Setting, Variables};

/// One compiled line of a condition block.
#[derive(Debug)]
pub(super) struct Test {
    key: Box<str>,
    set: Option<SetQualifier>,
    if_exists: bool,
    kind: OperatorKind,
    values: Box<[Box<str>]>,
    variables: Variables,
    /// The values as the operator's type, read when they are first asked for.
    comparison: OnceLock<Comparison>,
}

/// The policy's values, read as the operator's type; what can't be read is `None`.
#[derive(Debug)]
enum Comparison {
    Text { fold: bool, patterns: Box<[Pattern]> },
    Arn(Box<[Option<Pattern>]>),
    Number(Relation, Box<[Option<Decimal>]>),
    Date(Relation, Box<[Option<i128>]>),
    Bool(Box<[Pattern]>),
    Binary(Box<[Option<Vec<u8>>]>),
    Address(Box<[Option<IpNet>]>),
    Absent { yes: bool, no: bool },
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
    pub(super) fn compile(condition: &Condition, variables: Variables) -> Self {
        let operator = condition.operator;
        Self {
            key: condition.key.to_ascii_lowercase().into(),
            set: operator.set,
            if_exists: operator.if_exists,
            kind: operator.kind,
            values: condition.values.iter().map(|value| value.as_str().into()).collect(),
            variables,
            comparison: OnceLock::new(),
        }
    }

    fn comparison(&self) -> &Comparison {
        self.comparison.get_or_init(|| Comparison::compile(self.kind, &self.values, self.variables))
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
        self.if_exists
            || match self.set {
                Some(SetQualifier::ForAllValues) => true,
                Some(SetQualifier::ForAnyValue) => false,
                None => self.kind.is_negated(),
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
            Comparison::Absent { .. } => None,
        };
        search.map_or(Truth::No, |search| search.outcome(self.kind.is_negated()))
    }
}

impl Comparison {
    fn compile(kind: OperatorKind, values: &[Box<str>], variables: Variables) -> Self {
        use OperatorKind as K;
        let patterns = |setting, fold: bool| {
            values
                .iter()
                .map(|value| if fold { Cow::Owned(value.to_lowercase()) } else { Cow::Borrowed(&**value) })
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

fn among(patterns: &[Pattern], value: &str, context: &Context, fold: bool) -> Search {
    let mut search = Search::new();
    for pattern in patterns {
        search.text(pattern, value, context, fold);
    }
    search
}

/// Compares with each value of the policy that is of the operator's type.
fn typed<T>(own: &[Option<T>], mut compare: impl FnMut(&mut Search, &T)) -> Search {
    let mut search = Search::new();
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

fn address(text: &str) -> Option<IpAddr> {
    text.trim().parse().ok()
}

/// A range in CIDR notation, or a single address.
fn range(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>().ok().or_else(|| address(text).map(IpNet::from))
}
