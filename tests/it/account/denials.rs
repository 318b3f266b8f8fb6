//! The story of `monthly-report`, and that no other role's proposal is refused anything.

use alpha::domain::role::{ManagedPolicy, Write};
use alpha::ports::Health as _;

use super::*;

/// Puts the role under a boundary that is a proposal.
async fn canary(scene: &Scene, name: &str, document: Document) -> Write {
    let boundary = ManagedPolicy {
        arn: format!("arn:aws:iam::{}:policy/alpha/alpha-canary-j-1", id()),
        version: "v1".to_owned(),
        document,
    };
    for write in [Write::CreatePolicy(boundary.clone()), Write::PutBoundary(boundary.clone())] {
        scene.account.write(&approved(), &errand(), &role(name), &write).await.unwrap();
    }
    Write::PutBoundary(boundary)
}

/// What was denied since then, as `source:Name`, sorted.
async fn denied(scene: &Scene, name: &str, since: Timestamp) -> Vec<String> {
    let reading = scene.account.since(&errand(), &scene.role(name).await, since).await.unwrap();
    let mut names: Vec<String> = reading
        .denied
        .iter()
        .map(|(call, _)| format!("{}:{}", call.source.trim_end_matches(".amazonaws.com"), call.name))
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_proposal_for_monthly_report_is_refused_exactly_its_rare_calls() {
    let scene = Scene::new();
    scene.pass(Duration::from_secs(30)).await;
    assert_eq!(denied(&scene, "monthly-report", noon()).await, [""; 0], "never while it stands as seeded");
    let before = scene.role("monthly-report").await;
    let proposal = case(&scene, "monthly-report").await.proposed;

    let since = now(&scene);
    canary(&scene, "monthly-report", proposal[0].clone()).await;
    scene.pass(Duration::from_secs(3)).await;
    let rare = ["athena:StartQueryExecution", "s3:GetObject"];
    assert_eq!(denied(&scene, "monthly-report", since).await, rare);
    let reading = scene.account.since(&errand(), &scene.role("monthly-report").await, since).await.unwrap();
    assert!(reading.calls >= 20, "{} calls in three seconds", reading.calls);
    assert_eq!(
        reading.denied.iter().map(|(_, count)| count).sum::<u64>(),
        4,
        "after 1 s and after 3 s, two calls each"
    );

    // Past the instant of the last refusal.
    scene.clock.advance(Duration::from_millis(1));
    scene
        .account
        .write(&approved(), &errand(), &role("monthly-report"), &Write::RemoveBoundary)
        .await
        .unwrap();
    assert_eq!(scene.role("monthly-report").await.digest(), before.digest());
    let since = now(&scene);
    scene.pass(Duration::from_secs(10)).await;
    assert_eq!(denied(&scene, "monthly-report", since).await, [""; 0], "never once it is back");

    let again = case(&scene, "monthly-report").await.proposed;
    assert_eq!(again, proposal, "what was refused is no evidence of use");
}

#[tokio::test]
async fn the_rare_calls_are_allowed_where_the_change_leaves_them() {
    let scene = Scene::new();
    scene.account.work().await.unwrap();
    let note = Write::PutInline {
        name: "note".to_owned(),
        document: granting("s3:GetObject", "arn:aws:s3:::acme-notes/*"),
    };
    scene.account.write(&approved(), &errand(), &role("monthly-report"), &note).await.unwrap();
    scene.pass(Duration::from_secs(5)).await;
    assert_eq!(denied(&scene, "monthly-report", noon()).await, [""; 0]);
    let records = scene.account.newest(&role("monthly-report"), 100).await.unwrap();
    assert!(records.iter().any(|record| record.contains("acme-finance-archive")));
}

#[tokio::test]
async fn no_other_role_is_refused_anything_more_under_its_proposal() {
    let scene = Scene::new();
    for name in
        ["ci-deployer", "web-app", "data-pipeline", "log-shipper", "pass-role", "legacy-batch", "managed"]
    {
        scene.pass(Duration::from_secs(15)).await;
        let before = denied(&scene, name, noon()).await;
        let proposal = case(&scene, name).await.proposed;
        let since = now(&scene);
        canary(&scene, name, proposal[0].clone()).await;
        scene.pass(Duration::from_secs(15)).await;
        let after = denied(&scene, name, since).await;
        assert!(after.iter().all(|call| before.contains(call)), "{name}: {before:?} {after:?}");
        scene.account.write(&approved(), &errand(), &role(name), &Write::RemoveBoundary).await.unwrap();
        let arn = format!("arn:aws:iam::{}:policy/alpha/alpha-canary-j-1", id());
        scene.account.write(&approved(), &errand(), &role(name), &Write::DeletePolicy { arn }).await.unwrap();
    }
}

#[tokio::test]
async fn a_refusal_is_worded_as_aws_words_it() {
    let scene = Scene::new();
    scene.account.work().await.unwrap();
    canary(&scene, "ci-deployer", granting("s3:PutObject", "*")).await;
    scene.pass(Duration::from_secs(8)).await;
    let records = scene.account.newest(&role("ci-deployer"), 200).await.unwrap();
    let refused = records.iter().find(|record| record.contains("\"eventName\":\"GetObject\"")).unwrap();
    let record: serde_json::Value = serde_json::from_str(refused).unwrap();
    assert_eq!(record["errorCode"], "AccessDenied");
    assert_eq!(
        record["errorMessage"],
        "User: arn:aws:sts::111122223333:assumed-role/ci-deployer/GitHubActions is not authorized to perform: \
         s3:GetObject on resource: arn:aws:s3:::acme-web-shop-assets/releases/current.json because no permissions \
         boundary allows the s3:GetObject action"
    );
}
