//! An account with the stack deployed, a role that is granted what the bot is and from which each grant can be taken, and
//! a further account.

use std::collections::BTreeMap;
use std::sync::Arc;

use alpha::aws::accounts::Accounts;
use alpha::domain::accounts::{Account, Accounts as Configured, Trail};
use alpha::domain::errand::Errand;
use alpha::domain::ids::{AccountId, JobId};
use alpha::domain::role::RoleRef;
use alpha::iam::document::Document;
use aws_types::SdkConfig;
use serde_json::{Value, json};

use crate::support::aws::deploy::Stack;
use crate::support::aws::findings::{Analyzer, Finding};
use crate::support::aws::front::Front;
use crate::support::aws::world::{IN_SCOPE, RoleSpec, World, without};

pub const ROLE: &str = "ci-deployer";
pub const BOUNDED: &str = "bounded";
pub const GROUP: &str = "trail";
pub const GUARDRAIL: &str = "abcdef123456";
/// How many days of use there are.
pub const DAYS: i64 = 2;
/// The role that is granted what the bot is.
const DOUBLE: &str = "double";
const EXTERNAL_ID: &str = "0123456789abcdef";
const POLICIES: [&str; 9] = [
    "StorePolicy",
    "ReadPolicy",
    "WritePolicy",
    "TrailFilesPolicy",
    "TrailKeyPolicy",
    "TrailLogPolicy",
    "ModelPolicy",
    "GuardrailPolicy",
    "MembersPolicy",
];

pub struct Scene {
    pub world: World,
    pub member: World,
    pub stack: Stack,
    /// The double's.
    pub sdk: SdkConfig,
    granted: String,
    account: Account,
    member_role: String,
    /// The double's, as a process has them in its environment.
    pub environment: Vec<(&'static str, String)>,
    pub front: Front,
}

impl Scene {
    pub async fn new() -> Self {
        let front = Front::start();
        front.aws.pace.hurry();
        front.aws.reports.take(0);
        let (world, member) = (World::new(&front).await, World::new(&front).await);
        let double = world.role(&RoleSpec { name: DOUBLE, ..RoleSpec::default() }).await;
        let said = [("BotRoleArn", &*double), ("ExternalId", EXTERNAL_ID)];
        let made = member.deploy("member.yaml", &said).made;
        let member_role =
            format!("arn:aws:iam::{}:role/alpha-service/{}", member.account, made["MemberRole"]);

        let bucket = world.bucket("trail").await;
        let trail = world.trail("all", &bucket, None).await;
        let key = format!("arn:aws:kms:us-east-1:{}:key/11111111-2222-3333-4444-555555555555", world.account);
        let guardrail = format!("arn:aws:bedrock:us-east-1:{}:guardrail/{GUARDRAIL}", world.account);
        front.aws.logs.group(&world.account, &world.region, GROUP);
        let stack = world.deploy(
            "alpha.yaml",
            &[
                ("WithService", "false"),
                ("TrailBucket", &bucket),
                ("TrailArns", &trail),
                ("TrailKeyArn", &key),
                ("TrailLogGroup", GROUP),
                ("GuardrailArn", &guardrail),
                ("MemberRoles", &member_role),
            ],
        );
        world.secret("alpha/signing-secret", "hush").await;
        world.simulated(&[ROLE], DAYS).await;
        encrypted(&world, &bucket, &key).await;
        let tags = &[IN_SCOPE];
        world.role(&RoleSpec { name: BOUNDED, tags, ..RoleSpec::default() }).await;
        let account = Account {
            regions: vec![world.region.clone()],
            trail: Trail {
                arns: vec![trail],
                evidence_role: Some(stack.outputs["EvidenceRoleArn"].clone()),
                bucket: Some(bucket),
                log_group: Some(GROUP.to_owned()),
                ..Trail::default()
            },
            ..Account::default()
        };
        let granted = granted(&world, &stack).await;
        let given = front.as_service("ecs-tasks.amazonaws.com", &world.account, DOUBLE).await.unwrap();
        let environment = front.environment(&given, &world.region);
        let sdk = front.sdk(given, &world.region).await;
        let scene = Self { world, member, stack, sdk, granted, account, member_role, environment, front };
        scene.find().await;
        scene.restore().await;
        scene
    }

