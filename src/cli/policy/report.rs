//! How differences, containment and risk are written: the JSON forms, and the words for the latter two.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::iam::catalogue::AccessLevel;
use crate::iam::diff::{Action, Change, Clause, Diff, Kind, Level, Size, Terms, headline};
use crate::iam::evaluate::{Request, Target};
use crate::iam::grants::{Containment, Granted};
use crate::iam::legible::legible;
use crate::iam::proof::{Replayed, Tally};
use crate::iam::risk::{Risk, RiskLevel};

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const NOTE: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default();
/// How many grants of a kind are shown in words; JSON has all.
const SHOWN: usize = 5;

/// A difference in JSON: whole, nothing folded.
#[derive(Serialize)]
pub(super) struct DiffForm<'a> {
    summary: String,
    before: SizeForm,
    after: SizeForm,
    reduction_percent: f64,
    counts: Counts,
    levels: Vec<LevelForm<'a>>,
    changes: Vec<ChangeForm<'a>>,
    kept: Vec<ActionForm<'a>>,
}

#[derive(Serialize)]
struct SizeForm {
    actions: usize,
    privileged: usize,
}

#[derive(Serialize)]
struct Counts {
    gained: usize,
    widened: usize,
    changed: usize,
    lost: usize,
    narrowed: usize,
    kept: usize,
}

#[derive(Serialize)]
struct LevelForm<'a> {
    service: &'a str,
    level: Option<&'static str>,
    before: usize,
    after: usize,
}

#[derive(Serialize)]
struct ChangeForm<'a> {
    kind: &'static str,
    service: &'a str,
    actions: Vec<ActionForm<'a>>,
    before: Option<TermsForm<'a>>,
    after: Option<TermsForm<'a>>,
}

#[derive(Serialize)]
struct ActionForm<'a> {
    name: &'a str,
    level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<u64>,
}

#[derive(Serialize)]
struct TermsForm<'a> {
    allowed: Vec<ClauseForm<'a>>,
    denied: Vec<ClauseForm<'a>>,
}

#[derive(Serialize)]
struct ClauseForm<'a> {
    resources: &'a [String],
    conditions: &'a [String],
}

impl<'a> DiffForm<'a> {
    pub fn of(diff: &'a Diff) -> Self {
        let size = |size: Size| SizeForm { actions: size.actions, privileged: size.privileged };
        Self {
            summary: headline(diff),
            before: size(diff.before),
            after: size(diff.after),
            reduction_percent: (diff.reduction() * 10.0).round() / 10.0,
            counts: Counts {
                gained: diff.count(Kind::Gained),
                widened: diff.count(Kind::Widened),
                changed: diff.count(Kind::Changed),
                lost: diff.count(Kind::Lost),
                narrowed: diff.count(Kind::Narrowed),
                kept: diff.kept.len(),
            },
            levels: diff.levels.iter().map(level).collect(),
            changes: diff.changes.iter().map(change).collect(),
            kept: diff.kept.iter().map(action).collect(),
        }
    }
}

fn level(level: &Level) -> LevelForm<'_> {
    let Level { service, level, before, after } = level;
    LevelForm { service, level: level.map(AccessLevel::as_str), before: *before, after: *after }
}

fn change(change: &Change) -> ChangeForm<'_> {
    let Change { kind, service, actions, before, after } = change;
    ChangeForm {
        kind: kind.as_str(),
        service,
        actions: actions.iter().map(action).collect(),
        before: before.as_ref().map(terms),
        after: after.as_ref().map(terms),
    }
}

fn action(action: &Action) -> ActionForm<'_> {
    ActionForm { name: &action.name, level: action.level.map(AccessLevel::as_str), used: action.used }
}

fn terms(terms: &Terms) -> TermsForm<'_> {
    TermsForm {
        allowed: terms.allowed.iter().map(clause).collect(),
        denied: terms.denied.iter().map(clause).collect(),
    }
}

