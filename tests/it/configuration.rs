//! `alpha init` and `alpha approvers check`, as people run them.

use std::fs;

use serde_json::Value;

use crate::support::{alpha, scratch};

const GOOD: &str = "\
[[principal]]
id = \"ana\"
slack = [\"T1/U1\"]
groups = [\"security\"]

[[grant]]
group = \"security\"
verbs = [\"request\", \"approve\", \"operate\"]
";

#[test]
fn init_writes_a_file_for_its_owner_alone_and_overwrites_only_when_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alpha.toml");
    let name = path.to_str().unwrap();
    let run = alpha(&["init", name], b"");
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.out.contains(&format!("alpha serve --config {name}")), "{}", run.out);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("#listen = \"127.0.0.1:8080\"") && text.contains("ALPHA_LISTEN"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    fs::write(&path, "mine").unwrap();
    let run = alpha(&["init", name], b"");
    assert_eq!((run.status, fs::read_to_string(&path).unwrap().as_str()), (1, "mine"));
    assert!(run.err.contains("exists; to overwrite it, say --force"), "{}", run.err);
    assert_eq!(alpha(&["init", "--force", name], b"").status, 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
}

#[test]
fn init_says_which_folder_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none/alpha.toml");
    let run = alpha(&["init", path.to_str().unwrap()], b"");
    assert_eq!(run.status, 1);
    assert!(run.err.contains("there is no folder"), "{}", run.err);
}

#[test]
fn a_good_approvers_file_is_told_by_what_is_in_it() {
    let (_folder, path) = scratch("approvers.toml", GOOD.as_bytes());
    let run = alpha(&["approvers", "check", &path], b"");
    assert_eq!(
        (run.status, run.out),
        (0, format!("{path}: good, with 1 principals, 1 grants, 0 warnings\n"))
    );
    let run = alpha(&["approvers", "check", &path, "--output", "json"], b"");
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let expected = serde_json::json!({"file": path, "principals": 1, "grants": 1, "findings": []});
    assert_eq!((run.status, report), (0, expected));
}

#[test]
fn a_bad_approvers_file_is_told_line_by_line_with_status_1() {
    let bad = format!("{GOOD}verb = 1\n\n[[grant]]\ngroup = \"ops\"\nverbs = [\"aprove\"]\n");
    let (_folder, path) = scratch("approvers.toml", bad.as_bytes());
    let run = alpha(&["approvers", "check", &path], b"");
    assert_eq!(run.status, 1);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines.len(), 4, "{}", run.out);
    for (line, start) in lines.iter().zip([
        ":9:1: error: a grant has no key \"verb\"",
        ":12:9: warning: nobody is in the group \"ops\"",
        ":13:10: error: there is no verb \"aprove\" (did you mean approve?)",
        ": 2 errors, 1 warnings",
    ]) {
        assert!(line.starts_with(&format!("{path}{start}")), "{line}");
    }
    let run = alpha(&["approvers", "check", &path, "--output", "json"], b"");
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.status, &report["principals"]), (1, &Value::Null));
    assert_eq!(report["findings"][1]["kind"], "warning");
    assert_eq!((&report["findings"][2]["line"], &report["findings"][2]["column"]), (&13.into(), &10.into()));
}

#[test]
fn an_approvers_file_that_cannot_be_read_is_named() {
    let run = alpha(&["approvers", "check", "/nowhere/approvers.toml"], b"");
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    assert!(run.err.contains("/nowhere/approvers.toml can't be read"), "{}", run.err);
}

#[test]
fn the_approvers_file_of_the_documentation_is_good() {
    let text = include_str!("../../docs/APPROVERS.md");
    let example = text.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let (_folder, path) = scratch("approvers.toml", example.as_bytes());
    let run = alpha(&["approvers", "check", &path], b"");
    assert_eq!(
        (run.status, run.out),
        (0, format!("{path}: good, with 2 principals, 2 grants, 0 warnings\n"))
    );
}

#[test]
fn what_the_stack_tells_its_tasks_are_settings() {
    let stack = include_str!("../../infra/alpha.yaml");
    let settings = alpha::config::template();
    let told: Vec<&str> = stack
        .split("Name: ")
        .filter(|rest| rest.starts_with("ALPHA_"))
        .map(|rest| rest.split([',', ' ']).next().unwrap())
        .collect();
    assert!(told.len() > 10, "{told:?}");
    for name in told {
        let named = settings.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name);
        assert!(named, "{name} is no setting");
    }
}
