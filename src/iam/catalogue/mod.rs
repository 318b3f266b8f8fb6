//! What AWS knows of its own actions: names, access levels, resource types, condition keys, dependents.
//!
//! The facts lie in `data/catalogue.bin`, which is part of the binary and opened in place. Names are compared without
//! regard to case and answered in AWS's spelling. The catalogue never guesses: `find` answers `None` for a name that
//! doesn't exist, and `suggest` is for people.

mod expand;
mod format;
mod resources;
mod suggest;
mod tables;
mod templates;
#[cfg(test)]
mod tests;
pub(crate) mod words;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::OnceLock;

use format::{HAS_MODEL, LEVEL_SHIFT, OPERATION, REQUIRED, TAKES_RCP};
use tables::{Tables, column};
use templates::Templates;

/// The catalogue, opened in place.
pub struct Catalogue {
    tables: Tables,
    /// The condition keys with placeholders, found when first asked for.
    templates: OnceLock<Templates>,
}

/// One action, by its place in the catalogue's order (service, then name in lower case). An id means nothing outside
/// the catalogue that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActionId(pub(crate) u16);

impl ActionId {
    /// The action at a place of the catalogue's order, which has no more places than 16 bits can name.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the catalogue's writer refuses more than 65,535 actions"
    )]
    pub(crate) fn at(place: usize) -> Self {
        Self(place as u16)
    }
}

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

impl AccessLevel {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Tagging => "Tagging",
            Self::PermissionsManagement => "Permissions management",
        }
    }
}

impl fmt::Display for AccessLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A resource type of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResourceType {
    /// Such as `bucket`.
    pub name: &'static str,
    /// Such as `arn:${Partition}:s3:::${BucketName}`.
    pub arn: &'static str,
    keys: u16,
}

