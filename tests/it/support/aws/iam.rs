//! IAM, most of which moto has: what its operations need.
//!
//! From "Actions defined by AWS Identity and Access Management" of the service authorization reference: which resource
//! an action is done to, and which keys of `iam:` are in its context.

use super::callers::{Caller, Session};
use super::grants::Need;
use super::passage::Aws;
use super::wire::{Answer, Asked, Refusal};
use super::{last_accessed, simulation};

/// Those whose context has the boundary of the role.
const BOUNDED: &[&str] = &[
    "AttachRolePolicy",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DetachRolePolicy",
    "PutRolePolicy",
];

pub async fn needs(aws: &Aws, asked: &Asked, session: &Session) -> Option<Vec<Need>> {
    let account = &session.account;
    let action = format!("iam:{}", asked.operation);
    let need = match &*asked.operation {
        "CreateRole" => {
            Need::new(&action, created(account, "role", asked.get("Path"), asked.get("RoleName")?))
                .with("iam:PermissionsBoundary", asked.get("PermissionsBoundary"))
        }
        "GetRole"
        | "GetRolePolicy"
        | "ListRolePolicies"
        | "ListAttachedRolePolicies"
        | "ListRoleTags"
        | "PutRolePolicy"
        | "DeleteRolePolicy"
        | "AttachRolePolicy"
        | "DetachRolePolicy"
        | "PutRolePermissionsBoundary"
        | "DeleteRolePermissionsBoundary"
        | "UpdateAssumeRolePolicy"
        | "DeleteRole"
        | "TagRole"
        | "UntagRole"
        | "UpdateRole" => on_role(aws, asked, account, &action).await?,
        "CreatePolicy" => {
            Need::new(&action, created(account, "policy", asked.get("Path"), asked.get("PolicyName")?))
        }
        "GetPolicy"
        | "GetPolicyVersion"
        | "ListPolicyVersions"
        | "DeletePolicy"
        | "CreatePolicyVersion"
        | "DeletePolicyVersion"
        | "SetDefaultPolicyVersion"
        | "ListEntitiesForPolicy"
        | "ListPolicyTags" => Need::new(&action, asked.get("PolicyArn")?),
        "GenerateServiceLastAccessedDetails" => Need::new(&action, asked.get("Arn")?),
        "ListRoles" | "ListPolicies" | "GetServiceLastAccessedDetails" | "SimulateCustomPolicy" => {
            Need::new(&action, "*")
        }
        _ => return None,
    };
    Some(vec![need])
}

async fn on_role(aws: &Aws, asked: &Asked, account: &str, action: &str) -> Option<Need> {
    let name = asked.get("RoleName")?;
    let Some(role) = aws.moto.role(account, name).await else {
        return Some(Need::new(action, created(account, "role", None, name)));
    };
    let boundary = match &*asked.operation {
        "PutRolePermissionsBoundary" => asked.get("PermissionsBoundary"),
        operation if BOUNDED.contains(&operation) => role.boundary.as_deref(),
        _ => None,
    };
    let need = Need::new(action, &*role.arn).tagged(&role.tags);
    Some(need.with("iam:PolicyARN", asked.get("PolicyArn")).with("iam:PermissionsBoundary", boundary))
}

fn created(account: &str, kind: &str, path: Option<&str>, name: &str) -> String {
    format!("arn:aws:iam::{account}:{kind}{}{name}", path.unwrap_or("/"))
}

pub async fn answer(aws: &Aws, asked: &Asked, caller: &Caller) -> Option<Result<Answer, Refusal>> {
    match &*asked.operation {
        "GenerateServiceLastAccessedDetails" => Some(last_accessed::generate(aws, asked, caller).await),
        "GetServiceLastAccessedDetails" => Some(last_accessed::get(aws, asked, caller)),
        "SimulateCustomPolicy" => Some(simulation::simulate(asked)),
        _ => None,
    }
}
