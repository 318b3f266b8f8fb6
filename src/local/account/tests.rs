//! The account from within.
