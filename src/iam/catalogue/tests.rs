use super::*;
use crate::iam::actions::ActionSet;
use crate::iam::pattern::Pattern;
use proptest::prelude::*;

fn catalogue() -> &'static Catalogue {
    Catalogue::embedded()
}

fn action(name: &str) -> ActionId {
    catalogue().find(name).unwrap_or_else(|| panic!("{name} exists"))
}

fn names(actions: impl IntoIterator<Item = ActionId>) -> Vec<String> {
    actions.into_iter().map(|action| catalogue().full_name(action)).collect()
}

#[test]
fn the_embedded_file_is_of_this_layout_and_whole() {
    let file = include_bytes!("../../../data/catalogue.bin");
    assert_eq!(file[..8], format::MAGIC);
    assert_eq!(file[8..12], format::VERSION.to_le_bytes());
    assert!(catalogue().len() > 20_000, "{} actions", catalogue().len());
    assert!(catalogue().services().count() > 400);
    assert!(catalogue().services().all(|service| service == service.to_ascii_lowercase()));
    let (strings, lists) = catalogue().tables.strings_and_lists();
    for id in 0..u16::try_from(strings).unwrap() {
        assert!(std::str::from_utf8(catalogue().tables.bytes(id)).is_ok());
    }
    for id in 0..u16::try_from(lists).unwrap() {
        let _ = catalogue().tables.list(id);
    }
}

#[test]
fn every_action_can_be_read_and_found_again() {
    let mut before = None;
    for action in catalogue().actions() {
        let name = catalogue().full_name(action);
        assert_eq!(catalogue().find(&name), Some(action), "{name}");
        assert_eq!(catalogue().find(&name.to_uppercase()), Some(action), "{name}");
        assert!(!catalogue().level_of(action).as_str().is_empty());
        assert!(catalogue().dependents_of(action).all(|further| further != action));
        for (kind, _) in catalogue().resources_of(action) {
            assert!(kind.arn.starts_with("arn:"), "{name}: {}", kind.arn);
            assert!(kind.matches(&kind.arn.replace("${", "").replace('}', "")), "{name}: {}", kind.arn);
        }
        for key in catalogue().condition_keys_of(action) {
            assert!(catalogue().condition_key_type(key).is_some(), "{name}: {key}");
        }
        let here = (catalogue().service_of(action), catalogue().name_of(action).to_ascii_lowercase());
        assert!(before.as_ref() < Some(&here), "{name} is out of order");
        before = Some(here);
    }
}

#[test]
fn what_isnt_an_iam_action_isnt_found() {
    for name in [
        "s3:HeadObject",
        "s3:ListObjects",
        "lambda:Invoke",
        "s3",
        "s3:",
        ":",
        "",
        "*",
        "s3:Get*",
        "s3:GetObject ",
    ] {
        assert_eq!(catalogue().find(name), None, "{name}");
    }
}

#[test]
fn access_levels_are_those_of_aws() {
    let cases = [
        ("s3:ListAllMyBuckets", AccessLevel::List),
        ("s3:GetObject", AccessLevel::Read),
        ("s3:PutObject", AccessLevel::Write),
        ("s3:PutObjectTagging", AccessLevel::Tagging),
        ("ec2:CreateTags", AccessLevel::Tagging),
        ("s3:PutBucketPolicy", AccessLevel::PermissionsManagement),
        ("iam:AttachRolePolicy", AccessLevel::PermissionsManagement),
        ("iam:PassRole", AccessLevel::Write),
        ("kms:CreateGrant", AccessLevel::PermissionsManagement),
    ];
    for (name, expected) in cases {
        assert_eq!(catalogue().level_of(action(name)), expected, "{name}");
    }
}

#[test]
fn resource_types_say_which_are_required() {
    let resources: Vec<_> = catalogue()
        .resources_of(action("sqs:SendMessage"))
        .map(|(kind, required)| (kind.name, required))
        .collect();
    assert_eq!(resources, [("queue", true)]);
    assert_eq!(catalogue().resources_of(action("s3:ListAllMyBuckets")).count(), 0);
    let optional = catalogue().resources_of(action("ec2:RunInstances")).filter(|(_, required)| !required);
    assert!(optional.count() > 0);
}

#[test]
fn dependent_actions_are_known() {
    let further = names(catalogue().dependents_of(action("lambda:CreateFunction")));
    assert!(further.contains(&"iam:PassRole".to_owned()), "{further:?}");
}

