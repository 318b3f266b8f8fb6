//! What is granted to whom, by the policies that stand in the emulator.

use super::*;
use crate::support::aws::journal::Verdict;

#[tokio::test]
async fn a_grant_that_is_missing_is_refused_in_the_services_own_words_and_recorded() {
    let front = Front::start();
    let world = World::new(&front).await;
    let sdk = granted(&front, &world, "bot", &allowing(&["iam:GetRole"], "*")).await;
    let iam = aws_sdk_iam::Client::new(&sdk);
    iam.get_role().role_name("bot").send().await.unwrap();
    let refused = iam.list_role_policies().role_name("bot").send().await.unwrap_err();
    assert_eq!(code(&refused), "AccessDenied");
    let message = refused.message().unwrap();
    let expected = format!(
        "is not authorized to perform: iam:ListRolePolicies on resource: arn:aws:iam::{}:role/bot because no \
         identity-based policy allows the iam:ListRolePolicies action",
        world.account
    );
    assert!(message.ends_with(&expected), "{message}");
    let [entry] = &front.aws.journal.of("iam", "ListRolePolicies")[..] else { panic!("asked once") };
    assert!(entry.who.contains(":assumed-role/bot/"));
    let Verdict::Refused(need) = &entry.verdict else { panic!("{entry:?}") };
    assert_eq!(need.action, "iam:ListRolePolicies");

    let denied = "AccessDeniedException";
    let table = aws_sdk_dynamodb::Client::new(&sdk).describe_table().table_name("t").send().await;
    assert_eq!(code(&table.unwrap_err()), denied);
    let events = aws_sdk_cloudtrail::Client::new(&sdk).lookup_events().send().await;
    assert_eq!(code(&events.unwrap_err()), denied);
    let analyzers = aws_sdk_accessanalyzer::Client::new(&sdk).list_analyzers().send().await.unwrap_err();
    assert!(analyzers.into_service_error().is_access_denied_exception());
    let bucket = world.bucket("closed").await;
    let listed = aws_sdk_s3::Client::new(&sdk).list_objects_v2().bucket(bucket).send().await;
    assert_eq!(code(&listed.unwrap_err()), "AccessDenied");
    let secret = aws_sdk_secretsmanager::Client::new(&sdk).get_secret_value().secret_id("s").send().await;
    assert_eq!(code(&secret.unwrap_err()), denied);
}

#[tokio::test]
async fn a_change_of_grants_counts_at_once() {
    let front = Front::start();
    let world = World::new(&front).await;
    let sdk = granted(&front, &world, "bot", &allowing(&["iam:GetRole"], "*")).await;
    let iam = aws_sdk_iam::Client::new(&sdk);
    iam.get_role().role_name("bot").send().await.unwrap();
    world.iam.delete_role_policy().role_name("bot").policy_name("granted").send().await.unwrap();
    assert_eq!(code(&iam.get_role().role_name("bot").send().await.unwrap_err()), "AccessDenied");

    let policy = world.policy("/", "reads", &allowing(&["iam:GetRole", "iam:ListRoles"], "*"), 1).await;
    world.iam.attach_role_policy().role_name("bot").policy_arn(&policy).send().await.unwrap();
    iam.get_role().role_name("bot").send().await.unwrap();
    let old = world.strike(&policy, "iam:GetRole").await;
    assert_eq!(code(&iam.get_role().role_name("bot").send().await.unwrap_err()), "AccessDenied");
    iam.list_roles().send().await.unwrap();
    world.rewrite(&policy, &old).await;
    iam.get_role().role_name("bot").send().await.unwrap();

    let boundary = world.policy("/", "bound", &allowing(&["s3:*"], "*"), 1).await;
    let put = world.iam.put_role_permissions_boundary().role_name("bot").permissions_boundary(&boundary);
    put.send().await.unwrap();
    let refused = iam.get_role().role_name("bot").send().await.unwrap_err();
    assert!(refused.message().unwrap().contains("no permissions boundary allows"), "{refused:?}");
}

