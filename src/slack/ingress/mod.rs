//! What Slack sends: verified over its raw bytes, then read once into the domain's own terms.
//!
//! Slack's forms are tolerated with fields that we don't know and without those that we can do without; nothing of
//! them leaves this module. It neither stores nor answers anything.

pub mod command;
pub mod event;
mod fields;
pub mod interaction;
pub mod verify;

use crate::domain::ids::ReceiptKey;
use crate::domain::receipt::{Receipt, Sender};

/// One thing received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// A slash command, which is answered at once.
    Command {
        /// From whom.
        sender: Sender,
        /// What follows `/alpha`.
        line: String,
        /// By which a repetition of it is known.
        key: ReceiptKey,
    },
    /// Something to be stored, and acted on after.
    Receipt(Receipt),
    /// A form that can't be taken as it was filled in: it stays open and says why.
    Refill {
        /// Under which of its blocks.
        block: &'static str,
        /// Why.
        says: &'static str,
    },
    /// Slack looks whether our certificate is good.
    SslCheck,
    /// Slack looks whether we are who its settings say; what is to be echoed.
    Challenge(String),
    /// Something that we don't act on.
    Ignored {
        /// Why not.
        why: &'static str,
        /// Whether such things come all the time, so that one more is no news.
        usual: bool,
    },
    /// Something that Slack wouldn't send.
    Malformed {
        /// What is wrong with it.
        why: &'static str,
    },
}
