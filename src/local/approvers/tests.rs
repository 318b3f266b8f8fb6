//! What is read, what is refused and where, and what holds while the file changes.

use std::fs;

use super::*;
use crate::domain::directory::Verb;
use crate::iam::risk::RiskLevel;

const GOOD: &str = r#"
[[principal]]
id = "ana"
slack = ["T1/U1", "E1/W1"]
aws = ["arn:aws:iam::111122223333:user/ana"]
groups = ["security", "platform"]

[[principal]]
id = "bo"
slack = ["T1/U2"]
groups = ["platform"]

[[grant]]
group = "security"
verbs = ["request", "approve", "operate"]

[[grant]]
group = "platform"
verbs = ["request"]
accounts = ["111122223333"]
paths = ["/app/", "/web/"]
tags = { team = "web", owner = "*" }
max_severity = "medium"
"#;

fn told(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|fault| format!("{}: {}", fault.place, fault.text)).collect()
}

/// The faults, with lines that count from the end of the good file.
fn told_after(faults: &[Fault]) -> Vec<String> {
    let before = GOOD.lines().count();
    let after = |fault: &Fault| {
        let place = Place { line: fault.place.line - before, ..fault.place };
        Fault { place, text: fault.text.clone() }
    };
    told(&faults.iter().map(after).collect::<Vec<_>>())
}

/// The one problem of a good file with something added.
fn problem(more: &str) -> String {
    let checked = check(&format!("{GOOD}{more}"));
    assert_eq!(checked.directory, None, "{more}");
    let told = told_after(&checked.problems);
    assert_eq!(told.len(), 1, "{more}: {told:?}");
    told[0].clone()
}

#[test]
fn a_good_file_is_read_whole_with_its_defaults() {
    let checked = check(GOOD);
    assert_eq!((told(&checked.problems), told(&checked.warnings)), (vec![], vec![]));
    let directory = checked.directory.unwrap();
    let [ana, bo] = directory.principals.as_slice() else { panic!("two people") };
    assert_eq!((ana.id.as_str(), bo.id.as_str()), ("ana", "bo"));
    assert_eq!(ana.slack, [("T1".into(), "U1".into()), ("E1".into(), "W1".into())]);
    assert_eq!(ana.aws, ["arn:aws:iam::111122223333:user/ana"]);
    assert_eq!((ana.groups.len(), bo.aws.len()), (2, 0));
    let [all, narrow] = directory.grants.as_slice() else { panic!("two grants") };
    assert_eq!(all.verbs, Verb::ALL);
    assert_eq!((&all.accounts[..], &all.paths[..]), (&["*".to_owned()][..], &["/".to_owned()][..]));
    assert!(all.tags.is_empty() && all.max_severity == RiskLevel::High);
    assert_eq!((&narrow.accounts[..], narrow.paths.len()), (&["111122223333".to_owned()][..], 2));
    assert_eq!((narrow.tags["owner"].as_str(), narrow.max_severity), ("*", RiskLevel::Medium));
}

