//! From the present policies and the evidence to the least policy.
