//! AWS's own checks, on a wire of our own that speaks Access Analyzer's and IAM's protocols.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alpha::aws::accounts::Accounts;
use alpha::aws::checks::{AwsChecks, CALLS, Settings};
use alpha::domain::accounts::{Account, Accounts as Configured};
use alpha::domain::errand::Errand;
use alpha::domain::ids::{AccountId, JobId};
use alpha::domain::opinion::{Answer, Questions, Simulated, Trial, Verdict};
use alpha::domain::role::RoleRef;
use alpha::iam::document::Document;
use alpha::local::clock::ManualClock;
use alpha::local::store::SqliteStore;
use alpha::ports::Checks as _;
use jiff::Timestamp;
use serde_json::json;

use crate::support::wire::{Asked, Told, Wire};

const HOME: &str = "111122223333";

fn document(action: &str) -> Document {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
    );
    Document::parse(text.as_bytes()).unwrap()
}

pub fn questions() -> Questions {
    let trial = |action: &str| Trial {
        action: action.to_owned(),
        resource: "arn:aws:s3:::b/k".to_owned(),
        context: vec![
            ("aws:SourceIp".to_owned(), vec!["192.0.2.1".to_owned()]),
            ("aws:SecureTransport".to_owned(), vec!["true".to_owned()]),
            ("aws:CurrentTime".to_owned(), vec!["2026-11-01T00:00:00Z".to_owned()]),
            ("aws:UserAgent".to_owned(), vec!["cli".to_owned()]),
        ],
    };
    Questions {
        proposed: vec![document("s3:GetObject"), document("sqs:SendMessage")],
        boundaries: vec![document("s3:*")],
        merged: Ok((document("s3:*"), document("s3:GetObject"))),
        removed: vec!["s3:PutBucketPolicy".to_owned(), "s3:PutObject".to_owned()],
        calls: vec![trial("s3:GetObject"), trial("s3:ListBucket")],
    }
}

/// A page of results of the simulator.
fn simulated(results: &[(&str, &[&str])], next: Option<&str>) -> Told {
    let member = |(decision, missing): &(&str, &[&str])| {
        let missing: String = missing.iter().flat_map(|key| ["<member>", key, "</member>"]).collect();
        format!(
            "<member><EvalActionName>s3:GetObject</EvalActionName><EvalResourceName>arn:aws:s3:::b/k</EvalResourceName>\
             <EvalDecision>{decision}</EvalDecision><MatchedStatements/>\
             <MissingContextValues>{missing}</MissingContextValues></member>"
        )
    };
    let members: String = results.iter().map(member).collect();
    let more = next.map_or_else(
        || "<IsTruncated>false</IsTruncated>".to_owned(),
        |marker| format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>"),
    );
    Told::Xml(format!(
        "<SimulateCustomPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><SimulateCustomPolicyResult>\
         {more}<EvaluationResults>{members}</EvaluationResults></SimulateCustomPolicyResult>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></SimulateCustomPolicyResponse>"
    ))
}

fn no_such(code: &str, message: &str) -> Told {
    Told::Raw(
        400,
        "text/xml",
        format!(
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        ),
    )
}

/// An account of which everything is well.
fn well(asked: &Asked) -> Told {
    match asked.target.as_str() {
        "/policy/validation" => Told::Json(json!({ "findings": [] })),
        "/policy/check-no-new-access" | "/policy/check-access-not-granted" => {
            Told::Json(json!({ "result": "PASS", "message": "fine", "reasons": [] }))
        }
        "/" => simulated(&[("allowed", &[])], None),
        other => panic!("{other}"),
    }
}

struct Judge {
    wire: Wire,
    checks: AwsChecks,
    clock: Arc<ManualClock>,
    _folder: tempfile::TempDir,
}

