//! Second opinions where there is nobody to ask.

use async_trait::async_trait;

use crate::domain::errand::Errand;
use crate::domain::opinion::{Answer, Questions};
use crate::domain::role::RoleRef;
use crate::ports::Checks;

/// Nobody: a simulated account has no other judge than ours.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyElse;

#[async_trait]
impl Checks for NobodyElse {
    async fn ask(&self, _: &Errand, _: &RoleRef, _: &Questions) -> Vec<Answer> {
        Vec::new()
    }
}
