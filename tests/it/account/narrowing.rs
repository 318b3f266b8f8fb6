//! What comes of each role when it is narrowed: the stories that the account is there to tell.

use alpha::iam::evidence::Standing;

use super::*;

/// A role, the severity of narrowing it, how many documents are proposed, and whether all of its calls were allowed.
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
    ("unused", RiskLevel::Medium, 0),
    ("web-app", RiskLevel::Low, 1),
];

#[tokio::test]
async fn every_role_can_be_narrowed_with_proof_and_breaks_nothing_that_was_seen() {
    let scene = Scene::new();
    let mut told = 0;
    for name in scene.account.names().await.unwrap() {
        let Some((_, severity, documents)) = STORIES.iter().find(|(story, ..)| *story == name) else {
            assert!(scene.account.read(&role(&name)).await.is_err(), "{name} has no story");
            continue;
        };
        told += 1;
        let worked = work_out(&scene, &name, days(noon(), 90)).await;
        let tally = &worked.run.tally;
        assert_eq!((tally.broken, tally.undecided), (0, 0), "{name}: {:?}", tally.undecided_examples);
        assert!(worked.containment.holds(), "{name}: {:?}", worked.containment);
        assert_eq!(worked.risk.level, *severity, "{name}: {:?}", worked.risk.reasons);
        assert_eq!(worked.proposal.fitted.parts.len(), *documents, "{name}");
        assert!(worked.proposal.fitted.excess.is_none(), "{name}");
        assert!(!worked.proposal.dropped.is_empty(), "{name} has something to lose");
        let seen = worked.gathered.used.coverage();
        assert!(name == "unused" || seen.days.len() >= 90, "{name}: {} days", seen.days.len());
    }
    assert_eq!(told, STORIES.len());
}

#[tokio::test]
async fn the_proposal_for_ci_deployer_is_small_and_leaves_no_escalation_open() {
    let scene = Scene::new();
    let present = scene.role("ci-deployer").await.policies();
    assert!(open_paths(&present).is_empty());
    let worked = work_out(&scene, "ci-deployer", days(noon(), 90)).await;
    assert!(open_paths(&worked.proposal.documents()).is_empty());
    assert!(worked.proposal.fitted.parts.iter().map(|part| part.size).sum::<usize>() < 2_000);
    assert!(worked.proposal.kept.len() < 20 && worked.proposal.dropped.len() > 60);
    for (action, _) in &worked.proposal.kept {
        assert_eq!(worked.gathered.used.standing(*action), Standing::Used);
    }
}

#[tokio::test]
async fn whatever_the_hour_ninety_days_are_ninety_days() {
    for hour in [0, 3, 23] {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = format!("2026-11-21T{hour:02}:10:00Z").parse().unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let account =
            SimulatedAccount::open(folder.path().join("a"), id(), SimulatedAccount::SEED, clock as _).unwrap();
        for (name, ..) in STORIES.iter().filter(|(name, ..)| *name != "unused") {
            let snapshot = account.read(&role(name)).await.unwrap();
            let seen = account.collect(&snapshot, days(now, 90)).await.unwrap();
            let days = seen.used.coverage().days.len();
            assert!(days >= 90, "{name} at {hour}: {days} days");
        }
    }
}

#[tokio::test]
async fn what_the_trail_does_not_record_is_told_as_a_gap() {
    let scene = Scene::new();
    for (name, service) in [("web-app", "sqs"), ("monthly-report", "sns"), ("legacy-batch", "sqs")] {
        let worked = work_out(&scene, name, days(noon(), 90)).await;
        assert!(worked.gathered.gaps.iter().any(|gap| gap.contains(service)), "{:?}", worked.gathered.gaps);
    }
    let worked = work_out(&scene, "ci-deployer", days(noon(), 365)).await;
    assert!(worked.gathered.gaps.is_empty(), "{:?}", worked.gathered.gaps);
    let worked = work_out(&scene, "ci-deployer", days(noon(), 3650)).await;
    assert!(worked.gathered.gaps.iter().any(|gap| gap.contains("the trail begins on")), "{:?}", worked.gathered.gaps);
}