impl Judge {
    async fn new(settings: Settings, answer: impl Fn(&Asked) -> Told + Send + Sync + 'static) -> Self {
        let wire = Wire::start(move |asked, _| answer(asked)).await;
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("alpha.db")).unwrap());
        let clock = Arc::new(ManualClock::at(Timestamp::now()));
        let home = AccountId::new(HOME);
        let account = Account { regions: vec!["eu-west-1".to_owned()], ..Account::default() };
        let configured = Configured { home: home.clone(), all: BTreeMap::from([(home, account)]) };
        let accounts = Arc::new(Accounts::new(wire.sdk(2).await, configured));
        let checks = AwsChecks::new(accounts, settings, store, Arc::clone(&clock) as _);
        Self { wire, checks, clock, _folder: folder }
    }

    async fn ask_about(&self, job: &str, account: &str, questions: &Questions) -> Vec<Answer> {
        let errand = Errand { job: JobId::new(job), actor: "ana".to_owned() };
        let role = RoleRef { account: AccountId::new(account), name: "web".to_owned() };
        self.checks.ask(&errand, &role, questions).await
    }

    async fn ask(&self) -> Vec<Answer> {
        self.ask_about("j-1", HOME, &questions()).await
    }

    fn times(&self, target: &str) -> usize {
        self.wire.asked().iter().filter(|asked| asked.target == target).count()
    }
}

fn passes() -> Verdict {
    Verdict { holds: true, reasons: Vec::new() }
}

#[tokio::test]
async fn each_question_is_asked_in_the_service_s_own_words() {
    let judge = Judge::new(Settings::default(), well).await;
    assert_eq!(
        judge.ask().await,
        [
            Answer::Validation(Ok(Vec::new())),
            Answer::NewAccess(Ok(passes())),
            Answer::Removed(Ok(passes())),
            Answer::Simulation(Ok(vec![Simulated::Allowed; 2])),
        ]
    );
    let asked = judge.wire.asked();
    let to = |target: &str| asked.iter().find(|asked| asked.target == target).unwrap();
    let validated = to("/policy/validation").json();
    assert_eq!(validated["policyType"], "IDENTITY_POLICY");
    assert_eq!(judge.times("/policy/validation"), 2, "each of the proposed policies");
    let compared = to("/policy/check-no-new-access").json();
    assert_eq!(compared["existingPolicyDocument"], document("s3:*").to_string_compact());
    assert_eq!(compared["newPolicyDocument"], document("s3:GetObject").to_string_compact());
    let removed = to("/policy/check-access-not-granted").json();
    assert_eq!(
        removed["access"],
        json!([{ "actions": ["s3:PutBucketPolicy", "s3:PutObject"], "resources": [] }])
    );
    let tried = to("/");
    let form = |name: &str| tried.form(name).unwrap_or_default();
    assert_eq!(form("Action"), "SimulateCustomPolicy");
    assert_eq!(form("ActionNames.member.1"), "s3:GetObject");
    assert_eq!(form("ResourceArns.member.1"), "arn:aws:s3:::b/k");
    assert_eq!(form("PolicyInputList.member.2"), document("sqs:SendMessage").to_string_compact());
    assert_eq!(form("PermissionsBoundaryPolicyInputList.member.1"), document("s3:*").to_string_compact());
    let context: Vec<[String; 3]> = (1..=4)
        .map(|at| {
            ["Name", "Type", "Values.member.1"]
                .map(|part| form(&format!("ContextEntries.member.{at}.ContextKey{part}")))
        })
        .collect();
    let expected = [
        ["aws:SourceIp", "ip", "192.0.2.1"],
        ["aws:SecureTransport", "boolean", "true"],
        ["aws:CurrentTime", "date", "2026-11-01T00:00:00Z"],
        ["aws:UserAgent", "string", "cli"],
    ];
    assert_eq!(context, expected.map(|entry| entry.map(str::to_owned)));
    assert_eq!(CALLS.len(), 4);
}

