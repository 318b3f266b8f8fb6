//! The one table of what is called: those of all adapters. What the templates grant is compared with it.

use super::calls::Call;
use super::{accounts, bucket, checks, evidence, health, identity, reasoner, roles, secrets, store};

/// The adapters, each with its tables.
pub const ALL: &[(&str, &[&[Call]])] = &[
    ("accounts", &[accounts::CALLS]),
    ("bucket", &[bucket::CALLS]),
    ("checks", &[checks::CALLS]),
    ("evidence", evidence::CALLS),
    ("health", health::CALLS),
    ("identity", &[identity::CALLS]),
    ("reasoner", &[reasoner::CALLS]),
    ("roles", &[roles::CALLS]),
    ("secrets", &[secrets::CALLS]),
    ("store", &[store::CALLS]),
];
