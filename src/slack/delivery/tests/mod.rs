//! The worker as a whole, over real HTTP.

mod failing;
mod replying;
mod scene;
mod store;
mod telling;
