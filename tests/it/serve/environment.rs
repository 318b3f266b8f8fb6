//! Started where it can't work, it says why in a plain sentence, with the status that says whose fault it is.

use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use super::alpha::{Alpha, Place};
use super::slack::{SECRET, TOKEN};

/// Starts the service, which ends by itself; its status and what it said.
fn fails(command: Command) -> (Option<i32>, String) {
    let (status, said) = Alpha::of(command).wait(Duration::from_secs(30));
    assert!(!said.contains("hush") && !said.contains("panicked"), "{said}");
    (status.code(), said)
}

#[test]
fn an_address_that_is_taken_is_named() {
    let place = Place::new();
    let taken = TcpListener::bind(place.address).unwrap();
    let (status, said) = fails(place.command());
    assert_eq!(status, Some(1), "{said}");
    let sentence = format!("{} can't be listened on; is it taken?", taken.local_addr().unwrap());
    assert!(said.contains(&sentence) && said.contains("ALPHA_LISTEN"), "{said}");
}

#[test]
fn all_that_is_missing_or_wrong_is_named_at_once_and_no_secret_with_it() {
    let place = Place::new();
    let mut command = place.command();
    command
        .env_remove("SLACK_SIGNING_SECRET")
        .env("SLACK_BOT_TOKEN", "xoxp-hush-of-another-kind")
        .env("ALPHA_SLACK_API_URL", "http://slack.example/api")
        .env("ALPHA_LISTEN", "everywhere")
        .env("ALPHA_STORE", "postgres:alpha")
        .env("ALPHA_SOAK", "canery=1s")
        .env("ALPHA_MIN_CALLS", "few")
        .env("ALPHA_LEASE", "1ms")
        .env("ALPHA_CHANNEL", "#outcomes");
    let (status, said) = fails(command);
    assert_eq!(status, Some(2), "{said}");
    for named in [
        "9 things are wrong",
        "SLACK_SIGNING_SECRET is missing",
        "SLACK_BOT_TOKEN: expected a bot token, which begins with xoxb-",
        "ALPHA_SLACK_API_URL",
        "ALPHA_LISTEN",
        "ALPHA_STORE",
        "ALPHA_SOAK",
        "did you mean canary?",
        "ALPHA_MIN_CALLS",
        "ALPHA_LEASE",
        "expected from 100ms to 1h",
        "ALPHA_CHANNEL",
    ] {
        assert!(said.contains(named), "{named}: {said}");
    }
    assert!(!place.store().exists(), "nothing is made before everything is right");
}

#[test]
fn both_secrets_are_asked_for() {
    let place = Place::new();
    for name in ["SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"] {
        for value in ["", " \t"] {
            let mut command = place.command();
            command.env(name, value);
            let (status, said) = fails(command);
            assert_eq!(status, Some(2), "{name}={value:?}: {said}");
            assert!(said.contains(&format!("{name} is missing")), "{said}");
            for secret in [SECRET, TOKEN] {
                assert!(!said.contains(secret), "{said}");
            }
        }
    }
}

#[test]
fn an_approvers_file_that_makes_no_sense_is_named_with_the_line() {
    let place = Place::new();
    std::fs::write(place.folder.path().join("approvers.toml"), "[[principal]]\nid = 7\n").unwrap();
    let (status, said) = fails(place.command());
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("approvers.toml:2"), "{said}");
}

#[test]
fn keys_that_go_before_a_profile_are_pointed_out() {
    let place = Place::new();
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "hush-key")];
    for (profile, is_told) in [("alpha", true), ("", false)] {
        let mut command = place.command();
        command.envs(keys).env("ALPHA_ACCOUNT", "aws").env("AWS_REGION", "eu-west-1");
        // Nobody listens there, so that it ends by itself.
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env("AWS_PROFILE", profile);
        let (status, said) = fails(command);
        assert_eq!(status, Some(1), "{said}");
        assert_eq!(said.contains("AWS_ACCESS_KEY_ID goes before AWS_PROFILE"), is_told, "{profile}: {said}");
    }
}
