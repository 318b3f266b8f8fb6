//! Who is let in, and as whom.

use alpha::aws::calls::Call;
use alpha::aws::fault::{Fault, Kind};
use aws_credential_types::Credentials;

use super::*;
use crate::support::aws::journal::Verdict;
use crate::support::aws::world::trusting;

fn said<E: ProvideErrorMetadata, R>(answer: Result<(), SdkError<E, R>>) -> String {
    answer.map_or_else(|error| code(&error).to_owned(), |()| "passed".to_owned())
}

/// Every protocol that is spoken, each with an operation and its refusal of an unknown signature and of an unknown key.
async fn answers(sdk: &aws_types::SdkConfig, bucket: &str) -> [String; 6] {
    let iam = aws_sdk_iam::Client::new(sdk).list_roles().send().await.map(drop);
    let table = aws_sdk_dynamodb::Client::new(sdk).list_tables().send().await.map(drop);
    let trail = aws_sdk_cloudtrail::Client::new(sdk).describe_trails().send().await.map(drop);
    let analyzer = aws_sdk_accessanalyzer::Client::new(sdk).list_analyzers().send().await.map(drop);
    let s3 = aws_sdk_s3::Client::new(sdk);
    let objects = s3.list_objects_v2().bucket(bucket).prefix("a b/ü+%").send().await.map(drop);
    let key = "AWSLogs/a b/ü+=&%25/(1)~*'.json";
    let object = s3.head_object().bucket(bucket).key(key).send().await.map(drop);
    let object = object.map_err(|error| {
        // HEAD has no body, and so no word.
        error.raw_response().map_or_else(|| format!("{error:?}"), |raw| raw.status().to_string())
    });
    let object = object.map_or_else(|why| why, |()| "passed".to_owned());
    [said(iam), said(table), said(trail), said(analyzer), said(objects), object]
}

#[tokio::test]
async fn a_good_signature_passes_in_every_protocol_and_no_other_does() {
    let front = Front::start();
    let world = World::new(&front).await;
    let bucket = world.bucket("signed").await;
    let key = "AWSLogs/a b/ü+=&%25/(1)~*'.json";
    let s3 = aws_sdk_s3::Client::new(&world.sdk);
    s3.put_object().bucket(&bucket).key(key).body(vec![7; 100_000].into()).send().await.unwrap();
    let found = s3.get_object().bucket(&bucket).key(key).send().await.unwrap();
    assert_eq!(found.body.collect().await.unwrap().into_bytes().len(), 100_000);
    assert_eq!(answers(&world.sdk, &bucket).await, ["passed"; 6]);

    let good = front.aws.callers.root(&world.account);
    let wrong = Credentials::new(good.access_key_id(), "not the secret", None, None, "test");
    let wrong = front.sdk(wrong, "us-east-1").await;
    let invalid = "InvalidSignatureException";
    assert_eq!(
        answers(&wrong, &bucket).await,
        ["SignatureDoesNotMatch", invalid, invalid, invalid, "SignatureDoesNotMatch", "403"]
    );
    let unknown = front.sdk(Credentials::new("AKIANOBODY", "x", None, None, "test"), "us-east-1").await;
    let unrecognized = "UnrecognizedClientException";
    assert_eq!(
        answers(&unknown, &bucket).await,
        ["InvalidClientTokenId", unrecognized, unrecognized, unrecognized, "InvalidAccessKeyId", "403"]
    );
    for sdk in [&wrong, &unknown] {
        let asked = aws_sdk_accessanalyzer::Client::new(sdk).list_analyzers().send().await;
        let call = Call { service: "AccessAnalyzer", operation: "ListAnalyzers", needs: &[] };
        assert_eq!(Fault::of(&call, &asked.unwrap_err()).kind, Kind::Credentials);
    }
    let refused = front.aws.journal.entries();
    let refused = refused.iter().filter(|entry| entry.verdict == Verdict::Unauthenticated);
    assert!(refused.count() >= 12);
}

#[tokio::test]
async fn a_session_needs_its_token_and_ends() {
    let front = Front::start();
    let world = World::new(&front).await;
    let sdk = granted(&front, &world, "reader", &allowing(&["iam:ListRoles"], "*")).await;
    let client = aws_sdk_iam::Client::new(&sdk);
    client.list_roles().send().await.unwrap();

    let given = front.as_service("ecs-tasks.amazonaws.com", &world.account, "reader").await.unwrap();
    let bare = Credentials::new(given.access_key_id(), given.secret_access_key(), None, None, "test");
    let bare = aws_sdk_iam::Client::new(&front.sdk(bare, "us-east-1").await);
    let refused = bare.list_roles().send().await.unwrap_err();
    assert_eq!(code(&refused), "InvalidClientTokenId");

    front.aws.callers.expire(&world.account, "reader");
    let ended = client.list_roles().send().await.unwrap_err();
    assert_eq!(code(&ended), "ExpiredToken");
    let bucket = world.bucket("ended").await;
    let expired = "ExpiredTokenException";
    let s3 = "ExpiredToken";
    assert_eq!(answers(&sdk, &bucket).await, ["ExpiredToken", expired, expired, expired, s3, "400"]);
}

#[tokio::test]
async fn a_service_gets_sessions_only_of_roles_that_trust_it() {
    let front = Front::start();
    let world = World::new(&front).await;
    let trust = trusting("lambda.amazonaws.com");
    world.role(&RoleSpec { name: "function", trust: Some(&trust), ..RoleSpec::default() }).await;
    let given = |service| front.as_service(service, &world.account, "function");
    assert_eq!(
        given("ecs-tasks.amazonaws.com").await.unwrap_err(),
        "function doesn't trust ecs-tasks.amazonaws.com"
    );
    let sdk = front.sdk(given("lambda.amazonaws.com").await.unwrap(), "us-east-1").await;
    let who = aws_sdk_sts::Client::new(&sdk).get_caller_identity().send().await.unwrap();
    let arn = format!("arn:aws:sts::{}:assumed-role/function/", world.account);
    assert!(who.arn().unwrap().starts_with(&arn), "{who:?}");
    assert_eq!(who.account(), Some(&*world.account));
}

