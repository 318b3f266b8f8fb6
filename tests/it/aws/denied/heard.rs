//! What a person reads of an adapter, in which one of its operations is called: errors, gaps, opinions, the log.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alpha::aws::checks::{self, AwsChecks};
use alpha::aws::evidence::{AwsEvidence, Limits as Sources};
use alpha::aws::health::{Limits as Looks, TrailHealth};
use alpha::aws::reasoner::{self, BedrockReasoner};
use alpha::aws::roles::IamRoles;
use alpha::aws::secrets::AwsSecrets;
use alpha::aws::store::DynamoStore;
use alpha::domain::accounts::Trail;
use alpha::domain::ids::AccountId;
use alpha::domain::job::State;
use alpha::domain::opinion::compare;
use alpha::domain::role::{ManagedPolicy, Snapshot, Write as Change};
use alpha::iam::document::Document;
use alpha::local::clock::SystemClock;
use alpha::local::store::SqliteStore;
use alpha::ports::{
    Checks as _, Evidence as _, Health as _, JobQuery, Progress, Reasoner as _, Roles as _, Secrets as _,
    Store, Window,
};
use aws_sdk_iam::operation::list_policy_versions::ListPolicyVersionsOutput;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::scene::{BOUNDED, DAYS, GUARDRAIL, ROLE, Scene, errand};
use crate::account::approved;
use crate::aws::checks::questions;
use crate::store::samples;
use crate::support::aws::generation::{End, Plan};
use crate::support::aws::troubles::Trouble;
use crate::support::aws::wire::Refusal;

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
/// So that each job that is stored is a new one.
static NUMBER: AtomicU64 = AtomicU64::new(1);
const LONG: Duration = Duration::from_mins(1);

/// The text of what went wrong, if anything did.
fn error<T>(answer: Result<T, impl ToString>) -> String {
    answer.err().map(|error| error.to_string()).unwrap_or_default()
}

impl Scene {
    /// All that is read, place by place.
    pub async fn heard(&self, adapter: &str, operation: &str) -> Vec<String> {
        match adapter {
            "accounts" => {
                let member = AccountId::new(&*self.member.account);
                vec![error(self.accounts(self.trail()).reach(&member, &errand()).await)]
            }
            "bucket" => vec![self.gaps().await, self.health(Trail { log_group: None, ..self.trail() }).await],
            "checks" => vec![self.opinions().await],
            "evidence" if operation == "CancelPolicyGeneration" => vec![self.abandoned().await],
            "evidence" => vec![self.gaps().await],
            "health" if operation == "LookupEvents" => vec![self.health(Trail::default()).await],
            "health" => vec![self.health(self.trail()).await],
            "identity" => Vec::new(),
            "reasoner" => vec![self.advice().await],
            "roles" => vec![self.roles(operation).await],
            "secrets" => {
                let secrets = AwsSecrets::new(&self.sdk, "alpha", Arc::new(SystemClock));
                vec![error(secrets.signing().await)]
            }
            "store" => vec![self.store().await],
            other => panic!("nobody said how {other} is heard"),
        }
    }

    async fn snapshot(&self) -> Snapshot {
        let document = |text: &str| Document::parse(text.as_bytes()).unwrap();
        let found = self.world.iam.get_role().role_name(ROLE).send().await.unwrap().role.unwrap();
        Snapshot {
            last_used: None,
            arn: found.arn,
            role_id: found.role_id,
            path: found.path,
            trust: document(crate::aws::roles::TRUST),
            inline: [("all".to_owned(), document(POLICY))].into(),
            attached: [].into(),
            boundary: None,
            tags: [].into(),
        }
    }

    fn evidence(&self, store: Arc<dyn Store>) -> AwsEvidence {
        let limits = Sources {
            lookup: LONG,
            files: LONG,
            accessed: LONG,
            generation: LONG,
            unused: LONG,
            pace: Duration::from_millis(1),
            pause: Duration::from_millis(20),
            ..Sources::default()
        };
        AwsEvidence::new(self.accounts(self.trail()), store, Arc::new(SystemClock), limits)
    }

