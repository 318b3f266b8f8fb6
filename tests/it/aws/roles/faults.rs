//! Every write, with every way in which it may fail.

use alpha::ports::AccountError;

use super::*;

/// A role that every write changes, and the writes, each with the call that does it. Whether it is there afterwards is
/// seen by reading.
fn writes(name: &str) -> Vec<(&'static str, Write)> {
    let policy = made(&format!("alpha-{name}"), granting("s3:GetObject", "*"));
    let inline = Write::PutInline { name: "alpha-j-1".to_owned(), document: granting("s3:GetObject", "*") };
    vec![
        ("CreatePolicy", Write::CreatePolicy(policy.clone())),
        ("PutRolePermissionsBoundary", Write::PutBoundary(policy.clone())),
        ("DeleteRolePermissionsBoundary", Write::RemoveBoundary),
        ("PutRolePolicy", inline),
        ("DeleteRolePolicy", Write::DeleteInline { name: "alpha-j-1".to_owned() }),
        ("AttachRolePolicy", Write::Attach(policy.clone())),
        ("DetachRolePolicy", Write::Detach { arn: policy.arn.clone() }),
        ("DeletePolicy", Write::DeletePolicy { arn: policy.arn }),
    ]
}

async fn scene(wire: &Wire, name: &str) -> Scene {
    let scene = Scene::over(&wire.url, &emulator().url).await;
    scene.make("/", name).await;
    scene
}

#[tokio::test]
async fn a_lost_answer_is_no_failure_where_the_write_is_there() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = scene(&wire, "lost-answer").await;
    let role = role("lost-answer");
    for (operation, write) in writes("lost-answer") {
        let expected = scene.roles.read(&errand(), &role).await.unwrap().after(&write);
        wire.clear();
        wire.rule(operation, 100, Act::LoseAnswer);
        scene.roles.write(&approved(), &errand(), &role, &write).await.unwrap();
        wire.clear();
        assert_eq!(scene.roles.read(&errand(), &role).await.unwrap(), expected, "{operation}");
    }
}

#[tokio::test]
async fn a_lost_call_is_told_as_such_and_can_be_made_again() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = scene(&wire, "lost-call").await;
    let role = role("lost-call");
    for (operation, write) in writes("lost-call") {
        let before = scene.roles.read(&errand(), &role).await.unwrap();
        wire.rule(operation, 2, Act::LoseCall);
        let answer = scene.roles.write(&approved(), &errand(), &role, &write).await;
        assert!(matches!(answer, Err(AccountError::Unavailable(_))), "{operation}: {answer:?}");
        assert_eq!(scene.roles.read(&errand(), &role).await.unwrap(), before, "{operation}");
        scene.roles.write(&approved(), &errand(), &role, &write).await.unwrap();
        assert_eq!(scene.roles.read(&errand(), &role).await.unwrap(), before.after(&write), "{operation}");
    }
}

/// Whether an error is of a kind.
type Is = fn(&AccountError) -> bool;

