//! Behaviour of the whole program, one module a subject.

mod canonical;
mod diff;
mod directions;
mod evaluate;
mod expand;
mod from_cloudtrail;
mod hostile;
mod proposal;
mod support;
mod validate;
