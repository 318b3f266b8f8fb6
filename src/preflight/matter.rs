//! One action of one role: all that its policies say of it, all that they are meant to say, and how requests fare.

use super::meant::Meaning;
use super::policy::Policy;
use super::probe::{self, Asker};
use super::roles::Role;
use crate::iam::document::{Document, Effect, Selection, Statement, Version};
use crate::iam::evaluate::{Decision, Evaluator, PolicyKind, PolicySet, Request};

/// Which of a role's policies are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// What it is granted.
    Grants,
    /// Who may become it.
    Trust,
}

/// What a role has, and what it is meant to have.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'p> {
    /// The role.
    pub role: &'p Role,
    /// Which of its policies.
    pub of: Of,
    /// These policies.
    pub policies: &'p [Policy],
    /// What it is meant to have.
    pub meant: &'p [Meaning],
}

/// A statement by itself, as a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The policy, and its statement, that it is.
    pub place: (usize, usize),
    /// It alone.
    pub document: Document,
}

impl Said {
    /// A statement of a policy, alone.
    pub fn of(document: &Document, place: (usize, usize), statement: Statement) -> Self {
        Self {
            place,
            document: Document { version: document.version, id: None, statements: vec![statement] },
        }
    }

    /// The statement.
    pub fn statement(&self) -> Option<&Statement> {
        self.document.statements.first()
    }
}

/// All that is said of one action.
#[derive(Debug)]
pub struct Matter<'p> {
    /// Of which role and policies.
    pub pair: Pair<'p>,
    /// The action, in lower case.
    pub action: String,
    /// What is meant: the places are those of the meanings.
    pub meant: Vec<Said>,
    /// What is given.
    pub given: Vec<Said>,
}

/// A request that fares otherwise than it is meant to.
#[derive(Debug)]
pub struct Difference {
    /// How it is meant to fare.
    pub meant: Decision,
    /// How it fares.
    pub given: Decision,
    /// Which of what is meant decides.
    pub meaning: Option<usize>,
    /// Which of what is given decides.
    pub by: Option<usize>,
}

impl Difference {
    /// Whether something is allowed that isn't meant to be.
    pub fn is_excess(&self) -> bool {
        self.given == Decision::Allowed && self.meant != Decision::Allowed
    }

    /// The effect of the statement that would have to decide, where that is lacking.
    pub fn lacks(&self) -> Option<Effect> {
        match (self.meant, self.given) {
            (Decision::ExplicitlyDenied, _) => Some(Effect::Deny),
            (Decision::Allowed, Decision::ImplicitlyDenied) => Some(Effect::Allow),
            _ => None,
        }
    }
}

impl<'p> Pair<'p> {
    /// The actions that either side speaks of, each with all that is said of it.
    pub fn matters(self) -> Vec<Matter<'p>> {
        let given: Vec<Said> =
            self.policies.iter().enumerate().flat_map(|(at, policy)| each(&policy.document, at)).collect();
        let meant: Vec<Said> = each(&super::meant::document(self.meant), 0).collect();
        let about = |all: &[Said], action: &str| -> Vec<Said> {
            let speaks = |said: &&Said| said.statement().is_some_and(|it| probe::speaks_of(it, action));
            all.iter().filter(speaks).cloned().collect()
        };
        let matter = |action: String| Matter {
            pair: self,
            meant: about(&meant, &action),
            given: about(&given, &action),
            action,
        };
        probe::actions(given.iter().chain(&meant)).into_iter().map(matter).collect()
    }
}

fn each(document: &Document, policy: usize) -> impl Iterator<Item = Said> {
    let statements = document.statements.iter().enumerate();
    statements.map(move |(at, statement)| Said::of(document, (policy, at), statement.clone()))
}

impl Matter<'_> {
    /// What tells apart what is meant and what is given.
    pub fn requests(&self, given: &[Said]) -> Vec<Request> {
        let principal = (self.pair.of == Of::Grants).then_some(self.pair.role.arn.as_str());
        let asker = Asker { principal, resource: &self.pair.role.arn };
        probe::requests(&self.action, &given.iter().chain(&self.meant).collect::<Vec<_>>(), asker)
    }

    /// Where these statements decide otherwise than what is meant.
    pub fn differences(&self, given: &[Said]) -> Vec<Difference> {
        let (meant, theirs) = (self.evaluator(&self.meant), self.evaluator(given));
        let compared = self.requests(given).into_iter().map(|request| {
            let (meant, meaning) = self.decide(&meant, &request);
            let (given, by) = self.decide(&theirs, &request);
            Difference { meant, given, meaning, by }
        });
        compared.filter(|difference| difference.meant != difference.given).collect()
    }

    /// Ready to decide by these statements.
    pub fn evaluator(&self, said: &[Said]) -> Evaluator {
        let documents = said.iter().map(|said| said.document.clone()).collect();
        Evaluator::from(match self.pair.of {
            Of::Grants => PolicySet { identity: documents, ..PolicySet::default() },
            // Whatever a caller's own policies say, the trust policy has the last word.
            Of::Trust => {
                PolicySet { identity: vec![everything()], resource: documents, ..PolicySet::default() }
            }
        })
    }

    /// The decision on a request, and which statement made it.
    pub fn decide(&self, evaluator: &Evaluator, request: &Request) -> (Decision, Option<usize>) {
        let (verdict, kind) = match self.pair.of {
            Of::Grants => (evaluator.evaluate_caller_side(request), PolicyKind::Identity),
            Of::Trust => (evaluator.evaluate(request), PolicyKind::Resource),
        };
        let by = verdict.because.iter().find(|reason| reason.kind == kind).and_then(|reason| reason.policy);
        match (verdict.decision, by) {
            // By its own policies alone, which here allow everything.
            (Decision::Allowed, None) => (Decision::ImplicitlyDenied, None),
            decided => decided,
        }
    }
}

fn everything() -> Document {
    let all = || Some(Selection { negated: false, patterns: vec!["*".to_owned()] });
    let statement = Statement {
        sid: None,
        effect: Effect::Allow,
        principal: None,
        actions: all(),
        resources: all(),
        conditions: Vec::new(),
    };
    Document { version: Some(Version::V2012), id: None, statements: vec![statement] }
}