    /// An analyzer, and something that it found.
    async fn find(&self) {
        let analyzer = format!("arn:aws:access-analyzer:us-east-1:{}:analyzer/unused", self.world.account);
        let findings = &self.front.aws.findings;
        findings.analyzer(Analyzer {
            arn: analyzer.clone(),
            kind: "ACCOUNT_UNUSED_ACCESS",
            status: "ACTIVE",
        });
        let role = self.world.iam.get_role().role_name(ROLE).send().await.unwrap().role.unwrap();
        findings.finding(Finding {
            id: "f-1".to_owned(),
            analyzer,
            resource: role.arn,
            kind: "UnusedPermission",
            status: "ACTIVE",
            details: vec![json!({"unusedPermissionDetails": {"serviceNamespace": "s3", "actions": []}})],
        });
    }

    pub fn home(&self) -> AccountId {
        AccountId::new(&*self.world.account)
    }

    pub fn role(&self, name: &str) -> RoleRef {
        RoleRef { account: self.home(), name: name.to_owned() }
    }

    /// What is configured, with a trail of one's own.
    pub fn accounts(&self, trail: Trail) -> Arc<Accounts> {
        let member = Account {
            role: Some(self.member_role.clone()),
            external_id: Some(EXTERNAL_ID.to_owned()),
            ..self.account.clone()
        };
        let own = Account { trail, ..self.account.clone() };
        let all = BTreeMap::from([(self.home(), own), (AccountId::new(&*self.member.account), member)]);
        Arc::new(Accounts::new(self.sdk.clone(), Configured { home: self.home(), all }))
    }

    /// The trail, whole.
    pub fn trail(&self) -> Trail {
        self.account.trail.clone()
    }

    /// Grants all that the bot is granted, and no more.
    pub async fn restore(&self) {
        self.put("granted", &self.granted).await;
        let _ = self.world.iam.delete_role_policy().role_name(DOUBLE).policy_name("added").send().await;
    }

    /// Takes an action away.
    pub async fn strike(&self, action: &str) {
        self.put("granted", &without(&self.granted, action)).await;
    }

    /// Adds a policy.
    pub async fn add(&self, policy: &Value) {
        self.put("added", &policy.to_string()).await;
    }

    async fn put(&self, name: &str, text: &str) {
        let put = self.world.iam.put_role_policy().role_name(DOUBLE).policy_name(name);
        put.policy_document(text).send().await.unwrap();
    }
}

/// On whose behalf the accounts are asked.
pub fn errand() -> Errand {
    Errand { job: JobId::new("j-0123456789abcdef"), actor: "ana".to_owned() }
}

/// All that the stack grants to the bot, in one policy.
async fn granted(world: &World, stack: &Stack) -> String {
    let mut whole: Option<Document> = None;
    for name in POLICIES {
        let document = Document::parse(world.document(&stack.made[name]).await.as_bytes()).unwrap();
        match &mut whole {
            Some(whole) => whole.statements.extend(document.statements),
            None => whole = Some(document),
        }
    }
    let mut whole = whole.unwrap();
    whole.statements.iter_mut().for_each(|statement| statement.sid = None);
    whole.to_string_compact()
}

/// Log files, each encrypted with a key.
async fn encrypted(world: &World, bucket: &str, key: &str) {
    let client = aws_sdk_s3::Client::new(&world.sdk);
    for name in world.log_files(bucket, "", None).await {
        let read = client.get_object().bucket(bucket).key(&name).send().await.unwrap();
        let body = read.body.collect().await.unwrap().into_bytes().to_vec();
        let put = client.put_object().bucket(bucket).key(&name).body(body.into());
        put.server_side_encryption("aws:kms".into()).ssekms_key_id(key).send().await.unwrap();
    }
}
