//! ALPHA, the Autonomous Least-Privilege Hardening Agent.
//!
//! A library under a thin binary. [`iam`] is the pure policy engine: it reads, evaluates, compares, narrows and proves
//! IAM policies, and every claim that ALPHA makes to a person is computed there. [`local`] reads what lies on this
//! machine. [`slack`] speaks with people. [`cli`] is the command line, and [`app`] the only place that chooses adapters. `docs/ARCHITECTURE.md`
//! lists the invariants and the test that guards each.

pub mod app;
pub mod cli;
pub mod domain;
pub mod engine;
pub mod iam;
pub mod local;
pub mod ports;
pub mod slack;
