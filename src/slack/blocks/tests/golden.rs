//! The main messages, as people see them.
