//! The decision: what each kind of policy says, and AWS's logic over it, in three values throughout.

use super::action::Asked;
use super::caller::{Caller, Naming, is_account};
use super::request::{Request, Target};
use super::resource::{Side, Subject};
use super::rule::{Policy, Question};
use super::truth::Truth;
use super::verdict::{Decision, PolicyKind};
use super::{Evaluator, Tier, special};
use crate::iam::arn::Arn;
use crate::iam::document::Effect;

/// A statement's place: policy and statement, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) policy: usize,
    pub(super) statement: usize,
}

/// What the policies of one kind say to a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voice {
    /// Whether policies of this kind have a say at all.
    pub(super) present: bool,
    pub(super) allow: Naming,
    /// The first statement that allows, or may.
    pub(super) allow_at: Option<Spot>,
    pub(super) deny: Truth,
    /// The first statement that denies, or may.
    pub(super) deny_at: Option<Spot>,
    /// Where all of several levels have to allow: the first that doesn't.
    pub(super) lacks: Option<usize>,
}

impl Voice {
    const SILENT: Self = Self {
        present: false,
        allow: Naming::EVERYBODY,
        allow_at: None,
        deny: Truth::No,
        deny_at: None,
        lacks: None,
    };

    /// Whether this kind lets the request pass.
    pub(super) fn passes(&self) -> Truth {
        self.allow.any()
    }

    /// Policies of which any may allow.
    fn of(policies: &[Policy], first: usize, question: &Question<'_>) -> Self {
        let mut voice = Self { present: true, allow: Naming::NOBODY, ..Self::SILENT };
        for (index, policy) in policies.iter().enumerate() {
            for (statement, rule) in policy.rules.iter().enumerate() {
                let naming = rule.applies(question);
                let truth = naming.any();
                if truth == Truth::No {
                    continue;
                }
                let spot = Some(Spot { policy: first + index, statement });
                match rule.effect {
                    Effect::Allow => {
                        if truth > voice.allow.any() || voice.allow_at.is_none() {
                            voice.allow_at = spot;
                        }
                        voice.allow = voice.allow.or(naming);
                    }
                    Effect::Deny => {
                        if truth > voice.deny {
                            (voice.deny, voice.deny_at) = (truth, spot);
                        }
                    }
                }
            }
        }
        voice
    }

    /// One more that has to allow too.
    fn and_also(&mut self, other: &Self, index: usize) {
        let (before, after) = (self.passes(), self.passes().and(other.passes()));
        if after < before {
            self.lacks = Some(index);
        }
        if self.allow_at.is_none() || other.passes() < before {
            self.allow_at = other.allow_at.or(self.allow_at);
        }
        self.allow = Naming { direct: after, ..Naming::NOBODY };
        if other.deny > self.deny {
            (self.deny, self.deny_at) = (other.deny, other.deny_at);
        }
        self.present = true;
    }

    /// Levels of an organisation: every one has to allow, by any of its policies.
    fn of_levels(tiers: &[Tier], question: &Question<'_>) -> Self {
        let (mut voice, mut first) = (Self::SILENT, 0);
        for (index, tier) in tiers.iter().enumerate() {
            voice.and_also(&Self::of(&tier.policies, first, question), index);
            first += tier.policies.len();
        }
        voice
    }
}

/// What was found, for the verdict to tell.
#[derive(Debug)]
pub(super) struct Ruling<'r> {
    pub(super) question: Question<'r>,
    pub(super) decision: Decision,
    /// In the order of [`PolicyKind`].
    pub(super) voices: [Voice; 7],
    /// The kinds that deny, don't allow what they would have to, or may do so.
    pub(super) blocks: [bool; 7],
    pub(super) by_nature: ByNature,
}

/// What no policy decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByNature {
    /// Everything is decided by policies.
    Nothing,
    /// The call needs no permission.
    Free,
    /// The caller needs no identity policy.
    Granted,
    /// What is to be changed belongs to AWS.
    Kept,
}

