//! The whole story in AWS: the service as a process, as the bot's own role by what the template grants it, over real
//! signatures; a role that is narrowed, and one whose change is taken back by its first denials.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alpha::iam::document::Document;
use aws_sdk_iam::types::Tag;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::serve::alpha::{Alpha, Place, assert_discreet};
use crate::serve::slack::{OUTCOMES, SECRET, TOKEN};
use crate::serve::until;
use crate::support::aws::deploy::Stack;
use crate::support::aws::front::Front;
use crate::support::aws::journal::Verdict;
use crate::support::aws::world::{IN_SCOPE, World};

const GROUP: &str = "trail";
/// How many days of use count, and are there.
const DAYS: i64 = 10;
/// How long a story may take: the evidence alone waits for reports and for its turn.
const LONG: Duration = Duration::from_mins(4);

/// An account with roles and their past, the stack deployed there, and a service that runs as the bot's role.
struct Story {
    runtime: Runtime,
    front: Front,
    world: Arc<World>,
    place: Place,
    environment: Vec<(String, String)>,
}

impl Story {
    fn new(roles: &[&str]) -> Self {
        let runtime = Runtime::new().unwrap();
        let front = Front::start();
        let (world, stack, credentials) = runtime.block_on(async {
            let world = World::new(&front).await;
            let bucket = world.bucket("trail").await;
            let trail = world.trail("all", &bucket, None).await;
            world.aws.logs.group(&world.account, &world.region, GROUP);
            let said = [("TrailBucket", &*bucket), ("TrailArns", &*trail), ("TrailLogGroup", GROUP)];
            let (stack, credentials) = world.bot(&front, &said).await;
            world.secret("alpha/signing-secret", SECRET).await;
            world.secret("alpha/bot-token", TOKEN).await;
            world.simulated(roles, DAYS).await;
            world.log_files(&bucket, "", None).await;
            (world, stack, credentials)
        });
        let mut environment = settings(&world, &stack);
        let caller = front.environment(&credentials, &world.region);
        environment.extend(caller.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Self { runtime, front, world: Arc::new(world), place: Place::new(), environment }
    }

    /// A command of the program, told what the service is told.
    fn told(&self, mut command: Command) -> Command {
        command.env_remove("SLACK_SIGNING_SECRET").env_remove("SLACK_BOT_TOKEN");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn start(&self) -> Told {
        Told(self.place.start_as(self.told(self.place.command())))
    }

    /// The job of a role, as operators see it.
    fn job(&self, role: &str) -> Option<Value> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alpha"));
        command.env_clear().args(["job", "list", "--role", role, "--output", "json"]);
        command.env("ALPHA_ACCOUNT", "aws").current_dir(self.place.folder.path());
        let output = self.told(command).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let jobs: Value = serde_json::from_slice(&output.stdout).unwrap();
        jobs.as_array().unwrap().first().cloned()
    }

    /// Asks for a role, and waits for what is proposed; the job.
    fn propose(&self, role: &str) -> String {
        until("secrets are there", LONG, || {
            let said = self.place.slash("U0RILEY", &format!("analyze {role} --days {DAYS}"), role).ok()?;
            (said.status == 200).then_some(())
        });
        until("a card", LONG, || {
            let job = self.job(role)?;
            assert_ne!(job["state"], "Failed", "{job}");
            (job["state"] == "AwaitingDecision").then(|| job["id"].as_str().unwrap().to_owned())
        })
    }

    /// Ana presses Approve.
    fn approve(&self, id: &str, trigger: &str) {
        until("an approval", LONG, || Some(self.place.click("U0ANA", id, "approve", trigger)?.unwrap()));
    }

    /// Sets or removes the tag that puts a role in ALPHA's scope.
    fn tag(&self, role: &str, is_set: bool) {
        let (key, value) = IN_SCOPE;
        let iam = &self.world.iam;
        self.runtime.block_on(async {
            if is_set {
                let tag = Tag::builder().key(key).value(value).build().unwrap();
                iam.tag_role().role_name(role).tags(tag).send().await.unwrap();
            } else {
                iam.untag_role().role_name(role).tag_keys(key).send().await.unwrap();
            }
        });
    }

    /// Waits until a job has ended so, and the channel has heard of it.
    fn ends(&self, role: &str, id: &str, state: &str) {
        until(&format!("{role} ends"), LONG, || {
            let job = self.job(role)?;
            let stands = job["state"].as_str()?;
            assert!(
                stands == state
                    || ["AwaitingDecision", "Approved", "Staging", "RollingBack"].contains(&stands),
                "{job}"
            );
            (stands == state).then_some(())
        });
        until("the channel hears of it", LONG, || {
            let said = self.place.slack.messages(OUTCOMES);
            said.iter().any(|message| message["text"].to_string().contains(role)).then_some(())
        });
        assert!(self.place.slack.deliveries(OUTCOMES).values().all(|times| *times == 1), "{id}");
    }

    /// The inline policies of a role, by name.
    fn inline(&self, role: &str) -> Vec<(String, Document)> {
        let iam = &self.world.iam;
        self.runtime.block_on(async {
            let listed = iam.list_role_policies().role_name(role).send().await.unwrap();
            let mut all = Vec::new();
            for name in listed.policy_names {
                let found = iam.get_role_policy().role_name(role).policy_name(&name).send().await.unwrap();
                let text =
                    percent_encoding::percent_decode_str(&found.policy_document).decode_utf8().unwrap();
                all.push((name, Document::parse(text.as_bytes()).unwrap()));
            }
            all
        })
    }

    fn is_bounded(&self, role: &str) -> bool {
        let found = self.runtime.block_on(self.world.iam.get_role().role_name(role).send()).unwrap();
        found.role.unwrap().permissions_boundary.is_some()
    }

    /// The policies that jobs made and that are still there.
    fn left_over(&self) -> Vec<String> {
        let listed = self.runtime.block_on(self.world.iam.list_policies().path_prefix("/alpha/").send());
        listed.unwrap().policies.unwrap_or_default().into_iter().filter_map(|policy| policy.arn).collect()
    }

    /// Everything that the bot asked for was signed, and granted by the template.
    fn assert_granted(&self) {
        let refused: Vec<_> = self
            .front
            .aws
            .journal
            .entries()
            .into_iter()
            .filter(|entry| entry.who.contains("BotRole") && entry.verdict != Verdict::Passed)
            .collect();
        assert!(refused.is_empty(), "{refused:#?}");
    }
}

/// Says what the service said, where a story doesn't end well.
struct Told(Alpha);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0.said());
        }
    }
}

