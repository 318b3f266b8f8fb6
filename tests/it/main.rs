//! Behaviour of the whole program, one module a subject.

mod directions;
mod evaluate;
mod expand;
mod from_cloudtrail;
