//! The service with its secrets in Secrets Manager, on the emulator.

use std::process::Command;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;

use super::alpha::{Place, assert_discreet, is_logged};
use super::slack::{REQUESTS, SECRET, TOKEN};
use super::until;
use crate::support::emulator::emulator;

/// The command that starts a service whose secrets lie under a prefix.
fn command(place: &Place, prefix: &str) -> Command {
    let mut command = place.command();
    command
        .env_remove("SLACK_SIGNING_SECRET")
        .env_remove("SLACK_BOT_TOKEN")
        .env("ALPHA_SECRETS", format!("secretsmanager:{prefix}"))
        .env("AWS_ENDPOINT_URL", &emulator().url)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

/// Puts both secrets where the service looks for them.
fn put_in(prefix: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let operator = Client::new(&emulator().sdk().await);
        let create = |name: &str, text: String| {
            operator.create_secret().name(format!("{prefix}/{name}")).secret_string(text).send()
        };
        create("signing-secret", SECRET.to_owned()).await.unwrap();
        create("bot-token", format!(r#"{{"bot_token": "{TOKEN}"}}"#)).await.unwrap();
    });
}

#[test]
fn a_service_whose_secrets_are_put_in_after_its_start_takes_them_up_by_itself() {
    let place = Place::new();
    let alpha = place.start_as(command(&place, "serve-late"));
    let ask = |trigger: &str| place.slash("U0RILEY", "analyze ci-deployer", trigger).unwrap().status;
    assert_eq!(ask("early"), 503, "nobody can be believed yet");
    assert_eq!(place.get("/readyz").unwrap().status, 503);
    put_in("serve-late");
    until("a request is believed", Duration::from_secs(30), || (ask("late") == 200).then_some(()));
    assert_eq!(place.get("/readyz").unwrap().status, 200);
    until("the token is used", Duration::from_mins(1), || {
        place
            .slack
            .messages(REQUESTS)
            .iter()
            .any(|said| said["text"].to_string().contains("ci-deployer"))
            .then_some(())
    });
    let said = alpha.kill();
    let lacking = "there is no signing secret in serve-late/signing-secret of Secrets Manager";
    assert!(is_logged(&said, "ERROR", lacking), "{said}");
    assert_discreet(&said);
}
