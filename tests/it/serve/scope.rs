//! A role that ALPHA may not change, over HTTP: the card says so and what to do, a click changes nothing, and after the
//! tag was set the same click does.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::alpha::{Place, assert_discreet, tag};
use super::slack::REQUESTS;
use super::until;

const COMMAND: &str = "aws iam tag-role --role-name ci-deployer --tags Key=alpha-scope,Value=narrow";
const LONG: Duration = Duration::from_mins(1);

fn scoped(mut command: Command) -> Command {
    command.env("ALPHA_ROLE_TAG", "alpha-scope=narrow");
    command
}

/// What a command on a job says, as an operator runs it.
fn operator(place: &Place, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alpha"));
    command.env_clear().arg("job").args(arguments).current_dir(place.folder.path());
    command.env("ALPHA_STORE", format!("sqlite:{}", place.store().display()));
    command.env("ALPHA_APPROVERS", place.folder.path().join("approvers.toml"));
    let run = scoped(command).output().unwrap();
    let said = [run.stdout, run.stderr].concat();
    (run.status.code(), String::from_utf8(said).unwrap())
}

/// The answers to one person each that were delivered, as they are stored.
fn answers(place: &Place) -> Vec<String> {
    let store = rusqlite::Connection::open(place.store()).unwrap();
    let mut query =
        store.prepare("SELECT record FROM outbox WHERE job IS NULL AND done IS NOT NULL").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_role_out_of_scope_is_told_on_its_card_and_refused_until_it_bears_the_tag() {
    let place = Place::new();
    let alpha = place.start_as(scoped(place.command()));
    let answer = place.slash("U0RILEY", "analyze ci-deployer", "ask").unwrap().json();
    let text = answer["text"].as_str().unwrap();
    let job =
        text.split_whitespace().find(|word| word.starts_with("j-")).unwrap().trim_end_matches('.').to_owned();
    let (card, approve) = until("a card", LONG, || place.slack.button(&job, "approve"));
    let told = card["blocks"].to_string();
    for part in ["ALPHA may not change this role", "doesn't bear the tag alpha-scope=narrow", COMMAND] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(approve["text"]["text"], "Approve, once it may be changed");

    assert_eq!(place.click("U0ANA", &job, "approve", "early").unwrap().unwrap().status, 200);
    let refused = until("a refusal", LONG, || answers(&place).into_iter().next());
    assert!(refused.contains("ALPHA may not change this role") && refused.contains(COMMAND), "{refused}");
    let (status, said) = operator(&place, &["approve", &job, "--as", "ana"]);
    assert!(status == Some(1) && said.contains(COMMAND), "{said}");
    let (_, shown) = operator(&place, &["show", &job, "--output", "json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["state"], "AwaitingDecision");
    assert!(shown["out_of_scope"].as_str().unwrap().contains(COMMAND), "{shown}");

    tag(&place.store(), "ci-deployer", Some("narrow"));
    assert_eq!(place.click("U0ANA", &job, "approve", "again").unwrap().unwrap().status, 200);
    until("the outcome is told", LONG, || {
        place.slack.deliveries(REQUESTS).contains_key(&format!("{job}:outcome/0")).then_some(())
    });
    let (_, shown) = operator(&place, &["show", &job, "--output", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap()["state"], "Succeeded");
    assert_discreet(&alpha.said());
}
