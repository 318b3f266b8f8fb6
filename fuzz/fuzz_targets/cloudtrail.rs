//! Any bytes, cut anywhere: reading a log never panics, how its bytes arrive changes nothing, and what is read can be
//! counted and made a policy of.

#![no_main]

use alpha::iam::cloudtrail::framing::{Broken, Splitter};
use alpha::iam::cloudtrail::{Filter, Reader};
use alpha::iam::evidence::{Evidence, observed_policy};
use libfuzzer_sys::fuzz_target;

fn read(bytes: &[u8], step: usize) -> (Evidence, Result<(), Broken>) {
    let (mut evidence, mut reader, mut splitter) = (Evidence::new(), Reader::with_circumstances(), Splitter::new());
    let mut rest = bytes;
    loop {
        let room = splitter.room();
        let count = rest.len().min(step).min(room.len());
        room[..count].copy_from_slice(&rest[..count]);
        rest = &rest[count..];
        splitter.filled(count);
        let outcome = splitter.drain(|record, at| {
            evidence.count(&reader.read(record, at, &Filter::default())?);
            Ok(())
        });
        if outcome.is_err() || count == 0 {
            return (evidence, outcome);
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (whole, outcome) = read(bytes, usize::MAX);
    let (cut, again) = read(bytes, 7);
    assert_eq!((&cut, &again), (&whole, &outcome), "how the bytes arrive changes nothing");
    observed_policy(&whole);
});
