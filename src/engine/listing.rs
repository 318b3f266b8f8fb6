//! Lists and summaries of jobs, in plain text that fits a message.

use std::fmt::Write as _;

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::job::{Job, Phase, State};
use crate::domain::proposal::Case;
use crate::domain::role::RoleRef;

/// How many jobs a list has.
pub const SHOWN: usize = 10;
/// How many lines of a diff an answer has.
const LINES: usize = 25;

/// One job.
pub fn status(job: &Job, link: Option<&str>, now: Timestamp) -> String {
    let mut text = format!("{} · {} · {}", job.id, job.role.name, progress(job, now));
    if let Some(why) = job.state.why() {
        let _ =
            write!(text, "\n{}", whole_lines(why, 600, &format!("… the rest: alpha job history {}", job.id)));
    }
    if let Some(case) = &job.case {
        let _ = write!(
            text,
            "\nrevision {}, severity {}, digest {}",
            case.revision,
            case.severity,
            case.digest.short()
        );
    }
    if let Some(decision) = &job.decision {
        let at = decision.at.strftime("%Y-%m-%d %H:%M:%S UTC");
        let _ = write!(text, "\n{} by {decision} at {at}", decision.verdict.done());
        if let Some(reason) = &decision.reason {
            let _ = write!(text, ": {}", cut(reason.as_str(), 600));
        }
    }
    let _ = write!(text, "\nasked for by {} {} ago", job.asked.by, ago(job.created, now));
    if let Some(link) = link {
        let _ = write!(text, "\n{link}");
    }
    text
}

/// One's own jobs.
pub fn own(jobs: &[Job], now: Timestamp) -> String {
    if jobs.is_empty() {
        return "You have asked for nothing yet. Try /alpha analyze ROLE.".to_owned();
    }
    let lines: Vec<String> = jobs.iter().map(|job| line(job, now)).collect();
    format!("Your latest jobs:\n{}", lines.join("\n"))
}

/// What waits for a decision.
pub fn pending(jobs: &[(&Job, Option<String>)], all: usize, now: Timestamp) -> String {
    if jobs.is_empty() {
        return "Nothing waits for your decision.".to_owned();
    }
    let lines: Vec<String> = jobs
        .iter()
        .map(|(job, link)| {
            let severity = job.case.as_ref().map_or("", |case| case.severity.as_str());
            let left = match job.state {
                State::AwaitingDecision { expires, .. } => {
                    format!(", {} left", span(expires.duration_since(now)))
                }
                _ => String::new(),
            };
            // Where there is nothing that they can open, they decide by command.
            let link = link.as_deref().map_or_else(
                || format!(" · /alpha diff {id}, then /alpha approve {id}", id = job.id),
                |link| format!(" {link}"),
            );
            format!(
                "• {} · {} · {severity} · {} old{left}{link}",
                job.id,
                job.role.name,
                ago(job.created, now)
            )
        })
        .collect();
    let more = all.saturating_sub(jobs.len());
    let more = if more == 0 { String::new() } else { format!("\nand {more} more") };
    format!("Waiting for you:\n{}{more}", lines.join("\n"))
}

/// What was done to a role.
pub fn history(role: &RoleRef, jobs: &[Job], now: Timestamp) -> String {
    if jobs.is_empty() {
        return format!("No job has ever been asked for {} here.", role.name);
    }
    let lines: Vec<String> = jobs.iter().map(|job| line(job, now)).collect();
    format!("Jobs of {}, the latest first:\n{}", role.name, lines.join("\n"))
}

/// What a case changes.
pub fn diff(job: &Job, case: &Case) -> String {
    let changes = &case.changes;
    let mut text = format!(
        "{} · {} · revision {}: {} actions before, {} after",
        job.id, job.role.name, case.revision, changes.before, changes.after
    );
    for line in changes.lines.iter().take(LINES) {
        let _ = write!(text, "\n• {} {}", line.kind, line.text);
    }
    let rest = changes.lines.iter().skip(LINES);
    let more: u64 = rest.map(|line| line.actions).sum();
    if more > 0 {
        let _ = write!(text, "\nand {more} more actions");
    }
    let _ = write!(text, "\nThe whole of it: the button of the card, or alpha job diff {}", job.id);
    text
}

fn line(job: &Job, now: Timestamp) -> String {
    format!("• {} · {} · {} · {} ago", job.id, job.role.name, progress(job, now), ago(job.updated, now))
}

/// How far a job is, in a few words.
fn progress(job: &Job, now: Timestamp) -> String {
    match &job.state {
        State::Staging { stage, phase: Phase::Soaking { until, .. } } => {
            format!("Staging ({stage}, watched for {} more)", span(until.duration_since(now)))
        }
        State::Staging { stage, .. } | State::Held { stage, .. } => format!("{} ({stage})", job.state.word()),
        State::AwaitingDecision { expires, .. } => {
            format!("AwaitingDecision, {} left", span(expires.duration_since(now)))
        }
        state => state.word().to_owned(),
    }
}

fn ago(then: Timestamp, now: Timestamp) -> String {
    span(now.duration_since(then))
}

fn span(duration: jiff::SignedDuration) -> String {
    let seconds = Duration::try_from(duration).unwrap_or_default().as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86400),
    }
}

/// As many whole lines as fit, because half a command is worse than none, and then where the rest is; the first line is
/// cut where it alone is too long.
fn whole_lines(text: &str, most: usize, rest: &str) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut left = most;
    let fits = |line: &&str| {
        let used = line.chars().count() + 1;
        let fits = used <= left;
        left = left.saturating_sub(used);
        fits
    };
    let lines: Vec<&str> = text.lines().take_while(fits).collect();
    let shown =
        if lines.is_empty() { cut(text.lines().next().unwrap_or_default(), most) } else { lines.join("\n") };
    format!("{shown}\n{rest}")
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::whole_lines;

    #[test]
    fn a_long_text_is_folded_between_lines_and_says_where_the_rest_is() {
        for (text, expected) in [
            ("one\ntwo", "one\ntwo"),
            ("one\ntwo three\nfour", "one\n(rest)"),
            ("one two three\nfour", "one two th…\n(rest)"),
        ] {
            assert_eq!(whole_lines(text, 10, "(rest)"), expected);
        }
    }
}
