//! The few words that are said when something can't be delivered as it should be. Pure.

use crate::domain::job::Job;
use crate::domain::receipt::Button;
use crate::slack::blocks::Message;
use crate::slack::escape::escape;

/// How much text a message takes that has no blocks: what `chat.update` takes, with room to spare.
const FITS: usize = 3_900;

/// Said where a form could not be opened in time.
pub(super) fn modal_too_late() -> &'static str {
    "That took too long, and Slack doesn't let the form be opened any more. Nothing has changed. Press the button \
     again."
}

/// A message as text alone, for where its blocks are refused: what its buttons do, commands do.
pub(super) fn plain(message: &Message, job: &Job) -> String {
    let buttons = message.blocks.iter().filter_map(|block| block["elements"].as_array()).flatten();
    let buttons = buttons.filter_map(|button| Button::parse(button["action_id"].as_str()?));
    let commands: Vec<String> = buttons.map(|button| format!("`{}`", command(button, job))).collect();
    match commands.as_slice() {
        [] => fitted(&message.text),
        some => fitted(&format!(
            "{} Its buttons can't be shown; these do the same: {}.",
            message.text,
            some.join(", ")
        )),
    }
}

/// The command that does what a button does.
fn command(button: Button, job: &Job) -> String {
    let Job { id, role, .. } = job;
    match button {
        Button::Approve => format!("/alpha approve {id}"),
        Button::Deny => format!("/alpha deny {id} REASON"),
        Button::Cancel => format!("/alpha cancel {id}"),
        Button::Diff => format!("/alpha diff {id}"),
        Button::Continue => format!("/alpha continue {id}"),
        Button::RollBack => format!("/alpha rollback {id}"),
        Button::Analyze => format!("/alpha analyze {}", escape(&role.name)),
    }
}

/// Text cut to what fits, between characters, and not within an escape or a mention, which would then show as debris.
pub(super) fn fitted(text: &str) -> String {
    if text.chars().count() <= FITS {
        return text.to_owned();
    }
    let end = text.char_indices().nth(FITS - 1).map_or(text.len(), |(place, _)| place);
    let mut kept = &text[..end];
    for (open, close) in [('&', ';'), ('<', '>')] {
        if let Some(begin) = kept.rfind(open)
            && !kept[begin..].contains(close)
            && kept.len() - begin < 100
        {
            kept = &kept[..begin];
        }
    }
    format!("{kept}\u{2026}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_as_it_is() {
        let text = "\u{e9}".repeat(FITS);
        assert_eq!(fitted(&text), text);
    }

    #[test]
    fn what_does_not_fit_is_cut_between_characters_and_not_within_markup() {
        for end in ["&amp;", "<@U123>", "\u{1f600}"] {
            for shift in 0..12 {
                let text = format!("{}{}{}", "x".repeat(FITS - 8 + shift), end, "y".repeat(100));
                let cut = fitted(&text);
                assert!(cut.chars().count() <= FITS, "{end} {shift}");
                let rest = cut.trim_start_matches('x').trim_end_matches('\u{2026}').trim_end_matches('y');
                assert!(rest.is_empty() || rest == end, "{rest}");
            }
        }
    }
}
