//! Policies that Access Analyzer generates: one at a time, so many a day.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alpha::iam::evidence::{Standing, Witness};
use alpha::ports::Evidence as _;
use axum::response::Response;
use serde_json::{Value, json};

use super::scene::{EVIDENCE_ROLE, ROLE, Said, Scene, TRAIL, errand, role, standing, tells, window};
use super::wire::{Wire, error, ok_json};

/// Access Analyzer, as far as generations go: it runs one at a time.
#[derive(Debug, Default)]
struct Analyzer {
    /// The running one, by token and id.
    running: Mutex<Option<(String, String)>>,
    /// Whether what runs is done when it is looked at.
    is_done: Mutex<bool>,
    started: AtomicUsize,
    cancelled: Mutex<Vec<String>>,
}

fn status(id: &str, status: &str, error: Option<(&str, &str)>) -> Value {
    let mut job = json!({ "jobId": id, "status": status, "startedOn": "2026-11-27T12:00:00Z" });
    if let Some((code, message)) = error {
        job["jobError"] = json!({ "code": code, "message": message });
    }
    json!({ "jobDetails": job })
}

fn generated(id: &str, is_complete: bool) -> Response {
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["iam:ListUsers", "ec2:DescribeInstances"], "Resource": "*" },
        { "Effect": "Allow", "Action": "s3:GetBucketPolicy", "Resource": "arn:aws:s3:::${BucketName}" },
    ]});
    let mut answer = status(id, "SUCCEEDED", None);
    answer["generatedPolicyResult"] = json!({
        "properties": { "isComplete": is_complete, "principalArn": ROLE },
        "generatedPolicies": [{ "policy": policy.to_string() }],
    });
    ok_json(&answer)
}

impl Analyzer {
    fn on(wire: &Wire) -> Arc<Self> {
        let here = Arc::<Self>::default();
        let analyzer = Arc::clone(&here);
        wire.on("StartPolicyGeneration", move |call| {
            let token = call.json["clientToken"].as_str().unwrap().to_owned();
            let mut running = analyzer.running.lock().unwrap();
            match &*running {
                Some((known, id)) if *known == token => return ok_json(&json!({ "jobId": id })),
                Some(_) => return error("StartPolicyGeneration", 409, "ConflictException", "one is running"),
                None => {}
            }
            let id = format!("g-{}", analyzer.started.fetch_add(1, Ordering::SeqCst) + 1);
            *running = Some((token, id.clone()));
            ok_json(&json!({ "jobId": id }))
        });
        let analyzer = Arc::clone(&here);
        wire.on("GetGeneratedPolicy", move |call| {
            let id = call.path.rsplit('/').next().unwrap();
            let mut running = analyzer.running.lock().unwrap();
            if *analyzer.is_done.lock().unwrap() {
                running.take_if(|(_, running)| running == id);
                return generated(id, true);
            }
            ok_json(&status(id, "IN_PROGRESS", None))
        });
        let analyzer = Arc::clone(&here);
        wire.on("CancelPolicyGeneration", move |call| {
            let id = call.path.rsplit('/').next().unwrap().to_owned();
            analyzer.running.lock().unwrap().take_if(|(_, running)| *running == id);
            analyzer.cancelled.lock().unwrap().push(id);
            ok_json(&json!({}))
        });
        here
    }

    fn is_done(&self) {
        *self.is_done.lock().unwrap() = true;
    }
}

