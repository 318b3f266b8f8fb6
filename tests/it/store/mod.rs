//! What is kept: the contract that every store passes, and what is particular to each.

mod contract;
pub mod dynamo;
pub mod samples;
mod sqlite;

use std::any::Any;
use std::sync::Arc;

use alpha::ports::Store;

/// Where a store keeps its things, so that it can be opened, and opened again.
pub struct Place {
    open: Box<dyn Fn() -> Arc<dyn Store> + Send + Sync>,
    _keep: Box<dyn Any + Send + Sync>,
}

impl Place {
    /// A place with nothing in it yet; `keep` holds it until the test is over.
    pub fn new(
        keep: impl Any + Send + Sync,
        open: impl Fn() -> Arc<dyn Store> + Send + Sync + 'static,
    ) -> Self {
        Self { open: Box::new(open), _keep: Box::new(keep) }
    }

    /// A store that has opened it.
    pub fn open(&self) -> Arc<dyn Store> {
        (self.open)()
    }
}
