//! The verdict in a person's words: which statements decided, and what was missing.

use super::Evaluator;
use super::decide::{ByNature, Ruling, Spot, Voice};
use super::resource::Subject;
use super::rule::Rule;
use super::truth::Truth;
use super::verdict::{Decision, PolicyKind, Reason, Verdict};

const KINDS: [PolicyKind; 7] = [
    PolicyKind::Identity,
    PolicyKind::Resource,
    PolicyKind::Boundary,
    PolicyKind::Session,
    PolicyKind::Scp,
    PolicyKind::Rcp,
    PolicyKind::Endpoint,
];

impl Evaluator {
    pub(super) fn explain(&self, ruling: &Ruling<'_>) -> Verdict {
        let blocked_by = KINDS.into_iter().filter(|kind| ruling.blocks[*kind as usize]).collect();
        let because = match ruling.decision {
            Decision::Allowed => self.grants(ruling),
            Decision::ExplicitlyDenied => self.denials(ruling),
            Decision::ImplicitlyDenied => self.lacks(ruling),
            Decision::Undecided => self.doubts(ruling),
        };
        Verdict { decision: ruling.decision, blocked_by, because }
    }

    fn grants(&self, ruling: &Ruling<'_>) -> Vec<Reason> {
        let by_nature = match ruling.by_nature {
            ByNature::Free => Some("needs no permission, and no policy can deny it"),
            ByNature::Granted => Some("is the caller's without a policy"),
            ByNature::Nothing | ByNature::Kept => None,
        };
        let by_nature = by_nature.map(|text| Reason {
            kind: PolicyKind::Identity,
            policy: None,
            statement: None,
            name: None,
            text: format!("{} {text}", ruling.question.action.name),
        });
        let stated = spots(ruling, |voice| voice.allow_at.filter(|_| voice.passes() == Truth::Yes));
        by_nature.into_iter().chain(stated.map(|(kind, spot)| self.stated(kind, spot, "allows it"))).collect()
    }

    fn denials(&self, ruling: &Ruling<'_>) -> Vec<Reason> {
        spots(ruling, |voice| voice.deny_at.filter(|_| voice.deny == Truth::Yes))
            .map(|(kind, spot)| self.stated(kind, spot, "denies it"))
            .collect()
    }

    fn lacks(&self, ruling: &Ruling<'_>) -> Vec<Reason> {
        let kinds = KINDS.into_iter().filter(|kind| ruling.blocks[*kind as usize]);
        kinds.map(|kind| self.lack(kind, ruling)).collect()
    }

    fn lack(&self, kind: PolicyKind, ruling: &Ruling<'_>) -> Reason {
        let action = &ruling.question.action.name;
        let mut reason = Reason { kind, policy: None, statement: None, name: None, text: String::new() };
        reason.text = match kind {
            PolicyKind::Resource if ruling.by_nature == ByNature::Kept => {
                "it belongs to AWS, and nobody else can change it".into()
            }
            PolicyKind::Resource if self.resource.is_empty() => {
                format!("the resource would have to grant {action} itself, and has no policy")
            }
            PolicyKind::Identity if self.identity.is_empty() => {
                format!("the caller has no identity policy that could allow {action}")
            }
            PolicyKind::Scp => {
                let level = ruling.voices[kind as usize].lacks.unwrap_or_default();
                reason.name = self.service_control.get(level).and_then(|tier| tier.name.clone());
                format!("level {level} of the service control policies doesn't allow {action}")
            }
            PolicyKind::Boundary => format!("the permissions boundary doesn't allow {action}"),
            _ => format!("no statement of the {kind} policies allows {action}"),
        };
        reason
    }

    fn doubts(&self, ruling: &Ruling<'_>) -> Vec<Reason> {
        let denials = spots(ruling, |voice| voice.deny_at.filter(|_| voice.deny == Truth::Unknown));
        let grants = spots(ruling, |voice| voice.allow_at.filter(|_| voice.passes() == Truth::Unknown));
        let mut reasons: Vec<_> = denials
            .map(|(kind, spot)| (kind, spot, "may deny it"))
            .chain(grants.map(|(kind, spot)| (kind, spot, "may allow it")))
            .map(|(kind, spot, text)| {
                self.stated(kind, spot, &format!("{text}: {}", self.doubt(kind, spot, ruling)))
            })
            .collect();
        if reasons.is_empty() {
            reasons = self.lacks(ruling);
        }
        reasons
    }

    fn doubt(&self, kind: PolicyKind, spot: Spot, ruling: &Ruling<'_>) -> String {
        let rule = self.rule_at(kind, spot);
        let keys = rule.map(|rule| rule.unknown_keys(ruling.question.context).collect::<Vec<_>>());
        match keys {
            Some(keys) if !keys.is_empty() => format!("the request doesn't tell {}", keys.join(", ")),
            _ if matches!(ruling.question.subject, Subject::Unnamed) => "the resource isn't named".into(),
            _ => "the request doesn't tell the value of a policy variable".into(),
        }
    }

    fn stated(&self, kind: PolicyKind, spot: Spot, does: &str) -> Reason {
        let sid = self.rule_at(kind, spot).and_then(|rule| rule.sid.as_deref());
        let Spot { policy, statement } = spot;
        let named = sid.map(|sid| format!(" ({sid})")).unwrap_or_default();
        Reason {
            kind,
            policy: Some(policy),
            statement: Some(statement),
            name: sid.map(str::to_owned),
            text: format!("statement {statement}{named} of {kind} policy {policy} {does}"),
        }
    }

    fn rule_at(&self, kind: PolicyKind, spot: Spot) -> Option<&Rule> {
        let policy = match kind {
            PolicyKind::Identity => self.identity.get(spot.policy),
            PolicyKind::Resource => self.resource.get(spot.policy),
            PolicyKind::Boundary => self.boundaries.get(spot.policy),
            PolicyKind::Session => self.session.get(spot.policy),
            PolicyKind::Endpoint => self.endpoint.get(spot.policy),
            PolicyKind::Scp => self.service_control.iter().flat_map(|tier| &tier.policies).nth(spot.policy),
            PolicyKind::Rcp => self.resource_control.iter().flat_map(|tier| &tier.policies).nth(spot.policy),
        };
        policy?.rules.get(spot.statement)
    }
}

/// The kinds that have such a statement, with its place.
fn spots<'s>(
    ruling: &'s Ruling<'_>,
    at: impl Fn(&Voice) -> Option<Spot> + 's,
) -> impl Iterator<Item = (PolicyKind, Spot)> + 's {
    KINDS.into_iter().filter_map(move |kind| Some((kind, at(&ruling.voices[kind as usize])?)))
}
