//! What a role did before the account was seeded, and since: evidence.
//!
//! The past is worked out and not stored. Whole days of it are worked out once for each window of days; the days that a
//! window cuts, and what the workload did, are added each time.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::book::{Book, outcome};
use super::denial;
use super::gather::{Gathering, Times};
use super::live;
use super::profile::{DAY, Profile};
use super::record::{Kind, Moment};
use crate::domain::ids::AccountId;
use crate::domain::role::{RoleRef, Snapshot};
use crate::domain::rules::shown;
use crate::iam::actions::ActionSet;
use crate::iam::arn::Arn;
use crate::iam::catalogue::Catalogue;
use crate::iam::cloudtrail::Reader;
use crate::iam::document::{Document, Effect};
use crate::iam::evaluate::Evaluator;
use crate::iam::evidence::{Observability, observability};
use crate::ports::{AccountError, Gathered, Window};

/// How many days of the past there are: a year, and some more.
const DEPTH: i64 = 400;
/// The services of which the trail records data events.
pub(super) const DATA_SERVICES: &[&str] = &["dynamodb", "lambda", "s3"];
/// How many services a gap names.
const NAMED: usize = 6;

/// What is known of a role's past.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The marks of its kinds of calls, by habit and variant.
    marks: HashMap<(usize, u64), u64>,
    /// The window of whole days that was worked out last, and what it comes to.
    days: Range<i64>,
    gathered: Arc<Gathering>,
    /// The policies that were looked at last, and the services whose data events they would need.
    blind: (Vec<Document>, Vec<&'static str>),
}

/// The role that an ARN names.
pub(super) fn reference(account: &AccountId, arn: &str) -> Result<RoleRef, AccountError> {
    let parsed = Arn::parse(arn).filter(|arn| arn.service == "iam" && arn.resource.starts_with("role/"));
    let role = parsed.ok_or_else(|| AccountError::NoSuchRole { name: shown(arn), like: None })?;
    if role.account != account.as_str() {
        return Err(AccountError::Denied(format!("account {} is out of reach", shown(role.account))));
    }
    let name = role.resource.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(RoleRef { account: account.clone(), name })
}

impl Book {
    /// Gathers what is known of a role's use.
    pub(super) fn collect(&mut self, role: &Snapshot, window: Window) -> Result<Gathered, AccountError> {
        let reference = reference(&self.account, &role.arn)?;
        let (id, profile) = self.role(&reference)?;
        let (since, until) = (window.since.as_millisecond(), window.until.as_millisecond());
        let mut gathering = match profile {
            // Where the window lies outside of the trail, not even the absence of a call was seen.
            _ if until <= self.begins() || since >= until.min(self.now()) => Gathering::default(),
            Some(profile) => self.past(&profile, since, until),
            None => Gathering::of_trail(DATA_SERVICES),
        };
        let mut marks: HashMap<i64, u64> = HashMap::new();
        for (number, count) in live::counts(&self.connection, id, since, until)? {
            if let Some(mark) = marks.get(&number) {
                gathering.again(*mark, count);
            } else {
                let kind = live::kind_of(&self.connection, number)?;
                marks.insert(number, kind.mark);
                gathering.add(&mut self.reader, &kind, count);
            }
        }
        let (used, calls) = gathering.into_calls();
        Ok(Gathered { used, calls, gaps: self.gaps(role, &reference, since) })
    }

    /// The records of a role's past of one day, in order, as the trail would hold them.
    pub(super) fn records(&mut self, role: &RoleRef, day: Date) -> Result<Vec<String>, AccountError> {
        let (_, Some(profile)) = self.role(role)? else { return Ok(Vec::new()) };
        let Ok(start) = day.to_zoned(TimeZone::UTC) else { return Ok(Vec::new()) };
        let day = start.timestamp().as_millisecond().div_euclid(DAY);
        let mut kinds = Kinds::default();
        let mut calls: Vec<_> = profile.calls(day, self.begins(), self.seeded).collect();
        calls.sort_by_key(|(_, _, moment)| *moment);
        let mut made: HashMap<(usize, u64), Option<Kind>> = HashMap::new();
        let record = |(habit, variant, moment)| {
            let kind = made
                .entry((habit, variant))
                .or_insert_with(|| kinds.make(&mut self.reader, &profile, habit, variant));
            kind.as_ref().map(|kind| kind.stamp(&moment))
        };
        Ok(calls.into_iter().filter_map(record).collect())
    }

    /// The records of the workload's newest calls, the newest first.
    pub(super) fn newest(&mut self, role: &RoleRef, limit: usize) -> Result<Vec<String>, AccountError> {
        let (id, _) = self.role(role)?;
        let mut kinds: HashMap<i64, Kind> = HashMap::new();
        let mut records = Vec::new();
        for (number, at) in live::newest(&self.connection, id, limit)? {
            let moment = Moment { at, identity: live::identity(number, at) };
            if let Some(kind) = kinds.get(&number) {
                records.push(kind.stamp(&moment));
            } else {
                let kind = live::kind_of(&self.connection, number)?;
                records.push(kind.stamp(&moment));
                kinds.insert(number, kind);
            }
        }
        Ok(records)
    }

