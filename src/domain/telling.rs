//! A case in words, made from its facts alone: what is said where no model is asked, and where one fails.
//!
//! The same case always gives the same text. It claims nothing that the case doesn't prove, and decides nothing.

use super::proposal::{Case, DiffFacts, ProofFacts, Prose};
use crate::iam::legible::legible;

/// How many lines of a difference are named.
const NAMED: usize = 2;

/// Puts a case into words without a model.
pub fn tell(case: &Case) -> Prose {
    Prose { text: text(case), author: Prose::FACTS.to_owned(), opinion: None, instead: None }
}

/// Two to four sentences: what was used, what goes, what stays unproved, how sure that is.
fn text(case: &Case) -> String {
    let sentences = [Some(used(case)), Some(goes(&case.changes)), stays(&case.changes), Some(sure(case))];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn used(case: &Case) -> String {
    let name = case.snapshot.arn.rsplit('/').next().unwrap_or_default();
    let coverage = &case.coverage;
    if coverage.calls == 0 {
        format!(
            "{} made no call that the trail shows in {}.",
            legible(name),
            count(coverage.asked_days.into(), "day")
        )
    } else {
        format!(
            "{} made {} on {} of the last {}.",
            legible(name),
            count(coverage.calls, "call"),
            count(coverage.days.into(), "day"),
            count(coverage.asked_days.into(), "day")
        )
    }
}

fn goes(changes: &DiffFacts) -> String {
    let lost: Vec<&str> = changes
        .lines
        .iter()
        .filter(|line| matches!(line.kind.as_str(), "lost" | "narrowed"))
        .map(|line| line.text.as_str())
        .collect();
    let total =
        format!("Of {} it would keep {}", count(changes.before, "granted action"), number(changes.after));
    match lost.as_slice() {
        [] => format!("{total}."),
        lines => {
            let named = lines.iter().take(NAMED).map(|line| legible(line).into_owned());
            let named = named.collect::<Vec<_>>().join("; ");
            let more = lines.len().saturating_sub(NAMED);
            let more = if more == 0 {
                String::new()
            } else {
                format!("; and {}", count(more as u64, "more change"))
            };
            format!("{total}: {named}{more}.")
        }
    }
}

fn stays(changes: &DiffFacts) -> Option<String> {
    let kept = changes.unobservable.len() as u64;
    let unwatched = changes.unwatched.len() as u64;
    match (kept, unwatched) {
        (0, 0) => None,
        (0, _) => Some(format!(
            "The loss of {} would not show in the trail, so nobody would see it break.",
            count(unwatched, "removed action")
        )),
        _ => Some(format!(
            "{} without evidence, because no log shows whether {} used.",
            if kept == 1 {
                "One pattern stays".to_owned()
            } else {
                format!("{} patterns stay", number(kept))
            },
            if kept == 1 { "it is" } else { "they are" }
        )),
    }
}

fn sure(case: &Case) -> String {
    let ProofFacts { allowed, undecided, broken, violations, unproved, .. } = case.proofs;
    let calls = allowed + undecided + broken;
    let replay = match (broken, undecided) {
        (0, 0) if calls == 0 => "There was no call to replay".to_owned(),
        (0, 0) => format!("Replayed, all of {} stay allowed", count(calls, "observed call")),
        (0, _) => format!(
            "Replayed, {} of {} stay allowed and {} can't be decided",
            number(allowed),
            count(calls, "observed call"),
            number(undecided)
        ),
        _ => format!("Replayed, {} of {} would be refused", number(broken), count(calls, "observed call")),
    };
    let access = match (violations, unproved) {
        (0, 0) => "nothing new is granted, with proof".to_owned(),
        (0, _) => format!("that nothing new is granted is unproved for {}", count(unproved, "grant")),
        _ => format!(
            "{} new",
            if violations == 1 {
                "one grant is".to_owned()
            } else {
                format!("{} grants are", number(violations))
            }
        ),
    };
    let gaps = case.coverage.gaps.len() as u64;
    let gaps =
        if gaps == 0 { String::new() } else { format!(", and the evidence has {}", count(gaps, "gap")) };
    format!("{replay}; {access}{gaps}: the risk is {}.", case.risk.level)
}

/// A number of things, in words.
fn count(how_many: u64, thing: &str) -> String {
    let s = if how_many == 1 { "" } else { "s" };
    format!("{} {thing}{s}", number(how_many))
}

/// A number with its thousands apart.
fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::JobId;
    use crate::domain::proposal::{CoverageFacts, DiffLine};
    use crate::domain::role::Snapshot;
    use crate::iam::document::Document;
    use crate::iam::risk::Risk;

    fn case() -> Case {
        Case {
            job: JobId::new("j-0"),
            revision: 1,
            snapshot: Snapshot {
                last_used: None,
                arn: "arn:aws:iam::111122223333:role/ci/ci-deployer".into(),
                role_id: "AROAEXAMPLE".into(),
                path: "/ci/".into(),
                trust: Document::default(),
                inline: std::collections::BTreeMap::new(),
                attached: std::collections::BTreeMap::new(),
                boundary: None,
                tags: std::collections::BTreeMap::new(),
            },
            proposed: Vec::new(),
            used: Vec::new(),
            writes: Vec::new(),
            stages: Vec::new(),
            coverage: CoverageFacts { calls: 4812, days: 90, asked_days: 90, gaps: Vec::new() },
            proofs: ProofFacts { allowed: 4812, grants: 7, ..ProofFacts::default() },
            changes: DiffFacts {
                before: 164,
                after: 3,
                lines: vec![DiffLine { kind: "lost".into(), text: "s3: 161 actions".into(), actions: 161 }],
                ..DiffFacts::default()
            },
            risk: Risk::default(),
            opinions: Vec::new(),
            prose: None,
            guardrails: String::new(),
            made: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_clean_case_is_told_in_three_sentences() {
        assert_eq!(
            text(&case()),
            "ci-deployer made 4,812 calls on 90 days of the last 90 days. Of 164 granted actions it would keep 3: s3: \
             161 actions. Replayed, all of 4,812 observed calls stay allowed; nothing new is granted, with proof: the \
             risk is low."
        );
    }

    #[test]
    fn what_is_not_known_is_never_left_out() {
        let mut case = case();
        case.coverage =
            CoverageFacts { calls: 0, days: 0, asked_days: 1, gaps: vec!["no data events".into()] };
        case.proofs = ProofFacts { unproved: 1, ..ProofFacts::default() };
        case.changes.unobservable = vec!["sns:Publish".into()];
        let told = text(&case);
        for part in [
            "no call that the trail shows in 1 day",
            "One pattern stays without evidence",
            "unproved for 1 grant",
            "1 gap",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        case.proofs = ProofFacts { broken: 2, allowed: 1, violations: 3, ..ProofFacts::default() };
        assert!(
            text(&case).contains("2 of 3 observed calls would be refused; 3 grants are new"),
            "{}",
            text(&case)
        );
    }

    #[test]
    fn names_from_outside_can_not_forge_a_sentence() {
        let mut case = case();
        case.changes.lines[0].text = "s3\nApproved by everybody\u{202e}".into();
        let told = text(&case);
        assert!(!told.contains('\n') && !told.contains('\u{202e}'), "{told}");
    }
}
