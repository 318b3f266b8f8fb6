//! What comes of each role when it is narrowed: the stories that the account is there to tell.

use alpha::domain::rollout::Stage;
use alpha::domain::rollout::restore::{leftovers, restore};
use alpha::iam::risk::open_paths;
use alpha::ports::Health as _;

use super::*;

/// A role, how severe narrowing it is, and how many documents are proposed.
const STORIES: &[(&str, RiskLevel, usize)] = &[
    ("admin-everything", RiskLevel::Medium, 8),
    ("backup", RiskLevel::Low, 1),
    ("bounded", RiskLevel::Low, 1),
    ("ci-deployer", RiskLevel::Low, 1),
    ("data-pipeline", RiskLevel::Low, 1),
    ("image-resizer", RiskLevel::Low, 1),
    ("legacy-batch", RiskLevel::Low, 1),
    ("log-shipper", RiskLevel::Low, 1),
    ("managed", RiskLevel::Low, 1),
    ("monthly-report", RiskLevel::Low, 1),
    ("not-action", RiskLevel::Medium, 1),
    ("pass-role", RiskLevel::Low, 1),
    ("web-app", RiskLevel::Low, 1),
];

#[tokio::test]
async fn every_role_has_a_story_that_is_proved_and_can_be_written_and_taken_back() {
    let scene = Scene::new();
    let mut told = 0;
    for name in scene.account.names().await.unwrap() {
        let Some((_, severity, documents)) = STORIES.iter().find(|(story, ..)| *story == name) else {
            let untold = name == "unused" || scene.account.read(&errand(), &role(&name)).await.is_err();
            assert!(untold, "{name} has no story");
            continue;
        };
        told += 1;
        let case = case(&scene, &name).await;
        let proofs = &case.proofs;
        assert_eq!((proofs.broken, proofs.undecided), (0, 0), "{name}");
        assert_eq!((proofs.violations, proofs.unproved), (0, 0), "{name}");
        assert_eq!(case.risk.level, *severity, "{name}: {:?}", case.risk.reasons);
        assert_eq!(case.proposed.len(), *documents, "{name}");
        assert!(case.changes.after < case.changes.before, "{name}");
        assert!(case.coverage.days >= 90, "{name}: {} days", case.coverage.days);
        written_and_taken_back(&scene, &name, &case).await;
    }
    assert_eq!(told, STORIES.len());
}

/// Makes all writes of a plan, each of which leads to where the plan says, and then those of the way back.
async fn written_and_taken_back(scene: &Scene, name: &str, case: &Case) {
    for stage in Stage::ALL {
        for (number, write) in (1..).zip(case.writes_of(stage)) {
            scene.account.write(&approved(), &errand(), &role(name), write).await.unwrap();
            let expected = case.expected(stage, number).digest();
            assert_eq!(scene.role(name).await.digest(), expected, "{name}: {}", write.describe());
        }
    }
    let back = restore(&scene.role(name).await, &case.snapshot);
    for write in back.iter().chain(&leftovers(case)) {
        scene.account.write(&approved(), &errand(), &role(name), write).await.unwrap();
    }
    assert_eq!(scene.role(name).await.digest(), case.snapshot.digest(), "{name}");
}

#[tokio::test]
async fn the_proposal_for_ci_deployer_is_small_and_leaves_no_escalation_open() {
    let scene = Scene::new();
    assert!(open_paths(&scene.role("ci-deployer").await.policies()).is_empty());
    let case = case(&scene, "ci-deployer").await;
    assert!(open_paths(&case.proposed).is_empty());
    assert!(case.proposed[0].size() < 2_000, "{}", case.proposed[0].size());
    assert!(
        case.changes.after < 20 && case.changes.before > 80,
        "{:?}",
        (case.changes.before, case.changes.after)
    );
    assert_eq!(case.changes.unobservable, [""; 0], "all that stays was used");
    assert_eq!(case.stages.iter().filter(|stage| stage.writes > 0).count(), 2, "both stages write");
}

#[tokio::test]
async fn ci_deployer_succeeds_and_is_refused_nothing_in_any_stage() {
    let scene = Scene::new();
    scene.pass(Duration::from_secs(5)).await;
    let case = case(&scene, "ci-deployer").await;
    for stage in [Stage::Canary, Stage::Target] {
        for write in case.writes_of(stage) {
            scene.account.write(&approved(), &errand(), &role("ci-deployer"), write).await.unwrap();
        }
        let since = now(&scene);
        scene.pass(Duration::from_secs(3)).await;
        let reading = scene.account.since(&errand(), &scene.role("ci-deployer").await, since).await.unwrap();
        assert!(reading.calls >= 20 && reading.denied.is_empty(), "{stage}: {reading:?}");
    }
    assert!(matches!(analysis(&scene, "ci-deployer", 90).await, Analysis::NothingToDo(_)));
}

#[tokio::test]
async fn nothing_is_proposed_for_a_role_that_nobody_uses() {
    let scene = Scene::new();
    scene.pass(Duration::from_secs(3)).await;
    assert!(matches!(analysis(&scene, "unused", 90).await, Analysis::NothingToDo(_)));
}

#[tokio::test]
async fn whatever_the_hour_ninety_days_are_ninety_days() {
    for hour in [0, 3, 23] {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = format!("2026-11-21T{hour:02}:10:00Z").parse().unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let account =
            SimulatedAccount::open(folder.path().join("a"), id(), SimulatedAccount::SEED, clock as _)
                .unwrap();
        for (name, ..) in STORIES {
            let snapshot = account.read(&errand(), &role(name)).await.unwrap();
            let seen = account.collect(&errand(), &snapshot, days(now, 90), &()).await.unwrap();
            let days = seen.used.coverage().days.len();
            assert!(days >= 90, "{name} at {hour}: {days} days");
        }
    }
}

#[tokio::test]
async fn what_the_trail_does_not_record_is_told_as_a_gap() {
    let scene = Scene::new();
    for (name, service) in [("web-app", "sqs"), ("monthly-report", "sns"), ("legacy-batch", "sqs")] {
        let (_, gathered) = gathered(&scene, name, 90).await;
        assert!(gathered.gaps.iter().any(|gap| gap.contains(service)), "{:?}", gathered.gaps);
    }
    let (_, year) = gathered(&scene, "ci-deployer", 365).await;
    assert!(year.gaps.is_empty(), "{:?}", year.gaps);
    let (_, decade) = gathered(&scene, "ci-deployer", 3650).await;
    assert!(decade.gaps.iter().any(|gap| gap.contains("the trail begins on")), "{:?}", decade.gaps);
}