impl Evaluator {
    pub(super) fn rule<'r>(&self, request: &'r Request, side: Side) -> Ruling<'r> {
        let action = Asked::new(&request.action);
        let caller = Caller::of(&request.principal);
        let question = Question {
            subject: Subject::of(&request.resource, &action.name, side),
            bounded: caller.account().is_some() && !self.boundaries.is_empty(),
            context: &request.context,
            action,
            caller,
        };
        let mut ruling = Ruling {
            decision: Decision::Allowed,
            voices: [Voice::SILENT; 7],
            blocks: [false; 7],
            by_nature: ByNature::Nothing,
            question,
        };
        if special::needs_no_permission(&ruling.question) {
            ruling.by_nature = ByNature::Free;
            return ruling;
        }
        ruling.voices = self.hear(&ruling.question);
        if special::changes_what_aws_owns(&ruling.question) {
            ruling.by_nature = ByNature::Kept;
        } else if special::is_granted_by_nature(&ruling.question) {
            ruling.by_nature = ByNature::Granted;
            ruling.voices[PolicyKind::Identity as usize].allow = Naming::EVERYBODY;
        }
        let same_account = side == Side::Caller || is_same_account(&ruling.question.caller, request);
        let required = match side {
            Side::Both => special::needs_grant_of_resource(&ruling.question),
            Side::Caller => Truth::No,
        };
        ruling.conclude(same_account, required);
        ruling
    }

    /// What each kind that applies to the caller says.
    fn hear(&self, question: &Question<'_>) -> [Voice; 7] {
        let has_identity = question.caller.account().is_some();
        let service_linked = question.caller.is_service_linked();
        let mut voices = [Voice::SILENT; 7];
        let mut set = |kind: PolicyKind, voice: Voice| voices[kind as usize] = voice;
        set(PolicyKind::Resource, Voice::of(&self.resource, 0, question));
        if !self.endpoint.is_empty() {
            set(PolicyKind::Endpoint, Voice::of(&self.endpoint, 0, question));
        }
        if has_identity {
            set(PolicyKind::Identity, Voice::of(&self.identity, 0, question));
            if !self.boundaries.is_empty() {
                set(PolicyKind::Boundary, Voice::of(&self.boundaries, 0, question));
            }
            if !self.session.is_empty() {
                set(PolicyKind::Session, Voice::of(&self.session, 0, question));
            }
        }
        if has_identity && !service_linked {
            set(PolicyKind::Scp, Voice::of_levels(&self.service_control, question));
        }
        if !service_linked {
            let rcp = Voice::of_levels(&self.resource_control, question);
            // Every level carries RCPFullAWSAccess, so that only a Deny counts.
            set(PolicyKind::Rcp, Voice { deny: rcp.deny, deny_at: rcp.deny_at, ..Voice::SILENT });
        }
        voices
    }
}

/// Where nothing names the owner, it is taken to be the caller's account; so are resources of AWS's own.
fn is_same_account(caller: &Caller<'_>, request: &Request) -> bool {
    let owner = match (&request.resource_account, &request.resource) {
        (Some(account), _) => Some(account.as_str()),
        (None, Target::Named(text)) => Arn::parse(text).map(|arn| arn.account),
        (None, Target::Unknown) => None,
    };
    owner.filter(|account| is_account(account)).is_none_or(|owner| caller.account() == Some(owner))
}

impl Ruling<'_> {
    /// AWS's logic: an explicit deny anywhere, then what has to allow for this caller and this resource.
    fn conclude(&mut self, same_account: bool, required: Truth) {
        use PolicyKind as K;
        let voice = |kind: K| &self.voices[kind as usize];
        let passes = |kind: K| voice(kind).passes();
        let named = voice(K::Resource).allow;
        let limits = passes(K::Boundary).and(passes(K::Session));
        let identity = passes(K::Identity);
        let (granted, lacking): (Truth, &[K]) = if self.question.caller.account().is_none() {
            (named.any(), &[K::Resource])
        } else if !same_account {
            let lacking = &[K::Identity, K::Resource, K::Boundary, K::Session];
            (named.any().and(identity).and(limits), lacking)
        } else {
            // Named directly, the caller needs nothing more; as a role, it stays within its limits; as one of an
            // account, or not at all, its own policies have to grant.
            let as_role = named.role.and(limits);
            let as_identity = identity.and(limits).and(named.account.or(!required));
            let lacking: &[K] = match (named.direct, named.role) {
                (Truth::Yes, _) => &[],
                (_, Truth::Yes) => &[K::Boundary, K::Session],
                _ if named.account.or(!required) == Truth::Yes => &[K::Identity, K::Boundary, K::Session],
                _ => &[K::Identity, K::Resource, K::Boundary, K::Session],
            };
            (named.direct.or(as_role).or(as_identity), lacking)
        };
        let kept = self.by_nature == ByNature::Kept;
        let granted = granted.and(passes(K::Scp)).and(passes(K::Endpoint)).and((!kept).into());
        let denied = Truth::any(self.voices.iter().map(|voice| voice.deny));
        self.decision = match (denied, granted) {
            (Truth::Yes, _) => Decision::ExplicitlyDenied,
            (Truth::No, Truth::Yes) => Decision::Allowed,
            (Truth::No, Truth::No) => Decision::ImplicitlyDenied,
            (Truth::Unknown, _) | (Truth::No, Truth::Unknown) => Decision::Undecided,
        };
        if self.decision == Decision::Allowed {
            return;
        }
        let mut blocks = self.voices.map(|voice| voice.deny != Truth::No);
        for kind in lacking.iter().chain(&[K::Scp, K::Endpoint]) {
            blocks[*kind as usize] |= passes(*kind) != Truth::Yes;
        }
        blocks[K::Resource as usize] |= kept;
        self.blocks = blocks;
    }
}
