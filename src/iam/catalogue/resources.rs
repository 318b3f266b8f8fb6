//! Which resource types an ARN or a `Resource` pattern can name, by the formats that AWS publishes.

use super::{ActionId, Catalogue, ResourceType};
use crate::iam::pattern::{Pattern, Setting, Variables};

impl Catalogue {
    /// The resource types of an action that an ARN or a `Resource` pattern can name, each with whether it is required.
    /// None, though the action has resource types: the action can't be done to what `resource` names.
    pub fn resources_matching(&self, action: ActionId, resource: &str) -> Vec<(ResourceType, bool)> {
        let pattern = Pattern::resource(resource);
        self.resources_of(action).filter(|(kind, _)| kind.can_be(resource, &pattern)).collect()
    }
}

impl ResourceType {
    /// The format as a pattern: each of its variables is any text, within its component.
    pub fn pattern(&self) -> Pattern {
        Pattern::parse(&with_wildcards(self.arn), Setting::ArnLike, Variables::Literal)
    }

    /// Whether an ARN or a `Resource` pattern can name a resource of this type.
    pub fn matches(&self, resource: &str) -> bool {
        self.can_be(resource, &Pattern::resource(resource))
    }

    fn can_be(&self, resource: &str, pattern: &Pattern) -> bool {
        // A bucket's name has no slash; all other names may, as far as the formats tell.
        let slash_less = self.arn.ends_with(":${BucketName}");
        if slash_less && resource.splitn(6, ':').nth(5).is_some_and(|name| name.contains('/')) {
            return false;
        }
        self.pattern().overlaps(pattern)
    }
}

/// `${Name}` and `<name>` as `*`.
pub(super) fn with_wildcards(template: &str) -> String {
    let mut pattern = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("${").or_else(|| rest.find('<')) {
        let close = if rest[start..].starts_with('<') { '>' } else { '}' };
        let Some(length) = rest[start..].find(close) else { break };
        pattern.push_str(&rest[..start]);
        pattern.push('*');
        rest = &rest[start + length + 1..];
    }
    pattern + rest
}
