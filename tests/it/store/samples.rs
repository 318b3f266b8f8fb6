//! Jobs, cases, receipts and rows to be stored, made by hand. What decides on them in earnest is tested elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use alpha::domain::approval::{Decision, Verdict};
use alpha::domain::audit::Entry;
use alpha::domain::delivery::{Act, Reply, Row, Slot};
use alpha::domain::ids::{
    AccountId, ChannelId, DeliveryId, Digest, JobId, MessageTs, Person, PrincipalId, ReceiptKey, TeamId,
    UserId,
};
use alpha::domain::job::{Asked, Brief, Job, Options, State};
use alpha::domain::opinion::{Check, Opinion, Stand};
use alpha::domain::proposal::{Case, CoverageFacts, DiffFacts, DiffLine, ProofFacts, Prose};
use alpha::domain::receipt::{Receipt, Said, Sender};
use alpha::domain::role::{LastUsed, ManagedPolicy, RoleRef, Snapshot, Write};
use alpha::domain::rollout::{PlannedStage, Stage};
use alpha::iam::document::Document;
use alpha::iam::risk::{Reason, Risk, RiskLevel};
use alpha::ports::{Change, Claim};
use jiff::Timestamp;

/// So many milliseconds after the beginning of all tests.
pub fn at(milliseconds: u64) -> Timestamp {
    let beginning: Timestamp = "2026-10-01T08:00:00Z".parse().unwrap();
    beginning + Duration::from_millis(milliseconds)
}

/// Somebody who holds things for ten seconds.
pub fn worker(owner: &str) -> Claim {
    Claim { owner: owner.to_owned(), lease: Duration::from_secs(10) }
}

/// The name of a job; a larger number is a later one.
pub fn name(number: u64) -> JobId {
    JobId::at(at(number), number)
}

/// A job that was just asked for, due from its beginning; each number has a role and a receipt of its own.
pub fn job(number: u64) -> Job {
    let role = RoleRef { account: AccountId::new("111122223333"), name: format!("Role-{number}") };
    let asked = Asked {
        by: Person::new("T1", "U1"),
        channel: ChannelId::new("C1"),
        response_url: Some("https://hooks.slack.com/commands/T1/1".to_owned()),
        receipt: ReceiptKey::new(format!("receipt-{number}")),
        options: Options::default(),
    };
    Job::new(name(number), role, asked, at(number))
}

/// The creation of a job, with its first entry and one message.
pub fn new(job: Job) -> Change {
    changed(job, "requested")
}

/// What leads from a stored job to another state.
pub fn next(job: &Job, state: State) -> Change {
    let word = state.word();
    let mut next = Job { version: job.version + 1, state, ..job.clone() };
    if next.state.is_terminal() {
        next.due = None;
    }
    changed(next, word)
}

fn changed(mut job: Job, what: &str) -> Change {
    let number = job.head.as_ref().map_or(0, |(number, _)| *number) + 1;
    let mut entry = Entry {
        job: job.id.clone(),
        number,
        at: job.updated,
        what: what.to_owned(),
        by: number.is_multiple_of(2).then(|| "ada".to_owned()),
        detail: "as \"agreed\"\n".to_owned(),
        state: job.state.word().to_owned(),
        hash: Digest::new(""),
    };
    entry.hash = entry.hash_after(job.head.as_ref().map(|(_, hash)| hash));
    job.head = Some((number, entry.hash.clone()));
    job.told += 1;
    let row = row(Some(&job), job.told, job.updated);
    Change { job, entries: vec![entry], rows: vec![row], case: None, settles: None, release: false }
}

/// The message of that number about a job, or about none.
pub fn row(job: Option<&Job>, number: u32, now: Timestamp) -> Row {
    let id = job.map_or_else(|| format!("answer/{number}"), |job| format!("{}/{number}", job.id));
    let act = match job {
        Some(_) => Act::Update(Slot::Root),
        None => Act::Reply(reply()),
    };
    Row::new(DeliveryId::new(id), job.map(|job| job.id.clone()), act, now)
}

pub fn reply() -> Reply {
    Reply {
        to: Person { team: TeamId::new("T1"), enterprise: Some(TeamId::new("E1")), user: UserId::new("U1") },
        channel: ChannelId::new("C1"),
        thread: Some(MessageTs::new("1790841600.000100")),
        response_url: None,
        visible: true,
        text: "there is <no> such job \u{202e}".to_owned(),
    }
}

/// Something that was received.
pub fn receipt(number: u64) -> Receipt {
    Receipt {
        key: ReceiptKey::new(format!("receipt-{number}")),
        at: at(number),
        from: Sender {
            person: Person::new("T1", "U1"),
            channel: ChannelId::new("C1"),
            thread: None,
            response_url: Some("https://hooks.slack.com/commands/T1/1".to_owned()),
            direct: false,
        },
        said: Said::Command { line: "analyze Role-1 --days 30".to_owned() },
    }
}

