//! That nothing of the section is passed over, and that what fails is said: with an `aws` and an `alpha` that only write
//! down how they were called.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use super::blocks::script;
use super::shell::Shell;
use super::{HEADING, readme};

const LONG: Duration = Duration::from_secs(30);

/// Runs a script; whether all of it succeeded, what stands on the screen, and every call, a line each.
fn run(script: &str, alpha: &str) -> (bool, String, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, end) in [("aws", "exit 0"), ("alpha", alpha)] {
        let program = folder.path().join(name);
        fs::write(&program, format!("#!/bin/sh\necho {name} \"$@\" >> calls\n{end}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let mut shell = Shell::start(script, folder.path(), &[("PATH", path)]);
    let succeeded = shell.wait(LONG).success();
    (succeeded, shell.said(), fs::read_to_string(folder.path().join("calls")).unwrap())
}

#[test]
fn every_command_of_every_block_is_run_those_that_come_later_too() {
    let readme = readme();
    let (before, rest) = readme.split_once(&format!("{HEADING}\n")).unwrap();
    let (section, after) = rest.split_once("\n## ").unwrap();
    let longer = section.replace("\n```\n", "\naws added\n```\n");
    let longer = format!("{before}{HEADING}\n{longer}\n```sh\n# Not a heading\naws added\n```\n\n## {after}");
    let (succeeded, said, calls) = run(&script(&longer, HEADING).unwrap(), "exit 0");
    assert!(succeeded, "{said}");
    let added = calls.lines().filter(|call| *call == "aws added").count();
    assert_eq!(added, section.matches("```sh\n").count() + 1, "{calls}");
    let shown: Vec<&str> =
        section.lines().filter(|line| line.starts_with("aws ") || line.starts_with("alpha ")).collect();
    assert!(shown.len() > 6, "{shown:?}");
    for command in shown {
        let words: Vec<&str> = command.split(' ').take(3).collect();
        assert!(calls.contains(&words.join(" ")), "{command} of {calls}");
    }
}

#[test]
fn the_command_that_fails_is_named_with_what_it_said_and_is_the_last() {
    let (succeeded, said, calls) = run(&script(&readme(), HEADING).unwrap(), "echo it is broken; exit 7");
    assert!(!succeeded);
    let last = said.trim_end().ends_with("this command failed with 7: alpha preflight --self");
    assert!(last && said.contains("\nit is broken\n"), "{said}");
    assert!(!calls.contains("alpha serve"), "{calls}");
}

#[test]
fn what_would_not_be_run_is_refused() {
    let under = |text: &str| script(&format!("# Title\n\n```sh\naws\n```\n## It\n{text}## More\n"), "## It");
    assert_eq!(
        under("```sh\naws\n## alpha\n```\n\n~~~ sh\nalpha\n~~~\n"),
        Ok("aws\n## alpha\nalpha\n".into())
    );
    assert_eq!(under("```sh\naws\n```\n### Less\n```sh\nalpha\n```\n"), Ok("aws\nalpha\n".into()));
    for refused in
        ["", "```\naws\n```\n", "```console\n$ aws\n```\n", "~~~\naws\n~~~\n", "    aws\n", "```sh\naws\n"]
    {
        assert!(under(refused).is_err(), "{refused}");
    }
}
