//! Secrets of Secrets Manager, on the emulator; and on a wire of our own, where the service has to be counted or down.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alpha::aws::secrets::{AwsSecrets, CALLS};
use alpha::domain::ids::TeamId;
use alpha::domain::secret::SigningSecrets;
use alpha::local::clock::ManualClock;
use alpha::ports::{Secrets as _, SecretsError, Tokens as _};
use aws_sdk_secretsmanager::Client;
use jiff::Timestamp;
use serde_json::json;

use crate::support::emulator::emulator;
use crate::support::wire::{Told, Wire};

const SECRET: &str = "hush-8f742231b10e";

/// Secrets under a prefix of a test's own, and an operator who writes them.
struct Place {
    prefix: String,
    operator: Client,
    clock: Arc<ManualClock>,
    secrets: AwsSecrets,
}

impl Place {
    async fn new(name: &str) -> Self {
        let sdk = emulator().sdk().await;
        let prefix = name.to_owned();
        let clock = Arc::new(ManualClock::at(Timestamp::now()));
        let secrets = AwsSecrets::new(&sdk, &prefix, Arc::clone(&clock) as _);
        Self { prefix, operator: Client::new(&sdk), clock, secrets }
    }

    async fn create(&self, name: &str, text: &str) {
        let name = format!("{}/{name}", self.prefix);
        self.operator.create_secret().name(name).secret_string(text).send().await.unwrap();
    }

    async fn put(&self, name: &str, text: &str) {
        let name = format!("{}/{name}", self.prefix);
        self.operator.put_secret_value().secret_id(name).secret_string(text).send().await.unwrap();
    }

    async fn token(&self, team: Option<&str>) -> Result<String, String> {
        let token = self.secrets.token(team.map(TeamId::new).as_ref()).await;
        token.map(|token| token.expose().to_owned()).map_err(|error| error.to_string())
    }
}

fn signing(texts: &[&str]) -> SigningSecrets {
    SigningSecrets::new(texts.iter().copied())
}

