//! Which role is meant, and which are none to be touched.

use std::fmt::Write as _;
use std::time::Instant;

use alpha::domain::ids::AccountId;
use alpha::domain::role::RoleRef;
use alpha::ports::AccountError;

use super::*;

/// A page of a listing of so many roles.
fn page(called: &Called, count: usize) -> (u16, String) {
    let start: usize = called.member("Marker").map_or(0, |marker| marker.parse().unwrap());
    let size: usize = called.member("MaxItems").unwrap().parse().unwrap();
    let end = (start + size).min(count);
    let mut roles = String::new();
    for number in start..end {
        let _ = write!(
            roles,
            "<member><Path>/</Path><RoleName>service-{number:05}</RoleName><RoleId>AROA{number:017}</RoleId>\
             <Arn>arn:aws:iam::111122223333:role/service-{number:05}</Arn>\
             <CreateDate>2026-01-01T00:00:00Z</CreateDate></member>"
        );
    }
    let more = if end < count {
        format!("<IsTruncated>true</IsTruncated><Marker>{end}</Marker>")
    } else {
        "<IsTruncated>false</IsTruncated>".to_owned()
    };
    let text = format!(
        "<ListRolesResponse><ListRolesResult><Roles>{roles}</Roles>{more}</ListRolesResult></ListRolesResponse>"
    );
    (200, text)
}

#[tokio::test]
async fn among_five_thousand_roles_the_one_that_was_meant_is_found() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = Scene::over(&wire.url, &emulator().url).await;
    wire.rule("ListRoles", 100, Act::answer(|called| page(called, 5_000)));
    match scene.roles.read(&errand(), &role("servise-04999")).await {
        Err(AccountError::NoSuchRole { name, like }) => {
            assert_eq!((name.as_str(), like.as_deref()), ("servise-04999", Some("service-04999")));
        }
        answer => panic!("{answer:?}"),
    }
    assert_eq!(wire.operations().iter().filter(|name| *name == "ListRoles").count(), 5);
}

#[tokio::test]
async fn names_are_listed_for_as_long_as_that_may_take_and_only_where_a_role_is_missing() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = Scene::over(&wire.url, &emulator().url).await;
    scene.make("/", "present").await;
    wire.rule("ListRoles", 100, Act::Slow(Duration::from_mins(1)));
    scene.roles.read(&errand(), &role("present")).await.unwrap();
    let begun = Instant::now();
    let answer = scene.roles.read(&errand(), &role("absent")).await;
    assert!(matches!(answer, Err(AccountError::NoSuchRole { like: None, .. })), "{answer:?}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    wire.clear();
    wire.rule("ListRoles", 100, Act::refuse(403, "AccessDenied", "no"));
    let answer = scene.roles.read(&errand(), &role("absent")).await;
    assert!(matches!(answer, Err(AccountError::NoSuchRole { like: None, .. })), "{answer:?}");
}

#[tokio::test]
async fn the_roles_by_which_alpha_works_are_refused_before_anything_is_asked() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = Scene::over(&wire.url, &emulator().url).await;
    let identity = |_: &_| {
        let arn = "arn:aws:sts::111122223333:assumed-role/alpha-bot/task-1";
        (
            200,
            format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>u</UserId>\
                 <Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
        )
    };
    wire.rule("GetCallerIdentity", 1, Act::answer(identity));
    for name in ["alpha-bot", "ALPHA-Bot", "alpha-member", "alpha-evidence"] {
        let write = Write::PutInline { name: "x".to_owned(), document: granting("*", "*") };
        let answer = scene.roles.write(&approved(), &errand(), &role(name), &write).await;
        assert!(
            matches!(&answer, Err(AccountError::Reserved(why)) if why.contains("own role")),
            "{answer:?}"
        );
    }
    assert_eq!(wire.operations(), Vec::<String>::new());
    assert!(matches!(scene.roles.read(&errand(), &role("alpha-bot")).await, Err(AccountError::Reserved(_))));
}

#[tokio::test]
async fn credentials_of_another_account_than_the_configured_one_read_and_write_nothing() {
    let scene = Scene::on(emulator()).await;
    scene.make("/", "elsewhere").await;
    // No role is said for this account, so ALPHA's own credentials are taken for its own: they are of another.
    let other = AccountId::new("444455556666");
    let account = Account { regions: vec!["eu-west-1".to_owned()], ..Account::default() };
    let configured = Configured { home: other.clone(), all: BTreeMap::from([(other.clone(), account)]) };
    let way = sdk(&emulator().url).await;
    let home = Client::new(&way);
    home.create_role().role_name("elsewhere").assume_role_policy_document(TRUST).send().await.unwrap();
    let roles = IamRoles::new(Arc::new(Accounts::new(way, configured)));
    let role = RoleRef { account: other, name: "elsewhere".to_owned() };
    for answer in [
        roles.read(&errand(), &role).await.map(drop),
        roles.write(&approved(), &errand(), &role, &Write::RemoveBoundary).await,
    ] {
        match answer {
            Err(AccountError::Denied(why)) => {
                assert!(why.contains("[accounts.444455556666]") && why.contains("123456789012"), "{why}");
            }
            answer => panic!("{answer:?}"),
        }
    }
}
