//! Samples for tests: a role, a case, a job.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::approval::{Decision, Order, Verdict, Word};
use super::directory::{Directory, Grant, Principal, Verb};
use super::ids::{AccountId, ChannelId, GroupId, JobId, Person, PrincipalId, ReceiptKey};
use super::job::{Asked, Brief, Event, Job, Options, Transition, first_entry, next};
use super::proposal::{Case, CoverageFacts, DiffFacts, ProofFacts};
use super::role::{ManagedPolicy, RoleRef, Snapshot};
use super::rollout::Watch;
use super::rollout::plan::plan;
use crate::iam::document::Document;
use crate::iam::proposal::{Form, PolicyPart};
use crate::iam::risk::{Risk, RiskLevel};

/// The moment at which samples are made.
pub fn start() -> Timestamp {
    "2026-11-27T12:00:00Z".parse().unwrap()
}

/// So many seconds later.
pub fn at(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

/// A document from its text.
pub fn document(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap()
}

/// A document that allows actions on everything.
pub fn allow(actions: &[&str]) -> Document {
    let actions = serde_json::to_string(actions).unwrap();
    document(&format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{actions},"Resource":"*"}}}}"#
    ))
}

/// A role with an inline policy that grants all of S3, and an attached one.
pub fn snapshot() -> Snapshot {
    let attached = ManagedPolicy {
        arn: "arn:aws:iam::111122223333:policy/queues".to_owned(),
        version: "v3".to_owned(),
        document: allow(&["sqs:*"]),
    };
    Snapshot {
        last_used: None,
        arn: "arn:aws:iam::111122223333:role/app/web".to_owned(),
        role_id: "AROAEXAMPLE".to_owned(),
        path: "/app/".to_owned(),
        trust: document(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#,
        ),
        inline: BTreeMap::from([("files".to_owned(), allow(&["s3:*"]))]),
        attached: BTreeMap::from([(attached.arn.clone(), attached)]),
        boundary: None,
        tags: BTreeMap::from([("team".to_owned(), "web".to_owned())]),
    }
}

/// What the sample role used.
pub fn proposed() -> Vec<PolicyPart> {
    let document = allow(&["s3:GetObject", "sqs:SendMessage"]);
    vec![PolicyPart { form: Form::Inline, size: document.size(), document }]
}

/// A case for a job that narrows the sample role.
pub fn case(job: &JobId) -> Case {
    case_of(job, &snapshot(), &proposed())
}

/// A case that narrows a role to some policies.
pub fn case_of(job: &JobId, snapshot: &Snapshot, proposed: &[PolicyPart]) -> Case {
    let documents: Vec<Document> = proposed.iter().map(|part| part.document.clone()).collect();
    let observed = documents.first().cloned().unwrap_or_else(|| allow(&["s3:GetObject"]));
    let plan = plan(job, snapshot, proposed, &observed, &Watch::default()).unwrap();
    Case {
        job: job.clone(),
        revision: 1,
        snapshot: snapshot.clone(),
        proposed: documents,
        used: vec!["s3:GetObject".to_owned(), "sqs:SendMessage".to_owned()],
        writes: plan.writes,
        stages: plan.stages,
        coverage: CoverageFacts { calls: 100, days: 90, asked_days: 90, gaps: Vec::new() },
        proofs: ProofFacts { allowed: 100, grants: 2, ..ProofFacts::default() },
        changes: DiffFacts { before: 170, after: 2, ..DiffFacts::default() },
        risk: Risk { level: RiskLevel::Low, reasons: Vec::new() },
        opinions: Vec::new(),
        prose: None,
        guardrails: "sandbox".to_owned(),
        made: start(),
    }
}

/// The requester.
pub fn riley() -> Person {
    Person::new("T1", "U1")
}

/// An approver.
pub fn ana() -> Person {
    Person::new("T1", "U2")
}

/// A job that was just asked for.
pub fn job() -> Job {
    let asked = Asked {
        by: riley(),
        channel: ChannelId::new("C1"),
        response_url: None,
        receipt: ReceiptKey::new("command:1"),
        options: Options::default(),
    };
    let role = RoleRef { account: AccountId::new("111122223333"), name: "web".to_owned() };
    let mut job = Job::new(JobId::at(start(), 7), role, asked, start());
    first_entry(&mut job);
    job
}

/// A job after some events, each a second after the one before it.
pub fn after(events: &[Event]) -> Transition {
    let mut job = job();
    let mut last = None;
    for (second, event) in (1..).zip(events) {
        let transition = next(&job, event, at(second)).unwrap();
        job = transition.job.clone();
        last = Some(transition);
    }
    last.unwrap()
}

/// A job that people are asked about.
pub fn awaiting() -> Job {
    after(&opening()).job
}

/// What happens until people are asked.
pub fn opening() -> Vec<Event> {
    let id = job().id;
    vec![
        Event::Admitted,
        Event::Collected { what: "100 calls".to_owned() },
        Event::Proposed(Box::new(Brief::of(&case(&id), true))),
    ]
}

/// An approval of a job's case by the approver.
pub fn approval(job: &Job) -> Decision {
    let case = job.case.as_ref().unwrap();
    Decision {
        verdict: Verdict::Approve,
        principal: Some(PrincipalId::new("ana")),
        person: Some(ana()),
        revision: case.revision,
        digest: case.digest.clone(),
        at: at(10),
        reason: None,
    }
}

/// A job that was approved.
pub fn approved() -> Job {
    let job = awaiting();
    next(&job, &Event::Decided(approval(&job)), at(10)).unwrap().job
}

/// The approver's word on a job that is being rolled out.
pub fn word(order: Order) -> Word {
    Word { order, principal: Some(PrincipalId::new("ana")), person: Some(ana()), at: at(15), question: None }
}

/// A directory in which Ana and Ben approve and Riley asks; Riley has a second Slack user.
pub fn directory() -> Directory {
    let principal = |id: &str, users: &[&str], group: &str| Principal {
        id: PrincipalId::new(id),
        slack: users.iter().map(|user| ("T1".to_owned(), (*user).to_owned())).collect(),
        aws: Vec::new(),
        groups: vec![GroupId::new(group)],
    };
    let grant = |group: &str, verbs: &[Verb]| Grant {
        group: GroupId::new(group),
        verbs: verbs.to_vec(),
        accounts: vec!["*".to_owned()],
        paths: vec!["/".to_owned()],
        tags: BTreeMap::new(),
        max_severity: RiskLevel::High,
    };
    Directory {
        principals: vec![
            principal("riley", &["U1", "U9"], "security"),
            principal("ana", &["U2"], "security"),
            principal("ben", &["U3"], "security"),
            principal("dev", &["U4"], "developers"),
        ],
        grants: vec![
            grant("security", &[Verb::Request, Verb::Approve, Verb::Operate]),
            grant("developers", &[Verb::Request]),
        ],
    }
}
