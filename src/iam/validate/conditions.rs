//! Condition keys and operators: that the keys exist, and that operator and key go together.

use crate::iam::catalogue::Catalogue;
use crate::iam::document::{OperatorKind, SetQualifier};

use super::finding::Report;
use super::issue::Issue;
use super::structure::{Condition, Policy, Statement};
use super::{Kind, PolicyType};

/// What compares, or what is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Text,
    Arn,
    Bool,
    Number,
    Date,
    Ip,
    Binary,
}

impl Family {
    pub fn of_operator(kind: OperatorKind) -> Option<Self> {
        use OperatorKind as O;
        Some(match kind {
            O::StringEquals
            | O::StringNotEquals
            | O::StringEqualsIgnoreCase
            | O::StringNotEqualsIgnoreCase
            | O::StringLike
            | O::StringNotLike => Self::Text,
            O::NumericEquals
            | O::NumericNotEquals
            | O::NumericLessThan
            | O::NumericLessThanEquals
            | O::NumericGreaterThan
            | O::NumericGreaterThanEquals => Self::Number,
            O::DateEquals
            | O::DateNotEquals
            | O::DateLessThan
            | O::DateLessThanEquals
            | O::DateGreaterThan
            | O::DateGreaterThanEquals => Self::Date,
            O::Bool => Self::Bool,
            O::BinaryEquals => Self::Binary,
            O::IpAddress | O::NotIpAddress => Self::Ip,
            O::ArnEquals | O::ArnNotEquals | O::ArnLike | O::ArnNotLike => Self::Arn,
            O::Null => return None,
        })
    }

    /// The type that a reference gives a key, and whether a request can have several values of it.
    fn of_key(kind: &str) -> Option<(Self, bool)> {
        let (kind, many) = match kind.strip_prefix("ArrayOf") {
            Some(kind) => (kind, true),
            None => (kind, false),
        };
        let family = match kind.to_ascii_lowercase().as_str() {
            "string" => Self::Text,
            "arn" => Self::Arn,
            "bool" | "boolean" => Self::Bool,
            "numeric" | "long" | "integer" => Self::Number,
            "date" => Self::Date,
            "ipaddress" => Self::Ip,
            "binary" => Self::Binary,
            _ => return None,
        };
        Some((family, many))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "String",
            Self::Arn => "ARN",
            Self::Bool => "Boolean",
            Self::Number => "Numeric",
            Self::Date => "Date",
            Self::Ip => "IP address",
            Self::Binary => "Binary",
        }
    }

    /// Whether operators of this family compare keys of that one. ARNs and binary values are texts too, a text may be
    /// an ARN, and dates may be given as seconds since 1970.
    fn compares(self, key: Self) -> bool {
        self == key
            || matches!(
                (self, key),
                (Self::Text, Self::Arn | Self::Binary)
                    | (Self::Arn, Self::Text)
                    | (Self::Number, Self::Date)
                    | (Self::Date, Self::Number)
            )
    }
}

pub(super) fn check(policy: &Policy<'_>, kind: &Kind, report: &mut Report) {
    let catalogue = Catalogue::embedded();
    for statement in &policy.statements {
        for condition in &statement.conditions {
            let kind = catalogue.condition_key_type(condition.key);
            let family = kind.and_then(Family::of_key);
            check_key(condition, kind.is_some(), catalogue, report);
            check_qualifier(condition, family, report);
            check_operator(condition, family, report);
            check_empty(condition, report);
            check_trust(condition, report);
            check_s3_prefix(condition, statement, report);
        }
        check_pairs(statement, kind, report);
    }
}

fn check_key(condition: &Condition<'_>, listed: bool, catalogue: &Catalogue, report: &mut Report) {
    let (key, at) = (condition.key, &condition.at);
    let Some((prefix, name)) = key.split_once(':') else {
        let details = format!("{key:?} is no condition key: these are as service:name.");
        return report.add(Issue::InvalidConditionKeyFormat, at, details);
    };
    let tags = ["aws:ResourceTag", "aws:RequestTag", "aws:PrincipalTag"];
    if let Some(tag) = tags.iter().find(|tag| key.trim_end_matches('/').eq_ignore_ascii_case(tag)) {
        let details = format!("{tag} needs the key of a tag: {tag}/team.");
        return report.add(Issue::MissingTagKeyInCondition, at, details);
    }
    if key.eq_ignore_ascii_case("aws:ARN") {
        let details = "aws:ARN is out of use. Use aws:PrincipalArn.";
        return report.add(Issue::DeprecatedGlobalConditionKey, at, details);
    }
    let known = listed || of_a_tag(key, catalogue);
    // Keys of identity providers begin with a host's name, or saml, and aren't in any reference.
    if known || name.is_empty() || prefix.contains('.') || prefix.eq_ignore_ascii_case("saml") {
        return;
    }
    if prefix.eq_ignore_ascii_case("aws") {
        report.add(Issue::InvalidGlobalConditionKey, at, format!("There is no global condition key {key}."));
    } else if !catalogue.has_service(prefix) {
        report.add(
            Issue::InvalidService,
            at,
            format!("There is no service {prefix:?}, so no condition key {key}."),
        );
    } else {
        report.add(
            Issue::InvalidServiceConditionKey,
            at,
            format!("The service {prefix} has no condition key {key}."),
        );
    }
}

/// Some references write the tag's key as plain `tag-key`.
fn of_a_tag(key: &str, catalogue: &Catalogue) -> bool {
    key.split_once('/')
        .is_some_and(|(fixed, _)| catalogue.condition_key_type(&format!("{fixed}/tag-key")).is_some())
}

