//! Advice where there is no model: the facts, in words.

use async_trait::async_trait;

use crate::domain::proposal::{Case, Prose};
use crate::domain::telling::tell;
use crate::ports::{Reasoner, ReasonerError};

/// Puts a case into words without a model.
#[derive(Debug, Clone, Copy, Default)]
pub struct FactsReasoner;

#[async_trait]
impl Reasoner for FactsReasoner {
    async fn explain(&self, case: &Case) -> Result<Prose, ReasonerError> {
        Ok(tell(case))
    }
}
