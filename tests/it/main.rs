//! Behaviour of the whole program, one module a subject.

mod canonical;
mod directions;
mod support;
mod validate;
mod expand;
mod evaluate;
