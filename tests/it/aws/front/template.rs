//! The grants of the template, line by line: enough for the operation that they are for, and needed for it.

use std::collections::BTreeSet;

use aws_sdk_accessanalyzer::types::{
    Access, AccessCheckPolicyType, CloudTrailDetails, PolicyGenerationDetails, PolicyType, Trail,
};
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, KeysAndAttributes, ReturnValue, TransactWriteItem,
};
use aws_smithy_types::DateTime;

use super::*;
use crate::support::aws::deploy::Stack;
use crate::support::aws::world::{IN_SCOPE, without};

/// What a call comes to: a service's word, or that it went well.
fn said<T, E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(
    answer: Result<T, SdkError<E, R>>,
) -> String {
    answer.map_or_else(
        |error| error.code().unwrap_or_else(|| panic!("{error:?}")).to_owned(),
        |_| "done".to_owned(),
    )
}

/// Everything that is called, by the account's resources.
struct Calls<'a> {
    sdk: aws_types::SdkConfig,
    stack: &'a Stack,
    bucket: &'a str,
    account: &'a str,
    trail: &'a str,
}

impl Calls<'_> {
    /// The operation that an action is granted for; none where it isn't one of this service's, or not called.
    async fn call(&self, action: &str) -> Option<String> {
        let (service, name) = action.split_once(':').unwrap();
        match service {
            "access-analyzer" => self.access_analyzer(name).await,
            "cloudtrail" => self.cloudtrail(name).await,
            "dynamodb" => self.dynamodb(name).await,
            "iam" => self.iam(name).await,
            "logs" => self.logs(name).await,
            "s3" => self.s3(name).await,
            "secretsmanager" => {
                let client = aws_sdk_secretsmanager::Client::new(&self.sdk);
                Some(said(client.get_secret_value().secret_id("alpha/bot-token").send().await))
            }
            _ => None,
        }
    }

    async fn access_analyzer(&self, name: &str) -> Option<String> {
        let client = aws_sdk_accessanalyzer::Client::new(&self.sdk);
        let (policy, identity) = (allowing(&["s3:GetObject"], "*"), AccessCheckPolicyType::IdentityPolicy);
        let arn = format!("arn:aws:access-analyzer:us-east-1:{}:analyzer/a", self.account);
        Some(match name {
            "CancelPolicyGeneration" => said(client.cancel_policy_generation().job_id("j").send().await),
            "CheckAccessNotGranted" => {
                let asked = client.check_access_not_granted().policy_document(policy).policy_type(identity);
                said(asked.access(Access::builder().actions("s3:x").build()).send().await)
            }
            "CheckNoNewAccess" => {
                let asked = client.check_no_new_access().new_policy_document(&policy);
                said(asked.existing_policy_document(&policy).policy_type(identity).send().await)
            }
            "GetGeneratedPolicy" => said(client.get_generated_policy().job_id("j").send().await),
            "ListAnalyzers" => said(client.list_analyzers().send().await),
            "StartPolicyGeneration" => self.start().await,
            "ValidatePolicy" => {
                let asked = client.validate_policy().policy_document(policy);
                said(asked.policy_type(PolicyType::IdentityPolicy).send().await)
            }
            "GetFinding" => said(client.get_finding_v2().analyzer_arn(arn).id("f").send().await),
            "ListFindings" => said(client.list_findings_v2().analyzer_arn(arn).send().await),
            _ => return None,
        })
    }

    async fn start(&self) -> String {
        let client = aws_sdk_accessanalyzer::Client::new(&self.sdk);
        let of = PolicyGenerationDetails::builder().principal_arn("arn:aws:iam::1:role/x").build().unwrap();
        let trail = Trail::builder().cloud_trail_arn(self.trail).build().unwrap();
        let details = CloudTrailDetails::builder().trails(trail).start_time(DateTime::from_secs(0));
        let details = details.access_role(&self.stack.outputs["EvidenceRoleArn"]).build().unwrap();
        let asked = client.start_policy_generation().policy_generation_details(of);
        said(asked.cloud_trail_details(details).send().await)
    }

    async fn cloudtrail(&self, name: &str) -> Option<String> {
        if name != "LookupEvents" {
            return None;
        }
        Some(said(aws_sdk_cloudtrail::Client::new(&self.sdk).lookup_events().send().await))
    }

    async fn logs(&self, name: &str) -> Option<String> {
        let client = aws_sdk_cloudwatchlogs::Client::new(&self.sdk);
        Some(match name {
            "FilterLogEvents" => said(client.filter_log_events().log_group_name("trail").send().await),
            "StartQuery" => {
                let asked = client.start_query().log_group_name("trail").query_string("limit 1");
                said(asked.start_time(0).end_time(1).send().await)
            }
            "GetQueryResults" => said(client.get_query_results().query_id("q").send().await),
            _ => return None,
        })
    }

    async fn s3(&self, name: &str) -> Option<String> {
        let client = aws_sdk_s3::Client::new(&self.sdk);
        Some(match name {
            "ListBucket" => {
                said(client.list_objects_v2().bucket(self.bucket).prefix("AWSLogs/").send().await)
            }
            "GetObject" => said(client.get_object().bucket(self.bucket).key("AWSLogs/k").send().await),
            _ => return None,
        })
    }

    async fn dynamodb(&self, name: &str) -> Option<String> {
        let (client, table) = (aws_sdk_dynamodb::Client::new(&self.sdk), &*self.stack.outputs["TableName"]);
        let text = || AttributeValue::S("a".to_owned());
        Some(match name {
            "BatchGetItem" => {
                let keys = KeysAndAttributes::builder();
                let keys = keys.keys([("pk".to_owned(), text()), ("sk".to_owned(), text())].into());
                said(client.batch_get_item().request_items(table, keys.build().unwrap()).send().await)
            }
            "ConditionCheckItem" => {
                let check = ConditionCheck::builder().table_name(table).key("pk", text()).key("sk", text());
                let check = check.condition_expression("attribute_not_exists(pk)").build().unwrap();
                let item = TransactWriteItem::builder().condition_check(check).build();
                said(client.transact_write_items().transact_items(item).send().await)
            }
            "DeleteItem" => {
                let asked = client.delete_item().table_name(table).key("pk", text()).key("sk", text());
                said(asked.return_values(ReturnValue::AllOld).send().await)
            }
            "DescribeTable" => said(client.describe_table().table_name(table).send().await),
            "GetItem" => {
                said(client.get_item().table_name(table).key("pk", text()).key("sk", text()).send().await)
            }
            "PutItem" => {
                said(client.put_item().table_name(table).item("pk", text()).item("sk", text()).send().await)
            }
            "Query" => {
                let asked = client.query().table_name(table).index_name("due");
                let asked = asked.key_condition_expression("due_pk = :k");
                said(asked.expression_attribute_values(":k", text()).send().await)
            }
            "UpdateItem" => {
                let asked = client.update_item().table_name(table).key("pk", text()).key("sk", text());
                said(
                    asked
                        .update_expression("SET v = :v")
                        .expression_attribute_values(":v", text())
                        .send()
                        .await,
                )
            }
            _ => return None,
        })
    }

    async fn iam(&self, name: &str) -> Option<String> {
        let client = aws_sdk_iam::Client::new(&self.sdk);
        let policy = format!("arn:aws:iam::{}:policy/alpha/alpha-canary-1", self.account);
        let document = allowing(&["s3:GetObject"], "*");
        let web = "web";
        Some(match name {
            "AttachRolePolicy" => {
                said(client.attach_role_policy().role_name(web).policy_arn(policy).send().await)
            }
            "CreatePolicy" => {
                let asked = client.create_policy().path("/alpha/").policy_name("alpha-canary-2");
                said(asked.policy_document(document).send().await)
            }
            "DeletePolicy" => {
                said(client.delete_policy().policy_arn(policy.replace("-1", "-3")).send().await)
            }
            "DeletePolicyVersion" => {
                said(client.delete_policy_version().policy_arn(policy).version_id("v2").send().await)
            }
            "ListPolicyVersions" => said(client.list_policy_versions().policy_arn(policy).send().await),
            "DeleteRolePermissionsBoundary" => {
                said(client.delete_role_permissions_boundary().role_name("bounded").send().await)
            }
            "DeleteRolePolicy" => {
                said(client.delete_role_policy().role_name(web).policy_name("p").send().await)
            }
            "DetachRolePolicy" => {
                said(client.detach_role_policy().role_name(web).policy_arn(policy).send().await)
            }
            "GenerateServiceLastAccessedDetails" => {
                let arn = format!("arn:aws:iam::{}:role/web", self.account);
                said(client.generate_service_last_accessed_details().arn(arn).send().await)
            }
            "GetPolicy" => said(client.get_policy().policy_arn(policy).send().await),
            "GetPolicyVersion" => {
                said(client.get_policy_version().policy_arn(policy).version_id("v1").send().await)
            }
            "GetRole" => said(client.get_role().role_name(web).send().await),
            "GetRolePolicy" => said(client.get_role_policy().role_name(web).policy_name("p").send().await),
            "GetServiceLastAccessedDetails" => {
                said(client.get_service_last_accessed_details().job_id("0".repeat(36)).send().await)
            }
            "ListAttachedRolePolicies" => {
                said(client.list_attached_role_policies().role_name(web).send().await)
            }
            "ListRolePolicies" => said(client.list_role_policies().role_name(web).send().await),
            "ListRoles" => said(client.list_roles().send().await),
            "PassRole" => self.start().await,
            "PutRolePermissionsBoundary" => {
                let asked = client.put_role_permissions_boundary().role_name("bounded");
                said(asked.permissions_boundary(policy).send().await)
            }
            "PutRolePolicy" => {
                let asked = client.put_role_policy().role_name(web).policy_name("p");
                said(asked.policy_document(document).send().await)
            }
            "SimulateCustomPolicy" => {
                let asked = client.simulate_custom_policy().policy_input_list(document);
                said(asked.action_names("s3:GetObject").send().await)
            }
            _ => return None,
        })
    }
}

