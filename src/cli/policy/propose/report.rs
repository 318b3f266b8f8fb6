//! How a proposal is told: what is proposed, its proofs, what it changes and how risky that is.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::Value;

use super::Answer;
use crate::cli::policy::coverage::CoverageForm;
use crate::cli::policy::report::{
    ContainmentForm, DiffForm, ReplayForm, RiskForm, containment_text, replay_text, risk_text,
};
use crate::cli::trail::{self, SkippedForm};
use crate::iam::actions::ActionSet;
use crate::iam::catalogue::Catalogue;
use crate::iam::diff;
use crate::iam::legible::legible;
use crate::iam::proposal::{Form, INLINE_LIMIT, Keep, MANAGED_LIMIT, PolicyPart};
use crate::iam::shorten::shorten;

const BOLD: Style = Style::new().bold();
const NOTE: Style = AnsiColor::Yellow.on_default();
/// How many patterns of what stays unobserved are listed in words; JSON has all.
const LISTED: usize = 12;

/// As JSON.
#[derive(Serialize)]
pub struct Json<'a> {
    role: Option<&'a str>,
    proposal: ProposalForm<'a>,
    proofs: Proofs<'a>,
    diff: DiffForm<'a>,
    risk: RiskForm<'a>,
    coverage: CoverageForm,
    skipped: Vec<SkippedForm<'a>>,
    complete: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProposalForm<'a> {
    policies: Vec<PolicyForm>,
    shortened: bool,
    excess: Option<&'a str>,
    kept: Vec<KeptForm>,
    unknown: &'a [String],
    not_removed: Vec<String>,
    no_actions: Vec<NoActionForm<'a>>,
}

#[derive(Serialize)]
struct PolicyForm {
    form: &'static str,
    size: usize,
    document: Value,
}

#[derive(Serialize)]
struct KeptForm {
    action: String,
    because: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct NoActionForm<'a> {
    name: &'a str,
    actions: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Proofs<'a> {
    replay: ReplayForm<'a>,
    no_new_access: ContainmentForm<'a>,
}

impl<'a> Json<'a> {
    pub fn of(answer: &'a Answer) -> Self {
        let proposal = &answer.proposal;
        let no_actions = proposal.no_actions.iter();
        Self {
            role: answer.role.as_deref(),
            proposal: ProposalForm {
                policies: proposal.fitted.parts.iter().map(policy).collect(),
                shortened: proposal.fitted.shortened,
                excess: proposal.fitted.excess.as_deref(),
                kept: proposal
                    .kept
                    .iter()
                    .map(|(action, keep)| kept(&Catalogue::embedded().full_name(*action), keep))
                    .collect(),
                unknown: &proposal.unknown,
                not_removed: proposal
                    .not_removed
                    .iter()
                    .map(|action| Catalogue::embedded().full_name(*action))
                    .collect(),
                no_actions: no_actions.map(|(name, actions)| NoActionForm { name, actions }).collect(),
            },
            proofs: Proofs {
                replay: ReplayForm::of(&answer.tally),
                no_new_access: ContainmentForm::of(&answer.containment),
            },
            diff: DiffForm::of(&answer.diff),
            risk: RiskForm::of(&answer.risk),
            coverage: CoverageForm::of(&answer.evidence, &answer.files),
            skipped: trail::skipped(&answer.files),
            complete: answer.files.is_complete(),
        }
    }
}

fn policy(part: &PolicyPart) -> PolicyForm {
    let form = match part.form {
        Form::Inline => "inline",
        Form::Managed => "managed",
    };
    PolicyForm { form, size: part.size, document: part.document.to_json() }
}

