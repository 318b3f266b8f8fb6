//! Replay: each observed call, decided again under other policies.
//!
//! A call succeeded, so it was authorised by something. It is *allowed* when every authorisation it needed is granted
//! by the new policies; *broken* when one is not, and was, or may have been, granted by the policies of today;
//! *undecided* when that depends on what the record doesn't tell, or when the policies of today don't grant it either,
//! so that something which can't be seen here does.

use std::collections::{HashMap, HashSet};

use crate::iam::cloudtrail::{Call, Ending, Need, Needs};
use crate::iam::document::Document;
use crate::iam::evaluate::{Context, Decision, Evaluator, PolicySet, Request, Target};
use crate::iam::pattern::{Pattern, Setting};

/// How many counter-examples are kept of each kind.
const EXAMPLES: usize = 10;
/// How many distinct calls are remembered, so that a repeated one costs a look-up.
const REMEMBERED: usize = 1 << 14;
/// How much text a call that is remembered may hold, and the longest text of an example.
const LONGEST: usize = 4096;

/// What becomes of an observed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Still allowed.
    Allowed,
    /// Can't be told.
    Undecided,
    /// No longer allowed.
    Broken,
}

/// One call with its fate, and the authorisation that decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// `eventID`
    pub event: String,
    /// `eventTime`
    pub time: String,
    /// `service:Name`, or the event's source and name where no action is known.
    pub action: String,
    /// On what; `None` where the record doesn't name it.
    pub resource: Option<String>,
    /// Why, in a person's words.
    pub why: String,
}

/// The count of a replay. Tallies of parts of a log add up to that of the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls that succeeded and needed a permission.
    pub calls: u64,
    /// Of these, still allowed.
    pub allowed: u64,
    /// Of these, can't be told.
    pub undecided: u64,
    /// Of these, no longer allowed.
    pub broken: u64,
    /// Successful calls that need no permission; not among `calls`.
    pub free: u64,
    /// Calls that were denied when they were made: a need for a person to see, and no use.
    pub denied: u64,
    /// Calls that failed for another reason: no proof of use.
    pub failed: u64,
    /// The earliest broken calls.
    pub broken_examples: Vec<Replayed>,
    /// The earliest undecided calls.
    pub undecided_examples: Vec<Replayed>,
}

impl Tally {
    /// All calls that were looked at, whatever became of them.
    pub fn seen(&self) -> u64 {
        self.calls + self.free + self.denied + self.failed
    }

    /// Adds what was counted elsewhere.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.calls += other.calls;
        self.allowed += other.allowed;
        self.undecided += other.undecided;
        self.broken += other.broken;
        self.free += other.free;
        self.denied += other.denied;
        self.failed += other.failed;
        other.broken_examples.into_iter().for_each(|example| keep(&mut self.broken_examples, example));
        other.undecided_examples.into_iter().for_each(|example| keep(&mut self.undecided_examples, example));
        self
    }
}

/// Keeps the earliest examples, one for each action and resource, whatever order they come in.
fn keep(examples: &mut Vec<Replayed>, example: Replayed) {
    let key = |one: &Replayed| (one.time.clone(), one.event.clone());
    match examples
        .iter_mut()
        .find(|known| known.action == example.action && known.resource == example.resource)
    {
        Some(known) if key(&example) < key(known) => *known = example,
        Some(_) => {}
        None => examples.push(example),
    }
    examples.sort_by_key(key);
    examples.truncate(EXAMPLES);
}

/// The policies of a replay, ready to decide calls.
#[derive(Debug)]
pub struct Replay {
    now: Option<Evaluator>,
    then: Evaluator,
    /// The condition keys, in lower case, on which any answer can depend.
    keys: HashSet<String>,
}

impl Replay {
    /// Replays under `then`, within a permissions boundary where there is one. With the policies of today, `now`, a
    /// call that these don't grant isn't called broken.
    pub fn new(now: Option<&[Document]>, then: &[Document], boundary: &[Document]) -> Self {
        let compile = |identity: &[Document]| {
            Evaluator::compile(&PolicySet {
                identity: identity.to_vec(),
                boundaries: boundary.to_vec(),
                ..PolicySet::default()
            })
        };
        let documents = now.unwrap_or_default().iter().chain(then).chain(boundary);
        Self { now: now.map(compile), then: compile(then), keys: documents.flat_map(keys_of).collect() }
    }

    /// Decides one authorisation.
    fn decide(&self, asked: &Asked, need: &Need, context: &Context) -> (Fate, &'static str) {
        let request = Request {
            action: need.action.to_string(),
            principal: asked.principal.clone(),
            resource: need.resource.clone(),
            resource_account: asked.account.clone(),
            context: context.clone(),
        };
        let then = self.then.evaluate_caller_side(&request).decision;
        let denied = match then {
            Decision::Allowed => return (Fate::Allowed, "granted"),
            Decision::Undecided => return (Fate::Undecided, undecided_reason(need)),
            Decision::ImplicitlyDenied => "nothing in the policy grants it",
            Decision::ExplicitlyDenied => "a statement of the policy denies it",
        };
        match self.now.as_ref().map(|now| now.evaluate_caller_side(&request).decision) {
            Some(Decision::ImplicitlyDenied | Decision::ExplicitlyDenied) => {
                (Fate::Undecided, "the present policies don't grant it either: something else does")
            }
            Some(Decision::Allowed | Decision::Undecided) | None => (Fate::Broken, denied),
        }
    }

