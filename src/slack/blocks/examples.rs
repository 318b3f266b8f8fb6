//! An example of each file, filled with believable values: for the command line, and for the tests.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Context, File, message, note, view};
use crate::domain::approval::{Decision, Order, Verdict, Word};
use crate::domain::delivery::{Modal, Slot};
use crate::domain::ids::{AccountId, ChannelId, JobId, MessageTs, Person, PrincipalId, ReceiptKey};
use crate::domain::job::{Asked, Brief, Job, Options, Phase, State};
use crate::domain::opinion::{Check, Opinion, Stand};
use crate::domain::proposal::{Case, CoverageFacts, DiffFacts, DiffLine, ProofFacts, Prose};
use crate::domain::role::{RoleRef, Snapshot};
use crate::domain::rollout::{PlannedStage, Stage, Watch};
use crate::iam::document::{Document, Version};
use crate::iam::risk::{Reason, Risk, RiskLevel};

/// An example of a file as Block Kit Builder takes it: the view of a modal, the blocks of a message.
pub fn payload(file: File) -> Value {
    match example(file) {
        Example::Modal(modal) => view(
            &modal,
            Some(&job(State::AwaitingDecision { expires: at(8 * 60), remind: at(15), reminders: 0 })),
        ),
        Example::Note(text) => json!({ "blocks": note(&text).blocks }),
        Example::Message(slot, job, case) => {
            json!({ "blocks": message(&slot, &job, case.as_deref(), &Context { simulated: true, alone: false }).blocks })
        }
    }
}

/// What a file is an example of.
pub(super) enum Example {
    /// A message about a job.
    Message(Slot, Box<Job>, Option<Box<Case>>),
    /// An answer.
    Note(String),
    /// A modal.
    Modal(Modal),
}

/// What gives each file.
pub(super) fn example(file: File) -> Example {
    let why = || "canary: 212 calls, 3 denied by the change (s3:PutObject 3 times)".to_owned();
    let asked = State::AwaitingDecision { expires: at(8 * 60), remind: at(15), reminders: 0 };
    let soaking = Phase::Soaking { since: at(30), until: at(45), extended: false };
    let staging = State::Staging { stage: Stage::Canary, phase: soaking };
    let held = "too few calls to judge by: 3 calls, 0 denied by the change".to_owned();
    let held = State::Held { stage: Stage::Canary, why: held, since: at(45), time: 1 };
    let (slot, state) = match file {
        File::Root => (Slot::Root, staging),
        File::Card | File::CardUnreadable => (Slot::Card(1), asked),
        File::CardDecided => (Slot::Card(1), State::Approved),
        File::Reminder => (Slot::Reminder(1), asked),
        File::ReminderOver => (Slot::Reminder(1), staging),
        File::Held => (Slot::Held(1), held),
        File::HeldDecided => (Slot::Held(1), State::Staging { stage: Stage::Canary, phase: Phase::Accepted }),
        File::OutcomeSucceeded => (Slot::Outcome(0), State::Succeeded),
        File::OutcomeRolledBack => (Slot::Outcome(0), State::RolledBack { why: why() }),
        File::OutcomeDenied => (Slot::Outcome(0), State::Denied),
        File::OutcomeExpired => (Slot::Outcome(0), State::Expired),
        File::OutcomeCancelled => (Slot::Outcome(0), State::Cancelled),
        File::OutcomeSuperseded => {
            let why = "the inline policy deploy was edited after the proposal was made".to_owned();
            (Slot::Outcome(0), State::Superseded { why })
        }
        File::OutcomeFailed => {
            let why = "alpha isn't allowed to do this: iam:GetRolePolicy on role/ci-deployer".to_owned();
            (Slot::Outcome(0), State::Failed { why })
        }
        File::OutcomeNothingToDo => {
            let why = "the role's policies grant nothing that it doesn't use".to_owned();
            (Slot::Outcome(0), State::NothingToDo { why })
        }
        File::OutcomeStuck => (Slot::Outcome(0), State::Stuck { why: stuck() }),
        File::Announcement => (Slot::Announcement(0), State::Succeeded),
        File::DiffElsewhere => (Slot::Pointer(1), asked),
        File::Note => {
            return Example::Note("No job is open. Ask for one with: /alpha analyze ci-deployer".to_owned());
        }
        File::Deny => return Example::Modal(deny()),
        File::Ask => return Example::Modal(ask()),
    };
    let case = (file != File::CardUnreadable).then(|| Box::new(case()));
    let mut job = job(state);
    job.word = (file == File::HeldDecided).then(word);
    Example::Message(slot, Box::new(job), case)
}

