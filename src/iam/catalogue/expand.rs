//! Wildcard patterns to the exact set of actions they stand for.

use std::ops::Range;

use super::tables::column;
use super::{ActionId, Catalogue};
use crate::iam::actions::ActionSet;

impl Catalogue {
    /// The actions that a pattern such as `s3:Get*` or `*` stands for.
    pub fn expand(&self, pattern: &str) -> ActionSet {
        let mut set = ActionSet::empty();
        self.expand_into(pattern, &mut set);
        set
    }

    /// Adds the actions that a pattern stands for.
    pub fn expand_into(&self, pattern: &str, set: &mut ActionSet) {
        let pattern = pattern.to_ascii_lowercase();
        let Some((service, name)) = pattern.split_once(':') else {
            return self.expand_across(pattern.as_bytes(), set);
        };
        let name = Name::of(name.as_bytes());
        if is_literal(service.as_bytes()) {
            if let Some(service) = self.service(service) {
                self.expand_within(self.span(service), &name, set);
            }
            return;
        }
        for (place, row) in self.tables.services.iter().enumerate() {
            if matches(service.as_bytes(), self.tables.bytes(column(row, 0))) {
                self.expand_within(self.span(place), &name, set);
            }
        }
    }

    /// A pattern without a colon has to stretch over the one in every action's name.
    fn expand_across(&self, pattern: &[u8], set: &mut ActionSet) {
        if !pattern.contains(&b'*') && !pattern.contains(&b'?') {
            return;
        }
        if pattern.iter().all(|byte| *byte == b'*') {
            return set.insert_range(ActionId(0), ActionId::at(self.len()));
        }
        for action in self.actions() {
            if matches(pattern, self.full_name(action).as_bytes()) {
                set.insert(action);
            }
        }
    }

    fn expand_within(&self, places: Range<usize>, name: &Name<'_>, set: &mut ActionSet) {
        let rows = &self.tables.actions[places.clone()];
        let from = rows.partition_point(|row| self.starts_below(column(row, 0), name.prefix));
        let count = rows[from..].partition_point(|row| self.starts_with(column(row, 0), name.prefix));
        let (from, to) = (places.start + from, places.start + from + count);
        if name.rest == b"*" {
            return set.insert_range(ActionId::at(from), ActionId::at(to));
        }
        for place in from..to {
            let text = self.tables.bytes(column(&self.tables.actions[place], 0));
            if matches(name.rest, &text[name.prefix.len()..]) {
                set.insert(ActionId::at(place));
            }
        }
    }

    fn starts_below(&self, string: u16, prefix: &[u8]) -> bool {
        super::in_lower_case(self.tables.bytes(string), prefix).is_lt()
    }

    fn starts_with(&self, string: u16, prefix: &[u8]) -> bool {
        let text = self.tables.bytes(string);
        text.len() >= prefix.len() && text[..prefix.len()].eq_ignore_ascii_case(prefix)
    }
}

/// A pattern of names, in lower case, cut before its first wildcard.
struct Name<'p> {
    prefix: &'p [u8],
    rest: &'p [u8],
}

impl<'p> Name<'p> {
    fn of(pattern: &'p [u8]) -> Self {
        let wild = pattern.iter().position(|byte| matches!(byte, b'*' | b'?')).unwrap_or(pattern.len());
        let (prefix, rest) = pattern.split_at(wild);
        Self { prefix, rest }
    }
}

fn is_literal(pattern: &[u8]) -> bool {
    !pattern.iter().any(|byte| matches!(byte, b'*' | b'?'))
}

/// Whether a pattern in lower case matches the whole of an ASCII text in any case.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut back = None;
    loop {
        match (pattern.get(at), text.get(from)) {
            (Some(b'*'), _) => {
                at += 1;
                back = Some((at, from));
            }
            (Some(b'?'), Some(_)) => (at, from) = (at + 1, from + 1),
            (Some(own), Some(theirs)) if *own == theirs.to_ascii_lowercase() => {
                (at, from) = (at + 1, from + 1);
            }
            (None, None) => return true,
            _ => {
                // The last `*` takes one character more, and all behind it is tried anew.
                let Some((star, start)) = back.filter(|(_, start)| *start < text.len()) else { return false };
                (at, from) = (star, start + 1);
                back = Some((star, start + 1));
            }
        }
    }
}
