//! The account itself: everything that its one thread owns.
//!
//! Nothing in here waits for anybody but the file.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::denial;
use super::history::Past;
use super::live::{self, Event};
use super::profile::Profile;
use super::record::{Kind, Moment, Outcome};
use super::roles::{self, Known};
use super::schema::{self, OpenError};
use super::{failure, seed, write};
use crate::domain::ids::AccountId;
use crate::domain::role::{RoleRef, Snapshot, Write};
use crate::domain::rules::shown;
use crate::iam::cloudtrail::Reader;
use crate::iam::evaluate::Evaluator;
use crate::ports::{AccountError, Clock};

/// The most of a pause that the workload makes up for.
const CATCH_UP: i64 = 60_000;
/// How often old events are let go.
const PRUNE: i64 = 60_000;
/// When after a change the rare calls come, and how long it is between two of them.
const RARE: (i64, i64) = (1_000, 2_000);

/// The account, with what it remembers of its file.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) connection: Connection,
    pub(super) account: AccountId,
    pub(super) clock: Arc<dyn Clock>,
    /// When the account was seeded, in milliseconds: where history ends.
    pub(super) seeded: i64,
    /// By the role's name, in lower case.
    pub(super) profiles: HashMap<String, Arc<Profile>>,
    pub(super) reader: Reader,
    /// What is known of roles' past, by their names in lower case.
    pub(super) pasts: HashMap<String, Past>,
    /// Roles as they stand, by name in lower case, as long as nobody else writes to the file.
    roles: HashMap<String, Standing>,
    /// SQLite's count of what other connections changed.
    others: i64,
    /// Until when the workload made its calls; none while it doesn't run.
    pub(super) worked: Option<i64>,
    pruned: i64,
    /// By the role's name: when its next call is due, and the call's number.
    pulses: HashMap<String, (i64, u64)>,
}

/// A role as it stands, and what is known of its calls while it does.
#[derive(Debug)]
struct Standing {
    known: Known,
    evaluator: Option<Evaluator>,
    /// By whether it is a rare one, habit and variant: the number of the kind that such a call is.
    kinds: HashMap<(bool, usize, u64), i64>,
}

impl Book {
    pub(super) fn open(
        path: &Path,
        account: AccountId,
        seed: u64,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let (connection, seeded) = schema::open(path, &account, seed, clock.now().as_millisecond())?;
        let profiles = profiles(&account, seed)
            .map_err(|error| OpenError::Unusable { path: path.to_owned(), why: error.to_string() })?;
        Ok(Self {
            profiles,
            connection,
            account,
            clock,
            seeded,
            reader: Reader::with_circumstances(),
            pasts: HashMap::new(),
            roles: HashMap::new(),
            others: 0,
            worked: None,
            pruned: 0,
            pulses: HashMap::new(),
        })
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// How a role stands.
    pub(super) fn read(&mut self, role: &RoleRef) -> Result<Snapshot, AccountError> {
        Ok(self.standing(role)?.known.snapshot.clone())
    }

    /// Makes a write.
    pub(super) fn write(&mut self, role: &RoleRef, change: &Write) -> Result<(), AccountError> {
        let now = self.now();
        if write::write(&mut self.connection, &self.account, role, change, now)? {
            self.roles.remove(&role.name.to_ascii_lowercase());
        }
        Ok(())
    }

    /// The number of a role in the file, and how it behaves.
    pub(super) fn role(&mut self, role: &RoleRef) -> Result<(i64, Option<Arc<Profile>>), AccountError> {
        let profile = self.profiles.get(&role.name.to_ascii_lowercase()).map(Arc::clone);
        Ok((self.standing(role)?.known.id, profile))
    }

    fn standing(&mut self, role: &RoleRef) -> Result<&mut Standing, AccountError> {
        let others = self
            .connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut ask| ask.query_row([], |row| row.get(0)))
            .map_err(failure::of)?;
        if others != self.others {
            self.roles.clear();
            self.others = others;
        }
        let key = role.name.to_ascii_lowercase();
        if role.account != self.account || !self.roles.contains_key(&key) {
            let known = roles::find(&self.connection, &self.account, role)?;
            let standing = Standing { known, evaluator: None, kinds: HashMap::new() };
            self.roles.insert(key.clone(), standing);
        }
        let missing = || AccountError::NoSuchRole { name: shown(&role.name), like: None };
        self.roles.get_mut(&key).ok_or_else(missing)
    }

    /// Makes all calls of the workload that are due by now, and lets go of old ones.
    pub(super) fn work(&mut self) -> Result<(), AccountError> {
        let until = self.now();
        let since = self.worked.unwrap_or(until).max(until - CATCH_UP);
        let mut events = Vec::new();
        let mut names: Vec<String> = self.profiles.keys().cloned().collect();
        names.sort_unstable();
        for name in names {
            self.due(&name, since, until, &mut events)?;
        }
        live::store(&mut self.connection, &events)?;
        self.worked = Some(until);
        if until - self.pruned >= PRUNE {
            live::prune(&mut self.connection, until)?;
            self.pruned = until;
        }
        Ok(())
    }