    /// The fate of a call: that of its worst authorisation.
    fn fate(&self, asked: &Asked) -> (Fate, usize, &'static str) {
        let mut context = Context::open();
        for (key, values) in &asked.context {
            context.insert(key, values.clone());
        }
        let mut worst = (Fate::Allowed, 0, "granted");
        for (at, need) in asked.needs.iter().enumerate() {
            let (fate, why) = self.decide(asked, need, &context);
            if fate > worst.0 {
                worst = (fate, at, why);
            }
        }
        worst
    }
}

/// The condition keys and variables that a document asks for.
pub(super) fn keys_of(document: &Document) -> impl Iterator<Item = String> + '_ {
    let variables = document.variables();
    document.statements.iter().flat_map(move |statement| {
        let keys = statement.conditions.iter().map(|condition| condition.key.to_ascii_lowercase());
        let values = statement.conditions.iter().flat_map(|condition| &condition.values);
        let resources = statement.resources.iter().flat_map(|selection| &selection.patterns);
        let named = values.chain(resources).flat_map(move |text| {
            let pattern = Pattern::parse(text, Setting::Plain, variables);
            pattern.variables().map(|variable| variable.key.to_string()).collect::<Vec<_>>()
        });
        keys.chain(named).collect::<Vec<_>>()
    })
}

/// A call, as far as the evaluator can see it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    principal: String,
    account: Option<String>,
    needs: Vec<Need>,
    context: Vec<(String, Vec<String>)>,
}

impl Asked {
    pub(super) fn new(call: &Call<'_>, needs: &[Need], keys: &HashSet<String>) -> Self {
        let context = call.context.iter().filter(|(key, _)| keys.contains(&key.to_ascii_lowercase()));
        Self {
            principal: call.role.as_deref().or(call.caller.as_deref()).unwrap_or_default().to_owned(),
            account: call.account.as_deref().map(str::to_owned),
            needs: needs.to_vec(),
            context: context.cloned().collect(),
        }
    }

    /// How much text it holds; a hostile log has any amount in a call.
    pub(super) fn length(&self) -> usize {
        let needs = self.needs.iter().map(|need| {
            let resource = if let Target::Named(name) = &need.resource { name.len() } else { 0 };
            need.action.len() + resource
        });
        let values = self.context.iter().flat_map(|(key, values)| std::iter::once(key).chain(values));
        let account = self.account.as_ref().map_or(0, String::len);
        self.principal.len() + account + needs.chain(values.map(String::len)).sum::<usize>()
    }
}

fn undecided_reason(need: &Need) -> &'static str {
    match &need.resource {
        Target::Unknown => "the record doesn't name the resource",
        Target::Named(name) if name != "*" && name.contains(['*', '?']) => {
            "the resource is told as a pattern only, or a condition asks for what the record doesn't tell"
        }
        Target::Named(_) => "a condition or a variable asks for what the record doesn't tell",
    }
}

/// A running replay: a tally, and a memory of what was decided already.
#[derive(Debug, Default)]
pub struct Run {
    /// What was counted so far.
    pub tally: Tally,
    known: HashMap<Asked, (Fate, usize, &'static str)>,
}

impl Run {
    /// The run over both logs; what one remembers is worth as much as what the other does.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self { tally: self.tally.merge(other.tally), known: self.known }
    }

    /// Counts one call.
    pub fn count(&mut self, replay: &Replay, call: &Call<'_>) {
        self.count_times(replay, call, 1);
    }

    /// Counts a call that was seen so many times.
    pub fn count_times(&mut self, replay: &Replay, call: &Call<'_>, times: u64) {
        match &call.ending {
            Ending::Denied(_) => return self.tally.denied += times,
            Ending::Failed(_) => return self.tally.failed += times,
            Ending::Succeeded => {}
        }
        let needs = match &call.needs {
            Needs::Nothing => return self.tally.free += times,
            Needs::All(needs) => needs,
            Needs::Unknown => {
                self.tally.calls += times;
                self.tally.undecided += times;
                let action = format!("{}:{}", call.source, call.name);
                let why = "no action of the catalogue is known to stand behind this event";
                return keep(&mut self.tally.undecided_examples, example(call, action, None, why));
            }
        };
        let (fate, at, why) = self.fate(replay, call, needs);
        self.tally.calls += times;
        let (count, examples) = match fate {
            Fate::Allowed => return self.tally.allowed += times,
            Fate::Undecided => (&mut self.tally.undecided, &mut self.tally.undecided_examples),
            Fate::Broken => (&mut self.tally.broken, &mut self.tally.broken_examples),
        };
        *count += times;
        let resource = match &needs[at].resource {
            Target::Named(resource) => Some(resource.clone()),
            Target::Unknown => None,
        };
        keep(examples, example(call, needs[at].action.to_string(), resource, why));
    }

    /// Calls that are alike to the evaluator are decided once.
    fn fate(&mut self, replay: &Replay, call: &Call<'_>, needs: &[Need]) -> (Fate, usize, &'static str) {
        let asked = Asked::new(call, needs, &replay.keys);
        if let Some(known) = self.known.get(&asked) {
            return *known;
        }
        let fate = replay.fate(&asked);
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        if asked.length() <= LONGEST {
            self.known.insert(asked, fate);
        }
        fate
    }
}

fn example(call: &Call, action: String, resource: Option<String>, why: &str) -> Replayed {
    Replayed {
        event: short(call.id.to_string()),
        time: call.time.to_string(),
        action: short(action),
        resource: resource.map(short),
        why: why.to_owned(),
    }
}

fn short(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}