impl Catalogue {
    /// The catalogue in this binary.
    pub fn embedded() -> &'static Self {
        static CATALOGUE: Catalogue = Catalogue {
            tables: Tables::open(include_bytes!("../../../data/catalogue.bin")),
            templates: OnceLock::new(),
        };
        &CATALOGUE
    }

    /// Where the facts come from, with versions.
    pub fn sources(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.tables.sources.iter().map(|row| self.tables.text(column(row, 0)))
    }

    /// How many actions there are.
    pub fn len(&self) -> usize {
        self.tables.actions.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All actions, in order.
    pub fn actions(&self) -> impl Iterator<Item = ActionId> + '_ {
        (0..self.len()).map(ActionId::at)
    }

    /// Finds `service:Name` without regard to case.
    pub fn find(&self, name: &str) -> Option<ActionId> {
        let (prefix, name) = name.split_once(':')?;
        let places = self.span(self.service(prefix)?);
        let name = name.to_ascii_lowercase();
        let place = self.first_from(places.clone(), name.as_bytes());
        let found = places.contains(&place) && self.tables.lower(place) == name.as_bytes();
        found.then(|| ActionId::at(place))
    }

    /// The service's prefix, such as `s3`.
    pub fn service_of(&self, action: ActionId) -> &'static str {
        let service = column(self.row(action), 1) & (OPERATION - 1);
        self.tables.text(column(&self.tables.services[usize::from(service)], 0))
    }

    /// The action's name in AWS's spelling, such as `GetObject`.
    pub fn name_of(&self, action: ActionId) -> &'static str {
        self.tables.text(column(self.row(action), 0))
    }

    /// `service:Name` in AWS's spelling.
    pub fn full_name(&self, action: ActionId) -> String {
        let (service, name) = (self.service_of(action), self.name_of(action));
        let mut full = String::with_capacity(service.len() + 1 + name.len());
        full.push_str(service);
        full.push(':');
        full.push_str(name);
        full
    }

    /// The access level.
    pub fn level_of(&self, action: ActionId) -> AccessLevel {
        match column(self.row(action), 1) >> LEVEL_SHIFT {
            0 => AccessLevel::List,
            1 => AccessLevel::Read,
            2 => AccessLevel::Write,
            3 => AccessLevel::Tagging,
            _ => AccessLevel::PermissionsManagement,
        }
    }

    /// Whether an operation of the service's API bears the action's name. An action of which this isn't so is asked for
    /// by operations of other names, or by none at all.
    pub fn is_operation(&self, action: ActionId) -> bool {
        column(self.row(action), 1) & OPERATION != 0
    }

    /// The resource types that the action can be restricted to, each with whether it is required. None: `*` only.
    pub fn resources_of(&self, action: ActionId) -> impl Iterator<Item = (ResourceType, bool)> + '_ {
        self.uses_of(action).map(|(kind, required, _)| (kind, required))
    }

    /// The condition keys that the action supports, beside the global ones (with `${TagKey}` and the like in place):
    /// its own, then those of its resource types. Each once.
    pub fn condition_keys_of(&self, action: ActionId) -> impl Iterator<Item = &'static str> + '_ {
        let mut keys = self.own_keys_of(action).to_vec();
        for (kind, _, used) in self.uses_of(action) {
            for key in self.tables.list(used).iter().chain(self.tables.list(kind.keys)) {
                if !keys.contains(key) {
                    keys.push(*key);
                }
            }
        }
        keys.into_iter().map(|key| self.tables.text(u16::from_le_bytes(key)))
    }

    /// The condition keys that the action supports whatever it is done to, beside the global ones.
    pub fn keys_without_resource(&self, action: ActionId) -> impl Iterator<Item = &'static str> + '_ {
        self.own_keys_of(action).iter().map(|key| self.tables.text(u16::from_le_bytes(*key)))
    }

    /// The condition keys that AWS lists for the action on one of its resource types, and for that type itself.
    pub fn keys_on_resource(
        &self,
        action: ActionId,
        resource: ResourceType,
    ) -> impl Iterator<Item = &'static str> + '_ {
        let used =
            self.uses_of(action).find(|(kind, ..)| kind.name == resource.name).map(|(_, _, used)| used);
        let used = used.map_or(&[][..], |used| self.tables.list(used));
        let of_the_type = self.tables.list(resource.keys).iter().filter(move |key| !used.contains(key));
        used.iter().chain(of_the_type).map(|key| self.tables.text(u16::from_le_bytes(*key)))
    }

    /// Further actions that calling this one may need.
    pub fn dependents_of(&self, action: ActionId) -> impl Iterator<Item = ActionId> + '_ {
        self.tables.list(column(self.row(action), 4)).iter().map(|id| ActionId(u16::from_le_bytes(*id)))
    }

    /// Whether a service of this prefix exists.
    pub fn has_service(&self, prefix: &str) -> bool {
        self.service(prefix).is_some()
    }

    /// What AWS calls the service, such as `Amazon S3`.
    pub fn title_of(&self, prefix: &str) -> Option<&'static str> {
        self.service(prefix).map(|service| self.tables.text(column(&self.tables.services[service], 1)))
    }

    /// Whether resource control policies apply to the service.
    pub fn takes_rcp(&self, prefix: &str) -> bool {
        self.service(prefix).is_some_and(|service| column(&self.tables.services[service], 4) & TAKES_RCP != 0)
    }

    /// Whether the service's API operations are known; where they aren't, none of its actions is taken for one.
    pub fn has_model(&self, prefix: &str) -> bool {
        self.service(prefix).is_some_and(|service| column(&self.tables.services[service], 4) & HAS_MODEL != 0)
    }

    /// All prefixes, in order.
    pub fn services(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.tables.services.iter().map(|row| self.tables.text(column(row, 0)))
    }

    /// All actions of a service.
    pub fn actions_of(&self, prefix: &str) -> impl Iterator<Item = ActionId> + '_ {
        self.service(prefix).map_or(0..0, |service| self.span(service)).map(ActionId::at)
    }

    /// All resource types of a service.
    pub fn resource_types_of(&self, prefix: &str) -> impl Iterator<Item = ResourceType> + '_ {
        let first = |service: usize| self.tables.services.get(service).map(|row| usize::from(column(row, 3)));
        let places = self.service(prefix).and_then(|service| {
            Some(first(service)?..first(service + 1).unwrap_or(self.tables.resource_types.len()))
        });
        places.unwrap_or(0..0).map(|place| self.resource_type(place))
    }

    /// The type of a condition key (`String`, `ArrayOfString`, `Numeric`, `Date`, `Bool`, `ARN`, ...), where it is known;
    /// the key's tag or name part may be filled in (`aws:ResourceTag/team`).
    pub fn condition_key_type(&self, key: &str) -> Option<&'static str> {
        self.condition_key(key).map(|(_, kind)| kind)
    }

    /// A condition key as AWS writes it (`aws:ResourceTag/${TagKey}` for `AWS:resourcetag/team`), with its type.
    pub fn condition_key(&self, key: &str) -> Option<(&'static str, &'static str)> {
        let keys = self.tables.condition_keys;
        let exact = keys
            .binary_search_by(|row| in_lower_case(self.tables.bytes(column(row, 0)), key.as_bytes()))
            .ok();
        let place = exact.or_else(|| self.template_of(key))?;
        Some((self.tables.text(column(&keys[place], 0)), self.tables.text(column(&keys[place], 1))))
    }

    /// The place of the first condition key with a placeholder that `key` fills in. Hostile policies hold very many
    /// keys: only those that begin like it are tried.
    fn template_of(&self, key: &str) -> Option<usize> {
        let keys = self.tables.condition_keys;
        let templates = self.templates.get_or_init(|| {
            let texts = keys.iter().map(|row| self.tables.text(column(row, 0)));
            Templates::of(texts)
        });
        templates.beginning_like(key).filter(|place| templates.fills(*place, key)).min()
    }

    fn row(&self, action: ActionId) -> &'static [u8] {
        &self.tables.actions[usize::from(action.0)]
    }

    fn own_keys_of(&self, action: ActionId) -> &'static [[u8; 2]] {
        self.tables.list(column(self.row(action), 3))
    }

    /// The action's resource types, whether each is required, and the list of keys for the action on it.
    fn uses_of(&self, action: ActionId) -> impl Iterator<Item = (ResourceType, bool, u16)> + '_ {
        self.tables.list(column(self.row(action), 2)).as_chunks().0.iter().map(|[kind, keys]| {
            let kind = u16::from_le_bytes(*kind);
            let place = usize::from(kind & !REQUIRED);
            (self.resource_type(place), kind & REQUIRED != 0, u16::from_le_bytes(*keys))
        })
    }

    fn resource_type(&self, place: usize) -> ResourceType {
        let row = &self.tables.resource_types[place];
        ResourceType {
            name: self.tables.text(column(row, 0)),
            arn: self.tables.text(column(row, 1)),
            keys: column(row, 2),
        }
    }

    /// The place of a service.
    fn service(&self, prefix: &str) -> Option<usize> {
        // Nearly always it is in lower case already, and compared as it is.
        let prefix = if prefix.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(prefix.to_ascii_lowercase())
        } else {
            Cow::Borrowed(prefix)
        };
        self.tables
            .services
            .binary_search_by(|row| self.tables.bytes(column(row, 0)).cmp(prefix.as_bytes()))
            .ok()
    }

    /// The places of a service's actions.
    fn span(&self, service: usize) -> std::ops::Range<usize> {
        let first = |service: usize| self.tables.services.get(service).map(|row| usize::from(column(row, 2)));
        first(service).unwrap_or(self.len())..first(service + 1).unwrap_or(self.len())
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue").field("actions", &self.len()).finish_non_exhaustive()
    }
}

/// How two ASCII texts compare once both are in lower case.
fn in_lower_case(one: &[u8], other: &[u8]) -> Ordering {
    for (a, b) in one.iter().zip(other) {
        match a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()) {
            Ordering::Equal => {}
            decided => return decided,
        }
    }
    one.len().cmp(&other.len())
}
