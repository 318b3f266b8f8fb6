//! The engine over the real store and the simulated account: crashes, races, repetitions and the passing of time.
//!
//! Nothing is sent to Slack: what people are told is what stands in the store's rows.

mod advice;
mod deciding;
mod effects;
mod foreign;
mod gathering;
mod house;
mod matrix;
mod people;
mod proposing;
mod racing;
mod reading;
mod scope;
mod showing;
mod store;
mod story;
mod waiting;