/// Policies in which only a condition decides, with a call that fulfils it and one that doesn't.
#[tokio::test]
async fn conditions_count() {
    let front = Front::start();
    let world = World::new(&front).await;
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Action":["iam:PutRolePolicy","iam:DeleteRolePermissionsBoundary"],"Resource":"*",
         "Condition":{{"StringEquals":{{"aws:ResourceTag/alpha-scope":"narrow"}},
                       "ArnLikeIfExists":{{"iam:PermissionsBoundary":"arn:aws:iam::{0}:policy/alpha/*"}}}}}},
        {{"Effect":"Allow","Action":"iam:AttachRolePolicy","Resource":"*",
         "Condition":{{"ArnLike":{{"iam:PolicyARN":"arn:aws:iam::{0}:policy/alpha/*"}}}}}},
        {{"Effect":"Allow","Action":"iam:PutRolePermissionsBoundary","Resource":"*",
         "Condition":{{"ArnLike":{{"iam:PermissionsBoundary":"arn:aws:iam::{0}:policy/alpha/*"}}}}}},
        {{"Effect":"Allow","Action":"cloudtrail:DescribeTrails","Resource":"*",
         "Condition":{{"StringEquals":{{"aws:RequestedRegion":"eu-west-1"}}}}}},
        {{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*",
         "Condition":{{"StringLike":{{"s3:prefix":"AWSLogs/*"}}}}}}]}}"#,
        world.account
    );
    let sdk = granted(&front, &world, "bot", &policy).await;
    let iam = aws_sdk_iam::Client::new(&sdk);
    let own = world.policy("/alpha/", "canary", &allowing(&["s3:*"], "*"), 1).await;
    let foreign = world.policy("/", "org", &allowing(&["s3:*"], "*"), 1).await;
    let tags = [("alpha-scope", "narrow")];
    world.role(&RoleSpec { name: "tagged", tags: &tags, ..RoleSpec::default() }).await;
    world.role(&RoleSpec { name: "other", tags: &[("alpha-scope", "no")], ..RoleSpec::default() }).await;
    let bounded = RoleSpec { name: "bounded", tags: &tags, boundary: Some(&foreign), ..RoleSpec::default() };
    world.role(&bounded).await;

    let document = allowing(&["s3:GetObject"], "*");
    let put = |role| iam.put_role_policy().role_name(role).policy_name("p").policy_document(&document).send();
    put("tagged").await.unwrap();
    assert_eq!(code(&put("other").await.unwrap_err()), "AccessDenied");
    assert_eq!(code(&put("bounded").await.unwrap_err()), "AccessDenied");

    let attach = |policy| iam.attach_role_policy().role_name("other").policy_arn(policy).send();
    attach(&own).await.unwrap();
    assert_eq!(code(&attach(&foreign).await.unwrap_err()), "AccessDenied");

    // When it is set, what counts is the boundary that is to be; when it is taken off, the one that is.
    let bound =
        |policy| iam.put_role_permissions_boundary().role_name("bounded").permissions_boundary(policy).send();
    let unbound = || iam.delete_role_permissions_boundary().role_name("bounded").send();
    assert_eq!(code(&bound(&foreign).await.unwrap_err()), "AccessDenied");
    assert_eq!(code(&unbound().await.unwrap_err()), "AccessDenied");
    bound(&own).await.unwrap();
    unbound().await.unwrap();

    let here = aws_sdk_cloudtrail::Client::new(&sdk).describe_trails().send().await;
    assert_eq!(code(&here.unwrap_err()), "AccessDeniedException");
    let there = sdk.to_builder().region(aws_types::region::Region::new("eu-west-1")).build();
    aws_sdk_cloudtrail::Client::new(&there).describe_trails().send().await.unwrap();

    let bucket = world.bucket("conditions").await;
    let s3 = aws_sdk_s3::Client::new(&sdk);
    s3.list_objects_v2().bucket(&bucket).prefix("AWSLogs/x").send().await.unwrap();
    assert_eq!(code(&s3.list_objects_v2().bucket(&bucket).send().await.unwrap_err()), "AccessDenied");
}