    /// When the trail begins.
    fn begins(&self) -> i64 {
        (self.seeded.div_euclid(DAY) - DEPTH) * DAY
    }

    /// What a role did in its past within a window.
    fn past(&mut self, profile: &Profile, since: i64, until: i64) -> Gathering {
        let (since, until) = (since.max(self.begins()), until.min(self.seeded));
        let mut past = self.pasts.remove(&profile.name.to_ascii_lowercase()).unwrap_or_default();
        let mut kinds = Kinds::default();
        let whole = since.div_euclid(DAY) + i64::from(since.rem_euclid(DAY) > 0)..until.div_euclid(DAY);
        if past.days != whole || past.gathered.is_empty() {
            let mut gathering = Gathering::of_trail(DATA_SERVICES);
            for day in whole.clone() {
                past.day(&mut gathering, &mut self.reader, &mut kinds, profile, day, since, until);
            }
            (past.days, past.gathered) = (whole.clone(), Arc::new(gathering));
        }
        let mut gathering = past.gathered.as_ref().clone();
        if since < until {
            let (first, last) = (since.div_euclid(DAY), (until - 1).div_euclid(DAY));
            let cut = [first, last].into_iter().filter(|day| !whole.contains(day));
            for day in cut.take(if first == last { 1 } else { 2 }) {
                past.day(&mut gathering, &mut self.reader, &mut kinds, profile, day, since, until);
            }
        }
        self.pasts.insert(profile.name.to_ascii_lowercase(), past);
        gathering
    }

    /// What could not be looked at.
    fn gaps(&mut self, role: &Snapshot, reference: &RoleRef, since: i64) -> Vec<String> {
        let mut gaps = Vec::new();
        if since < self.begins() {
            let begin = Timestamp::from_millisecond(self.begins()).unwrap_or_default();
            let day = begin.strftime("%Y-%m-%d");
            gaps.push(format!("the trail begins on {day}: nothing is known of the days before"));
        }
        let past = self.pasts.entry(reference.name.to_ascii_lowercase()).or_default();
        let policies = role.policies();
        if past.blind.0 != policies {
            past.blind = (policies.clone(), blind(&policies));
        }
        let blind = &past.blind.1;
        if !blind.is_empty() {
            let more = blind.len().saturating_sub(NAMED);
            let named = blind[..blind.len() - more].join(", ");
            let more = if more == 0 { String::new() } else { format!(" and {more} more services") };
            gaps.push(format!(
                "the trail records data events of {} only: what the role does to the data of {named}{more} is not seen",
                DATA_SERVICES.join(", ")
            ));
        }
        gaps
    }
}

impl Past {
    #[expect(clippy::too_many_arguments, reason = "a day is counted in one place, from all of these")]
    fn day(
        &mut self,
        gathering: &mut Gathering,
        reader: &mut Reader,
        kinds: &mut Kinds,
        profile: &Profile,
        day: i64,
        since: i64,
        until: i64,
    ) {
        for sighting in profile.sightings(day, since, until) {
            let count = Times { count: sighting.count, first: sighting.first, last: sighting.last };
            let key = (sighting.habit, sighting.variant);
            if let Some(mark) = self.marks.get(&key).filter(|mark| gathering.knows(**mark)) {
                gathering.again(*mark, count);
            } else if let Some(kind) = kinds.make(reader, profile, sighting.habit, sighting.variant) {
                self.marks.insert(key, kind.mark);
                gathering.add(reader, &kind, count);
            }
        }
    }
}

/// Makes the kinds of a role's past: each call ended as the policies that the role was seeded with decide.
#[derive(Default)]
struct Kinds(Option<Evaluator>);

impl Kinds {
    fn make(&mut self, reader: &mut Reader, profile: &Profile, habit: usize, variant: u64) -> Option<Kind> {
        let evaluator = self.0.get_or_insert_with(|| denial::evaluator(&profile.seeded));
        let habit = profile.habits.get(habit)?;
        Some(outcome(reader, profile, &profile.seeded, evaluator, habit, variant).0)
    }
}

/// The services that the role may use in ways that only data events show, of which the trail records none.
fn blind(policies: &[Document]) -> Vec<&'static str> {
    let catalogue = Catalogue::embedded();
    let mut granted = ActionSet::empty();
    for document in policies {
        for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            let Some(actions) = &statement.actions else { continue };
            let mut named = ActionSet::empty();
            actions.patterns.iter().for_each(|pattern| catalogue.expand_into(pattern, &mut named));
            granted.insert_all(&if actions.negated { named.complement() } else { named });
        }
    }
    let mut services: Vec<&'static str> = granted
        .iter()
        .filter(|action| observability(*action) == Observability::Data)
        .map(|action| catalogue.service_of(action))
        .filter(|service| !DATA_SERVICES.contains(service))
        .collect();
    services.dedup();
    services.sort_unstable();
    services.dedup();
    services
}
