use super::*;
use crate::iam::cloudtrail::record::parse;
use crate::iam::evaluate::Target;

/// The needs of an event, as `action on resource` in the order of the letters.
fn needs_of(source: &str, event: &str, parameters: &str, more: &str) -> String {
    let record = format!(r#"{{"awsRegion":"eu-west-1","requestParameters":{parameters}{more}}}"#);
    let Some(raw) = parse(&record).unwrap() else { panic!("{record}") };
    match Mapper::default().needs(&raw, &format!("{source}.amazonaws.com"), event, Some("111122223333")) {
        Needs::Nothing => "-".to_owned(),
        Needs::Unknown => "unknown".to_owned(),
        Needs::All(needs) => {
            let mut lines: Vec<String> = needs
                .iter()
                .map(|need| match &need.resource {
                    Target::Named(resource) => format!("{} {resource}", need.action),
                    Target::Unknown => format!("{} ?", need.action),
                })
                .collect();
            lines.sort();
            lines.join("; ")
        }
    }
}

/// Source, event, parameters, further members, needs; each with the fact that it shows.
const CASES: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        "s3",
        "ListObjects",
        r#"{"bucketName":"b"}"#,
        "",
        "s3:ListBucket arn:aws:s3:::b",
        "listing needs ListBucket on the bucket",
    ),
    (
        "s3",
        "HeadBucket",
        r#"{"bucketName":"b"}"#,
        "",
        "s3:ListBucket arn:aws:s3:::b",
        "HeadBucket is no action",
    ),
    (
        "s3",
        "HeadObject",
        r#"{"bucketName":"b","key":"a/k"}"#,
        "",
        "s3:GetObject arn:aws:s3:::b/a/k",
        "HeadObject is no action",
    ),
    (
        "s3",
        "GetObject",
        r#"{"bucketName":"b","key":"k","versionId":"v"}"#,
        "",
        "s3:GetObjectVersion arn:aws:s3:::b/k",
        "a version needs its own action",
    ),
    ("s3", "ListBuckets", "null", "", "s3:ListAllMyBuckets *", "the event's name isn't the action's"),
    (
        "s3",
        "CopyObject",
        r#"{"bucketName":"b","key":"k","x-amz-copy-source":"/src/a%20b"}"#,
        "",
        "s3:GetObject arn:aws:s3:::src/a b; s3:PutObject arn:aws:s3:::b/k",
        "copying reads the one and writes the other",
    ),
    (
        "s3",
        "CopyObject",
        r#"{"bucketName":"b","key":"k","x-amz-copy-source":"src/k?versionId=1"}"#,
        "",
        "s3:GetObjectVersion arn:aws:s3:::src/k; s3:PutObject arn:aws:s3:::b/k",
        "copying a version",
    ),
    (
        "s3",
        "PutObject",
        r#"{"bucketName":"b","key":"k","x-amz-acl":"bucket-owner-full-control"}"#,
        "",
        "s3:PutObject arn:aws:s3:::b/k; s3:PutObjectAcl arn:aws:s3:::b/k",
        "an ACL with the object",
    ),
    (
        "s3",
        "CompleteMultipartUpload",
        r#"{"bucketName":"b","key":"k"}"#,
        "",
        "s3:PutObject arn:aws:s3:::b/k",
        "parts of an upload are PutObject",
    ),
    (
        "s3",
        "DeleteObjects",
        r#"{"bucketName":"b"}"#,
        "",
        "s3:DeleteObject ?",
        "the record doesn't name the keys",
    ),
    (
        "s3",
        "PutObject",
        r#"{"bucketName":"arn:aws:s3:eu-west-1:1:accesspoint/ap","key":"k"}"#,
        "",
        "s3:PutObject ?",
        "an access point isn't a bucket's name",
    ),
    (
        "s3",
        "GetBucketLifecycle",
        r#"{"bucketName":"b"}"#,
        "",
        "s3:GetLifecycleConfiguration arn:aws:s3:::b",
        "configurations have other names",
    ),
    (
        "s3",
        "DeleteBucketEncryption",
        r#"{"bucketName":"b"}"#,
        "",
        "s3:PutEncryptionConfiguration arn:aws:s3:::b",
        "deleting is putting",
    ),
    (
        "s3",
        "GetBucketPolicy",
        r#"{"bucketName":"b"}"#,
        "",
        "s3:GetBucketPolicy arn:aws:s3:::b",
        "most names are the same",
    ),
    (
        "lambda",
        "Invoke",
        r#"{"functionName":"f"}"#,
        "",
        "lambda:InvokeFunction arn:aws:lambda:eu-west-1:111122223333:function:f",
        "lambda:Invoke is no action",
    ),
    (
        "lambda",
        "Invoke20150331",
        r#"{"functionName":"arn:aws:lambda:eu-west-1:1:function:f"}"#,
        "",
        "lambda:InvokeFunction arn:aws:lambda:eu-west-1:1:function:f",
        "version suffixes are cut off",
    ),
    (
        "lambda",
        "GetFunction20150331v2",
        r#"{"functionName":"f"}"#,
        "",
        "lambda:GetFunction arn:aws:lambda:eu-west-1:111122223333:function:f",
        "version suffixes with a v",
    ),
    ("lambda", "ListFunctions20150331", "null", "", "lambda:ListFunctions *", "no resource type is *"),
    (
        "lambda",
        "CreateFunction20150331",
        r#"{"functionName":"f","role":"arn:aws:iam::1:role/r"}"#,
        "",
        "iam:PassRole arn:aws:iam::1:role/r; lambda:CreateFunction arn:aws:lambda:eu-west-1:111122223333:function:f",
        "creating a function passes its role",
    ),
    (
        "cloudfront",
        "CreateInvalidation2020_05_31",
        r#"{"distributionId":"E1"}"#,
        "",
        "cloudfront:CreateInvalidation arn:aws:cloudfront::111122223333:distribution/E1",
        "CloudFront's versions",
    ),
    ("sts", "GetCallerIdentity", "null", "", "-", "no permission is needed"),
    ("signin", "ConsoleLogin", "null", "", "-", "signing in is no action"),
    (
        "sts",
        "AssumeRole",
        r#"{"roleArn":"arn:aws:iam::1:role/r","tags":[{"key":"k","value":"v"}]}"#,
        "",
        "sts:AssumeRole arn:aws:iam::1:role/r; sts:TagSession arn:aws:iam::1:role/r",
        "session tags need TagSession",
    ),
    (
        "monitoring",
        "PutMetricData",
        "null",
        "",
        "cloudwatch:PutMetricData *",
        "the source's name isn't the prefix",
    ),
    ("tagging", "GetResources", "{}", "", "tag:GetResources *", "the source's name isn't the prefix"),
    (
        "streams.dynamodb",
        "ListStreams",
        "{}",
        "",
        "dynamodb:ListStreams *",
        "the first label isn't the service",
    ),
    (
        "dynamodb",
        "GetItem",
        r#"{"tableName":"t"}"#,
        "",
        "dynamodb:GetItem arn:aws:dynamodb:eu-west-1:111122223333:table/t",
        "a name is of the caller's account",
    ),
    (
        "dynamodb",
        "Query",
        r#"{"tableName":"t","indexName":"i"}"#,
        "",
        "dynamodb:Query arn:aws:dynamodb:eu-west-1:111122223333:table/t/index/i",
        "an index is more specific",
    ),
    (
        "dynamodb",
        "BatchGetItem",
        "{}",
        r#","resources":[{"ARN":"arn:aws:dynamodb:eu-west-1:1:table/t"}]"#,
        "dynamodb:BatchGetItem arn:aws:dynamodb:eu-west-1:1:table/t",
        "the record's resources come first",
    ),
    (
        "kms",
        "Decrypt",
        "{}",
        r#","resources":[{"ARN":"arn:aws:kms:eu-west-1:1:key/k"}]"#,
        "kms:Decrypt arn:aws:kms:eu-west-1:1:key/k",
        "the record's resources come first",
    ),
    ("kms", "Decrypt", r#"{"keyId":"alias/a"}"#, "", "kms:Decrypt ?", "an alias isn't the key"),
    (
        "kms",
        "ReEncrypt",
        r#"{"sourceKeyId":"arn:aws:kms:eu-west-1:1:key/a","destinationKeyId":"arn:aws:kms:eu-west-1:1:key/b"}"#,
        "",
        "kms:ReEncryptFrom arn:aws:kms:eu-west-1:1:key/a; kms:ReEncryptTo arn:aws:kms:eu-west-1:1:key/b",
        "two actions for one call",
    ),
    (
        "sqs",
        "SendMessageBatch",
        r#"{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/444455556666/q"}"#,
        "",
        "sqs:SendMessage arn:aws:sqs:eu-west-1:444455556666:q",
        "the queue's address holds its account",
    ),
    (
        "sns",
        "PublishBatch",
        r#"{"topicArn":"arn:aws:sns:eu-west-1:1:t"}"#,
        "",
        "sns:Publish arn:aws:sns:eu-west-1:1:t",
        "batches",
    ),
    ("iam", "GetRole", r#"{"roleName":"r"}"#, "", "iam:GetRole ?", "the path isn't told"),
    (
        "iam",
        "CreateRole",
        r#"{"roleName":"r"}"#,
        r#","responseElements":{"role":{"arn":"arn:aws:iam::1:role/p/r"}}"#,
        "iam:CreateRole arn:aws:iam::1:role/p/r",
        "the answer tells the path",
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        r#"{"secretId":"s"}"#,
        "",
        "secretsmanager:GetSecretValue ?",
        "the suffix isn't told",
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        r#"{"secretId":"arn:aws:secretsmanager:eu-west-1:1:secret:s-AbCdEf"}"#,
        "",
        "secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-1:1:secret:s-AbCdEf",
        "an ARN among the parameters",
    ),
    (
        "ssm",
        "GetParameters",
        r#"{"names":["/a/b","c"]}"#,
        "",
        "ssm:GetParameters arn:aws:ssm:eu-west-1:111122223333:parameter/a/b; ssm:GetParameters arn:aws:ssm:eu-west-1:111122223333:parameter/c",
        "each of a list",
    ),
    (
        "ssm",
        "SendCommand",
        r#"{"documentName":"AWS-RunShellScript","instanceIds":["i-1"]}"#,
        "",
        "ssm:SendCommand arn:aws:ec2:eu-west-1:111122223333:instance/i-1; ssm:SendCommand arn:aws:ssm:eu-west-1::document/AWS-RunShellScript",
        "the document and the instance",
    ),
    ("ec2", "DescribeInstances", "{}", "", "ec2:DescribeInstances *", "no resource type is *"),
    (
        "ec2",
        "StopInstances",
        r#"{"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]}}"#,
        "",
        "ec2:StopInstances arn:aws:ec2:eu-west-1:111122223333:instance/i-1; ec2:StopInstances arn:aws:ec2:eu-west-1:111122223333:instance/i-2",
        "each of a list",
    ),
    (
        "ec2",
        "CreateTags",
        r#"{"resourcesSet":{"items":[{"resourceId":"vol-1"}]}}"#,
        "",
        "ec2:CreateTags arn:aws:ec2:eu-west-1:111122223333:volume/vol-1",
        "an id tells its type",
    ),
    (
        "ec2",
        "RunInstances",
        r#"{"instancesSet":{"items":[{"imageId":"ami-1"}]},"subnetId":"subnet-1","groupSet":{"items":[{"groupId":"sg-1"}]},"iamInstanceProfile":{"name":"p"}}"#,
        "",
        "ec2:RunInstances arn:aws:ec2:eu-west-1:111122223333:instance/*; ec2:RunInstances arn:aws:ec2:eu-west-1:111122223333:network-interface/*; ec2:RunInstances arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1; ec2:RunInstances arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1; ec2:RunInstances arn:aws:ec2:eu-west-1:111122223333:volume/*; ec2:RunInstances arn:aws:ec2:eu-west-1::image/ami-1; iam:PassRole ?",
        "a launch is many authorisations",
    ),
    (
        "logs",
        "CreateLogGroup",
        r#"{"logGroupName":"/aws/lambda/f"}"#,
        "",
        "logs:CreateLogGroup arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f",
        "names with slashes",
    ),
    (
        "ecs",
        "RegisterTaskDefinition",
        r#"{"taskRoleArn":"arn:aws:iam::1:role/t","executionRoleArn":"arn:aws:iam::1:role/e","family":"f"}"#,
        "",
        "ecs:RegisterTaskDefinition ?; iam:PassRole arn:aws:iam::1:role/e; iam:PassRole arn:aws:iam::1:role/t",
        "a task definition passes two roles",
    ),
    ("apigateway", "UpdateStage", "{}", "", "apigateway:PATCH ?", "API Gateway's actions are verbs"),
    (
        "bedrock",
        "Converse",
        r#"{"modelId":"arn:aws:bedrock:eu-west-1::foundation-model/m"}"#,
        "",
        "bedrock:InvokeModel arn:aws:bedrock:eu-west-1::foundation-model/m",
        "Converse is no action",
    ),
    (
        "cassandra",
        "ListTables",
        "{}",
        "",
        "cassandra:Select ?",
        "Keyspaces' actions are those of its language",
    ),
    ("nosuchservice", "DoIt", "{}", "", "unknown", "what nobody knows is unknown"),
    ("s3", "NoSuchEvent", "{}", "", "unknown", "what nobody knows is unknown"),
];

#[test]
fn each_event_needs_what_aws_documents() {
    let wrong: Vec<String> = CASES
        .iter()
        .filter_map(|(source, event, parameters, more, expected, fact)| {
            let found = needs_of(source, event, parameters, more);
            (found != *expected)
                .then(|| format!("{source} {event} ({fact})\n  expected {expected}\n  found    {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_of_the_table_names_an_action_that_exists() {
    let catalogue = Catalogue::embedded();
    let rows = Table::embedded().all_rows().filter(|(.., row)| *row != "-");
    let wrong: Vec<_> =
        rows.filter(|(service, _, row)| Rule::parse(catalogue, service, row).is_none()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let wrong: Vec<_> =
        Table::embedded().all_services().filter(|(_, service)| !catalogue.has_service(service)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_name_that_is_no_action_is_known_by_the_actions_behind_it() {
    let actions = |service: &str, event: &str| actions_of_event(Catalogue::embedded(), service, event);
    assert_eq!(actions("s3", "HeadObject"), Some(vec!["s3:GetObject".into(), "s3:GetObjectVersion".into()]));
    assert_eq!(actions("lambda", "Invoke"), Some(vec!["lambda:InvokeFunction".into()]));
    assert_eq!(actions("signin", "ConsoleLogin"), Some(vec![]));
    assert_eq!(actions("s3", "GetObject"), None);
    assert_eq!(actions("s3", "NewerThanTheCatalogue"), None);
}

#[test]
fn only_a_version_is_cut_off() {
    for (event, name) in [
        ("GetFunction20150331v2", "GetFunction"),
        ("Invoke20150331", "Invoke"),
        ("CreateDistribution2020_05_31", "CreateDistribution"),
        ("ListObjectsV2", "ListObjectsV2"),
        ("CreateLocationS3", "CreateLocationS3"),
        ("Retrieve", "Retrieve"),
        ("v1", "v1"),
    ] {
        assert_eq!(without_version(event), name);
    }
}
