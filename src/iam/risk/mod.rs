//! The deterministic risk of a change, with its reasons.
