//! Grants that reach further than they seem to: passing roles, and creating service-linked ones.
//!
//! Only what is allowed can be too much: a Deny is never reported.

use crate::iam::arn::Arn;
use crate::iam::pattern::Pattern;

use super::finding::{Location, Report};
use super::issue::Issue;
use super::resources::without_colons_in_variables;
use super::structure::{Element, Policy, Statement};
use super::{Kind, PolicyType};

/// An action of the kind, and the issues by how action and resource are given.
struct Grant {
    action: &'static str,
    /// What the narrowest resource looks like that still is every one of them.
    all_of: &'static str,
    named_on_star: Issue,
    star_on_star: Issue,
    rest_on_star: Issue,
    named_on_rest: Issue,
    star_on_rest: Issue,
    rest_on_rest: Issue,
    /// Whether the statement's conditions narrow it enough.
    narrowed: fn(&Statement<'_>) -> bool,
    advice: &'static str,
}

const GRANTS: &[Grant] = &[
    Grant {
        action: "iam:passrole",
        all_of: "role/*",
        named_on_star: Issue::PassRoleWithStarInResource,
        star_on_star: Issue::PassRoleWithStarInActionAndResource,
        rest_on_star: Issue::PassRoleWithStarInResourceAndNotAction,
        named_on_rest: Issue::PassRoleWithNotResource,
        star_on_rest: Issue::PassRoleWithStarInActionAndNotResource,
        rest_on_rest: Issue::PassRoleWithNotActionAndNotResource,
        narrowed: names_receivers,
        advice: "This allows iam:PassRole on every role. Name the roles, or add a condition on iam:PassedToService.",
    },
    Grant {
        action: "iam:createservicelinkedrole",
        all_of: "role/aws-service-role/*",
        named_on_star: Issue::CreateSlrWithStarInResource,
        star_on_star: Issue::CreateSlrWithStarInActionAndResource,
        rest_on_star: Issue::CreateSlrWithStarInResourceAndNotAction,
        named_on_rest: Issue::CreateSlrWithNotResource,
        star_on_rest: Issue::CreateSlrWithStarInActionAndNotResource,
        rest_on_rest: Issue::CreateSlrWithNotActionAndNotResource,
        narrowed: names_services,
        advice: "This allows iam:CreateServiceLinkedRole for every service. Name the roles, or the services by a \
                 condition on iam:AWSServiceName.",
    },
];

pub(super) fn check(policy: &Policy<'_>, kind: &Kind, report: &mut Report) {
    if kind.policy != PolicyType::Identity {
        return;
    }
    for statement in policy.statements.iter().filter(|statement| statement.allows()) {
        let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else { continue };
        for grant in GRANTS {
            check_grant(grant, statement, actions, resources, report);
        }
    }
}

fn check_grant(
    grant: &Grant,
    statement: &Statement<'_>,
    actions: &Element<'_>,
    resources: &Element<'_>,
    report: &mut Report,
) {
    let wide = |item: &&super::structure::Text<'_>| names_all(item.text, grant.all_of);
    let reached: Vec<Location> = if resources.negated {
        if resources.items.is_empty() || resources.items.iter().any(|item| wide(&item)) {
            return;
        }
        vec![resources.at.clone()]
    } else {
        resources.items.iter().filter(wide).map(|item| item.at.clone()).collect()
    };
    if reached.is_empty() || (!resources.negated && (grant.narrowed)(statement)) {
        return;
    }
    let mut add = |on_star: Issue, on_rest: Issue, action: &Location| {
        let issue = if resources.negated { on_rest } else { on_star };
        let locations = std::iter::once(action.clone()).chain(reached.iter().cloned()).collect();
        report.add_all(issue, locations, grant.advice);
    };
    let mut matching =
        actions.items.iter().filter(|action| Pattern::action(action.text).matches(grant.action));
    if actions.negated {
        if !actions.items.is_empty() && matching.next().is_none() {
            add(grant.rest_on_star, grant.rest_on_rest, &actions.at);
        }
        return;
    }
    let mut star = false;
    for action in matching {
        if action.text.eq_ignore_ascii_case(grant.action) {
            add(grant.named_on_star, grant.named_on_rest, &action.at);
        } else if !std::mem::replace(&mut star, true) {
            add(grant.star_on_star, grant.star_on_rest, &action.at);
        }
    }
}

/// Whether a resource pattern covers every role of an account.
fn names_all(text: &str, all_of: &str) -> bool {
    let text = without_colons_in_variables(text);
    let (partition, account) = match Arn::parse(&text) {
        Some(arn) if arn.service.contains('*') || arn.service == "iam" => (arn.partition, arn.account),
        Some(_) => return false,
        None => ("aws", "111122223333"),
    };
    Pattern::resource(&text).covers(&Pattern::resource(&format!("arn:{partition}:iam::{account}:{all_of}")))
}

/// What holds where the key is missing, or for all services but some, names no receiver.
fn names_receivers(statement: &Statement<'_>) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.key.eq_ignore_ascii_case("iam:PassedToService")
            && !condition.operator.kind.is_negated()
            && !condition.operator.if_exists
            && condition.values.iter().all(|value| value.text != "*")
    })
}

/// A value with a wildcard names no service.
fn names_services(statement: &Statement<'_>) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.key.eq_ignore_ascii_case("iam:AWSServiceName")
            && !condition.operator.kind.is_negated()
            && !condition.operator.if_exists
            && !condition.values.iter().any(|value| value.text.contains('*'))
    })
}
