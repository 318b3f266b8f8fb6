//! The roles of a stack, with what they are granted and who may become them.

use super::finding::{Finding, Kind};
use super::policy::Policy;
use super::template::{Node, Resource, Stack, Template, TemplateError};

type Result<T> = std::result::Result<T, TemplateError>;

/// Where everything of ALPHA's own lies, which it may not touch.
pub const PATH: &str = "/alpha-service/";

/// Properties by which grants could come about that aren't compared.
const ELSEWHERE: &[&str] = &["PolicyDocument", "ResourcePolicy", "KeyPolicy", "RepositoryPolicyText"];
const NESTED: &str = "AWS::CloudFormation::Stack";
const ROLE_ELSEWHERE: &[&str] = &["PermissionsBoundary"];
const POLICY_ELSEWHERE: &[&str] = &["Users", "Groups"];

/// A role.
#[derive(Debug)]
pub struct Role {
    /// Its name in the template.
    pub id: String,
    /// Where it begins.
    pub line: usize,
    /// Its ARN.
    pub arn: String,
    /// Who may become it.
    pub trust: Policy,
    /// What it is granted.
    pub grants: Vec<Policy>,
}

/// The roles that a stack makes, and what of it can't be told or isn't where it has to be.
pub fn roles(template: &Template, stack: &Stack<'_>) -> Result<(Vec<Role>, Vec<Finding>)> {
    let mut findings = grants_elsewhere(template);
    let (mut roles, mut managed) = (Vec::new(), Vec::new());
    for (resource, node) in stack.made()? {
        match resource.kind.as_str() {
            "AWS::IAM::Role" => {
                let name = stack.bare_name(resource, resource.line, 0)?;
                roles.push((role(resource, &node, stack)?, name, texts(&node, "ManagedPolicyArns")));
                unjudged(resource, &node, ROLE_ELSEWHERE, &mut findings);
            }
            "AWS::IAM::ManagedPolicy" => {
                let arn = stack.arn(resource, resource.line, 0)?;
                let policy = policy(&resource.id, &node, resource.line)?;
                managed.push(Managed { arn, policy, roles: texts(&node, "Roles") });
                unjudged(resource, &node, POLICY_ELSEWHERE, &mut findings);
            }
            kind => findings.push(Finding::about(
                &resource.id,
                resource.line,
                Kind::Invalid,
                format!("what {kind} grants isn't compared; grants are AWS::IAM::ManagedPolicy"),
            )),
        }
        if node.get("Path").and_then(Node::text) != Some(PATH) {
            let text = format!("lies outside {PATH}, where ALPHA can't change it");
            findings.push(Finding::about(&resource.id, resource.line, Kind::Invalid, text));
        }
    }
    let mut unclaimed: Vec<&Managed> = managed.iter().collect();
    for (role, name, arns) in &mut roles {
        for arn in arns.iter().filter(|arn| !managed.iter().any(|policy| policy.arn == **arn)) {
            let text = format!("{arn} is attached, and what it grants isn't known here");
            findings.push(Finding::about(&role.id, role.line, Kind::Invalid, text));
        }
        let is_its = |policy: &Managed| arns.contains(&policy.arn) || policy.roles.contains(name);
        unclaimed.retain(|policy| !is_its(policy));
        role.grants.extend(managed.iter().filter(|policy| is_its(policy)).map(|it| it.policy.clone()));
    }
    for Managed { policy, .. } in unclaimed {
        findings.push(Finding::about(&policy.id, policy.line, Kind::Superfluous, "is attached to no role"));
    }
    for Managed { policy, roles: named, .. } in &managed {
        for stranger in named.iter().filter(|named| !roles.iter().any(|(_, name, _)| name == *named)) {
            let text = format!("is attached to {stranger}, which is no role of the template");
            findings.push(Finding::about(&policy.id, policy.line, Kind::Superfluous, text));
        }
    }
    Ok((roles.into_iter().map(|(role, ..)| role).collect(), findings))
}

/// A managed policy, and the names of the roles that it says it is for.
struct Managed {
    arn: String,
    policy: Policy,
    roles: Vec<String>,
}

fn role(resource: &Resource, node: &Node, stack: &Stack<'_>) -> Result<Role> {
    let Some(trust) = node.get("AssumeRolePolicyDocument") else {
        return Err(TemplateError::at(
            resource.line,
            format!("{} has no AssumeRolePolicyDocument", resource.id),
        ));
    };
    let inline = node.get("Policies").map_or(&[][..], Node::items);
    Ok(Role {
        id: resource.id.clone(),
        line: resource.line,
        arn: stack.arn(resource, resource.line, 0)?,
        trust: Policy::read(format!("{} (trust)", resource.id), trust)?,
        grants: inline.iter().map(|node| policy(&resource.id, node, node.line)).collect::<Result<_>>()?,
    })
}

fn policy(id: &str, node: &Node, line: usize) -> Result<Policy> {
    let Some(document) = node.get("PolicyDocument") else {
        return Err(TemplateError::at(line, format!("{id} has no PolicyDocument")));
    };
    Policy::read(id.to_owned(), document)
}

fn texts(node: &Node, property: &str) -> Vec<String> {
    let items = node.get(property).map_or(&[][..], Node::items);
    items.iter().filter_map(Node::text).map(str::to_owned).collect()
}

fn unjudged(resource: &Resource, node: &Node, names: &[&str], findings: &mut Vec<Finding>) {
    for name in names.iter().filter(|name| node.get(name).is_some()) {
        let text = format!("what {name} makes of its grants isn't compared");
        findings.push(Finding::about(&resource.id, resource.line, Kind::Invalid, text));
    }
}

fn grants_elsewhere(template: &Template) -> Vec<Finding> {
    let others = template.resources.iter().filter(|resource| !resource.kind.starts_with("AWS::IAM::"));
    let granting = others.filter(|resource| {
        resource.kind == NESTED || ELSEWHERE.iter().any(|property| resource.has(property))
    });
    let text = "may grant in a way that isn't compared; grants are AWS::IAM::ManagedPolicy";
    granting.map(|resource| Finding::about(&resource.id, resource.line, Kind::Invalid, text)).collect()
}