    /// What a collection of evidence left out.
    async fn gaps(&self) -> String {
        let folder = tempfile::tempdir().unwrap();
        let evidence = self.evidence(kept(&folder));
        self.idle().await;
        let gathered = evidence.collect(&errand(), &self.snapshot().await, window(), &()).await;
        gathered.unwrap().gaps.join("\n")
    }

    /// What is heard of letting a policy generation go that nobody wants any more.
    async fn abandoned(&self) -> String {
        let folder = tempfile::tempdir().unwrap();
        let evidence = self.evidence(kept(&folder));
        self.idle().await;
        self.front.aws.generations.plan(Plan { polls: usize::MAX, end: End::Succeeded });
        let (role, running) = (self.snapshot().await, Running::default());
        let errand = errand();
        tokio::select! {
            gathered = evidence.collect(&errand, &role, window(), &running) => panic!("{gathered:?}"),
            () = running.0.notified() => {}
        }
        let (log, _listening) = Log::listen();
        let left = error(evidence.abandon(&errand, &role).await);
        format!("{left}\n{}", log.text())
    }

    /// Ends what an earlier collection left running.
    async fn idle(&self) {
        let client = aws_sdk_accessanalyzer::Client::new(&self.world.sdk);
        let jobs = client.list_policy_generations().send().await.unwrap().policy_generations;
        for job in jobs.iter().filter(|job| job.status.as_str() == "IN_PROGRESS") {
            client.cancel_policy_generation().job_id(&job.job_id).send().await.unwrap();
        }
    }

    /// Why a role's health can't be read.
    async fn health(&self, trail: Trail) -> String {
        let step = Duration::from_millis(20);
        let limits = Looks { whole: LONG, pause: step, pace: step };
        let health = TrailHealth::new(self.accounts(trail), Arc::new(SystemClock), limits);
        let since = Timestamp::now() - SignedDuration::from_hours(24);
        error(health.since(&errand(), &self.snapshot().await, since).await)
    }

