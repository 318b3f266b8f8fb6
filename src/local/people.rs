//! Nobody to look up: at the command line there is no Slack, and operators are known by their names.

use async_trait::async_trait;

use crate::domain::ids::Person;
use crate::ports::{People, PeopleError, Standing};

/// Knows no Slack user.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

#[async_trait]
impl People for Nobody {
    async fn standing(&self, _person: &Person) -> Result<Standing, PeopleError> {
        Err(PeopleError::Unavailable("there is no Slack at the command line".to_owned()))
    }
}
