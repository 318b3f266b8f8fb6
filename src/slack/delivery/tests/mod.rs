//! The worker as a whole, over real HTTP.

mod failing;
mod pace;
mod replying;
mod scene;
mod store;
mod telling;
