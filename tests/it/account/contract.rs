//! What every account has to do, whichever it is: generic over the ports.

use alpha::domain::role::{ManagedPolicy, Write};
use alpha::iam::cloudtrail::Ending;
use alpha::ports::{AccountError, Evidence, Health, Roles};

use super::*;

fn policy(name: &str, document: Document) -> ManagedPolicy {
    let arn = format!("arn:aws:iam::{}:policy/alpha/{name}", id());
    ManagedPolicy { arn, version: "v1".to_owned(), document }
}

/// Writes that lead through everything that a write can do, and leave the role as it was.
fn round() -> Vec<Write> {
    let canary = policy("alpha-canary-j-1", granting("s3:GetObject", "*"));
    let other = policy("alpha-managed-j-1", granting("sqs:SendMessage", "*"));
    let inline = |resource: &str| Write::PutInline {
        name: "alpha-j-1".to_owned(),
        document: granting("s3:GetObject", resource),
    };
    vec![
        Write::CreatePolicy(canary.clone()),
        Write::PutBoundary(canary.clone()),
        Write::RemoveBoundary,
        Write::DeletePolicy { arn: canary.arn },
        inline("*"),
        inline("arn:aws:s3:::acme/*"),
        Write::DeleteInline { name: "alpha-j-1".to_owned() },
        Write::CreatePolicy(other.clone()),
        Write::Attach(other.clone()),
        Write::Detach { arn: other.arn.clone() },
        Write::DeletePolicy { arn: other.arn },
    ]
}

/// What was written is what is read; written again it changes nothing and is no error.
pub async fn writes_are_read_back_and_repeating_them_changes_nothing(roles: &dyn Roles, role: &RoleRef) {
    let before = roles.read(&errand(), role).await.unwrap();
    let mut expected = before.clone();
    for write in round() {
        expected = expected.after(&write);
        for _ in 0..2 {
            roles.write(&approved(), &errand(), role, &write).await.unwrap();
            assert_eq!(roles.read(&errand(), role).await.unwrap(), expected, "{}", write.describe());
        }
    }
    assert_eq!(expected.digest(), before.digest());
}

/// What is gone already may be taken away again.
pub async fn what_is_not_there_is_not_missed(roles: &dyn Roles, role: &RoleRef) {
    let before = roles.read(&errand(), role).await.unwrap();
    let arn = policy("never-made", granting("s3:GetObject", "*")).arn;
    for write in [
        Write::DeletePolicy { arn: arn.clone() },
        Write::DeleteInline { name: "never-made".to_owned() },
        Write::Detach { arn },
        Write::RemoveBoundary,
    ] {
        roles.write(&approved(), &errand(), role, &write).await.unwrap();
    }
    assert_eq!(roles.read(&errand(), role).await.unwrap(), before);
}