fn clause(clause: &Clause) -> ClauseForm<'_> {
    ClauseForm { resources: &clause.resources, conditions: &clause.conditions }
}

/// The answer of containment in JSON.
#[derive(Serialize)]
pub(super) struct ContainmentForm<'a> {
    grants: usize,
    proved: usize,
    violations: Vec<ViolationForm<'a>>,
    unproved: Vec<UnprovedForm<'a>>,
}

#[derive(Serialize)]
struct ViolationForm<'a> {
    grant: GrantForm<'a>,
    reason: &'a str,
    witness: WitnessForm<'a>,
}

#[derive(Serialize)]
struct UnprovedForm<'a> {
    grant: GrantForm<'a>,
    reason: &'a str,
}

#[derive(Serialize)]
struct GrantForm<'a> {
    policy: usize,
    statement: usize,
    action: &'a str,
    resource: &'a str,
}

/// A request, as `alpha policy evaluate` reads it.
#[derive(Serialize)]
struct WitnessForm<'a> {
    action: &'a str,
    principal: &'a str,
    resource: &'a str,
    #[serde(rename = "resourceAccount", skip_serializing_if = "Option::is_none")]
    resource_account: Option<&'a str>,
    context: std::collections::BTreeMap<&'a str, &'a [String]>,
}

impl<'a> ContainmentForm<'a> {
    pub fn of(found: &'a Containment) -> Self {
        Self {
            grants: found.grants,
            proved: found.proved,
            violations: found
                .violations
                .iter()
                .map(|violation| ViolationForm {
                    grant: grant(&violation.grant),
                    reason: &violation.reason,
                    witness: witness(&violation.witness),
                })
                .collect(),
            unproved: found
                .unproved
                .iter()
                .map(|unproved| UnprovedForm { grant: grant(&unproved.grant), reason: &unproved.reason })
                .collect(),
        }
    }
}

fn grant(grant: &Granted) -> GrantForm<'_> {
    let Granted { place, action, resource, conditions: _ } = grant;
    GrantForm { policy: place.policy, statement: place.statement, action, resource }
}

fn witness(request: &Request) -> WitnessForm<'_> {
    let keys = request.context.keys();
    WitnessForm {
        action: &request.action,
        principal: &request.principal,
        resource: resource(request),
        resource_account: request.resource_account.as_deref(),
        context: keys.filter_map(|key| Some((key, request.context.get(key)?))).collect(),
    }
}

fn resource(request: &Request) -> &str {
    match &request.resource {
        Target::Named(text) => text,
        Target::Unknown => "a resource that isn't named",
    }
}

/// A risk in JSON.
#[derive(Serialize)]
pub(super) struct RiskForm<'a> {
    level: &'static str,
    reasons: Vec<ReasonForm<'a>>,
}

#[derive(Serialize)]
struct ReasonForm<'a> {
    level: &'static str,
    text: &'a str,
}

impl<'a> RiskForm<'a> {
    pub fn of(risk: &'a Risk) -> Self {
        let reasons = risk.reasons.iter();
        Self {
            level: risk.level.as_str(),
            reasons: reasons.map(|r| ReasonForm { level: r.level.as_str(), text: &r.text }).collect(),
        }
    }
}

/// A replay in JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplayForm<'a> {
    summary: String,
    calls: u64,
    allowed: u64,
    undecided: u64,
    broken: u64,
    needed_no_permission: u64,
    denied: u64,
    failed: u64,
    broken_examples: Vec<ReplayedForm<'a>>,
    undecided_examples: Vec<ReplayedForm<'a>>,
}

#[derive(Serialize)]
struct ReplayedForm<'a> {
    event: &'a str,
    time: &'a str,
    action: &'a str,
    resource: Option<&'a str>,
    why: &'a str,
}

