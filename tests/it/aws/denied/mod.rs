//! `AccessDenied` on each single call: whatever a person reads of it names the action, and the statement that it tells to
//! add is enough for the call.

mod heard;
mod scene;

use std::process::Command;
use std::time::Duration;

use alpha::aws::needed;
use alpha::domain::calls::On;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::serve::alpha::{Alpha, Place};
use crate::serve::until;
use scene::Scene;

const LONG: Duration = Duration::from_mins(2);

/// The statement that a text tells to add for an action.
fn statement(text: &str, action: &str) -> Option<Value> {
    let at = text.find(&format!(r#"{{"Effect": "Allow", "Action": "{action}", "#))?;
    serde_json::Deserializer::from_str(&text[at..]).into_iter().next()?.ok()
}

#[tokio::test]
async fn what_is_read_of_a_call_that_is_denied_names_the_action_and_the_statement_that_is_enough() {
    let scene = Box::pin(Scene::new()).await;
    let mut denied = 0;
    for (adapter, tables) in needed::ALL {
        for call in tables.iter().copied().flatten() {
            for text in scene.heard(adapter, call.operation).await {
                assert!(!text.contains("\"Effect\""), "{adapter} {}: denied already: {text}", call.operation);
            }
            for need in call.needs {
                let what = format!("{adapter} {} {}", call.operation, need.action);
                scene.strike(need.action).await;
                let texts = scene.heard(adapter, call.operation).await;
                assert!(!texts.is_empty(), "{what}");
                for text in &texts {
                    assert!(text.contains(&format!("needs {}", need.action)), "{what}: {text}");
                    let statement = statement(text, need.action).unwrap_or_else(|| panic!("{what}: {text}"));
                    let is_everything = statement["Resource"] == "*";
                    let knows_none = matches!(need.on, On::Anything | On::TrailQueries);
                    assert_eq!(is_everything, knows_none, "{what}: {text}");
                    scene.add(&json!({"Version": "2012-10-17", "Statement": statement})).await;
                }
                for text in scene.heard(adapter, call.operation).await {
                    assert!(!text.contains("\"Effect\""), "{what}: the statement isn't enough: {text}");
                }
                scene.restore().await;
                denied += 1;
            }
        }
    }
    assert!(denied > 50, "{denied}");
}

/// The service as a process, as the double.
fn service(scene: &Scene, place: &Place) -> Command {
    let mut command = place.command();
    command.env_remove("SLACK_SIGNING_SECRET").env_remove("SLACK_BOT_TOKEN");
    command.envs(scene.environment.iter().map(|(name, value)| (name, value)));
    command
        .env("ALPHA_ACCOUNT", "aws")
        .env("ALPHA_HOME_ACCOUNT", &scene.world.account)
        .env("ALPHA_STORE", format!("dynamodb:{}", scene.stack.outputs["TableName"]))
        .env("ALPHA_SECRETS", "secretsmanager:alpha");
    command
}

#[test]
fn what_keeps_the_service_from_starting_or_from_slack_is_told_when_it_starts() {
    let runtime = Runtime::new().unwrap();
    let scene = runtime.block_on(Box::pin(Scene::new()));
    let place = Place::new();
    let tells = |said: &str, action: &str| statement(&said.replace("\\\"", "\""), action).is_some();

    runtime.block_on(scene.strike("dynamodb:Query"));
    let (status, said) = Alpha::of(service(&scene, &place)).wait(LONG);
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(tells(&said, "dynamodb:Query"), "{said}");

    runtime.block_on(scene.restore());
    runtime.block_on(scene.strike("secretsmanager:GetSecretValue"));
    let alpha = place.start_as(service(&scene, &place));
    until("the log tells", LONG, || tells(&alpha.said(), "secretsmanager:GetSecretValue").then_some(()));
}
