//! When one condition block implies another, and when two can't hold together.
//!
//! A line of a block says *some value of the key is in a set* or *all are*; sets are compared atom by atom. Every yes
//! is certain, whatever the request; what can't be compared implies nothing but itself.

use crate::iam::catalogue::Catalogue;
use crate::iam::document::{Condition, OperatorKind, SetQualifier};
use crate::iam::pattern::Variables;

use super::atom::{Atom, Family};

/// One line of a condition block, ready to be compared.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// The key, in lower case.
    pub key: Box<str>,
    pub demand: Demand,
}

/// What a line asks of its key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Demand {
    /// That the request lacks it.
    Missing,
    /// That the request has it.
    Present,
    /// Something of its values.
    Values(Values),
    /// Something that can't be read.
    Unreadable(Vec<String>),
}

/// What a line asks of the values of its key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Values {
    set: Option<SetQualifier>,
    negated: bool,
    holds_if_missing: bool,
    family: Family,
    pub atoms: Vec<Atom>,
}

impl Line {
    /// Reads a line; `variables` is what its document says of them.
    pub fn read(condition: &Condition, variables: Variables) -> Self {
        let Condition { operator, key, values } = condition;
        let demand = if operator.kind == OperatorKind::Null {
            let all = |word: &str| !values.is_empty() && values.iter().all(|v| v.eq_ignore_ascii_case(word));
            match operator.set {
                None if all("true") => Demand::Missing,
                None if all("false") => Demand::Present,
                _ => Demand::Unreadable(values.clone()),
            }
        } else {
            let negated = operator.kind.is_negated();
            let holds_if_missing = match operator.set {
                Some(set) => set == SetQualifier::ForAllValues,
                None => operator.if_exists || negated,
            };
            let atoms = values.iter().map(|value| Atom::read(operator.kind, value, variables)).collect();
            let family = Family::of(operator.kind);
            Demand::Values(Values { set: operator.set, negated, holds_if_missing, family, atoms })
        };
        Self { key: key.to_ascii_lowercase().into(), demand }
    }

    /// Whether it can hold only where the request has the key.
    fn needs_key(&self) -> bool {
        match &self.demand {
            Demand::Present => true,
            Demand::Values(values) => !values.holds_if_missing,
            Demand::Missing | Demand::Unreadable(_) => false,
        }
    }
}

impl Values {
    /// Whether some value has to fit, rather than all.
    fn is_some(&self) -> bool {
        match self.set {
            Some(set) => set == SetQualifier::ForAnyValue,
            None => !self.negated,
        }
    }

    /// Whether it holds for whatever values satisfy `given`.
    fn follows_from(&self, given: &Self, single_valued: bool) -> bool {
        // A value of another type can't be compared, and satisfies an operator neither plainly nor negated. Of a
        // variable that the request may lack nothing is concluded but from a line with the same one.
        let is_resolved = |wanted| {
            given.negated && given.atoms.iter().flat_map(Atom::variables).any(|known| known == wanted)
        };
        let is_comparable = !self.negated
            || (self.family == given.family
                && !self.atoms.iter().any(Atom::is_opaque)
                && self.atoms.iter().flat_map(Atom::variables).all(is_resolved));
        let is_same_quantifier = self.is_some() == given.is_some() || (single_valued && self.set.is_none());
        self.set == given.set && is_same_quantifier && is_comparable && given.is_within(self, self.negated)
    }

    /// Whether no values satisfy both.
    fn contradicts(&self, other: &Self, single_valued: bool) -> bool {
        (single_valued || self.is_some() != other.is_some()) && self.is_within(other, !other.negated)
    }

    /// Whether each value that fits this fits `wider`, or the complement of its atoms where `negated`.
    fn is_within(&self, wider: &Self, negated: bool) -> bool {
        let (ours, theirs) = (&self.atoms, &wider.atoms);
        match (self.negated, negated) {
            (false, false) => ours.iter().all(|a| theirs.iter().any(|b| a.is_within(b))),
            (true, true) => theirs.iter().all(|b| ours.iter().any(|a| b.is_within(a))),
            (false, true) => ours.iter().all(|a| theirs.iter().all(|b| a.is_apart_from(b))),
            (true, false) => theirs.iter().any(Atom::is_everything),
        }
    }
}

