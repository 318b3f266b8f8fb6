//! How far a job is, in words.
//!
//! The root message says this to everybody in the channel. It never asks for a decision, nor uses the word for giving
//! one: people must not be led to decide anywhere but at the card.

use super::markup::Markup;
use super::words;
use crate::domain::job::{Job, Phase, State};
use crate::domain::rollout::Stage;

/// How far a job is.
pub(super) fn progress(job: &Job) -> Markup {
    match &job.state {
        State::Requested => Markup::ours("Looking at who asks…"),
        State::Collecting => {
            let days = words::things(u64::from(job.asked.options.days), "day");
            Markup::ours(format!("Collecting the evidence of {days}…"))
        }
        State::Proposing => Markup::ours("Working out what the role needs…"),
        State::AwaitingDecision { expires, .. } => {
            Markup::ours("Waiting for a decision, until ").and(&Markup::moment(*expires)).then(".")
        }
        State::Approved => Markup::ours("Decided. Looking whether the role still stands as it did…"),
        State::Staging { stage, phase } => staging(job, *stage, phase),
        State::Held { stage, .. } => {
            Markup::ours(format!("Held in the {stage} stage: a person is asked in the thread."))
        }
        State::RollingBack { .. } => Markup::ours("Being taken back…"),
        State::Succeeded => Markup::ours("Done: the role is narrowed."),
        State::RolledBack { .. } => Markup::ours("Taken back: the role stands as it did before."),
        State::Denied => Markup::ours("Ended: the change was denied."),
        State::Expired => Markup::ours("Ended: nobody decided in time."),
        State::Cancelled => Markup::ours("Ended: the request was cancelled."),
        State::Superseded { .. } => Markup::ours("Ended: what the proposal was based on has changed."),
        State::Failed { .. } => {
            Markup::ours("Ended: it could not be carried through, and nothing was changed.")
        }
        State::NothingToDo { .. } => Markup::ours("Ended: there is nothing to take from the role."),
        State::Stuck { .. } => Markup::ours("Stopped: a person has to look. The thread says what stands."),
    }
}

fn staging(job: &Job, stage: Stage, phase: &Phase) -> Markup {
    let name = title(stage);
    match phase {
        Phase::Writing { step } => {
            let all = job.planned(stage).map_or(0, |planned| planned.writes).max(step.saturating_add(1));
            Markup::ours(format!("{name}: change {} of {all}…", step.saturating_add(1)))
        }
        Phase::Soaking { since, until, extended } => {
            let span = words::between(*since, *until);
            if span.is_zero() {
                return Markup::ours(format!("{name}: being judged…"));
            }
            let longer = if *extended { " once more" } else { "" };
            // A time alone would mislead where it is tomorrow's.
            let end = if span.as_secs() < 12 * 3600 { Markup::time(*until) } else { Markup::moment(*until) };
            Markup::ours(format!("{name}: watched{longer} for {} until ", words::span(span)))
                .and(&end)
                .then(".")
        }
        Phase::Accepted => Markup::ours(format!("{name}: let pass by a person.")),
    }
}

/// A stage at the beginning of a sentence.
pub(super) fn title(stage: Stage) -> &'static str {
    match stage {
        Stage::Sandbox => "Sandbox",
        Stage::Canary => "Canary",
        Stage::Target => "Target",
    }
}