fn kept(action: &str, keep: &Keep) -> KeptForm {
    let base = KeptForm { action: action.to_owned(), because: "used", calls: None, of: None, reason: None };
    match keep {
        Keep::Used(calls) => KeptForm { calls: Some(*calls), ..base },
        Keep::DependentOf(of) => {
            KeptForm { because: "dependent", of: Some(Catalogue::embedded().full_name(*of)), ..base }
        }
        Keep::Attested(witness) => KeptForm { because: "attested", reason: Some(witness.as_str()), ..base },
        Keep::Unobservable(reason) => KeptForm { because: "unobservable", reason: Some(reason), ..base },
    }
}

/// In words.
pub fn text(answer: &Answer) -> anyhow::Result<String> {
    let seen = answer.evidence.coverage();
    let mut out = format!(
        "{BOLD}{}{BOLD:#}\n{} calls on {} days in {}\n\n",
        legible(answer.role.as_deref().unwrap_or("Proposal")),
        seen.calls,
        seen.days.len(),
        legible(&seen.regions.names().cloned().collect::<Vec<_>>().join(", ")),
    );
    if answer.proposal.fitted.parts.is_empty() {
        writeln!(out, "{BOLD}No policy{BOLD:#}: nothing that the present ones grant was used\n")?;
    }
    for part in &answer.proposal.fitted.parts {
        let (form, limit) = match part.form {
            Form::Inline => ("Inline policy", INLINE_LIMIT),
            Form::Managed => ("Managed policy", MANAGED_LIMIT),
        };
        writeln!(out, "{BOLD}{form}{BOLD:#}, {} of {limit} characters", part.size)?;
        writeln!(out, "{}\n", serde_json::to_string_pretty(&part.document.to_json())?)?;
    }
    remarks(&mut out, answer)?;
    writeln!(out, "{BOLD}Proofs{BOLD:#}")?;
    out.push_str(&replay_text(&answer.tally));
    out.push_str(&containment_text(&answer.containment));
    writeln!(out, "\n{BOLD}Diff{BOLD:#}\n{}", diff::render(&answer.diff))?;
    out.push_str(&risk_text(&answer.risk));
    out.push_str(&trail::incomplete_text(&answer.files));
    Ok(out)
}

/// What a person has to know before believing the policy.
fn remarks(out: &mut String, answer: &Answer) -> std::fmt::Result {
    let proposal = &answer.proposal;
    if let Some(excess) = &proposal.fitted.excess {
        writeln!(out, "{NOTE}It doesn't fit IAM's limits{NOTE:#}: {excess}\n")?;
    }
    let unobservable: ActionSet = proposal
        .kept
        .iter()
        .filter(|(_, keep)| matches!(keep, Keep::Unobservable(_)))
        .map(|(action, _)| *action)
        .collect();
    if !unobservable.is_empty() {
        let patterns = shorten(&unobservable);
        let more = patterns.len().saturating_sub(LISTED);
        let listed = patterns[..patterns.len() - more].join(", ");
        let more = if more == 0 { String::new() } else { format!(", and {more} more") };
        let count = unobservable.len();
        writeln!(
            out,
            "{NOTE}Kept without evidence{NOTE:#}: {count} actions whose use these logs can't show: {listed}{more}"
        )?;
        writeln!(out, "  take away what isn't needed with --remove PATTERN\n")?;
    }
    if !proposal.not_removed.is_empty() {
        let used: Vec<String> =
            proposal.not_removed.iter().map(|action| Catalogue::embedded().full_name(*action)).collect();
        writeln!(out, "{NOTE}Not taken away{NOTE:#}, because it was used: {}\n", used.join(", "))?;
    }
    if !proposal.unknown.is_empty() {
        writeln!(
            out,
            "{NOTE}Kept as written{NOTE:#}: no action is known as {}\n",
            legible(&proposal.unknown.join(", "))
        )?;
    }
    for (name, actions) in &proposal.no_actions {
        writeln!(
            out,
            "{NOTE}Left out{NOTE:#}: {name} is no action and grants nothing; the action is {}\n",
            actions.join(" or ")
        )?;
    }
    Ok(())
}
