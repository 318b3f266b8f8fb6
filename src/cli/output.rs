//! Writing what a command found: text for people, JSON for programs.

use std::io::Write;

use super::outcome::{Failure, Result};

/// `--output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people; coloured on a terminal.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// The flag that every reporting command has.
#[derive(Debug, clap::Args)]
pub struct Flag {
    /// How to write the answer
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub output: Format,
}

/// Writes a report whole, then a line end where it has none. Colours are stripped where nobody sees them.
pub fn text(report: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(report.as_bytes())
        .and_then(|()| if report.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") })
        .and_then(|()| out.flush())
        .map_err(Failure::of_output)
}

/// Writes a value as indented JSON.
pub fn json(value: &impl serde::Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value).map_err(anyhow::Error::from)?;
    text.push('\n');
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::of_output)
}