/// What IAM refuses is refused with its code, for good, and nothing is changed by it.
pub async fn what_iam_refuses_is_refused_and_changes_nothing(roles: &dyn Roles, role: &RoleRef) {
    let before = roles.read(&errand(), role).await.unwrap();
    let there = policy("alpha-there-j-2", granting("s3:GetObject", "*"));
    roles.write(&approved(), &errand(), role, &Write::CreatePolicy(there.clone())).await.unwrap();
    roles.write(&approved(), &errand(), role, &Write::Attach(there.clone())).await.unwrap();
    let during = roles.read(&errand(), role).await.unwrap();
    let other = ManagedPolicy { document: granting("s3:PutObject", "*"), ..there.clone() };
    let wide =
        |characters: usize| granting("s3:GetObject", &format!("arn:aws:s3:::{}", "x".repeat(characters)));
    let absent = policy("never-made", granting("s3:GetObject", "*"));
    let inline = |name: &str, document| Write::PutInline { name: name.to_owned(), document };
    let refusals = [
        ("EntityAlreadyExists", Write::CreatePolicy(other)),
        ("DeleteConflict", Write::DeletePolicy { arn: there.arn.clone() }),
        ("NoSuchEntity", Write::PutBoundary(absent.clone())),
        ("NoSuchEntity", Write::Attach(absent)),
        ("LimitExceeded", inline("wide", wide(10_240))),
        ("LimitExceeded", Write::CreatePolicy(policy("wide", wide(6_144)))),
        ("MalformedPolicyDocument", inline("empty", document(r#"{"Version":"2012-10-17","Statement":[]}"#))),
        ("MalformedPolicyDocument", inline("odd", granting("GetObject", "*"))),
        ("MalformedPolicyDocument", Write::CreatePolicy(policy("odd", granting("s3:GetObject", "bucket")))),
        ("ValidationError", inline("a b", granting("s3:GetObject", "*"))),
        ("ValidationError", inline("<!channel>", granting("s3:GetObject", "*"))),
        ("ValidationError", inline("", granting("s3:GetObject", "*"))),
        ("ValidationError", inline("\u{202e}gnp", granting("s3:GetObject", "*"))),
        ("ValidationError", Write::CreatePolicy(policy("a b", granting("s3:GetObject", "*")))),
    ];
    for (code, write) in refusals {
        match roles.write(&approved(), &errand(), role, &write).await {
            Err(AccountError::Rejected(why)) => assert!(why.starts_with(code), "{code}: {why}"),
            answer => panic!("{code}: {answer:?}"),
        }
        assert_eq!(roles.read(&errand(), role).await.unwrap(), during, "{code}");
    }
    roles.write(&approved(), &errand(), role, &Write::Detach { arn: there.arn.clone() }).await.unwrap();
    roles.write(&approved(), &errand(), role, &Write::DeletePolicy { arn: there.arn }).await.unwrap();
    assert_eq!(roles.read(&errand(), role).await.unwrap(), before);
}

/// Ten attached managed policies are the most.
async fn an_eleventh_policy_is_not_attached(roles: &dyn Roles, role: &RoleRef) {
    let attached = roles.read(&errand(), role).await.unwrap().attached.len();
    for number in attached..=10 {
        let one = policy(&format!("many-{number}"), granting("s3:GetObject", "*"));
        roles.write(&approved(), &errand(), role, &Write::CreatePolicy(one.clone())).await.unwrap();
        let answer = roles.write(&approved(), &errand(), role, &Write::Attach(one)).await;
        assert_eq!(answer.is_ok(), number < 10, "{number}: {answer:?}");
    }
}

/// Names are found in whatever case; what isn't there, is another account's or isn't to be changed is told apart.
pub async fn roles_are_told_apart(roles: &dyn Roles, present: &str, reserved: &[&str]) {
    let found = roles.read(&errand(), &role(present)).await.unwrap();
    assert_eq!(roles.read(&errand(), &role(&present.to_ascii_uppercase())).await.unwrap(), found);
    let write = Write::RemoveBoundary;
    for name in ["no-such-role", "", "%", "' OR 1=1 --", "\u{202e}reverse", &"x".repeat(10_000)] {
        let missing = |answer: Result<(), AccountError>| match answer {
            Err(AccountError::NoSuchRole { name, .. }) => {
                assert!(name.len() < 400 && !name.contains('\u{202e}'));
            }
            answer => panic!("{name}: {answer:?}"),
        };
        missing(roles.read(&errand(), &role(name)).await.map(drop));
        missing(roles.write(&approved(), &errand(), &role(name), &write).await);
    }
    for name in reserved {
        assert!(matches!(roles.read(&errand(), &role(name)).await, Err(AccountError::Reserved(_))), "{name}");
        let answer = roles.write(&approved(), &errand(), &role(name), &write).await;
        assert!(matches!(answer, Err(AccountError::Reserved(_))), "{name}: {answer:?}");
    }
    let foreign = RoleRef { account: AccountId::new("999988887777"), name: present.to_owned() };
    assert!(matches!(roles.read(&errand(), &foreign).await, Err(AccountError::Denied(_))));
    assert!(matches!(
        roles.write(&approved(), &errand(), &foreign, &write).await,
        Err(AccountError::Denied(_))
    ));
}

/// One call of each kind, all within the window, and as many as the evidence counts.
async fn calls_and_evidence_agree(evidence: &dyn Evidence, role: &Snapshot, window: Window) {
    let gathered = evidence.collect(&errand(), role, window, &()).await.unwrap();
    let counted: u64 = gathered.calls.iter().map(|(_, count)| count).sum();
    assert_eq!(counted, gathered.used.coverage().calls);
    assert!(counted > 0);
    for (number, (call, _)) in gathered.calls.iter().enumerate() {
        assert!(window.since <= call.time && call.time < window.until, "{call:?}");
        assert_eq!(call.role.as_deref(), Some(role.arn.as_str()));
        let same = |(other, _): &(alpha::iam::cloudtrail::Call<'_>, u64)| {
            (&other.source, &other.name, &other.needs, &other.ending)
                == (&call.source, &call.name, &call.needs, &call.ending)
        };
        assert!(!gathered.calls[number + 1..].iter().any(same), "twice: {call:?}");
    }
    let succeeded = |call: &alpha::iam::cloudtrail::Call<'_>| call.ending == Ending::Succeeded;
    let used: u64 = gathered.calls.iter().filter(|(call, _)| succeeded(call)).map(|(_, count)| count).sum();
    let granted: u64 =
        gathered.used.used().flat_map(|(_, uses)| uses.iter().map(|(_, uses)| uses.count)).sum();
    assert!(granted >= used, "each call that succeeded needed a permission at least");
    let before = Window {
        since: "1999-01-01T00:00:00Z".parse().unwrap(),
        until: "1999-04-01T00:00:00Z".parse().unwrap(),
    };
    let nothing = evidence.collect(&errand(), role, before, &()).await.unwrap();
    assert!(nothing.calls.is_empty() && !nothing.gaps.is_empty(), "{:?}", nothing.gaps);
    let read = alpha::iam::catalogue::Catalogue::embedded().find("s3:GetObject").unwrap();
    let standing = nothing.used.standing(read);
    assert!(
        matches!(standing, alpha::iam::evidence::Standing::Unobservable(_)),
        "no trail is no proof of disuse"
    );
}

/// Denials are among the calls, and nothing is known of what is to come.
pub async fn a_reading_is_bounded_by_what_was_seen(
    health: &dyn Health,
    role: &Snapshot,
    since: Timestamp,
    now: Timestamp,
) {
    let reading = health.since(&errand(), role, since).await.unwrap();
    let denied: u64 = reading.denied.iter().map(|(_, count)| count).sum();
    assert!(denied <= reading.calls);
    assert!(reading.complete_until <= now, "{}", reading.complete_until);
    for (call, _) in &reading.denied {
        assert!(matches!(call.ending, Ending::Denied(_)), "{call:?}");
    }
    let later = health
        .since(&errand(), role, now.checked_add(jiff::SignedDuration::from_hours(1)).unwrap())
        .await
        .unwrap();
    assert_eq!((later.calls, later.denied.len()), (0, 0));
}

#[tokio::test]
pub async fn writes_are_read_back_and_repeated_without_harm() {
    let scene = Scene::new();
    for name in ["ci-deployer", "managed", "unused"] {
        writes_are_read_back_and_repeating_them_changes_nothing(&*scene.account, &role(name)).await;
    }
}

#[tokio::test]
async fn taking_away_what_is_gone_is_no_error() {
    what_is_not_there_is_not_missed(&*Scene::new().account, &role("web-app")).await;
}

#[tokio::test]
async fn refusals_are_those_of_iam() {
    let scene = Scene::new();
    what_iam_refuses_is_refused_and_changes_nothing(&*scene.account, &role("ci-deployer")).await;
    an_eleventh_policy_is_not_attached(&*scene.account, &role("managed")).await;
}

#[tokio::test]
async fn roles_are_found_refused_or_missed_by_name() {
    let reserved = ["AWSServiceRoleForSupport", "AWSReservedSSO_Auditor_0a1b2c3d4e5f6789", "alpha"];
    roles_are_told_apart(&*Scene::new().account, "ci-deployer", &reserved).await;
}

#[tokio::test]
async fn evidence_is_of_the_role_and_the_window() {
    let scene = Scene::new();
    for name in ["ci-deployer", "web-app", "data-pipeline", "admin-everything"] {
        let snapshot = scene.role(name).await;
        for count in [1, 7, 30, 90, 365] {
            calls_and_evidence_agree(&*scene.account, &snapshot, days(noon(), count)).await;
        }
    }
}

#[tokio::test]
async fn readings_are_of_what_happened() {
    let scene = Scene::new();
    scene.pass(Duration::from_secs(20)).await;
    for name in ["ci-deployer", "web-app", "unused"] {
        let snapshot = scene.role(name).await;
        let now = now(&scene);
        a_reading_is_bounded_by_what_was_seen(&*scene.account, &snapshot, noon(), now).await;
    }
}
