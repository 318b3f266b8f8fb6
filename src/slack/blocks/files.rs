//! The files of `blocks/`, compiled in: one message or modal each.

use std::sync::LazyLock;

use serde_json::Value;

/// Declares the files, each by its name without the ending.
macro_rules! files {
    ($($file:ident $name:literal,)*) => {
        /// A file of `blocks/`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum File {
            $(#[doc = concat!("`blocks/", $name, ".json`")] $file,)*
        }

        impl File {
            /// All of them, in the order of a job's life; the modals come last.
            pub const ALL: &'static [Self] = &[$(Self::$file,)*];

            /// Its name, without the ending.
            pub fn name(self) -> &'static str {
                match self { $(Self::$file => $name,)* }
            }

            /// What it says, slots and all.
            pub(super) fn source(self) -> &'static str {
                match self { $(Self::$file => include_str!(concat!("../../../blocks/", $name, ".json")),)* }
            }
        }
    };
}

files! {
    Root "root",
    Card "card",
    CardUnreadable "card-unreadable",
    CardDecided "card-decided",
    Reminder "reminder",
    ReminderOver "reminder-over",
    Held "held",
    HeldDecided "held-decided",
    OutcomeSucceeded "outcome-succeeded",
    OutcomeRolledBack "outcome-rolled-back",
    OutcomeDenied "outcome-denied",
    OutcomeExpired "outcome-expired",
    OutcomeCancelled "outcome-cancelled",
    OutcomeSuperseded "outcome-superseded",
    OutcomeFailed "outcome-failed",
    OutcomeNothingToDo "outcome-nothing-to-do",
    OutcomeStuck "outcome-stuck",
    Announcement "announcement",
    DiffElsewhere "diff-elsewhere",
    Note "note",
    Deny "deny",
    Ask "ask",
}

impl File {
    /// Whether it is a modal rather than a message.
    pub fn is_modal(self) -> bool {
        matches!(self, Self::Deny | Self::Ask)
    }

    /// The file of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|file| file.name() == name)
    }

    /// Parsed once for the whole program; null where it is no JSON, which a test rules out.
    pub(super) fn template(self) -> &'static Value {
        static PARSED: LazyLock<Vec<Value>> = LazyLock::new(|| {
            File::ALL.iter().map(|file| serde_json::from_str(file.source()).unwrap_or_default()).collect()
        });
        PARSED.get(self as usize).unwrap_or(&Value::Null)
    }
}
