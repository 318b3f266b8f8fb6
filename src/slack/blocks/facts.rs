//! What a card says of a case: the facts as lines, the most important first, folded to fit.

use super::cut::{LINE, as_plain, bullets, folded, line_within, units};
use super::markup::Markup;
use super::words::{count, share, span, things};
use crate::domain::opinion::{Opinion, Stand};
use crate::domain::proposal::{Case, DiffFacts, DiffLine, ProofFacts};
use crate::domain::rollout::PlannedStage;

/// How long one opinion may be.
const OPINION: usize = 360;
/// How long one gap may be, and how long they may all be.
const GAP: usize = 400;
const GAPS: usize = 500;
pub(super) const GAPS_MOST: usize = 1300;

/// What changes, in columns: which way, how many actions, which.
pub(super) fn diff(facts: &DiffFacts, most: usize) -> String {
    if facts.lines.is_empty() {
        return "no action changes".to_owned();
    }
    let line = |line: &DiffLine| {
        let kind = line_within(&line.kind, 8, as_plain);
        let text = line_within(&line.text, LINE - 40, as_plain);
        format!("{kind:<8} {:>5}  {text}", count(line.actions))
    };
    folded(&facts.lines, most, line, |line| line.actions, |left| format!("and {left} more actions"))
}

/// What is lost, for the question whether one really wants that.
pub(super) fn loss(facts: &DiffFacts) -> String {
    let of = |kind: &str| -> Vec<&DiffLine> { facts.lines.iter().filter(|line| line.kind == kind).collect() };
    let sum = |lines: &[&DiffLine]| lines.iter().fold(0u64, |sum, line| sum.saturating_add(line.actions));
    let (lost, narrowed) = (of("lost"), of("narrowed"));
    let mut text = match sum(&lost) {
        0 => "no action is lost".to_owned(),
        1 => "1 action is lost".to_owned(),
        many => format!("{} actions are lost", count(many)),
    };
    match sum(&narrowed) {
        0 => {}
        1 => text.push_str(", 1 is narrowed"),
        many => {
            text.push_str(", ");
            text.push_str(&count(many));
            text.push_str(" are narrowed");
        }
    }
    // The question has room for a few names: those that are lost, or else those that are narrowed.
    let named = if lost.is_empty() { &narrowed } else { &lost };
    let which: Vec<&str> = named.iter().take(8).map(|line| line.text.as_str()).collect();
    if !which.is_empty() {
        text.push_str(": ");
        text.push_str(&which.join("; "));
    }
    text
}

/// What the evidence is.
pub(super) fn evidence(case: &Case) -> Markup {
    let facts = &case.coverage;
    let days = things(u64::from(facts.days), "day");
    let last = case.snapshot.last_used.as_ref().map_or_else(String::new, |last| {
        let region = if is_region(&last.region) { format!(" in {}", last.region) } else { String::new() };
        format!("; last used {}{region}, IAM says", last.at.strftime("%Y-%m-%d"))
    });
    Markup::ours(format!(
        "{} on {days}, of {} asked for{last}",
        things(facts.calls, "call"),
        facts.asked_days
    ))
}

/// Whether it looks like the name of a Region, so that it can be nothing else in a message.
fn is_region(name: &str) -> bool {
    !name.is_empty() && name.len() <= 32 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// What the replay of the observed calls came to.
pub(super) fn replay(facts: &ProofFacts) -> Markup {
    Markup::ours(format!(
        "• Replay: {} allowed, {} denied, {} undecided",
        things(facts.allowed, "observed call") + if facts.allowed == 1 { " stays" } else { " stay" },
        count(facts.broken),
        count(facts.undecided)
    ))
}

/// What the comparison with today's grants came to.
pub(super) fn containment(facts: &ProofFacts) -> Markup {
    let proved = facts.grants.saturating_sub(facts.violations.saturating_add(facts.unproved));
    Markup::ours(format!(
        "• Containment: {} of {} proved to be within today's policies, {} proved not to be, {} open",
        count(proved),
        things(facts.grants, "grant"),
        count(facts.violations),
        count(facts.unproved)
    ))
}

/// Things as a list, where there are any.
pub(super) fn list(things: &[String], most: usize) -> Option<String> {
    (!things.is_empty()).then(|| bullets(things, most))
}

/// What could not be looked at. A missing grant is told with the statement that gives it, which takes more than a line,
/// comes first, and makes the list longer.
pub(super) fn gaps(gaps: &[String]) -> Option<String> {
    let length = |gap: &String| units(gap).min(GAP);
    let (long, short): (Vec<&String>, Vec<&String>) = gaps.iter().partition(|gap| length(gap) > LINE);
    let more: usize = long.iter().map(|gap| length(gap)).sum();
    let gaps: Vec<&String> = long.into_iter().chain(short).collect();
    let line = |gap: &&String| format!("• {}", line_within(gap, GAP, as_plain));
    let most = (GAPS + more).min(GAPS_MOST);
    (!gaps.is_empty()).then(|| folded(&gaps, most, line, |_| 1, |left| format!("• and {left} more")))
}

/// By how much a list of gaps is longer than usual.
pub(super) fn excess(gaps: Option<&str>) -> usize {
    gaps.map_or(0, |gaps| units(gaps).saturating_sub(GAPS))
}

/// Why the severity is what it is, the gravest first.
pub(super) fn reasons(case: &Case, most: usize) -> Option<String> {
    let raised = (case.severity() > case.risk.level).then(|| {
        format!("{}: the model that advises takes it to be riskier than the rules do", case.severity())
    });
    let rules = case.risk.reasons.iter().map(|reason| format!("{}: {}", reason.level, reason.text));
    list(&raised.into_iter().chain(rules).collect::<Vec<_>>(), most)
}

/// What others think of it.
pub(super) fn opinions(case: &Case, most: usize) -> Option<String> {
    let opinion = |opinion: &Opinion| {
        let (check, text) = (opinion.check.as_str(), &opinion.text);
        match opinion.stand {
            Stand::Agrees => format!("{check} agrees: {text}"),
            Stand::Differs => format!("{check} DIFFERS: {text}"),
            Stand::Silent => format!("{check} says nothing: {text}"),
        }
    };
    // What differs comes first: it is what a list that is cut must not lose.
    let (differ, others): (Vec<_>, Vec<_>) =
        case.opinions.iter().partition(|opinion| opinion.stand == Stand::Differs);
    let opinions: Vec<String> = differ.into_iter().chain(others).map(opinion).collect();
    // A missing grant is told with the statement that gives it, which takes more than a line.
    let line = |opinion: &String| format!("• {}", line_within(opinion, OPINION, as_plain));
    let rest = |left: &str| format!("• and {left} more");
    (!opinions.is_empty()).then(|| folded(&opinions, most, line, |_| 1, rest))
}

/// How it is rolled out.
pub(super) fn stages(stages: &[PlannedStage], most: usize) -> Option<String> {
    list(&stages.iter().map(stage).collect::<Vec<_>>(), most)
}

fn stage(planned: &PlannedStage) -> String {
    let PlannedStage { stage, soak, threshold, min_calls, writes, skipped } = planned;
    if let Some(why) = skipped {
        return format!("{stage}: nothing is written ({why})");
    }
    let watched =
        if soak.is_zero() { "judged at once".to_owned() } else { format!("watched for {}", span(*soak)) };
    format!(
        "{stage}: {}, {watched}, taken back above {} denied; a judgement needs {}",
        things(u64::from(*writes), "change"),
        share(*threshold),
        things(*min_calls, "call")
    )
}
