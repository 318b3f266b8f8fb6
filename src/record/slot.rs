//! Slots as one word each, such as `card/2`: they are keys as well as contents.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::delivery::Slot;

/// The word of a slot.
pub fn word_of(slot: &Slot) -> String {
    match slot {
        Slot::Root => "root".to_owned(),
        Slot::Card(number) => format!("card/{number}"),
        Slot::Reminder(number) => format!("reminder/{number}"),
        Slot::Held(number) => format!("held/{number}"),
        Slot::Outcome(number) => format!("outcome/{number}"),
        Slot::Announcement(number) => format!("announcement/{number}"),
        Slot::Diff(number) => format!("diff/{number}"),
        Slot::Pointer(number) => format!("pointer/{number}"),
    }
}

/// The slot of a word; none where it is no such word, or not spelt as [`word_of`] would.
pub fn slot_of(word: &str) -> Option<Slot> {
    if word == "root" {
        return Some(Slot::Root);
    }
    let (kind, number) = word.split_once('/')?;
    let number = number.parse().ok()?;
    let slot = match kind {
        "card" => Slot::Card(number),
        "reminder" => Slot::Reminder(number),
        "held" => Slot::Held(number),
        "outcome" => Slot::Outcome(number),
        "announcement" => Slot::Announcement(number),
        "diff" => Slot::Diff(number),
        "pointer" => Slot::Pointer(number),
        _ => return None,
    };
    (word_of(&slot) == word).then_some(slot)
}

/// A slot in a record.
#[derive(Clone)]
pub struct SlotWord(pub Slot);

impl Serialize for SlotWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&word_of(&self.0))
    }
}

impl<'de> Deserialize<'de> for SlotWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        slot_of(&word).map(Self).ok_or_else(|| D::Error::custom(format_args!("{word:?} is no slot")))
    }
}
