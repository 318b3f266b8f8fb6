//! The workload, and faults to order.

use alpha::domain::role::Write;
use alpha::local::account::{Door, Fault, Faults, Workload};
use alpha::local::clock::SystemClock;
use alpha::ports::{AccountError, Health as _};
use tokio_util::sync::CancellationToken;

use super::*;

#[tokio::test]
async fn it_calls_as_often_as_a_judgement_needs_and_unused_stays_so() {
    let scene = Scene::new();
    scene.pass(Duration::from_secs(3)).await;
    for (name, least, most) in [
        ("ci-deployer", 20, 45),
        ("monthly-report", 20, 45),
        ("web-app", 8, 25),
        ("admin-everything", 3, 12),
        ("unused", 0, 0),
    ] {
        let reading = scene.account.since(&errand(), &scene.role(name).await, noon()).await.unwrap();
        assert!((least..=most).contains(&reading.calls), "{name}: {}", reading.calls);
        assert_eq!(reading.complete_until, now(&scene));
    }
}

#[tokio::test]
async fn a_reading_is_complete_up_to_the_last_batch_and_up_to_now_where_nobody_works() {
    let scene = Scene::new();
    let snapshot = scene.role("ci-deployer").await;
    scene.clock.advance(Duration::from_mins(1));
    let begun = now(&scene);
    assert_eq!(scene.account.since(&errand(), &snapshot, noon()).await.unwrap().complete_until, begun);
    scene.account.work().await.unwrap();
    scene.clock.advance(Duration::from_mins(1));
    assert_eq!(scene.account.since(&errand(), &snapshot, noon()).await.unwrap().complete_until, begun);
    scene.account.rest().await.unwrap();
    assert_eq!(scene.account.since(&errand(), &snapshot, noon()).await.unwrap().complete_until, now(&scene));
}

#[tokio::test]
async fn evidence_grows_by_what_the_workload_does_and_denials_are_no_use() {
    let scene = Scene::new();
    let snapshot = scene.role("web-app").await;
    let before = scene.account.collect(&errand(), &snapshot, days(noon(), 90), &()).await.unwrap().used;
    scene.pass(Duration::from_mins(1)).await;
    let now = now(&scene);
    let after = scene.account.collect(&errand(), &snapshot, days(now, 90), &()).await.unwrap().used;
    assert!(after.coverage().calls > before.coverage().calls + 200);
    let actions = |evidence: &alpha::iam::evidence::Evidence| {
        evidence.used().map(|(action, _)| action.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(actions(&after), actions(&before));
    assert!(after.denied().any(|(action, ..)| action == "ssm:GetParameter"));
}

#[tokio::test]
async fn it_runs_by_itself_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let account =
        SimulatedAccount::open(folder.path().join("a"), id(), 1, Arc::new(SystemClock) as _).unwrap();
    let (account, stop) = (Arc::new(account), CancellationToken::new());
    let since = Timestamp::now();
    let running = tokio::spawn(Workload::run(Arc::clone(&account), stop.clone()));
    let snapshot = account.read(&errand(), &role("ci-deployer")).await.unwrap();
    let seen = async {
        while account.since(&errand(), &snapshot, since).await.unwrap().calls < 5 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), seen).await.unwrap();
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(20), running).await.unwrap().unwrap();
    let calls = account.since(&errand(), &snapshot, since).await.unwrap().calls;
    assert_eq!(account.since(&errand(), &snapshot, since).await.unwrap().calls, calls);
}

#[tokio::test]
async fn faults_come_as_ordered_before_or_after_the_deed() {
    let (folder, faults) = (tempfile::tempdir().unwrap(), Faults::none());
    let clock = Arc::new(ManualClock::at(noon()));
    let account = SimulatedAccount::open(folder.path().join("a"), id(), 1, clock as _)
        .unwrap()
        .with_faults(faults.clone());
    let (web, write) = (
        role("web-app"),
        Write::PutInline { name: "note".to_owned(), document: granting("s3:GetObject", "*") },
    );
    let has_note = async || account.read(&errand(), &web).await.unwrap().inline.contains_key("note");
    let denied = AccountError::Denied("iam:PutRolePolicy".to_owned());
    faults.order(Door::Write, Fault::Fails(denied.clone()));
    assert_eq!(account.write(&approved(), &errand(), &web, &write).await, Err(denied));
    assert!(!has_note().await);
    faults.order(Door::Write, Fault::AnswerLost);
    assert!(matches!(
        account.write(&approved(), &errand(), &web, &write).await,
        Err(AccountError::Unavailable(_))
    ));
    assert!(has_note().await);
    let undo = Write::DeleteInline { name: "note".to_owned() };
    faults.order(Door::Write, Fault::NoAnswer);
    let proof = approved();
    let whose = errand();
    let mut waiting = account.write(&proof, &whose, &web, &undo);
    while has_note().await {
        assert!(futures_now(&mut waiting).await.is_none());
    }
    assert_eq!(account.write(&approved(), &errand(), &web, &undo).await, Ok(()));
}

/// What a future has to say right now.
async fn futures_now<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    tokio::select! {
        biased;
        output = future => Some(output),
        () = tokio::task::yield_now() => None,
    }
}
