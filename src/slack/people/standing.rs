//! What kind of user somebody is, from what Slack says of them and of us. Pure.

use crate::domain::ids::{Person, TeamId};
use crate::ports::Standing;
use crate::slack::api::{Me, User};

/// The user that speaks for Slack itself, which Slack doesn't call a program.
const SLACKBOT: &str = "USLACKBOT";

/// What kind of user somebody is. What Slack leaves out is taken as it is for a full member of our own workspace, but
/// for the workspace itself, which has to be ours.
pub(super) fn standing(person: &Person, user: &User, me: &Me) -> Standing {
    let is = |flag: Option<bool>| flag == Some(true);
    if is(user.deleted) {
        Standing::Gone
    } else if is(user.is_bot) || is(user.is_workflow_bot) || user.id == SLACKBOT {
        Standing::Bot
    } else if is(user.is_restricted) || is(user.is_ultra_restricted) {
        Standing::Guest
    } else if is(user.is_stranger) || !seen_as_ours(person, me) || !is_ours(user, me) {
        Standing::Stranger
    } else {
        Standing::Member
    }
}

/// Whether the request that we saw them in came from one of us.
fn seen_as_ours(person: &Person, me: &Me) -> bool {
    is_our_team(&person.team, me)
        || person.enterprise.as_ref().is_some_and(|enterprise| is_our_team(enterprise, me))
}

/// Whether their account is one of ours.
fn is_ours(user: &User, me: &Me) -> bool {
    let enterprise = user.enterprise_user.as_ref().and_then(|enterprise| enterprise.enterprise_id.as_deref());
    [user.team_id.as_deref(), enterprise].into_iter().flatten().any(|id| is_our_team(&TeamId::new(id), me))
}

fn is_our_team(team: &TeamId, me: &Me) -> bool {
    *team == me.team || Some(team) == me.enterprise.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::UserId;
    use crate::slack::api::EnterpriseUser;

    fn me(enterprise: Option<&str>) -> Me {
        Me { team: TeamId::new("T1"), enterprise: enterprise.map(TeamId::new), user: UserId::new("UALPHA") }
    }

    fn member() -> User {
        User { id: "U1".to_owned(), team_id: Some("T1".to_owned()), ..User::default() }
    }

    #[test]
    fn everybody_is_what_slack_says_they_are() {
        let yes = Some(true);
        for (user, expected) in [
            (member(), Standing::Member),
            (User { deleted: yes, ..member() }, Standing::Gone),
            (User { deleted: yes, is_bot: yes, ..member() }, Standing::Gone),
            (User { is_bot: yes, ..member() }, Standing::Bot),
            (User { is_workflow_bot: yes, ..member() }, Standing::Bot),
            (User { id: "USLACKBOT".to_owned(), ..member() }, Standing::Bot),
            (User { is_restricted: yes, ..member() }, Standing::Guest),
            (User { is_ultra_restricted: yes, ..member() }, Standing::Guest),
            (User { is_stranger: yes, ..member() }, Standing::Stranger),
            (User { team_id: Some("T2".to_owned()), ..member() }, Standing::Stranger),
            (User { team_id: None, ..member() }, Standing::Stranger),
            (User { is_restricted: Some(false), deleted: Some(false), ..member() }, Standing::Member),
        ] {
            assert_eq!(standing(&Person::new("T1", "U1"), &user, &me(None)), expected, "{user:?}");
        }
    }

    #[test]
    fn another_workspace_of_our_organisation_is_ours() {
        let enterprise_user = Some(EnterpriseUser { enterprise_id: Some("E1".to_owned()) });
        let user = User { team_id: Some("T2".to_owned()), enterprise_user, ..member() };
        let mut person = Person::new("T2", "U1");
        person.enterprise = Some(TeamId::new("E1"));
        assert_eq!(standing(&person, &user, &me(Some("E1"))), Standing::Member);
        assert_eq!(standing(&person, &user, &me(Some("E2"))), Standing::Stranger);
        assert_eq!(standing(&person, &user, &me(None)), Standing::Stranger);
    }

    #[test]
    fn whoever_clicks_from_another_workspace_is_a_stranger_whatever_their_id_says_here() {
        assert_eq!(standing(&Person::new("T2", "U1"), &member(), &me(None)), Standing::Stranger);
    }
}
