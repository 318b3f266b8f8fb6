//! One value of a condition as the set of context values that it matches, compared with another such set.
//!
//! Both comparisons are sound, never complete: a yes is certain, a no means only that it isn't known.

use std::cmp::Ordering;
use std::ops::Bound;

use ipnet::IpNet;
use jiff::Timestamp;

use crate::iam::document::OperatorKind;
use crate::iam::pattern::{Pattern, Setting, Variable, Variables};

/// The context values that one value of a condition matches.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Atom {
    /// Texts; with the lower-case form, for those who compare without regard to case.
    Text { exact: Pattern, folded: Option<Pattern> },
    /// Texts in lower case.
    Folded(Pattern),
    /// ARNs.
    Arn(Pattern),
    /// Numbers.
    Number(Span<f64>),
    /// Points in time.
    Instant(Span<Timestamp>),
    /// `true` or `false`.
    Flag(bool),
    /// Addresses.
    Net(IpNet),
    /// Whatever can't be compared but with itself.
    Opaque(OperatorKind, String),
}

/// What an operator takes a request's value for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Text,
    Arn,
    Number,
    Date,
    Flag,
    Binary,
    Address,
    Existence,
}

impl Family {
    pub fn of(kind: OperatorKind) -> Self {
        use OperatorKind as K;
        match kind {
            K::StringEquals
            | K::StringNotEquals
            | K::StringEqualsIgnoreCase
            | K::StringNotEqualsIgnoreCase
            | K::StringLike
            | K::StringNotLike => Self::Text,
            K::ArnEquals | K::ArnNotEquals | K::ArnLike | K::ArnNotLike => Self::Arn,
            K::NumericEquals
            | K::NumericNotEquals
            | K::NumericLessThan
            | K::NumericLessThanEquals
            | K::NumericGreaterThan
            | K::NumericGreaterThanEquals => Self::Number,
            K::DateEquals
            | K::DateNotEquals
            | K::DateLessThan
            | K::DateLessThanEquals
            | K::DateGreaterThan
            | K::DateGreaterThanEquals => Self::Date,
            K::Bool => Self::Flag,
            K::BinaryEquals => Self::Binary,
            K::IpAddress | K::NotIpAddress => Self::Address,
            K::Null => Self::Existence,
        }
    }
}

impl Atom {
    /// Reads a value as its operator does. Negation is the line's matter, not the atom's.
    pub fn read(kind: OperatorKind, value: &str, variables: Variables) -> Self {
        use OperatorKind as K;
        let atom = match Family::of(kind) {
            Family::Text => match kind {
                K::StringLike | K::StringNotLike => Some(text(value, Setting::Plain, variables)),
                K::StringEquals | K::StringNotEquals => Some(text(value, Setting::Exact, variables)),
                _ => fold(value, Setting::Exact, variables).map(Self::Folded),
            },
            Family::Arn => (value.matches(':').count() >= 5)
                .then(|| Self::Arn(Pattern::parse(value, Setting::ArnLike, variables))),
            Family::Number => number(value).map(|number| Self::Number(Span::of(kind, number))),
            Family::Date => value.parse().ok().map(|instant| Self::Instant(Span::of(kind, instant))),
            Family::Flag if value.eq_ignore_ascii_case("true") => Some(Self::Flag(true)),
            Family::Flag if value.eq_ignore_ascii_case("false") => Some(Self::Flag(false)),
            Family::Address => net(value).map(Self::Net),
            Family::Flag | Family::Binary | Family::Existence => None,
        };
        atom.unwrap_or_else(|| Self::Opaque(kind, value.to_owned()))
    }

    /// Whether every value that this matches is matched by `wider` too.
    pub fn is_within(&self, wider: &Self) -> bool {
        match (self, wider) {
            (Self::Text { exact: a, .. } | Self::Arn(a), Self::Text { exact: b, .. })
            | (Self::Folded(a) | Self::Text { folded: Some(a), .. }, Self::Folded(b))
            | (Self::Arn(a), Self::Arn(b)) => b.covers(a),
            (Self::Text { exact: a, .. }, Self::Arn(b)) => a.is_literal() && b.covers(a),
            (Self::Folded(_), Self::Text { exact: b, .. }) => b.is_everything(),
            (Self::Number(a), Self::Number(b)) => a.is_within(b),
            (Self::Instant(a), Self::Instant(b)) => a.is_within(b),
            (Self::Flag(a), Self::Flag(b)) => a == b,
            (Self::Net(a), Self::Net(b)) => b.contains(a),
            (Self::Opaque(..), Self::Opaque(..)) => self == wider,
            _ => false,
        }
    }

