//! Where things lie in a stack, and within which limits actions are meant to be granted there.

use super::template::{ACCOUNT, REGION, Stack};
use crate::domain::calls::{Need, On};
use crate::iam::document::{Condition, Operator, OperatorKind};

/// Where things of a kind lie in a stack, and by way of what; nothing where the stack has none.
pub fn places(on: On, stack: &Stack<'_>) -> Vec<(Vec<String>, Vec<Condition>)> {
    let said = |name: &str| stack.parameter(name);
    let here = |service: &str, rest: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}");
    let iam = |rest: &str| format!("arn:aws:iam::{ACCOUNT}:{rest}");
    let each = |name: &str, arn: &dyn Fn(&str) -> String| said(name).iter().map(|text| arn(text)).collect();
    let resources: Vec<String> = match on {
        On::Anything => vec!["*".to_owned()],
        On::Table => each("TableName", &|name| here("dynamodb", &format!("table/{name}"))),
        On::Indexes => each("TableName", &|name| here("dynamodb", &format!("table/{name}/index/*"))),
        On::Secrets => vec![here("secretsmanager", "secret:alpha/*")],
        On::Roles => vec![iam("role/*")],
        On::RolesInScope => said("WritableRoles"),
        On::Policies => vec![iam("policy/*"), "arn:aws:iam::aws:policy/*".to_owned()],
        On::OwnPolicies => vec![own_policies()],
        On::EvidenceRole => {
            each("TrailBucket", &|_| iam("role/alpha-service/alpha-EvidenceRole-0123456789AB"))
        }
        On::Analyzers => vec![format!("arn:aws:access-analyzer:*:{ACCOUNT}:analyzer/*")],
        On::Trails => vec!["arn:aws:cloudtrail:*:*:trail/*".to_owned()],
        On::TrailBucket => each("TrailBucket", &|bucket| format!("arn:aws:s3:::{bucket}")),
        On::TrailFiles => {
            let prefix = said("TrailPrefix").concat();
            each("TrailBucket", &|bucket| format!("arn:aws:s3:::{bucket}/{prefix}AWSLogs/*"))
        }
        On::TrailKey if said("TrailBucket").is_empty() => Vec::new(),
        On::TrailKey => said("TrailKeyArn"),
        On::TrailLogs => {
            let groups: Vec<String> =
                each("TrailLogGroup", &|name| here("logs", &format!("log-group:{name}")));
            groups.iter().flat_map(|group| [group.clone(), format!("{group}:*")]).collect()
        }
        On::TrailQueries => each("TrailLogGroup", &|_| "*".to_owned()),
        On::Model => {
            return model(
                here("bedrock", &format!("inference-profile/{}", said("ModelProfile").concat())),
                stack,
            );
        }
        On::Guardrail => said("GuardrailArn"),
        On::MemberRoles => said("MemberRoles"),
        On::Repository => each("Repository", &|name| here("ecr", &format!("repository/{name}"))),
        On::ServiceLog => vec![here("logs", "log-group:/alpha/alpha:*")],
    };
    vec![(resources, Vec::new())]
}

/// The profile itself, and the models behind it by way of it alone.
fn model(profile: String, stack: &Stack<'_>) -> Vec<(Vec<String>, Vec<Condition>)> {
    let by_way_of_it = is(OperatorKind::ArnEquals, "bedrock:InferenceProfileArn", vec![profile.clone()]);
    vec![(vec![profile], Vec::new()), (stack.parameter("ModelArns"), vec![by_way_of_it])]
}

fn own_policies() -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/alpha/*")
}

/// What an action is limited by, besides its resources.
pub fn limits(need: Need, stack: &Stack<'_>) -> Vec<Condition> {
    let own_or = |name| std::iter::once(own_policies()).chain(stack.parameter(name)).collect();
    let policies = |key, values| Some(is(OperatorKind::ArnLike, key, values));
    match need.on {
        On::EvidenceRole => {
            let analyzer = vec!["access-analyzer.amazonaws.com".to_owned()];
            vec![is(OperatorKind::StringEquals, "iam:PassedToService", analyzer)]
        }
        On::RolesInScope => {
            let tag = stack.parameter("RoleTag");
            let tagged =
                (!tag.is_empty()).then(|| is(OperatorKind::StringEquals, "aws:ResourceTag/alpha-scope", tag));
            let policies = match need.action {
                "iam:AttachRolePolicy" | "iam:DetachRolePolicy" => {
                    policies("iam:PolicyARN", own_or("RestorablePolicies"))
                }
                "iam:PutRolePermissionsBoundary" => {
                    policies("iam:PermissionsBoundary", own_or("RestorableBoundaries"))
                }
                "iam:DeleteRolePermissionsBoundary" => {
                    policies("iam:PermissionsBoundary", vec![own_policies()])
                }
                _ => None,
            };
            tagged.into_iter().chain(policies).collect()
        }
        _ => Vec::new(),
    }
}

/// A condition.
pub fn is(kind: OperatorKind, key: &str, values: Vec<String>) -> Condition {
    Condition { operator: Operator { set: None, kind, if_exists: false }, key: key.to_owned(), values }
}