#[tokio::test]
async fn a_secret_may_be_text_or_json_and_each_workspace_has_a_token_of_its_own() {
    let place = Place::new("forms").await;
    place.create("signing-secret", &format!(r#"{{"signing_secret": "{SECRET}"}}"#)).await;
    place.create("bot-token", "xoxb-1\n").await;
    place.create("bot-token/T0ACME", r#"{"bot_token": "xoxb-2"}"#).await;
    assert_eq!(*place.secrets.signing().await.unwrap(), signing(&[SECRET]));
    assert_eq!(place.token(None).await.unwrap(), "xoxb-1");
    assert_eq!(place.token(Some("T0ACME")).await.unwrap(), "xoxb-2");
    let other = place.token(Some("T0OTHER")).await.unwrap_err();
    assert!(other.contains("forms/bot-token/T0OTHER of Secrets Manager, which isn't there"), "{other}");
    for hostile in ["", "../signing-secret", "T0/../x", "T0*"] {
        assert!(place.token(Some(hostile)).await.is_err(), "{hostile}");
    }
}

#[tokio::test]
async fn a_secret_that_is_not_there_or_lacks_its_key_is_named_and_never_cited() {
    let place = Place::new("lacking").await;
    let error = place.secrets.signing().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no signing secret in lacking/signing-secret of Secrets Manager, which isn't there, or holds nothing \
         yet: copy it from the app's Basic Information page in Slack"
    );
    for (team, text, expected) in [
        ("T1", r#"{"token": "xoxb-hush"}"#, "which is a JSON object without the key bot_token"),
        ("T2", r#"{"bot_token": ["xoxb-hush"]}"#, "which has nothing that is text under its key bot_token"),
        ("T3", r#"{"bot_token": "xoxb-hush"#, "which begins like a JSON object, and isn't one"),
        ("T4", "xoxb-hush xoxb-hush", "for it must be a bot token"),
        ("T5", " ", "which is empty"),
    ] {
        place.create(&format!("bot-token/{team}"), text).await;
        let error = place.token(Some(team)).await.unwrap_err();
        assert!(
            error.contains(&format!("lacking/bot-token/{team} of Secrets Manager, {expected}")),
            "{error}"
        );
        assert!(!error.contains("hush"), "{error}");
    }
}

#[tokio::test]
async fn while_it_is_rotated_both_signing_secrets_count_and_an_hour_later_the_new_one_alone() {
    let place = Place::new("rotated").await;
    place.create("signing-secret", "one").await;
    assert_eq!(*place.secrets.signing().await.unwrap(), signing(&["one"]));
    place.put("signing-secret", "two").await;
    assert_eq!(*place.secrets.signing().await.unwrap(), signing(&["one"]), "it takes no time");
    place.clock.advance(Duration::from_secs(11));
    assert_eq!(*place.secrets.refresh().await.unwrap(), signing(&["two", "one"]));
    assert_eq!(*place.secrets.signing().await.unwrap(), signing(&["two", "one"]));
    place.clock.advance(Duration::from_secs(3_601));
    assert_eq!(*place.secrets.refresh().await.unwrap(), signing(&["two"]));
    // One that was put back is current again, and the one that it replaced counts for nothing.
    let id = "rotated/signing-secret";
    let versions = place.operator.list_secret_version_ids().secret_id(id).send().await.unwrap();
    let of = |stage: &str| {
        let mut versions = versions.versions().iter();
        let version = versions.find(|version| version.version_stages().iter().any(|of| of == stage));
        version.and_then(|version| version.version_id()).unwrap().to_owned()
    };
    let back = place.operator.update_secret_version_stage().secret_id(id).version_stage("AWSCURRENT");
    back.remove_from_version_id(of("AWSCURRENT")).move_to_version_id(of("AWSPREVIOUS")).send().await.unwrap();
    place.clock.advance(Duration::from_secs(11));
    assert_eq!(*place.secrets.refresh().await.unwrap(), signing(&["one"]));
}

#[tokio::test]
async fn a_token_that_slack_refuses_is_looked_up_once_in_a_while() {
    let place = Place::new("refused").await;
    place.create("bot-token", "xoxb-old").await;
    let old = place.secrets.token(None).await.unwrap();
    place.put("bot-token", "xoxb-new").await;
    assert_eq!(place.secrets.token_after(&old, None).await.unwrap(), old, "it was looked up a moment ago");
    place.clock.advance(Duration::from_secs(11));
    let new = place.secrets.token_after(&old, None).await.unwrap();
    assert_eq!(new.expose(), "xoxb-new");
    assert_eq!(place.secrets.token(None).await.unwrap(), new);
    // Somebody else found out first: that takes no look.
    assert_eq!(place.secrets.token_after(&old, None).await.unwrap(), new);
}

/// A service of which each current secret is the same text, unless it is told to be down.
async fn counted(down: Arc<AtomicBool>, times: Arc<AtomicUsize>) -> Wire {
    Wire::start(move |asked, _| {
        let request = asked.json();
        if request["VersionStage"] == "AWSPREVIOUS" {
            return Told::Error(400, "ResourceNotFoundException", "no such stage");
        }
        times.fetch_add(1, Ordering::SeqCst);
        if down.load(Ordering::SeqCst) {
            return Told::Raw(503, "text/html", "<h1>down</h1>".to_owned());
        }
        let told =
            json!({ "Name": request["SecretId"], "SecretString": SECRET, "CreatedDate": 1_700_000_000.5 });
        Told::Late(Duration::from_millis(50), Box::new(Told::Json(told)))
    })
    .await
}

struct Counted {
    down: Arc<AtomicBool>,
    times: Arc<AtomicUsize>,
    clock: Arc<ManualClock>,
    secrets: Arc<AwsSecrets>,
}

impl Counted {
    async fn new() -> Self {
        let (down, times) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let wire = counted(Arc::clone(&down), Arc::clone(&times)).await;
        let clock = Arc::new(ManualClock::at(Timestamp::now()));
        let secrets = Arc::new(AwsSecrets::new(&wire.sdk(1).await, "alpha", Arc::clone(&clock) as _));
        Self { down, times, clock, secrets }
    }

    fn times(&self) -> usize {
        self.times.load(Ordering::SeqCst)
    }

    async fn hundred(&self) -> Vec<Result<Arc<SigningSecrets>, SecretsError>> {
        let asking = (0..100).map(|_| {
            let secrets = Arc::clone(&self.secrets);
            tokio::spawn(async move { secrets.signing().await })
        });
        let mut answers = Vec::new();
        for one in asking.collect::<Vec<_>>() {
            answers.push(one.await.unwrap());
        }
        answers
    }

    /// Until so many looks were made, which happens in the background, for somebody who goes on asking: a look that isn't
    /// over yet keeps the next one from being begun.
    async fn until(&self, times: usize) {
        while self.times() < times {
            self.secrets.signing().await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn many_who_ask_at_once_cause_one_look_and_bad_signatures_no_more_than_one_in_a_while() {
    let counted = Counted::new().await;
    assert!(counted.hundred().await.iter().all(Result::is_ok));
    assert_eq!(counted.times(), 1);
    for _ in 0..50 {
        counted.secrets.refresh().await.unwrap();
    }
    assert_eq!(counted.times(), 1);
    counted.clock.advance(Duration::from_secs(11));
    for _ in 0..50 {
        counted.secrets.refresh().await.unwrap();
    }
    assert_eq!(counted.times(), 2);
    // What is old is answered at once, and looked up by one.
    counted.clock.advance(Duration::from_secs(301));
    assert!(counted.hundred().await.iter().all(Result::is_ok));
    counted.until(3).await;
    assert!(counted.hundred().await.iter().all(Result::is_ok));
    assert_eq!(counted.times(), 3);
}

#[tokio::test]
async fn what_is_known_goes_on_counting_while_the_service_is_down() {
    let counted = Counted::new().await;
    counted.secrets.signing().await.unwrap();
    counted.down.store(true, Ordering::SeqCst);
    for look in 2..5 {
        counted.clock.advance(Duration::from_secs(301));
        assert_eq!(*counted.secrets.signing().await.unwrap(), signing(&[SECRET]));
        counted.until(look).await;
        assert_eq!(*counted.secrets.signing().await.unwrap(), signing(&[SECRET]));
    }
    counted.clock.advance(Duration::from_secs(11));
    assert!(matches!(counted.secrets.refresh().await, Err(SecretsError::Unavailable(_))));
    assert_eq!(*counted.secrets.signing().await.unwrap(), signing(&[SECRET]));
}

#[tokio::test]
async fn a_service_that_is_down_at_the_start_is_asked_now_and_then_and_taken_up_when_it_is_back() {
    let counted = Counted::new().await;
    counted.down.store(true, Ordering::SeqCst);
    for answer in counted.hundred().await {
        let error = answer.unwrap_err().to_string();
        assert!(
            error.starts_with("a secret can't be read: alpha/signing-secret: GetSecretValue: "),
            "{error}"
        );
    }
    assert_eq!(counted.times(), 1);
    counted.down.store(false, Ordering::SeqCst);
    counted.clock.advance(Duration::from_secs(11));
    assert!(counted.hundred().await.iter().all(Result::is_ok));
    assert_eq!(counted.times(), 2);
}

#[tokio::test]
async fn a_missing_grant_is_named() {
    let wire = Wire::start(|_, _| Told::Error(400, "AccessDeniedException", "not authorized")).await;
    let clock = Arc::new(ManualClock::at(Timestamp::now()));
    let secrets = AwsSecrets::new(&wire.sdk(1).await, "alpha", clock);
    let error = secrets.signing().await.unwrap_err().to_string();
    let statement = r#"{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:"#;
    assert!(error.contains("GetSecretValue needs secretsmanager:GetSecretValue"), "{error}");
    assert!(error.contains(statement), "{error}");
    assert_eq!(CALLS.len(), 1);
}

/// Everything that is logged, in one text.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_is_printed_even_where_everything_is_logged() {
    let place = Place::new("printed").await;
    place.create("signing-secret", SECRET).await;
    place.put("signing-secret", &format!("{SECRET}-new")).await;
    place.create("bot-token", "xoxb-hush").await;
    let log = Log::default();
    let writer = log.clone();
    let everything = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    {
        let _guard = tracing::subscriber::set_default(everything);
        place.secrets.signing().await.unwrap();
        place.secrets.token(None).await.unwrap();
        tracing::info!(secrets = ?place.secrets, "all that there is");
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("GetSecretValue") && text.contains("all that there is"), "{text}");
    assert!(!text.contains("hush"), "{text}");
}
