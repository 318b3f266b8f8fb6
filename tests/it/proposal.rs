//! Proposals: what stays, why, and the laws that any proposal keeps.

use alpha::iam::catalogue::Catalogue;
use alpha::iam::cloudtrail::{Call, Ending, Need, Needs, Seen};
use alpha::iam::document::Document;
use alpha::iam::evaluate::Target;
use alpha::iam::evidence::{Evidence, Lacks, Said, Witness};
use alpha::iam::grants::granted_actions;
use alpha::iam::proof::{Replay, Run, contained};
use alpha::iam::proposal::{self, Keep, Material, Proposal};
use proptest::prelude::*;

fn document(json: &str) -> Document {
    Document::parse(json.as_bytes()).unwrap()
}

fn call(action: &str, resource: Option<&str>, ending: Ending) -> Call<'static> {
    let (service, name) = action.split_once(':').unwrap();
    let target = resource.map_or(Target::Unknown, |resource| Target::Named(resource.to_owned()));
    Call {
        id: format!("{action} {resource:?}").into(),
        time: "2026-10-01T12:00:00Z".parse().unwrap(),
        source: format!("{service}.amazonaws.com").into(),
        name: name.to_owned().into(),
        region: "eu-west-1".into(),
        account: Some("111122223333".into()),
        caller: Some("arn:aws:sts::111122223333:assumed-role/app/1".into()),
        role: Some("arn:aws:iam::111122223333:role/app".into()),
        ending,
        needs: Needs::All(vec![Need { action: action.into(), resource: target }]),
        data_event: service == "s3" || service == "sqs" || service == "dynamodb",
        context: Vec::new(),
    }
}

fn used(action: &str, resource: &str) -> Call<'static> {
    call(action, Some(resource), Ending::Succeeded)
}

fn propose(present: &[Document], calls: &[Call]) -> Proposal {
    let mut evidence = Evidence::new();
    calls.iter().for_each(|call| evidence.count(&Seen::Call(Box::new(call.clone()))));
    proposal::propose(&Material { present, evidence: &evidence, removed: &[] })
}