#[tokio::test]
async fn members_of_a_transaction_and_indexes_are_granted_one_by_one() {
    let front = Front::start();
    let world = World::new(&front).await;
    let root = aws_sdk_dynamodb::Client::new(&world.sdk);
    table(&root).await;
    let arn = format!("arn:aws:dynamodb:us-east-1:{}:table/alpha", world.account);
    let sdk = granted(&front, &world, "bot", &allowing(&["dynamodb:PutItem", "dynamodb:Query"], &arn)).await;
    let client = aws_sdk_dynamodb::Client::new(&sdk);
    let transact = |with_check: bool| {
        use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem};
        let key = |name: &str| AttributeValue::S(name.to_owned());
        let put = Put::builder().table_name("alpha").item("pk", key("a")).build().unwrap();
        let check = ConditionCheck::builder()
            .table_name("alpha")
            .key("pk", key("b"))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .unwrap();
        let items =
            client.transact_write_items().transact_items(TransactWriteItem::builder().put(put).build());
        let check = TransactWriteItem::builder().condition_check(check).build();
        if with_check { items.transact_items(check) } else { items }
    };
    transact(false).send().await.unwrap();
    let refused = transact(true).send().await.unwrap_err();
    assert!(refused.message().unwrap().contains("dynamodb:ConditionCheckItem"), "{refused:?}");

    let ask = |index: Option<&str>| {
        let value = aws_sdk_dynamodb::types::AttributeValue::S("a".to_owned());
        let query = client.query().table_name("alpha").key_condition_expression("pk = :k");
        query.expression_attribute_values(":k", value).set_index_name(index.map(str::to_owned))
    };
    assert_eq!(ask(None).send().await.unwrap().count, 1);
    let refused = ask(Some("due")).send().await.unwrap_err();
    assert!(refused.message().unwrap().contains("table/alpha/index/due"), "{refused:?}");
}

async fn table(client: &aws_sdk_dynamodb::Client) {
    use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType};
    let attribute = AttributeDefinition::builder().attribute_name("pk").attribute_type("S".into()).build();
    let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap();
    let make = client.create_table().table_name("alpha").billing_mode(BillingMode::PayPerRequest);
    make.attribute_definitions(attribute.unwrap()).key_schema(key).send().await.unwrap();
}

#[tokio::test]
async fn an_object_is_read_only_by_who_may_use_its_key() {
    let front = Front::start();
    let world = World::new(&front).await;
    let bucket = world.bucket("encrypted").await;
    let key = format!("arn:aws:kms:us-east-1:{}:key/11111111-2222-3333-4444-555555555555", world.account);
    let put = aws_sdk_s3::Client::new(&world.sdk).put_object().bucket(&bucket).key("k");
    let put = put.server_side_encryption("aws:kms".into()).ssekms_key_id(&key).body(b"x".to_vec().into());
    put.send().await.unwrap();
    let reader = granted(&front, &world, "reader", &allowing(&["s3:GetObject"], "*")).await;
    let read = |sdk: &aws_types::SdkConfig| {
        aws_sdk_s3::Client::new(sdk).get_object().bucket(&bucket).key("k").send()
    };
    let refused = read(&reader).await.unwrap_err();
    assert!(refused.message().unwrap().contains("kms:Decrypt"), "{refused:?}");
    let both = granted(&front, &world, "both", &allowing(&["s3:GetObject", "kms:Decrypt"], "*")).await;
    read(&both).await.unwrap();
}

#[tokio::test]
#[should_panic(expected = "the front has no mapping for [\"iam:ListUsers\"]")]
async fn an_operation_that_nobody_wrote_down_is_no_secret() {
    let front = Front::start();
    let world = World::new(&front).await;
    let sdk = granted(&front, &world, "bot", &allowing(&["*"], "*")).await;
    let failed = aws_sdk_iam::Client::new(&sdk).list_users().send().await.unwrap_err();
    assert_eq!(code(&failed), "InternalFailure");
}
