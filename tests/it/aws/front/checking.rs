//! Second opinions: validation, comparison, simulation, and findings.

use aws_sdk_accessanalyzer::Client;
use aws_sdk_accessanalyzer::operation::get_finding_v2::GetFindingV2Output;
use aws_sdk_accessanalyzer::types::{
    Access, AccessCheckPolicyType, CheckAccessNotGrantedResult, CheckNoNewAccessResult, Criterion, PolicyType,
};
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType as Evaluated};
use serde_json::json;

use super::*;
use crate::support::aws::findings::{Analyzer, Finding};

#[tokio::test]
async fn a_policy_is_validated_page_by_page() {
    let front = Front::start();
    let world = World::new(&front).await;
    let client = Client::new(&world.sdk);
    let text = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["s3:HeadObject","iam:PassRole"],"Resource":"*"},{"Effect":"Allow","Action":"s3:x","Resource":"*"}]}"#;
    let asked = client.validate_policy().policy_document(text).policy_type(PolicyType::IdentityPolicy);
    let found = asked.max_results(1).into_paginator().items().send();
    let found: Vec<_> = found.collect::<Result<_, _>>().await.unwrap();
    let codes: Vec<&str> = found.iter().map(|finding| &*finding.issue_code).collect();
    assert_eq!(codes.iter().filter(|code| **code == "INVALID_ACTION").count(), 2, "{codes:?}");
    assert!(codes.contains(&"PASS_ROLE_WITH_STAR_IN_RESOURCE"), "{codes:?}");
    let path = found[0].locations[0].path();
    assert_eq!(path[0].as_value().unwrap(), "Statement");
}

#[tokio::test]
async fn new_access_and_granted_access_are_told_with_reasons_or_by_script() {
    let front = Front::start();
    let world = World::new(&front).await;
    let client = Client::new(&world.sdk);
    let (narrow, wide) = (allowing(&["s3:GetObject"], "arn:aws:s3:::b/*"), allowing(&["s3:*"], "*"));
    let compare = |new: &str, old: &str| {
        let asked = client.check_no_new_access().policy_type(AccessCheckPolicyType::IdentityPolicy);
        asked.new_policy_document(new).existing_policy_document(old).send()
    };
    let same = compare(&narrow, &wide).await.unwrap();
    assert_eq!((same.result, same.reasons), (Some(CheckNoNewAccessResult::Pass), Some(Vec::new())));
    let more = compare(&wide, &narrow).await.unwrap();
    assert_eq!(more.result, Some(CheckNoNewAccessResult::Fail));
    assert_eq!(more.reasons()[0].statement_index, Some(0));
    front.aws.opinions.next("CheckNoNewAccess", false, "scripted");
    let scripted = compare(&narrow, &wide).await.unwrap();
    assert_eq!(scripted.reasons()[0].description(), Some("scripted"));
    let broken = compare("{", &wide).await.unwrap_err().into_service_error();
    assert!(broken.is_invalid_parameter_exception());

    let grants = |policy: &str, access: Access| {
        let asked = client.check_access_not_granted().policy_type(AccessCheckPolicyType::IdentityPolicy);
        asked.policy_document(policy).access(access).send()
    };
    let access = |action: &str| Access::builder().actions(action).build();
    let on = |resource: &str| Access::builder().resources(resource).build();
    for (access, granted) in [
        (access("s3:GetObject"), true),
        (access("s3:PutObject"), false),
        (on("arn:aws:s3:::b/k"), true),
        (on("arn:aws:s3:::c/k"), false),
    ] {
        let answer = grants(&narrow, access).await.unwrap();
        let expected =
            if granted { CheckAccessNotGrantedResult::Fail } else { CheckAccessNotGrantedResult::Pass };
        assert_eq!(answer.result, Some(expected));
        assert_eq!(answer.reasons().len(), usize::from(granted));
    }
}