#[test]
fn what_makes_no_sense_is_refused_with_its_line_and_what_was_expected() {
    for (more, part) in [
        ("[[principals]]\nid = \"x\"", "1:3: the file has no key \"principals\" (did you mean principal?)"),
        (
            "[[grant]]\ngroup = \"security\"\nverb = [\"approve\"]\nverbs = [\"approve\"]",
            "3:1: a grant has no key \"verb\" (did you mean verbs?)",
        ),
        (
            "[[principal]]\nid = \"cy\"\ngroup = \"x\"\ngroups = [\"security\"]",
            "3:1: a principal has no key \"group\" (did you mean groups?)",
        ),
        ("[[principal]]\ngroups = [\"security\"]", "1:1: a principal has no id"),
        ("[[principal]]\nid = \"\"\ngroups = [\"security\"]", "2:6: an id is \"\""),
        ("[[principal]]\nid = \"<!channel>\"\ngroups = [\"security\"]", "2:6: an id is \"<!channel>\""),
        (
            "[[principal]]\nid = \"ana\"\ngroups = [\"security\"]",
            "2:6: there is a principal \"ana\" already, at line 3",
        ),
        (
            "[[principal]]\nid = \"cy\"\ngroups = [\"security\", \"security\"]",
            "3:23: \"cy\" is in the group \"security\" twice",
        ),
        (
            "[[principal]]\nid = \"cy\"\nslack = [\"T1/U1\"]\ngroups = [\"security\"]",
            "3:10: the Slack user T1/U1 is \"ana\" already",
        ),
        (
            "[[principal]]\nid = \"cy\"\nslack = [\"T1/U9\", \"T1/U9\"]\ngroups = [\"security\"]",
            "3:19: the Slack user T1/U9 is there twice",
        ),
        (
            "[[principal]]\nid = \"cy\"\naws = [\"arn:aws:iam::111122223333:user/ana\"]\ngroups = [\"security\"]",
            "3:8: the AWS identity arn:aws:iam::111122223333:user/ana is \"ana\" already",
        ),
        (
            "[[principal]]\nid = \"cy\"\nslack = \"T1/U9\"\ngroups = [\"security\"]",
            "3:9: slack is a string; expected a list",
        ),
        (
            "[[grant]]\ngroup = \"security\"\nverbs = [\"aprove\"]",
            "3:10: there is no verb \"aprove\" (did you mean approve?)",
        ),
        ("[[grant]]\ngroup = \"security\"\nverbs = []", "3:9: a grant has no verbs"),
        ("[[grant]]\ngroup = \"security\"", "1:1: a grant has no verbs"),
        ("[[grant]]\nverbs = [\"approve\"]", "1:1: a grant has no group"),
        (
            "[[grant]]\ngroup = \"security\"\nverbs = [\"approve\"]\naccounts = []",
            "4:12: accounts is empty; leave it out for all",
        ),
        (
            "[[grant]]\ngroup = \"security\"\nverbs = [\"approve\"]\naccounts = [\"1234\"]",
            "4:13: \"1234\" is no account",
        ),
        (
            "[[grant]]\ngroup = \"security\"\nverbs = [\"approve\"]\npaths = [\"app\"]",
            "4:10: \"app\" is no path",
        ),
        (
            "[[grant]]\ngroup = \"security\"\nverbs = [\"approve\"]\npaths = [\"/app/*\"]",
            "4:10: \"/app/*\" is no path",
        ),
        ("[[grant]]\ngroup = \"security\"\nverbs = [\"approve\"]\ntags = [\"a\"]", "4:8: tags is no table"),
        (
            "[[grant]]\ngroup = \"security\"\nverbs = [\"approve\"]\ntags = { a = 1 }",
            "4:14: tags.a is an integer",
        ),
        (
            "[[grant]]\ngroup = \"security\"\nverbs = [\"approve\"]\nmax_severity = \"critical\"",
            "4:16: there is no severity \"critical\"",
        ),
        (
            "[[grant]]\ngroup = \"security\"\nverbs = [\"approve\"]\nmax_severity = \"hihg\"",
            "4:16: there is no severity \"hihg\" (did you mean high?)",
        ),
        ("[[grant]]\ngroup = security", "2:9: "),
    ] {
        let found = problem(more);
        assert!(found.starts_with(part), "{more}\n{found}\n{part}");
    }
}