#[tokio::test]
async fn findings_and_results_are_read_to_the_last_page() {
    let finding = |kind: &str, code: &str| {
        json!({
            "findingDetails": "It is.", "findingType": kind, "issueCode": code, "learnMoreLink": "https://docs",
            "locations": [{ "path": [{ "value": "Statement" }], "span": {
                "start": { "line": 1, "column": 0, "offset": 0 }, "end": { "line": 1, "column": 1, "offset": 1 },
            } }],
        })
    };
    let judge = Judge::new(Settings::default(), move |asked| match asked.target.as_str() {
        "/policy/validation" if !asked.body.contains("GetObject") => Told::Json(json!({ "findings": [] })),
        "/policy/validation" => Told::Json(json!({
            "findings": [finding("SUGGESTION", "REDUNDANT"), finding("WARNING", "OLD"), finding("SECURITY_WARNING", "STAR"), finding("ERROR", "BAD")],
        })),
        "/" => match asked.form("Marker") {
            None => simulated(&[("allowed", &[])], Some("next")),
            Some(_) if asked.body.contains("ListBucket") => simulated(&[("implicitDeny", &[])], None),
            Some(_) => simulated(&[("implicitDeny", &["aws:SourceVpce", "aws:SourceVpce"])], None),
        },
        _ => Told::Json(json!({ "result": "FAIL", "reasons": [{ "description": "New access", "statementIndex": 0 }] })),
    })
    .await;
    let answers = judge.ask().await;
    let Answer::Validation(Ok(found)) = &answers[0] else { panic!("{answers:?}") };
    let found: Vec<(bool, &str)> = found.iter().map(|one| (one.error, one.code.as_str())).collect();
    assert_eq!(found, [(true, "BAD"), (false, "OLD"), (false, "STAR")]);
    let fails = Verdict { holds: false, reasons: vec!["statement 0: New access".to_owned()] };
    assert_eq!(answers[1], Answer::NewAccess(Ok(fails.clone())));
    assert_eq!(answers[2], Answer::Removed(Ok(fails)));
    let undecided = Simulated::Undecided(vec!["aws:SourceVpce".to_owned()]);
    assert_eq!(answers[3], Answer::Simulation(Ok(vec![undecided, Simulated::Denied])));
}

#[tokio::test]
async fn each_missing_grant_is_named_with_its_statement_and_takes_no_other_answer_with_it() {
    for (denied, at, action) in [
        ("/policy/validation", 0, "access-analyzer:ValidatePolicy"),
        ("/policy/check-no-new-access", 1, "access-analyzer:CheckNoNewAccess"),
        ("/policy/check-access-not-granted", 2, "access-analyzer:CheckAccessNotGranted"),
        ("/", 3, "iam:SimulateCustomPolicy"),
    ] {
        let judge = Judge::new(Settings::default(), move |asked| match asked.target.as_str() {
            target if target != denied => well(asked),
            "/" => no_such("AccessDenied", "not authorized"),
            _ => Told::Error(403, "AccessDeniedException", "not authorized"),
        })
        .await;
        for (index, answer) in judge.ask().await.into_iter().enumerate() {
            let why = match answer {
                Answer::Validation(answer) => answer.err(),
                Answer::NewAccess(answer) | Answer::Removed(answer) => answer.err(),
                Answer::Simulation(answer) => answer.err(),
            };
            assert_eq!(why.is_some(), index == at, "{denied}: {why:?}");
            let statement = format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#);
            assert!(why.is_none_or(|why| why.contains(&statement)), "{denied}");
        }
    }
}

