//! Replay and no-new-access: what is claimed of a proposal, with counts and counter-examples.
