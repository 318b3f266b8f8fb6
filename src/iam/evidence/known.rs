//! Which calls were counted already: the same event stands in several sources, and now and then twice in one.
//!
//! Memory is bounded. Management events are remembered apart from data events, of which there may be any number, because
//! only management events stand in several sources. An event that is forgotten may count twice, which takes nothing
//! away.

use std::collections::HashSet;

use crate::iam::cloudtrail::Call;

/// How many events of each sort are remembered at least.
const REMEMBERED: usize = 100_000;

/// The events that were counted.
#[derive(Debug, Default)]
pub struct Known {
    management: Recent,
    data: Recent,
}

impl Known {
    /// Whether this is the first time that the event is seen. One whose ID is no UUID, which CloudTrail doesn't write,
    /// never repeats another.
    pub fn is_new(&mut self, call: &Call<'_>) -> bool {
        let sort = if call.data_event { &mut self.data } else { &mut self.management };
        uuid(&call.id).is_none_or(|id| sort.is_new(id))
    }
}

#[derive(Debug, Default)]
struct Recent {
    now: HashSet<u128>,
    before: HashSet<u128>,
}

impl Recent {
    fn is_new(&mut self, id: u128) -> bool {
        if self.before.contains(&id) || !self.now.insert(id) {
            return false;
        }
        if self.now.len() >= REMEMBERED {
            std::mem::swap(&mut self.now, &mut self.before);
            self.now.clear();
        }
        true
    }
}

fn uuid(text: &str) -> Option<u128> {
    let is_uuid = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    is_uuid.then(|| u128::from_str_radix(&text.replace('-', ""), 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::cloudtrail::{Filter, Reader, Seen};

    fn id(number: usize) -> String {
        format!("0f3a9c1e-6b2d-4c55-8d6e-{number:012x}")
    }

    fn call(id: &str, data: bool) -> Call<'static> {
        let category = if data { "Data" } else { "Management" };
        let record = format!(
            r#"{{"eventID":"{id}","eventTime":"2026-01-02T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventCategory":"{category}","awsRegion":"eu-west-1"}}"#
        );
        match Reader::new().read(&record, 0, &Filter::default()) {
            Ok(Seen::Call(call)) => call.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_event_is_new_once_and_one_without_an_id_always() {
        let mut known = Known::default();
        for (id, data, expected) in [
            (id(1), false, true),
            (id(1), false, false),
            (id(1).to_uppercase(), false, false),
            (id(1), true, true),
            (id(2), false, true),
            ("e1".to_owned(), false, true),
            ("e1".to_owned(), false, true),
            (id(3).replace('-', "0"), false, true),
            (id(3).replace('-', "0"), false, true),
        ] {
            assert_eq!(known.is_new(&call(&id, data)), expected, "{id} {data}");
        }
    }

    #[test]
    fn no_number_of_data_events_makes_it_forget_management_events() {
        let (mut known, mut event) = (Known::default(), call(&id(0), true));
        assert!(known.is_new(&call(&id(0), false)));
        for number in 0..=2 * REMEMBERED {
            event.id = id(number).into();
            assert!(known.is_new(&event));
        }
        assert!(!known.is_new(&call(&id(0), false)));
        event.id = id(0).into();
        assert!(known.is_new(&event), "forgotten");
    }
}
