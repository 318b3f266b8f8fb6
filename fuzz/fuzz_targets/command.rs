//! Any line, in a thread or not: it is a command, or refused in a few legible words.

#![no_main]

use alpha::domain::command::{ParseContext, parse};
use alpha::domain::ids::{AccountId, JobId};
use alpha::iam::legible::is_unseen;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    let (account, job) = (AccountId::new("111122223333"), JobId::new("j-0123456789abcdef"));
    for job in [None, Some(&job)] {
        if let Err(error) = parse(line, &ParseContext { home: &account, others: &[], job }) {
            let text = error.to_string();
            assert!(text.chars().count() < 1_000, "{text}");
            assert!(!text.chars().any(is_unseen), "{text:?}");
        }
    }
});
