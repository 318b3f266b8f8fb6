//! Jobs: looked up, listed, renewed.

use jiff::Timestamp;

use super::batch::{ROUNDS, restless};
use super::keys::{self, Key};
use super::lease::read;
use super::merge::Merged;
use super::table::{Changed, Query, Table};
use super::time::{lease_end, text as instant_text};
use super::write::{Changes, Item, key_of, text, value};
use crate::domain::ids::JobId;
use crate::domain::job::{Job, State};
use crate::ports::{Claim, Found, JobQuery, StoreError};

/// How many jobs are read at a time, at most.
const PAGE: usize = 100;

/// One.
pub async fn job(table: &Table, id: &JobId) -> Result<Option<Job>, StoreError> {
    table.get(&Key::job(id)).await?.map(|item| read(&item)).transpose()
}

/// By what jobs of a state are in order: their names, which sort by time; and who asked for them, so that one person's
/// are found without reading them all.
pub fn state_sk(job: &Job) -> String {
    format!("{} {}", job.id, job.asked.by.user)
}

/// Those that are asked for, the newest first. What an index tells is a candidate: each is read for itself, and has to be
/// what was asked for.
pub async fn list(table: &Table, query: &JobQuery) -> Result<Found, StoreError> {
    let mut found = Found::default();
    let mut candidates = Candidates::of(table, query);
    let mut last: Option<JobId> = None;
    loop {
        let wanted = query.limit.saturating_sub(found.jobs.len() + found.unreadable.len());
        if wanted == 0 {
            return Ok(found);
        }
        let mut ids = candidates.next(wanted.min(PAGE)).await?;
        let Some(end) = ids.last().cloned() else { return Ok(found) };
        // Two states may seem to have a job that is on its way from one to the other.
        ids.retain(|id| last.replace(id.clone()).as_ref() != Some(id));
        last = Some(end);
        let keys: Vec<Key> = ids.iter().map(Key::job).collect();
        let items = table.get_all(&keys).await?;
        let fitting = keys.iter().filter_map(|key| items.get(key)).filter(|item| fits(item, query));
        for item in fitting.take(wanted) {
            match read(item) {
                Ok(job) => found.jobs.push(job),
                Err(error) => found.unreadable.push(error),
            }
        }
    }
}

/// Jobs that may be among those that are asked for.
struct Candidates<'a> {
    found: Merged<'a>,
    id: fn(&Item) -> JobId,
    user: Option<String>,
}

impl<'a> Candidates<'a> {
    fn of(table: &'a Table, query: &JobQuery) -> Self {
        // Of one person's there may be few among many, which the index tells at no great cost.
        let page = if query.requester.is_some() { 10 * PAGE } else { query.limit.clamp(1, PAGE) };
        let page = i32::try_from(page).ok();
        let listed = |index, keys: &str, partition: &str, before: String| {
            let mut listed = Query::of(index, keys, partition);
            listed.values.extend([value(":before", before)]);
            Query { last_first: true, page, ..listed }
        };
        // A job's name is its beginning in every order, and itself before what begins with it.
        let before = query.before.as_ref();
        if let Some(role) = &query.role {
            let end = before.map_or_else(|| format!("{}~", keys::JOB), |id| format!("{}{id}", keys::JOB));
            let of_role =
                listed(None, "#pk = :pk AND #sk BETWEEN :jobs AND :before", &keys::of_role(role), end);
            let mut of_role = of_role;
            of_role.values.extend([value(":jobs", keys::JOB)]);
            let id = |item: &Item| {
                let name = key_of(item).sk;
                JobId::new(name.strip_prefix(keys::JOB).unwrap_or(&name))
            };
            return Self { found: Merged::new(table, "sk", vec![of_role]), id, user: None };
        }
        let in_state = |word: &&'static str| {
            let end = before.map_or_else(|| "~".to_owned(), ToString::to_string);
            let keys = "#state_pk = :pk AND #state_sk < :before";
            listed(Some(keys::STATE), keys, &keys::jobs_in(word), end)
        };
        let wanted = |word: &&&'static str| {
            (query.states.is_empty() || query.states.contains(word))
                && !(query.open && State::is_terminal_word(word))
        };
        let states: Vec<Query> = State::WORDS.iter().filter(wanted).map(in_state).collect();
        let id = |item: &Item| {
            let name = key_of(item).pk;
            JobId::new(name.strip_prefix(keys::JOB).unwrap_or(&name))
        };
        let user = query.requester.as_ref().map(|person| format!(" {}", person.user));
        Self { found: Merged::new(table, "state_sk", states), id, user }
    }

    async fn next(&mut self, count: usize) -> Result<Vec<JobId>, StoreError> {
        let mut ids = Vec::new();
        while ids.is_empty() {
            let some = self.found.next(if self.user.is_some() { PAGE } else { count }).await?;
            if some.is_empty() {
                break;
            }
            let is_theirs = |item: &&Item| {
                let name = text(item, "state_sk").unwrap_or_default();
                self.user.as_ref().is_none_or(|user| name.ends_with(user.as_str()))
            };
            ids.extend(some.iter().filter(is_theirs).map(self.id));
        }
        Ok(ids)
    }
}

