//! Policy generation of Access Analyzer: a job at a time, so many a day, and a policy from what the role did.
//!
//! From the API reference (`StartPolicyGeneration`, `GetGeneratedPolicy`, `ListPolicyGenerations`,
//! `CancelPolicyGeneration`, with the errors that each lists), "IAM Access Analyzer quotas", and "Policy generation
//! permissions" of the user guide for what the passed role has to be granted.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use alpha::iam::arn::Arn;
use alpha::iam::evaluate::Decision;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::access_analyzer::invalid;
use super::callers::{Caller, Session, random};
use super::generated;
use super::grants::Need;
use super::pages::page;
use super::passage::Aws;
use super::wire::{Answer, Asked, Refusal};

/// How far back a job may look.
const DEPTH: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How a job goes.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How often it is asked for and still in progress.
    pub polls: usize,
    pub end: End,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Succeeded,
    Canceled,
    /// With one of `AUTHORIZATION_ERROR`, `RESOURCE_NOT_FOUND_ERROR`, `SERVICE_QUOTA_EXCEEDED_ERROR`, `SERVICE_ERROR`.
    Failed(&'static str, String),
}

/// The jobs of each account and Region, and how those to come go: by default, done at the second look.
#[derive(Debug, Default)]
pub struct Generations {
    jobs: Mutex<HashMap<(String, String), Vec<Job>>>,
    plans: Mutex<VecDeque<Plan>>,
    quota: Mutex<Option<usize>>,
}

#[derive(Debug, Clone)]
struct Job {
    id: String,
    token: String,
    principal: String,
    trails: Value,
    window: (Timestamp, Timestamp),
    started: Timestamp,
    completed: Option<Timestamp>,
    plan: Plan,
}

impl Generations {
    /// How the next job that has no plan yet goes.
    pub fn plan(&self, plan: Plan) {
        self.plans.lock().unwrap().push_back(plan);
    }

    /// How many jobs a day there may be.
    pub fn quota(&self, jobs: usize) {
        *self.quota.lock().unwrap() = Some(jobs);
    }

    fn of<T>(&self, asked: &Asked, caller: &Caller, work: impl FnOnce(&mut Vec<Job>) -> T) -> T {
        let key = (caller.account().to_owned(), asked.region.clone());
        work(self.jobs.lock().unwrap().entry(key).or_default())
    }
}

impl Job {
    fn status(&self) -> &'static str {
        match (&self.completed, &self.plan.end) {
            (None, _) => "IN_PROGRESS",
            (Some(_), End::Succeeded) => "SUCCEEDED",
            (Some(_), End::Canceled) => "CANCELED",
            (Some(_), End::Failed(..)) => "FAILED",
        }
    }

    fn look(&mut self) {
        if self.plan.polls == 0 {
            self.completed.get_or_insert_with(Timestamp::now);
        }
        self.plan.polls = self.plan.polls.saturating_sub(1);
    }

    fn details(&self) -> Value {
        let mut details =
            json!({"jobId": self.id, "status": self.status(), "startedOn": self.started.to_string()});
        if let Some(completed) = self.completed {
            details["completedOn"] = completed.to_string().into();
            if let End::Failed(code, message) = &self.plan.end {
                details["jobError"] = json!({"code": code, "message": message});
            }
        }
        details
    }
}

pub async fn start(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    let principal = asked.json["policyGenerationDetails"]["principalArn"].as_str().unwrap_or_default();
    let details = &asked.json["cloudTrailDetails"];
    let time = |name: &str| details[name].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let (now, start) = (Timestamp::now(), time("startTime"));
    let start = start.ok_or_else(|| invalid("startTime is missing"))?;
    let end = time("endTime").unwrap_or(now);
    // As an answer takes its way too, a few minutes more than 90 days are let pass.
    if start > end || now.duration_since(start) > DEPTH + SignedDuration::from_mins(5) {
        return Err(invalid("The time range must be within the last 90 days."));
    }
    let name = Arn::parse(principal).and_then(|arn| arn.resource.rsplit('/').next()).unwrap_or_default();
    if aws.moto.role(caller.account(), name).await.is_none_or(|role| role.arn != principal) {
        return Err(invalid(format!("Principal {principal} does not exist.")));
    }
    let mut plan = aws.generations.plans.lock().unwrap().pop_front();
    if let Some(lacking) = lacking(aws, asked, caller).await {
        plan = Some(Plan { polls: 0, end: End::Failed("AUTHORIZATION_ERROR", lacking) });
    }
    let job = Job {
        id: random(16),
        token: asked.text("clientToken").unwrap_or_default().to_owned(),
        principal: principal.to_owned(),
        trails: details["trails"].clone(),
        window: (start, end),
        started: now,
        completed: None,
        plan: plan.unwrap_or(Plan { polls: 1, end: End::Succeeded }),
    };
    let quota = aws.generations.quota.lock().unwrap().unwrap_or(50);
    let id = aws.generations.of(asked, caller, |jobs| enter(jobs, job, quota))?;
    Ok(Answer::json(&json!({"jobId": id})))
}