fn document(action: &str) -> Document {
    let json = format!(
        r#"{{"Version":"2012-10-17","Id":"d","Statement":[{{"Sid":"S","Effect":"Allow","Action":["{action}"],"Resource":"*",
        "Condition":{{"StringEquals":{{"aws:b":"1"}},"Bool":{{"aws:a":true}},"stringequals":{{"aws:b":["2","3"]}}}}}}]}}"#
    );
    Document::parse(json.as_bytes()).unwrap()
}

fn managed(name: &str) -> ManagedPolicy {
    ManagedPolicy {
        arn: format!("arn:aws:iam::111122223333:policy/{name}"),
        version: "v3".to_owned(),
        document: document("s3:Get*"),
    }
}

/// Every stage, with something in every field.
pub fn stages() -> Vec<PlannedStage> {
    let planned = |(stage, skipped): (Stage, Option<&str>)| PlannedStage {
        stage,
        soak: Duration::from_nanos(900_000_000_001),
        threshold: stage.threshold(),
        min_calls: 20,
        writes: 2,
        skipped: skipped.map(str::to_owned),
    };
    [(Stage::Sandbox, Some("no sandbox")), (Stage::Canary, None), (Stage::Target, None)].map(planned).to_vec()
}

/// A case with something in every field, and every kind of write.
pub fn case(job: &Job, revision: u32) -> Case {
    let snapshot = Snapshot {
        last_used: Some(LastUsed { at: at(7), region: "eu-west-1".to_owned() }),
        arn: "arn:aws:iam::111122223333:role/app/Role-1".to_owned(),
        role_id: "AROAEXAMPLE".to_owned(),
        path: "/app/".to_owned(),
        trust: Document::parse(
            br#"{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com","AWS":["2","1"]},"Action":"sts:AssumeRole"}}"#,
        )
        .unwrap(),
        inline: [("a".to_owned(), document("s3:*")), ("\u{e9}".to_owned(), document("Sqs:*"))].into(),
        attached: [("x".to_owned(), managed("x"))].into(),
        boundary: Some(managed("b")),
        tags: BTreeMap::from([("team".to_owned(), "web".to_owned())]),
    };
    let arn = || "arn:aws:iam::111122223333:policy/x".to_owned();
    let canary = vec![Write::CreatePolicy(managed("c")), Write::PutBoundary(managed("c"))];
    let target = vec![
        Write::PutInline { name: "n".to_owned(), document: document("s3:GetObject") },
        Write::DeleteInline { name: "a".to_owned() },
        Write::Attach(managed("y")),
        Write::Detach { arn: arn() },
        Write::RemoveBoundary,
        Write::DeletePolicy { arn: arn() },
    ];
    Case {
        job: job.id.clone(),
        revision,
        snapshot,
        proposed: vec![document("s3:GetObject"), Document::default()],
        used: vec!["s3:GetObject".to_owned()],
        writes: vec![(Stage::Sandbox, vec![]), (Stage::Canary, canary), (Stage::Target, target)],
        stages: stages(),
        coverage: CoverageFacts { calls: 7, days: 30, asked_days: 90, gaps: vec!["eu-west-1".to_owned()] },
        proofs: ProofFacts {
            allowed: 1,
            undecided: 2,
            broken: 3,
            grants: 4,
            violations: 5,
            unproved: u64::MAX,
        },
        changes: DiffFacts {
            before: 143,
            after: 2,
            lines: vec![DiffLine { kind: "lost".to_owned(), text: "s3:Put*".to_owned(), actions: 40 }],
            whole: "- s3:*\n+ s3:GetObject\n".to_owned(),
            unobservable: vec!["iam:PassRole".to_owned()],
            unwatched: vec!["s3:GetObject".to_owned()],
        },
        risk: Risk {
            level: RiskLevel::Medium,
            reasons: vec![Reason { level: RiskLevel::Medium, text: "30 days only".to_owned() }],
        },
        opinions: vec![Opinion {
            check: Check::CheckNoNewAccess,
            stand: Stand::Differs,
            text: "something new".to_owned(),
        }],
        prose: Some(Prose {
            text: "It reads.".to_owned(),
            author: Prose::FACTS.to_owned(),
            opinion: Some(RiskLevel::Medium),
            instead: Some("no text from the model".to_owned()),
        }),
        guardrails: "sandbox: nothing to say".to_owned(),
        made: "2026-10-01T08:00:00.123456789Z".parse().unwrap(),
    }
}

/// What a job knows of a case.
pub fn brief(case: &Case) -> Brief {
    Brief {
        revision: case.revision,
        digest: case.digest(),
        severity: case.severity(),
        stages: case.stages.clone(),
        approvable: true,
        out_of_scope: Some("It doesn't bear the tag".to_owned()),
        path: case.snapshot.path.clone(),
        tags: case.snapshot.tags.clone(),
    }
}

/// An approval of what a job is about.
pub fn approval(job: &Job, by: &str) -> Decision {
    let case = job.case.as_ref();
    Decision {
        verdict: Verdict::Approve,
        principal: Some(PrincipalId::new(by)),
        person: Some(Person::new("T1", "U2")),
        revision: case.map_or(0, |case| case.revision),
        digest: case.map_or_else(|| Digest::new(""), |case| case.digest.clone()),
        at: job.updated,
        reason: None,
    }
}