#[test]
fn condition_keys_have_types_with_their_placeholders_filled_in_or_not() {
    let cases = [
        ("aws:SourceIp", Some("IPAddress")),
        ("AWS:sourceip", Some("IPAddress")),
        ("aws:ResourceTag/team", Some("String")),
        ("aws:ResourceTag/${TagKey}", Some("String")),
        ("s3:ExistingObjectTag/stage", Some("String")),
        ("aws:TagKeys", Some("ArrayOfString")),
        ("s3:max-keys", Some("Numeric")),
        ("aws:ResourceTag", None),
        ("s3:NoSuchKey", None),
    ];
    for (key, expected) in cases {
        assert_eq!(catalogue().condition_key_type(key), expected, "{key}");
    }
    assert_eq!(
        catalogue().condition_key("aws:resourcetag/Team").map(|(key, _)| key),
        Some("aws:ResourceTag/${TagKey}")
    );
}

#[test]
fn very_many_unknown_condition_keys_are_looked_up_one_by_one_without_trying_all_templates() {
    for (number, beginning) in
        ["aws:ResourceTag", "aws:RequestTagged/", "no:such", "é", "oidc"].iter().enumerate()
    {
        for key in (0..4000).map(|at| format!("{beginning}{number}{at}")) {
            assert_eq!(catalogue().condition_key(&key), None, "{key}");
        }
    }
    let long = format!("aws:ResourceTag/{}", "a".repeat(1 << 16));
    assert_eq!(catalogue().condition_key_type(&long), Some("String"));
}

#[test]
fn a_global_condition_key_has_the_type_that_is_documented() {
    let cases = [
        ("aws:CalledVia", "ArrayOfString"),
        ("aws:CalledViaAWSMCP", "String"),
        ("aws:ViaAWSMCPService", "Bool"),
        ("aws:IsMcpServiceAction", "Bool"),
        ("aws:PrincipalOrgMasterAccountId", "String"),
        ("aws:PrincipalOrgPaths", "ArrayOfString"),
        ("aws:SourceVpcArn", "ARN"),
        ("aws:TokenIssueTime", "Date"),
        ("aws:PrincipalTag/team", "String"),
        ("codebuild:BuildArn", "ARN"),
    ];
    for (key, kind) in cases {
        assert_eq!(catalogue().condition_key_type(key), Some(kind), "{key}");
    }
}

#[test]
fn an_actions_condition_keys_include_those_of_its_resource_types() {
    let keys: Vec<_> = catalogue().condition_keys_of(action("iam:PassRole")).collect();
    assert!(keys.contains(&"iam:PassedToService"), "{keys:?}");
    let keys: Vec<_> = catalogue().condition_keys_of(action("ec2:TerminateInstances")).collect();
    assert!(keys.contains(&"ec2:InstanceType"), "{keys:?}");
}

#[test]
fn actions_say_whether_an_api_operation_bears_their_name() {
    for name in
        ["s3:CreateBucket", "iam:GetRole", "ec2:RunInstances", "s3express:CreateSession", "iot:Publish"]
    {
        assert!(catalogue().is_operation(action(name)), "{name}");
    }
    for name in ["iam:PassRole", "s3:ListAllMyBuckets", "apigateway:GET", "aws-portal:ViewBilling"] {
        assert!(!catalogue().is_operation(action(name)), "{name}");
    }
    assert!(catalogue().has_model("s3") && catalogue().has_model("s3express"));
    assert!(!catalogue().has_model("aws-portal") && !catalogue().has_model("nosuch"));
    assert!(catalogue().sources().any(|source| source.contains("botocore")));
}

#[test]
fn services_have_titles_and_say_whether_rcps_apply() {
    assert_eq!(catalogue().title_of("S3"), Some("Amazon S3"));
    assert_eq!(catalogue().title_of("nosuch"), None);
    assert!(catalogue().takes_rcp("s3") && !catalogue().takes_rcp("iam"));
    assert!(catalogue().resource_types_of("s3").any(|kind| kind.name == "bucket"));
    assert_eq!(catalogue().actions_of("nosuch").count(), 0);
    assert!(catalogue().sources().any(|source| source.contains("iam-data")));
}

