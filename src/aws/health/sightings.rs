//! The calls of a role among records of a trail, counted, and its denials by kind.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use jiff::Timestamp;

use crate::domain::role::Snapshot;
use crate::iam::cloudtrail::framing::Broken;
use crate::iam::cloudtrail::{Call, Ending, Filter, Reader, RoleFilter, Seen};
use crate::ports::{AccountError, Reading};

/// Condition keys that are different at each call, and decide nothing that a change of policies could.
const PASSING: &[&str] =
    &["aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime", "aws:MultiFactorAuthAge"];

/// What was seen of a role since some time.
#[derive(Debug)]
pub(super) struct Sightings {
    filter: Filter,
    calls: u64,
    denied: BTreeMap<String, (Call<'static>, u64)>,
    /// Marks of the records that were seen: a trail may deliver one twice.
    marks: HashSet<u64>,
    hasher: RandomState,
}

impl Sightings {
    pub(super) fn new(role: &Snapshot, since: Timestamp) -> Result<Self, AccountError> {
        let role = RoleFilter::parse(&role.arn).map_err(|error| AccountError::Rejected(error.to_string()))?;
        Ok(Self {
            filter: Filter { role: Some(role), since: Some(since), ..Filter::default() },
            calls: 0,
            denied: BTreeMap::new(),
            marks: HashSet::new(),
            hasher: RandomState::new(),
        })
    }

    /// Takes a record in, whosever it is. One reader serves for many.
    pub(super) fn see(&mut self, reader: &mut Reader, record: &str) -> Result<(), Broken> {
        let Seen::Call(call) = reader.read(record, 0, &self.filter)? else { return Ok(()) };
        if !call.id.is_empty() && !self.marks.insert(self.hasher.hash_one(&*call.id)) {
            return Ok(());
        }
        self.calls += 1;
        if matches!(call.ending, Ending::Denied(_)) {
            let kind = kind(&call);
            self.denied.entry(kind).or_insert_with(|| (call.into_owned(), 0)).1 += 1;
        }
        Ok(())
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls
    }

    pub(super) fn has_denials(&self) -> bool {
        !self.denied.is_empty()
    }

    /// What came of it, complete until then.
    pub(super) fn reading(&self, complete_until: Timestamp) -> Reading {
        Reading { calls: self.calls, denied: self.denied.values().cloned().collect(), complete_until }
    }
}

/// By which calls are known to be explained by a change, or not, alike.
fn kind(call: &Call<'_>) -> String {
    let context = call.context.iter().filter(|(key, _)| !PASSING.contains(&key.as_str()));
    let context: Vec<_> = context.collect();
    format!("{} {} {:?} {:?} {context:?}", call.source, call.name, call.needs, call.ending)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{at, snapshot};

    fn record(id: u32, second: i64, role: &str, code: Option<&str>, key: &str) -> String {
        let error =
            code.map(|code| format!(r#""errorCode":"{code}","errorMessage":"no","#)).unwrap_or_default();
        let time = at(second);
        format!(
            r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","principalId":"AROAEXAMPLE:s","arn":"arn:aws:sts::111122223333:assumed-role/{role}/s","accountId":"111122223333","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/app/{role}","accountId":"111122223333","userName":"{role}"}}}}}},"eventTime":"{time}","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.1",{error}"requestParameters":{{"bucketName":"acme","key":"{key}"}},"eventID":"{id}","eventType":"AwsApiCall","managementEvent":false,"eventCategory":"Data"}}"#
        )
    }

    #[test]
    fn calls_are_counted_once_and_denials_by_kind() {
        let mut seen = Sightings::new(&snapshot(), at(0)).unwrap();
        let mut reader = Reader::with_circumstances();
        for text in [
            record(1, 1, "web", None, "a"),
            record(1, 1, "web", None, "a"),
            record(2, 2, "web", Some("NoSuchKey"), "b"),
            record(3, 3, "web", Some("AccessDenied"), "c"),
            record(4, 4, "web", Some("AccessDenied"), "c"),
            record(5, 5, "web", Some("AccessDenied"), "d"),
            record(6, -1, "web", Some("AccessDenied"), "before"),
            record(7, 6, "website", Some("AccessDenied"), "another's"),
        ] {
            seen.see(&mut reader, &text).unwrap();
        }
        let reading = seen.reading(at(10));
        assert_eq!(reading.calls, 5);
        let mut counts: Vec<u64> = reading.denied.iter().map(|(_, count)| *count).collect();
        counts.sort_unstable();
        assert_eq!(counts, [1, 2]);
        assert!(reading.denied.iter().all(|(call, _)| matches!(call.ending, Ending::Denied(_))));
        assert!(seen.see(&mut reader, "{\"eventTime\":").is_err());
    }
}
