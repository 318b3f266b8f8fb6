//! What people type, and what it comes to.

use proptest::prelude::*;

use super::*;

const OURS: &str = "111122223333";
const THEIRS: &str = "444455556666";
const JOB: &str = "j-0123456789abcdef";

fn read(line: &str) -> Result<Command, CommandError> {
    parse(line, &ParseContext { home: &AccountId::new(OURS), others: &[AccountId::new(THEIRS)], job: None })
}

fn in_thread(line: &str) -> Result<Command, CommandError> {
    parse(line, &ParseContext { home: &AccountId::new(OURS), others: &[], job: Some(&JobId::new(JOB)) })
}

fn said(line: &str) -> String {
    read(line).unwrap_err().to_string()
}

fn role(name: &str) -> RoleRef {
    RoleRef { account: AccountId::new(OURS), name: name.to_owned() }
}

fn analyze(name: &str, days: u32, guardrails: Option<&str>, reasoner: bool) -> Command {
    let options = Options { days, guardrails: guardrails.map(str::to_owned), reasoner };
    Command::Analyze { role: role(name), options }
}

#[test]
fn every_verb_is_understood() {
    let job = JobId::new(JOB);
    for (line, expected) in [
        ("", Command::Help { about: None }),
        ("  \u{a0} ", Command::Help { about: None }),
        ("help", Command::Help { about: None }),
        ("?", Command::Help { about: None }),
        ("--help", Command::Help { about: None }),
        ("help analyse", Command::Help { about: Some(Verb::Analyze) }),
        ("rollback --help", Command::Help { about: Some(Verb::Rollback) }),
        ("analyze web --help", Command::Help { about: Some(Verb::Analyze) }),
        ("/alpha", Command::Help { about: None }),
        ("/alpha whoami", Command::WhoAmI),
        ("Pending", Command::Pending),
        ("status", Command::Status { job: None }),
        ("status J-0123456789ABCDEF", Command::Status { job: Some(job.clone()) }),
        ("diff `j-0123456789abcdef`", Command::Diff { job: job.clone() }),
        ("cancel j-0123456789abcdef", Command::Cancel { job: job.clone() }),
        ("rollback j-0123456789abcdef", Command::Rollback { job: job.clone() }),
        ("approve j-0123456789abcdef", Command::Approve { job: job.clone() }),
        ("continue j-0123456789abcdef", Command::Continue { job: job.clone() }),
        ("deny j-0123456789abcdef no", Command::Deny { job, reason: Reason::parse("no").unwrap() }),
        ("history ci-deployer", Command::History { role: role("ci-deployer") }),
    ] {
        assert_eq!(read(line), Ok(expected), "{line}");
    }
}

#[test]
fn an_analysis_takes_a_role_and_flags_in_any_order() {
    for (line, expected) in [
        ("analyze ci-deployer", analyze("ci-deployer", 90, None, true)),
        ("analyse ci-deployer", analyze("ci-deployer", 90, None, true)),
        ("analyze --days 30 ci-deployer", analyze("ci-deployer", 30, None, true)),
        ("analyze ci-deployer --days=365 --no-ai", analyze("ci-deployer", 365, None, false)),
        ("analyze ci-deployer —days 1", analyze("ci-deployer", 1, None, true)),
        ("analyze ci-deployer --days “30”", analyze("ci-deployer", 30, None, true)),
        ("analyze ci-deployer --guardrails=\"prod\"", analyze("ci-deployer", 90, Some("prod"), true)),
        ("Analyze “ci-deployer” --guardrails Sandbox", analyze("ci-deployer", 90, Some("sandbox"), true)),
        ("analyze '-odd' --no-ai", analyze("-odd", 90, None, false)),
        ("analyze --no-ai -- --odd", analyze("--odd", 90, None, false)),
        ("analyze \\-odd", analyze("-odd", 90, None, true)),
        ("analyze <http://web.app|web.app>", analyze("web.app", 90, None, true)),
        ("analyze <mailto:a@b.com|a@b.com>", analyze("a@b.com", 90, None, true)),
        ("analyze arn:aws:iam::111122223333:role/web", analyze("web", 90, None, true)),
        ("analyze arn:aws-us-gov:iam::111122223333:role/app/eu/web", analyze("web", 90, None, true)),
        ("analyze +=,.@_-aZ9", analyze("+=,.@_-aZ9", 90, None, true)),
    ] {
        assert_eq!(read(line), Ok(expected), "{line}");
    }
}

