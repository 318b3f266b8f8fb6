//! The ways into accounts: sessions that are kept, renewed and refused in words.

use std::collections::BTreeMap;
use std::sync::Arc;

use alpha::aws::accounts::Accounts;
use alpha::domain::accounts::{Account, Accounts as Configured, Trail};
use alpha::domain::errand::Errand;
use alpha::domain::ids::{AccountId, JobId};
use alpha::ports::AccountError;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_types::SdkConfig;
use jiff::{SignedDuration, Timestamp};

use super::wire::{Act, Called, Wire};
use crate::account::{errand, id};
use crate::support::emulator::sdk;

const ROLE: &str = "arn:aws:iam::111122223333:role/alpha-service/alpha-member";

async fn accounts(wire: &Wire, role: &str, external_id: Option<&str>) -> Arc<Accounts> {
    let account = Account {
        role: Some(role.to_owned()),
        external_id: external_id.map(str::to_owned),
        regions: vec!["eu-central-1".to_owned(), "us-west-2".to_owned()],
        ..Account::default()
    };
    of(wire, account).await
}

async fn of(wire: &Wire, account: Account) -> Arc<Accounts> {
    let configured =
        Configured { home: AccountId::new("123456789012"), all: BTreeMap::from([(id(), account)]) };
    Arc::new(Accounts::new(sdk(&wire.url).await, configured))
}

#[tokio::test]
async fn a_trail_of_the_home_account_is_reached_without_a_session() {
    let wire = Wire::to(None).await;
    wire.rule("AssumeRole", 10, lasting(3_600));
    for central in [true, false] {
        let trail = Trail { central, ..Trail::default() };
        let account = Account { role: Some(ROLE.to_owned()), trail, ..Account::default() };
        let accounts = of(&wire, account).await;
        let key = key_of(&accounts.reach_trail(&id(), &errand()).await.unwrap()).await;
        assert_eq!(key == "test", central, "{key}");
        assert_eq!(wire.calls().len(), usize::from(!central));
    }
}

#[tokio::test]
async fn the_home_account_s_trail_is_asked_where_alpha_itself_is() {
    let wire = Wire::to(None).await;
    let regions = vec!["ap-southeast-2".to_owned(), "us-east-1".to_owned()];
    let accounts = of(&wire, Account { regions, ..Account::default() }).await;
    let here = accounts.own().region().cloned();
    assert_ne!(here.as_ref().map(AsRef::as_ref), Some("ap-southeast-2"));
    assert_eq!(accounts.reach_trail(&id(), &errand()).await.unwrap().region().cloned(), here);
    let main = accounts.reach(&id(), &errand()).await.unwrap();
    assert_eq!(main.region().map(AsRef::as_ref), Some("ap-southeast-2"));
}

/// Credentials that end after so many seconds; each time others.
fn lasting(seconds: i64) -> Act {
    let count = std::sync::atomic::AtomicU32::new(0);
    Act::answer(move |_: &Called| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let end = Timestamp::now() + SignedDuration::from_secs(seconds);
        let end = end.strftime("%Y-%m-%dT%H:%M:%SZ");
        let text = format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{number}</AccessKeyId>\
             <SecretAccessKey>s3cr3t</SecretAccessKey><SessionToken>t0ken</SessionToken>\
             <Expiration>{end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        );
        (200, text)
    })
}

async fn key_of(way: &SdkConfig) -> String {
    let credentials = way.credentials_provider().unwrap().provide_credentials().await.unwrap();
    credentials.access_key_id().to_owned()
}

#[tokio::test]
async fn a_session_names_job_and_actor_says_the_external_id_and_is_kept() {
    let wire = Wire::to(None).await;
    wire.rule("AssumeRole", 10, lasting(3_600));
    let accounts = accounts(&wire, ROLE, Some("0123456789abcdef")).await;
    for _ in 0..3 {
        let way = accounts.reach(&id(), &errand()).await.unwrap();
        assert_eq!(way.region().unwrap().as_ref(), "eu-central-1");
        assert_eq!(key_of(&way).await, "ASIA0");
        let way = accounts.reach_in(&id(), &errand(), "us-west-2").await.unwrap();
        assert_eq!(way.region().unwrap().as_ref(), "us-west-2");
        assert_eq!(key_of(&way).await, "ASIA0");
    }
    let calls = wire.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].member("RoleArn").unwrap(), ROLE);
    assert_eq!(calls[0].member("ExternalId").unwrap(), "0123456789abcdef");
    assert_eq!(calls[0].member("RoleSessionName").unwrap(), "alpha-j-0000000000000000-ana");
    // Somebody else's errand is somebody else's session.
    let other = Errand { job: JobId::new("j-0000000000000001"), actor: "ben".to_owned() };
    assert_eq!(key_of(&accounts.reach(&id(), &other).await.unwrap()).await, "ASIA1");
}

#[tokio::test]
async fn a_session_is_renewed_before_it_ends_by_whoever_holds_on_to_a_way_too() {
    let wire = Wire::to(None).await;
    wire.rule("AssumeRole", 10, lasting(120));
    let accounts = accounts(&wire, ROLE, None).await;
    let way = accounts.reach(&id(), &errand()).await.unwrap();
    let first = key_of(&way).await;
    assert_ne!(key_of(&way).await, first);
    assert!(wire.calls().iter().all(|call| call.member("ExternalId").is_none()));
}

