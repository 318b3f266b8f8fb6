//! A whole difference as a file.

use super::cut::{as_plain, line_within};
use crate::domain::proposal::Case;
use crate::slack::escape::plain;

/// The file that shows a whole difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// What Slack shows above it.
    pub title: String,
    /// Its name.
    pub filename: String,
    /// What it says.
    pub text: String,
}

/// Slack takes a million bytes.
const MOST: usize = 1_000_000;
const CUT: &str = "\n(cut here: the file would be longer than Slack takes; alpha job diff shows all of it)\n";

/// The whole difference of a case, as a file.
pub fn snippet(case: &Case) -> Snippet {
    let arn = &case.snapshot.arn;
    let role = arn.rsplit('/').next().unwrap_or(arn);
    let safe: String = role
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' })
        .take(64)
        .collect();
    let name = if safe.trim_matches(['.', '-']).is_empty() { "role" } else { &safe };
    let mut text = plain(&case.changes.whole);
    if text.len() > MOST {
        text.truncate(text.floor_char_boundary(MOST - CUT.len()));
        text.push_str(CUT);
    }
    if text.trim().is_empty() {
        text = String::from("No difference.\n");
    }
    Snippet {
        title: format!("Whole difference of {}, revision {}", line_within(role, 80, as_plain), case.revision),
        filename: format!("{name}-revision-{}.txt", case.revision),
        text,
    }
}
