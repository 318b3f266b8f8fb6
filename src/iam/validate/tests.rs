//! A policy for every rule, what is found in it, and where. Each finds nothing else.

use super::*;

const I: Kind = Kind { policy: PolicyType::Identity, resource: None };

fn resource(name: &str) -> Kind {
    Kind { policy: PolicyType::Resource, resource: (!name.is_empty()).then(|| name.to_owned()) }
}

fn found(json: &str, kind: &Kind) -> Vec<(String, String)> {
    let findings = validate(json.as_bytes(), Some(kind.clone()));
    findings
        .iter()
        .flat_map(|finding| {
            assert!(!finding.locations.is_empty() && !finding.details.is_empty(), "{finding:?}");
            finding.locations.iter().map(|at| (finding.issue.code().to_owned(), at.to_string()))
        })
        .collect()
}

/// Checks a table: the members of a policy, then what has to be found, as `CODE /pointer` each.
fn table(kind: &Kind, cases: &[(&str, &[&str])]) {
    for (json, expected) in cases {
        let found: Vec<String> = found(json, kind)
            .into_iter()
            .map(|(code, at)| format!("{code} {at}").trim().to_owned())
            .collect();
        assert_eq!(found, *expected, "{json}");
    }
}

/// As [`table`], but for one statement's members; pointers begin within it.
fn statements(kind: &Kind, cases: &[(&str, &[&str])]) {
    for (members, expected) in cases {
        let json = format!(r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#);
        let found: Vec<String> = found(&json, kind)
            .into_iter()
            .map(|(code, at)| {
                format!("{code} {}", at.strip_prefix("/Statement/0").unwrap_or(&at)).trim().to_owned()
            })
            .collect();
        assert_eq!(found, *expected, "{members}");
    }
}

/// As [`statements`], for the condition block of one that is fine otherwise. Which keys an action with a wildcard
/// knows isn't judged.
fn conditions(cases: &[(&str, &[&str])]) {
    for (block, expected) in cases {
        let members =
            format!(r#""Effect":"Allow","Action":"s3:ListBucket*","Resource":"*","Condition":{{{block}}}"#);
        let expected: Vec<String> =
            expected.iter().map(|found| found.replacen(' ', " /Condition", 1)).collect();
        statements(&I, &[(&members, &expected.iter().map(String::as_str).collect::<Vec<_>>())]);
    }
}

#[test]
fn the_shape_of_the_whole() {
    const OK: &str = r#"{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}"#;
    let with = |members: &str| format!("{{{members}}}");
    let cases: Vec<(String, &[&str])> = vec![
        (with(&format!(r#""Version":"2012-10-17","Statement":{OK}"#)), &[]),
        (with(&format!(r#""Version":"2008-10-17","Id":"x","Statement":[{OK}]"#)), &[]),
        ("{".into(), &["JSON_SYNTAX_ERROR"]),
        (String::new(), &["JSON_SYNTAX_ERROR"]),
        ("[]".into(), &["DATA_TYPE_MISMATCH"]),
        ("null".into(), &["DATA_TYPE_MISMATCH"]),
        (with(&format!(r#""Statement":{OK}"#)), &["MISSING_VERSION"]),
        (with(r#""Version":"2012-10-17""#), &["MISSING_STATEMENT"]),
        (with(r#""Version":"2012-10-17","Statement":[]"#), &["MISSING_STATEMENT /Statement"]),
        (with(r#""Version":"2012-10-17","Statement":7"#), &["DATA_TYPE_MISMATCH /Statement"]),
        (with(r#""Version":"2012-10-17","Statement":["x"]"#), &["DATA_TYPE_MISMATCH /Statement/0"]),
        (with(&format!(r#""Version":"2012","Statement":{OK}"#)), &["INVALID_VERSION /Version"]),
        (with(&format!(r#""Version":20121017,"Statement":{OK}"#)), &["DATA_TYPE_MISMATCH /Version"]),
        (
            with(&format!(r#""Version":"2012-10-17","Statment":1,"Statement":{OK}"#)),
            &["INVALID_POLICY_ELEMENT /Statment"],
        ),
        (
            with(&format!(r#""Version":"2012-10-17","Statement":{OK},"Statement":{OK}"#)),
            &["JSON_SYNTAX_ERROR /Statement"],
        ),
    ];
    for (json, expected) in cases {
        table(&I, &[(&json, expected)]);
    }
}

#[test]
fn the_shape_of_a_statement() {
    statements(
        &I,
        &[
            (r#""Action":"s3:ListBucket","Resource":"*""#, &["MISSING_EFFECT"]),
            (r#""Effect":"allow","Action":"s3:ListBucket","Resource":"*""#, &["INVALID_EFFECT /Effect"]),
            (r#""Effect":1,"Action":"s3:ListBucket","Resource":"*""#, &["DATA_TYPE_MISMATCH /Effect"]),
            (r#""Effect":"Allow","Resource":"*""#, &["MISSING_ACTION"]),
            (r#""Effect":"Allow","Action":"s3:ListBucket""#, &["MISSING_RESOURCE"]),
            (
                r#""Effect":"Deny","Action":"s3:ListBucket","NotAction":"s3:GetObject","Resource":"*""#,
                &["UNSUPPORTED_ELEMENT_COMBINATION /Action", "UNSUPPORTED_ELEMENT_COMBINATION /NotAction"],
            ),
            (r#""Effect":"Allow","Action":[],"Resource":"*""#, &["EMPTY_ARRAY_ACTION /Action"]),
            (
                r#""Effect":"Allow","Action":"s3:ListBucket","Resource":[]"#,
                &["EMPTY_ARRAY_RESOURCE /Resource"],
            ),
            (
                r#""Effect":"Allow","Action":["s3:ListBucket",1],"Resource":"*""#,
                &["DATA_TYPE_MISMATCH /Action/1"],
            ),
            (r#""Effect":"Allow","Action":{},"Resource":"*""#, &["DATA_TYPE_MISMATCH /Action"]),
            (
                r#""Sid":"","Effect":"Allow","Action":"s3:ListBucket","Resource":"*""#,
                &["EMPTY_SID_VALUE /Sid"],
            ),
            (
                r#""Sid":"a b","Effect":"Allow","Action":"s3:ListBucket","Resource":"*""#,
                &["UNSUPPORTED_SID /Sid"],
            ),
            (
                r#""Sid":"a","Effekt":"x","Effect":"Allow","Action":"s3:ListBucket","Resource":"*""#,
                &["INVALID_POLICY_ELEMENT /Effekt"],
            ),
            (
                r#""Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"*""#,
                &["UNSUPPORTED_PRINCIPAL /Principal"],
            ),
            // One mistake doesn't hide another.
            (
                r#""Effect":"Permit","Action":["s3:Nothing"],"Resource":"x","X":1"#,
                &[
                    "INVALID_ACTION /Action/0",
                    "INVALID_EFFECT /Effect",
                    "INVALID_ARN_PREFIX /Resource",
                    "INVALID_POLICY_ELEMENT /X",
                ],
            ),
        ],
    );
}

#[test]
fn actions_exist() {
    let action = |name: &str| format!(r#""Effect":"Deny","Action":["{name}"],"Resource":"*""#);
    let cases: &[(&str, &[&str])] = &[
        ("*", &[]),
        ("s3:*", &[]),
        ("S3:getobject", &[]),
        ("s3:Get?bject", &[]),
        ("*:GetObject", &[]),
        ("s3:HeadObject", &["INVALID_ACTION /Action/0"]),
        ("lambda:Invoke", &["INVALID_ACTION /Action/0"]),
        ("s3:NoSuch*", &["INVALID_ACTION /Action/0"]),
        ("s3", &["INVALID_ACTION /Action/0"]),
        ("", &["INVALID_ACTION /Action/0"]),
        (":GetObject", &["INVALID_ACTION /Action/0"]),
        ("s4:GetObject", &["INVALID_SERVICE_IN_ACTION /Action/0"]),
        ("s4:*", &["INVALID_SERVICE_IN_ACTION /Action/0"]),
        ("s3:${aws:username}", &["VARIABLE_UNSUPPORTED_IN_ELEMENT /Action/0"]),
    ];
    for (name, expected) in cases {
        statements(&I, &[(&action(name), expected)]);
    }
    let details = |name: &str| {
        let json = format!(r#"{{"Version":"2012-10-17","Statement":{{{}}}}}"#, action(name));
        validate(json.as_bytes(), Some(I.clone()))[0].details.clone()
    };
    assert!(details("s3:GetObjects").contains("Did you mean s3:GetObject"), "{}", details("s3:GetObjects"));
}

#[test]
fn resources_have_a_form_of_their_service() {
    let cases: &[(&str, &[&str])] = &[
        ("arn:aws:s3:::bucket/*", &[]),
        ("arn:*:s3:::bucket", &[]),
        ("arn:aws:sqs:*:*:queue", &[]),
        ("arn:aws:ec2:${aws:RequestedRegion}:*:instance/*", &[]),
        ("arn:aws:kms:*:${aws:PrincipalAccount}:key/*", &[]),
        ("arn:aws:ssm:*::document/AWS-RunShellScript", &[]),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", &[]),
        ("arn:aws:s3*", &[]),
        ("arn:aws:backup:*:*:recovery-point:*", &[]),
        ("bucket", &["INVALID_ARN_PREFIX"]),
        ("urn:aws:s3:::bucket", &["INVALID_ARN_PREFIX"]),
        ("arn:aws:s3:bucket", &["MISSING_ARN_FIELD"]),
        ("arn:amazon:s3:::bucket", &["INVALID_PARTITION"]),
        ("arn:aws:S3:::bucket", &["INVALID_ARN_SERVICE_CASE"]),
        ("arn:aws:*code*::111122223333:*", &["WILDCARD_IN_SERVICE_NAME"]),
        ("arn:aws:sqs:europe:111122223333:queue", &["INVALID_ARN_REGION"]),
        ("arn:aws:sqs:eu-west-1:1111:queue", &["INVALID_ARN_ACCOUNT"]),
        ("arn:aws:iam::111122223333:rolle/x", &["INVALID_ARN_RESOURCE"]),
        ("arn:aws:cloudformation:*:*:stack/one", &["INVALID_ARN_RESOURCE"]),
        ("arn:aws:sqs::111122223333:queue", &["MISSING_ARN_REGION"]),
        ("arn:aws:iam:::role/x", &["MISSING_ARN_ACCOUNT"]),
        ("arn:aws:iam:eu-west-1:111122223333:role/x", &["ARN_REGION_NOT_ALLOWED"]),
        ("arn:aws:s3::111122223333:bucket", &["ARN_ACCOUNT_NOT_ALLOWED"]),
    ];
    for (text, expected) in cases {
        let members = format!(r#""Effect":"Allow","Action":"s3:ListBucket","Resource":["{text}"]"#);
        let expected: Vec<String> = expected.iter().map(|code| format!("{code} /Resource/0")).collect();
        statements(&I, &[(&members, &expected.iter().map(String::as_str).collect::<Vec<_>>())]);
    }
}

#[test]
fn what_another_covers_is_redundant() {
    statements(
        &I,
        &[
            // The example of AWS's reference: a partial overlap is not redundant.
            (
                r#""Effect":"Allow","Action":["iam:Get*","iam:List*","iam:GetCredentialReport"],"Resource":"*""#,
                &["REDUNDANT_ACTION /Action/2"],
            ),
            (r#""Effect":"Allow","Action":["iam:Get*","iam:*CredentialReport"],"Resource":"*""#, &[]),
            (
                r#""Effect":"Deny","Action":["s3:GetObject","S3:getobject","s3:*"],"Resource":"*""#,
                &["REDUNDANT_ACTION /Action/0", "REDUNDANT_ACTION /Action/1"],
            ),
            (
                r#""Effect":"Allow","Action":"iam:GetRole","Resource":["arn:aws:iam::111122223333:role/jane-admin",
                   "arn:aws:iam::111122223333:role/jane-s3only","arn:aws:iam::111122223333:role/jane*"]"#,
                &["REDUNDANT_RESOURCE /Resource/0", "REDUNDANT_RESOURCE /Resource/1"],
            ),
            (
                r#""Effect":"Allow","Action":"iam:GetRole","Resource":"*","Condition":{"NumericLessThan":
                   {"aws:MultiFactorAuthAge":["2700","3600"]}}"#,
                &["REDUNDANT_CONDITION_VALUE_NUM /Condition/NumericLessThan/aws:MultiFactorAuthAge"],
            ),
        ],
    );
    table(
        &I,
        &[
            (
                r#"{"Version":"2012-10-17","Statement":[
                    {"Sid":"A","Effect":"Allow","Action":["s3:ListBucket","s3:GetObject"],"Resource":"*"},
                    {"Sid":"B","Effect":"Allow","Action":["s3:getobject","s3:ListBucket"],"Resource":["*"]}]}"#,
                &["REDUNDANT_STATEMENT /Statement/0", "REDUNDANT_STATEMENT /Statement/1"],
            ),
            (
                r#"{"Version":"2012-10-17","Statement":[
                    {"Sid":"A","Effect":"Allow","Action":"s3:ListBucket","Resource":"*"},
                    {"Sid":"A","Effect":"Deny","Action":"s3:ListBucket","Resource":"*"}]}"#,
                &["UNIQUE_SIDS_REQUIRED /Statement/1/Sid"],
            ),
        ],
    );
}

#[test]
fn passing_roles_and_creating_service_linked_ones() {
    let roles = r#""Resource":"arn:aws:iam::*:role/*""#;
    let cases: Vec<(String, &[&str])> = vec![
        (
            r#""Effect":"Allow","Action":"iam:PassRole","Resource":"*""#.into(),
            &["PASS_ROLE_WITH_STAR_IN_RESOURCE /Action", "PASS_ROLE_WITH_STAR_IN_RESOURCE /Resource"],
        ),
        (
            format!(r#""Effect":"Allow","Action":["s3:ListBucket","IAM:passrole"],{roles}"#),
            &["PASS_ROLE_WITH_STAR_IN_RESOURCE /Action/1", "PASS_ROLE_WITH_STAR_IN_RESOURCE /Resource"],
        ),
        (
            r#""Effect":"Allow","Action":"iam:Pass*","Resource":"*""#.into(),
            &[
                "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE /Action",
                "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE /Resource",
            ],
        ),
        (
            r#""Effect":"Allow","NotAction":"iam:Create*","Resource":"*""#.into(),
            &[
                "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION /NotAction",
                "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION /Resource",
            ],
        ),
        (
            r#""Effect":"Allow","Action":"iam:PassRole","NotResource":"arn:aws:iam::111122223333:role/a""#
                .into(),
            &["PASS_ROLE_WITH_NOT_RESOURCE /Action", "PASS_ROLE_WITH_NOT_RESOURCE /NotResource"],
        ),
        (
            r#""Effect":"Allow","Action":"iam:P*","NotResource":"arn:aws:iam::111122223333:role/a""#.into(),
            &[
                "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE /Action",
                "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE /NotResource",
            ],
        ),
        (
            r#""Effect":"Allow","NotAction":"iam:C*","NotResource":"arn:aws:iam::111122223333:role/a""#
                .into(),
            &[
                "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE /NotAction",
                "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE /NotResource",
            ],
        ),
        (
            r#""Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"*""#.into(),
            &["CREATE_SLR_WITH_STAR_IN_RESOURCE /Action", "CREATE_SLR_WITH_STAR_IN_RESOURCE /Resource"],
        ),
        (
            r#""Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"*","Condition":
               {"StringLike":{"iam:AWSServiceName":"*a4b.amazonaws.com"}}"#
                .into(),
            &["CREATE_SLR_WITH_STAR_IN_RESOURCE /Action", "CREATE_SLR_WITH_STAR_IN_RESOURCE /Resource"],
        ),
        (r#""Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::${aws:PrincipalAccount}:role/*""#.into(), &[
            "PASS_ROLE_WITH_STAR_IN_RESOURCE /Action",
            "PASS_ROLE_WITH_STAR_IN_RESOURCE /Resource",
        ]),
        // What holds without the key, or for all services but one, is no condition on the receiver.
        (
            r#""Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":
               {"StringEqualsIfExists":{"iam:PassedToService":"ec2.amazonaws.com"}}"#
                .into(),
            &["PASS_ROLE_WITH_STAR_IN_RESOURCE /Action", "PASS_ROLE_WITH_STAR_IN_RESOURCE /Resource"],
        ),
        (
            r#""Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":
               {"StringNotEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}"#
                .into(),
            &["PASS_ROLE_WITH_STAR_IN_RESOURCE /Action", "PASS_ROLE_WITH_STAR_IN_RESOURCE /Resource"],
        ),
        (
            r#""Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"*","Condition":
               {"StringEqualsIfExists":{"iam:AWSServiceName":"spot.amazonaws.com"}}"#
                .into(),
            &["CREATE_SLR_WITH_STAR_IN_RESOURCE /Action", "CREATE_SLR_WITH_STAR_IN_RESOURCE /Resource"],
        ),
        // A condition, a name, a Deny, or an exception makes it safe.
        (
            r#""Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":
               {"StringEquals":{"iam:passedtoservice":"ec2.amazonaws.com"}}"#
                .into(),
            &[],
        ),
        (
            r#""Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":
               {"StringLike":{"iam:PassedToService":"ec2.amazonaws.com*"}}"#
                .into(),
            &[],
        ),
        (
            r#""Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"*","Condition":
               {"StringEquals":{"iam:AWSServiceName":"spot.amazonaws.com"}}"#
                .into(),
            &[],
        ),
        (r#""Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::*:role/Service*""#.into(), &[]),
        (r#""Effect":"Deny","Action":"iam:PassRole","Resource":"*""#.into(), &[]),
        (r#""Effect":"Deny","Action":"*","Resource":"*""#.into(), &[]),
        (r#""Effect":"Allow","NotAction":"iam:*","Resource":"*""#.into(), &[]),
        (
            r#""Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::*:instance-profile/*""#
                .into(),
            &[],
        ),
    ];
    for (members, expected) in cases {
        statements(&I, &[(&members, expected)]);
    }
    let everything =
        found(r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#, &I);
    let codes: std::collections::BTreeSet<&str> = everything.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(
        codes.into_iter().collect::<Vec<_>>(),
        ["CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"]
    );
}

#[test]
fn condition_operators_and_keys() {
    conditions(&[
        (r#""StringEquals":{"aws:PrincipalTag/team":"a"}"#, &[]),
        ("", &["EMPTY_OBJECT_CONDITION "]),
        (r#""StringEquals":{}"#, &["EMPTY_OBJECT_CONDITION /StringEquals"]),
        (r#""StringEqual":{"s3:prefix":"a"}"#, &["INVALID_CONDITION_OPERATOR /StringEqual"]),
        (r#""NullIfExists":{"s3:prefix":"true"}"#, &["NULL_WITH_IF_EXISTS /NullIfExists"]),
        (
            r#""ForAnyValue:Null":{"aws:TagKeys":"true"}"#,
            &["NULL_WITH_QUALIFIER /ForAnyValue:Null/aws:TagKeys"],
        ),
        (r#""StringEquals":{"prefix":"a"}"#, &["INVALID_CONDITION_KEY_FORMAT /StringEquals/prefix"]),
        (
            r#""StringEquals":{"aws:Nothing":"a"}"#,
            &["INVALID_GLOBAL_CONDITION_KEY /StringEquals/aws:Nothing"],
        ),
        (r#""StringEquals":{"s3:nothing":"a"}"#, &["INVALID_SERVICE_CONDITION_KEY /StringEquals/s3:nothing"]),
        (r#""StringEquals":{"s4:prefix":"a"}"#, &["INVALID_SERVICE /StringEquals/s4:prefix"]),
        (r#""StringEquals":{"secretsmanager:ResourceTag/team":"a"}"#, &[]),
        (r#""StringEquals":{"token.actions.githubusercontent.com:aud":"a","saml:aud":"b"}"#, &[]),
        (
            r#""StringEquals":{"aws:ResourceTag":"a"}"#,
            &["MISSING_TAG_KEY_IN_CONDITION /StringEquals/aws:ResourceTag"],
        ),
        (r#""ArnLike":{"aws:ARN":"a"}"#, &["DEPRECATED_GLOBAL_CONDITION_KEY /ArnLike/aws:ARN"]),
        (
            r#""StringEquals":{"s3:prefix":"a","S3:Prefix":"b"}"#,
            &["DUPLICATE_KEYS_WITH_DIFFERENT_CASE /StringEquals/S3:Prefix"],
        ),
        (r#""StringEquals":{"aws:TagKeys":"a"}"#, &["MISSING_QUALIFIER /StringEquals/aws:TagKeys"]),
        (r#""Null":{"aws:TagKeys":"false"}"#, &[]),
        (
            r#""ForAllValues:StringEquals":{"aws:username":"a"}"#,
            &["FORALLVALUES_WITH_SINGLE_VALUED_KEY /ForAllValues:StringEquals/aws:username"],
        ),
        (
            r#""ForAnyValue:StringEquals":{"accounts.google.com:aud":"a"}"#,
            &["FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE /ForAnyValue:StringEquals/accounts.google.com:aud"],
        ),
        (
            r#""StringEquals":{"aws:SecureTransport":"true"}"#,
            &["TYPE_MISMATCH /StringEquals/aws:SecureTransport"],
        ),
        (
            r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}"#,
            &["STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS /StringLike/aws:PrincipalArn"],
        ),
        (r#""StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/x"}"#, &[]),
        (
            r#""StringEquals":{"aws:UserAgent":"x"}"#,
            &["UNTRUSTWORTHY_CONDITION_KEY /StringEquals/aws:UserAgent"],
        ),
        (
            r#""IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}"#,
            &["MISSING_PAIRED_CONDITION_KEYS /IpAddress/aws:VpcSourceIp"],
        ),
        (
            r#""StringNotLike":{"s3:prefix":"a/*"}"#,
            &["S3_PREFIX_IN_NEGATIVE_CONTEXT /StringNotLike/s3:prefix"],
        ),
        (
            r#""ForAllValues:StringEquals":{"dynamodb:Attributes":["a"]}"#,
            &["DYNAMODB_ATTRIBUTES_WITHOUT_SELECT /ForAllValues:StringEquals/dynamodb:Attributes"],
        ),
    ]);
}

#[test]
fn condition_values() {
    conditions(&[
        (r#""StringEquals":{"s3:prefix":[]}"#, &["EMPTY_ARRAY_CONDITION /StringEquals/s3:prefix"]),
        (
            r#""ForAllValues:StringEquals":{"aws:TagKeys":[]}"#,
            &["EMPTY_ARRAY_CONDITION_FORALLVALUES /ForAllValues:StringEquals/aws:TagKeys"],
        ),
        (
            r#""ForAnyValue:StringEquals":{"aws:TagKeys":[]}"#,
            &["EMPTY_ARRAY_CONDITION_FORANYVALUE /ForAnyValue:StringEquals/aws:TagKeys"],
        ),
        (
            r#""StringEqualsIfExists":{"s3:prefix":[]}"#,
            &["EMPTY_ARRAY_CONDITION_IFEXISTS /StringEqualsIfExists/s3:prefix"],
        ),
        (
            r#""StringEquals":{"s3:prefix":null}"#,
            &["DATA_TYPE_MISMATCH /StringEquals/s3:prefix", "EMPTY_ARRAY_CONDITION /StringEquals/s3:prefix"],
        ),
        (r#""StringEquals":{"s3:prefix":["a",1]}"#, &["INVALID_CONDITION_DATA_TYPE /StringEquals/s3:prefix"]),
        (r#""StringEquals":{"s3:prefix":"a*"}"#, &["WILDCARD_WITHOUT_LIKE_OPERATOR /StringEquals/s3:prefix"]),
        (
            r#""StringLike":{"aws:PrincipalOrgID":["o-*"]}"#,
            &["WILDCARD_USAGE_TOO_PERMISSIVE /StringLike/aws:PrincipalOrgID/0"],
        ),
        (r#""Bool":{"aws:SecureTransport":"yes"}"#, &["TYPE_MISMATCH_BOOLEAN /Bool/aws:SecureTransport"]),
        (
            r#""Bool":{"aws:SecureTransport":["true","false"]}"#,
            &["INVALID_CONDITION_MULTIPLE_BOOLEAN /Bool/aws:SecureTransport"],
        ),
        (
            r#""NumericLessThan":{"aws:MultiFactorAuthAge":"x"}"#,
            &["TYPE_MISMATCH_NUMBER /NumericLessThan/aws:MultiFactorAuthAge"],
        ),
        (
            r#""DateLessThan":{"aws:CurrentTime":"tomorrow"}"#,
            &["TYPE_MISMATCH_DATE /DateLessThan/aws:CurrentTime"],
        ),
        (
            r#""DateLessThan":{"aws:CurrentTime":"1767225600"}"#,
            &["INVALID_DATE_VALUE /DateLessThan/aws:CurrentTime"],
        ),
        (
            r#""DateLessThan":{"aws:CurrentTime":["2026","2026-01","2026-01-31","2026-01-31T12:00Z",
            "2026-01-31T12:00:00+01:00"]}"#,
            &[],
        ),
        (
            r#""IpAddress":{"aws:SourceIp":"203.0.113.256"}"#,
            &["TYPE_MISMATCH_IP_RANGE /IpAddress/aws:SourceIp"],
        ),
        (
            r#""IpAddress":{"aws:SourceIp":["203.0.113.7/24","2001:db8::/32"]}"#,
            &["IMPROVE_IP_RANGE /IpAddress/aws:SourceIp/0"],
        ),
        (r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#, &["PRIVATE_IP_ADDRESS /IpAddress/aws:SourceIp"]),
        (
            r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24"]}"#,
            &["PRIVATE_IP_ADDRESS_SUBSET /IpAddress/aws:SourceIp"],
        ),
        (
            r#""NotIpAddress":{"aws:SourceIp":"192.168.1.0/24"}"#,
            &["PRIVATE_NOT_IP_ADDRESS /NotIpAddress/aws:SourceIp"],
        ),
        (
            r#""NotIpAddress":{"aws:SourceIp":["192.168.1.0/24","203.0.113.1"]}"#,
            &["PRIVATE_NOT_IP_ADDRESS_SUBSET /NotIpAddress/aws:SourceIp"],
        ),
        (
            r#""BinaryEquals":{"s3:prefix":"%"}"#,
            &["TYPE_MISMATCH /BinaryEquals/s3:prefix", "TYPE_MISMATCH_STRING /BinaryEquals/s3:prefix"],
        ),
        (r#""StringEquals":{"aws:SourceVpc":"vpc-1"}"#, &["INVALID_VPC_FORMAT /StringEquals/aws:SourceVpc"]),
        (
            r#""StringEquals":{"aws:SourceVpce":"vpc-12345678"}"#,
            &["INVALID_VPCE_FORMAT /StringEquals/aws:SourceVpce"],
        ),
        (
            r#""StringEquals":{"aws:RequestedRegion":["eu-west-1","europe"]}"#,
            &["INVALID_REGION /StringEquals/aws:RequestedRegion/1"],
        ),
        (
            r#""StringEquals":{"kms:ViaService":["s3.amazonaws.com","S3.eu-west-1.amazonaws.com",
               "s3.eu-west-1.amazonaws.com","ec2.cn-north-1.amazonaws.com.cn"]}"#,
            &[
                "INVALID_SERVICE_PRINCIPAL_FORMAT /StringEquals/kms:ViaService/0",
                "INVALID_SERVICE_PRINCIPAL_FORMAT /StringEquals/kms:ViaService/1",
            ],
        ),
        (r#""StringLike":{"kms:ViaService":"s3.*.amazonaws.com"}"#, &[]),
        (
            r#""StringEquals":{"iam:PassedToService":"ec2"}"#,
            &["INVALID_SERVICE_PRINCIPAL_FORMAT /StringEquals/iam:PassedToService"],
        ),
    ]);
}

#[test]
fn variables_are_well_formed_and_in_their_place() {
    let cases: &[(&str, &[&str])] = &[
        ("${aws:username}", &[]),
        ("${aws:PrincipalTag/my team, 'none'}", &[]),
        ("${*}${?}${$}", &[]),
        ("${aws:username", &["MISSING_BRACE_IN_VARIABLE"]),
        ("${}", &["EMPTY_VARIABLE"]),
        ("${aws: username}", &["UNSUPPORTED_SPACE_IN_VARIABLE"]),
        ("${aws:username, none}", &["MISSING_QUOTE_IN_VARIABLE"]),
    ];
    for (text, expected) in cases {
        let members =
            format!(r#""Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::{text}""#);
        let expected: Vec<String> = expected.iter().map(|code| format!("{code} /Resource")).collect();
        statements(&I, &[(&members, &expected.iter().map(String::as_str).collect::<Vec<_>>())]);
    }
    conditions(&[(
        r#""Bool":{"aws:SecureTransport":"${aws:username}"}"#,
        &["INVALID_VARIABLE_FOR_OPERATOR /Bool/aws:SecureTransport"],
    )]);
    table(
        &I,
        &[(
            r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::${aws:username}"}}"#,
            &["VARIABLE_UNSUPPORTED_IN_VERSION /Statement/Resource"],
        )],
    );
}

#[test]
fn tags_that_a_service_does_not_know() {
    // sts:GetCallerIdentity takes no tags; ec2:StartInstances does.
    let tag = r#""Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}"#;
    let at = "/Condition/StringEquals/aws:ResourceTag~1team";
    let cases = [
        (
            r#""Effect":"Allow","Action":["ec2:StartInstances","s3:ListAllMyBuckets"]"#,
            "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        ),
        (
            r#""Effect":"Allow","Action":["ec2:StartInstances","ec2:DescribeInstances"]"#,
            "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        ),
        (
            r#""Effect":"Deny","Action":"s3:ListAllMyBuckets""#,
            "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        ),
        (
            r#""Effect":"Allow","NotAction":"iam:*""#,
            "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        ),
        (
            r#""Effect":"Deny","NotAction":"iam:*""#,
            "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        ),
    ];
    for (members, code) in cases {
        let members = format!(r#"{members},"Resource":"*",{tag}"#);
        statements(&I, &[(&members, &[&format!("{code} {at}")])]);
    }
    // One action that knows the key doesn't excuse another of its service; behind a wildcard one is enough.
    for fine in [r#""ec2:StartInstances""#, r#"["ec2:*Instances","rds:StopDBInstance"]"#, r#""*""#] {
        let fine = format!(r#""Effect":"Deny","Action":{fine},"Resource":"*",{tag}"#);
        statements(&I, &[(&fine, &[])]);
    }
}

#[test]
fn keys_that_a_named_action_does_not_know() {
    let cases: &[(&str, &str, bool)] = &[
        (
            r#"["iam:PassRole","iam:GetRole"]"#,
            r#""StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}"#,
            true,
        ),
        (r#"["s3:ListBucket","s3:GetObject"]"#, r#""StringLike":{"s3:prefix":"a/*"}"#, true),
        (
            r#"["ec2:StartInstances","EC2:describeinstances"]"#,
            r#""StringEquals":{"ec2:ResourceTag/team":"a"}"#,
            true,
        ),
        // Another service's actions hold the key no more than these.
        (r#"["ec2:StartInstances","s3:GetObject"]"#, r#""StringEquals":{"ec2:Region":"eu-west-1"}"#, true),
        (r#""s3:ListBucket""#, r#""StringLike":{"s3:prefix":"a/*"}"#, false),
        (r#""ec2:StartInstances""#, r#""StringEquals":{"ec2:ResourceTag/team":"a"}"#, false),
        // Not judged: wildcards, conditions that allow for the key's absence, and keys that speak of the caller.
        (r#"["s3:ListBucket","s3:Get*"]"#, r#""StringLike":{"s3:prefix":"a/*"}"#, false),
        (r#"["s3:ListBucket","s3:GetObject"]"#, r#""StringLikeIfExists":{"s3:prefix":"a/*"}"#, false),
        (r#"["s3:ListBucket","s3:GetObject"]"#, r#""Null":{"s3:prefix":"true"}"#, false),
        (
            r#""s3:GetObject""#,
            r#""ArnLike":{"lambda:SourceFunctionArn":"arn:aws:lambda:*:111122223333:function:f"}"#,
            false,
        ),
        (r#""s3:GetObject""#, r#""StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#, false),
    ];
    for (actions, block, reported) in cases {
        let members = format!(
            r#""Effect":"Allow","Action":{actions},"Resource":"arn:aws:s3:::b","Condition":{{{block}}}"#
        );
        let codes: Vec<String> =
            found(&format!(r#"{{"Version":"2012-10-17","Statement":{{{members}}}}}"#), &I)
                .into_iter()
                .map(|(code, at)| format!("{code} {}", at.split('/').take(3).collect::<Vec<_>>().join("/")))
                .collect();
        let expected: &[&str] =
            if *reported { &["UNSUPPORTED_ACTION_FOR_CONDITION_KEY /Statement/Condition"] } else { &[] };
        assert_eq!(codes, expected, "{members}");
    }
}

#[test]
fn principals_of_resource_policies() {
    let bucket = resource("AWS::S3::Bucket");
    let rest = r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*""#;
    let cases: &[(&str, &[&str])] = &[
        (r#""Effect":"Allow","Principal":"*""#, &[]),
        (
            r#""Effect":"Allow","Principal":{"AWS":["*","111122223333","arn:aws:iam::111122223333:root"]}"#,
            &[],
        ),
        (r#""Effect":"Allow""#, &["MISSING_PRINCIPAL"]),
        (r#""Effect":"Allow","Principal":"111122223333""#, &["INVALID_PRINCIPAL_FORMAT /Principal"]),
        (r#""Effect":"Allow","Principal":{"AWS":"ana"}"#, &["INVALID_PRINCIPAL_FORMAT /Principal/AWS"]),
        (r#""Effect":"Allow","Principal":{"Aws":"*"}"#, &["INVALID_PRINCIPAL_KEY /Principal/Aws"]),
        (r#""Effect":"Allow","Principal":{}"#, &["EMPTY_OBJECT_PRINCIPAL /Principal"]),
        (r#""Effect":"Allow","Principal":{"AWS":[]}"#, &["EMPTY_ARRAY_PRINCIPAL /Principal/AWS"]),
        (
            r#""Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/*"}"#,
            &["UNSUPPORTED_WILDCARD_IN_PRINCIPAL /Principal/AWS"],
        ),
        (
            r#""Effect":"Allow","NotPrincipal":{"AWS":"111122223333"}"#,
            &["ALLOW_WITH_NOT_PRINCIPAL /NotPrincipal"],
        ),
        (r#""Effect":"Deny","NotPrincipal":{"AWS":"111122223333"}"#, &[]),
        (
            r#""Effect":"Allow","Principal":{"AWS":"AROACKCEVSQ6C2EXAMPLE"}"#,
            &["INVALID_ROLE_REFERENCE /Principal/AWS"],
        ),
        (
            r#""Effect":"Allow","Principal":{"AWS":"AIDACKCEVSQ6C2EXAMPLE"}"#,
            &["INVALID_USER_REFERENCE /Principal/AWS"],
        ),
        (
            r#""Effect":"Allow","Principal":{"Service":"s3"}"#,
            &[
                "INVALID_SERVICE_PRINCIPAL_FORMAT /Principal/Service",
                "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL /Principal/Service",
            ],
        ),
        (
            r#""Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"}"#,
            &["RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL /Principal/Service"],
        ),
        (
            r#""Effect":"Allow","Principal":{"Federated":"graph.facebook.com"}"#,
            &["FEDERATED_PRINCIPAL_NOT_SUPPORTED /Principal/Federated"],
        ),
        (r#""Sid":"free text","Effect":"Allow","Principal":"*""#, &[]),
    ];
    for (members, expected) in cases {
        statements(&bucket, &[(&format!("{members},{rest}"), expected)]);
    }
    statements(
        &bucket,
        &[(
            r#""Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-west-1:111122223333:key/a""#,
            &["UNSUPPORTED_ACTION_IN_POLICY /Action", "UNSUPPORTED_RESOURCE_ARN_IN_POLICY /Resource"],
        )],
    );
    table(
        &bucket,
        &[(
            r#"{"Version":"2012-10-17","Statement":[
            {"Sid":"a","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},
            {"Sid":"a","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#,
            &["UNIQUE_SIDS_RECOMMENDED /Statement/1/Sid"],
        )],
    );
}

#[test]
fn trust_policies() {
    let github = r#""Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#;
    let web = r#""Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity""#;
    let cases: Vec<(String, &[&str])> = vec![
        (r#""Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole""#.into(), &[]),
        (r#""Effect":"Allow","Principal":"*","Action":"sts:AssumeRole""#.into(), &[
            "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL /Principal",
        ]),
        (r#""Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"sts:AssumeRole""#.into(), &[
            "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL /NotPrincipal",
        ]),
        (
            r#""Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Resource":"*""#.into(),
            &["ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE /Resource"],
        ),
        (
            r#""Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/a","arn:aws:sts::111122223333:assumed-role/a/s"]},"Action":"sts:AssumeRole""#
                .into(),
            &["REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY /Principal/AWS/1"],
        ),
        (format!(r#"{web},"Principal":{{"AWS":"111122223333"}}"#), &["MISMATCHED_ACTION_FOR_PRINCIPAL /Action"]),
        (format!(r#"{web},"Principal":{{"Federated":"x"}}"#), &[
            "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY /Principal/Federated",
        ]),
        (format!(r#"{web},"Principal":{{"Federated":"graph.facebook.com"}}"#), &[
            "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL /Principal/Federated",
        ]),
        (format!("{web},{github}"), &["MISSING_GITHUB_REPO_CONDITION_KEY /Principal/Federated"]),
        (
            format!(r#"{web},{github},"Condition":{{"StringLike":{{"token.actions.githubusercontent.com:sub":"repo:org/*"}}}}"#),
            &["SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED /Condition/StringLike/token.actions.githubusercontent.com:sub"],
        ),
        (
            format!(r#"{web},{github},"Condition":{{"StringLike":{{"token.actions.githubusercontent.com:sub":"repo:org/a:*"}}}}"#),
            &[],
        ),
        (r#""Effect":"Allow","Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":"sts:AssumeRole""#.into(), &[
            "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY /Principal/Service",
        ]),
    ];
    for (members, expected) in cases {
        statements(&resource(TRUST_POLICY), &[(&members, expected)]);
    }
}

#[test]
fn policies_of_organisations() {
    let scp = Kind::of(PolicyType::Scp);
    statements(
        &scp,
        &[
            (r#""Effect":"Allow","Action":"*","Resource":"*""#, &[]),
            (
                r#""Effect":"Deny","Action":"s3:*Object","Resource":"*""#,
                &["SCP_SYNTAX_ERROR_ACTION_WILDCARD /Action"],
            ),
            (
                r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*""#,
                &["SCP_SYNTAX_ERROR_PRINCIPAL /Principal"],
            ),
        ],
    );
    let rcp = Kind::of(PolicyType::Rcp);
    statements(
        &rcp,
        &[
            (r#""Effect":"Allow","Principal":"*","Action":"*","Resource":"*""#, &[]),
            (r#""Effect":"Deny","Action":"s3:*","Resource":"*""#, &["MISSING_PRINCIPAL"]),
            (
                r#""Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*""#,
                &["RCP_SYNTAX_ERROR_PRINCIPAL /Principal"],
            ),
            (
                r#""Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*""#,
                &["RCP_SYNTAX_ERROR_NOTACTION /NotAction"],
            ),
            (
                r#""Effect":"Deny","Principal":"*","Action":"iam:*","Resource":"*""#,
                &["RCP_SYNTAX_ERROR_ACTION /Action"],
            ),
            (
                r#""Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b""#,
                &["RCP_SYNTAX_ERROR_ALLOW"],
            ),
            (
                r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#,
                &[
                    "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY /Condition/StringNotEquals/aws:PrincipalOrgID",
                ],
            ),
            (
                r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceOrgID":"o-1"}}"#,
                &[
                    "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY /Condition/StringNotEquals/aws:SourceOrgID",
                    "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK /Condition/StringNotEquals/aws:SourceOrgID",
                ],
            ),
        ],
    );
}

#[test]
fn sizes_are_counted_without_white_space() {
    let policy = |size: usize| {
        let start = r#"{"Version":"2012-10-17","Id":""#;
        let end =
            r#"","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Principal":"*"}}"#;
        format!("{start}{}{end}{}", "x".repeat(size - start.len() - end.len()), " \n".repeat(5_000))
    };
    let cases = [
        (I.clone(), 6_144, "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"),
        (Kind::of(PolicyType::Scp), 5_120, "POLICY_SIZE_EXCEEDS_SCP_QUOTA"),
        (Kind::of(PolicyType::Rcp), 5_120, "POLICY_SIZE_EXCEEDS_RCP_QUOTA"),
        (resource("AWS::S3::Bucket"), 20_480, "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA"),
        (resource(TRUST_POLICY), 2_048, "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA"),
    ];
    for (kind, limit, code) in cases {
        let exceeds = |size| found(&policy(size), &kind).iter().any(|(found, _)| found == code);
        assert!(!exceeds(limit) && exceeds(limit + 1), "{code}");
    }
}

#[test]
fn the_kind_is_guessed_from_the_principal() {
    let guess = |json: &str| Kind::guess(&Node::parse(json.as_bytes()).unwrap());
    assert_eq!(guess(r#"{"Statement":{"Action":"s3:*"}}"#), I);
    assert_eq!(guess(r#"{"Statement":[{"Principal":"*","Action":"s3:*","Resource":"*"}]}"#), resource(""));
    assert_eq!(
        guess(r#"{"Statement":{"Principal":{},"Action":["sts:AssumeRole"]}}"#),
        resource(TRUST_POLICY)
    );
    assert_eq!(guess("[]"), I);
}

#[test]
fn a_finding_is_written_as_its_contract_says() {
    let json = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:HeadObject"],"Resource":"*"}]}"#;
    let finding = serde_json::to_value(&validate(json.as_bytes(), None)[0]).unwrap();
    assert_eq!(finding["findingType"], "ERROR");
    assert_eq!(finding["issueCode"], "INVALID_ACTION");
    assert!(finding["findingDetails"].as_str().unwrap().contains("s3:HeadObject"));
    assert!(finding["learnMore"].as_str().unwrap().ends_with("-error-invalid-action"));
    assert_eq!(
        finding["locations"],
        serde_json::json!([{
            "pointer": "/Statement/0/Action/0",
            "path": [{"value": "Statement"}, {"index": 0}, {"value": "Action"}, {"index": 0}],
        }])
    );
}

#[test]
fn the_url_encoded_form_is_read_too() {
    assert_eq!(found("%7B%7D", &I).len(), 2);
}