#[test]
fn in_a_thread_its_job_is_meant_unless_another_is_named() {
    let job = JobId::new(JOB);
    let other = JobId::new("j-zzzzzzzzzzzzzzzz");
    let deny = |reason: &str| Command::Deny { job: job.clone(), reason: Reason::parse(reason).unwrap() };
    for (line, expected) in [
        ("status", Command::Status { job: Some(job.clone()) }),
        ("diff", Command::Diff { job: job.clone() }),
        ("approve", Command::Approve { job: job.clone() }),
        ("rollback j-zzzzzzzzzzzzzzzz", Command::Rollback { job: other.clone() }),
        ("deny it's still needed -- don't", deny("it's still needed -- don't")),
        ("deny “still needed”", deny("still needed")),
        ("deny 'tis needed", deny("'tis needed")),
        ("deny the \"yearly\" close &amp; more", deny("the \"yearly\" close & more")),
        (
            "deny j-zzzzzzzzzzzzzzzz no\nreally",
            Command::Deny { job: other, reason: Reason::parse("no\nreally").unwrap() },
        ),
    ] {
        assert_eq!(in_thread(line), Ok(expected), "{line}");
    }
    assert!(in_thread("deny j-short no").is_err(), "a job was meant, and not named right");
}

#[test]
fn a_denial_without_a_reason_that_can_be_seen_is_asked_why() {
    let asked_why = format!("I understood: deny {JOB}\nSay why, so that whoever asked knows what to change.");
    for line in [format!("deny {JOB}"), format!("deny {JOB} \u{200b}"), format!("deny {JOB} ''")] {
        let said = read(&line).unwrap_err().to_string();
        assert!(said.starts_with(&asked_why), "{said}");
    }
    assert!(in_thread("deny").unwrap_err().to_string().starts_with(&asked_why));
}

#[test]
fn what_is_stored_of_a_line_holds_no_secret_of_a_reason_and_means_the_same() {
    const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
    for line in [format!("deny {JOB} it holds {KEY}"), format!("/alpha Deny {KEY}"), format!("deyn {KEY}")] {
        assert_eq!(storable(&line), line.replace(KEY, "[REDACTED-AWS-ACCESS-KEY]"));
    }
    assert!(!storable(&format!("deny {JOB} AKIA\u{200b}IOSFODNN7EXAMPLE")).contains("IOSFODNN7EXAMPLE"));
    let denial = read(&format!("deny {JOB} it holds {KEY}"));
    assert_eq!(read(&storable(&format!("deny {JOB} it holds {KEY}"))), denial);
    let role = format!("analyze {}", "ProductionDataPipelineOrchestratorRole12");
    assert_eq!(storable(&role), role);
}

#[test]
fn what_is_wrong_is_said_with_what_was_understood_and_an_example() {
    for (line, parts) in [
        ("analize ci", vec!["“analize”", "did you mean “analyze”?", "For example: help analyze"]),
        ("rolback", vec!["did you mean “rollback”?"]),
        (
            "frobnicate",
            vec!["“frobnicate” is nothing that I can do. I know analyze, status, ", "whoami, help."],
        ),
        ("help foo", vec!["“foo” is nothing that I can do. I know analyze, "]),
        ("roll back j-0123456789abcdef", vec!["“roll” is nothing that I can do; did you mean “rollback”?"]),
        ("who am i", vec!["did you mean “whoami”?"]),
        ("help roll back", vec!["did you mean “rollback”?"]),
        ("help pendin", vec!["did you mean “pending”?"]),
        (
            "analyze",
            vec!["I understood: analyze\n", "Which role?", "For example: analyze ci-deployer --days 30"],
        ),
        ("analyze a b", vec!["I understood: analyze a\n", "“b” is too much: one role at a time."]),
        ("analyze a --dayz 3", vec!["“--dayz” is no option of analyze; did you mean “days”?", "in quotes"]),
        ("analyze a --days", vec!["--days has to be followed by a whole number from 1 to 365."]),
        ("analyze a --days --no-ai", vec!["--days has to be followed by"]),
        ("analyze a --days 0", vec!["not “0”"]),
        ("analyze a --days 366", vec!["not “366”"]),
        ("analyze a --days -5", vec!["not “-5”"]),
        ("analyze a --days +5", vec!["not “+5”"]),
        ("analyze a --days=", vec!["not “”"]),
        ("analyze a --days 99999999999999999999", vec!["from 1 to 365"]),
        ("analyze a --days 3 --days 4", vec!["I understood: analyze a --days 3\n", "--days is there twice."]),
        ("analyze a --no-ai=yes", vec!["--no-ai takes no value."]),
        ("analyze a --guardrails prud", vec!["one of none, sandbox, prod", "did you mean “prod”?"]),
        ("analyze \"a b", vec!["The quote \" before “a b” is never closed."]),
        ("status --all", vec!["“--all” is no option of status. It has none."]),
        ("status a", vec!["“a” is no job's id"]),
        ("diff", vec!["Which job?"]),
        ("diff j-0123456789abcdef x", vec!["I understood: diff j-0123456789abcdef\n", "one job at a time"]),
        ("deny", vec!["Which job?"]),
        ("deny because", vec!["“because” is no job's id"]),
        ("pending x", vec!["nothing follows"]),
    ] {
        let text = said(line);
        for part in parts {
            assert!(text.contains(part), "{line}: {text}");
        }
    }
}

