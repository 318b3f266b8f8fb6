//! Values of conditions: that they are of the operator's type, and mean what they seem to.

use core::net::IpAddr;
use std::str::FromStr;

use base64::Engine;
use ipnet::IpNet;

use crate::iam::document::OperatorKind;

use super::Kind;
use super::conditions::Family;
use super::finding::Report;
use super::issue::Issue;
use super::principals::is_service_principal;
use super::resources::is_region;
use super::structure::{Condition, Policy, Value};

/// Keys in which AWS sees no use of a wildcard.
const SENSITIVE: &[&str] = &[
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpceAccount",
    "aws:VpceOrgID",
];

pub(super) fn check(policy: &Policy<'_>, _: &Kind, report: &mut Report) {
    for condition in policy.statements.iter().flat_map(|statement| &statement.conditions) {
        // Variables have checks of their own.
        for value in condition.values.iter().filter(|value| !value.text.contains("${")) {
            check_type(condition, value, report);
            check_wildcard(condition, value, report);
            check_form(condition, value, report);
        }
        check_private(condition, report);
        if condition.operator.kind == OperatorKind::Bool
            && condition.operator.set.is_none()
            && condition.values.len() > 1
        {
            report.add(
                Issue::InvalidConditionMultipleBoolean,
                &condition.at,
                format!("{} takes one boolean value.", condition.key),
            );
        }
    }
}

fn check_type(condition: &Condition<'_>, value: &Value<'_>, report: &mut Report) {
    let (text, at, operator) = (value.text.as_ref(), &value.at, condition.operator);
    let boolean = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    match Family::of_operator(operator.kind) {
        Some(Family::Bool) | None if !boolean => {
            report.add(
                Issue::TypeMismatchBoolean,
                at,
                format!("{operator} takes true or false, not {text:?}."),
            );
        }
        Some(Family::Number) if text.trim().parse::<f64>().is_err() => {
            report.add(Issue::TypeMismatchNumber, at, format!("{operator} takes numbers, not {text:?}."));
        }
        Some(Family::Date) if text.parse::<i64>().is_ok() && !is_year(text) => report.add(
            Issue::InvalidDateValue,
            at,
            format!("Seconds since 1970 are easily misread. Write {text} as YYYY-MM-DD or with its time."),
        ),
        Some(Family::Date) if !is_date(text) => report.add(
            Issue::TypeMismatchDate,
            at,
            format!("{operator} takes dates such as 2026-01-31 or 2026-01-31T12:00:00Z, not {text:?}."),
        ),
        Some(Family::Ip) => check_address(condition, value, report),
        Some(Family::Binary) if base64::engine::general_purpose::STANDARD.decode(text).is_err() => {
            report.add(Issue::TypeMismatchString, at, format!("{operator} takes base64, not {text:?}."));
        }
        _ => {}
    }
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|c| c.is_ascii_digit())
}

/// The forms of W3C's note on dates: a year, a month, a day, and a time with its offset.
fn is_date(text: &str) -> bool {
    use jiff::Timestamp;
    use jiff::civil::Date;
    let whole_month = |text: &str| text.len() == 7 && Date::from_str(&format!("{text}-01")).is_ok();
    let minutes = |text: &str| {
        let (time, zone) = text.split_at_checked(16)?;
        Timestamp::from_str(&format!("{time}:00{zone}")).ok()
    };
    is_year(text)
        || whole_month(text)
        || (text.len() == 10 && Date::from_str(text).is_ok())
        || (text.contains('T') && (Timestamp::from_str(text).is_ok() || minutes(text).is_some()))
}

fn check_address(condition: &Condition<'_>, value: &Value<'_>, report: &mut Report) {
    let text = value.text.as_ref();
    match network(text) {
        None => report.add(
            Issue::TypeMismatchIpRange,
            &value.at,
            format!(
                "{} takes addresses and ranges such as 203.0.113.0/24, not {text:?}.",
                condition.operator
            ),
        ),
        Some(network) if network.addr() != network.network() => report.add(
            Issue::ImproveIpRange,
            &value.at,
            format!("The bits after the mask don't count. Write {text} as {}.", network.trunc()),
        ),
        Some(_) => {}
    }
}

fn network(text: &str) -> Option<IpNet> {
    IpNet::from_str(text).ok().or_else(|| IpAddr::from_str(text).ok().map(IpNet::from))
}