#[test]
fn an_arn_tells_which_resource_types_it_can_be() {
    let cases: [(&str, &str, &[&str]); 9] = [
        ("s3:GetObject", "arn:aws:s3:::bucket/key", &["object"]),
        ("s3:GetObject", "arn:aws:s3:::bucket", &[]),
        ("s3:ListBucket", "arn:aws:s3:::bucket", &["bucket"]),
        ("s3:ListBucket", "arn:aws:s3:::bucket/*", &[]),
        ("s3:ListBucket", "arn:aws:s3:::bucket*", &["bucket"]),
        ("iam:PassRole", "arn:aws:iam::111122223333:role/app/web", &["role"]),
        ("iam:PassRole", "arn:aws:iam::111122223333:user/ana", &[]),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:jobs", &["queue"]),
        ("sqs:SendMessage", "*", &["queue"]),
    ];
    for (name, resource, expected) in cases {
        let found: Vec<_> = catalogue()
            .resources_matching(action(name), resource)
            .iter()
            .map(|(kind, _)| kind.name)
            .collect();
        assert_eq!(found, expected, "{name} on {resource}");
    }
}

#[test]
fn wildcards_expand_to_exactly_what_they_match() {
    let count = |pattern: &str| catalogue().expand(pattern).len();
    assert_eq!(count("*"), catalogue().len());
    assert_eq!(count("*:*"), catalogue().len());
    assert_eq!(count("S3:getOBJECT"), 1);
    assert_eq!(count("s3:*"), catalogue().actions_of("s3").count());
    assert_eq!(names(catalogue().expand("sqs:?endMessage").iter()), ["sqs:SendMessage"]);
    assert_eq!(
        names(catalogue().expand("sq?:*Permission").iter()),
        ["sqs:AddPermission", "sqs:RemovePermission"]
    );
    for nothing in ["s3:HeadObject", "nosuch:*", "", ":", "s3", "s3::*", "s3:Gét*"] {
        assert_eq!(count(nothing), 0, "{nothing}");
    }
}

#[test]
fn a_misspelt_action_is_recognised() {
    let cases = [
        ("s3:GetObjekt", "s3:GetObject"),
        ("s3:ListBuckets", "s3:ListBucket"),
        ("s3:ListBuckets", "s3:ListAllMyBuckets"),
        ("lambda:Invoke", "lambda:InvokeFunction"),
        ("lamda:InvokeFunction", "lambda:InvokeFunction"),
        ("s3:HeadObject", "s3:GetObject"),
        ("cloudwatchlogs:CreateLogGroup", "logs:CreateLogGroup"),
        ("s3:Gte*", "s3:Get*"),
        ("dynamdb:Get*", "dynamodb:Get*"),
    ];
    for (wrong, right) in cases {
        let suggestions = catalogue().suggest(wrong);
        assert!(suggestions.contains(&right.to_owned()), "{wrong}: {suggestions:?}");
        assert!(suggestions.len() <= 3);
    }
    for hopeless in ["", "x", "s3:", "qqqq:zzzz", "s3:Zzqqxy", "*:Qqqq*"] {
        assert_eq!(catalogue().suggest(hopeless), Vec::<String>::new(), "{hopeless}");
    }
}

/// A pattern made from an action that exists: some characters become wildcards, some change case.
fn pattern() -> impl Strategy<Value = String> {
    let made = (0..catalogue().len(), prop::collection::vec((0..40_usize, 0..5_u8), 0..6)).prop_map(
        |(place, edits)| {
            let mut text: Vec<char> = catalogue().full_name(ActionId::at(place)).chars().collect();
            for (at, edit) in edits {
                let at = at.min(text.len() - 1);
                match edit {
                    0 => text[at] = '*',
                    1 => text[at] = '?',
                    2 => text.truncate(at + 1),
                    3 => drop(text.splice(at..(at + 4).min(text.len()), ['*'])),
                    _ => text[at] = text[at].to_ascii_uppercase(),
                }
            }
            text.into_iter().collect()
        },
    );
    prop_oneof![8 => made, 1 => "[a-z*?:3]{0,8}"]
}

proptest! {
    #[test]
    fn expansion_is_what_the_pattern_matches(pattern in pattern()) {
        let matcher = Pattern::action(&pattern);
        let expected: ActionSet = catalogue()
            .actions()
            .filter(|action| matcher.matches(&catalogue().full_name(*action).to_ascii_lowercase()))
            .collect();
        prop_assert_eq!(catalogue().expand(&pattern), expected);
    }

    #[test]
    fn suggestions_match_something(pattern in pattern()) {
        for suggestion in catalogue().suggest(&pattern) {
            prop_assert!(!catalogue().expand(&suggestion).is_empty(), "{} for {}", suggestion, pattern);
        }
    }
}
