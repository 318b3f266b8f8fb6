//! The command: exit statuses, what it writes, and what it can't read.

use serde_json::Value;

use crate::support::{Run, alpha, scratch};

const ALPHA: &str = include_str!("../../../infra/alpha.yaml");

fn judged(template: &str) -> Run {
    let (_folder, path) = scratch("alpha.yaml", template.as_bytes());
    let run = alpha(&["preflight", "--self", "--template", &path], b"");
    Run { out: run.out.replace(&path, "alpha.yaml"), err: run.err.replace(&path, "alpha.yaml"), ..run }
}

#[test]
fn without_a_template_those_are_judged_that_came_with_the_program() {
    let elsewhere = tempfile::tempdir().unwrap();
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_alpha"))
        .args(["preflight", "--self"])
        .current_dir(elsewhere.path())
        .env_clear()
        .output()
        .unwrap();
    let out = String::from_utf8(run.stdout).unwrap();
    assert_eq!((run.status.code(), run.stderr.len()), (Some(0), 0), "{out}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 2, "{out}");
    for (line, name) in lines.into_iter().zip(["infra/alpha.yaml", "infra/member.yaml"]) {
        assert!(line.starts_with(&format!("{name}: grants what is called, and no more (")), "{line}");
    }
}

#[test]
fn a_line_that_is_gone_is_named_with_its_statement_and_resource_and_fails() {
    for (gone, told) in [
        (
            "- iam:ListRoles\n",
            "ReadPolicy, Account: `- iam:ListRoles` is missing (Allow on *); called: IAM ListRoles",
        ),
        ("- iam:TagRole\n", "WritePolicy, NeverThese: `- iam:TagRole` is missing (Deny on *); "),
        (
            "- ecr:GetAuthorizationToken\n",
            "ExecutionPolicy, Registry: `- ecr:GetAuthorizationToken` is missing (Allow on *); Fargate needs it",
        ),
        (
            "- cloudtrail:GetTrail\n",
            "EvidencePolicy, Trail: `- cloudtrail:GetTrail` is missing (Allow on arn:aws:cloudtrail:*:*:trail/*); ",
        ),
        ("- sts:AssumeRole\n", "BotRole (trust), statement 1: `- sts:AssumeRole` is missing (Allow); "),
    ] {
        let at = ALPHA.find(gone).unwrap();
        let run = judged(&format!("{}\n{}", &ALPHA[..at], &ALPHA[at + gone.len()..]));
        assert_eq!((run.status, run.err.as_str()), (1, ""), "{gone}: {}", run.out);
        assert!(run.out.starts_with("alpha.yaml:") && run.out.contains(told), "{gone}: {}", run.out);
        assert!(run.out.lines().last().unwrap().starts_with("alpha.yaml: "), "{}", run.out);
    }
}

#[test]
fn findings_are_written_as_json_too_with_the_line_of_each() {
    let template = ALPHA.replacen("- iam:ListRoles", "- iam:ListUsers", 1);
    let (_folder, path) = scratch("alpha.yaml", template.as_bytes());
    let run = alpha(&["preflight", "--self", "--template", &path, "--output", "json"], b"");
    assert_eq!((run.status, run.err.as_str()), (1, ""));
    let judged: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(judged[0]["template"], path);
    let findings = judged[0]["findings"].as_array().unwrap();
    let line = template.lines().position(|line| line.contains("Sid: Account")).unwrap() + 1;
    for (finding, (kind, action)) in
        findings.iter().zip([("missing", "iam:ListRoles"), ("superfluous", "iam:ListUsers")])
    {
        assert_eq!(finding["line"], line);
        let word = |name: &str| finding[name].as_str().unwrap().to_lowercase();
        assert_eq!((word("kind"), word("action")), (kind.to_owned(), action.to_lowercase()));
        assert_eq!((&finding["role"], &finding["policy"]), (&"BotRole".into(), &"ReadPolicy".into()));
        assert_eq!((&finding["statement"], &finding["resources"][0]), (&"Account".into(), &"*".into()));
    }
    assert_eq!(findings.len(), 2);
}

#[test]
fn several_templates_are_judged_in_one_run_and_one_may_come_by_standard_input() {
    let (_folder, path) = scratch("alpha.yaml", ALPHA.as_bytes());
    let member = include_bytes!("../../../infra/member.yaml");
    let run = alpha(&["preflight", "--self", "--template", &path, "--template", "-"], member);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("standard input: grants what is called"), "{}", run.out);
    let run = alpha(&["preflight", "--self", "--template", "-", "--template", "-"], member);
    assert_eq!((run.status, run.out.as_str()), (2, ""));
}

#[test]
fn what_is_no_template_of_alpha_s_is_bad_use_and_says_where() {
    for (template, told) in [
        ("", "alpha.yaml: line 1: it is empty"),
        ("- a\n- b\n", "alpha.yaml: line 1: it has no Resources"),
        ("Resources:\n  A: [1\n", "alpha.yaml: line "),
        ("Resources:\n  Q:\n    Type: AWS::SQS::Queue\n", "neither a BotRole nor a MemberRole"),
        (
            "Resources:\n  BotRole:\n    Properties: {}\n",
            "alpha.yaml: line 3: the resource BotRole has no Type",
        ),
        ("Resources:\n  BotRole: &a\n    Type: AWS::IAM::Role\n", "anchors and aliases aren't read"),
    ] {
        let run = judged(template);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{template}");
        assert!(run.err.contains(told), "{template}: {}", run.err);
    }
    for (from, to, told) in [
        (
            "!Ref WritableRoles",
            "!Ref WritableRole",
            "there is neither a parameter nor a resource WritableRole",
        ),
        ("!GetAtt Table.Arn", "!GetAtt Table.StreamArn", "Table.StreamArn isn't known here"),
        ("!GetAtt Table.Arn", "!ImportValue Table", "Fn::ImportValue isn't known here"),
        ("Effect: Allow", "Effect: Alow", "is no policy: at /Statement/0/Effect"),
        ("Condition: HasTrailKey", "Condition: HasTrailKeys", "there is no condition HasTrailKeys"),
    ] {
        let resources = ALPHA.find("\nResources:").unwrap();
        let at = resources + ALPHA[resources..].find(from).unwrap();
        let line = ALPHA[..at].lines().count();
        let run = judged(&format!("{}{to}{}", &ALPHA[..at], &ALPHA[at + from.len()..]));
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{to}");
        assert!(run.err.contains(told), "{to}: {}", run.err);
        assert!(
            from.starts_with("Effect") || run.err.contains(&format!("line {line}:")),
            "{to}: {}",
            run.err
        );
    }
    let run = alpha(&["preflight", "--self", "--template", "/nowhere.yaml"], b"");
    assert_eq!((run.status, run.out.as_str()), (2, ""));
    assert!(run.err.contains("/nowhere.yaml could not be read"), "{}", run.err);
    assert_eq!(alpha(&["preflight"], b"").status, 2);
}