/// Whether a job is one of those that are asked for, by what is known of it beside its record.
fn fits(item: &Item, query: &JobQuery) -> bool {
    let JobQuery { role, states, open, requester, before, limit: _ } = query;
    let has = |name: &str, wanted: &str| text(item, name) == Some(wanted);
    let state = text(item, "state").unwrap_or_default();
    let is_theirs = requester.as_ref().is_none_or(|person| {
        let enterprise = person.enterprise.as_ref();
        has("user", person.user.as_str())
            && (has("team", person.team.as_str())
                || enterprise.is_some_and(|enterprise| has("enterprise", enterprise.as_str())))
    });
    role.as_ref().is_none_or(|role| has("role", role))
        && (states.is_empty() || states.contains(&state))
        && !(*open && State::is_terminal_word(state))
        && is_theirs
        && before.as_ref().is_none_or(|before| key_of(item) < Key::job(before))
}

/// Whether a claim was still held, and now is for longer. A job comes up when that ends, or when it is due where that is
/// later: somebody else may have put it off meanwhile.
pub async fn renew(table: &Table, id: &JobId, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
    let (until, present) = (lease_end(now, claim.lease), instant_text(now));
    for _ in 0..ROUNDS {
        let held = "#lease_owner = :owner AND #lease_until > :now";
        let renewed = |comes_up: &str, where_due: &str| {
            let mut changes = Changes::default();
            changes.set("lease_until", Some(until.as_str()));
            changes.set_to("due_sk", comes_up);
            let held = changes.of(Key::job(id)).only_if(format!("{held} AND {where_due}"));
            held.with(":owner", claim.owner.as_str()).with(":now", present.as_str())
        };
        let soon = renewed(":lease_until", "(attribute_not_exists(#due) OR #due <= :lease_until)");
        let Changed::Refused(job) = table.change(&soon).await? else { return Ok(true) };
        let is_put_off = |job: &Item| text(job, "due").is_some_and(|due| due > until.as_str());
        if !job.is_some_and(|job| is_put_off(&job)) {
            return Ok(false);
        }
        let later = renewed("#due", "#due > :lease_until");
        let Changed::Refused(job) = table.change(&later).await? else { return Ok(true) };
        if job.is_none_or(|job| is_put_off(&job)) {
            return Ok(false);
        }
    }
    Err(restless(format_args!("job {id}")))
}

/// A job's history, in order.
pub async fn history(table: &Table, id: &JobId) -> Result<Vec<crate::domain::audit::Entry>, StoreError> {
    let entries = table.query(&Query::beginning(&keys::of_job(id), keys::ENTRY)).await?;
    entries.iter().map(read).collect()
}