#[tokio::test]
async fn what_is_busy_slow_or_out_of_its_mind_is_no_answer() {
    for (told, expected) in [
        (
            Told::Error(429, "ThrottlingException", "slow down"),
            "CheckNoNewAccess: ThrottlingException: slow down",
        ),
        (Told::Error(422, "UnprocessableEntityException", "too complex"), "too complex"),
        (Told::Error(400, "InvalidParameterException", "no such element"), "no such element"),
        (Told::Json(json!({ "result": "PERHAPS" })), "neither PASS nor FAIL but PERHAPS"),
        (Told::Json(json!({})), "neither PASS nor FAIL but nothing"),
        (Told::Raw(200, "application/json", "{\"res".to_owned()), "CheckNoNewAccess"),
        (Told::Raw(502, "text/html", "<h1>oops</h1>".to_owned()), "CheckNoNewAccess"),
        (Told::Late(Duration::from_secs(30), Box::new(Told::Json(json!({})))), "no answer within 1 s"),
    ] {
        let settings = Settings { within: Duration::from_secs(1), ..Settings::default() };
        let judge = Judge::new(settings, move |asked| match asked.target.as_str() {
            "/policy/check-no-new-access" => told.clone(),
            _ => well(asked),
        })
        .await;
        let answers = judge.ask().await;
        let Answer::NewAccess(Err(why)) = &answers[1] else { panic!("{answers:?}") };
        assert!(why.contains(expected), "{why}");
        assert_eq!(answers[2], Answer::Removed(Ok(passes())));
    }
}

#[tokio::test]
async fn a_call_that_the_simulator_can_not_try_takes_no_other_with_it() {
    let judge = Judge::new(Settings::default(), |asked| match asked.target.as_str() {
        "/" if asked.body.contains("ListBucket") => no_such("InvalidInput", "no such action"),
        _ => well(asked),
    })
    .await;
    let answers = judge.ask().await;
    let Answer::Simulation(Ok(outcomes)) = &answers[3] else { panic!("{answers:?}") };
    assert_eq!(outcomes[0], Simulated::Allowed);
    let Simulated::Untried(why) = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!(why, "SimulateCustomPolicy: InvalidInput: no such action");
}

#[tokio::test]
async fn billed_checks_are_capped_for_each_job_and_each_day() {
    let settings = Settings { daily: 5, per_job: 3, ..Settings::default() };
    let judge = Judge::new(settings, well).await;
    let billed =
        || judge.times("/policy/check-no-new-access") + judge.times("/policy/check-access-not-granted");
    assert_eq!(judge.ask().await[2], Answer::Removed(Ok(passes())));
    let second = judge.ask().await;
    let of_job = "the 3 billed checks of this job are used up".to_owned();
    assert!(
        second.contains(&Answer::Removed(Err(of_job.clone())))
            || second.contains(&Answer::NewAccess(Err(of_job)))
    );
    assert_eq!(second[0], Answer::Validation(Ok(Vec::new())), "what isn't billed isn't capped");
    assert_eq!(billed(), 3);
    judge.ask_about("j-2", HOME, &questions()).await;
    assert_eq!(billed(), 5);
    let over = judge.ask_about("j-3", HOME, &questions()).await;
    assert_eq!(over[1], Answer::NewAccess(Err("the 5 billed checks of today are used up".to_owned())));
    assert_eq!(billed(), 5);
    judge.clock.advance(Duration::from_hours(24));
    judge.ask_about("j-4", HOME, &questions()).await;
    assert_eq!(billed(), 7);
}

#[tokio::test]
async fn what_there_is_nothing_to_ask_about_is_not_asked_nor_billed() {
    let judge = Judge::new(Settings::default(), well).await;
    let mut nothing = questions();
    nothing.merged = Err("nothing stays granted");
    nothing.proposed.clear();
    nothing.calls.clear();
    let answers = judge.ask_about("j-1", HOME, &nothing).await;
    assert_eq!(answers[1], Answer::NewAccess(Err("nothing stays granted".to_owned())));
    assert!(
        matches!(&answers[0], Answer::Validation(Err(_)))
            && matches!(&answers[3], Answer::Simulation(Err(_)))
    );
    assert!(judge.wire.asked().is_empty());
    let stranger = judge.ask_about("j-1", "999988887777", &questions()).await;
    let Answer::Validation(Err(why)) = &stranger[0] else { panic!("{stranger:?}") };
    assert!(why.contains("account 999988887777 isn't configured"), "{why}");
    assert!(judge.wire.asked().is_empty());
}
