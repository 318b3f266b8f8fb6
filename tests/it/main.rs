//! Behaviour of the whole program, one module a subject.

mod directions;
mod expand;
mod from_cloudtrail;
mod evaluate;