/// `aws:SourceIp` is the address that AWS sees, and that is never a private one.
fn check_private(condition: &Condition<'_>, report: &mut Report) {
    if !condition.key.eq_ignore_ascii_case("aws:SourceIp") {
        return;
    }
    let networks: Vec<IpNet> = condition.values.iter().filter_map(|value| network(&value.text)).collect();
    let private = networks.iter().filter(|network| is_private(network)).count();
    let all = private == condition.values.len();
    let issue = match condition.operator.kind {
        _ if private == 0 => return,
        OperatorKind::IpAddress if all => Issue::PrivateIpAddress,
        OperatorKind::IpAddress => Issue::PrivateIpAddressSubset,
        OperatorKind::NotIpAddress if all => Issue::PrivateNotIpAddress,
        OperatorKind::NotIpAddress => Issue::PrivateNotIpAddressSubset,
        _ => return,
    };
    report.add(
        issue,
        &condition.at,
        "aws:SourceIp never is a private address. For those use aws:VpcSourceIp.",
    );
}

fn is_private(network: &IpNet) -> bool {
    const RANGES: &[&str] = &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
    RANGES.iter().filter_map(|range| IpNet::from_str(range).ok()).any(|range| range.contains(network))
}

fn check_wildcard(condition: &Condition<'_>, value: &Value<'_>, report: &mut Report) {
    if !value.text.contains(['*', '?']) {
        return;
    }
    let sensitive = SENSITIVE.iter().any(|key| key.eq_ignore_ascii_case(condition.key));
    match condition.operator.kind {
        OperatorKind::StringEquals
        | OperatorKind::StringNotEquals
        | OperatorKind::StringEqualsIgnoreCase
        | OperatorKind::StringNotEqualsIgnoreCase => report.add(
            Issue::WildcardWithoutLikeOperator,
            &value.at,
            format!("{} takes * and ? as they are. For wildcards use StringLike.", condition.operator),
        ),
        OperatorKind::StringLike | OperatorKind::StringNotLike if sensitive => report.add(
            Issue::WildcardUsageTooPermissive,
            &value.at,
            format!("A wildcard in {} may match what you don't mean. Write the value out.", condition.key),
        ),
        _ => {}
    }
}

/// Values whose form their key prescribes.
fn check_form(condition: &Condition<'_>, value: &Value<'_>, report: &mut Report) {
    let text = value.text.as_ref();
    if Family::of_operator(condition.operator.kind) != Some(Family::Text) || text.contains(['*', '?']) {
        return;
    }
    let is = |key: &str| condition.key.eq_ignore_ascii_case(key);
    let finding = if is("aws:SourceVpc") && !is_id(text, "vpc-") {
        (Issue::InvalidVpcFormat, format!("{text:?} is no VPC: vpc- and 8 or 17 characters."))
    } else if is("aws:SourceVpce") && !is_id(text, "vpce-") {
        (Issue::InvalidVpceFormat, format!("{text:?} is no VPC endpoint: vpce- and 8 or 17 characters."))
    } else if is("aws:RequestedRegion") && !is_region(text) && text != "aws-global" {
        (Issue::InvalidRegion, format!("{text:?} is no Region."))
    } else if (is("iam:PassedToService") || is("aws:PrincipalServiceName") || is("aws:CalledVia"))
        && !is_service_principal(text)
    {
        (
            Issue::InvalidServicePrincipalFormat,
            format!("{text:?} is no service principal. Use the format service-name.amazonaws.com."),
        )
    } else if is("kms:ViaService") && !is_service_in_region(text) {
        (
            Issue::InvalidServicePrincipalFormat,
            format!("{text:?} is no service in a Region. Use the format service-name.region.amazonaws.com."),
        )
    } else {
        return;
    };
    report.add(finding.0, &value.at, finding.1);
}

fn is_service_in_region(text: &str) -> bool {
    let name = text.strip_suffix(".cn").unwrap_or(text).strip_suffix(".amazonaws.com");
    name.and_then(|name| name.rsplit_once('.')).is_some_and(|(service, region)| {
        is_region(region) && !service.is_empty() && !service.bytes().any(|c| c.is_ascii_uppercase())
    })
}

fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|id| [8, 17].contains(&id.len()) && id.bytes().all(|c| c.is_ascii_alphanumeric()))
}
