//! Behaviour of the whole program, one module a subject.

mod diff;
mod directions;
mod evaluate;
mod expand;