/// `ForAllValues:` and `ForAnyValue:` belong to keys that can have several values, and to these only.
fn check_qualifier(condition: &Condition<'_>, family: Option<(Family, bool)>, report: &mut Report) {
    let (key, at) = (condition.key, &condition.at);
    let audience = key.to_ascii_lowercase();
    match (condition.operator.set, family) {
        (Some(_), _) if condition.operator.kind == OperatorKind::Null => report.add(
            Issue::NullWithQualifier,
            at,
            "With ForAllValues Null is always true, with ForAnyValue always false. Remove the qualifier.",
        ),
        (Some(SetQualifier::ForAllValues), Some((_, false))) => report.add(
            Issue::ForAllValuesWithSingleValuedKey,
            at,
            format!("{key} has one value, and ForAllValues is true where it has none. Remove ForAllValues."),
        ),
        (Some(SetQualifier::ForAnyValue), _)
            if [
                "token.actions.githubusercontent.com:aud",
                "cognito-identity.amazonaws.com:aud",
                "accounts.google.com:aud",
            ]
            .contains(&audience.as_str()) =>
        {
            report.add(
                Issue::ForAnyValueWithAudience,
                at,
                format!("{key} has one value. Remove ForAnyValue."),
            );
        }
        (None, Some((_, true))) if condition.operator.kind != OperatorKind::Null => report.add(
            Issue::MissingQualifier,
            at,
            format!("{key} can have several values. Use ForAllValues or ForAnyValue."),
        ),
        _ => {}
    }
}

fn check_operator(condition: &Condition<'_>, family: Option<(Family, bool)>, report: &mut Report) {
    let Some(own) = Family::of_operator(condition.operator.kind) else { return };
    let Some((key, _)) = family else { return };
    let like = matches!(condition.operator.kind, OperatorKind::StringLike | OperatorKind::StringNotLike);
    let details = format!(
        "{} holds values of the type {}. Use an operator of that type instead of {}.",
        condition.key,
        key.name(),
        condition.operator
    );
    if like && key == Family::Arn {
        report.add(Issue::StringLikeWithArnKeys, &condition.at, details);
    } else if !own.compares(key) {
        report.add(Issue::TypeMismatch, &condition.at, details);
    }
}

fn check_empty(condition: &Condition<'_>, report: &mut Report) {
    if !condition.values.is_empty() {
        return;
    }
    let key = condition.key;
    let null = "To ask whether a key is missing use Null with true.";
    let (issue, details) = match (condition.operator.set, condition.operator.if_exists) {
        (Some(SetQualifier::ForAllValues), _) => (
            Issue::EmptyArrayConditionForAllValues,
            format!("ForAllValues without values is true only where {key} is missing. {null}"),
        ),
        (Some(SetQualifier::ForAnyValue), _) => (
            Issue::EmptyArrayConditionForAnyValue,
            format!("ForAnyValue without values is never true, whatever {key} is. Add values."),
        ),
        (None, true) => (
            Issue::EmptyArrayConditionIfExists,
            format!("IfExists without values is true only where {key} is missing. {null}"),
        ),
        (None, false) => {
            (Issue::EmptyArrayCondition, format!("The condition on {key} has no values. Add some."))
        }
    };
    report.add(issue, &condition.at, details);
}

/// Keys whose value the caller chooses freely.
fn check_trust(condition: &Condition<'_>, report: &mut Report) {
    if ["aws:UserAgent", "aws:referer"].iter().any(|key| key.eq_ignore_ascii_case(condition.key)) {
        report.add(
            Issue::UntrustworthyConditionKey,
            &condition.at,
            format!("The caller can set {} to anything. Don't control access by it.", condition.key),
        );
    }
}

/// A caller who asks for a shorter prefix escapes a condition that only names longer ones.
fn check_s3_prefix(condition: &Condition<'_>, statement: &Statement<'_>, report: &mut Report) {
    let text = Family::of_operator(condition.operator.kind) == Some(Family::Text);
    let escapes = statement.effect.is_some() && statement.allows() == condition.operator.kind.is_negated();
    if text && escapes && condition.key.eq_ignore_ascii_case("s3:prefix") {
        report.add(
            Issue::S3PrefixInNegativeContext,
            &condition.at,
            "Whoever asks for a shorter prefix escapes this. Allow with StringLike, or deny with StringNotLike.",
        );
    }
}

/// Keys that are weak by themselves.
fn check_pairs(statement: &Statement<'_>, kind: &Kind, report: &mut Report) {
    let vpc = ["aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn"];
    for condition in &statement.conditions {
        if condition.key.eq_ignore_ascii_case("aws:VpcSourceIp")
            && !vpc.iter().any(|key| statement.has_key(key))
        {
            report.add(
                Issue::MissingPairedConditionKeys,
                &condition.at,
                "Private addresses are the same in every VPC. Add a condition on aws:SourceVpc.",
            );
        }
        if statement.allows()
            && kind.policy == PolicyType::Identity
            && condition.key.eq_ignore_ascii_case("dynamodb:Attributes")
            && !statement.has_key("dynamodb:Select")
        {
            report.add(
                Issue::DynamoDbAttributesWithoutSelect,
                &condition.at,
                "A read without a projection returns all attributes. Require dynamodb:Select to be SPECIFIC_ATTRIBUTES.",
            );
        }
    }
}
