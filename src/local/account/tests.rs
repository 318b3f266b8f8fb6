//! The events of the workload, and what becomes of them when they are old.

use std::sync::Arc;

use super::book::Book;
use super::live::{self, Event};
use super::profile::{DAY, HOUR};
use super::record::{Kind, Outcome};
use super::*;
use crate::local::clock::ManualClock;

const NOW: i64 = 1_795_275_000_000;

/// A book, a role, and two kinds of its calls, the second one denied.
fn book(folder: &tempfile::TempDir) -> (Book, i64, [i64; 2]) {
    let clock = Arc::new(ManualClock::at(Timestamp::from_millisecond(NOW).unwrap()));
    let account = AccountId::new(SimulatedAccount::ACCOUNT);
    let mut book = Book::open(&folder.path().join("a"), account.clone(), 1, clock).unwrap();
    let reference = RoleRef { account, name: "web-app".to_owned() };
    let (role, profile) = book.role(&reference).unwrap();
    let profile = profile.unwrap();
    let kind = |outcome| Kind::new(&profile, &profile.habits[0], 0, outcome);
    let denied = Outcome::Error { code: "AccessDenied", message: "no" };
    let kinds = [
        live::kind(&book.connection, role, &kind(Outcome::Success), false).unwrap(),
        live::kind(&book.connection, role, &kind(denied), true).unwrap(),
    ];
    (book, role, kinds)
}

fn total(book: &Book, role: i64, since: i64, now: i64) -> (u64, u64) {
    let lately = live::since(&book.connection, role, since, now).unwrap();
    let sum =
        |denied: bool| lately.iter().filter(|one| one.denied == denied).map(|one| one.count.count).sum();
    (sum(false), sum(true))
}

fn rows(book: &Book, table: &str) -> i64 {
    book.connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn old_events_become_counts_and_the_file_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let (mut book, role, [granted, denied]) = book(&folder);
    // A call every six minutes for twenty days, one of ten denied.
    let all: Vec<Event> = (0..20 * 240)
        .map(|number| Event {
            role,
            at: NOW - number * 360_000,
            kind: if number % 10 == 0 { denied } else { granted },
        })
        .collect();
    live::store(&mut book.connection, &all).unwrap();
    live::store(&mut book.connection, &all).unwrap();
    let counted = |book: &Book| -> u64 {
        let counts = live::counts(&book.connection, role, NOW - 30 * DAY, NOW + 1).unwrap();
        counts.iter().map(|(_, count)| count.count).sum()
    };
    assert_eq!(counted(&book), 4_800, "the same event counts once");
    for _ in 0..2 {
        live::prune(&mut book.connection, NOW).unwrap();
        assert_eq!(counted(&book), 4_800);
        assert!(rows(&book, "events") <= 21, "{}", rows(&book, "events"));
        assert!(rows(&book, "tallies") <= 2 * (72 + 20), "{}", rows(&book, "tallies"));
    }
    live::prune(&mut book.connection, NOW + 500 * DAY).unwrap();
    assert_eq!((counted(&book), rows(&book, "tallies")), (0, 0));
}

#[test]
fn a_reading_of_the_last_hours_is_exact_and_an_older_one_never_speaks_for_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let (mut book, role, [granted, denied]) = book(&folder);
    let all: Vec<Event> = (0..7200)
        .map(|second| Event {
            role,
            at: NOW - second * 1000,
            kind: if second % 2 == 0 { granted } else { denied },
        })
        .collect();
    live::store(&mut book.connection, &all).unwrap();
    for seconds in [1, 10, 61, 1800, 3600, 5000] {
        let (allowed, refused) = total(&book, role, NOW - (seconds - 1) * 1000, NOW);
        assert_eq!((allowed + refused).cast_signed(), seconds);
    }
    let later = NOW + 12 * HOUR;
    live::prune(&mut book.connection, later).unwrap();
    assert_eq!(rows(&book, "events"), 0);
    let (allowed, refused) = total(&book, role, NOW - 1800 * 1000, later);
    assert!(allowed <= 901 && refused >= 900, "{allowed} {refused}");
}
