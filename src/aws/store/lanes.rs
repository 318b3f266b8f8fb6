//! Whose turn it is: which row stands in the way of another.
//!
//! Pure. A row waits for the one before it in its lane, or else for the one that it needs, as long as that is to be done;
//! what is done with never comes back, so that whose turn it is once, stays so.

use crate::domain::delivery::Row;

/// A row that is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'a> {
    pub id: &'a str,
    /// Its place among the rows of its job: what was written later has a greater one.
    pub place: &'a str,
    pub lane: &'a str,
    pub needs: Option<&'a str>,
}

/// The row that this one waits for, of all that are to be done; none where its turn has come.
pub fn in_the_way<'a>(row: &Standing<'_>, all: &[Standing<'a>]) -> Option<&'a str> {
    let before = all.iter().filter(|other| other.lane == row.lane && other.place < row.place);
    let before = before.max_by_key(|other| other.place).map(|other| other.id);
    before.or_else(|| all.iter().find(|other| Some(other.id) == row.needs).map(|other| other.id))
}

/// What has to be known of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub id: String,
    pub place: String,
    pub lane: String,
    pub needs: Option<String>,
}

impl Turn {
    /// That of a row at a place; one about no job has none, and waits for nobody.
    pub fn of(row: &Row, place: String) -> Option<Self> {
        Some(Self {
            id: row.id.to_string(),
            place,
            lane: row.lane()?.name(),
            needs: row.needs().map(|needed| needed.to_string()),
        })
    }

    pub fn standing(&self) -> Standing<'_> {
        Standing { id: &self.id, place: &self.place, lane: &self.lane, needs: self.needs.as_deref() }
    }
}

/// The place of a row that is written with a version of its job.
pub fn with_version(version: u64, number: usize) -> String {
    format!("{version:020}.0.{number:020}")
}

/// The place of a row that is written between that version and the next, after so many others.
pub fn after_version(version: u64, number: u64) -> String {
    format!("{version:020}.1.{number:020}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(id: &'a str, lane: &'a str, needs: Option<&'a str>) -> Standing<'a> {
        // Here the names sort as the rows were written.
        Standing { id, place: id, lane, needs }
    }

    #[test]
    fn a_row_waits_for_the_one_before_it_and_then_for_what_it_needs() {
        let all = [
            row("1", "thread", None),
            row("2", "thread", None),
            row("3", "changes/root", Some("1")),
            row("4", "changes/root", Some("1")),
            row("5", "thread", None),
            row("6", "files", Some("9")),
        ];
        let waits = |number: usize| in_the_way(&all[number - 1], &all);
        assert_eq!(
            [1, 2, 3, 4, 5, 6].map(waits),
            [None, Some("1"), Some("1"), Some("3"), Some("2"), None],
            "what is needed and isn't there was done with long ago"
        );
        assert_eq!(in_the_way(&all[2], &all[1..]), None);
        assert_eq!(in_the_way(&all[4], &all[2..]), None);
    }

    #[test]
    fn places_sort_as_rows_are_written() {
        let places = [
            with_version(1, 0),
            with_version(1, 1),
            after_version(1, 0),
            after_version(1, 10),
            with_version(2, 0),
            with_version(10, 0),
        ];
        assert!(places.is_sorted(), "{places:?}");
    }
}