#[tokio::test]
async fn every_action_of_the_template_is_enough_for_its_operation_and_needed_for_it() {
    let front = Front::start();
    let world = World::new(&front).await;
    front.aws.pace.hurry();
    let bucket = world.bucket("trail").await;
    let trail = world.trail("trail", &bucket, None).await;
    let said = [("WithService", "false"), ("TrailBucket", &*bucket), ("TrailLogGroup", "trail")];
    let stack = world.deploy("alpha.yaml", &said);
    world.secret("alpha/bot-token", "xoxb-1").await;
    let canary = world.policy("/alpha/", "alpha-canary-1", &allowing(&["s3:*"], "*"), 1).await;
    world.role(&RoleSpec { name: "web", tags: &[IN_SCOPE], ..RoleSpec::default() }).await;
    let bounded =
        RoleSpec { name: "bounded", boundary: Some(&canary), tags: &[IN_SCOPE], ..RoleSpec::default() };
    world.role(&bounded).await;

    let mut documents = Vec::new();
    for name in ["StorePolicy", "ReadPolicy", "WritePolicy", "TrailFilesPolicy", "TrailLogPolicy"] {
        documents.push((name, world.document(&stack.made[name]).await));
    }
    world.role(&RoleSpec { name: "double", ..RoleSpec::default() }).await;
    let put = async |name: &str, text: &str| {
        let put = world.iam.put_role_policy().role_name("double").policy_name(name).policy_document(text);
        put.send().await.unwrap();
    };
    for (name, text) in &documents {
        put(name, text).await;
    }
    let sdk = session(&front, &world, "double").await;
    let calls = Calls { sdk, stack: &stack, bucket: &bucket, account: &world.account, trail: &trail };
    let (mut uncalled, mut called) = (BTreeSet::new(), 0);
    for (name, text) in &documents {
        let document = Document::parse(text.as_bytes()).unwrap();
        let allows =
            document.statements.iter().filter(|own| own.effect == alpha::iam::document::Effect::Allow);
        for action in allows.flat_map(|own| &own.actions.as_ref().unwrap().patterns) {
            let Some(enough) = calls.call(action).await else {
                uncalled.insert(action.clone());
                continue;
            };
            assert!(!enough.starts_with("AccessDenied"), "{action} isn't enough for its operation");
            put(name, &without(text, action)).await;
            let lacking = calls.call(action).await.unwrap();
            assert!(lacking.starts_with("AccessDenied"), "{action} isn't needed: {lacking}");
            put(name, text).await;
            called += 1;
        }
    }
    assert!(called > 40, "{called}");
    assert_eq!(uncalled, BTreeSet::new());
}
