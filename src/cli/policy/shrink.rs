//! `alpha policy shrink`.

use serde_json::Value;

use super::unknown::Seeker;
use crate::cli::outcome::{Outcome, Result};
use crate::cli::{input, output};
use crate::iam::document::{Document, MAX_BYTES};
use crate::iam::shorten::{rewrite, rewrite_to};

/// Write actions as the fewest readable patterns that match nothing else.
///
/// Wildcards stand for whole words only (`s3:Get*Tagging`, never `s3:G*`), and the patterns match exactly the actions
/// that were given. A service's patterns that don't get fewer stay as they were written; so does what stands for no
/// action, which is named on standard error. With --policy the lists of Action and NotAction are
/// rewritten and the rest of the policy stays as it is.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct Arguments {
    /// Actions and patterns; `-` reads them from standard input, separated by white space
    #[arg(group = "what", value_name = "PATTERN")]
    patterns: Vec<String>,
    /// Rewrite this policy
    #[arg(long, group = "what", value_name = "FILE")]
    policy: Option<String>,
    /// Generalise no more than it takes for each list to fit into so many characters (quotes and commas counted)
    #[arg(long, value_name = "CHARACTERS")]
    max_chars: Option<usize>,
    #[command(flatten)]
    format: output::Flag,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result {
    match &arguments.policy {
        Some(path) => shrink_policy(path, arguments.max_chars)?,
        None => shrink_patterns(arguments)?,
    }
    Ok(Outcome::Fine)
}

fn shrink_patterns(arguments: &Arguments) -> Result<()> {
    let patterns = input::patterns(&arguments.patterns)?;
    let shrunk = shrunk(&patterns, arguments.max_chars, "", &mut Seeker::new());
    match arguments.format.output {
        output::Format::Text => output::text(&shrunk.join("\n")),
        output::Format::Json => output::json(&shrunk),
    }
}

/// A policy is JSON in either format.
fn shrink_policy(path: &str, max_chars: Option<usize>) -> Result<()> {
    let bytes = input::read(path, MAX_BYTES)?;
    // Read as a policy first: what isn't one is refused with the place of what is wrong.
    let document =
        Document::parse(&bytes).map_err(|error| anyhow::anyhow!("{}: {error}", input::name(path)))?;
    input::expandable(path, &document)?;
    let mut seeker = Seeker::new();
    let text = if bytes.trim_ascii_start().starts_with(b"%") {
        percent_encoding::percent_decode(bytes.trim_ascii_start()).collect()
    } else {
        bytes
    };
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let mut policy: Value = serde_json::from_slice(text).map_err(anyhow::Error::from)?;
    let statements = match policy.get_mut("Statement") {
        Some(Value::Array(list)) => list.as_mut_slice(),
        Some(single) => std::slice::from_mut(single),
        None => &mut [],
    };
    for (index, statement) in statements.iter_mut().enumerate() {
        for element in ["Action", "NotAction"] {
            let Some(Value::Array(list)) = statement.get_mut(element) else { continue };
            let patterns: Vec<String> =
                list.iter().filter_map(|pattern| pattern.as_str().map(str::to_owned)).collect();
            let place = format!("{}: /Statement/{index}/{element}: ", input::name(path));
            *list =
                shrunk(&patterns, max_chars, &place, &mut seeker).into_iter().map(Value::String).collect();
        }
    }
    output::json(&policy)
}

fn shrunk(patterns: &[String], max_chars: Option<usize>, place: &str, seeker: &mut Seeker) -> Vec<String> {
    for unknown in patterns.iter().filter_map(|pattern| seeker.check(pattern)) {
        unknown.point_out(place);
    }
    match max_chars {
        Some(most) => rewrite_to(patterns, most),
        None => rewrite(patterns),
    }
}
