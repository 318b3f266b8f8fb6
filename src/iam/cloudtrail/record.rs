//! One record as JSON has it: only the members that matter, borrowed, everything else stepped over.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use sonic_rs::LazyValue;

/// The members of a record that matter. Of the large ones only the text is kept until somebody asks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Raw<'a> {
    #[serde(rename = "eventID", borrow)]
    pub(super) id: Text<'a>,
    #[serde(rename = "eventTime", borrow)]
    pub(super) time: Text<'a>,
    #[serde(rename = "eventSource", borrow)]
    pub(super) source: Text<'a>,
    #[serde(rename = "eventName", borrow)]
    pub(super) name: Text<'a>,
    #[serde(rename = "eventType", borrow)]
    pub(super) kind: Text<'a>,
    #[serde(rename = "eventCategory", borrow)]
    pub(super) category: Text<'a>,
    #[serde(rename = "managementEvent")]
    pub(super) management: Option<bool>,
    #[serde(rename = "awsRegion", borrow)]
    pub(super) region: Text<'a>,
    #[serde(rename = "errorCode", borrow)]
    pub(super) error_code: Text<'a>,
    #[serde(rename = "errorMessage", borrow)]
    pub(super) error_message: Text<'a>,
    #[serde(rename = "userIdentity", borrow)]
    pub(super) identity: Option<Identity<'a>>,
    #[serde(rename = "requestParameters", borrow)]
    pub(super) parameters: Option<LazyValue<'a>>,
    #[serde(borrow)]
    pub(super) resources: Option<LazyValue<'a>>,
    #[serde(rename = "responseElements", borrow)]
    pub(super) response: Option<LazyValue<'a>>,
    #[serde(rename = "recipientAccountId", borrow)]
    pub(super) recipient: Text<'a>,
    #[serde(rename = "sourceIPAddress", borrow)]
    pub(super) source_ip: Text<'a>,
    #[serde(rename = "userAgent", borrow)]
    pub(super) user_agent: Text<'a>,
    #[serde(rename = "vpcEndpointId", borrow)]
    pub(super) vpc_endpoint: Text<'a>,
    #[serde(rename = "tlsDetails", borrow)]
    pub(super) tls: Option<LazyValue<'a>>,
    /// The record itself, as `LookupEvents` wraps it.
    #[serde(rename = "CloudTrailEvent", borrow)]
    pub(super) wrapped: Text<'a>,
    /// Only digest files have it.
    #[serde(rename = "digestStartTime", borrow)]
    pub(super) digest: Text<'a>,
}

/// `userIdentity`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Identity<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
    #[serde(rename = "principalId", borrow)]
    pub(super) principal: Text<'a>,
    #[serde(rename = "accountId", borrow)]
    pub(super) account: Text<'a>,
    #[serde(rename = "userName", borrow)]
    pub(super) user_name: Text<'a>,
    #[serde(rename = "invokedBy", borrow)]
    pub(super) invoked_by: Text<'a>,
    #[serde(rename = "sessionContext", borrow)]
    pub(super) session: Option<Session<'a>>,
}

/// `userIdentity.sessionContext`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Session<'a> {
    #[serde(rename = "sessionIssuer", borrow)]
    pub(super) issuer: Option<Issuer<'a>>,
    #[serde(borrow)]
    pub(super) attributes: Option<Attributes<'a>>,
    #[serde(rename = "sourceIdentity", borrow)]
    pub(super) source_identity: Text<'a>,
}

/// `userIdentity.sessionContext.sessionIssuer`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Issuer<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
}

/// `userIdentity.sessionContext.attributes`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Attributes<'a> {
    #[serde(rename = "mfaAuthenticated", borrow)]
    pub(super) mfa: Text<'a>,
    #[serde(rename = "creationDate", borrow)]
    pub(super) created: Text<'a>,
}

/// A member that is text, or isn't there. Numbers and truth values are taken as they print: older records quote some
/// of them and newer ones don't.
#[derive(Debug, Default, Clone)]
pub(super) struct Text<'a>(Option<Cow<'a, str>>);

impl<'a> Text<'a> {
    /// The text, where there is one and it isn't empty.
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }

    /// The same, borrowed from the record and not from here.
    pub(super) fn cow(&self) -> Option<Cow<'a, str>> {
        self.0.clone().filter(|text| !text.is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(if value { "true" } else { "false" }))))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(number.to_string()))))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// Reads the JSON of one record; `None` where it is JSON and no record of CloudTrail. An error says why it isn't JSON,
/// and where in the record.
pub(super) fn parse(record: &str) -> Result<Option<Raw<'_>>, (usize, String)> {
    match sonic_rs::from_str::<Raw<'_>>(record) {
        Ok(raw) => Ok(Some(raw)),
        Err(error) if error.is_unmatched_type() => match sonic_rs::from_str::<de::IgnoredAny>(record) {
            Ok(_) => Ok(None),
            Err(error) => Err(syntax(&error)),
        },
        Err(error) => Err(syntax(&error)),
    }
}

fn syntax(error: &sonic_rs::Error) -> (usize, String) {
    let text = error.to_string();
    // The parser adds a picture of the place; its first line says it all.
    let line = text.lines().next().unwrap_or_default();
    let reason = line.split(" at line ").next().unwrap_or(line).to_ascii_lowercase();
    (error.offset(), format!("not valid JSON: {reason}"))
}
