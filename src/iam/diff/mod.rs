//! The semantic difference of two sets of policies: one model, rendered as text and JSON.
