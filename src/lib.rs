//! ALPHA, the Autonomous Least-Privilege Hardening Agent.
//!
//! A library under a thin binary. [`iam`] is the pure policy engine: every claim that ALPHA makes to a person about a
//! policy is computed there. [`domain`] decides, also purely: jobs, approvals, stages. [`engine`] interprets what it
//! decides, through [`ports`]; [`slack`], [`local`] and [`aws`] are what lies behind them, [`record`] what is stored. [`http`]
//! takes requests, [`cli`] is the command line, [`config`] what both are told, and [`app`] the only place that chooses
//! adapters. `docs/ARCHITECTURE.md` lists the invariants and the test that guards each.

pub mod app;
pub mod aws;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod handwritten;
pub mod http;
pub mod iam;
pub mod local;
pub mod ports;
pub mod preflight;
pub mod record;
pub mod slack;
