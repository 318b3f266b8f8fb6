//! What a role is in the habit of doing, and when it did it.
//!
//! The past isn't stored: which calls a role made on a day follows from the seed, the role and the day, and two runs
//! agree on every byte of them.

use serde_json::Value;

use super::chance::{self, below, mix};
use super::record::Moment;
use super::seed::{CallSeed, CallerSeed, Every, RoleSeed};
use crate::domain::ids::AccountId;
use crate::domain::role::Snapshot;

/// How many milliseconds a day has.
pub(super) const DAY: i64 = 86_400_000;
/// How many milliseconds an hour has.
pub(super) const HOUR: i64 = 3_600_000;

/// A role, as it behaves.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) account: AccountId,
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) role_id: String,
    /// How it stood in all of its past.
    pub(super) seeded: Snapshot,
    pub(super) caller: CallerSeed,
    /// How many calls a second the workload makes.
    pub(super) live: f64,
    /// What it does every day.
    pub(super) habits: Vec<Habit>,
    /// What it does only once it was changed.
    pub(super) rare: Vec<Habit>,
    /// What its chances follow from.
    chance: u64,
}

/// A call that it is in the habit of making.
#[derive(Debug)]
pub(super) struct Habit {
    /// Whether the trail records it as a data event.
    pub(super) data: bool,
    seed: CallSeed,
}

/// The calls of one variant of a habit on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) habit: usize,
    pub(super) variant: u64,
    pub(super) count: u64,
    pub(super) first: Moment,
    pub(super) last: Moment,
}

impl Profile {
    pub(super) fn new(role: RoleSeed, seeded: Snapshot, account: &AccountId, seed: u64) -> Self {
        let habits = |calls: Vec<CallSeed>| calls.into_iter().map(Habit::new).collect();
        Self {
            arn: role.arn(account),
            role_id: role.id(seed),
            account: account.clone(),
            seeded,
            chance: mix(&[seed, chance::of_text(&role.name)]),
            name: role.name,
            caller: role.caller,
            live: role.live,
            habits: habits(role.calls),
            rare: habits(role.rare),
        }
    }

    /// The ARN of its session.
    pub(super) fn session_arn(&self) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{}", self.account, self.name, self.caller.session)
    }

    /// Each call of a day within a time, habit by habit and in order.
    pub(super) fn calls(
        &self,
        day: i64,
        since: i64,
        until: i64,
    ) -> impl Iterator<Item = (usize, u64, Moment)> + '_ {
        self.habits.iter().enumerate().flat_map(move |(at, habit)| {
            let chance = mix(&[self.chance, at as u64, day.cast_unsigned()]);
            habit
                .moments(day, chance)
                .map(move |(variant, moment)| (at, variant, moment))
                .filter(move |(_, _, moment)| (since..until).contains(&moment.at))
        })
    }

    /// The calls of a day within a time, by variant.
    pub(super) fn sightings(&self, day: i64, since: i64, until: i64) -> Vec<Sighting> {
        let mut found: Vec<Sighting> = Vec::new();
        let mut begin = 0;
        for (habit, variant, moment) in self.calls(day, since, until) {
            if found.get(begin).is_some_and(|known| known.habit != habit) {
                begin = found.len();
            }
            match found[begin..].iter_mut().find(|known| known.variant == variant) {
                Some(known) => {
                    known.count += 1;
                    known.last = moment;
                }
                None => found.push(Sighting { habit, variant, count: 1, first: moment, last: moment }),
            }
        }
        found
    }

    /// Which call the workload makes next: the habit and the variant; none for a role that does nothing.
    pub(super) fn pick(&self, turn: u64) -> Option<(usize, u64)> {
        let all: u64 = self.habits.iter().map(|habit| habit.seed.live).sum();
        let mut left = below(mix(&[self.chance, turn, 11]), all);
        for (at, habit) in self.habits.iter().enumerate() {
            if left < habit.seed.live {
                return Some((at, below(mix(&[self.chance, turn, 12]), habit.seed.count())));
            }
            left -= habit.seed.live;
        }
        None
    }

    /// How many milliseconds there are between two calls of the workload, this time.
    pub(super) fn interval(&self, turn: u64) -> Option<i64> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a rate of the seed, between a call a day and a thousand a second"
        )]
        let mean = (self.live > 0.0).then(|| (1000.0 / self.live) as i64)?.max(1);
        let wobble = i64::try_from(below(mix(&[self.chance, turn, 13]), 600)).unwrap_or_default();
        Some((mean * (700 + wobble) / 1000).max(1))
    }
}

impl Habit {
    fn new(seed: CallSeed) -> Self {
        Self { data: seed.data, seed }
    }

    /// The first label of its event's source.
    pub(super) fn source(&self) -> &str {
        self.seed.event.split_once(':').map_or("", |(source, _)| source)
    }

    /// The event's name.
    pub(super) fn name(&self) -> &str {
        self.seed.event.split_once(':').map_or("", |(_, name)| name)
    }

    /// The error that it ends in although it is allowed, and what it says.
    pub(super) fn error(&self) -> Option<(&str, &str)> {
        Some((self.seed.error.as_deref()?, self.seed.message.as_deref().unwrap_or_default()))
    }

    /// The parameters of a variant.
    pub(super) fn parameters(&self, variant: u64) -> Value {
        // The same in every habit: what one role wrote another reads.
        let id = format!("{:011x}{}", mix(&[variant, 17]) >> 20, variant % 10);
        let index = usize::try_from(variant).unwrap_or_default();
        let of = self.seed.of.get(index).map_or("", String::as_str);
        filled(&self.seed.parameters, &|text| {
            text.replace("{n}", &format!("{variant:03}")).replace("{id}", &id).replace("{of}", of)
        })
    }

    /// When it is made on a day, with which variant, in order.
    fn moments(&self, day: i64, chance: u64) -> impl Iterator<Item = (u64, Moment)> + use<> {
        let [from, to] = self.seed.hours;
        let variants = self.seed.count();
        let weekend = (day + 3).rem_euclid(7) > 4;
        let count = match self.seed.every {
            Every::Workdays if weekend => 0,
            // A day is a fifth more or less than another, and none is empty.
            Every::Day | Every::Workdays => {
                let fifth = self.seed.daily / 5;
                self.seed.daily - fifth + below(chance, 2 * fifth + 1)
            }
        };
        let span = (to - from) * HOUR.unsigned_abs();
        let start = day * DAY + i64::try_from(from).unwrap_or_default() * HOUR;
        (0..count).map(move |number| {
            let within = below(mix(&[chance, number]), 1 << 20);
            let offset = (number * (1 << 20) + within) * (span >> 10) / (count << 10);
            let at = start + i64::try_from(offset).unwrap_or_default();
            let variant = day.cast_unsigned().wrapping_add(number) % variants;
            (variant, Moment { at, identity: mix(&[chance, number, 5]) })
        })
    }
}

/// A value with all of its texts filled in.
fn filled(value: &Value, fill: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(fill(text)),
        Value::Array(items) => items.iter().map(|item| filled(item, fill)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), filled(value, fill))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