#[tokio::test]
async fn a_role_of_another_account_is_assumed_by_whom_it_trusts_with_the_external_id_and_is_granted_to() {
    let front = Front::start();
    let (home, member) = (World::new(&front).await, World::new(&front).await);
    let target = format!("arn:aws:iam::{}:role/alpha-service/member", member.account);
    let sdk = granted(&front, &home, "bot", &allowing(&["sts:AssumeRole"], &target)).await;
    let stranger = granted(&front, &home, "stranger", &allowing(&["sts:AssumeRole"], &target)).await;
    let poor = granted(&front, &home, "poor", &allowing(&["iam:GetRole"], "*")).await;
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{{"AWS":["arn:aws:iam::{0}:role/bot","arn:aws:iam::{0}:role/poor"]}},
            "Condition":{{"StringEquals":{{"sts:ExternalId":"0123456789abcdef"}}}}}}]}}"#,
        home.account
    );
    let reading = allowing(&["iam:GetRole"], "*");
    let spec = RoleSpec {
        name: "member",
        path: "/alpha-service/",
        trust: Some(&trust),
        inline: &[("reads", &reading)],
        ..RoleSpec::default()
    };
    member.role(&spec).await;
    let assume = |sdk: &aws_types::SdkConfig| {
        aws_sdk_sts::Client::new(sdk).assume_role().role_arn(&target).role_session_name("alpha-j-1-ana")
    };
    for refused in [
        assume(&sdk).send().await,
        assume(&sdk).external_id("another").send().await,
        assume(&stranger).external_id("0123456789abcdef").send().await,
        assume(&poor).external_id("0123456789abcdef").send().await,
        assume(&sdk)
            .role_arn(target.replace("/alpha-service", ""))
            .external_id("0123456789abcdef")
            .send()
            .await,
    ] {
        assert_eq!(code(&refused.unwrap_err()), "AccessDenied");
    }
    let long = assume(&sdk).external_id("0123456789abcdef").duration_seconds(7200).send().await;
    assert_eq!(code(&long.unwrap_err()), "ValidationError");

    let assumed = front.aws.journal.of("sts", "AssumeRole");
    assert_eq!(assumed.iter().filter(|entry| matches!(entry.verdict, Verdict::Refused(_))).count(), 5);

    let given = assume(&sdk).external_id("0123456789abcdef").send().await.unwrap();
    let user = given.assumed_role_user.unwrap();
    assert_eq!(user.arn, format!("arn:aws:sts::{}:assumed-role/member/alpha-j-1-ana", member.account));
    let session = async |keys: Option<aws_sdk_sts::types::Credentials>| {
        let keys = keys.unwrap();
        let token = Some(keys.session_token);
        let keys = Credentials::new(keys.access_key_id, keys.secret_access_key, token, None, "test");
        aws_sdk_iam::Client::new(&front.sdk(keys, "us-east-1").await)
    };
    let there = session(given.credentials).await;
    assert!(there.get_role().role_name("member").send().await.is_ok());
    let elsewhere = there.get_role().role_name("bot").send().await.unwrap_err();
    assert_eq!(code(&elsewhere), "NoSuchEntity", "it is in its own account");

    let policy = allowing(&["iam:ListRoles"], "*");
    let limited = assume(&sdk).external_id("0123456789abcdef").policy(policy).send().await.unwrap();
    let limited = session(limited.credentials).await.get_role().role_name("member").send().await.unwrap_err();
    assert!(limited.message().unwrap().contains("no session policy allows"), "{limited:?}");
}

/// Prints who it is, lists roles page by page, and is refused what it isn't granted.
const BOTO: &str = r#"
import boto3, botocore.exceptions
from botocore.config import Config
config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
print(boto3.client("sts", config=config).get_caller_identity()["Arn"].split("/")[1])
pages = boto3.client("iam", config=config).get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1})
print(sorted(role["RoleName"] for page in pages for role in page["Roles"]))
print(len(boto3.client("cloudtrail", config=config).lookup_events()["Events"]))
for service, call in (
    ("accessanalyzer", lambda client: client.list_analyzers()),
    ("dynamodb", lambda client: client.describe_table(TableName="t")),
    ("s3", lambda client: client.list_objects_v2(Bucket="b", Prefix="a b/ü+%")),
):
    try:
        call(boto3.client(service, config=config))
    except botocore.exceptions.ClientError as error:
        print(error.response["Error"]["Code"])
"#;

#[tokio::test]
async fn another_makers_client_is_understood_by_its_environment_alone() {
    let front = Front::start();
    let world = World::new(&front).await;
    let policy = allowing(&["iam:ListRoles", "cloudtrail:LookupEvents"], "*");
    for name in ["other", "bot"] {
        world.role(&RoleSpec { name, inline: &[("granted", &policy)], ..RoleSpec::default() }).await;
    }
    let given = front.as_service("ecs-tasks.amazonaws.com", &world.account, "bot").await.unwrap();
    let python = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/infra/bin/python");
    let run = std::process::Command::new(python)
        .args(["-W", "ignore", "-c", BOTO])
        .envs(front.environment(&given, "us-east-1"))
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
    let denied = "AccessDeniedException\nAccessDeniedException\nAccessDenied\n";
    assert_eq!(out, format!("bot\n['bot', 'other']\n0\n{denied}"), "{err}");
}
