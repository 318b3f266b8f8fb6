//! What a role used, what it did not, and what can't be observed.
