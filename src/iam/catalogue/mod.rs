//! What AWS knows of its own actions: names, access levels, resource types, condition keys, dependents.

use super::actions::ActionSet;

/// The catalogue, opened in place.
#[derive(Debug)]
pub struct Catalogue;

/// One action, by its place in the catalogue's order (service, then name in lower case). An id means nothing outside
/// the catalogue that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActionId(pub(crate) u16);

/// AWS's access levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccessLevel {
    /// See that something exists.
    List,
    /// Read content.
    Read,
    /// Create, change, delete.
    Write,
    /// Change tags only.
    Tagging,
    /// Grant or take permissions.
    PermissionsManagement,
}

/// A resource type of a service.
#[derive(Debug, Clone, Copy)]
pub struct ResourceType {
    /// Such as `bucket`.
    pub name: &'static str,
    /// Such as `arn:${Partition}:s3:::${BucketName}`.
    pub arn: &'static str,
}

impl Catalogue {
    /// The catalogue in this binary.
    pub fn embedded() -> &'static Self {
        static CATALOGUE: Catalogue = Catalogue;
        &CATALOGUE
    }

    /// How many actions there are.
    pub fn len(&self) -> usize {
        todo!()
    }

    /// Finds `service:Name` without regard to case.
    pub fn find(&self, _name: &str) -> Option<ActionId> {
        todo!()
    }

    /// The service's prefix, such as `s3`.
    pub fn service_of(&self, _action: ActionId) -> &'static str {
        todo!()
    }

    /// The action's name in AWS's spelling, such as `GetObject`.
    pub fn name_of(&self, _action: ActionId) -> &'static str {
        todo!()
    }

    /// `service:Name` in AWS's spelling.
    pub fn full_name(&self, _action: ActionId) -> String {
        todo!()
    }

    /// The access level.
    pub fn level_of(&self, _action: ActionId) -> AccessLevel {
        todo!()
    }

    /// The resource types that the action can be restricted to, each with whether it is required. None: `*` only.
    pub fn resources_of(&self, _action: ActionId) -> impl Iterator<Item = (ResourceType, bool)> + '_ {
        std::iter::empty()
    }

    /// The condition keys that the action supports, beside the global ones (with `${TagKey}` and the like in place).
    pub fn condition_keys_of(&self, _action: ActionId) -> impl Iterator<Item = &'static str> + '_ {
        std::iter::empty()
    }

    /// Further actions that calling this one may need.
    pub fn dependents_of(&self, _action: ActionId) -> impl Iterator<Item = ActionId> + '_ {
        std::iter::empty()
    }

    /// Whether a service of this prefix exists.
    pub fn has_service(&self, _prefix: &str) -> bool {
        todo!()
    }

    /// All prefixes, in order.
    pub fn services(&self) -> impl Iterator<Item = &'static str> + '_ {
        std::iter::empty()
    }

    /// All actions of a service.
    pub fn actions_of(&self, _prefix: &str) -> impl Iterator<Item = ActionId> + '_ {
        std::iter::empty()
    }

    /// The actions that a pattern such as `s3:Get*` or `*` stands for.
    pub fn expand(&self, _pattern: &str) -> ActionSet {
        todo!()
    }

    /// The type of a condition key (`String`, `ArrayOfString`, `Numeric`, `Date`, `Bool`, `ARN`, ...), where it is known;
    /// the key's tag or name part may be filled in (`aws:ResourceTag/team`).
    pub fn condition_key_type(&self, _key: &str) -> Option<&'static str> {
        todo!()
    }

    /// The nearest existing names for one that doesn't exist, best first, three at most.
    pub fn suggest(&self, _name: &str) -> Vec<String> {
        todo!()
    }
}