/// A look-up that is complete and in which one call was seen.
fn one_call(wire: &Wire) {
    wire.on("LookupEvents", |_| {
        let record = super::scene::record(1, "iam:GetRole");
        ok_json(&json!({ "Events": [{ "CloudTrailEvent": record.to_string() }] }))
    });
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to this: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_generated_policy_names_was_used() {
    let wire = Wire::start().await;
    one_call(&wire);
    super::accessed::reported(&wire, "eu-west-1", "eu-west-1");
    let analyzer = Analyzer::on(&wire);
    let mut looks = 0;
    wire.on("GetGeneratedPolicy", move |call| {
        looks += 1;
        let id = call.path.rsplit('/').next().unwrap();
        if looks < 3 { ok_json(&status(id, "IN_PROGRESS", None)) } else { generated(id, true) }
    });
    let scene = Scene::new(&wire.url).with_trail();
    let said = Said::default();
    let gathered = scene.start().await.collect(&errand(1), &role(), window(), &said).await.unwrap();
    for action in ["iam:ListUsers", "ec2:DescribeInstances", "s3:GetBucketPolicy"] {
        assert_eq!(standing(&gathered, action), Standing::Attested(Witness::GeneratedPolicy), "{action}");
    }
    assert_eq!(standing(&gathered, "iam:DeleteRole"), Standing::Unused);
    assert!(!tells(&gathered.gaps, &["policy generation"]), "{:?}", gathered.gaps);
    let asked = &wire.calls("StartPolicyGeneration")[0].json;
    assert_eq!(asked["policyGenerationDetails"], json!({ "principalArn": ROLE }));
    assert_eq!(
        asked["cloudTrailDetails"],
        json!({
            "trails": [{ "cloudTrailArn": TRAIL, "allRegions": true }],
            "accessRole": EVIDENCE_ROLE,
            "startTime": "2026-11-25T00:00:00Z",
            "endTime": "2026-11-27T12:00:00Z",
        })
    );
    let lines = said.lines();
    assert!(lines.contains(&"policy generation: running, 49 of 50 left today".to_owned()), "{lines:?}");
    assert_eq!(analyzer.started.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generation_that_fails_is_cancelled_or_is_not_complete_is_told() {
    for (answer, parts) in [
        (
            status("g", "FAILED", Some(("AUTHORIZATION_ERROR", "the role can't read trail-bucket"))),
            ["it failed", "AUTHORIZATION_ERROR: the role can't read trail-bucket"],
        ),
        (status("g", "FAILED", None), ["it failed", "AWS doesn't say why"]),
        (status("g", "CANCELED", None), ["policy generation", "cancelled by somebody"]),
    ] {
        let wire = Wire::start().await;
        one_call(&wire);
        Analyzer::on(&wire);
        wire.on("GetGeneratedPolicy", move |_| ok_json(&answer));
        let scene = Scene::new(&wire.url).with_trail();
        let gathered = scene.gathered().await;
        assert!(tells(&gathered.gaps, &parts), "{parts:?} {:?}", gathered.gaps);
        assert_eq!(gathered.used.coverage().calls, 1);
    }
    let wire = Wire::start().await;
    one_call(&wire);
    Analyzer::on(&wire);
    wire.on("GetGeneratedPolicy", |_| generated("g", false));
    let gathered = Scene::new(&wire.url).with_trail().gathered().await;
    assert!(tells(&gathered.gaps, &["policy generation", "isn't complete"]), "{:?}", gathered.gaps);
    assert_eq!(standing(&gathered, "iam:ListUsers"), Standing::Attested(Witness::GeneratedPolicy));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_of_another_account_is_answered_with_an_error_which_is_told() {
    let wire = Wire::start().await;
    one_call(&wire);
    wire.on("StartPolicyGeneration", |_| {
        error("StartPolicyGeneration", 400, "ValidationException", "the trail isn't of this account")
    });
    let gathered = Scene::new(&wire.url).with_trail().gathered().await;
    assert!(
        tells(&gathered.gaps, &["policy generation", "ValidationException: the trail isn't of this account"]),
        "{:?}",
        gathered.gaps
    );
    assert_eq!(wire.calls("StartPolicyGeneration").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_s_generation_is_waited_for() {
    let wire = Wire::start().await;
    one_call(&wire);
    let analyzer = Analyzer::on(&wire);
    analyzer.is_done();
    *analyzer.running.lock().unwrap() = Some(("theirs".to_owned(), "g-theirs".to_owned()));
    let theirs = Arc::clone(&analyzer);
    let scene = Scene::new(&wire.url).with_trail();
    let said = Said::default();
    let process = scene.start().await;
    let (errand, role) = (errand(1), role());
    let collecting = process.collect(&errand, &role, window(), &said);
    let over = async {
        until("refused twice", || wire.calls("StartPolicyGeneration").len() >= 2).await;
        *theirs.running.lock().unwrap() = None;
    };
    let (gathered, ()) = tokio::join!(collecting, over);
    let gathered = gathered.unwrap();
    assert_eq!(standing(&gathered, "iam:ListUsers"), Standing::Attested(Witness::GeneratedPolicy));
    let lines = said.lines();
    let waits = "policy generation: 1st in the queue, behind one that isn't ALPHA's, 49 of 50 left today";
    assert!(lines.iter().any(|line| line == waits), "{lines:?}");
    assert!(
        lines.contains(&"policy generation: running, 49 of 50 left today".to_owned()),
        "only one was started"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_quota_is_used_up_the_next_region_is_asked_and_then_none() {
    let wire = Wire::start().await;
    one_call(&wire);
    wire.on("StartPolicyGeneration", |_| {
        error("StartPolicyGeneration", 402, "ServiceQuotaExceededException", "50 policy generations a day")
    });
    let scene = Scene::new(&wire.url).with_trail();
    let gathered = scene.gathered().await;
    assert!(
        tells(
            &gathered.gaps,
            &["policy generation", "us-east-1: ", "eu-west-1: ", "50 policy generations a day"]
        ),
        "{:?}",
        gathered.gaps
    );
    assert_eq!(wire.calls("StartPolicyGeneration").len(), 2);
    let again = scene.gathered().await;
    assert!(
        tells(&again.gaps, &["policy generation", "none of the 50 a day is left, until "]),
        "{:?}",
        again.gaps
    );
    assert_eq!(wire.calls("StartPolicyGeneration").len(), 2, "nobody asks again for a while");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_ends_is_cancelled_at_the_deadline_and_the_place_is_free() {
    let wire = Wire::start().await;
    one_call(&wire);
    let analyzer = Analyzer::on(&wire);
    let mut scene = Scene::new(&wire.url).with_trail();
    scene.limits.generation = Duration::from_millis(400);
    let gathered = scene.gathered().await;
    assert!(
        tells(&gathered.gaps, &["policy generation", "there was none within 1 s"]),
        "{:?}",
        gathered.gaps
    );
    assert_eq!(*analyzer.cancelled.lock().unwrap(), ["g-1"]);
    analyzer.is_done();
    scene.limits.generation = Duration::from_secs(20);
    let process = scene.start().await;
    let gathered = process.collect(&errand(2), &role(), window(), &()).await.unwrap();
    assert!(!tells(&gathered.gaps, &["policy generation"]), "{:?}", gathered.gaps);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_goes_on_with_the_generation_that_runs() {
    let wire = Wire::start().await;
    one_call(&wire);
    let analyzer = Analyzer::on(&wire);
    let scene = Scene::new(&wire.url).with_trail();
    {
        let first = scene.start().await;
        let (errand, role) = (errand(1), role());
        let collecting = first.collect(&errand, &role, window(), &());
        tokio::select! {
            gathered = collecting => panic!("{gathered:?}"),
            () = until("followed", || !wire.calls("GetGeneratedPolicy").is_empty()) => {}
        }
    }
    analyzer.is_done();
    let gathered = scene.gathered().await;
    assert_eq!(standing(&gathered, "iam:ListUsers"), Standing::Attested(Witness::GeneratedPolicy));
    assert_eq!(analyzer.started.load(Ordering::SeqCst), 1);
    assert_eq!(*analyzer.cancelled.lock().unwrap(), [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_several_processes_queue_and_each_has_its_turn() {
    let wire = Wire::start().await;
    one_call(&wire);
    let analyzer = Analyzer::on(&wire);
    let scene = Scene::new(&wire.url).with_trail();
    let processes = [scene.start().await, scene.start().await, scene.start().await];
    let said = [Said::default(), Said::default(), Said::default()];
    let role = role();
    let collect = async |at: usize| {
        // One after the other, so that it is known who comes first.
        until("their turn", || {
            at == 0 || said[at - 1].lines().iter().any(|line| line.contains("left today"))
        })
        .await;
        processes[at].collect(&errand(u32::try_from(at).unwrap()), &role, window(), &said[at]).await.unwrap()
    };
    let done = async {
        until("three wait", || said[2].lines().iter().any(|line| line.contains("2nd in the queue"))).await;
        analyzer.is_done();
    };
    let (first, second, third, ()) = tokio::join!(collect(0), collect(1), collect(2), done);
    for gathered in [first, second, third] {
        assert_eq!(standing(&gathered, "iam:ListUsers"), Standing::Attested(Witness::GeneratedPolicy));
    }
    assert!(said[1].lines().contains(&"policy generation: 1st in the queue, 49 of 50 left today".to_owned()));
    assert!(said[2].lines().contains(&"policy generation: 2nd in the queue, 49 of 50 left today".to_owned()));
    assert_eq!(analyzer.started.load(Ordering::SeqCst), 3);
    let conflicts = wire.calls("StartPolicyGeneration").len() - 3;
    assert_eq!(conflicts, 0, "nobody starts one while another runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_wanted_any_more_is_cancelled_and_leaves_its_place() {
    let wire = Wire::start().await;
    one_call(&wire);
    let analyzer = Analyzer::on(&wire);
    let scene = Scene::new(&wire.url).with_trail();
    let process = scene.start().await;
    let role = role();
    {
        let errand = errand(1);
        let collecting = process.collect(&errand, &role, window(), &());
        tokio::select! {
            gathered = collecting => panic!("{gathered:?}"),
            () = until("followed", || !wire.calls("GetGeneratedPolicy").is_empty()) => {}
        }
    }
    for _ in 0..2 {
        process.abandon(&errand(1), &role).await.unwrap();
    }
    assert_eq!(*analyzer.cancelled.lock().unwrap(), ["g-1"], "once");
    analyzer.is_done();
    let gathered = process.collect(&errand(2), &role, window(), &()).await.unwrap();
    assert_eq!(standing(&gathered, "iam:ListUsers"), Standing::Attested(Witness::GeneratedPolicy));
}
