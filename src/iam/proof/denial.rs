//! Whether a denial is explained by a change: was the call allowed before, and isn't it now?

use crate::iam::cloudtrail::{Call, Needs};
use crate::iam::document::Document;
use crate::iam::evaluate::{Context, Decision, Evaluator, PolicySet, Request};

/// Whether a change explains a denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Explained {
    /// It was denied before as well, or is allowed by both: something else denied it.
    No,
    /// That depends on what the record doesn't tell.
    Undecided,
    /// It was allowed before, and isn't now.
    Yes,
}

/// The policies of a role before and after a change.
#[derive(Debug)]
pub struct Denials {
    before: Evaluator,
    after: Evaluator,
}

impl Denials {
    /// Policies and boundary before, and policies and boundary after.
    pub fn new(before: (&[Document], &[Document]), after: (&[Document], &[Document])) -> Self {
        let compile = |(identity, boundaries): (&[Document], &[Document])| {
            Evaluator::compile(&PolicySet {
                identity: identity.to_vec(),
                boundaries: boundaries.to_vec(),
                ..PolicySet::default()
            })
        };
        Self { before: compile(before), after: compile(after) }
    }

    /// Whether the change explains why this call was denied: by the authorisation of it that the change explains best.
    pub fn explain(&self, call: &Call<'_>) -> Explained {
        let needs = match &call.needs {
            Needs::Nothing => return Explained::No,
            Needs::Unknown => return Explained::Undecided,
            Needs::All(needs) => needs,
        };
        let mut context = Context::open();
        call.context.iter().for_each(|(key, values)| context.insert(key, values.clone()));
        let explained = needs.iter().map(|need| {
            let request = Request {
                action: need.action.to_string(),
                principal: call.role.as_deref().or(call.caller.as_deref()).unwrap_or_default().to_owned(),
                resource: need.resource.clone(),
                resource_account: call.account.as_deref().map(str::to_owned),
                context: context.clone(),
            };
            let before = self.before.evaluate_caller_side(&request).decision;
            let after = self.after.evaluate_caller_side(&request).decision;
            match (before, after) {
                (Decision::Allowed, Decision::ImplicitlyDenied | Decision::ExplicitlyDenied) => {
                    Explained::Yes
                }
                (Decision::ImplicitlyDenied | Decision::ExplicitlyDenied, _)
                | (Decision::Allowed, Decision::Allowed) => Explained::No,
                (Decision::Undecided, _) | (_, Decision::Undecided) => Explained::Undecided,
            }
        });
        explained.max().unwrap_or(Explained::Undecided)
    }
}