#[test]
fn what_is_no_role_of_ours_is_refused_for_what_it_is() {
    for (role, part) in [
        ("\"\"", "is empty"),
        ("<@U123|ann>", "is a Slack user"),
        ("<#C123|general>", "is a channel"),
        ("<!channel>", "is a group of Slack users"),
        ("app/web", "did you mean “web”?"),
        ("role/web", "did you mean “web”?"),
        ("https://example.com/", "has a path"),
        ("we\u{200b}b", "can't be seen"),
        ("\u{202e}bew", "can't be seen"),
        ("wéb", "holds “é”"),
        ("🙂", "holds “🙂”"),
        ("it's", "holds “'”"),
        ("&lt;b&gt;", "holds “<”"),
        ("web*", "holds “*”"),
        (
            "arn:aws:iam::999999999999:role/web",
            "works for 111122223333, 444455556666. An operator adds an account by infra/member.yaml",
        ),
        ("arn:aws:iam::1111:role/web", "twelve digits"),
        ("arn:aws:iam:eu-west-1:111122223333:role/web", "no ARN of a role"),
        ("arn:aws:iam::111122223333:role/", "no ARN of a role"),
        ("arn:aws:iam::111122223333:role//web", "no ARN of a role"),
        ("arn:aws:iam::111122223333:role", "no ARN of a role"),
        ("arn:aws:iam", "no ARN of a role"),
        ("ARN:aws:iam::111122223333:role/web", "no ARN of a role"),
        ("arn:gcp:iam::111122223333:role/web", "partition “gcp”"),
        ("arn:aws:iam::111122223333:user/ann", "is the ARN of an IAM user"),
        ("arn:aws:iam::111122223333:group/devs", "is the ARN of an IAM group"),
        ("arn:aws:iam::111122223333:policy/p", "is the ARN of a managed policy"),
        ("arn:aws:iam::111122223333:root", "is the ARN of a whole account"),
        ("arn:aws:s3:::bucket/key", "something in “s3”"),
        (
            "arn:aws:sts::111122223333:assumed-role/web/i-0123",
            "did you mean “arn:aws:iam::111122223333:role/web”?",
        ),
        (
            "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
            "service-linked",
        ),
        ("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_a_1", "reserves"),
    ] {
        let text = said(&format!("analyze {role}"));
        assert!(text.contains(part), "{role}: {text}");
    }
    let long = "a".repeat(65);
    assert!(said(&format!("history {long}")).contains("65 characters long"));
    assert!(read(&format!("history {}", &long[1..])).is_ok());
}

#[test]
fn whatever_was_typed_is_repeated_briefly_and_legibly() {
    for line in [
        "x".repeat(10_000),
        "analyze ".repeat(1_250),
        format!("analyze {}", "y".repeat(3_900)),
        format!("analyze a --{}", "z".repeat(3_900)),
        "\u{202e}\u{200b}\u{1b}[31m".repeat(300),
        format!("deny {}", "\n* forged\n".repeat(300)),
        format!("analyze \"{}", "q".repeat(3_900)),
        format!("analyze arn:{}:iam::1:role/x", "w".repeat(3_000)),
    ] {
        let text = said(&line);
        assert!(text.chars().count() < 500, "{text}");
        assert!(!text.chars().any(crate::iam::legible::is_unseen), "{text:?}");
        assert!(!text.contains("\n*"), "{text}");
    }
    assert!(said(&"x".repeat(10_000)).contains("10000 characters long"));
}

#[test]
fn help_names_every_verb_and_every_flag() {
    let text = help(None);
    for verb in Verb::ALL {
        assert!(text.contains(verb.usage()), "{verb}");
        assert!(help(Some(verb)).contains(verb.example()), "{verb}");
        let line = verb.example().replace("j-0123456789abcdef", JOB);
        assert!(read(&line).is_ok(), "the example is right: {line}");
    }
    for flag in Flag::ALL {
        assert!(text.contains(&flag.to_string()) && help(Some(Verb::Analyze)).contains(&flag.to_string()));
    }
}

proptest! {
    #[test]
    fn any_line_is_read_or_refused_briefly(line in ".{0,300}") {
        if let Err(error) = read(&line) {
            prop_assert!(error.to_string().chars().count() < 1_000);
        }
    }

    #[test]
    fn anything_of_our_grammars_characters_is_read_or_refused(
        line in r#"(analyze|analyse|deny|status|help|history) [-—"'“”’`\\=<>&|@#!a-z0-9:/ é\u{200b}]{0,60}"#
    ) {
        let _ = (read(&line), in_thread(&line));
    }

    #[test]
    fn any_name_that_iam_takes_is_understood_in_quotes(name in "[A-Za-z0-9+=,.@_-]{1,64}") {
        for line in [format!("history '{name}'"), format!("history arn:aws:iam::{OURS}:role/p/{name}")] {
            prop_assert_eq!(read(&line), Ok(Command::History { role: role(&name) }));
        }
    }
}

#[test]
fn a_role_of_another_account_is_named_by_its_arn() {
    let said = read(&format!("analyze arn:aws:iam::{THEIRS}:role/app/web")).unwrap();
    let Command::Analyze { role, .. } = said else { panic!("{said:?}") };
    assert_eq!(role, RoleRef { account: AccountId::new(THEIRS), name: "web".to_owned() });
}
