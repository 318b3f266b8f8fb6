//! What is done with what was received: stored, and answered as far as reading the store suffices.

use std::sync::Arc;

use crate::domain::command::help;
use crate::domain::ids::ReceiptKey;
use crate::domain::receipt::{Receipt, Said, Sender};
use crate::ports::{Census, Clock, Received, Store, StoreError};

/// Whoever acts on what was received.
#[derive(Debug)]
pub struct Engine {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

/// What a command is answered with at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it says; not yet escaped.
    pub text: String,
    /// Whether everybody in the channel sees it, and not only who asked.
    pub in_channel: bool,
}

impl Engine {
    /// One that keeps everything in a store.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Answers a command at once where reading the store suffices, and stores what has to be done after.
    pub async fn command(&self, sender: Sender, line: &str, key: ReceiptKey) -> Result<Answer, StoreError> {
        let line = line.trim();
        if line.is_empty() || line == "help" {
            return Ok(Answer { text: help(None), in_channel: false });
        }
        let said = Said::Command { line: line.to_owned() };
        self.receive(Receipt { key, at: self.clock.now(), from: sender, said }).await?;
        Ok(Answer { text: format!("Received: {line}"), in_channel: false })
    }

    /// Stores what was received, for the workers.
    pub async fn receive(&self, receipt: Receipt) -> Result<Received, StoreError> {
        self.store.receive(receipt).await
    }

    /// How many there are of what.
    pub async fn census(&self) -> Result<Census, StoreError> {
        self.store.census().await
    }

    /// Whether it can work.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.store.ready().await
    }
}