#[tokio::test]
async fn a_policy_is_simulated_and_what_the_context_lacks_is_named() {
    let front = Front::start();
    let world = World::new(&front).await;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},
        {"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"}}},
        {"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}]}"#;
    let asked = || {
        let asked = world.iam.simulate_custom_policy().policy_input_list(policy);
        asked.resource_arns("arn:aws:s3:::b/k").action_names("s3:GetObject")
    };
    let all =
        asked().action_names("s3:PutObject").action_names("s3:DeleteObject").action_names("s3:ListBucket");
    let results =
        all.max_items(2).into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    let decisions: Vec<_> = results.iter().map(|result| result.eval_decision.clone()).collect();
    let (allowed, denied, nothing) = (Evaluated::Allowed, Evaluated::ExplicitDeny, Evaluated::ImplicitDeny);
    assert_eq!(decisions, [allowed.clone(), nothing.clone(), denied, nothing.clone()]);
    assert_eq!(results[1].missing_context_values(), ["aws:PrincipalTag/team"]);

    let entry = ContextEntry::builder().context_key_name("aws:PrincipalTag/team").context_key_values("a");
    let entry = entry.context_key_type(ContextKeyTypeEnum::String).build();
    let given = world.iam.simulate_custom_policy().policy_input_list(policy).action_names("s3:PutObject");
    let given = given.resource_arns("arn:aws:s3:::b/k").context_entries(entry).send().await.unwrap();
    let [result] = given.evaluation_results() else { panic!("{given:?}") };
    assert_eq!((&result.eval_decision, result.missing_context_values().len()), (&allowed, 0));

    let boundary = allowing(&["ec2:*"], "*");
    let bounded = asked().permissions_boundary_policy_input_list(boundary).send().await.unwrap();
    let [result] = bounded.evaluation_results() else { panic!("{bounded:?}") };
    let detail = result.permissions_boundary_decision_detail().unwrap();
    assert_eq!((&result.eval_decision, detail.allowed_by_permissions_boundary), (&nothing, false));
}

#[tokio::test]
async fn findings_of_unused_access_are_listed_and_told_page_by_page() {
    let front = Front::start();
    let world = World::new(&front).await;
    let arn = format!("arn:aws:access-analyzer:us-east-1:{}:analyzer/unused", world.account);
    front.aws.findings.analyzer(Analyzer {
        arn: arn.clone(),
        kind: "ACCOUNT_UNUSED_ACCESS",
        status: "ACTIVE",
    });
    let role = format!("arn:aws:iam::{}:role/web", world.account);
    for (number, resource) in [&role, &role, &arn].into_iter().enumerate() {
        let details = ["s3", "sqs"].map(|service| {
            json!({"unusedPermissionDetails": {"serviceNamespace": service, "actions": [{"action": "GetObject"}]}})
        });
        let (id, analyzer, resource) = (format!("f-{number}"), arn.clone(), resource.clone());
        let details = details.to_vec();
        front.aws.findings.finding(Finding {
            id,
            analyzer,
            resource,
            kind: "UnusedPermission",
            status: "ACTIVE",
            details,
        });
    }
    let actions =
        ["access-analyzer:ListAnalyzers", "access-analyzer:ListFindings", "access-analyzer:GetFinding"];
    let client = Client::new(&granted(&front, &world, "bot", &allowing(&actions, "*")).await);
    let analyzers = client.list_analyzers().into_paginator().items().send();
    let analyzers = analyzers.collect::<Result<Vec<_>, _>>().await.unwrap();
    assert_eq!(analyzers[0].arn, arn);
    let of_role = Criterion::builder().eq(&role).build();
    let listed = client.list_findings_v2().analyzer_arn(&arn).filter("resource", of_role).max_results(1);
    let listed = listed.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    assert_eq!(listed.iter().map(|finding| &*finding.id).collect::<Vec<_>>(), ["f-0", "f-1"]);
    let told = client.get_finding_v2().analyzer_arn(&arn).id("f-0").max_results(1).into_paginator().send();
    let told = told.collect::<Result<Vec<_>, _>>().await.unwrap();
    let services = told.iter().flat_map(GetFindingV2Output::finding_details);
    let services: Vec<_> =
        services.map(|detail| detail.as_unused_permission_details().unwrap().service_namespace()).collect();
    assert_eq!(services, ["s3", "sqs"]);
    let missing = client.list_findings_v2().analyzer_arn(format!("{arn}-x")).send().await.unwrap_err();
    assert!(missing.into_service_error().is_resource_not_found_exception());
}
