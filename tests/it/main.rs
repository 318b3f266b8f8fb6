//! Behaviour of the whole program, one module a subject.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what helps it too")]

mod account;
mod canonical;
mod diff;
mod directions;
mod evaluate;
mod expand;
mod from_cloudtrail;
mod hostile;
mod narrowing;
mod proposal;
mod propose;
mod support;
mod validate;
