//! Condition operators and their qualifiers, as they are written in a policy.

use std::fmt;

/// A whole operator, such as `ForAllValues:StringLikeIfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Operator {
    /// How several values of the request's key are taken.
    pub set: Option<SetQualifier>,
    /// The comparison.
    pub kind: OperatorKind,
    /// `...IfExists`: a missing key is a match.
    pub if_exists: bool,
}

/// The set operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SetQualifier {
    /// Every value of the request has to match; none at all does.
    ForAllValues,
    /// At least one value of the request has to match.
    ForAnyValue,
}

macro_rules! operator_kinds {
    ($($name:ident),+ $(,)?) => {
        /// The comparisons.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each is named as AWS names it")]
        pub enum OperatorKind { $($name),+ }

        impl OperatorKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As it is written in a policy.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }
        }
    };
}

operator_kinds!(
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnNotEquals,
    ArnLike,
    ArnNotLike,
    Null,
);

impl OperatorKind {
    /// Whether it matches when the values are *not* those of the policy.
    pub fn is_negated(self) -> bool {
        matches!(
            self,
            Self::StringNotEquals
                | Self::StringNotEqualsIgnoreCase
                | Self::StringNotLike
                | Self::NumericNotEquals
                | Self::DateNotEquals
                | Self::NotIpAddress
                | Self::ArnNotEquals
                | Self::ArnNotLike
        )
    }
}

impl Operator {
    /// Reads an operator without regard to case; `None` where there is no such operator.
    pub fn parse(text: &str) -> Option<Self> {
        let (set, rest) = match text.split_once(':') {
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => {
                (Some(SetQualifier::ForAllValues), rest)
            }
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => {
                (Some(SetQualifier::ForAnyValue), rest)
            }
            Some(_) => return None,
            None => (None, text),
        };
        let (name, if_exists) = match rest.len().checked_sub("IfExists".len()) {
            Some(at) if rest.get(at..).is_some_and(|end| end.eq_ignore_ascii_case("IfExists")) => {
                (&rest[..at], true)
            }
            _ => (rest, false),
        };
        let kind = OperatorKind::ALL.iter().copied().find(|kind| kind.as_str().eq_ignore_ascii_case(name))?;
        (!(if_exists && kind == OperatorKind::Null)).then_some(Self { set, kind, if_exists })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.set {
            Some(SetQualifier::ForAllValues) => f.write_str("ForAllValues:")?,
            Some(SetQualifier::ForAnyValue) => f.write_str("ForAnyValue:")?,
            None => {}
        }
        f.write_str(self.kind.as_str())?;
        f.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_reads_back_as_it_is_written() {
        for set in [None, Some(SetQualifier::ForAllValues), Some(SetQualifier::ForAnyValue)] {
            for &kind in OperatorKind::ALL {
                for if_exists in [false, true] {
                    let operator = Operator { set, kind, if_exists };
                    let expected = (!(if_exists && kind == OperatorKind::Null)).then_some(operator);
                    assert_eq!(Operator::parse(&operator.to_string()), expected);
                }
            }
        }
    }

    #[test]
    fn case_is_free_and_the_unknown_is_refused() {
        assert!(Operator::parse("foranyvalue:stringlikeifexists").is_some());
        for text in
            ["", "IfExists", "StringEqual", "ForSomeValues:StringEquals", "ForAllValues:", "ñIfExists"]
        {
            assert_eq!(Operator::parse(text), None, "{text}");
        }
    }
}
