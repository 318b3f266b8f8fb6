//! `alpha policy canonical`.

use crate::cli::outcome::{Outcome, Result};
use crate::cli::{input, output};
use crate::iam::document::Document;

/// Write a policy in canonical form.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Policy documents; - is standard input
    #[arg(required = true, value_name = "POLICY")]
    files: Vec<String>,
    #[command(flatten)]
    flag: output::Flag,
}

/// Writes all of them, or none: each is read before the first is written. JSON output is one document for one file,
/// and a list for several.
pub fn run(arguments: &Arguments) -> Result {
    let documents = input::documents_to_expand(&arguments.files)?;
    let canonical: Vec<_> = documents.iter().map(Document::canonical).collect();
    match (arguments.flag.output, canonical.as_slice()) {
        (output::Format::Json, [single]) => output::json(&single.to_json())?,
        (output::Format::Json, several) => {
            output::json(&several.iter().map(Document::to_json).collect::<Vec<_>>())?;
        }
        (output::Format::Text, all) => {
            output::text(&all.iter().map(Document::to_string_pretty).collect::<String>())?;
        }
    }
    Ok(Outcome::Fine)
}
