//! Any payload, as a body and as the payload of one: it is read, or told for what it is, and a click names a job.

#![no_main]

use alpha::domain::ids::JobId;
use alpha::domain::receipt::Said;
use alpha::slack::ingress::Inbound;
use alpha::slack::ingress::interaction::parse;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    let mut body = b"payload=".to_vec();
    body.extend(form_urlencoded::byte_serialize(payload).flat_map(str::bytes));
    for body in [payload, &body] {
        let Inbound::Receipt(receipt) = parse(body, Timestamp::UNIX_EPOCH) else { continue };
        assert!(!receipt.from.person.user.as_str().is_empty() && !receipt.from.channel.as_str().is_empty());
        if let Said::Click { subject, .. } | Said::Denial { subject, .. } = &receipt.said {
            assert!(JobId::is_plausible(subject.job.as_str()));
        }
    }
});
