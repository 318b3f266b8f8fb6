//! A policy that Access Analyzer generates from a trail: one at a time and so many a day in an account and Region, so
//! jobs queue for it, across restarts and processes.

use std::time::Duration;

use aws_sdk_accessanalyzer::Client;
use aws_sdk_accessanalyzer::types::{
    CloudTrailDetails, GeneratedPolicy, GeneratedPolicyResult, JobDetails, JobStatus,
    PolicyGenerationDetails, Trail as CloudTrail,
};
use tokio::time::timeout;

use super::asked::{Asked, Told, Voice};
use super::queue::key;
use super::words::{ordinal, span};
use super::{AwsEvidence, date};
use crate::aws::calls::{Call, Need, On, OnlyKnown};
use crate::aws::fault::{Fault, Kind};
use crate::domain::accounts::Account;
use crate::domain::errand::Errand;
use crate::domain::generation::{Turn, quota};
use crate::domain::ids::AccountId;
use crate::iam::actions::ActionSet;
use crate::iam::catalogue::Catalogue;
use crate::iam::document::{Document, Effect};
use crate::iam::evidence::{Said, Witness};
use crate::ports::{AccountError, StoreError};

pub(super) const NAME: &str = "policy generation";

const START: Call = Call {
    service: "AccessAnalyzer",
    operation: "StartPolicyGeneration",
    needs: &[
        Need { action: "access-analyzer:StartPolicyGeneration", on: On::Anything },
        Need { action: "iam:PassRole", on: On::EvidenceRole },
    ],
};
const GET: Call = Call {
    service: "AccessAnalyzer",
    operation: "GetGeneratedPolicy",
    needs: &[Need { action: "access-analyzer:GetGeneratedPolicy", on: On::Anything }],
};
const CANCEL: Call = Call {
    service: "AccessAnalyzer",
    operation: "CancelPolicyGeneration",
    needs: &[Need { action: "access-analyzer:CancelPolicyGeneration", on: On::Anything }],
};
/// What this calls.
pub const CALLS: &[Call] = &[START, GET, CANCEL];

/// How long leaving may take, after the time is over.
pub(super) const LEAVING: Duration = Duration::from_secs(15);
/// How far back a generation reaches.
const DAYS: i64 = 90;

/// What a look at a queue, and at what runs, came to.
enum Step {
    /// Look again after a pause.
    Again,
    /// Done, with what is told.
    Done(Told),
    /// There is none left in this Region.
    Spent(String),
}

/// One Region in which policies are generated.
struct Place<'a> {
    evidence: &'a AwsEvidence,
    asked: &'a Asked<'a>,
    voice: &'a Voice<'a>,
    evidence_role: &'a str,
    client: Client,
    key: String,
    quota: usize,
}

impl AwsEvidence {
    pub(super) async fn generate(&self, asked: &Asked<'_>, voice: &Voice<'_>) -> Told {
        let trail = &asked.account.trail;
        let Some(role) = trail.evidence_role.as_deref().filter(|_| !trail.arns.is_empty()) else {
            return Told::unasked(format!("{NAME}: no trail and no role to read it by are configured"));
        };
        let generating = self.generate_somewhere(asked, voice, role);
        if let Ok(told) = timeout(self.limits.generation, generating).await {
            return told;
        }
        if let Err(error) = self.leave(asked.id, asked.account, asked.errand).await {
            tracing::warn!(job = %asked.errand.job, %error, "a place in the queue could not be left");
        }
        let why = format!("there was none within {}", span(self.limits.generation));
        voice.failed(AccountError::Unavailable(why))
    }

