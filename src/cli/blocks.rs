//! `alpha blocks`: what people read in Slack, filled with an example. Needs no configuration.

use crate::app::blocks::{File, payload, readable};

use super::outcome::{Failure, Outcome, Result};
use super::output::{self, Format};

/// `alpha blocks ...`
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the messages and modals, by the names of their files
    List {
        #[command(flatten)]
        format: output::Flag,
    },
    /// Print a message or modal, filled with an example
    ///
    /// JSON is what Block Kit Builder takes: an object with the blocks of a message, or the view of a modal.
    Render {
        /// Which, as `alpha blocks list` names it
        name: String,
        #[command(flatten)]
        format: output::Flag,
    },
}

/// Runs it.
pub fn run(command: &Command) -> Result {
    match command {
        Command::List { format } => list(format.output)?,
        Command::Render { name, format } => render(name, format.output)?,
    }
    Ok(Outcome::Fine)
}

fn kind(file: File) -> &'static str {
    if file.is_modal() { "modal" } else { "message" }
}

fn list(format: Format) -> Result<()> {
    match format {
        Format::Text => {
            let lines = File::ALL.iter().map(|file| format!("{:<22} {}", file.name(), kind(*file)));
            output::text(&lines.collect::<Vec<_>>().join("\n"))
        }
        Format::Json => {
            let entry = |file: &File| serde_json::json!({ "name": file.name(), "kind": kind(*file) });
            output::json(&File::ALL.iter().map(entry).collect::<Vec<_>>())
        }
    }
}

fn render(name: &str, format: Format) -> Result<()> {
    let payload = payload(File::parse(name).ok_or_else(|| unknown(name))?);
    match format {
        Format::Text => output::text(&readable(&payload)),
        Format::Json => output::json(&payload),
    }
}

/// What is wrong with a name, and which one was perhaps meant.
fn unknown(name: &str) -> Failure {
    let likeness = |file: &File| strsim::normalized_damerau_levenshtein(name, file.name());
    let nearest = File::ALL.iter().copied().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    let meant = match nearest.filter(|file| likeness(file) > 0.5) {
        Some(file) => format!("did you mean {}?", file.name()),
        None => "`alpha blocks list` shows what there is".to_owned(),
    };
    Failure::Usage(format!("there is no message or modal called {name:?}; {meant}"))
}
