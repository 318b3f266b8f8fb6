//! Behaviour of the whole program, one module a subject.

mod canonical;
mod directions;
mod evaluate;
mod expand;
mod from_cloudtrail;
mod evaluate;
mod expand;
mod support;
mod validate;
mod diff;
mod directions;
mod evaluate;
mod expand;
