//! SIGKILL in the middle of several jobs, at random moments, again and again on the same files.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use alpha::domain::delivery::Row;
use alpha::domain::errand::Errand;
use alpha::domain::ids::{AccountId, JobId};
use alpha::domain::job::{Job, State};
use alpha::domain::role::{RoleRef, Snapshot};
use alpha::domain::rollout::Stage;
use alpha::local::account::SimulatedAccount;
use alpha::local::clock::SystemClock;
use alpha::local::store::SqliteStore;
use alpha::ports::{Roles as _, Store as _};
use std::sync::Arc;

use super::alpha::{Alpha, Place, assert_discreet, left_over};
use super::slack::{OUTCOMES, REQUESTS};

/// How often it is killed with a job under way, at least; and until then, how many jobs are.
const KILLS: usize = 24;
const AT_ONCE: usize = 3;
/// Each role, and how its story ends.
const STORIES: [(&str, &str); 5] = [
    ("ci-deployer", "Succeeded"),
    ("monthly-report", "RolledBack"),
    ("log-shipper", "Succeeded"),
    ("image-resizer", "Succeeded"),
    ("managed", "Succeeded"),
];
/// How long everything may take once nothing is killed any more.
const PATIENCE: Duration = Duration::from_secs(90);

/// Numbers that look random, and are the same again for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// What a person at a keyboard does: asks, decides, and does it again until it is acknowledged.
struct Person<'a> {
    place: &'a Place,
    /// The job of each role, once that was acknowledged.
    jobs: BTreeMap<&'static str, String>,
    /// What was acknowledged, by trigger.
    done: Vec<String>,
}

impl Person<'_> {
    fn act(&mut self, states: &BTreeMap<String, State>) {
        let mut open = states.values().filter(|state| !state.is_terminal()).count();
        for (role, end) in STORIES {
            let Some(job) = self.jobs.get(role).cloned() else {
                if open < AT_ONCE {
                    self.ask(role);
                    open += 1;
                }
                continue;
            };
            match states.get(&job) {
                Some(State::AwaitingDecision { .. }) => self.press(&job, "approve", format!("approve-{job}")),
                Some(State::Held { time, .. }) => {
                    let action = if end == "Succeeded" { "continue" } else { "rollback" };
                    self.press(&job, action, format!("{action}-{time}-{job}"));
                }
                Some(_) => {}
                None => panic!("{role}: {job} was acknowledged and is lost"),
            }
        }
    }

    fn has_seen_all_end(&self, watcher: &Watcher) -> bool {
        let states = watcher.states(self);
        states.len() == STORIES.len() && states.values().all(State::is_terminal)
    }

    fn ask(&mut self, role: &'static str) {
        let answer = self.place.slash("U0RILEY", &format!("analyze {role}"), &format!("ask.{role}"));
        // Whoever got no answer asks again, and their client sends the very same.
        let Ok(answer) = answer else { return };
        assert_eq!(answer.status, 200, "{answer:?}");
        let text = answer.json()["text"].as_str().unwrap().to_owned();
        if let Some(job) = text.split_whitespace().find(|word| word.starts_with("j-")) {
            self.jobs.insert(role, job.trim_end_matches('.').to_owned());
        } else {
            assert!(text.contains("could not store"), "{text}");
        }
    }

    fn press(&mut self, job: &str, action: &str, trigger: String) {
        if self.done.contains(&trigger) {
            return;
        }
        match self.place.click("U0ANA", job, action, &trigger) {
            Some(Ok(answer)) if answer.status == 200 => self.done.push(trigger),
            Some(Ok(answer)) => assert_eq!(answer.status, 503, "{answer:?}"),
            // The button isn't there yet, or the service isn't.
            Some(Err(_)) | None => {}
        }
    }
}

struct Watcher {
    store: SqliteStore,
    account: SimulatedAccount,
    runtime: tokio::runtime::Runtime,
}

impl Watcher {
    fn of(place: &Place) -> Self {
        let clock = Arc::new(SystemClock);
        let account = format!("{}.account", place.store().display());
        let id = AccountId::new(SimulatedAccount::ACCOUNT);
        Self {
            store: SqliteStore::open(&place.store()).unwrap(),
            account: SimulatedAccount::open(account, id, SimulatedAccount::SEED, clock).unwrap(),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        }
    }

    fn job(&self, id: &str) -> Option<Job> {
        self.runtime.block_on(self.store.job(&JobId::new(id))).unwrap()
    }

    fn states(&self, person: &Person<'_>) -> BTreeMap<String, State> {
        let jobs = person.jobs.values();
        jobs.filter_map(|id| Some((id.clone(), self.job(id)?.state))).collect()
    }

    fn stands(&self, role: &str) -> Snapshot {
        let account = AccountId::new(SimulatedAccount::ACCOUNT);
        let role = RoleRef { account, name: role.to_owned() };
        let errand = Errand { job: JobId::new("j-0000000000000000"), actor: "ana".to_owned() };
        self.runtime.block_on(self.account.read(&errand, &role)).unwrap()
    }

    /// Whether a role was ever refused a call.
    fn was_refused(&self, role: &str) -> bool {
        let account = AccountId::new(SimulatedAccount::ACCOUNT);
        let role = RoleRef { account, name: role.to_owned() };
        let records = self.runtime.block_on(self.account.newest(&role, 10_000)).unwrap();
        records.iter().any(|record| record.contains("\"errorCode\""))
    }

