//! Roles of IAM, over its own client: on an emulator, and with a wire before it that fails in every way.

mod faults;
mod names;
mod standing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alpha::aws::accounts::Accounts;
use alpha::aws::roles::IamRoles;
use alpha::domain::accounts::{Account, Accounts as Configured};
use alpha::domain::role::{ManagedPolicy, Write};
use alpha::domain::scope::Scope;
use alpha::iam::document::Document;
use alpha::ports::Roles as _;
use aws_sdk_iam::Client;
use aws_smithy_types::retry::RetryConfig;

use crate::account::{approved, contract, errand, granting, id, role};
use crate::aws::quiet as emulator;
use crate::aws::wire::{Act, Called, Wire};
use crate::support::emulator::{Emulator, sdk};

/// Who may assume the roles that are made here.
pub const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;

/// An account, the adapter's way into it, and somebody else's.
pub struct Scene {
    pub roles: IamRoles,
    pub admin: Client,
}

impl Scene {
    /// The adapter speaks to one address; who sets things up speaks to another.
    pub async fn over(url: &str, behind: &str) -> Self {
        let configured = accounts();
        let setup = Accounts::new(sdk(behind).await, configured.clone());
        let admin = Client::new(&setup.reach(&id(), &errand()).await.unwrap());
        let hasty =
            RetryConfig::standard().with_max_attempts(2).with_initial_backoff(Duration::from_millis(5));
        let way = sdk(url).await.to_builder().retry_config(hasty).build();
        let roles = IamRoles::new(Arc::new(Accounts::new(way, configured)));
        Self { roles, admin }
    }

    pub async fn on(emulator: &Emulator) -> Self {
        Self::over(&emulator.url, &emulator.url).await
    }

    /// Makes a role under a path, with an inline policy.
    pub async fn make(&self, path: &str, name: &str) {
        let made = self.admin.create_role().path(path).role_name(name).assume_role_policy_document(TRUST);
        made.send().await.unwrap();
        self.inline(name, "files", &granting("s3:GetObject", "*").to_string_compact()).await;
    }

    pub async fn inline(&self, role: &str, name: &str, document: &str) {
        let put = self.admin.put_role_policy().role_name(role).policy_name(name).policy_document(document);
        put.send().await.unwrap();
    }

    /// Makes a managed policy; its ARN.
    pub async fn policy(&self, path: &str, name: &str, document: &Document) -> String {
        let made = self.admin.create_policy().path(path).policy_name(name);
        let made = made.policy_document(document.to_string_compact()).send().await.unwrap();
        made.policy.unwrap().arn.unwrap()
    }
}

/// One account, reached through a role in it, whose trail is read by another.
pub fn accounts() -> Configured {
    let of = |name: &str| format!("arn:aws:iam::{}:role/alpha-service/{name}", id());
    let mut account = Account {
        role: Some(of("alpha-member")),
        external_id: Some("0123456789abcdef".to_owned()),
        regions: vec!["eu-west-1".to_owned()],
        scope: Scope::of_the_templates(),
        ..Account::default()
    };
    account.trail.evidence_role = Some(of("alpha-evidence"));
    Configured { home: id(), all: BTreeMap::from([(id(), account)]) }
}

/// A managed policy such as a job makes.
pub fn made(name: &str, document: Document) -> ManagedPolicy {
    let arn = format!("arn:aws:iam::{}:policy/alpha/{name}", id());
    ManagedPolicy { arn, version: "v1".to_owned(), document }
}

/// The emulator deletes a policy that is in use; IAM doesn't.
fn in_use() -> Act {
    let asked = |called: &Called| {
        let arn = called.member("PolicyArn").unwrap();
        let form = [("Action", "ListEntitiesForPolicy"), ("Version", "2010-05-08"), ("PolicyArn", &arn)];
        form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
    };
    let refusal = Act::refuse(409, "DeleteConflict", "Cannot delete a policy attached to entities.");
    Act::Unless { asked, says: "<RoleName>", refusal: Box::new(refusal) }
}

#[tokio::test]
async fn the_contract_of_roles_holds_on_iam() {
    let emulator = Emulator::start();
    let wire = Wire::to(Some(&emulator.url)).await;
    wire.rule("DeletePolicy", usize::MAX, in_use());
    let scene = Scene::over(&wire.url, &emulator.url).await;
    for name in ["ci-deployer", "managed", "web-app"] {
        scene.make("/app/", name).await;
    }
    let queues = scene.policy("/", "queues", &granting("sqs:*", "*")).await;
    scene.admin.attach_role_policy().role_name("managed").policy_arn(queues).send().await.unwrap();
    scene.make("/aws-service-role/support.amazonaws.com/", "AWSServiceRoleForSupport").await;
    scene.make("/aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_Auditor_0a1b2c3d4e5f6789").await;
    scene.make("/alpha-service/", "alpha").await;
    for name in ["ci-deployer", "managed"] {
        contract::writes_are_read_back_and_repeating_them_changes_nothing(&scene.roles, &role(name)).await;
    }
    contract::what_is_not_there_is_not_missed(&scene.roles, &role("web-app")).await;
    contract::what_iam_refuses_is_refused_and_changes_nothing(&scene.roles, &role("ci-deployer")).await;
    let reserved = ["AWSServiceRoleForSupport", "AWSReservedSSO_Auditor_0a1b2c3d4e5f6789", "alpha"];
    contract::roles_are_told_apart(&scene.roles, "ci-deployer", &reserved).await;
}

#[tokio::test]
async fn a_policy_of_the_version_before_is_made_and_deleted_where_the_job_says() {
    let scene = Scene::on(emulator()).await;
    scene.make("/", "older-job").await;
    let arn = format!("arn:aws:iam::{}:policy/alpha-canary-j-older", id());
    let policy = ManagedPolicy { arn, ..made("", granting("s3:GetObject", "*")) };
    for write in [
        Write::CreatePolicy(policy.clone()),
        Write::PutBoundary(policy.clone()),
        Write::RemoveBoundary,
        Write::DeletePolicy { arn: policy.arn.clone() },
    ] {
        scene.roles.write(&approved(), &errand(), &role("older-job"), &write).await.unwrap();
        let there = scene.admin.get_policy().policy_arn(&policy.arn).send().await;
        assert_eq!(there.is_ok(), !matches!(write, Write::DeletePolicy { .. }), "{}", write.describe());
    }
}
