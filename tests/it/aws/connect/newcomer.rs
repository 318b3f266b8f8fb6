//! Somebody with an account of AWS: an administrator, a trail with its bucket and its log group, and a role at work.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use aws_credential_types::Credentials;
use jiff::{Timestamp, ToSpan as _};
use serde_json::json;
use tokio::runtime::Runtime;

use super::shell::Shell;
use crate::serve::alpha::Place;
use crate::serve::slack::{SECRET, TOKEN};
use crate::support::aws::front::Front;
use crate::support::aws::records::Record;
use crate::support::aws::world::{RoleSpec, World, trusting};

/// What README calls the bucket and the log group, and the role.
const TRAIL: &str = "my-trail";
pub const ROLE: &str = "web";
/// What the role may do, of which it does the first half.
const GRANTS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:Describe*","sns:*"],"Resource":"*"}]}"#;

pub struct Newcomer {
    pub runtime: Runtime,
    pub front: Front,
    pub world: World,
    /// The folder that commands are given in.
    pub place: Place,
    /// By which calls are signed that they make themselves.
    pub arn: String,
    credentials: Credentials,
    home: tempfile::TempDir,
}

impl Newcomer {
    pub fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let front = Front::start();
        let home = tempfile::tempdir().unwrap();
        let (world, arn, credentials) = runtime.block_on(async {
            let world = World::new(&front).await;
            trail(&world).await;
            let (arn, credentials) = administrator(&front, &world, home.path()).await;
            (world, arn, credentials)
        });
        let place = Place::new();
        checkout(place.folder.path());
        Self { runtime, front, world, place, arn, credentials, home }
    }

    /// Gives commands in their shell, where `alpha` is the program just built, and AWS and Slack are on loopback. Their
    /// keys are in its environment too, where they would go before every profile.
    pub fn run(&self, script: &str) -> Shell {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let aws = root.join("target/awscli/bin");
        assert!(aws.join("aws").exists(), "{} has no aws: `tests/run test` installs it", aws.display());
        let alpha = Path::new(env!("CARGO_BIN_EXE_alpha")).parent().unwrap();
        let folder = self.place.folder.path();
        let mut environment = self.front.environment(&self.credentials, &self.world.region);
        environment.retain(|(name, _)| !name.ends_with("REGION"));
        environment.extend([
            ("HOME", self.home.path().display().to_string()),
            ("PATH", format!("{}:{}:/usr/bin:/bin", alpha.display(), aws.display())),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("ALPHA_SLACK_API_URL", format!("http://{}/api", self.place.slack.address)),
            ("ALPHA_LISTEN", self.place.address.to_string()),
            ("ALPHA_APPROVERS", folder.join("approvers.toml").display().to_string()),
            ("ALPHA_SOAK", "canary=5s,target=5s".to_owned()),
        ]);
        Shell::start(script, folder, &environment)
    }

    /// The tags of the role.
    pub fn tags(&self) -> Vec<(String, String)> {
        let listed = self.runtime.block_on(self.world.iam.list_role_tags().role_name(ROLE).send()).unwrap();
        listed.tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
    }
}

/// A role that was at work in the last days, and where that is recorded.
async fn trail(world: &World) {
    let inline = [("app", GRANTS)];
    let role = world.role(&RoleSpec { name: ROLE, inline: &inline, ..RoleSpec::default() }).await;
    let calls = (0..48).map(|hours: i64| {
        let call = Record::new(&role, &world.region, "ec2", "DescribeInstances", json!({}));
        call.at(Timestamp::now() - hours.hours()).text()
    });
    world.aws.events.add(&world.account, calls);
    aws_sdk_s3::Client::new(&world.sdk).create_bucket().bucket(TRAIL).send().await.unwrap();
    world.log_files(TRAIL, "", None).await;
    world.aws.logs.group(&world.account, &world.region, TRAIL);
}

/// The Region and the credentials of one who may deploy, in their default profile, as `aws configure` leaves them; the
/// ARN of their session, and its keys.
async fn administrator(front: &Front, world: &World, home: &Path) -> (String, Credentials) {
    let name = "administrator";
    let trust = trusting("ec2.amazonaws.com");
    let attached = ["arn:aws:iam::aws:policy/AdministratorAccess"];
    world.role(&RoleSpec { name, trust: Some(&trust), attached: &attached, ..RoleSpec::default() }).await;
    let given = front.as_service("ec2.amazonaws.com", &world.account, name).await.unwrap();
    let folder = home.join(".aws");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("config"), format!("[default]\nregion = {}\n", world.region)).unwrap();
    let (id, secret) = (given.access_key_id(), given.secret_access_key());
    let token = given.session_token().unwrap();
    let keys = format!(
        "[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
    );
    fs::write(folder.join("credentials"), keys).unwrap();
    let sdk = front.sdk(given.clone(), &world.region).await;
    let who = aws_sdk_sts::Client::new(&sdk).get_caller_identity().send().await.unwrap();
    (who.arn.unwrap(), given)
}

/// What lies in the folder: the templates, and the secrets in files, as an editor writes them.
fn checkout(folder: &Path) {
    symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("infra"), folder.join("infra")).unwrap();
    fs::write(folder.join("signing-secret"), format!("{SECRET}\n")).unwrap();
    fs::write(folder.join("bot-token"), format!("{TOKEN}\n")).unwrap();
}