fn written(proposal: &Proposal) -> String {
    proposal.documents().iter().map(|document| document.to_json().to_string()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_used_stays_narrowed_and_the_unused_goes() {
    let present = [document(
        r#"{"Version":"2012-10-17","Statement":{"Sid":"Tables","Effect":"Allow","Action":["dynamodb:DescribeT*","dynamodb:*Item","dynamodb:ListT*"],"Resource":"*"}}"#,
    )];
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
    let proposal =
        propose(&present, &[used("dynamodb:GetItem", table), used("dynamodb:DescribeTable", table)]);
    assert_eq!(
        written(&proposal),
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Tables","Effect":"Allow","Action":["dynamodb:DescribeTable","dynamodb:GetItem"],"Resource":"{table}"}}]}}"#
        )
    );
}

#[test]
fn conditions_and_explicit_denies_are_carried_over() {
    let present = [document(
        r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},
            {"Sid":"Never","Effect":"Deny","Action":"sqs:DeleteQueue","Resource":"*"}]}"#,
    )];
    let text =
        written(&propose(&present, &[used("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:jobs")]));
    assert!(text.contains(r#""Condition":{"Bool":{"aws:SecureTransport":"true"}}"#), "{text}");
    assert!(
        text.contains(r#"{"Sid":"Never","Effect":"Deny","Action":"sqs:DeleteQueue","Resource":"*"}"#),
        "{text}"
    );
}

#[test]
fn what_cannot_be_observed_stays_unless_a_person_removes_it() {
    let present = [document(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:PassRole","iam:GetRole","newservice:DoIt"],"Resource":"*"}}"#,
    )];
    let mut evidence = Evidence::new();
    evidence.count(&Seen::Call(Box::new(used("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:jobs"))));
    let with = |removed: &[String]| {
        written(&proposal::propose(&Material { present: &present, evidence: &evidence, removed }))
    };
    let kept = with(&[]);
    assert!(
        kept.contains("iam:PassRole") && kept.contains("newservice:DoIt") && !kept.contains("iam:GetRole"),
        "{kept}"
    );
    assert!(!with(&["IAM:passrole".to_owned()]).contains("PassRole"));
}

#[test]
fn what_others_say_was_used_stays_as_it_is_and_grants_nothing_else() {
    let present = [document(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:GetRole","iam:GetUser","iam:DeleteUser"],"Resource":"arn:aws:iam::111122223333:*"}}"#,
    )];
    let mut evidence = Evidence::new();
    evidence.count(&Seen::Call(Box::new(used("iam:GetRole", "arn:aws:iam::111122223333:role/r"))));
    for action in ["iam:GetUser", "iam:CreateUser"] {
        let action = Catalogue::embedded().find(action).unwrap();
        evidence.hear(action, Said::Used(Witness::LastAccessed));
    }
    let with =
        |removed: &[String]| proposal::propose(&Material { present: &present, evidence: &evidence, removed });
    let proposal = with(&[]);
    let text = written(&proposal);
    assert!(
        text.contains(r#""Action":"iam:GetRole","Resource":"arn:aws:iam::111122223333:role/r""#),
        "{text}"
    );
    assert!(text.contains(r#""Action":"iam:GetUser","Resource":"arn:aws:iam::111122223333:*""#), "{text}");
    assert!(!text.contains("DeleteUser") && !text.contains("CreateUser"), "{text}");
    let users = Catalogue::embedded().find("iam:GetUser").unwrap();
    assert_eq!(proposal.kept[&users], Keep::Attested(Witness::LastAccessed));
    assert!(!written(&with(&["iam:GetUser".to_owned()])).contains("GetUser"), "a person may remove it");
}

#[test]
fn where_calls_may_be_missing_resources_stay_and_only_what_is_said_to_be_unused_goes() {
    let present = [document(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:GetRole","iam:GetUser","iam:DeleteUser","s3:GetObject"],"Resource":"arn:aws:*"}}"#,
    )];
    let mut evidence = Evidence::new();
    for call in
        [used("iam:GetRole", "arn:aws:iam::111122223333:role/r"), used("s3:GetObject", "arn:aws:s3:::b/k")]
    {
        evidence.count(&Seen::Call(Box::new(call)));
    }
    evidence.lack(Lacks { management: true, data: false });
    evidence.hear(Catalogue::embedded().find("iam:DeleteUser").unwrap(), Said::Unused);
    let text =
        written(&proposal::propose(&Material { present: &present, evidence: &evidence, removed: &[] }));
    assert!(text.contains(r#""Action":["iam:GetRole","iam:GetUser"],"Resource":"arn:aws:*""#), "{text}");
    assert!(
        text.contains(r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k""#),
        "no data event is missing: {text}"
    );
    assert!(!text.contains("DeleteUser"), "{text}");
}

#[test]
fn names_that_are_no_actions_are_left_out_and_pointed_out() {
    let present = [document(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:HeadObject","s3:GetObject"],"Resource":"*"}}"#,
    )];
    let proposal = propose(&present, &[used("s3:GetObject", "arn:aws:s3:::b/k")]);
    assert!(!written(&proposal).contains("HeadObject"));
    let [(name, real)] = &proposal.no_actions[..] else { panic!("{:?}", proposal.no_actions) };
    assert!(name == "s3:HeadObject" && real.contains(&"s3:GetObject".to_owned()), "{name} {real:?}");
}

#[test]
fn denied_and_failed_calls_are_no_use() {
    let present = [document(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#,
    )];
    let calls = [
        call("ec2:DescribeInstances", Some("*"), Ending::Denied("Client.UnauthorizedOperation".into())),
        call("ec2:DescribeVpcs", Some("*"), Ending::Failed("Throttling".into())),
        used("ec2:DescribeImages", "*"),
    ];
    let text = written(&propose(&present, &calls));
    assert!(
        text.contains("ec2:DescribeImages")
            && !text.contains("DescribeInstances")
            && !text.contains("DescribeVpcs")
    );
}

#[test]
fn what_was_used_only_where_it_is_not_granted_keeps_neither_itself_nor_its_dependents() {
    let present = [document(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ec2:RunInstances","iam:CreateServiceLinkedRole","ec2:CreateTags"],"Resource":"arn:aws:ec2:us-east-1:*:*"}}"#,
    )];
    let used = used("ec2:RunInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/*");
    let proposal = propose(&present, &[used]);
    assert!(proposal.kept.is_empty() && proposal.documents().is_empty(), "{}", written(&proposal));
}

#[test]
fn a_pattern_with_a_variable_stays_as_it_is() {
    let present = [document(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::home/${aws:username}/*"}}"#,
    )];
    let text = written(&propose(&present, &[used("s3:GetObject", "arn:aws:s3:::home/ana/notes")]));
    assert!(text.contains("arn:aws:s3:::home/${aws:username}/*"), "{text}");
}

#[test]
fn what_is_not_action_or_not_resource_stays_outside() {
    let present = [document(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:sqs:*:*:secret*"}}"#,
    )];
    let calls: Vec<Call> = ["a", "b", "c", "d", "e", "f", "g"]
        .iter()
        .map(|name| used("sqs:GetQueueAttributes", &format!("arn:aws:sqs:eu-west-1:111122223333:{name}")))
        .collect();
    let proposal = propose(&present, &calls);
    let containment = contained(&proposal.documents(), &present);
    assert!(containment.violations.is_empty(), "{:?}", containment.violations);
    let text = written(&proposal);
    assert!(text.contains("sqs:GetQueueAttributes") && !text.contains("iam:PassRole"), "{text}");
}

#[test]
fn a_long_proposal_is_split_within_the_limits_and_grants_the_same() {
    let catalogue = alpha::iam::catalogue::Catalogue::embedded();
    let calls: Vec<Call> = ["ec2", "rds", "glue"]
        .iter()
        .flat_map(|service| catalogue.actions_of(service))
        .step_by(2)
        .map(|action| used(&catalogue.full_name(action), "*"))
        .collect();
    let actions: Vec<String> = calls
        .iter()
        .map(|call| format!("{}:{}", call.source.trim_end_matches(".amazonaws.com"), call.name))
        .collect();
    let present = [document(&format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{},"Resource":"*"}}}}"#,
        serde_json::json!(actions)
    ))];
    let proposal = propose(&present, &calls);
    assert!(proposal.fitted.parts.len() > 1 && proposal.fitted.excess.is_none());
    for part in &proposal.fitted.parts {
        assert!(part.size <= alpha::iam::proposal::MANAGED_LIMIT, "{}", part.size);
    }
    assert!(contained(&proposal.documents(), &present).holds());
    assert_eq!(replay(&present, &proposal, &calls), (calls.len() as u64, 0));
}

fn replay(present: &[Document], proposal: &Proposal, calls: &[Call]) -> (u64, u64) {
    let replay = Replay::new(Some(present), &proposal.documents(), &[]);
    let mut run = Run::default();
    calls.iter().for_each(|call| run.count(&replay, call));
    (run.tally.allowed, run.tally.broken)
}

const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "sqs:SendMessage",
    "sqs:PurgeQueue",
    "iam:PassRole",
    "ec2:DescribeVpcs",
];
const PATTERNS: &[&str] = &[
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "sqs:SendMessage",
    "*",
    "*:*e*",
    "iam:PassRole",
    "ec2:Describe*",
    "nothing:Known",
    "s3:HeadObject",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::b/k/1",
    "arn:aws:s3:::b/k/2",
    "arn:aws:s3:::b",
    "arn:aws:s3:::c/x",
    "arn:aws:sqs:eu-west-1:111122223333:jobs",
];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:s3:::b*",
    "arn:aws:s3:::b/k/*",
    "arn:aws:sqs:*:*:j*",
    "arn:aws:s3:::${aws:username}/*",
    "arn:aws:*",
];

fn statement() -> impl Strategy<Value = String> {
    (
        prop::sample::select(&["Allow", "Allow", "Allow", "Deny"][..]),
        prop::bool::weighted(0.15),
        prop::collection::vec(prop::sample::select(PATTERNS), 1..4),
        prop::bool::weighted(0.15),
        prop::collection::vec(prop::sample::select(RESOURCE_PATTERNS), 1..3),
        prop::sample::select(
            &[
                "",
                "",
                r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#,
                r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"}}"#,
            ][..],
        ),
    )
        .prop_map(|(effect, not_action, actions, not_resource, resources, condition)| {
            format!(
                r#"{{"Effect":"{effect}","{}":{},"{}":{}{condition}}}"#,
                if not_action { "NotAction" } else { "Action" },
                serde_json::json!(actions),
                if not_resource { "NotResource" } else { "Resource" },
                serde_json::json!(resources),
            )
        })
}

fn present() -> impl Strategy<Value = Vec<Document>> {
    let one =
        (prop::sample::select(&["2012-10-17", "2008-10-17"][..]), prop::collection::vec(statement(), 1..4));
    prop::collection::vec(
        one.prop_map(|(version, statements)| {
            document(&format!(r#"{{"Version":"{version}","Statement":[{}]}}"#, statements.join(",")))
        }),
        1..3,
    )
}

fn calls() -> impl Strategy<Value = Vec<Call<'static>>> {
    let one = (prop::sample::select(ACTIONS), prop::option::weighted(0.9, prop::sample::select(RESOURCES)));
    prop::collection::vec(one.prop_map(|(action, resource)| call(action, resource, Ending::Succeeded)), 1..12)
}

/// Few enough for every run; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn a_proposal_grants_nothing_new_and_breaks_nothing_observed(present in present(), calls in calls()) {
        let proposal = propose(&present, &calls);
        let containment = contained(&proposal.documents(), &present);
        prop_assert!(containment.violations.is_empty(), "{}\n{:?}", written(&proposal), containment.violations);
        let (_, broken) = replay(&present, &proposal, &calls);
        prop_assert_eq!(broken, 0, "{}", written(&proposal));
    }

    #[test]
    fn a_second_proposal_from_the_same_evidence_is_the_same(present in present(), calls in calls()) {
        // Without any record everything stays, and a list of all actions is shortened by what it was written from.
        prop_assume!(!calls.is_empty());
        let once = propose(&present, &calls);
        let twice = propose(&once.documents(), &calls);
        prop_assert_eq!(granted_actions(&once.documents()), granted_actions(&twice.documents()));
        prop_assert!(contained(&twice.documents(), &once.documents()).violations.is_empty());
    }
}
