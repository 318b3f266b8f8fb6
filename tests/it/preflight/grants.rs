//! What the templates grant against what is called: each line counts, and nothing can be widened unseen.

use std::fmt::Write as _;
use std::ops::Range;

use alpha::aws::needed;
use alpha::preflight::{Finding, Kind, judge};

const TEMPLATES: [(&str, &str); 2] = [
    ("alpha", include_str!("../../../infra/alpha.yaml")),
    ("member", include_str!("../../../infra/member.yaml")),
];

fn findings(text: &str) -> Vec<Finding> {
    judge(text, needed::ALL).unwrap().findings
}

/// Every line of a template that is one action, with its number and the statement it stands in.
fn action_lines(text: &str) -> Vec<(usize, &str, Option<&str>)> {
    let mut sid = None;
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        match line.strip_prefix("- ") {
            Some(item) if item.starts_with("Sid: ") => sid = item.strip_prefix("Sid: "),
            Some(item) if item.starts_with("Effect: ") => sid = None,
            Some(item) if is_action(item) => found.push((at, item, sid)),
            _ => {}
        }
    }
    found
}

fn is_action(item: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    item.split_once(':').is_some_and(|(service, name)| is_word(service) && is_word(name))
}

fn without_line(text: &str, gone: usize) -> String {
    text.lines().enumerate().filter(|(at, _)| *at != gone).fold(String::new(), |mut text, (_, line)| {
        let _ = writeln!(text, "{line}");
        text
    })
}

#[test]
fn the_templates_grant_what_is_called_and_no_more() {
    for (name, text) in TEMPLATES {
        assert_eq!(findings(text), [], "{name}");
    }
}

#[test]
fn each_line_of_an_action_is_missed_by_its_name() {
    let cases: Vec<_> = TEMPLATES
        .into_iter()
        .flat_map(|(name, text)| action_lines(text).into_iter().map(move |line| (name, text, line)))
        .collect();
    assert!(cases.len() > 110, "{}", cases.len());
    for (name, text, (at, action, sid)) in cases {
        let found = findings(&without_line(text, at));
        let missing: Vec<&Finding> = found.iter().filter(|it| it.kind == Kind::Missing).collect();
        let names_it = missing.len() == 1
            && missing[0].action.as_deref() == Some(action)
            && missing[0].text.contains(&format!("`- {action}` is missing"))
            && match sid {
                Some(sid) => missing[0].statement.as_deref() == Some(sid) && !missing[0].resources.is_empty(),
                None => missing[0].policy.as_deref().is_some_and(|policy| policy.ends_with("(trust)")),
            };
        assert!(names_it, "{name}: {action} of {sid:?}: {found:#?}");
    }
}

