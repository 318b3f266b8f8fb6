//! One recorded call, as far as the policy engine cares.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use crate::iam::evaluate::Target;

/// One record of CloudTrail, borrowed from the record's text where that says it word for word.
#[derive(Debug, Clone)]
pub struct Call<'r> {
    /// `eventID`
    pub id: Cow<'r, str>,
    /// `eventTime`
    pub time: Timestamp,
    /// `eventSource`, such as `s3.amazonaws.com`.
    pub source: Cow<'r, str>,
    /// `eventName`, as recorded.
    pub name: Cow<'r, str>,
    /// `awsRegion`
    pub region: Cow<'r, str>,
    /// The account of the caller, or of the recipient where the caller has none.
    pub account: Option<Cow<'r, str>>,
    /// The caller's own ARN (a session's for an assumed role).
    pub caller: Option<Cow<'r, str>>,
    /// The ARN of the role behind the session, path included where the record knows it.
    pub role: Option<Cow<'r, str>>,
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

impl Call<'_> {
    /// The call, apart from its record.
    pub fn into_owned(self) -> Call<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Call {
            id: own(self.id),
            time: self.time,
            source: own(self.source),
            name: own(self.name),
            region: own(self.region),
            account: self.account.map(own),
            caller: self.caller.map(own),
            role: self.role.map(own),
            ending: self.ending,
            needs: self.needs,
            data_event: self.data_event,
            context: self.context,
        }
    }
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
    pub action: Arc<str>,
    /// On what.
    pub resource: Target,
}