/// What the service is told, as the stack's tasks are.
fn settings(world: &World, stack: &Stack) -> Vec<(String, String)> {
    let told = [
        ("ALPHA_ACCOUNT", "aws".to_owned()),
        ("ALPHA_STORE", format!("dynamodb:{}", stack.outputs["TableName"])),
        ("ALPHA_SECRETS", "secretsmanager:alpha".to_owned()),
        ("ALPHA_HOME_ACCOUNT", world.account.clone()),
        ("ALPHA_TRAIL", format!("arn:aws:cloudtrail:us-east-1:{}:trail/all", world.account)),
        ("ALPHA_EVIDENCE_ROLE", stack.outputs["EvidenceRoleArn"].clone()),
        ("ALPHA_TRAIL_BUCKET", format!("s3://{}-trail", world.account)),
        ("ALPHA_TRAIL_LOG_GROUP", GROUP.to_owned()),
        ("ALPHA_LEASE", "30s".to_owned()),
    ];
    told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A workload: while it lives, a role calls what it called before; and from the time that it is narrowed something that
/// was never seen, and is denied.
struct Workload {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Workload {
    fn of(world: &Arc<World>, role: &str, narrowed: &Arc<AtomicBool>) -> Self {
        let narrowed = Arc::clone(narrowed);
        let stop = Arc::new(AtomicBool::new(false));
        let (world, stopped, role) = (Arc::clone(world), Arc::clone(&stop), format!("/{role}"));
        let past: Vec<Value> = world
            .aws
            .events
            .of(&world.account)
            .iter()
            .filter(|event| event.role().ends_with(&role) && event.json.get("errorCode").is_none())
            .map(|event| event.json.clone())
            .collect();
        assert!(!past.is_empty(), "{role} has a past");
        let denied = past.iter().find_map(denied);
        let thread = std::thread::spawn(move || {
            for (number, call) in past.iter().cycle().enumerate() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                let again = |call: &Value, kind: u8| {
                    let mut call = call.clone();
                    call["eventTime"] = json!(now);
                    call["eventID"] = json!(format!("00000000-0000-4000-800{kind}-{number:012}"));
                    call.to_string()
                };
                let denied = denied.iter().filter(|_| narrowed.load(Ordering::Relaxed));
                let calls = denied.map(|call| again(call, 1)).chain([again(call, 0)]);
                world.aws.events.add(&world.account, calls.collect::<Vec<_>>());
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

/// The closing of a month, which didn't happen in the days that were seen.
fn denied(call: &Value) -> Option<Value> {
    (call["eventName"] == "StartQueryExecution").then(|| {
        let mut call = call.clone();
        call["eventName"] = json!("CreateNamedQuery");
        call["requestParameters"] =
            json!({"workGroup": "month-end", "name": "ledger", "database": "closing"});
        call["responseElements"] = Value::Null;
        (call["errorCode"], call["errorMessage"]) = (json!("AccessDenied"), json!("Access Denied"));
        call
    })
}

impl Drop for Workload {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

#[test]
fn a_role_is_narrowed_in_stages_by_the_bot_s_own_role() {
    let story = Story::new(&["ci-deployer"]);
    let before = story.inline("ci-deployer");
    let alpha = story.start();
    let _work = Workload::of(&story.world, "ci-deployer", &Arc::default());
    let id = story.propose("ci-deployer");
    story.approve(&id, "approve");
    story.ends("ci-deployer", &id, "Succeeded");
    let after = story.inline("ci-deployer");
    assert_ne!(after, before);
    assert!(!story.is_bounded("ci-deployer"));
    assert_eq!(story.left_over(), Vec::<String>::new());
    for (service, operation) in [
        ("access-analyzer", "StartPolicyGeneration"),
        ("access-analyzer", "CheckNoNewAccess"),
        ("iam", "GenerateServiceLastAccessedDetails"),
        ("iam", "SimulateCustomPolicy"),
        ("iam", "PutRolePermissionsBoundary"),
        ("cloudtrail", "LookupEvents"),
        ("s3", "GetObject"),
        ("logs", "StartQuery"),
    ] {
        assert!(!story.front.aws.journal.of(service, operation).is_empty(), "{service} {operation}");
    }
    assert!(!story.front.aws.model.asked().is_empty(), "the model was asked");
    story.assert_granted();
    assert_discreet(&alpha.0.said());
}

#[test]
fn a_change_that_hurts_is_taken_back_by_the_bot_s_own_role() {
    let story = Story::new(&["monthly-report"]);
    let before = story.inline("monthly-report");
    let alpha = story.start();
    let narrowed = Arc::new(AtomicBool::new(false));
    let _work = Workload::of(&story.world, "monthly-report", &narrowed);
    // At first nobody has put the role in scope, which is told before anything is tried.
    story.tag("monthly-report", false);
    let id = story.propose("monthly-report");
    let (card, _) = until("the card is posted", LONG, || story.place.slack.button(&id, "approve"));
    let told = card["blocks"].to_string();
    assert!(told.contains("aws iam tag-role --role-name monthly-report"), "{told}");
    story.approve(&id, "early");
    until("it is refused", LONG, || {
        let (status, said) = story.place.get("/metrics").map(|answer| (answer.status, answer.body)).ok()?;
        assert_eq!(status, 200);
        said.contains("alpha_inbox 0").then_some(())
    });
    assert_eq!(story.job("monthly-report").unwrap()["state"], "AwaitingDecision");
    story.tag("monthly-report", true);
    story.approve(&id, "approve");
    until("the canary stands", LONG, || story.is_bounded("monthly-report").then_some(()));
    narrowed.store(true, Ordering::Relaxed);
    story.ends("monthly-report", &id, "RolledBack");
    assert_eq!(story.inline("monthly-report"), before);
    assert!(!story.is_bounded("monthly-report"));
    assert_eq!(story.left_over(), Vec::<String>::new());
    story.assert_granted();
    assert_discreet(&alpha.0.said());
}