    /// In the Region in which the job waits already, or in the first that has any left.
    async fn generate_somewhere(&self, asked: &Asked<'_>, voice: &Voice<'_>, role: &str) -> Told {
        let mut regions: Vec<&str> = asked.account.regions.iter().map(String::as_str).collect();
        if regions.is_empty() {
            regions.push(asked.account.region());
        }
        if regions.len() > 1 {
            for at in 0..regions.len() {
                match self.queue(&key(asked.id, regions[at])).await {
                    Ok(queue) if queue.knows(&asked.errand.job) => regions.swap(0, at),
                    Ok(_) => {}
                    Err(error) => return voice.failed(of_store(&error)),
                }
            }
        }
        let mut spent = Vec::new();
        for region in regions {
            let config = match asked.accounts.reach_in(asked.id, asked.errand, region).await {
                Ok(config) => config,
                Err(error) => return voice.failed(error),
            };
            let place = Place {
                evidence: self,
                asked,
                voice,
                evidence_role: role,
                client: client(&config),
                key: key(asked.id, region),
                quota: quota(region),
            };
            match place.generate().await {
                Ok(told) => return told,
                Err(why) => spent.push(format!("{region}: {why}")),
            }
        }
        voice.failed(AccountError::Rejected(spent.join("; ")))
    }

    /// Gives a job's places to others, and cancels what it has started.
    pub(super) async fn leave(
        &self,
        id: &AccountId,
        account: &Account,
        errand: &Errand,
    ) -> Result<(), AccountError> {
        for region in &account.regions {
            let key = key(id, region);
            let queue = self.queue(&key).await.map_err(|error| of_store(&error))?;
            if !queue.knows(&errand.job) {
                continue;
            }
            if let Some(generation) = queue.generation_of(&errand.job) {
                let config = self.accounts.reach_in(id, errand, region).await?;
                // One that is over already can't be cancelled, and needn't be.
                match cancel(&client(&config), generation).await {
                    Err(fault) if !matches!(fault.kind, Kind::Missing | Kind::Rejected | Kind::Exists) => {
                        tracing::warn!(job = %errand.job, %fault, "what was started could not be cancelled");
                    }
                    Ok(()) | Err(_) => {}
                }
            }
            self.in_queue(&key, |queue, _| queue.leave(&errand.job))
                .await
                .map_err(|error| of_store(&error))?;
        }
        Ok(())
    }
}