/// The statements of a template: the lines of each.
fn statements(text: &str) -> Vec<Range<usize>> {
    let begins =
        |line: &&str| line.trim_start().starts_with("- Sid: ") || line.trim_start().starts_with("- Effect: ");
    let lines: Vec<&str> = text.lines().collect();
    let starts = lines.iter().enumerate().filter(|(_, line)| begins(line)).map(|(at, _)| at);
    starts.map(|at| at..end_of(&lines, at)).collect()
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Where what begins on a line ends: before the next one that is no deeper.
fn end_of(lines: &[&str], at: usize) -> usize {
    let rest = lines.iter().skip(at + 1);
    at + 1 + rest.take_while(|line| line.is_empty() || depth(line) > depth(lines[at])).count()
}

/// Replaces lines.
fn changed(text: &str, gone: Range<usize>, by: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.splice(gone, by.lines());
    lines.join("\n")
}

/// All that can be done to a statement that makes it grant, or deny, something else: a word for it, and the template.
fn misdeeds(text: &str, statement: Range<usize>) -> Vec<(&'static str, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let key =
        |name: &str| statement.clone().find(|at| lines[*at].trim_start_matches([' ', '-']).starts_with(name));
    let whole = |at: usize| at..end_of(&lines, at);
    let like = |at: usize, text: &str| format!("{}{text}", &lines[at][..depth(lines[at])]);
    let nothing = like(statement.start, "- !Ref AWS::NoValue");
    let mut found = vec![("dropped", changed(text, statement.clone(), &nothing))];
    if let Some(at) = key("Effect:") {
        let (from, to) = if lines[at].contains("Allow") { ("Allow", "Deny") } else { ("Deny", "Allow") };
        found.push(("of the other effect", changed(text, at..at + 1, &lines[at].replace(from, to))));
    }
    if let Some(at) = key("Action:") {
        let first = at + 1;
        let more = like(first, "- iam:CreateUser");
        found.push(("with one more action", changed(text, first..first, &more)));
        let service = lines[first].trim_start_matches([' ', '-']).split(':').next().unwrap();
        let wide = like(first, &format!("- {service}:*"));
        found.push(("with all of a service", changed(text, first..first + 1, &wide)));
        found.push(("of all other actions", changed(text, at..first, &like(at, "NotAction:"))));
    }
    if let Some(at) = key("Resource:").filter(|at| !lines[*at].contains("\"*\"")) {
        found.push(("on everything", changed(text, whole(at), &like(at, "Resource: \"*\""))));
    }
    if let Some(at) = key("Condition:") {
        found.push(("without its condition", changed(text, whole(at), "")));
    }
    if let Some(at) = key("Principal:") {
        found.push(("for everybody", changed(text, whole(at), &like(at, "Principal: { AWS: \"*\" }"))));
    }
    found
}

#[test]
fn a_statement_that_says_anything_else_is_found_out() {
    let cases: Vec<_> = TEMPLATES
        .into_iter()
        .flat_map(|(name, text)| statements(text).into_iter().map(move |lines| (name, text, lines)))
        .flat_map(|(name, text, lines)| {
            let start = lines.start + 1;
            misdeeds(text, lines).into_iter().map(move |(how, text)| (format!("{name}:{start} {how}"), text))
        })
        .collect();
    assert!(cases.len() > 200, "{}", cases.len());
    for (what, text) in cases {
        let report = judge(&text, needed::ALL).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(!report.findings.is_empty(), "{what}");
    }
}

#[test]
fn narrower_wider_and_redundant_grants_are_told_apart() {
    let (_, text) = TEMPLATES[0];
    let told = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let found = findings(&text.replacen(from, to, 1));
        found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let secrets = "secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:alpha/*";
    for (from, to, expected) in [
        (secrets, "secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:al*", "which is more than"),
        (
            secrets,
            "secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:alpha/bot*",
            "BotRole isn't granted",
        ),
        (secrets, "secretsmanager:*:${AWS::AccountId}:secret:alpha/*", "which is more than"),
        ("- iam:ListRoles", "- iam:ListRoles\n              - iam:GetRole", "which is more than"),
        (
            "              - iam:GetRolePolicy",
            "              - iam:GetRolePolicy\n              - iam:getrole",
            "getrole",
        ),
        (
            "iam:PassedToService: access-analyzer",
            "iam:PassedToService: lambda",
            "iam:PassedToService StringEquals lambda",
        ),
        (
            "          - Sid: Indexes\n",
            "          - Sid: Again\n            Effect: Allow\n            Action: iam:GetRole\n            Resource: !Sub arn:aws:iam::${AWS::AccountId}:role/app/*\n          - Sid: Indexes\n",
            "nothing would miss `- iam:GetRole`",
        ),
        (
            "aws:ResourceTag/alpha-scope: !Ref RoleTag",
            "aws:ResourceTag/alpha-scope: [!Ref RoleTag, other]",
            "which is more than",
        ),
        (
            "              - StringEquals:\n                  aws:ResourceTag",
            "              - StringEqualsIgnoreCase:\n                  aws:ResourceTag",
            "which is more than",
        ),
        ("role/alpha-service/*", "role/alpha-services/*", "isn't denied iam:"),
        (
            "!Join [\",\", !Ref ProtectedRoles]",
            "!Sub arn:${AWS::Partition}:iam::*:role/x",
            "isn't denied iam:",
        ),
        (
            "      Roles:\n        - !Ref BotRole\n        - !Ref EvidenceRole\n",
            "      Roles:\n        - !Ref BotRole\n",
            "EvidenceRole isn't granted kms:Decrypt",
        ),
        ("Path: /alpha-service/", "Path: /alpha/", "lies outside /alpha-service/"),
        (
            "      Description: ALPHA itself.",
            "      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]\n      Description: ALPHA itself.",
            "what it grants isn't known here",
        ),
        (
            "  Cluster:\n",
            "  Extra:\n    Type: AWS::IAM::UserPolicy\n  Cluster:\n",
            "what AWS::IAM::UserPolicy grants isn't compared",
        ),
        ("    Condition: HasGuardrail\n", "", "nothing calls for bedrock:ApplyGuardrail"),
        (
            "      Roles:\n        - !Ref BotRole\n",
            "      Roles:\n        - !Ref BotRole\n        - Admin\n",
            "is attached to Admin, which",
        ),
        ("      Roles:\n        - !Ref BotRole\n", "", "BotRole isn't granted dynamodb:GetItem"),
        ("      Roles:\n        - !Ref BotRole\n", "", "StorePolicy: is attached to no role"),
        (
            "      SqsManagedSseEnabled: true\n",
            "      ResourcePolicy: {}\n",
            "DeadLetters: may grant in a way",
        ),
        ("iam:PassedToService", "iam:PassedToServices", "iam:PassedToServices"),
        ("- iam:ListRoles", "- iam:ListRoles\n              - iam:ListRolles", "INVALID_ACTION"),
        (
            "- cloudtrail:LookupEvents",
            "- cloudtrail:LookupEvents\n              - cloudwatch:GetMetricData",
            "ReadPolicy, Events: nothing calls for cloudwatch:GetMetricData on *",
        ),
    ] {
        let found = match judge(&text.replacen(from, to, 1), needed::ALL) {
            Ok(_) => told(from, to),
            Err(error) => error.to_string(),
        };
        assert!(found.contains(expected), "{from} -> {to}: {found}");
    }
}

#[test]
fn a_grant_that_hangs_on_what_is_never_switched_is_found_out() {
    let (_, text) = TEMPLATES[0];
    let secrets = "!Sub arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:alpha/*";
    assert!(text.contains(secrets));
    for (condition, on, told) in [
        // One that the template has for the service's environment alone.
        ("", "HasChannel", "HasChannel: it doesn't hold in any stack"),
        ("  Odd: !Equals [!Ref TableName, prod]\n", "Odd", "Odd: it doesn't hold in any stack"),
        ("  Odd: !Not [!Equals [!Ref TableName, prod]]\n", "Odd", "Odd: it holds in any stack"),
        (
            "  Odd: !And [Condition: HasGuardrail, !Not [Condition: HasMembers], !Not [Condition: HasOperators]]\n",
            "Odd",
            "Odd: it doesn't hold in any stack",
        ),
    ] {
        let (wide, narrow) = if told.contains("it holds") { (secrets, "\"*\"") } else { ("\"*\"", secrets) };
        let either = format!("!If\n              - {on}\n              - {wide}\n              - {narrow}");
        let odd = text.replacen(secrets, &either, 1);
        let odd = odd.replacen("\nConditions:\n", &format!("\nConditions:\n{condition}"), 1);
        let found: Vec<String> = findings(&odd).iter().map(ToString::to_string).collect();
        assert!(found.iter().any(|it| it.contains(told)), "{on}: {found:?}");
    }
}

#[test]
fn every_action_of_the_tables_exists() {
    let catalogue = alpha::iam::catalogue::Catalogue::embedded();
    let needs = needed::ALL.iter().flat_map(|(_, calls)| calls.concat()).flat_map(|call| call.needs);
    let unknown: Vec<_> = needs.filter(|need| catalogue.find(need.action).is_none()).collect();
    assert_eq!(unknown, Vec::<&alpha::domain::calls::Need>::new());
}