/// Whether whatever request satisfies all of `given` satisfies `line`.
pub(crate) fn implies(given: &[&Line], line: &Line) -> bool {
    let mut same_key = given.iter().filter(|other| other.key == line.key);
    let has_key = given.iter().any(|other| other.key == line.key && other.needs_key());
    match &line.demand {
        Demand::Present => has_key,
        Demand::Missing | Demand::Unreadable(_) => same_key.any(|other| other.demand == line.demand),
        Demand::Values(values) => same_key.any(|other| match &other.demand {
            given if *given == line.demand => true,
            Demand::Missing => values.holds_if_missing,
            Demand::Values(given) => {
                (values.holds_if_missing || has_key)
                    && values.follows_from(given, is_single_valued(&line.key))
            }
            Demand::Present | Demand::Unreadable(_) => false,
        }),
    }
}

/// Whether whatever request satisfies all of `given` satisfies all of `lines`.
pub(crate) fn implies_all(given: &[&Line], lines: &[Line]) -> bool {
    lines.iter().all(|line| implies(given, line))
}

/// Whether no request satisfies all of both.
pub(crate) fn contradict(ours: &[Line], theirs: &[Line]) -> bool {
    ours.iter().any(|one| theirs.iter().any(|other| one.key == other.key && pair_contradicts(one, other)))
}

fn pair_contradicts(one: &Line, other: &Line) -> bool {
    match (&one.demand, &other.demand) {
        (Demand::Missing, _) => other.needs_key(),
        (_, Demand::Missing) => one.needs_key(),
        (Demand::Values(a), Demand::Values(b)) => {
            (one.needs_key() || other.needs_key()) && a.contradicts(b, is_single_valued(&one.key))
        }
        _ => false,
    }
}

