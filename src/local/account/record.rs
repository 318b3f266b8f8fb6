//! Records of CloudTrail, as text.
//!
//! A [`Kind`] is a record but for its time and identity: many calls are of one kind. Stamped with these it is a record
//! like any other, and the policy engine's own reader is what reads it.

use serde_json::{Value, json};

use super::chance;
use super::profile::{Habit, Profile};
use crate::domain::ids::AccountId;
use crate::iam::cloudtrail::{Call, Filter, Reader, Seen};

/// Where a call is made and its resources lie.
pub(super) const REGION: &str = "eu-west-1";
/// The region that global services write their records in.
const GLOBAL_REGION: &str = "us-east-1";
/// The event sources of global services.
const GLOBAL: &[&str] = &["cloudfront", "iam", "organizations", "route53"];

const TIME: &str = "@time@";
const SESSION: &str = "@session@";
const EVENT: &str = "@event@";
const REQUEST: &str = "@request@";

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome<'a> {
    Success,
    Error { code: &'a str, message: &'a str },
}

/// A record but for its time and identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    /// By which it is known.
    pub(super) mark: u64,
    /// The record's text.
    pub(super) template: String,
}

impl Kind {
    /// The kind of a call.
    pub(super) fn new(profile: &Profile, habit: &Habit, variant: u64, outcome: Outcome<'_>) -> Self {
        let template = record(profile, habit, variant, outcome).to_string();
        Self { mark: chance::of_text(&template), template }
    }

    /// The record of one call of this kind.
    pub(super) fn stamp(&self, moment: &Moment) -> String {
        let time = |milliseconds: i64| {
            jiff::Timestamp::from_millisecond(milliseconds)
                .unwrap_or_default()
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string()
        };
        let session = moment.at - moment.at.rem_euclid(3_600_000);
        self.template
            .replace(TIME, &time(moment.at))
            .replace(SESSION, &time(session))
            .replace(EVENT, &moment.event_id())
            .replace(REQUEST, &chance::uuid(&[moment.identity, 3]))
    }

    /// A call of this kind, as the policy engine reads it; none where it reads no call in it.
    pub(super) fn read(&self, reader: &mut Reader, moment: &Moment) -> Option<Call<'static>> {
        match reader.read(&self.stamp(moment), 0, &Filter::default()).ok()? {
            Seen::Call(call) => {
                let mut call = call.into_owned();
                call.time = moment.time();
                Some(call)
            }
            Seen::Filtered { .. } | Seen::Apart(_) => None,
        }
    }
}

/// When a call was made, and which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// Milliseconds since 1970.
    pub(super) at: i64,
    /// What its `eventID` follows from.
    pub(super) identity: u64,
}

impl Moment {
    pub(super) fn event_id(&self) -> String {
        chance::uuid(&[self.identity, self.at.cast_unsigned()])
    }

    /// To the second, as records have it.
    pub(super) fn time(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.at.div_euclid(1000)).unwrap_or_default()
    }
}

fn record(profile: &Profile, habit: &Habit, variant: u64, outcome: Outcome<'_>) -> Value {
    let caller = &profile.caller;
    let parameters = habit.parameters(variant);
    let region = if GLOBAL.contains(&habit.source()) { GLOBAL_REGION } else { REGION };
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": format!("{}:{}", profile.role_id, caller.session),
            "arn": profile.session_arn(),
            "accountId": profile.account.as_str(),
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": profile.role_id,
                    "arn": profile.arn,
                    "accountId": profile.account.as_str(),
                    "userName": profile.name,
                },
                "attributes": {"creationDate": SESSION, "mfaAuthenticated": "false"},
            },
        },
        "eventTime": TIME,
        "eventSource": format!("{}.amazonaws.com", habit.source()),
        "eventName": habit.name(),
        "awsRegion": region,
        "sourceIPAddress": caller.address,
        "userAgent": caller.agent,
    });
    let Value::Object(members) = &mut record else { return record };
    if let Outcome::Error { code, message } = outcome {
        members.insert("errorCode".into(), code.into());
        members.insert("errorMessage".into(), message.into());
    }
    let resources = resources(&profile.account, habit.source(), &parameters);
    members.insert("requestParameters".into(), parameters);
    members.insert("responseElements".into(), Value::Null);
    members.insert("requestID".into(), REQUEST.into());
    members.insert("eventID".into(), EVENT.into());
    members.insert("readOnly".into(), is_reading(habit.name()).into());
    if let Some(resources) = resources {
        members.insert("resources".into(), resources);
    }
    members.insert("eventType".into(), "AwsApiCall".into());
    members.insert("managementEvent".into(), (!habit.data).into());
    members.insert("recipientAccountId".into(), profile.account.as_str().into());
    if caller.address.starts_with("10.") {
        members.insert("vpcEndpointId".into(), "vpce-0a1b2c3d4e5f60718".into());
        members.insert("vpcEndpointAccountId".into(), profile.account.as_str().into());
    }
    members.insert("eventCategory".into(), if habit.data { "Data" } else { "Management" }.into());
    members.insert(
        "tlsDetails".into(),
        json!({
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": format!("{}.{region}.amazonaws.com", habit.source()),
        }),
    );
    record
}

/// The resources that data events name, and those of registries.
fn resources(account: &AccountId, source: &str, parameters: &Value) -> Option<Value> {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str);
    let one =
        |kind: &str, arn: String| Some(json!([{"accountId": account.as_str(), "type": kind, "ARN": arn}]));
    match source {
        "s3" => {
            let bucket = format!("arn:aws:s3:::{}", text("bucketName")?);
            let own = json!({"accountId": account.as_str(), "type": "AWS::S3::Bucket", "ARN": bucket});
            let object = |key: &str| json!({"type": "AWS::S3::Object", "ARN": format!("{bucket}/{key}")});
            let of_prefix =
                |prefix: &str| json!({"type": "AWS::S3::Object", "ARNPrefix": format!("{bucket}/{prefix}")});
            Some(Value::Array(match (text("key"), text("prefix")) {
                (Some(key), _) => vec![object(key), own],
                (None, Some(prefix)) => vec![of_prefix(prefix), own],
                (None, None) => vec![own],
            }))
        }
        "lambda" => {
            let name = text("functionName").filter(|name| name.starts_with("arn:"))?;
            one("AWS::Lambda::Function", name.to_owned())
        }
        "dynamodb" => {
            let table = text("tableName")?;
            one("AWS::DynamoDB::Table", format!("arn:aws:dynamodb:{REGION}:{account}:table/{table}"))
        }
        "ecr" => {
            let arn = format!("arn:aws:ecr:{REGION}:{account}:repository/{}", text("repositoryName")?);
            Some(json!([{"accountId": account.as_str(), "ARN": arn}]))
        }
        _ => None,
    }
}

fn is_reading(name: &str) -> bool {
    ["BatchCheck", "BatchGet", "Decrypt", "Describe", "Get", "Head", "List", "Query", "Scan"]
        .iter()
        .any(|beginning| name.starts_with(beginning))
}
