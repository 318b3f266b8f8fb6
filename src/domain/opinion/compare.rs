//! What answers say of ours: the same, another, or nothing.

use super::{Answer, Check, Finding, Opinion, Questions, Simulated, Stand, Trial, Verdict};
use crate::iam::validate::{FindingType, Kind, PolicyType, validate};

/// How many of the things that differ are named.
const NAMED: usize = 3;

/// The opinions that answers come to, in the order of the answers.
pub fn compare(questions: &Questions, answers: &[Answer]) -> Vec<Opinion> {
    answers.iter().map(|answer| opinion(questions, answer)).collect()
}

fn opinion(questions: &Questions, answer: &Answer) -> Opinion {
    let (check, said) = match answer {
        Answer::Validation(answer) => {
            (Check::ValidatePolicy, answer.as_ref().map(|findings| of_findings(questions, findings)))
        }
        Answer::NewAccess(answer) => (
            Check::CheckNoNewAccess,
            answer.as_ref().map(|verdict| {
                of_verdict(verdict, "nothing new is granted", "the proposal may grant something new")
            }),
        ),
        Answer::Removed(answer) => (
            Check::CheckAccessNotGranted,
            answer.as_ref().map(|verdict| {
                let holds = format!("none of {} removed actions is granted", questions.removed.len());
                of_verdict(verdict, &holds, "the proposal grants an action that it is to remove")
            }),
        ),
        Answer::Simulation(answer) => (
            Check::SimulateCustomPolicy,
            answer.as_ref().map(|outcomes| of_outcomes(&questions.calls, outcomes)),
        ),
    };
    let (stand, text) = said.unwrap_or_else(|why| (Stand::Silent, why.clone()));
    Opinion { check, stand, text }
}

fn of_findings(questions: &Questions, findings: &[Finding]) -> (Stand, String) {
    let of_policy = |index: usize| questions.proposed.get(index);
    // An error that we find as well stands in today's policies, and is kept because nobody knows what it is for.
    let is_news = |finding: &&Finding| {
        finding.error
            && of_policy(finding.policy).is_none_or(|policy| {
                let ours =
                    validate(policy.to_string_compact().as_bytes(), Some(Kind::of(PolicyType::Identity)));
                !ours.iter().any(|ours| ours.issue.weight() == FindingType::Error)
            })
    };
    let news: Vec<&Finding> = findings.iter().filter(is_news).collect();
    if !news.is_empty() {
        let said = news.iter().map(|finding| format!("{}: {}", finding.code, finding.text));
        return (Stand::Differs, format!("a proposed policy has an error: {}", named(said, news.len())));
    }
    if findings.is_empty() {
        return (Stand::Agrees, "nothing is wrong with the proposed policies".to_owned());
    }
    let codes = named(findings.iter().map(|finding| finding.code.clone()), findings.len());
    (Stand::Agrees, format!("the proposed policies are policies, with {} remarks: {codes}", findings.len()))
}

fn of_verdict(verdict: &Verdict, holds: &str, fails: &str) -> (Stand, String) {
    if verdict.holds {
        return (Stand::Agrees, holds.to_owned());
    }
    let reasons = named(verdict.reasons.iter().cloned(), verdict.reasons.len());
    (Stand::Differs, if reasons.is_empty() { fails.to_owned() } else { format!("{fails}: {reasons}") })
}

fn of_outcomes(trials: &[Trial], outcomes: &[Simulated]) -> (Stand, String) {
    let tried = || trials.iter().zip(outcomes);
    let denied: Vec<&Trial> =
        tried().filter(|(_, outcome)| **outcome == Simulated::Denied).map(|(trial, _)| trial).collect();
    let allowed = outcomes.iter().filter(|outcome| **outcome == Simulated::Allowed).count();
    let open = outcomes.len() - allowed - denied.len();
    if !denied.is_empty() {
        let said = denied.iter().map(|trial| format!("{} on {}", trial.action, trial.resource));
        let text = format!(
            "of {} observed calls that ALPHA proves to stay allowed, {} would be denied: {}",
            outcomes.len(),
            denied.len(),
            named(said, denied.len())
        );
        return (Stand::Differs, text);
    }
    let why = outcomes.iter().find_map(|outcome| match outcome {
        Simulated::Undecided(keys) => Some(format!("it lacks {}", keys.join(", "))),
        Simulated::Untried(why) => Some(why.clone()),
        Simulated::Allowed | Simulated::Denied => None,
    });
    let why = why.map(|why| format!(", {open} are open: {why}")).unwrap_or_default();
    let stand = if allowed > 0 { Stand::Agrees } else { Stand::Silent };
    (stand, format!("of {} observed calls {allowed} stay allowed{why}", outcomes.len()))
}

fn named(said: impl Iterator<Item = String>, all: usize) -> String {
    let first = said.take(NAMED).collect::<Vec<_>>().join("; ");
    let more = all.saturating_sub(NAMED);
    if more == 0 { first } else { format!("{first}; and {more} more") }
}
