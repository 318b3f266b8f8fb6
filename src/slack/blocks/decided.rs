//! Who decided what, when and why, in words.

use super::markup::Markup;
use crate::domain::approval::{Decision, Order, Verdict};
use crate::domain::job::{Job, State};
use crate::domain::reason::Reason;

/// What became of a revision's card: a word for its title, a sentence, and why, where somebody said.
pub(super) struct Decided<'a> {
    /// Such as `Denied`.
    pub headline: &'static str,
    /// Who and when.
    pub sentence: Markup,
    /// Why.
    pub why: Option<&'a str>,
}

/// What became of the card of a revision that is no longer decided on.
pub(super) fn card(job: &Job, revision: u32) -> Decided<'_> {
    let current = job.case.as_ref().map(|brief| brief.revision);
    if let Some(current) = current.filter(|current| *current != revision) {
        let sentence = Markup::ours(format!("Revision {revision} was replaced by revision {current}."));
        return Decided { headline: "Replaced", sentence, why: None };
    }
    let decision = job.decision.as_ref();
    let (headline, otherwise) = match (&job.state, decision.map(|decision| decision.verdict)) {
        (State::Superseded { .. }, _) => ("Superseded", "What it was based on has changed."),
        (_, Some(Verdict::Approve)) => ("Approved", ""),
        (_, Some(Verdict::Deny)) => ("Denied", ""),
        (_, Some(Verdict::Withdraw)) => ("Withdrawn", ""),
        (State::Expired, None) => ("Expired", "Nobody decided in time."),
        (State::Cancelled, None) => ("Cancelled", "The request was cancelled."),
        (State::Failed { .. }, None) => ("Failed", "It could not be carried through."),
        (_, None) => ("Not open", "There is nothing to decide on now."),
    };
    let sentence = match (decision, &job.state) {
        (Some(decision), State::Superseded { .. }) => {
            said(decision).then(" What it was based on changed after that.")
        }
        (Some(decision), _) => said(decision),
        (None, _) => Markup::ours(otherwise),
    };
    let why = match &job.state {
        State::Superseded { why } | State::Failed { why } => Some(why.as_str()),
        _ => decision.and_then(|decision| decision.reason.as_ref().map(Reason::as_str)),
    };
    Decided { headline, sentence, why }
}

/// Who decided, and when; nothing where nobody did.
pub(super) fn sentence(job: &Job) -> Markup {
    job.decision.as_ref().map(said).unwrap_or_default()
}

/// What became of a question whether to go on: who said what, and when.
pub(super) fn answer(job: &Job, question: u32) -> Markup {
    let Some(word) = job.word.as_ref().filter(|word| word.question == Some(question)) else {
        return Markup::ours("Somebody answered, and this thread says how it went on.");
    };
    let what = match word.order {
        Order::Continue => "Continued by ",
        Order::RollBack => "Rolled back by ",
    };
    let who = Markup::speaker(word.person.as_ref(), word.principal.as_ref());
    Markup::ours(what).and(&who).then(", ").and(&Markup::moment(word.at)).then(".")
}

fn said(decision: &Decision) -> Markup {
    let word = match decision.verdict {
        Verdict::Approve => "Approved by ",
        Verdict::Deny => "Denied by ",
        Verdict::Withdraw => "Withdrawn by ",
    };
    let who = Markup::speaker(decision.person.as_ref(), decision.principal.as_ref());
    Markup::ours(word).and(&who).then(", ").and(&Markup::moment(decision.at)).then(".")
}
