//! The layout of `data/catalogue.bin`, shared by the library, which opens the file in place, and the program that
//! writes it.
//!
//! Little endian. A header (magic, version, the number of rows of each table), then the tables one after the other in
//! the order of [`Table`], each of rows of one width. Strings and lists are named by 16-bit ids; equal strings and equal
//! lists are stored once.

/// The first bytes of the file.
pub const MAGIC: [u8; 8] = *b"ALPHACAT";

/// Goes up whenever the layout or the meaning of a column changes.
pub const VERSION: u32 = 3;

/// How many tables there are.
pub const TABLES: usize = 11;

/// Magic, version, one count for each table.
pub const HEADER: usize = MAGIC.len() + 4 + 4 * TABLES;

/// One table of the file, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// By prefix: prefix `u16`, title `u16`, first action `u16`, first resource type `u16`, flags `u16`.
    Services,
    /// By service, then name in lower case: name `u16`, service with [`OPERATION`] and the access level above
    /// [`LEVEL_SHIFT`] `u16`, list of resource uses `u16`, list of condition keys `u16`, list of dependent actions `u16`.
    Actions,
    /// By service, then name in lower case: name `u16`, ARN format `u16`, list of condition keys `u16`.
    ResourceTypes,
    /// By name in lower case: name `u16`, type `u16`.
    ConditionKeys,
    /// Where the facts come from: a string `u16` each.
    Sources,
    /// Where each list begins among the items, `u32`; one more than there are lists.
    ListStarts,
    /// `u16` each. A resource use is two items: the resource type (with [`REQUIRED`]) and a list of condition keys.
    ListItems,
    /// Where each string begins in the text, `u32`; one more than there are strings.
    StringStarts,
    /// UTF-8, a byte each.
    Text,
    /// Where each action's name begins in the searched text, `u32`; one more than there are actions.
    SearchedStarts,
    /// The actions' names in lower case and in order, each followed by [`END`]: patterns are looked for in this text,
    /// which is quicker by far than name by name.
    Searched,
}

/// Bytes of a row of [`Table::Services`].
pub const SERVICE: usize = 10;
/// Bytes of a row of [`Table::Actions`].
pub const ACTION: usize = 10;
/// Bytes of a row of [`Table::ResourceTypes`].
pub const RESOURCE_TYPE: usize = 6;
/// Bytes of a row of [`Table::ConditionKeys`].
pub const CONDITION_KEY: usize = 4;

/// Bytes of a row, by table.
pub const WIDTHS: [usize; TABLES] = [SERVICE, ACTION, RESOURCE_TYPE, CONDITION_KEY, 2, 4, 2, 4, 1, 4, 1];

/// Flag of a service: resource control policies apply to it.
pub const TAKES_RCP: u16 = 1;

/// Flag of a service: the AWS SDK has a model of its API.
pub const HAS_MODEL: u16 = 1 << 1;

/// Bit of a resource use: the action needs a resource of this type.
pub const REQUIRED: u16 = 1 << 15;

/// Bit of an action's service column: an operation of the service's API bears the action's name.
pub const OPERATION: u16 = 1 << 12;

/// Where the access level begins in an action's service column: 0 List, 1 Read, 2 Write, 3 Tagging, 4 Permissions
/// management.
pub const LEVEL_SHIFT: u32 = 13;

/// What follows each name of the searched text, and stands in none.
pub const END: u8 = b'\n';
