//! One recorded call, as far as the policy engine cares.

use jiff::Timestamp;

use crate::iam::evaluate::Target;

/// One record of CloudTrail.
#[derive(Debug, Clone)]
pub struct Call {
    /// `eventID`
    pub id: String,
    /// `eventTime`
    pub time: Timestamp,
    /// `eventSource`, such as `s3.amazonaws.com`.
    pub source: String,
    /// `eventName`, as recorded.
    pub name: String,
    /// `awsRegion`
    pub region: String,
    /// The account of the caller, or of the recipient where the caller has none.
    pub account: Option<String>,
    /// The caller's own ARN (a session's for an assumed role).
    pub caller: Option<String>,
    /// The ARN of the role behind the session, path included where the record knows it.
    pub role: Option<String>,
    /// How it ended.
    pub ending: Ending,
    /// Which authorisations it needed.
    pub needs: Needs,
    /// Whether the record is a data event, which a trail holds only where it is told to.
    pub data_event: bool,
    /// Condition keys that the record tells, in the spelling of AWS; a request may have had more. Empty where the
    /// reader wasn't asked for them.
    pub context: Vec<(String, Vec<String>)>,
}

/// What a log holds beside calls; recognised, counted, and never taken for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Apart {
    /// A digest file, which vouches for log files.
    Digest,
    /// An insight on unusual activity.
    Insight,
    /// Something that a service did by itself (`AwsServiceEvent`): nobody called.
    ServiceEvent,
    /// What a VPC endpoint saw; the call itself has a record of its own.
    NetworkActivity,
    /// A record that its file holds already; whoever reads the file finds that out.
    Repeated,
    /// JSON that is no record of CloudTrail.
    NotAnEvent,
}

impl Apart {
    /// In a person's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Insight => "insight",
            Self::ServiceEvent => "service event",
            Self::NetworkActivity => "network activity",
            Self::Repeated => "repeated in its file",
            Self::NotAnEvent => "not an event",
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It was authorised and did what it was to do.
    Succeeded,
    /// It was refused for lack of permission; the error code.
    Denied(String),
    /// It failed for another reason, after or before authorisation: no proof of use; the error code.
    Failed(String),
}

/// What a call needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needs {
    /// No permission at all, such as `sts:GetCallerIdentity`.
    Nothing,
    /// Each of these.
    All(Vec<Need>),
    /// An event that maps to no action of the catalogue.
    Unknown,
}

/// One authorisation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Need {
    /// `service:Name` in AWS's spelling.
    pub action: String,
    /// On what.
    pub resource: Target,
}
