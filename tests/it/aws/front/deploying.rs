//! Whole accounts: the templates deployed, the bot with its own credentials, roles of the story, thousands of others.

use aws_sdk_s3::primitives::ByteStream;

use super::*;
use crate::support::aws::journal::Verdict;
use crate::support::aws::world::{IN_SCOPE, trusting};

#[tokio::test]
async fn the_bot_is_deployed_and_does_what_its_template_grants_and_nothing_else() {
    let front = Front::start();
    let world = World::new(&front).await;
    let bucket = world.bucket("trail").await;
    let (stack, credentials) = world.bot(&front, &[("TrailBucket", &bucket)]).await;
    assert!(stack.outputs["BotRoleArn"].contains(&format!("::{}:role/alpha-service/", world.account)));
    let tags = [IN_SCOPE];
    world.role(&RoleSpec { name: "web", tags: &tags, ..RoleSpec::default() }).await;
    world.role(&RoleSpec { name: "foreign", ..RoleSpec::default() }).await;

    let sdk = front.sdk(credentials, "us-east-1").await;
    let iam = aws_sdk_iam::Client::new(&sdk);
    let document = allowing(&["s3:GetObject"], "*");
    let put =
        |role: &str| iam.put_role_policy().role_name(role).policy_name("p").policy_document(&document).send();
    put("web").await.unwrap();
    assert_eq!(code(&put("foreign").await.unwrap_err()), "AccessDenied");
    let itself = put(&stack.made["BotRole"]).await.unwrap_err();
    assert!(itself.message().unwrap().contains("explicit deny"), "{itself:?}");

    let table = aws_sdk_dynamodb::Client::new(&sdk);
    let found = table.describe_table().table_name(&stack.outputs["TableName"]).send().await.unwrap();
    assert_eq!(found.table().unwrap().global_secondary_indexes().len(), 3);
    world.secret("alpha/bot-token", "xoxb-1").await;
    let secrets = aws_sdk_secretsmanager::Client::new(&sdk);
    let read = secrets.get_secret_value().secret_id("alpha/bot-token").send().await.unwrap();
    assert_eq!(read.secret_string(), Some("xoxb-1"));

    // Each line of a statement is really needed: without it the call is refused for just that.
    let (policy, action) = (&stack.made["StorePolicy"], "secretsmanager:GetSecretValue");
    let old = world.strike(policy, action).await;
    let refused = secrets.get_secret_value().secret_id("alpha/bot-token").send().await.unwrap_err();
    assert_eq!(code(&refused), "AccessDeniedException");
    let last = front.aws.journal.of("secretsmanager", "GetSecretValue").pop().unwrap();
    assert!(matches!(last.verdict, Verdict::Refused(need) if need.action == action));
    world.rewrite(policy, &old).await;
    secrets.get_secret_value().secret_id("alpha/bot-token").send().await.unwrap();
}

#[tokio::test]
async fn the_bot_becomes_its_role_in_another_account() {
    let front = Front::start();
    let (home, member) = (World::new(&front).await, World::new(&front).await);
    let there = format!("arn:aws:iam::{}:role/alpha-service/*", member.account);
    let (stack, credentials) = home.bot(&front, &[("MemberRoles", &there)]).await;
    let id = "0123456789abcdef";
    let said = [("BotRoleArn", &*stack.outputs["BotRoleArn"]), ("ExternalId", id)];
    let role = member.deploy("member.yaml", &said).outputs.remove("MemberRoleArn").unwrap();
    let sts = aws_sdk_sts::Client::new(&front.sdk(credentials, "us-east-1").await);
    let assume = || sts.assume_role().role_arn(&role).role_session_name("alpha-j-1-ana");
    assert_eq!(code(&assume().send().await.unwrap_err()), "AccessDenied");
    assume().external_id(id).send().await.unwrap();
}

#[tokio::test]
async fn roles_of_the_simulated_account_stand_in_the_emulator_with_their_past() {
    let front = Front::start();
    let world = World::new(&front).await;
    world.simulated(&["ci-deployer", "monthly-report", "bounded", "managed"], 1).await;
    let inline =
        world.iam.get_role_policy().role_name("ci-deployer").policy_name("deploy-web-shop").send().await;
    let text = inline.unwrap().policy_document;
    let document = Document::parse(text.as_bytes()).unwrap();
    assert_eq!(document.statements.len(), 4);
    assert!(text.contains(&world.account), "it is this account's");
    let role = world.iam.get_role().role_name("ci-deployer").send().await.unwrap().role.unwrap();
    assert!(role.tags().iter().any(|tag| (&*tag.key, &*tag.value) == IN_SCOPE));
    let bounded = world.iam.get_role().role_name("bounded").send().await.unwrap().role.unwrap();
    let boundary = bounded.permissions_boundary.unwrap().permissions_boundary_arn.unwrap();
    let policy = world.iam.get_policy().policy_arn(boundary).send().await.unwrap().policy.unwrap();
    assert_eq!(policy.default_version_id(), Some("v2"));
    let attached = world.iam.list_attached_role_policies().role_name("managed").send().await.unwrap();
    assert!(!attached.attached_policies().is_empty());
    let past = front.aws.events.of(&world.account);
    let own = past.iter().filter(|event| event.role() == role.arn);
    let ids = own.map(|event| event.json["userIdentity"]["principalId"].as_str().unwrap().to_owned());
    let ids: Vec<String> = ids.collect();
    assert!(ids.len() > 100 && ids.iter().all(|id| id.starts_with(&role.role_id)), "{}", ids.len());
}

#[tokio::test]
async fn roles_of_every_kind_and_thousands_of_them_are_there() {
    let front = Front::start();
    let world = World::new(&front).await;
    world.crowd(5_000).await;
    let unicode = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Grün","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/日本 + %25&<>/*"}]}"#;
    let kinds = [
        ("AWSServiceRoleForSupport", "/aws-service-role/support.amazonaws.com/"),
        ("AWSReservedSSO_Auditor_0a1b", "/aws-reserved/sso.amazonaws.com/"),
        ("plain", "/"),
    ];
    for (name, path) in kinds {
        let inline = [("grün", unicode)];
        let attached = ["arn:aws:iam::aws:policy/ReadOnlyAccess"];
        let trust = trusting("support.amazonaws.com");
        let spec = RoleSpec {
            name,
            path,
            inline: &inline[..usize::from(path == "/")],
            attached: &attached,
            trust: Some(&trust),
            ..RoleSpec::default()
        };
        let arn = world.role(&spec).await;
        assert_eq!(arn, format!("arn:aws:iam::{}:role{path}{name}", world.account));
    }
    let listed = world.iam.list_roles().max_items(1_000).into_paginator().items().send();
    assert_eq!(listed.collect::<Result<Vec<_>, _>>().await.unwrap().len(), 5_003);
    let read = world.iam.get_role_policy().role_name("plain").policy_name("grün").send().await.unwrap();
    let read = Document::parse(read.policy_document.as_bytes()).unwrap();
    assert_eq!(read, Document::parse(unicode.as_bytes()).unwrap());
    let bucket = world.bucket("any").await;
    let put = aws_sdk_s3::Client::new(&world.sdk).put_object().bucket(bucket).key("k");
    put.body(ByteStream::from_static(b"x")).send().await.unwrap();
}