    /// What AWS's own checks say, as the card has it.
    async fn opinions(&self) -> String {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock);
        let checks =
            AwsChecks::new(self.accounts(self.trail()), checks::Settings::default(), kept(&folder), clock);
        let questions = questions();
        let answers = checks.ask(&errand(), &self.role(ROLE), &questions).await;
        compare(&questions, &answers).into_iter().map(|opinion| opinion.text).collect::<Vec<_>>().join("\n")
    }

    /// Why there is no advice.
    async fn advice(&self) -> String {
        let folder = tempfile::tempdir().unwrap();
        let guardrail = Some((GUARDRAIL.to_owned(), "1".to_owned()));
        let settings = reasoner::Settings { guardrail, ..reasoner::Settings::default() };
        let model = BedrockReasoner::new(&self.sdk, settings, kept(&folder), Arc::new(SystemClock)).unwrap();
        error(model.explain(&samples::case(&samples::job(1), 1)).await)
    }

    /// What is heard of a look at a role, or of a write to one, that makes this call.
    async fn roles(&self, operation: &str) -> String {
        let roles = IamRoles::new(self.accounts(self.trail()));
        let write = self.write(operation).await;
        let Some((role, write)) = write else {
            let name = if operation == "ListRoles" { "ci-deploer" } else { BOUNDED };
            let (log, _listening) = Log::listen();
            let read = error(roles.read(&errand(), &self.role(name)).await);
            return format!("{read}\n{}", log.text());
        };
        error(roles.write(&approved(), &errand(), &self.role(role), &write).await)
    }

    /// A write that makes a call, where one does, and how things have to stand before it.
    async fn write(&self, operation: &str) -> Option<(&'static str, Change)> {
        let iam = &self.world.iam;
        let arn = format!("arn:aws:iam::{}:policy/alpha/alpha-canary-1", self.world.account);
        let document = Document::parse(POLICY.as_bytes()).unwrap();
        let policy = ManagedPolicy { arn: arn.clone(), version: "v1".to_owned(), document: document.clone() };
        // As it has to stand for a look that makes all calls, too.
        let _ = iam.delete_role_permissions_boundary().role_name(BOUNDED).send().await;
        let _ = iam.detach_role_policy().role_name(BOUNDED).policy_arn(&arn).send().await;
        let versions = iam.list_policy_versions().policy_arn(&arn).send().await;
        for version in versions
            .iter()
            .flat_map(ListPolicyVersionsOutput::versions)
            .filter(|own| !own.is_default_version())
        {
            let id = version.version_id().unwrap();
            iam.delete_policy_version().policy_arn(&arn).version_id(id).send().await.unwrap();
        }
        let _ = iam.delete_policy().policy_arn(&arn).send().await;
        if operation == "CreatePolicy" {
            return Some((BOUNDED, Change::CreatePolicy(policy)));
        }
        self.world.policy("/alpha/", "alpha-canary-1", POLICY, 1).await;
        let put = iam.put_role_policy().role_name(BOUNDED).policy_name("p").policy_document(POLICY);
        put.send().await.unwrap();
        let attach = iam.attach_role_policy().role_name(BOUNDED).policy_arn(&arn);
        Some((
            BOUNDED,
            match operation {
                "PutRolePolicy" => Change::PutInline { name: "q".to_owned(), document },
                "DeleteRolePolicy" => Change::DeleteInline { name: "p".to_owned() },
                "AttachRolePolicy" => Change::Attach(policy),
                "DetachRolePolicy" => {
                    attach.send().await.unwrap();
                    Change::Detach { arn }
                }
                "PutRolePermissionsBoundary" => Change::PutBoundary(policy),
                "DeleteRolePermissionsBoundary" => {
                    let put = iam.put_role_permissions_boundary().role_name(BOUNDED);
                    put.permissions_boundary(&arn).send().await.unwrap();
                    Change::RemoveBoundary
                }
                "DeletePolicy" => Change::DeletePolicy { arn },
                // Somebody made a further version, without which IAM would delete it at once.
                "ListPolicyVersions" | "DeletePolicyVersion" => {
                    let made = iam.create_policy_version().policy_arn(&arn).policy_document(POLICY);
                    made.set_as_default(false).send().await.unwrap();
                    let why = Refusal::new(409, "DeleteConflict", "This policy has more than one version.");
                    self.front.aws.troubles.next("iam", "DeletePolicy", Trouble::Refused(why));
                    Change::DeletePolicy { arn }
                }
                _ => {
                    attach.send().await.unwrap();
                    return None;
                }
            },
        ))
    }

    /// What goes wrong with a store in use.
    async fn store(&self) -> String {
        let table = &self.stack.outputs["TableName"];
        let store = DynamoStore::open(&self.sdk, table);
        let mut said = vec![error(store.ready().await)];
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let job = samples::job(number);
        let (now, claim) = (samples::at(1_000_000), samples::worker("w"));
        said.push(error(store.create(samples::new(job.clone())).await));
        said.push(error(store.job(&job.id).await));
        said.push(error(store.jobs(&JobQuery { limit: 9, ..JobQuery::default() }).await));
        said.push(error(store.claim_jobs(&claim, now, 9).await));
        said.push(error(store.save(samples::next(&job, State::Cancelled)).await));
        said.push(error(store.count("key", Duration::from_mins(1), now).await));
        said.push(error(store.write_note("note", None, "text".to_owned()).await));
        said.push(error(store.receive(samples::receipt(number)).await));
        said.push(error(store.settle_receipt(&samples::receipt(number).key, Vec::new()).await));
        match store.claim_rows(&claim, now, 9).await {
            Ok(rows) => {
                for row in rows {
                    said.push(error(store.settle_row(row, None, &claim).await));
                }
            }
            failed => said.push(error(failed)),
        }
        said.push(error(store.release("w").await));
        said.retain(|text| !text.is_empty());
        said.join("\n")
    }
}

fn kept(folder: &tempfile::TempDir) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(&folder.path().join("alpha.db")).unwrap())
}

fn window() -> Window {
    let until = Timestamp::now();
    Window { since: until - SignedDuration::from_hours(24 * DAYS), until }
}

/// Hears that a policy generation runs.
#[derive(Default)]
struct Running(Notify);

impl Progress for Running {
    fn tell(&self, source: &str, how: String) {
        if source.contains("generation") && how.starts_with("running") {
            self.0.notify_one();
        }
    }
}

/// What is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// What is logged on this thread from now on, for as long as it is listened to.
    fn listen() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        (log, tracing::subscriber::set_default(lines))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