    fn waits(&self) -> u64 {
        let census = self.runtime.block_on(self.store.census()).unwrap();
        let rows = ["pending", "unknown"].map(|status| census.rows.get(status).copied().unwrap_or_default());
        census.receipts + rows.iter().sum::<u64>()
    }

    /// The rows that aren't delivered.
    fn rows(&self, person: &Person<'_>) -> Vec<Row> {
        let of = |id: &String| self.runtime.block_on(self.store.rows(&JobId::new(id))).unwrap();
        let rows = person.jobs.values().flat_map(of);
        rows.filter(|row| ["pending", "unknown"].contains(&row.status.as_str())).collect()
    }

    /// The role stands as its job says, and the history of that is whole.
    fn is_sound(&self, role: &str, end: &str, id: &str) {
        let job = self.job(id).unwrap();
        // Roles rest while nothing runs. One that was refused nothing all the while had no reason to be taken back.
        let end = if end == "RolledBack" && !self.was_refused(role) { "Succeeded" } else { end };
        assert_eq!(job.state.word(), end, "{role}: {:?}", job.state);
        let case = self.runtime.block_on(self.store.case(&job.id, 1)).unwrap().unwrap();
        let expected = match job.state {
            State::Succeeded => case.expected(Stage::Target, usize::MAX),
            _ => case.snapshot,
        };
        assert_eq!(self.stands(role).digest(), expected.digest(), "{role} is as it should be");
        let history = self.runtime.block_on(self.store.history(&job.id)).unwrap();
        assert_eq!(alpha::domain::audit::first_broken(&history), None, "{role}");
        let dead = self.runtime.block_on(self.store.rows(&job.id)).unwrap();
        let dead: Vec<_> = dead.into_iter().filter(|row| row.status.as_str() == "dead").collect();
        assert!(dead.is_empty(), "{role}: {dead:?}");
    }
}

#[test]
fn killed_twenty_times_in_the_middle_of_several_jobs_each_ends_as_its_story_says_and_is_told_once() {
    let seed = std::env::var("ALPHA_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| getrandom::u64().unwrap() | 1);
    println!("ALPHA_TEST_SEED={seed} gives the same moments again");
    let mut chance = Chance(seed);
    let place = Place::new();
    let mut said = String::new();
    let mut alpha = place.start();
    let watcher = Watcher::of(&place);
    let mut person = Person { place: &place, jobs: BTreeMap::new(), done: Vec::new() };
    let mut moments = BTreeMap::<&str, usize>::new();
    let mut kills = 0;
    while kills < KILLS && !person.has_seen_all_end(&watcher) {
        let end = Instant::now() + Duration::from_millis(150 + chance.below(1_100));
        while Instant::now() < end {
            person.act(&watcher.states(&person));
            std::thread::sleep(Duration::from_millis(20));
        }
        let states = watcher.states(&person);
        said.push_str(&alpha.kill());
        let open: Vec<_> = states.values().filter(|state| !state.is_terminal()).collect();
        kills += usize::from(!open.is_empty());
        open.iter().for_each(|state| *moments.entry(state.word()).or_default() += 1);
        alpha = restart(&place, &mut chance, kills);
    }
    println!("killed {kills} times with jobs in {moments:?}");
    assert!(kills >= 20, "all ended before it was killed often enough: {kills}");
    wait_for_the_end(&watcher, &mut person, &alpha);
    alpha.terminate();
    let (status, rest) = alpha.wait(Duration::from_secs(20));
    assert_eq!(status.code(), Some(0), "{rest}");
    said.push_str(&rest);
    assert_eq!(person.jobs.len(), STORIES.len());
    for (role, end) in STORIES {
        watcher.is_sound(role, end, &person.jobs[role]);
    }
    is_told_once(&place, &person);
    assert_eq!(left_over(&place.store()), [""; 0]);
    assert_discreet(&whole_lines(&said));
}

/// Some deaths come while the process is still starting.
fn restart(place: &Place, chance: &mut Chance, kills: usize) -> Alpha {
    if kills.is_multiple_of(5) {
        let starting = place.spawn();
        std::thread::sleep(Duration::from_millis(chance.below(120)));
        starting.kill();
    }
    place.start()
}

fn wait_for_the_end(watcher: &Watcher, person: &mut Person<'_>, alpha: &Alpha) {
    let end = Instant::now() + PATIENCE;
    loop {
        let states = watcher.states(person);
        person.act(&states);
        if person.has_seen_all_end(watcher) && watcher.waits() == 0 {
            return;
        }
        let said = || alpha.said().lines().rev().take(40).collect::<Vec<_>>().join("\n");
        assert!(Instant::now() < end, "{states:?}\n{:?}\n{}", watcher.rows(person), said());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Each thread and the channel of outcomes heard of each end once, and no message came twice.
fn is_told_once(place: &Place, person: &Person<'_>) {
    let (threads, outcomes) = (place.slack.deliveries(REQUESTS), place.slack.deliveries(OUTCOMES));
    for job in person.jobs.values() {
        assert_eq!(threads.get(&format!("{job}:outcome/0")), Some(&1), "{threads:?}");
        assert_eq!(outcomes.get(&format!("{job}:announcement/0")), Some(&1), "{outcomes:?}");
    }
    for (id, times) in threads.iter().chain(&outcomes) {
        assert_eq!(*times, 1, "{id} came {times} times");
    }
}

/// The last line of a process that was killed may be cut.
fn whole_lines(said: &str) -> String {
    let is_whole = |line: &&str| line.ends_with('}') || !line.starts_with('{');
    said.lines().filter(is_whole).collect::<Vec<_>>().join("\n")
}