/// So many minutes after the job was asked for.
fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_782_914_700 + minutes * 60).unwrap_or_default()
}

fn stuck() -> String {
    "somebody else changed the role meanwhile: hotfix is new.\n\
     Of what this job did, this stands: set the permissions boundary to \
     arn:aws:iam::111122223333:policy/alpha/alpha-canary-j-01jz3f9k2m7q8r5t; create managed policy \
     arn:aws:iam::111122223333:policy/alpha/alpha-canary-j-01jz3f9k2m7q8r5t.\n\
     To take it back by hand:\n\
     aws iam delete-role-permissions-boundary --role-name ci-deployer\n\
     aws iam delete-policy --policy-arn arn:aws:iam::111122223333:policy/alpha/alpha-canary-j-01jz3f9k2m7q8r5t"
        .to_owned()
}

/// A job in a state, decided on as that state needs it.
pub(super) fn job(state: State) -> Job {
    let role = RoleRef { account: AccountId::new("111122223333"), name: "ci-deployer".to_owned() };
    let asked = Asked {
        by: Person::new("T0ACME", "U0RAVI"),
        channel: ChannelId::new("C0CLOUD"),
        response_url: None,
        receipt: ReceiptKey::new("trigger-1"),
        options: Options::default(),
    };
    let case = case();
    let mut job = Job::new(case.job.clone(), role, asked, at(0));
    job.case = Some(Brief {
        revision: case.revision,
        digest: case.digest(),
        severity: case.risk.level,
        stages: case.stages.clone(),
        approvable: true,
        out_of_scope: None,
        path: case.snapshot.path.clone(),
        tags: BTreeMap::new(),
    });
    let verdict = match &state {
        State::Denied => Some(Verdict::Deny),
        State::Cancelled => Some(Verdict::Withdraw),
        State::Requested
        | State::Collecting
        | State::Proposing
        | State::AwaitingDecision { .. }
        | State::Expired
        | State::Failed { .. }
        | State::NothingToDo { .. } => None,
        State::Approved
        | State::Staging { .. }
        | State::Held { .. }
        | State::RollingBack { .. }
        | State::Succeeded
        | State::RolledBack { .. }
        | State::Superseded { .. }
        | State::Stuck { .. } => Some(Verdict::Approve),
    };
    job.decision = verdict.map(|verdict| decision(verdict, &job));
    job.state = state;
    job
}

fn decision(verdict: Verdict, job: &Job) -> Decision {
    let (principal, user) = match verdict {
        Verdict::Withdraw => ("ravi", "U0RAVI"),
        Verdict::Approve | Verdict::Deny => ("ana", "U0ANA"),
    };
    Decision {
        verdict,
        principal: Some(PrincipalId::new(principal)),
        person: Some(Person::new("T0ACME", user)),
        revision: 1,
        digest: job
            .case
            .as_ref()
            .map_or_else(|| crate::domain::ids::Digest::new(""), |brief| brief.digest.clone()),
        at: at(12),
        reason: (verdict == Verdict::Deny).then(|| {
            crate::domain::reason::Reason::stored(
                "The quarterly release is on Friday.\nPlease ask again after it.".to_owned(),
            )
        }),
    }
}

/// That a stage was let pass, as an answer to the first question.
pub(super) fn word() -> Word {
    Word {
        order: Order::Continue,
        principal: Some(PrincipalId::new("ana")),
        person: Some(Person::new("T0ACME", "U0ANA")),
        at: at(52),
        question: Some(1),
    }
}

