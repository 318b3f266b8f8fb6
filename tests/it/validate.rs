//! `alpha policy validate`: its two outputs, its exit status, bad input, and AWS's own policies.

use std::collections::{BTreeMap, BTreeSet};

use alpha::iam::validate::{FindingType, Kind, PolicyType, validate};

use crate::support::{alpha, scratch, shared};

const FINE: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#;
const MISSPELT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:HeadObject"],"Resource":"*"}]}"#;

#[test]
fn an_error_is_exit_status_1_and_less_is_0() {
    assert_eq!(alpha(&["policy", "validate", "-"], FINE.as_bytes()).status, 0);
    assert_eq!(alpha(&["policy", "validate", "-"], MISSPELT.as_bytes()).status, 1);
    let warned = r#"{"Statement":{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}}"#;
    let run = alpha(&["policy", "validate", "-"], warned.as_bytes());
    assert_eq!(run.status, 0);
    assert!(run.out.contains(
        "SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_RESOURCE at /Statement/Action, /Statement/Resource"
    ));
    assert!(run.out.contains("WARNING MISSING_VERSION at the top level"), "{}", run.out);
}

#[test]
fn text_names_file_weight_code_and_place_without_colour_when_piped() {
    let (_folder, path) = scratch("p.json", MISSPELT.as_bytes());
    let run = alpha(&["policy", "validate", &path], b"");
    let expected = format!("{path}: ERROR INVALID_ACTION at /Statement/0/Action/1: ");
    assert!(run.out.starts_with(&expected), "{}", run.out);
    assert!(!run.out.contains('\u{1b}'));
    assert!(run.out.ends_with("1 errors, 0 security warnings, 0 warnings, 0 suggestions\n"), "{}", run.out);
}

#[test]
fn json_has_an_entry_a_file_in_the_order_given() {
    let (_folder, path) = scratch("p.json", FINE.as_bytes());
    let run = alpha(&["policy", "validate", "--output", "json", "-", &path], MISSPELT.as_bytes());
    let reports: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(reports[0]["file"], "standard input");
    assert_eq!(reports[0]["findings"][0]["issueCode"], "INVALID_ACTION");
    assert_eq!(reports[0]["findings"][0]["locations"][0]["pointer"], "/Statement/0/Action/1");
    assert_eq!(reports[1], serde_json::json!({"file": path, "findings": []}));
}

#[test]
fn the_type_decides_which_rules_hold() {
    let codes = |arguments: &[&str], policy: &str| -> Vec<String> {
        let arguments = [&["policy", "validate", "--output", "json", "-"], arguments].concat();
        let reports: serde_json::Value =
            serde_json::from_str(&alpha(&arguments, policy.as_bytes()).out).unwrap();
        let findings = reports[0]["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding["issueCode"].as_str().unwrap().to_owned()).collect()
    };
    let principal = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#;
    assert_eq!(codes(&[], principal), [""; 0]);
    assert_eq!(codes(&["--type", "identity"], principal), ["UNSUPPORTED_PRINCIPAL"]);
    assert_eq!(codes(&["--type", "scp"], principal), ["SCP_SYNTAX_ERROR_PRINCIPAL"]);
    assert_eq!(codes(&["--type", "rcp"], principal), ["RCP_SYNTAX_ERROR_ALLOW"]);
    assert_eq!(codes(&["--type", "resource"], FINE), ["MISSING_PRINCIPAL"]);
    assert_eq!(
        codes(&["--resource-type", "AWS::KMS::Key"], principal),
        ["UNSUPPORTED_ACTION_IN_POLICY", "UNSUPPORTED_RESOURCE_ARN_IN_POLICY"]
    );
    let clash =
        alpha(&["policy", "validate", "--type", "scp", "--resource-type", "AWS::KMS::Key", "-"], b"{}");
    assert_eq!(clash.status, 2, "{}", clash.err);
}

#[test]
fn what_is_not_json_is_a_finding_and_what_cannot_be_read_is_none() {
    let deep = "[".repeat(10_000);
    let inputs: &[&[u8]] = &[b"", b"{\"Statement\":", b"{\xff", deep.as_bytes()];
    for input in inputs {
        let run = alpha(&["policy", "validate", "-"], input);
        assert_eq!(run.status, 1);
        assert!(run.out.contains("ERROR JSON_SYNTAX_ERROR at the top level"), "{}", run.out);
    }
    let large = vec![b' '; 10 << 20];
    let run = alpha(&["policy", "validate", "-"], &large);
    assert_eq!((run.status, run.out.as_str(), run.err.lines().count()), (1, "", 1), "{}", run.err);
    let (_folder, fine) = scratch("p.json", FINE.as_bytes());
    let run = alpha(&["policy", "validate", &fine, "/no/such/file.json"], b"");
    assert_eq!((run.status, run.out.as_str(), run.err.lines().count()), (1, "", 1), "{}", run.err);
    assert!(run.err.contains("/no/such/file.json"), "{}", run.err);
}

/// Policies that AWS's "IAM policy validation check reference" names as having a finding, as far as they are the same
/// today.
const NAMED_BY_AWS: &[(&str, &[&str])] = &[
    ("CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", &["IAMFullAccess"]),
    (
        "CREATE_SLR_WITH_STAR_IN_RESOURCE",
        &["AWSOrganizationsServiceTrustPolicy", "AlexaForBusinessFullAccess"],
    ),
    (
        "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        &[
            "AWSDataPipelineRole",
            "AWSElasticBeanstalkFullAccess",
            "AWSElasticBeanstalkService",
            "AWSLambdaFullAccess",
            "AWSOpsWorksFullAccess",
            "AWSOpsWorksRole",
            "AWSServiceRoleForAmazonEKSNodegroup",
            "AdministratorAccess-Amplify",
            "AmazonDynamoDBFullAccesswithDataPipeline",
            "AmazonEC2ContainerServiceFullAccess",
            "AmazonElasticMapReduceFullAccess",
        ],
    ),
    ("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", &["AWSSupportServiceRolePolicy", "ReadOnlyAccess"]),
    (
        "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
        &[
            "AWSCodePipeline_FullAccess",
            "AWSCodePipeline_ReadOnlyAccess",
            "AmazonSecurityLakeAdministrator",
            "S3UnlockBucketPolicy",
            "SQSUnlockQueuePolicy",
        ],
    ),
];

