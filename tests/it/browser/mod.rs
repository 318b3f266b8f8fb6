//! The whole product as people meet it: `alpha demo`, its page, and a real browser with its hands on it.
//!
//! Each test has a demo, a chromedriver and a browser profile of its own, and ends them by their handles. They need
//! Debian's `chromium` and `chromium-driver`, which `tests/run` installs; without these they fail and say so.
//! Pictures of the main moments go to `target/screenshots`, or to the folder that `ALPHA_SCREENSHOTS` names. One of them
//! is the README's: `tests/run picture` draws `docs/playground.png` anew.

mod chromedriver;
mod conversation;
mod demo;
mod denied;
mod held;
mod keyboard;
mod looks;
mod newcomer;
mod page;
mod refused;
mod rollback;
mod snippet;
mod story;
