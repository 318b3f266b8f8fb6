//! People.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{Person, TeamId, UserId};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonRecord {
    team: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enterprise: Option<String>,
    user: String,
}

impl From<&Person> for PersonRecord {
    fn from(Person { team, enterprise, user }: &Person) -> Self {
        Self {
            team: team.to_string(),
            enterprise: enterprise.as_ref().map(TeamId::to_string),
            user: user.to_string(),
        }
    }
}

impl From<PersonRecord> for Person {
    fn from(PersonRecord { team, enterprise, user }: PersonRecord) -> Self {
        Self { team: TeamId::new(team), enterprise: enterprise.map(TeamId::new), user: UserId::new(user) }
    }
}