#[test]
fn ids_of_slack_and_aws_are_held_to_their_form() {
    for user in ["U1", "T1", "T1/", "/U1", "T1/@ana", "T1/u1", "C1/U1", "T1/U1/U2", "T/U", ""] {
        let more = format!("[[principal]]\nid = \"cy\"\nslack = [{user:?}]\ngroups = [\"security\"]");
        assert!(problem(&more).starts_with(&format!("3:10: {user:?} is no Slack user")), "{user}");
    }
    for arn in [
        "",
        "ana",
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:user/*",
        "arn:aws:iam::1111:user/ana",
        "arn:aws:iam::111122223333:group/a",
        "arn:aws:sts::111122223333:federated-user/ana",
        "arn:aws:s3:::bucket",
    ] {
        let more = format!("[[principal]]\nid = \"cy\"\naws = [{arn:?}]\ngroups = [\"security\"]");
        assert!(problem(&more).contains("is no identity of a person"), "{arn}");
    }
    let session = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_admin_1/cy@example.com";
    let checked =
        check(&format!("{GOOD}[[principal]]\nid = \"cy\"\naws = [{session:?}]\ngroups = [\"security\"]"));
    assert_eq!((told(&checked.problems), told(&checked.warnings)), (vec![], vec![]));
}

#[test]
fn a_table_where_a_list_of_tables_belongs_is_told_how_to_write_it() {
    let checked = check("[principal]\nid = \"ana\"\n");
    assert!(told(&checked.problems)[0].contains("expected [[principal]]"), "{:?}", checked.problems);
}

#[test]
fn every_problem_is_told_in_the_order_of_the_file() {
    let checked =
        check("[[grant]]\ngroup = \"a\"\nverbs = [\"x\"]\nfoo = 1\n[[principal]]\nid = 5\nslack = [\"y\"]\n");
    let places: Vec<usize> = checked.problems.iter().map(|fault| fault.place.line).collect();
    assert_eq!(places, [3, 4, 6, 7], "{:?}", told(&checked.problems));
}

#[test]
fn what_is_odd_is_told_and_stops_nothing() {
    for (more, part) in [
        (
            "[[grant]]\ngroup = \"securty\"\nverbs = [\"approve\"]",
            "2:9: nobody is in the group \"securty\" (did you mean security?)",
        ),
        (
            "[[principal]]\nid = \"cy\"\ngroups = [\"platfrom\"]",
            "3:11: the group \"platfrom\" is granted nothing (did you mean platform?)",
        ),
        ("[[principal]]\nid = \"cy\"", "2:6: \"cy\" is in no group"),
        (
            "[[principal]]\nid = \"cy\"\nslack = [\"E9/U1\"]\ngroups = [\"security\"]",
            "3:10: the Slack user U1 of another team is \"ana\"",
        ),
        (
            "[[principal]]\nid = \"cy\"\naws = [\"arn:aws:iam::111122223333:role/ops\"]\ngroups = [\"security\"]",
            "3:8: everybody who may assume",
        ),
    ] {
        let checked = check(&format!("{GOOD}{more}"));
        assert!(checked.directory.is_some(), "{:?}", told(&checked.problems));
        let found = told_after(&checked.warnings);
        assert!(found.len() == 1 && found[0].starts_with(part), "{more}\n{found:?}");
    }
    let empty = check("");
    assert!(empty.directory.is_some());
    assert_eq!(told(&empty.warnings), ["1:1: nobody may approve, so nothing will ever be changed"]);
}

/// A file that changes, looked at whenever a test says so.
struct Changing {
    folder: tempfile::TempDir,
    start: Instant,
    approvers: Approvers,
}

impl Changing {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("approvers.toml");
        fs::write(&path, GOOD).unwrap();
        let approvers = Approvers::open(&path).unwrap();
        Self { folder, start: Instant::now(), approvers }
    }

    fn write(&self, text: &str) {
        fs::write(self.path(), text).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("approvers.toml")
    }

    /// How many people the directory has, so long after the start.
    fn people(&self, seconds: u64) -> usize {
        self.approvers.current_at(self.start + Duration::from_secs(seconds)).principals.len()
    }
}

const THIRD: &str = "[[principal]]\nid = \"cy\"\ngroups = [\"platform\"]\n";

#[test]
fn a_changed_file_is_taken_in_within_a_second_and_not_looked_at_before() {
    let file = Changing::new();
    assert_eq!(file.people(1), 2);
    file.write(&format!("{GOOD}{THIRD}"));
    let before = file.start + Duration::from_millis(1500);
    assert_eq!(file.approvers.current_at(before).principals.len(), 2);
    assert_eq!(file.people(2), 3);
}

#[test]
fn a_change_that_keeps_length_and_time_is_seen_too() {
    let file = Changing::new();
    let time = fs::metadata(file.path()).unwrap().modified().unwrap();
    file.write(&GOOD.replace("\"bo\"", "\"cy\""));
    fs::File::options().append(true).open(file.path()).unwrap().set_modified(time).unwrap();
    let directory = file.approvers.current_at(file.start + Duration::from_secs(2));
    assert_eq!(directory.principals[1].id.as_str(), "cy");
}

#[test]
fn a_bad_or_missing_file_keeps_the_last_good_one() {
    let file = Changing::new();
    file.write("[[principal]]\nid = 5\n");
    assert_eq!(file.people(2), 2);
    fs::remove_file(file.path()).unwrap();
    assert_eq!(file.people(4), 2);
    file.write(&format!("{GOOD}{THIRD}"));
    assert_eq!(file.people(6), 3);
}

#[test]
fn the_operator_is_told_once_of_each_bad_content() {
    let file = Changing::new();
    let log = Log::default();
    tracing::subscriber::with_default(log.subscriber(), || {
        file.write("[[principal]]\nid = 5\n");
        for second in 2..6 {
            file.people(second);
        }
        assert_eq!(log.errors(), 1, "{}", log.text());
        file.write("[[principal]]\nid = 6\n");
        for second in 6..9 {
            file.people(second);
        }
        assert_eq!(log.errors(), 2, "{}", log.text());
        assert!(log.text().contains("approvers.toml:2:6: id is an integer"), "{}", log.text());
        file.write(GOOD);
        for second in 9..12 {
            file.people(second);
        }
        assert_eq!(log.text().matches("read anew").count(), 1, "{}", log.text());
    });
}

#[test]
fn a_bad_file_at_the_start_is_an_error_that_lists_every_problem() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("approvers.toml");
    let missing = Approvers::open(&path).unwrap_err();
    assert!(missing.to_string().contains("can't be read"), "{missing}");
    fs::write(&path, "[[principal]]\nid = 5\n[[grant]]\n").unwrap();
    let error = Approvers::open(&path).unwrap_err().to_string();
    for part in ["approvers.toml:2:6: id is an integer", "approvers.toml:3:1: a grant has no verbs"] {
        assert!(error.contains(part), "{error}");
    }
    fs::write(&path, b"id = \"\xff\"").unwrap();
    assert!(Approvers::open(&path).unwrap_err().to_string().contains("no UTF-8 text at 1:7"));
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        let log = self.clone();
        tracing_subscriber::fmt().with_ansi(false).with_writer(move || log.clone()).finish()
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn errors(&self) -> usize {
        self.text().matches("ERROR").count()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