    /// Whether no value is matched by both.
    pub fn is_apart_from(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text { exact: a, .. } | Self::Arn(a), Self::Text { exact: b, .. } | Self::Arn(b))
            | (Self::Folded(a), Self::Folded(b) | Self::Text { folded: Some(b), .. })
            | (Self::Text { folded: Some(a), .. }, Self::Folded(b)) => !a.overlaps(b),
            (Self::Number(a), Self::Number(b)) => a.is_apart_from(b),
            (Self::Instant(a), Self::Instant(b)) => a.is_apart_from(b),
            (Self::Flag(a), Self::Flag(b)) => a != b,
            (Self::Net(IpNet::V4(a)), Self::Net(IpNet::V4(b))) => !a.contains(b) && !b.contains(a),
            (Self::Net(IpNet::V6(a)), Self::Net(IpNet::V6(b))) => !a.contains(b) && !b.contains(a),
            _ => false,
        }
    }

    /// The policy variables that it needs.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        let pattern = match self {
            Self::Text { exact: pattern, .. } | Self::Folded(pattern) | Self::Arn(pattern) => Some(pattern),
            Self::Number(_) | Self::Instant(_) | Self::Flag(_) | Self::Net(_) | Self::Opaque(..) => None,
        };
        pattern.into_iter().flat_map(Pattern::variables)
    }

    /// Whether it can be compared only with itself.
    pub fn is_opaque(&self) -> bool {
        matches!(self, Self::Opaque(..))
    }

    /// Some values in it and at its edges, to try.
    pub fn examples(&self) -> Vec<String> {
        match self {
            Self::Text { exact: pattern, .. } | Self::Folded(pattern) | Self::Arn(pattern) => {
                ["x", "", "alpha-example"].map(|star| pattern.example(star, |_| "example".into())).into()
            }
            Self::Number(span) => {
                span.edges().flat_map(|at| [at, at - 1.0, at + 1.0]).map(|n| n.to_string()).collect()
            }
            Self::Instant(span) => span
                .edges()
                .flat_map(|at| {
                    let hour = jiff::SignedDuration::from_hours(1);
                    [Some(at), at.checked_sub(hour).ok(), at.checked_add(hour).ok()]
                })
                .flatten()
                .map(|at| at.to_string())
                .collect(),
            Self::Flag(_) => vec!["true".into(), "false".into()],
            Self::Net(net) => {
                let apart = if net.addr().is_ipv4() { "198.51.100.7" } else { "2001:db8:ffff::7" };
                vec![net.addr().to_string(), apart.into()]
            }
            Self::Opaque(_, value) => vec![value.clone()],
        }
    }

    /// Whether it matches every text.
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::Text { exact, .. } if exact.is_everything())
    }
}

fn text(value: &str, setting: Setting, variables: Variables) -> Atom {
    Atom::Text { exact: Pattern::parse(value, setting, variables), folded: fold(value, setting, variables) }
}

/// The pattern in lower case; beyond ASCII, folding isn't one to one, and nothing is claimed.
fn fold(value: &str, setting: Setting, variables: Variables) -> Option<Pattern> {
    value.is_ascii().then(|| Pattern::parse(&value.to_ascii_lowercase(), setting, variables))
}

/// A plain decimal, short enough that two different ones differ as floating point too.
fn number(value: &str) -> Option<f64> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.len() <= 15;
    is_plain.then(|| value.parse().ok())?
}

/// A range in CIDR notation, or a single address.
fn net(value: &str) -> Option<IpNet> {
    let single = || if value.contains(':') { format!("{value}/128") } else { format!("{value}/32") };
    value.parse().ok().or_else(|| single().parse().ok())
}

/// An interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span<T> {
    pub from: Bound<T>,
    pub to: Bound<T>,
}

impl<T: Copy + PartialOrd> Span<T> {
    fn of(kind: OperatorKind, at: T) -> Self {
        use OperatorKind as K;
        let (from, to) = match kind {
            K::NumericLessThan | K::DateLessThan => (Bound::Unbounded, Bound::Excluded(at)),
            K::NumericLessThanEquals | K::DateLessThanEquals => (Bound::Unbounded, Bound::Included(at)),
            K::NumericGreaterThan | K::DateGreaterThan => (Bound::Excluded(at), Bound::Unbounded),
            K::NumericGreaterThanEquals | K::DateGreaterThanEquals => (Bound::Included(at), Bound::Unbounded),
            _ => (Bound::Included(at), Bound::Included(at)),
        };
        Self { from, to }
    }

    fn edges(&self) -> impl Iterator<Item = T> {
        [self.from, self.to].into_iter().filter_map(|bound| match bound {
            Bound::Included(at) | Bound::Excluded(at) => Some(at),
            Bound::Unbounded => None,
        })
    }

    fn is_within(&self, wider: &Self) -> bool {
        bounded(self.from, wider.from, Ordering::Greater) && bounded(self.to, wider.to, Ordering::Less)
    }

    fn is_apart_from(&self, other: &Self) -> bool {
        ends_before(self.to, other.from) || ends_before(other.to, self.from)
    }
}

/// Whether the bound `inner` lies on `side` of `outer`, or is the same.
fn bounded<T: PartialOrd>(inner: Bound<T>, outer: Bound<T>, side: Ordering) -> bool {
    match (inner, outer) {
        (_, Bound::Unbounded) => true,
        (Bound::Unbounded, _) => false,
        (Bound::Included(a), Bound::Excluded(b)) => a.partial_cmp(&b) == Some(side),
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => {
            a == b || a.partial_cmp(&b) == Some(side)
        }
    }
}

fn ends_before<T: PartialOrd>(end: Bound<T>, start: Bound<T>) -> bool {
    match (end, start) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(a), Bound::Included(b)) => a < b,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a <= b,
    }
}
