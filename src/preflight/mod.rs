//! Whether the templates grant what the program calls, and no more: found out from the two alone, offline.
//!
//! What is meant follows from the tables of calls (`meant`, `places`); what a template grants is resolved for all that
//! its parameters can switch (`template`, `variants`, `roles`). Both then answer the same requests (`probe`) through the
//! one evaluator, and where they differ a line is missing or too many (`compare`); a line that no request would miss is
//! too many as well (`wear`).

mod compare;
mod finding;
mod matter;
mod meant;
mod places;
mod policy;
mod probe;
mod roles;
mod template;
mod variants;
mod wear;
mod words;

use std::collections::{BTreeMap, BTreeSet};

pub use finding::{Finding, Kind};
pub use meant::Tables;
pub use template::{MAX_BYTES, TemplateError};

use matter::{Of, Pair, Said};
use meant::Part;
use policy::Policy;
use roles::Role;
use template::{Chosen, Stack, Template};
use variants::Variant;
use wear::Wear;

use crate::iam::validate::{self, PolicyType, TRUST_POLICY};

/// What became of a template.
#[derive(Debug, serde::Serialize)]
pub struct Report {
    /// How many stacks of the template were looked at; none after the first that something is wrong with.
    pub stacks: usize,
    /// How many requests were asked.
    pub requests: usize,
    /// What is wrong, in the order of the template.
    pub findings: Vec<Finding>,
}

/// Compares what a template grants with what is called.
pub fn judge(text: &str, tables: Tables<'_>) -> Result<Report, TemplateError> {
    let template = Template::parse(text)?;
    let parts = parts(&template)?;
    let (mut findings, mut seen) = (Vec::new(), Seen::default());
    for variant in Variant::all() {
        let stack = Stack::new(&template, |name| variant.said(name))?;
        let (roles, found) = roles::roles(&template, &stack)?;
        seen.stacks += 1;
        findings.extend(found);
        findings.extend(unexpected(&template, &roles, &parts, &stack));
        for role in &roles {
            findings.extend(seen.invalid(role));
            let Some(part) = Part::of(&role.id).filter(|part| parts.contains(part)) else { continue };
            let meant = part.meant(&stack, tables);
            let trust = std::slice::from_ref(&role.trust);
            for (of, policies, meant) in
                [(Of::Grants, &*role.grants, &meant.grants), (Of::Trust, trust, &meant.trust)]
            {
                findings.extend(seen.judge(Pair { role, of, policies, meant }));
            }
        }
        seen.chosen.extend(stack.chosen());
        // The others would show the same once more, under other names.
        if !findings.is_empty() {
            break;
        }
    }
    // A line can be of use in the last of the stacks alone.
    if findings.is_empty() {
        findings.extend(seen.wear.findings());
        findings.extend(unseen(&seen.chosen));
    }
    Ok(Report { stacks: seen.stacks, requests: seen.requests, findings: each_once(findings) })
}

/// Grants that hang on what is the same in every stack that was looked at: nobody knows what else they can be.
fn unseen(chosen: &Chosen) -> Vec<Finding> {
    let one_way = chosen.iter().filter(|(line, name, held)| !chosen.contains(&(*line, name.clone(), !held)));
    let finding = |(line, name, held): &(usize, String, bool)| {
        let (way, other) = if *held { ("holds", "doesn't") } else { ("doesn't hold", "does") };
        let text = format!(
            "it {way} in any stack that is looked at here, so that nobody has judged what is granted where it {other}"
        );
        Finding::about(name, *line, Kind::Invalid, text)
    };
    one_way.map(finding).collect()
}

/// What is given and what is meant.
type BothSides = (Vec<Said>, Vec<Said>);

/// What was judged: much is the same in several stacks.
#[derive(Default)]
struct Seen {
    stacks: usize,
    requests: usize,
    wear: Wear,
    chosen: Chosen,
    matters: BTreeMap<(String, String), Vec<BothSides>>,
    policies: Vec<Policy>,
}

impl Seen {
    fn judge(&mut self, pair: Pair<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for matter in pair.matters() {
            let known = self.matters.entry((pair.role.id.clone(), matter.action.clone())).or_default();
            let said = (matter.given.clone(), matter.meant.clone());
            if known.contains(&said) {
                continue;
            }
            known.push(said);
            self.requests += matter.requests(&matter.given).len();
            findings.extend(matter.findings());
            self.wear.note(&matter);
        }
        findings
    }

    /// What IAM or Access Analyzer would have to say of a role's policies.
    fn invalid(&mut self, role: &Role) -> Vec<Finding> {
        let trust = validate::Kind { policy: PolicyType::Resource, resource: Some(TRUST_POLICY.to_owned()) };
        let grants = role.grants.iter().map(|policy| (policy, validate::Kind::of(PolicyType::Identity)));
        let mut found = Vec::new();
        for (policy, kind) in grants.chain([(&role.trust, trust)]) {
            if self.policies.iter().any(|known| known.id == policy.id && known.document == policy.document) {
                continue;
            }
            self.policies.push(policy.clone());
            let findings = validate::validate(policy.document.to_string_compact().as_bytes(), Some(kind));
            found.extend(findings.into_iter().map(|finding| {
                let text = format!("{}: {}", finding.issue, finding.details);
                Finding::about(&policy.id, policy.line, Kind::Invalid, text)
            }));
        }
        found
    }
}

/// The roles that a template is to make, from those that it speaks of.
fn parts(template: &Template) -> Result<Vec<Part>, TemplateError> {
    let has = |part: Part| template.resource(part.id()).is_some();
    match (has(Part::Bot), has(Part::Member)) {
        (true, _) => Ok(vec![Part::Bot, Part::Execution, Part::Evidence]),
        (false, true) => Ok(vec![Part::Member, Part::Evidence]),
        (false, false) => {
            let reason = "it has neither a BotRole nor a MemberRole, so isn't one of ALPHA's templates";
            Err(TemplateError { line: 1, reason: reason.to_owned() })
        }
    }
}

/// Roles that nothing stands for, and roles that should be there.
fn unexpected(template: &Template, roles: &[Role], parts: &[Part], stack: &Stack<'_>) -> Vec<Finding> {
    let known = |role: &&Role| Part::of(&role.id).is_some_and(|part| parts.contains(&part));
    let strange = roles.iter().filter(|role| !known(role)).map(|role| {
        Finding::about(&role.id, role.line, Kind::Superfluous, "is no role that ALPHA is known to need")
    });
    let lacking =
        parts.iter().filter(|part| part.is_made(stack) && !roles.iter().any(|role| role.id == part.id()));
    let lacking = lacking.map(|part| {
        let line = template.resource(part.id()).map_or(1, |resource| resource.line);
        Finding::about(part.id(), line, Kind::Missing, "isn't made, and ALPHA needs it")
    });
    strange.chain(lacking).collect()
}

/// What is wrong with a policy of two roles is wrong once.
fn each_once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut once: Vec<Finding> = findings
        .into_iter()
        .filter(|it| {
            let text = it.action.is_none().then(|| it.text.clone());
            seen.insert((it.line, it.kind, it.policy.clone(), it.statement.clone(), it.action.clone(), text))
        })
        .collect();
    once.sort();
    once
}