impl Place<'_> {
    /// What came of it; an error where there is none left here.
    async fn generate(&self) -> Result<Told, String> {
        loop {
            match self.step().await {
                Ok(Step::Again) => tokio::time::sleep(self.evidence.limits.pause).await,
                Ok(Step::Done(told)) => return Ok(told),
                Ok(Step::Spent(why)) => return Err(why),
                Err(error @ StoreError::Unavailable(_)) => {
                    tracing::warn!(queue = self.key, %error, "the queue can't be looked at yet");
                    tokio::time::sleep(self.evidence.limits.pause).await;
                }
                Err(error) => return Ok(self.voice.failed(of_store(&error))),
            }
        }
    }

    async fn step(&self) -> Result<Step, StoreError> {
        let job = &self.asked.errand.job;
        let look = |queue: &mut crate::domain::generation::Queue, now| {
            let turn = queue.look(job, self.quota, now);
            (turn, queue.left(self.quota, now))
        };
        let (turn, left) = self.evidence.in_queue(&self.key, look).await?;
        let left = format!("{left} of {} left today", self.quota);
        match turn {
            Turn::Wait(place) => {
                self.voice.say(format!("{} in the queue, {left}", ordinal(place)));
                Ok(Step::Again)
            }
            Turn::Start(token) => self.start(token, &left).await,
            Turn::Follow(generation) => self.follow(&generation, &left).await,
            Turn::Clear(generation) => {
                if let Err(fault) = cancel(&self.client, &generation).await {
                    tracing::warn!(generation, %fault, "what somebody left behind could not be cancelled");
                }
                self.evidence.in_queue(&self.key, |queue, _| queue.cleared(&generation)).await?;
                Ok(Step::Again)
            }
            Turn::Spent(until) => {
                let until = until.strftime("%Y-%m-%d %H:%M");
                Ok(Step::Spent(format!("none of the {} a day is left, until {until} UTC", self.quota)))
            }
        }
    }

    async fn start(&self, token: String, left: &str) -> Result<Step, StoreError> {
        let job = &self.asked.errand.job;
        let details = match self.details() {
            Ok(details) => details,
            Err(why) => return self.done(self.voice.failed(AccountError::Rejected(why))).await,
        };
        let principal = PolicyGenerationDetails::builder().principal_arn(&self.asked.role.arn).build().ok();
        let started = self
            .client
            .start_policy_generation()
            .set_policy_generation_details(principal)
            .cloud_trail_details(details)
            .client_token(token)
            .send()
            .await
            .map_err(|error| {
                let role = self.asked.account.trail.evidence_role.clone().unwrap_or_default();
                Fault::of(&START, &error).at(On::EvidenceRole, role)
            });
        match started {
            Ok(started) => {
                self.evidence.in_queue(&self.key, |queue, _| queue.started(job, &started.job_id)).await?;
                self.voice.say(format!("running, {left}"));
                Ok(Step::Again)
            }
            Err(fault) => match fault.kind {
                Kind::Exists => {
                    self.evidence.in_queue(&self.key, |queue, now| queue.put_off(job, now)).await?;
                    self.voice.say(format!("1st in the queue, behind one that isn't ALPHA's, {left}"));
                    Ok(Step::Again)
                }
                Kind::Quota => {
                    self.evidence.in_queue(&self.key, |queue, now| queue.refuse(job, now)).await?;
                    Ok(Step::Spent(fault.to_string()))
                }
                Kind::Throttled | Kind::Unknown => {
                    tracing::warn!(%job, %fault, "a policy generation could not be started yet");
                    Ok(Step::Again)
                }
                Kind::Denied | Kind::Credentials | Kind::Missing | Kind::Rejected => {
                    self.done(self.voice.fault(fault)).await
                }
            },
        }
    }

    async fn follow(&self, generation: &str, left: &str) -> Result<Step, StoreError> {
        let answer = self.client.get_generated_policy().job_id(generation).send().await;
        let answer = match answer.map_err(|error| Fault::of(&GET, &error)) {
            Ok(answer) => answer,
            Err(fault) if matches!(fault.kind, Kind::Throttled | Kind::Unknown | Kind::Credentials) => {
                tracing::warn!(generation, %fault, "a policy generation can't be looked at yet");
                return Ok(Step::Again);
            }
            Err(fault) => return self.done(self.voice.fault(fault)).await,
        };
        let failed = |why: String| self.voice.failed(AccountError::Rejected(why));
        match answer.job_details.as_ref().map(|job| &job.status) {
            Some(JobStatus::InProgress) => {
                self.voice.say(format!("running, {left}"));
                Ok(Step::Again)
            }
            Some(JobStatus::Succeeded) => {
                let result = answer.generated_policy_result;
                let policies =
                    result.as_ref().map(GeneratedPolicyResult::generated_policies).unwrap_or_default();
                let texts: Vec<&str> = policies.iter().map(GeneratedPolicy::policy).collect();
                let complete = result.as_ref().and_then(|result| result.properties.as_ref());
                let is_complete = complete.and_then(|properties| properties.is_complete);
                self.done(self.heard(&texts, is_complete)).await
            }
            Some(JobStatus::Canceled) => self.done(failed("it was cancelled by somebody".to_owned())).await,
            Some(JobStatus::Failed) => self.done(failed(reason(answer.job_details.as_ref()))).await,
            Some(_) | None => self.done(failed("it is in a state that isn't known".to_owned())).await,
        }
    }

    /// What the generated policies say, and what they may not.
    fn heard(&self, texts: &[&str], is_complete: Option<bool>) -> Told {
        let mut gaps = Vec::new();
        match actions(texts) {
            Ok(actions) => {
                let said = Said::Used(Witness::GeneratedPolicy);
                self.asked.found.lock().hear(actions.iter().map(|action| (action, said)));
            }
            Err(why) => return self.voice.failed(AccountError::Rejected(why)),
        }
        if is_complete == Some(false) {
            gaps.push(format!(
                "{NAME}: AWS says that its policy isn't complete (25 GB and 100,000 files of logs are its limit)"
            ));
        }
        if self.asked.window.since < self.earliest() {
            gaps.push(format!("{NAME} reaches back {DAYS} days only"));
        }
        Told::but_for(gaps)
    }

    /// Leaves the queue with what is told.
    async fn done(&self, told: Told) -> Result<Step, StoreError> {
        let job = &self.asked.errand.job;
        self.evidence.in_queue(&self.key, |queue, _| queue.leave(job)).await?;
        Ok(Step::Done(told))
    }

    fn earliest(&self) -> jiff::Timestamp {
        self.asked.window.until - jiff::SignedDuration::from_hours(24 * DAYS)
    }

    fn details(&self) -> Result<CloudTrailDetails, String> {
        let trails = self.asked.account.trail.arns.iter();
        let trails = trails.map(|arn| CloudTrail::builder().cloud_trail_arn(arn).all_regions(true).build());
        let trails = trails.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        CloudTrailDetails::builder()
            .set_trails(Some(trails))
            .access_role(self.evidence_role)
            .start_time(date(self.asked.window.since.max(self.earliest())))
            .end_time(date(self.asked.window.until))
            .build()
            .map_err(|error| error.to_string())
    }
}

