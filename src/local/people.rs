//! Nobody to look up: at the command line there is no Slack, and operators are known by their names.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::ids::Person;
use crate::ports::{People, PeopleError, Standing};

const NO_SLACK: &str = "there is no Slack at the command line";

/// Knows no Slack user.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

#[async_trait]
impl People for Nobody {
    async fn standing(&self, _person: &Person) -> Result<Standing, PeopleError> {
        Err(PeopleError::Unavailable(NO_SLACK.to_owned()))
    }

    async fn standing_since(&self, _person: &Person, _since: Timestamp) -> Result<Standing, PeopleError> {
        Err(PeopleError::Unavailable(NO_SLACK.to_owned()))
    }

    fn standing_known(&self, _person: &Person) -> Option<Standing> {
        None
    }
}