/// Whether a request has at most one value of the key, for certain.
fn is_single_valued(key: &str) -> bool {
    Catalogue::embedded().condition_key_type(key).is_some_and(|kind| !kind.starts_with("ArrayOf"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::document::{Document, Operator};

    fn block(json: &str) -> Vec<Line> {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{json}}}}}"#
        );
        let document = Document::parse(text.as_bytes()).unwrap();
        let lines = &document.statements[0].conditions;
        lines.iter().map(|line| Line::read(line, document.variables())).collect()
    }

    fn implied(given: &str, wanted: &str) -> bool {
        let given = block(given);
        implies_all(&given.iter().collect::<Vec<_>>(), &block(wanted))
    }

    /// Rows of `given | wanted | whether it is implied | whether the reverse is`.
    const TABLE: &[(&str, &str, bool, bool)] = &[
        // Nothing implies only nothing.
        ("{}", "{}", true, true),
        (r#"{"Bool":{"a":"true"}}"#, "{}", true, false),
        // More lines are stricter; keys compare without regard to case; another key says nothing.
        (r#"{"Bool":{"a":"true","b":"true"}}"#, r#"{"Bool":{"A":"TRUE"}}"#, true, false),
        (r#"{"Bool":{"a":"true"}}"#, r#"{"Bool":{"b":"true"}}"#, false, false),
        (r#"{"Bool":{"a":"true"}}"#, r#"{"Bool":{"a":"false"}}"#, false, false),
        // Fewer values are stricter, and looser under a negated operator.
        (r#"{"StringEquals":{"k":["a"]}}"#, r#"{"StringEquals":{"k":["b","a"]}}"#, true, false),
        (r#"{"StringNotEquals":{"k":["a","b"]}}"#, r#"{"StringNotEquals":{"k":["a"]}}"#, true, false),
        (r#"{"StringLike":{"k":"ab*"}}"#, r#"{"StringLike":{"k":["z","a*"]}}"#, true, false),
        (r#"{"StringNotLike":{"k":"a*"}}"#, r#"{"StringNotLike":{"k":"ab*"}}"#, true, false),
        (r#"{"StringNotLike":{"k":"a*"}}"#, r#"{"StringNotEquals":{"k":"ab"}}"#, true, false),
        (r#"{"StringEquals":{"k":"a"}}"#, r#"{"StringNotEquals":{"k":"b"}}"#, false, false),
        // Between the string operators.
        (r#"{"StringEquals":{"k":"ab"}}"#, r#"{"StringLike":{"k":"a*"}}"#, true, false),
        (r#"{"StringEquals":{"k":"a*"}}"#, r#"{"StringLike":{"k":"a*"}}"#, true, false),
        (r#"{"StringLike":{"k":"ab"}}"#, r#"{"StringEquals":{"k":"ab"}}"#, true, true),
        (r#"{"StringEquals":{"k":"aB"}}"#, r#"{"StringEqualsIgnoreCase":{"k":"Ab"}}"#, true, false),
        (r#"{"StringEquals":{"k":"aB"}}"#, r#"{"StringEquals":{"k":"Ab"}}"#, false, false),
        (r#"{"StringEqualsIgnoreCase":{"k":"aB"}}"#, r#"{"StringLike":{"k":"*"}}"#, true, false),
        (r#"{"StringNotEqualsIgnoreCase":{"k":"a"}}"#, r#"{"StringNotEquals":{"k":"A"}}"#, true, false),
        // Variables stand for the same text only when they are the same.
        (
            r#"{"StringEquals":{"k":"${aws:username}"}}"#,
            r#"{"StringLike":{"k":"${AWS:UserName}"}}"#,
            true,
            true,
        ),
        (r#"{"StringEquals":{"k":"${aws:username}"}}"#, r#"{"StringEquals":{"k":"ana"}}"#, false, false),
        (r#"{"StringEquals":{"k":"${aws:username}"}}"#, r#"{"StringLike":{"k":"*"}}"#, true, false),
        (r#"{"StringNotLike":{"k":"a*"}}"#, r#"{"StringNotEquals":{"k":"a${aws:username}"}}"#, false, false),
        (r#"{"StringEquals":{"k":"${*}"}}"#, r#"{"StringEquals":{"k":"*"}}"#, true, true),
        // Numbers and dates by their order.
        (r#"{"NumericLessThan":{"k":"5"}}"#, r#"{"NumericLessThan":{"k":"10"}}"#, true, false),
        (r#"{"NumericLessThan":{"k":"5"}}"#, r#"{"NumericLessThanEquals":{"k":"5"}}"#, true, false),
        (r#"{"NumericLessThan":{"k":["1","5"]}}"#, r#"{"NumericLessThan":{"k":["5.0"]}}"#, true, true),
        (r#"{"NumericEquals":{"k":["3","4"]}}"#, r#"{"NumericLessThan":{"k":"5"}}"#, true, false),
        (r#"{"NumericEquals":{"k":"5"}}"#, r#"{"NumericGreaterThan":{"k":"5"}}"#, false, false),
        (r#"{"NumericGreaterThanEquals":{"k":"10"}}"#, r#"{"NumericGreaterThan":{"k":"9"}}"#, true, false),
        (r#"{"NumericNotEquals":{"k":["1","2"]}}"#, r#"{"NumericNotEquals":{"k":"2"}}"#, true, false),
        (r#"{"NumericLessThan":{"k":"many"}}"#, r#"{"NumericLessThan":{"k":"10"}}"#, false, false),
        (r#"{"NumericLessThan":{"k":"many"}}"#, r#"{"NumericLessThan":{"k":"many"}}"#, true, true),
        (
            r#"{"DateLessThan":{"k":"2026-01-01T00:00:00Z"}}"#,
            r#"{"DateLessThan":{"k":"2027-01-01T00:00:00Z"}}"#,
            true,
            false,
        ),
        (
            r#"{"NumericLessThan":{"k":"5"}}"#,
            r#"{"DateLessThan":{"k":"2027-01-01T00:00:00Z"}}"#,
            false,
            false,
        ),
        // Addresses by their networks.
        (r#"{"IpAddress":{"k":"203.0.113.7"}}"#, r#"{"IpAddress":{"k":"203.0.113.0/24"}}"#, true, false),
        (r#"{"NotIpAddress":{"k":"10.0.0.0/8"}}"#, r#"{"NotIpAddress":{"k":"10.1.0.0/16"}}"#, true, false),
        (
            r#"{"IpAddress":{"k":"2001:db8::/48"}}"#,
            r#"{"IpAddress":{"k":["10.0.0.0/8","2001:db8::/32"]}}"#,
            true,
            false,
        ),
        (r#"{"IpAddress":{"k":"2001:db8::/48"}}"#, r#"{"IpAddress":{"k":"0.0.0.0/0"}}"#, false, false),
        // ARNs.
        (
            r#"{"ArnEquals":{"k":"arn:aws:sns:eu-west-1:1:t"}}"#,
            r#"{"ArnLike":{"k":"arn:aws:sns:*:1:*"}}"#,
            true,
            false,
        ),
        (
            r#"{"ArnLike":{"k":"arn:aws:sns:*:1:t"}}"#,
            r#"{"ArnEquals":{"k":"arn:aws:sns:*:1:t"}}"#,
            true,
            true,
        ),
        (r#"{"ArnLike":{"k":"arn:aws:sns:*:1:t"}}"#, r#"{"StringLike":{"k":"arn:aws:sns:*"}}"#, true, false),
        (
            r#"{"StringLike":{"k":"arn:aws:sns:*:1:t"}}"#,
            r#"{"ArnLike":{"k":"arn:aws:sns:*:1:t"}}"#,
            false,
            true,
        ),
        (
            r#"{"ArnNotLike":{"k":"arn:aws:s3:::*"}}"#,
            r#"{"ArnNotEquals":{"k":"arn:aws:s3:::b"}}"#,
            true,
            false,
        ),
        // A missing key.
        (r#"{"Bool":{"k":"true"}}"#, r#"{"BoolIfExists":{"k":"true"}}"#, true, false),
        (r#"{"Bool":{"k":"true"}}"#, r#"{"Null":{"k":"false"}}"#, true, false),
        (r#"{"StringNotEquals":{"k":"a"}}"#, r#"{"Null":{"k":"false"}}"#, false, false),
        (r#"{"StringNotEquals":{"k":"a"}}"#, r#"{"StringNotEqualsIfExists":{"k":"a"}}"#, true, true),
        (
            r#"{"StringEqualsIfExists":{"k":"a"},"Null":{"k":"false"}}"#,
            r#"{"StringEquals":{"k":"a"}}"#,
            true,
            true,
        ),
        (r#"{"Null":{"k":"true"}}"#, r#"{"StringEqualsIfExists":{"k":"a"}}"#, true, false),
        (r#"{"Null":{"k":"true"}}"#, r#"{"Null":{"k":"false"}}"#, false, false),
        (r#"{"Null":{"k":true}}"#, r#"{"Null":{"K":"True"}}"#, true, true),
        // Set operators: only the same.
        (
            r#"{"ForAllValues:StringEquals":{"k":["a"]}}"#,
            r#"{"ForAllValues:StringLike":{"k":["a*"]}}"#,
            true,
            false,
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"k":"a"}}"#,
            r#"{"ForAnyValue:StringEquals":{"k":["a","b"]}}"#,
            true,
            false,
        ),
        (
            r#"{"ForAllValues:StringEquals":{"k":"a"}}"#,
            r#"{"ForAnyValue:StringEquals":{"k":"a"}}"#,
            false,
            false,
        ),
        (r#"{"ForAllValues:StringEquals":{"k":"a"}}"#, r#"{"StringEquals":{"k":"a"}}"#, false, false),
        (
            r#"{"ForAllValues:StringEquals":{"k":"a"}}"#,
            r#"{"ForAllValues:StringNotEquals":{"k":"b"}}"#,
            true,
            false,
        ),
        (
            r#"{"ForAnyValue:StringNotEquals":{"k":"a"}}"#,
            r#"{"ForAnyValue:StringNotEquals":{"k":"a"}}"#,
            true,
            true,
        ),
        // A key that has one value only.
        (
            r#"{"StringEquals":{"aws:RequestedRegion":"a"}}"#,
            r#"{"StringNotEquals":{"aws:requestedregion":"b"}}"#,
            true,
            false,
        ),
        // A value of another type satisfies no operator, negated or not.
        (
            r#"{"StringNotLike":{"k":"arn:aws:s3:::*"}}"#,
            r#"{"ArnNotLike":{"k":"arn:aws:s3:::*"}}"#,
            false,
            false,
        ),
        (
            r#"{"NumericNotEquals":{"k":["5","many"]}}"#,
            r#"{"NumericNotEquals":{"k":["many"]}}"#,
            false,
            false,
        ),
        (r#"{"NumericLessThan":{"k":"5"}}"#, r#"{"NumericLessThan":{"k":"1e3"}}"#, false, false),
        // Values that nothing can compare imply themselves.
        (r#"{"BinaryEquals":{"k":"QQ=="}}"#, r#"{"BinaryEquals":{"k":["QQ==","Qg=="]}}"#, true, false),
        (r#"{"IpAddress":{"k":"nowhere"}}"#, r#"{"IpAddress":{"k":"nowhere"}}"#, true, true),
    ];

    #[test]
    fn a_block_implies_another_where_every_line_follows() {
        for &(one, other, forth, back) in TABLE {
            assert_eq!(implied(one, other), forth, "{one} implies {other}");
            assert_eq!(implied(other, one), back, "{other} implies {one}");
        }
    }

    #[test]
    fn every_line_implies_itself() {
        for &kind in OperatorKind::ALL {
            for set in [None, Some(SetQualifier::ForAllValues), Some(SetQualifier::ForAnyValue)] {
                for if_exists in [false, true] {
                    for value in
                        ["true", "5", "2026-01-01T00:00:00Z", "10.0.0.0/8", "arn:aws:s3:::b*", "", "É*"]
                    {
                        let operator = Operator { set, kind, if_exists };
                        let values = vec![value.to_owned(), "x".to_owned()];
                        let condition = Condition { operator, key: "k".into(), values };
                        let line = Line::read(&condition, Variables::Substituted);
                        assert!(implies(&[&line], &line), "{operator} {value}");
                    }
                }
            }
        }
    }

    #[test]
    fn blocks_contradict_where_no_request_satisfies_both() {
        let cases = [
            (r#"{"StringEquals":{"k":"a"}}"#, r#"{"StringNotEquals":{"k":["a","b"]}}"#, true),
            (r#"{"StringEquals":{"k":["a","c"]}}"#, r#"{"StringNotEquals":{"k":["a","b"]}}"#, false),
            (r#"{"StringEqualsIfExists":{"k":"a"}}"#, r#"{"StringNotEquals":{"k":"a"}}"#, false),
            (r#"{"StringLike":{"k":"ab*"}}"#, r#"{"StringNotLike":{"k":"a*"}}"#, true),
            (r#"{"IpAddress":{"k":"10.1.0.0/16"}}"#, r#"{"NotIpAddress":{"k":"10.0.0.0/8"}}"#, true),
            (r#"{"Null":{"k":"true"}}"#, r#"{"Bool":{"k":"true"}}"#, true),
            (r#"{"Null":{"k":"true"}}"#, r#"{"BoolIfExists":{"k":"true"}}"#, false),
            (r#"{"Null":{"k":"true"}}"#, r#"{"Null":{"k":"false"}}"#, true),
            (
                r#"{"ForAllValues:StringEquals":{"k":"a"}}"#,
                r#"{"ForAnyValue:StringNotEquals":{"k":"a"}}"#,
                true,
            ),
            (r#"{"ForAnyValue:StringEquals":{"k":"a"}}"#, r#"{"ForAnyValue:StringEquals":{"k":"b"}}"#, false),
            (r#"{"StringEquals":{"k":"a"}}"#, r#"{"StringEquals":{"j":"b"}}"#, false),
            (
                r#"{"StringEquals":{"aws:RequestedRegion":"a"}}"#,
                r#"{"StringEquals":{"aws:RequestedRegion":["b","c"]}}"#,
                true,
            ),
            ("{}", "{}", false),
        ];
        for (one, other, expected) in cases {
            assert_eq!(contradict(&block(one), &block(other)), expected, "{one} against {other}");
            assert_eq!(contradict(&block(other), &block(one)), expected, "{other} against {one}");
        }
    }
}