    /// Stops the workload: from now on nothing more turns up.
    pub(super) fn rest(&mut self) {
        self.worked = None;
        self.pulses.clear();
    }

    /// The calls of one role after one time and until another.
    fn due(
        &mut self,
        name: &str,
        since: i64,
        until: i64,
        events: &mut Vec<Event>,
    ) -> Result<(), AccountError> {
        let Some(profile) = self.profiles.get(name).map(Arc::clone) else { return Ok(()) };
        let Some(first) = profile.interval(0) else { return Ok(()) };
        let (mut next, mut turn) = self.pulses.get(name).copied().unwrap_or((since + first, 0));
        next = next.max(since);
        while next <= until {
            if let Some((habit, variant)) = profile.pick(turn) {
                let (role, kind) = self.kind(&profile, false, habit, variant)?;
                events.push(Event { role, at: next, kind });
            }
            turn += 1;
            next += profile.interval(turn).unwrap_or(until);
        }
        self.pulses.insert(name.to_owned(), (next, turn));
        self.rare(&profile, since, until, events)
    }

    /// The calls that a role makes only while it doesn't stand as it was seeded.
    fn rare(
        &mut self,
        profile: &Profile,
        since: i64,
        until: i64,
        events: &mut Vec<Event>,
    ) -> Result<(), AccountError> {
        if profile.rare.is_empty() {
            return Ok(());
        }
        let reference = RoleRef { account: self.account.clone(), name: profile.name.clone() };
        let known = &self.standing(&reference)?.known;
        if known.as_seeded {
            return Ok(());
        }
        let (after, every) = RARE;
        let begin = known.changed + after;
        let mut round = (since + 1 - begin).max(0).div_euclid(every);
        while begin + round * every <= until {
            let at = begin + round * every;
            if at > since {
                for habit in 0..profile.rare.len() {
                    let (role, kind) = self.kind(profile, true, habit, 0)?;
                    events.push(Event { role, at, kind });
                }
            }
            round += 1;
        }
        Ok(())
    }

    /// The kind that a call is, as the role stands: decided once, and remembered until the role changes.
    fn kind(
        &mut self,
        profile: &Profile,
        rare: bool,
        habit: usize,
        variant: u64,
    ) -> Result<(i64, i64), AccountError> {
        let reference = RoleRef { account: self.account.clone(), name: profile.name.clone() };
        let standing = self.standing(&reference)?;
        let (id, key) = (standing.known.id, (rare, habit, variant));
        if let Some(kind) = standing.kinds.get(&key) {
            return Ok((id, *kind));
        }
        let evaluator =
            standing.evaluator.take().unwrap_or_else(|| denial::evaluator(&standing.known.snapshot));
        let snapshot = standing.known.snapshot.clone();
        let made = if rare { &profile.rare } else { &profile.habits };
        let Some(habit) = made.get(habit) else {
            return Err(AccountError::Unavailable("no such call".into()));
        };
        let (kind, denied) = outcome(&mut self.reader, profile, &snapshot, &evaluator, habit, variant);
        let number = live::kind(&self.connection, id, &kind, denied)?;
        let standing = self.standing(&reference)?;
        standing.evaluator = Some(evaluator);
        standing.kinds.insert(key, number);
        Ok((id, number))
    }
}

/// How all roles behave, by their names in lower case.
fn profiles(account: &AccountId, seed: u64) -> Result<HashMap<String, Arc<Profile>>, seed::SeedError> {
    let policies = seed::policies(account)?;
    let roles = seed::roles(account)?.into_iter().map(|role| {
        let seeded = seed::snapshot(&role, &policies, account, seed)?;
        Ok((role.name.to_ascii_lowercase(), Arc::new(Profile::new(role, seeded, account, seed))))
    });
    roles.collect()
}

/// The kind that a call is under some policies, and whether it is refused.
pub(super) fn outcome(
    reader: &mut Reader,
    profile: &Profile,
    role: &Snapshot,
    evaluator: &Evaluator,
    habit: &super::profile::Habit,
    variant: u64,
) -> (Kind, bool) {
    let success = Kind::new(profile, habit, variant, Outcome::Success);
    let call = success.read(reader, &Moment { at: 0, identity: 0 });
    let denied = call.and_then(|call| denial::of(profile, role, evaluator, habit, &call));
    match (&denied, habit.error()) {
        (Some((code, message)), _) => {
            (Kind::new(profile, habit, variant, Outcome::Error { code, message }), true)
        }
        (None, Some((code, message))) => {
            (Kind::new(profile, habit, variant, Outcome::Error { code, message }), false)
        }
        (None, None) => (success, false),
    }
}
