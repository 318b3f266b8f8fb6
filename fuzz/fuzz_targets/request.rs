//! The evaluator's case, request and policies together: whatever the bytes are, it is decided or refused, and a closed
//! context with a named resource is never undecided.
#![no_main]

use alpha::iam::evaluate::{Case, Decision, Evaluator};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(case) = Case::parse(bytes) {
        let evaluator = Evaluator::from(case.policies);
        let verdict = evaluator.evaluate(&case.request);
        assert_ne!(verdict.decision, Decision::Undecided);
        assert_eq!(verdict.blocked_by.is_empty(), verdict.decision == Decision::Allowed);
        assert_eq!(verdict.decision, evaluator.decide(&case.request));
    }
});
