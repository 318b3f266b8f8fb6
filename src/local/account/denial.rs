//! Whether a call is allowed, decided by the policy engine, and how AWS words it when it isn't.

use super::profile::{Habit, Profile};
use crate::domain::role::Snapshot;
use crate::iam::cloudtrail::{Call, Need, Needs};
use crate::iam::evaluate::{Context, Decision, Evaluator, PolicyKind, PolicySet, Request, Target, Verdict};

/// The policies of a role, ready to decide.
pub(super) fn evaluator(role: &Snapshot) -> Evaluator {
    Evaluator::from(PolicySet {
        identity: role.policies(),
        boundaries: role.boundaries(),
        ..PolicySet::default()
    })
}

/// Why a call is refused, as `errorCode` and `errorMessage`; none where it is allowed. What can't be decided is refused.
pub(super) fn of(
    profile: &Profile,
    role: &Snapshot,
    evaluator: &Evaluator,
    habit: &Habit,
    call: &Call<'_>,
) -> Option<(&'static str, String)> {
    let needs = match &call.needs {
        Needs::All(needs) => needs.as_slice(),
        Needs::Nothing | Needs::Unknown => &[],
    };
    let context = context(role, call);
    needs.iter().find_map(|need| {
        let verdict = evaluator.evaluate_caller_side(&Request {
            action: need.action.to_string(),
            principal: profile.session_arn(),
            resource: need.resource.clone(),
            resource_account: Some(profile.account.to_string()),
            context: context.clone(),
        });
        let refused = verdict.decision != Decision::Allowed;
        refused.then(|| (code(habit.source()), words(profile, need, &verdict)))
    })
}

/// What AWS knows of a call: what its record tells, and the role's tags.
fn context(role: &Snapshot, call: &Call<'_>) -> Context {
    let mut context = Context::closed();
    for (key, values) in &call.context {
        context.insert(key, values.clone());
    }
    for (key, value) in &role.tags {
        context.insert(&format!("aws:PrincipalTag/{key}"), vec![value.clone()]);
    }
    context
}

fn code(source: &str) -> &'static str {
    match source {
        "ec2" => "Client.UnauthorizedOperation",
        "athena" | "ecr" | "glue" | "kms" | "lambda" | "secretsmanager" | "ssm" => "AccessDeniedException",
        _ => "AccessDenied",
    }
}

fn words(profile: &Profile, need: &Need, verdict: &Verdict) -> String {
    let on = match &need.resource {
        Target::Named(resource) if resource != "*" => format!(" on resource: {resource}"),
        Target::Named(_) | Target::Unknown => String::new(),
    };
    let by_boundary = verdict.blocked_by.contains(&PolicyKind::Boundary)
        && !verdict.blocked_by.contains(&PolicyKind::Identity);
    let why = match (verdict.decision, by_boundary) {
        (Decision::ExplicitlyDenied, true) => "with an explicit deny in a permissions boundary".to_owned(),
        (Decision::ExplicitlyDenied, false) => "with an explicit deny in an identity-based policy".to_owned(),
        (_, true) => format!("because no permissions boundary allows the {} action", need.action),
        (_, false) => format!("because no identity-based policy allows the {} action", need.action),
    };
    format!("User: {} is not authorized to perform: {}{on} {why}", profile.session_arn(), need.action)
}
