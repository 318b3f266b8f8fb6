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
    /// Condition keys that the record tells, in the spelling of AWS; a request may have had more.
    pub context: Vec<(String, Vec<String>)>,
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
