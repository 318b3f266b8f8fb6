//! Any bytes: reading, canonical writing and validating never panic, and what was read can be written and read back.

#![no_main]

use alpha::iam::document::{Document, equal_in_meaning};
use alpha::iam::validate::validate;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for finding in validate(bytes, None) {
        assert!(!finding.locations.is_empty(), "{finding:?}");
    }
    let Ok(document) = Document::parse(bytes) else { return };
    let canonical = document.canonical();
    assert_eq!(canonical.canonical(), canonical, "canonical writing is idempotent");
    assert!(equal_in_meaning(&document, &canonical), "canonical writing changes no meaning");
    let read = Document::parse(canonical.to_string_compact().as_bytes());
    assert_eq!(read.map(|read| read.canonical()).as_ref(), Ok(&canonical), "what is written reads back");
});