/// AWS keeps its own policies to its own grammar: a structural error in one of them is an error of ours. Actions and
/// services that were retired since, ARNs of forms that no reference lists, and sizes that only AWS may have, remain.
#[test]
fn aws_managed_policies_have_no_structural_error() {
    const KNOWN: &[&str] = &[
        "INVALID_ACTION",
        "INVALID_ARN_RESOURCE",
        "INVALID_SERVICE",
        "INVALID_SERVICE_CONDITION_KEY",
        "INVALID_SERVICE_IN_ACTION",
        "MISSING_ARN_REGION",
        "MISSING_QUALIFIER",
        "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
    ];
    let Some(corpus) = shared("aws-managed-policies.jsonl") else { return };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found: BTreeSet<(String, &str)> = BTreeSet::new();
    let mut policies = 0;
    for line in corpus.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let document = entry["document"].to_string();
        policies += 1;
        for finding in validate(document.as_bytes(), Some(Kind::of(PolicyType::Identity))) {
            *counts.entry(finding.issue.code()).or_default() += 1;
            found.insert((entry["name"].as_str().unwrap().to_owned(), finding.issue.code()));
            let known = finding.issue.weight() != FindingType::Error || KNOWN.contains(&finding.issue.code());
            assert!(known, "{}: {finding:?}", entry["name"]);
        }
    }
    assert!(policies > 1_000);
    for (code, names) in NAMED_BY_AWS {
        for name in *names {
            assert!(found.contains(&((*name).to_owned(), *code)), "{name} lacks {code}");
        }
    }
    assert_eq!(counts.get("PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"), Some(&1), "IAMFullAccess");
    assert!(counts["INVALID_ARN_RESOURCE"] < policies / 10, "{counts:?}");
}

/// Canonical writing of AWS's own policies changes none of their meaning, as far as that is decided without requests.
#[test]
fn aws_managed_policies_mean_the_same_in_canonical_form() {
    use alpha::iam::document::{Document, equal_in_meaning};
    let Some(corpus) = shared("aws-managed-policies.jsonl") else { return };
    for line in corpus.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let document = Document::parse(entry["document"].to_string().as_bytes()).unwrap();
        let canonical = document.canonical();
        assert_eq!(canonical.canonical(), canonical, "{}", entry["name"]);
        assert!(equal_in_meaning(&document, &canonical), "{}", entry["name"]);
        assert!(canonical.size() <= document.size() + 24, "{}", entry["name"]);
        assert_eq!(Document::parse(canonical.to_string_pretty().as_bytes()).as_ref(), Ok(&canonical));
    }
}