/// What a proposal for a role that deploys could be.
pub(super) fn case() -> Case {
    let line =
        |kind: &str, text: &str, actions| DiffLine { kind: kind.to_owned(), text: text.to_owned(), actions };
    let watch = Watch::default();
    let staged = |stage: Stage, writes, skipped: Option<&str>| PlannedStage {
        stage,
        soak: if stage == Stage::Sandbox { Duration::ZERO } else { watch.soak_of(stage) },
        threshold: stage.threshold(),
        min_calls: watch.min_calls,
        writes,
        skipped: skipped.map(str::to_owned),
    };
    let reason = |level, text: &str| Reason { level, text: text.to_owned() };
    let opinion = |check, stand, text: &str| Opinion { check, stand, text: text.to_owned() };
    Case {
        job: JobId::new("j-01jz3f9k2m7q8r5t"),
        revision: 1,
        snapshot: snapshot(),
        proposed: Vec::new(),
        used: ["s3:GetObject", "s3:ListBucket", "s3:PutObject"].map(str::to_owned).to_vec(),
        writes: Vec::new(),
        stages: vec![
            staged(
                Stage::Sandbox,
                0,
                Some("no sandbox role is configured: the replay of the observed calls is the judge"),
            ),
            staged(Stage::Canary, 2, None),
            staged(Stage::Target, 4, None),
        ],
        coverage: CoverageFacts {
            calls: 12_408,
            days: 88,
            asked_days: 90,
            gaps: vec!["no trail covers the first two days".to_owned()],
        },
        proofs: ProofFacts {
            allowed: 12_408,
            undecided: 0,
            broken: 0,
            grants: 3,
            violations: 0,
            unproved: 0,
        },
        changes: DiffFacts {
            before: 161,
            after: 5,
            lines: vec![
                line(
                    "lost",
                    "s3: DeleteBucket, DeleteObject, PutBucketPolicy, PutBucketAcl and 139 more",
                    143,
                ),
                line("lost", "cloudfront: CreateInvalidation, UpdateDistribution and 11 more", 13),
                line("narrowed", "s3: GetObject, PutObject, ListBucket; used 12408 times", 3),
            ],
            whole: "161 actions granted before, 5 after\n".to_owned(),
            unobservable: vec!["iam:PassRole".to_owned(), "sts:SetSourceIdentity".to_owned()],
            unwatched: vec!["s3:DeleteObject*".to_owned()],
        },
        risk: Risk {
            level: RiskLevel::Low,
            reasons: vec![
                reason(RiskLevel::Low, "something is taken away with less than 90 days of evidence"),
                reason(RiskLevel::Low, "all of an access level is taken away: Tagging"),
            ],
        },
        opinions: vec![
            opinion(Check::ValidatePolicy, Stand::Agrees, "nothing is wrong with the proposed policies"),
            opinion(Check::CheckNoNewAccess, Stand::Agrees, "nothing new is granted"),
            opinion(
                Check::CheckAccessNotGranted,
                Stand::Silent,
                "the 100 billed checks of today are used up",
            ),
            opinion(Check::SimulateCustomPolicy, Stand::Agrees, "of 12 observed calls 12 stay allowed"),
        ],
        prose: Some(Prose {
            text: "The role reads and writes one bucket. It keeps that, and loses what it never used."
                .to_owned(),
            author: "us.anthropic.claude-sonnet-4-5-20250929-v1:0".to_owned(),
            opinion: Some(RiskLevel::Low),
            instead: None,
        }),
        guardrails: "sandbox: nothing is refused".to_owned(),
        made: at(4),
    }
}

fn snapshot() -> Snapshot {
    Snapshot {
        last_used: None,
        arn: "arn:aws:iam::111122223333:role/ci/ci-deployer".to_owned(),
        role_id: "AROAEXAMPLECIDEPLOYER".to_owned(),
        path: "/ci/".to_owned(),
        trust: Document { version: Some(Version::V2012), id: None, statements: Vec::new() },
        inline: BTreeMap::new(),
        attached: BTreeMap::new(),
        boundary: None,
        tags: BTreeMap::new(),
    }
}

fn deny() -> Modal {
    let case = case();
    Modal::Deny {
        digest: case.digest(),
        job: case.job,
        revision: case.revision,
        channel: ChannelId::new("C0CLOUD"),
        thread: Some(MessageTs::new("1782914701.000100")),
    }
}

fn ask() -> Modal {
    Modal::Ask { channel: ChannelId::new("C0CLOUD"), thread: MessageTs::new("1782914701.000100") }
}
