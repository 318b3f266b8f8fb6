//! Calls that are alike to a replay, each kept once with how often there were such: a log has any number of calls, and
//! far fewer kinds. What can't be kept is counted.

use std::collections::{HashMap, HashSet};

use super::replay::{Asked, keys_of};
use crate::iam::cloudtrail::{Call, Ending, Needs};
use crate::iam::document::Document;

/// How many kinds are kept, and how much text one may hold.
const MANY: usize = 10_000;
const LONGEST: usize = 4096;

/// Kinds of calls.
#[derive(Debug, Default)]
pub struct Kinds {
    /// The condition keys, in lower case, by which calls of a role can differ.
    keys: HashSet<String>,
    known: HashMap<Kind, (Call<'static>, u64)>,
    others: u64,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Kind {
    asked: Asked,
    event: String,
    error: Option<String>,
}

impl Kinds {
    /// No calls yet, of a role with these policies: their conditions say what tells calls apart.
    pub fn of_policies<'a>(documents: impl IntoIterator<Item = &'a Document>) -> Self {
        Self { keys: documents.into_iter().flat_map(keys_of).collect(), ..Self::default() }
    }

    /// Counts a call.
    pub fn count(&mut self, call: &Call<'_>) {
        let needs = match &call.needs {
            Needs::All(needs) => needs.as_slice(),
            Needs::Nothing | Needs::Unknown => &[],
        };
        let error = match &call.ending {
            Ending::Succeeded => None,
            Ending::Denied(code) | Ending::Failed(code) => Some(code.clone()),
        };
        let event = format!("{}:{}", call.source, call.name);
        let kind = Kind { asked: Asked::new(call, needs, &self.keys), event, error };
        if let Some((_, times)) = self.known.get_mut(&kind) {
            *times += 1;
        } else if self.known.len() < MANY && kind.length() <= LONGEST {
            self.known.insert(kind, (call.clone().into_owned(), 1));
        } else {
            self.others += 1;
        }
    }

    /// One call of each kind with how many there were, the earliest first, and how many more calls there were of kinds
    /// that weren't kept.
    pub fn into_calls(self) -> (Vec<(Call<'static>, u64)>, u64) {
        let mut calls: Vec<_> = self.known.into_values().collect();
        calls.sort_by(|(a, _), (b, _)| (a.time, &a.id).cmp(&(b.time, &b.id)));
        (calls, self.others)
    }
}

impl Kind {
    fn length(&self) -> usize {
        self.asked.length() + self.event.len() + self.error.as_ref().map_or(0, String::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::cloudtrail::{Filter, Reader, Seen};

    fn count(kinds: &mut Kinds, bucket: &str, address: &str, error: &str) {
        let record = format!(
            r#"{{"eventID":"e","eventTime":"2026-01-02T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetBucketPolicy","awsRegion":"eu-west-1",{error}
            "sourceIPAddress":"{address}","userAgent":"{bucket}{address}","requestParameters":{{"bucketName":"{bucket}"}},
            "userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/web/{address}","accountId":"111122223333"}}}}"#
        );
        match Reader::with_circumstances().read(&record, 0, &Filter::default()) {
            Ok(Seen::Call(call)) => kinds.count(&call),
            other => panic!("{other:?}"),
        }
    }

    fn kinds(condition: &str) -> Kinds {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"*"{condition}}}}}"#
        );
        Kinds::of_policies([&Document::parse(text.as_bytes()).unwrap()])
    }

    fn counts(kinds: Kinds) -> Vec<u64> {
        let mut counts: Vec<u64> = kinds.into_calls().0.into_iter().map(|(_, times)| times).collect();
        counts.sort_unstable();
        counts
    }

    #[test]
    fn calls_differ_in_what_they_need_how_they_ended_and_in_what_the_policies_ask_for() {
        let calls = |mut kinds: Kinds| {
            let denied = r#""errorCode":"AccessDenied","#;
            for (bucket, address, error) in [
                ("a", "192.0.2.1", ""),
                ("a", "192.0.2.2", ""),
                ("a", "192.0.2.2", ""),
                ("a", "192.0.2.1", denied),
                ("b", "192.0.2.1", ""),
            ] {
                count(&mut kinds, bucket, address, error);
            }
            kinds
        };
        assert_eq!(counts(calls(kinds(""))), [1, 1, 3]);
        let by_address = r#","Condition":{"IpAddress":{"AWS:SourceIP":"192.0.2.0/24"}}"#;
        assert_eq!(counts(calls(kinds(by_address))), [1, 1, 1, 2]);
    }

    #[test]
    fn there_is_an_end_to_how_many_kinds_are_kept_and_the_others_are_counted() {
        let mut all = kinds("");
        for number in 0..MANY + 3 {
            count(&mut all, &format!("b{number}"), "192.0.2.1", "");
        }
        count(&mut all, "b0", "192.0.2.1", "");
        count(&mut all, &"x".repeat(LONGEST), "192.0.2.1", "");
        let (calls, others) = all.into_calls();
        assert_eq!((calls.len(), others), (MANY, 4));
    }
}
