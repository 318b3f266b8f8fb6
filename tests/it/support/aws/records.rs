//! Records of CloudTrail, made by hand: "CloudTrail record contents" of its user guide.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::callers::random;

/// A call of a role, which succeeded unless it is said otherwise.
#[derive(Debug, Clone)]
pub struct Record(Value);

impl Record {
    /// A call of a role's session by the source's first label and the event's name, just now, in a Region.
    pub fn new(role: &str, region: &str, source: &str, event: &str, parameters: Value) -> Self {
        let parsed = alpha::iam::arn::Arn::parse(role).unwrap();
        let (account, name) = (parsed.account, parsed.resource.rsplit('/').next().unwrap());
        let is_reading = ["Get", "List", "Describe"].iter().any(|verb| event.starts_with(verb));
        Self(json!({
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "AssumedRole",
                "principalId": "AROAEXAMPLE:work",
                "arn": format!("arn:aws:sts::{account}:assumed-role/{name}/work"),
                "accountId": account,
                "accessKeyId": "ASIAEXAMPLE",
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role", "principalId": "AROAEXAMPLE", "arn": role,
                        "accountId": account, "userName": name,
                    },
                    "attributes": {"creationDate": seconds(Timestamp::now()), "mfaAuthenticated": "false"},
                },
            },
            "eventTime": seconds(Timestamp::now()),
            "eventSource": format!("{source}.amazonaws.com"),
            "eventName": event,
            "awsRegion": region,
            "sourceIPAddress": "198.51.100.7",
            "userAgent": "aws-cli/2.31.0",
            "requestParameters": parameters,
            "responseElements": null,
            "requestID": id(),
            "eventID": id(),
            "readOnly": is_reading,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": account,
            "eventCategory": "Management",
        }))
    }

    /// At another time.
    #[must_use]
    pub fn at(mut self, time: Timestamp) -> Self {
        self.0["eventTime"] = seconds(time).into();
        self
    }

    /// As a data event.
    #[must_use]
    pub fn data(mut self) -> Self {
        (self.0["managementEvent"], self.0["eventCategory"]) = (false.into(), "Data".into());
        self
    }

    /// Refused for lack of permission.
    #[must_use]
    pub fn denied(self) -> Self {
        self.failed("AccessDenied", "Access Denied")
    }

    /// Ended in an error.
    #[must_use]
    pub fn failed(mut self, code: &str, message: &str) -> Self {
        (self.0["errorCode"], self.0["errorMessage"]) = (code.into(), message.into());
        self
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn id() -> String {
    let hex = random(16);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