impl<'a> ReplayForm<'a> {
    pub fn of(tally: &'a Tally) -> Self {
        Self {
            summary: replay_headline(tally),
            calls: tally.calls,
            allowed: tally.allowed,
            undecided: tally.undecided,
            broken: tally.broken,
            needed_no_permission: tally.free,
            denied: tally.denied,
            failed: tally.failed,
            broken_examples: tally.broken_examples.iter().map(replayed).collect(),
            undecided_examples: tally.undecided_examples.iter().map(replayed).collect(),
        }
    }
}

fn replayed(example: &Replayed) -> ReplayedForm<'_> {
    let Replayed { event, time, action, resource, why } = example;
    ReplayedForm { event, time, action, resource: resource.as_deref(), why }
}

fn replay_headline(tally: &Tally) -> String {
    let Tally { calls, allowed, undecided, broken, .. } = tally;
    format!("{allowed} of {calls} observed calls still allowed, {undecided} undecided, {broken} broken")
}

/// A replay in words.
pub(super) fn replay_text(tally: &Tally) -> String {
    let style = match (tally.broken, tally.undecided) {
        (1.., _) => BAD,
        (0, 1..) => NOTE,
        (0, 0) => GOOD,
    };
    let mut out = format!("{style}{}{style:#}\n", replay_headline(tally));
    for (word, style, examples) in
        [("broken", BAD, &tally.broken_examples), ("undecided", NOTE, &tally.undecided_examples)]
    {
        for Replayed { event, action, resource, why, .. } in examples.iter().take(SHOWN) {
            let resource = resource.as_deref().unwrap_or("a resource that isn't named");
            let line = format!("{action} on {resource}: {why} (event {event})");
            let _ = writeln!(out, "  {style}{word}{style:#}: {}", legible(&line));
        }
    }
    let apart = [
        (tally.free, "needed no permission"),
        (tally.denied, "were denied"),
        (tally.failed, "failed otherwise"),
    ];
    let apart: Vec<String> =
        apart.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if !apart.is_empty() {
        let _ = writeln!(out, "  not among them: {}", apart.join(", "));
    }
    out
}

/// The answer of containment in words.
pub(super) fn containment_text(found: &Containment) -> String {
    let Containment { grants, proved, violations, unproved } = found;
    if found.holds() {
        return format!("{GOOD}Grants nothing new{GOOD:#}: proved for each of {grants} grants\n");
    }
    let (style, verdict) =
        if violations.is_empty() { (NOTE, "May grant something new") } else { (BAD, "Grants something new") };
    let (broken, open) = (violations.len(), unproved.len());
    let mut out = format!(
        "{style}{verdict}{style:#}: of {grants} grants {proved} are proved, {broken} violated, {open} unproved\n"
    );
    let lines = violations.iter().take(SHOWN).map(|violation| {
        let request = &violation.witness;
        let shown = format!("{} on {}", request.action, resource(request));
        let shown = legible(&shown);
        format!(
            "  {BOLD}{}{BOLD:#}: {}; {shown} is allowed now and was not\n",
            violation.grant, violation.reason
        )
    });
    lines.for_each(|line| out.push_str(&line));
    more(&mut out, broken);
    for unproved in unproved.iter().take(SHOWN) {
        let _ = writeln!(out, "  {BOLD}{}{BOLD:#}: unproved, for {}", unproved.grant, unproved.reason);
    }
    more(&mut out, open);
    out
}

fn more(out: &mut String, all: usize) {
    if all > SHOWN {
        let _ = writeln!(out, "  and {} more", all - SHOWN);
    }
}

/// A risk in words.
pub(super) fn risk_text(risk: &Risk) -> String {
    let style = |level| match level {
        RiskLevel::Low => GOOD,
        RiskLevel::Medium => NOTE,
        RiskLevel::High => BAD,
    };
    let level = style(risk.level);
    let mut out = format!("Risk: {level}{}{level:#}\n", risk.level);
    for reason in &risk.reasons {
        let level = style(reason.level);
        let _ = writeln!(out, "  {level}{}{level:#}: {}", reason.level, reason.text);
    }
    out
}