fn client(config: &aws_types::SdkConfig) -> Client {
    let config = aws_sdk_accessanalyzer::config::Builder::from(config).interceptor(OnlyKnown(CALLS)).build();
    Client::from_conf(config)
}

async fn cancel(client: &Client, generation: &str) -> Result<(), Fault> {
    let cancelled = client.cancel_policy_generation().job_id(generation).send().await;
    cancelled.map(drop).map_err(|error| Fault::of(&CANCEL, &error))
}

fn reason(job: Option<&JobDetails>) -> String {
    match job.and_then(|job| job.job_error.as_ref()) {
        Some(error) => format!("it failed: {}: {}", error.code.as_str(), error.message),
        None => "it failed, and AWS doesn't say why".to_owned(),
    }
}

fn of_store(error: &StoreError) -> AccountError {
    AccountError::Unavailable(format!("whose turn it is can't be looked up: {error}"))
}

/// The actions that generated policies allow. Their resources are placeholders for people to fill in.
fn actions(texts: &[&str]) -> Result<ActionSet, String> {
    let catalogue = Catalogue::embedded();
    let mut all = ActionSet::empty();
    for text in texts {
        let document = Document::parse(text.as_bytes())
            .map_err(|error| format!("a generated policy can't be read: {error}"))?;
        let allows = document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        for selection in allows.filter_map(|statement| statement.actions.as_ref()) {
            if !selection.negated {
                selection.patterns.iter().for_each(|pattern| catalogue.expand_into(pattern, &mut all));
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_generated_policies_allow_is_what_they_say_was_used() {
        let first = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["s3:ListAllMyBuckets","ec2:DescribeInstances"],"Resource":"*"},
            {"Effect":"Allow","Action":"sqs:ListQueues","Resource":"arn:aws:sqs:${Region}:${Account}:${QueueName}"}]}"#;
        let second =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}}"#;
        let names: Vec<String> = actions(&[first, second])
            .unwrap()
            .iter()
            .map(|action| Catalogue::embedded().full_name(action))
            .collect();
        assert_eq!(names, ["ec2:DescribeInstances", "s3:ListAllMyBuckets", "sqs:ListQueues"]);
        assert!(actions(&["not a policy"]).is_err());
    }
}