#[tokio::test]
async fn a_session_that_still_holds_serves_while_sts_cannot_be_asked() {
    let wire = Wire::to(None).await;
    wire.rule("AssumeRole", 1, lasting(120));
    wire.rule("AssumeRole", 100, Act::refuse(503, "ServiceUnavailable", "later"));
    let accounts = accounts(&wire, ROLE, None).await;
    let way = accounts.reach(&id(), &errand()).await.unwrap();
    assert_eq!(key_of(&way).await, "ASIA0");
    wire.clear();
    // But not once the account's owner has taken the trust back.
    wire.rule("AssumeRole", 100, Act::refuse(403, "AccessDenied", "no"));
    assert!(matches!(accounts.reach(&id(), &errand()).await, Err(AccountError::Denied(_))));
}

#[tokio::test]
async fn many_who_need_a_session_at_once_assume_it_once() {
    for (act, works) in [(lasting(3_600), true), (Act::refuse(403, "AccessDenied", "no"), false)] {
        let wire = Wire::to(None).await;
        wire.rule("AssumeRole", 100, act);
        let accounts = accounts(&wire, ROLE, None).await;
        let all = (0..50).map(|_| {
            let accounts = Arc::clone(&accounts);
            async move { accounts.reach(&id(), &errand()).await.is_ok() }
        });
        let answers = futures_util::future::join_all(all).await;
        assert!(answers.iter().all(|answer| *answer == works));
        assert_eq!(wire.calls().len(), 1, "{works}");
    }
}

#[tokio::test]
async fn a_refusal_says_what_to_configure() {
    let unreachable = |error: &AccountError| matches!(error, AccountError::Unavailable(_));
    for (external, status, code, words) in [
        (
            Some("0123456789abcdef"),
            403,
            "AccessDenied",
            &[
                ROLE,
                "external_id of [accounts.111122223333]",
                "BotRoleArn, ExternalId",
                "MemberRoles",
                "no luck",
            ][..],
        ),
        (None, 403, "AccessDenied", &["says none", "sts:AssumeRole"]),
        (
            None,
            403,
            "RegionDisabledException",
            &["isn't active in the first Region of [accounts.111122223333]"],
        ),
        (None, 400, "ValidationError", &[ROLE, "[accounts.111122223333]"]),
        (None, 400, "Throttling", &["Throttling"]),
        (None, 403, "ExpiredToken", &["credentials are missing, wrong or over"]),
        (None, 500, "InternalFailure", &["InternalFailure"]),
    ] {
        let wire = Wire::to(None).await;
        wire.rule("AssumeRole", 100, Act::refuse(status, code, "no luck"));
        let accounts = accounts(&wire, ROLE, external).await;
        let error = accounts.reach(&id(), &errand()).await.unwrap_err();
        let later = ["Throttling", "ExpiredToken", "InternalFailure"].contains(&code);
        assert_eq!(unreachable(&error), later, "{error:?}");
        for word in words {
            assert!(error.to_string().contains(word), "{code}: {error}");
        }
        assert!(!format!("{error:?}").contains("0123456789abcdef"));
    }
}

#[tokio::test]
async fn an_account_that_nobody_configured_or_whose_role_is_anothers_is_told_without_asking() {
    let wire = Wire::to(None).await;
    let accounts_ = accounts(&wire, ROLE, None).await;
    let error = accounts_.reach(&AccountId::new("999988887777"), &errand()).await.unwrap_err();
    for word in ["999988887777", "111122223333", "[accounts.999988887777]", "infra/member.yaml"] {
        assert!(error.to_string().contains(word), "{error}");
    }
    for role in ["arn:aws:iam::999988887777:role/alpha-service/alpha-member", "alpha-member", ""] {
        let wrong = accounts(&wire, role, None).await;
        let error = wrong.reach(&id(), &errand()).await.unwrap_err();
        assert!(matches!(&error, AccountError::Denied(why) if why.contains("MemberRoleArn")), "{error:?}");
    }
    assert!(wire.calls().is_empty());
}

#[tokio::test]
async fn who_alpha_is_is_asked_once_and_again_where_there_was_no_answer() {
    let wire = Wire::to(None).await;
    wire.rule("GetCallerIdentity", 2, Act::refuse(500, "InternalFailure", "later"));
    let text = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/x</Arn><Account>1</Account>\
                </GetCallerIdentityResult></GetCallerIdentityResponse>";
    wire.rule("GetCallerIdentity", 1, Act::answer(move |_| (200, text.to_owned())));
    let accounts = accounts(&wire, ROLE, None).await;
    assert!(matches!(accounts.identity().await, Err(AccountError::Unavailable(_))));
    for _ in 0..2 {
        assert_eq!(accounts.identity().await.unwrap(), "arn:aws:iam::1:user/x");
    }
}

#[tokio::test]
async fn nothing_prints_a_secret() {
    let wire = Wire::to(None).await;
    wire.rule("AssumeRole", 1, lasting(3_600));
    let accounts = accounts(&wire, ROLE, None).await;
    let way = accounts.reach(&id(), &errand()).await.unwrap();
    let printed = format!("{accounts:?} {way:?}");
    assert!(!printed.contains("s3cr3t") && !printed.contains("t0ken"), "{printed}");
}
