//! Who we are, and who others are.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::{Api, ApiError, Method};
use crate::domain::ids::{TeamId, UserId};

/// Who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// Our workspace.
    pub team: TeamId,
    /// Our organisation, where there is one.
    pub enterprise: Option<TeamId>,
    /// Our user.
    pub user: UserId,
}

/// Who somebody is, as far as Slack says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct User {
    /// Their id.
    pub id: String,
    /// Their workspace.
    #[serde(default)]
    pub team_id: Option<String>,
    /// Their organisation, where there is one.
    #[serde(default)]
    pub enterprise_user: Option<EnterpriseUser>,
    /// Whether they are gone.
    #[serde(default)]
    pub deleted: Option<bool>,
    /// Whether they are a program.
    #[serde(default)]
    pub is_bot: Option<bool>,
    /// Whether they are a program that people made of steps.
    #[serde(default)]
    pub is_workflow_bot: Option<bool>,
    /// Whether they are a guest of several channels.
    #[serde(default)]
    pub is_restricted: Option<bool>,
    /// Whether they are a guest of one channel.
    #[serde(default)]
    pub is_ultra_restricted: Option<bool>,
    /// Whether they are of another workspace.
    #[serde(default)]
    pub is_stranger: Option<bool>,
}

/// Somebody's organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct EnterpriseUser {
    /// Which.
    #[serde(default)]
    pub enterprise_id: Option<String>,
}

#[derive(Deserialize)]
struct AuthTest {
    #[serde(rename = "team_id")]
    team: String,
    #[serde(rename = "user_id")]
    user: String,
    #[serde(default, rename = "enterprise_id")]
    enterprise: Option<String>,
}

#[derive(Deserialize)]
struct UserInfo {
    user: User,
}

impl Api {
    /// Who we are: asked for once, when first needed, and again only where that failed.
    pub async fn me(&self) -> Result<Arc<Me>, ApiError> {
        let me = self.me.get_or_try_init(|| async {
            let answer: AuthTest = self.post(Method::AuthTest, &json!({})).await?;
            Ok(Arc::new(Me {
                team: TeamId::new(answer.team),
                enterprise: answer.enterprise.filter(|id| !id.is_empty()).map(TeamId::new),
                user: UserId::new(answer.user),
            }))
        });
        me.await.cloned()
    }

    /// Who somebody is.
    pub async fn user(&self, user: &UserId) -> Result<User, ApiError> {
        let params = [("user", Some(user.as_str().to_owned()))];
        let answer: UserInfo = self.get(Method::UsersInfo, &params).await?;
        Ok(answer.user)
    }
}
