//! Behaviour of the whole program, one module a subject.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what helps it too")]

mod account;
mod aws;
mod blocks;
mod browser;
mod canonical;
mod configuration;
mod demo;
mod diff;
mod directions;
mod engine;
mod evaluate;
mod expand;
mod from_cloudtrail;
mod hostile;
mod image;
mod ingress;
mod jobs;
mod manifest;
mod narrowing;
mod preflight;
mod proposal;
mod propose;
mod record;
mod serve;
mod store;
mod support;
mod validate;
