//! IAM's size limits: a proposal that is too long is shortened by wildcards that match nothing unwanted, then split.

use super::group::stays_within;
use super::write::unique_sids;
use crate::iam::actions::ActionSet;
use crate::iam::catalogue::Catalogue;
use crate::iam::document::{Document, Effect, Selection, Statement, Version};
use crate::iam::pattern::Pattern;
use crate::iam::shorten::shorten;

/// All inline policies of a role together, in characters without white space.
pub const INLINE_LIMIT: usize = 10_240;
/// One managed policy, in characters without white space.
pub const MANAGED_LIMIT: usize = 6_144;
/// Managed policies attached to one role, by default.
pub const MANAGED_COUNT: usize = 10;

/// The policies of a proposal.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// One inline policy, or several managed ones; none where nothing stays, since IAM takes no empty policy.
    pub parts: Vec<PolicyPart>,
    /// Whether wildcards were put in to save room.
    pub shortened: bool,
    /// Why it doesn't fit, where it doesn't.
    pub excess: Option<String>,
}

/// One policy of a proposal.
#[derive(Debug, Clone)]
pub struct PolicyPart {
    /// How it would be stored.
    pub form: Form,
    /// What it says.
    pub document: Document,
    /// Its size as IAM counts it.
    pub size: usize,
}

/// How a policy is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Within the role.
    Inline,
    /// By itself, attached.
    Managed,
}

/// Brings a document within the limits: as it is, else shortened, else split over managed policies. `granted` are
/// today's action patterns; no wildcard is put in that none of them covers.
pub(super) fn fit(document: Document, granted: &[Pattern]) -> Fitted {
    if document.statements.is_empty() {
        return Fitted { parts: Vec::new(), shortened: false, excess: None };
    }
    if document.size() <= INLINE_LIMIT {
        return inline(document, false);
    }
    let (document, shortened) = shortened(document, granted);
    if document.size() <= INLINE_LIMIT {
        return inline(document, shortened);
    }
    let parts: Vec<PolicyPart> = split(&document)
        .into_iter()
        .map(|document| PolicyPart { form: Form::Managed, size: document.size(), document })
        .collect();
    let too_long = parts.iter().find(|part| part.size > MANAGED_LIMIT).map(|part| {
        format!(
            "one statement alone has {} characters, and a managed policy holds {MANAGED_LIMIT}",
            part.size
        )
    });
    let too_many = (parts.len() > MANAGED_COUNT).then(|| {
        format!(
            "it needs {} managed policies, and a role has {MANAGED_COUNT} at most by default",
            parts.len()
        )
    });
    Fitted { excess: too_long.or(too_many), parts, shortened }
}

fn inline(document: Document, shortened: bool) -> Fitted {
    let size = document.size();
    Fitted { parts: vec![PolicyPart { form: Form::Inline, document, size }], shortened, excess: None }
}

/// Writes lists of actions with wildcards, wherever those match nothing else today and stay within what is granted.
fn shortened(mut document: Document, granted: &[Pattern]) -> (Document, bool) {
    let catalogue = Catalogue::embedded();
    let mut any = false;
    for statement in document.statements.iter_mut().filter(|statement| statement.effect == Effect::Allow) {
        let Some(actions) = statement.actions.as_mut().filter(|actions| !actions.negated) else { continue };
        let (known, unknown): (Vec<_>, Vec<_>) =
            actions.patterns.drain(..).partition(|pattern| catalogue.matches_any(pattern));
        let mut set = ActionSet::empty();
        known.iter().for_each(|pattern| catalogue.expand_into(pattern, &mut set));
        let before = known.len();
        let mut patterns = Vec::new();
        for pattern in shorten(&set) {
            if stays_within(&pattern, granted) {
                patterns.push(pattern);
            } else {
                patterns.extend(catalogue.expand(&pattern).iter().map(|action| catalogue.full_name(action)));
            }
        }
        // A list that gets no shorter stays as a person would have written it.
        if patterns.len() < before {
            any = true;
            actions.patterns = patterns;
        } else {
            actions.patterns = known;
        }
        actions.patterns.extend(unknown);
        actions.patterns.sort();
        actions.patterns.dedup();
    }
    (document, any)
}

/// Splits over documents of at most the managed limit: statement by statement, a long one by its actions, then by its
/// resources. Explicit denies count wherever they stand, so they need no repeating.
fn split(document: &Document) -> Vec<Document> {
    let mut pieces: Vec<Statement> =
        document.statements.iter().flat_map(|statement| pieces(statement.clone())).collect();
    unique_sids(&mut pieces);
    let mut parts: Vec<(usize, Document)> = Vec::new();
    for statement in pieces {
        let part = alone(statement);
        let size = part.size();
        // In company it takes its own room and a comma; the frame of the document is there already.
        let added = size + 1 - frame();
        match parts.iter_mut().find(|(taken, _)| *taken + added <= MANAGED_LIMIT) {
            Some((taken, document)) => {
                *taken += added;
                document.statements.extend(part.statements);
            }
            None => parts.push((size, part)),
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
}

/// The size of a document without statements.
fn frame() -> usize {
    Document { version: Some(Version::V2012), id: None, statements: Vec::new() }.size()
}

fn alone(statement: Statement) -> Document {
    Document { version: Some(Version::V2012), id: None, statements: vec![statement] }
}

/// A statement that fits, or its halves. Only lists that are alternatives can be halved: not those of `Not...`.
fn pieces(statement: Statement) -> Vec<Statement> {
    if alone(statement.clone()).size() <= MANAGED_LIMIT {
        return vec![statement];
    }
    let halves = halves(statement.actions.as_ref())
        .map(|(one, other)| {
            (
                Statement { actions: Some(one), ..statement.clone() },
                Statement { actions: Some(other), ..statement.clone() },
            )
        })
        .or_else(|| {
            halves(statement.resources.as_ref()).map(|(one, other)| {
                let one = Statement { resources: Some(one), ..statement.clone() };
                (one, Statement { resources: Some(other), ..statement.clone() })
            })
        });
    match halves {
        Some((one, other)) => pieces(one).into_iter().chain(pieces(other)).collect(),
        None => vec![statement],
    }
}

fn halves(list: Option<&Selection>) -> Option<(Selection, Selection)> {
    let list = list.filter(|list| !list.negated && list.patterns.len() > 1)?;
    let (one, other) = list.patterns.split_at(list.patterns.len() / 2);
    let half = |patterns: &[String]| Selection { negated: false, patterns: patterns.to_vec() };
    Some((half(one), half(other)))
}
