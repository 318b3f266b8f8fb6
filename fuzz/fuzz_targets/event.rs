//! Any body of an event: it is read, or told for what it is, and what was said is a command of somebody's.

#![no_main]

use alpha::domain::receipt::Said;
use alpha::slack::ingress::Inbound;
use alpha::slack::ingress::event::parse;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Inbound::Receipt(receipt) = parse(body, Timestamp::UNIX_EPOCH) else { return };
    assert!(!receipt.from.person.user.as_str().is_empty() && !receipt.from.channel.as_str().is_empty());
    assert!(matches!(receipt.said, Said::Command { .. }));
});
