//! What Slack sends to an app: signed, over real HTTP, and given up after three seconds.

mod command;
mod courier;
mod event;
mod interaction;
#[cfg(test)]
mod tests;
mod values;

pub(super) use command::{Command, send as send_command};
pub(super) use courier::{Courier, Delivered};
pub(super) use event::{announce, echo};
pub(super) use interaction::{Source, click, close, shortcut, submit};
pub(super) use values::missing;