#[tokio::test]
async fn each_refusal_of_iam_means_one_thing_whatever_was_written() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = scene(&wire, "refused").await;
    let role = role("refused");
    let rejected: Is = |error| matches!(error, AccountError::Rejected(_));
    let unavailable: Is = |error| matches!(error, AccountError::Unavailable(_));
    let denied: Is = |error| matches!(error, AccountError::Denied(_));
    for (status, code, is) in [
        (409, "LimitExceeded", rejected),
        (400, "MalformedPolicyDocument", rejected),
        (400, "UnmodifiableEntity", rejected),
        (400, "PolicyNotAttachable", rejected),
        (400, "InvalidInput", rejected),
        (409, "ConcurrentModification", unavailable),
        (409, "EntityTemporarilyUnmodifiable", unavailable),
        (400, "Throttling", unavailable),
        (500, "ServiceFailure", unavailable),
        (403, "ExpiredToken", unavailable),
        (403, "InvalidClientTokenId", unavailable),
        (403, "AccessDenied", denied),
    ] {
        for (operation, write) in writes("refused") {
            wire.rule(operation, 2, Act::refuse(status, code, "no"));
            let answer = scene.roles.write(&approved(), &errand(), &role, &write).await;
            wire.clear();
            match &answer {
                Err(error) if is(error) => {
                    assert!(!rejected(error) || error.to_string().starts_with(code), "{operation}: {error}");
                }
                answer => panic!("{operation} {code}: {answer:?}"),
            }
            // Each write stands on the ones before it.
            scene.roles.write(&approved(), &errand(), &role, &write).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_missing_grant_is_told_by_its_action_with_the_statement_to_add() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = scene(&wire, "ungranted").await;
    let role = role("ungranted");
    let denied = |answer: Result<(), AccountError>, operation: &str| match answer {
        Err(AccountError::Denied(why)) => {
            let statement = format!(r#"{{"Effect": "Allow", "Action": "iam:{operation}", "Resource": "#);
            assert!(why.contains(&format!("{operation} needs iam:{operation};")), "{why}");
            assert!(!why.contains(r#""Resource": "*""#), "{why}");
            assert!(why.contains(&statement) && why.contains("not authorized to"), "{why}");
            why
        }
        answer => panic!("{operation}: {answer:?}"),
    };
    let refuse = || Act::refuse(403, "AccessDenied", "User: x is not authorized to perform this");
    let edge = scene.policy("/", "ungranted", &granting("s3:*", "*")).await;
    scene.admin.attach_role_policy().role_name("ungranted").policy_arn(edge).send().await.unwrap();
    for operation in [
        "GetRole",
        "ListRolePolicies",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "GetPolicy",
        "GetPolicyVersion",
    ] {
        wire.rule(operation, 1, refuse());
        denied(scene.roles.read(&errand(), &role).await.map(drop), operation);
        wire.clear();
    }
    for (operation, write) in writes("ungranted") {
        wire.rule(operation, 1, refuse());
        let why = denied(scene.roles.write(&approved(), &errand(), &role, &write).await, operation);
        wire.clear();
        let expected = match write {
            Write::CreatePolicy(_) | Write::DeletePolicy { .. } => "under the path /alpha/ alone",
            _ => "It doesn't bear the tag alpha-scope=narrow. Whoever may tag roles",
        };
        assert!(why.contains(expected), "{operation}: {why}");
        scene.roles.write(&approved(), &errand(), &role, &write).await.unwrap();
    }
}

#[tokio::test]
async fn versions_that_somebody_gave_a_policy_of_a_job_go_with_it() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = scene(&wire, "versions").await;
    let policy = made("alpha-canary-versions", granting("s3:GetObject", "*"));
    let write = |write: Write| {
        let roles = scene.roles.clone();
        async move { roles.write(&approved(), &errand(), &role("versions"), &write).await }
    };
    write(Write::CreatePolicy(policy.clone())).await.unwrap();
    for _ in 0..2 {
        let text = granting("s3:*", "*").to_string_compact();
        let made = scene.admin.create_policy_version().policy_arn(&policy.arn).policy_document(text);
        made.set_as_default(false).send().await.unwrap();
    }
    // The emulator deletes it whatever versions it has; IAM doesn't.
    wire.rule(
        "DeletePolicy",
        1,
        Act::refuse(409, "DeleteConflict", "This policy has more than one version."),
    );
    write(Write::DeletePolicy { arn: policy.arn.clone() }).await.unwrap();
    let deleted: Vec<String> = wire
        .calls()
        .iter()
        .filter(|call| call.operation == "DeletePolicyVersion")
        .filter_map(|call| call.member("VersionId"))
        .collect();
    assert_eq!(deleted, ["v2", "v3"]);
    assert!(scene.admin.get_policy().policy_arn(&policy.arn).send().await.is_err());
    // Where there are no others, the conflict is about something else.
    write(Write::CreatePolicy(policy.clone())).await.unwrap();
    wire.rule("DeletePolicy", 1, Act::refuse(409, "DeleteConflict", "It is attached to somebody."));
    let answer = write(Write::DeletePolicy { arn: policy.arn }).await;
    assert!(
        matches!(&answer, Err(AccountError::Rejected(why)) if why.starts_with("DeleteConflict: It is att")),
        "{answer:?}"
    );
}

#[tokio::test]
async fn what_no_job_made_is_never_deleted_and_what_somebody_changed_is_put_on_no_role() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = scene(&wire, "strangers").await;
    let theirs = scene.policy("/", "theirs", &granting("s3:*", "*")).await;
    let delete = Write::DeletePolicy { arn: theirs.clone() };
    let answer = scene.roles.write(&approved(), &errand(), &role("strangers"), &delete).await;
    assert!(matches!(answer, Err(AccountError::Rejected(_))), "{answer:?}");
    assert!(scene.admin.get_policy().policy_arn(&theirs).send().await.is_ok());
    let policy = made("alpha-canary-strangers", granting("s3:GetObject", "*"));
    let create = Write::CreatePolicy(policy.clone());
    scene.roles.write(&approved(), &errand(), &role("strangers"), &create).await.unwrap();
    let wide = granting("*", "*").to_string_compact();
    let made = scene.admin.create_policy_version().policy_arn(&policy.arn).policy_document(wide);
    made.set_as_default(true).send().await.unwrap();
    let before = scene.roles.read(&errand(), &role("strangers")).await.unwrap();
    for write in [create, Write::PutBoundary(policy.clone()), Write::Attach(policy)] {
        let answer = scene.roles.write(&approved(), &errand(), &role("strangers"), &write).await;
        assert!(
            matches!(&answer, Err(AccountError::Rejected(why)) if why.starts_with("EntityAlreadyExists")),
            "{answer:?}"
        );
    }
    assert_eq!(scene.roles.read(&errand(), &role("strangers")).await.unwrap(), before);
}

#[tokio::test]
async fn credentials_that_ended_in_mid_job_are_let_go_and_taken_anew() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = scene(&wire, "expired").await;
    scene.roles.read(&errand(), &role("expired")).await.unwrap();
    wire.rule(
        "GetRole",
        1,
        Act::refuse(403, "ExpiredToken", "The security token included in the request is expired"),
    );
    let answer = scene.roles.read(&errand(), &role("expired")).await;
    assert!(matches!(answer, Err(AccountError::Unavailable(_))), "{answer:?}");
    scene.roles.read(&errand(), &role("expired")).await.unwrap();
    assert_eq!(wire.operations().iter().filter(|name| *name == "AssumeRole").count(), 2);
}
