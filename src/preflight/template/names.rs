//! What things would be called that a template makes. Where it leaves the name to CloudFormation, the end is made up.

use super::stack::{ACCOUNT, REGION};
use super::{Node, Resource, Stack, TemplateError};

type Result<T> = std::result::Result<T, TemplateError>;

/// The kinds that grants speak of: the property that names one, its ARN up to the name, and what comes behind.
const KINDS: &[(&str, &str, &str, &str)] = &[
    ("AWS::IAM::Role", "RoleName", "arn:aws:iam::{account}:role", ""),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName", "arn:aws:iam::{account}:policy", ""),
    ("AWS::DynamoDB::Table", "TableName", "arn:aws:dynamodb:{region}:{account}:table/", ""),
    ("AWS::Logs::LogGroup", "LogGroupName", "arn:aws:logs:{region}:{account}:log-group:", ":*"),
];

impl Stack<'_> {
    /// What `Ref` of a resource gives.
    pub(super) fn name(&self, id: &str, line: usize, depth: usize) -> Result<String> {
        let resource = self.find(id, line)?;
        match resource.kind.as_str() {
            "AWS::IAM::ManagedPolicy" => self.arn(resource, line, depth),
            _ => self.bare_name(resource, line, depth),
        }
    }

    /// What `Fn::GetAtt` of a resource's attribute gives.
    pub(super) fn attribute(&self, path: &str, line: usize, depth: usize) -> Result<String> {
        match path.split_once('.') {
            Some((id, "Arn" | "PolicyArn")) => self.arn(self.find(id, line)?, line, depth),
            _ => Err(TemplateError::at(line, format!("{path} isn't known here"))),
        }
    }

    /// The ARN of a role or of a managed policy, or of what these may be for.
    pub fn arn(&self, resource: &Resource, line: usize, depth: usize) -> Result<String> {
        let (_, start, end) = kind(resource, line)?;
        let start = start.replace("{account}", ACCOUNT).replace("{region}", REGION);
        let path = if start.ends_with([':', '/']) {
            String::new()
        } else {
            self.text(resource, "Path", depth)?.unwrap_or_else(|| "/".to_owned())
        };
        Ok(format!("{start}{path}{}{end}", self.bare_name(resource, line, depth)?))
    }

    /// The name of a role, a policy, a table, a log group.
    pub fn bare_name(&self, resource: &Resource, line: usize, depth: usize) -> Result<String> {
        let (property, ..) = kind(resource, line)?;
        let said = self.text(resource, property, depth)?;
        Ok(said.unwrap_or_else(|| format!("alpha-{}-0123456789AB", resource.id)))
    }

    fn text(&self, resource: &Resource, property: &str, depth: usize) -> Result<Option<String>> {
        let node = self.property(resource, property, depth + 1)?;
        Ok(node.as_ref().and_then(Node::text).map(str::to_owned))
    }

    fn find(&self, id: &str, line: usize) -> Result<&Resource> {
        let Some(resource) = self.template.resource(id) else {
            return Err(TemplateError::at(line, format!("there is neither a parameter nor a resource {id}")));
        };
        if !self.is_made(resource)? {
            return Err(TemplateError::at(line, format!("{id} isn't made where this refers to it")));
        }
        Ok(resource)
    }
}

fn kind(resource: &Resource, line: usize) -> Result<(&'static str, &'static str, &'static str)> {
    let known = KINDS.iter().find(|(kind, ..)| *kind == resource.kind);
    known.map(|(_, property, start, end)| (*property, *start, *end)).ok_or_else(|| {
        TemplateError::at(
            line,
            format!("what {} ({}) is called isn't known here", resource.id, resource.kind),
        )
    })
}