fn enter(jobs: &mut Vec<Job>, job: Job, quota: usize) -> Result<String, Refusal> {
    // The same token is the same request, sent again.
    if let Some(same) = jobs.iter().find(|old| !job.token.is_empty() && old.token == job.token) {
        return Ok(same.id.clone());
    }
    if let Some(running) = jobs.iter().find(|old| old.completed.is_none()) {
        let why = "A policy generation is already in progress.";
        return Err(Refusal::new(409, "ConflictException", why).about("PolicyGeneration", &running.id));
    }
    let day = SignedDuration::from_hours(24);
    if jobs.iter().filter(|old| job.started.duration_since(old.started) < day).count() >= quota {
        let why = "You have exceeded the number of policy generations per day.";
        return Err(
            Refusal::new(402, "ServiceQuotaExceededException", why).about("PolicyGeneration", &job.principal)
        );
    }
    let id = job.id.clone();
    jobs.push(job);
    Ok(id)
}

/// What the passed role would have to be granted and isn't.
async fn lacking(aws: &Aws, asked: &Asked, caller: &Caller) -> Option<String> {
    let details = &asked.json["cloudTrailDetails"];
    let arn = details["accessRole"].as_str()?;
    let name = arn.rsplit('/').next()?;
    let session =
        match super::sts::session_of_service(aws, "access-analyzer.amazonaws.com", caller.account(), name)
            .await
        {
            Ok(session) => session,
            Err(why) => return Some(why),
        };
    let mut needs = vec![
        Need::new(
            "iam:GenerateServiceLastAccessedDetails",
            &*format!("arn:aws:iam::{}:role/x", session.account),
        ),
        Need::new("iam:GetServiceLastAccessedDetails", "*"),
    ];
    for trail in
        details["trails"].as_array().into_iter().flatten().filter_map(|trail| trail["cloudTrailArn"].as_str())
    {
        needs.push(Need::new("cloudtrail:GetTrail", trail));
        let Some((bucket, prefix)) = aws.moto.trail(caller.account(), &asked.region, trail).await else {
            return Some(format!("Trail {trail} could not be read."));
        };
        let bucket = format!("arn:aws:s3:::{bucket}");
        needs.push(Need::new("s3:ListBucket", &*bucket));
        needs.push(Need::new("s3:GetObject", format!("{bucket}/{prefix}AWSLogs/{}/x", session.account)));
    }
    missing(aws, asked, &session, &needs).await
}

async fn missing(aws: &Aws, asked: &Asked, session: &Session, needs: &[Need]) -> Option<String> {
    let grants = aws.known.of(&aws.moto, session).await;
    let is_missing = |need: &&Need| grants.judge(session, asked, need, None).decision != Decision::Allowed;
    let need = needs.iter().find(is_missing)?;
    Some(format!("{} lacks {} on {}", session.role_arn, need.action, need.resource))
}

pub fn get(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    let job = one(aws, asked, caller, Job::look)?;
    let placeholders = asked.get("includeResourcePlaceholders") == Some("true");
    let mut policies = Vec::new();
    if job.status() == "SUCCEEDED" {
        let text = {
            let events = aws.events.of(caller.account());
            generated::policy(&events, &job.principal, job.window, placeholders).to_string()
        };
        policies.push(json!({"policy": text}));
    }
    let trails = job.trails.as_array().into_iter().flatten().map(|trail| {
        json!({"cloudTrailArn": trail["cloudTrailArn"], "regions": trail["regions"], "allRegions": trail["allRegions"]})
    });
    let (start, end) = (job.window.0.to_string(), job.window.1.to_string());
    let trail = json!({"trailProperties": trails.collect::<Vec<_>>(), "startTime": start, "endTime": end});
    let properties =
        json!({"isComplete": placeholders, "principalArn": job.principal, "cloudTrailProperties": trail});
    Ok(Answer::json(&json!({
        "jobDetails": job.details(),
        "generatedPolicyResult": {"properties": properties, "generatedPolicies": policies},
    })))
}

pub fn cancel(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    one(aws, asked, caller, |job| {
        if job.completed.is_none() {
            (job.completed, job.plan.end) = (Some(Timestamp::now()), End::Canceled);
        }
    })?;
    Ok(Answer::json(&json!({})))
}

fn one(aws: &Aws, asked: &Asked, caller: &Caller, work: impl FnOnce(&mut Job)) -> Result<Job, Refusal> {
    let id = asked.segments().pop().unwrap_or_default();
    aws.generations.of(asked, caller, |jobs| {
        let job = jobs.iter_mut().find(|job| job.id == id);
        let job = job.ok_or_else(|| invalid(format!("Invalid jobId: {id}")))?;
        work(job);
        Ok(job.clone())
    })
}

pub fn list(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    let of = asked.get("principalArn");
    let jobs = aws.generations.of(asked, caller, |jobs| jobs.clone());
    let shown = jobs.iter().rev().filter(|job| of.is_none_or(|arn| job.principal == arn)).map(|job| {
        let mut shown = job.details();
        shown["principalArn"] = job.principal.clone().into();
        shown
    });
    let most = asked.get("maxResults").and_then(|text| text.parse().ok()).unwrap_or(10);
    let (shown, next) =
        page(shown.collect(), asked.get("nextToken"), most).ok_or_else(|| invalid("Invalid nextToken"))?;
    Ok(Answer::json(&json!({"policyGenerations": shown, "nextToken": next})))
}
