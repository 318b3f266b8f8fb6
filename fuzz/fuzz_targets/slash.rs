//! Any body of a slash command: it is read, or told for what it is, and whoever sent it is somebody.

#![no_main]

use alpha::slack::ingress::Inbound;
use alpha::slack::ingress::command::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| match parse(body) {
    Inbound::Command { sender, key, .. } => {
        assert!(!sender.person.user.as_str().is_empty() && !sender.person.team.as_str().is_empty());
        assert!(!sender.channel.as_str().is_empty() && key.as_str().starts_with("command:"));
    }
    Inbound::SslCheck | Inbound::Malformed { .. } => {}
    other => panic!("no slash command: {other:?}"),
});
