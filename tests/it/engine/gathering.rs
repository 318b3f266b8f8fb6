//! Evidence that takes its time: the job is held on to, people see how far it is, and nobody waits for what isn't wanted.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use alpha::domain::approval::Wish;
use alpha::domain::delivery::{Act, Slot};
use alpha::domain::errand::Errand;
use alpha::domain::ids::JobId;
use alpha::domain::job::{Job, State};
use alpha::domain::role::Snapshot;
use alpha::ports::{AccountError, Claim, Evidence, Gathered, Progress, Store as _, Window};
use async_trait::async_trait;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::house::{House, Process};
use super::people::riley;

const LEASE: Duration = Duration::from_millis(900);

/// Evidence that is gathered until it is told to be done, and says what it is told to say.
#[derive(Debug)]
struct Slow {
    behind: Arc<dyn Evidence>,
    /// Roles for which there is no end.
    roles: Vec<&'static str>,
    says: Mutex<String>,
    done: Notify,
    begun: AtomicUsize,
    dropped: Arc<AtomicUsize>,
    abandoned: Mutex<Vec<JobId>>,
}

/// Counts that somebody stopped waiting.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Evidence for Slow {
    async fn collect(
        &self,
        errand: &Errand,
        role: &Snapshot,
        window: Window,
        progress: &dyn Progress,
    ) -> Result<Gathered, AccountError> {
        if self.roles.iter().any(|name| role.arn.ends_with(name)) {
            self.begun.fetch_add(1, Ordering::SeqCst);
            let waiting = Waiting(Arc::clone(&self.dropped));
            loop {
                progress.tell("look-up", self.says.lock().unwrap().clone());
                tokio::select! {
                    () = self.done.notified() => break,
                    () = tokio::time::sleep(Duration::from_millis(10)) => {}
                }
            }
            std::mem::forget(waiting);
        }
        self.behind.collect(errand, role, window, progress).await
    }

    async fn abandon(&self, errand: &Errand, _: &Snapshot) -> Result<(), AccountError> {
        self.abandoned.lock().unwrap().push(errand.job.clone());
        Ok(())
    }
}

fn slow(house: &House, roles: &[&'static str]) -> Arc<Slow> {
    Arc::new(Slow {
        behind: Arc::clone(&house.account) as _,
        roles: roles.to_vec(),
        says: Mutex::new("50 events so far".to_owned()),
        done: Notify::new(),
        begun: AtomicUsize::new(0),
        dropped: Arc::default(),
        abandoned: Mutex::default(),
    })
}

fn start(house: &House, owner: &str, evidence: &Arc<Slow>, parallel: usize) -> Process {
    start_leased(house, owner, evidence, parallel, LEASE)
}

fn start_leased(
    house: &House,
    owner: &str,
    evidence: &Arc<Slow>,
    parallel: usize,
    lease: Duration,
) -> Process {
    let evidence = Arc::clone(evidence);
    house.start_changed(owner, |world, settings| {
        world.evidence = evidence;
        settings.claim.lease = lease;
        settings.parallel = parallel;
    })
}

/// Works until dropped.
fn run(process: &Process) -> (CancellationToken, tokio::task::JoinHandle<()>) {
    let stop = CancellationToken::new();
    let (engine, stopped) = (Arc::clone(&process.engine), stop.clone());
    (stop, tokio::spawn(async move { engine.run(stopped).await }))
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..1_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to this: {what}");
}

async fn job_until(process: &Process, id: &JobId, what: &str, holds: impl Fn(&Job) -> bool) -> Job {
    until(what, async || holds(&process.job(id).await)).await;
    process.job(id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_how_far_it_is_and_the_claim_holds_however_long_it_takes() {
    let house = House::new().await;
    let evidence = slow(&house, &["ci-deployer"]);
    let process = start(&house, "process", &evidence, 8);
    let (stop, running) = run(&process);
    let id = process.analyze("ci-deployer").await;
    let job = job_until(&process, &id, "told", |job| !job.progress.is_empty()).await;
    assert_eq!((job.state, job.progress), (State::Collecting, vec!["look-up: 50 events so far".to_owned()]));
    let updates = async || {
        let rows = process.store.rows(&id).await.unwrap();
        rows.iter().filter(|row| row.act == Act::Update(Slot::Root)).count()
    };
    let (told, version) = (updates().await, job.version);
    // Several leases go by, and nobody else gets at the job.
    let other = Claim { owner: "other".to_owned(), lease: LEASE };
    for _ in 0..12 {
        house.clock.advance(LEASE / 3);
        let renewals = process.store.renewals.load(Ordering::SeqCst);
        until("renewed", async || process.store.renewals.load(Ordering::SeqCst) > renewals + 1).await;
        assert_eq!(process.store.claim_job(&id, &other, house.now()).await.unwrap(), None);
    }
    assert_eq!((updates().await, process.job(&id).await.version), (told, version), "nothing new was told");
    "100 events so far".clone_into(&mut evidence.says.lock().unwrap());
    job_until(&process, &id, "told more", |job| job.progress == ["look-up: 100 events so far"]).await;
    assert_eq!(updates().await, told + 1);
    evidence.done.notify_one();
    let job = job_until(&process, &id, "asked", |job| job.state.word() == "AwaitingDecision").await;
    assert_eq!((job.progress.len(), evidence.begun.load(Ordering::SeqCst)), (0, 1));
    let history = process.store_history(&id).await;
    assert_eq!(alpha::domain::audit::first_broken(&history), None);
    assert!(history.iter().all(|entry| entry.what != "progressed"));
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_meanwhile_ends_at_once_and_is_let_go() {
    let house = House::new().await;
    let evidence = slow(&house, &["ci-deployer"]);
    let process = start(&house, "process", &evidence, 8);
    let (stop, running) = run(&process);
    let id = process.analyze("ci-deployer").await;
    job_until(&process, &id, "told", |job| !job.progress.is_empty()).await;
    process.wants(&riley(), Wish::Cancel, &id, house.now()).await;
    until("let go", async || *evidence.abandoned.lock().unwrap() == [id.clone()]).await;
    assert_eq!(evidence.dropped.load(Ordering::SeqCst), 1);
    assert_eq!(process.job(&id).await.state, State::Cancelled);
    process.is_told_and_written_down(&id).await;
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_another_worker_took_over_is_left_to_it() {
    let house = House::new().await;
    let evidence = slow(&house, &["ci-deployer"]);
    let process = start(&house, "process", &evidence, 8);
    let (stop, running) = run(&process);
    let id = process.analyze("ci-deployer").await;
    job_until(&process, &id, "told", |job| !job.progress.is_empty()).await;
    // As if this process had stood still for longer than its lease.
    let other = Claim { owner: "other".to_owned(), lease: Duration::from_hours(1) };
    let store = Arc::clone(&process.store);
    until("claimed", async || {
        house.clock.advance(LEASE * 2);
        store.claim_job(&id, &other, house.now()).await.unwrap().is_some()
    })
    .await;
    until("left", async || evidence.dropped.load(Ordering::SeqCst) == 1).await;
    assert_eq!(*evidence.abandoned.lock().unwrap(), [], "the other goes on with what was begun");
    assert_eq!(process.job(&id).await.state, State::Collecting);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_waits_for_no_gathering_and_the_next_process_goes_on_with_it() {
    let house = House::new().await;
    let evidence = slow(&house, &["ci-deployer"]);
    let lease = Duration::from_secs(12);
    let first = start_leased(&house, "first", &evidence, 8, lease);
    let (stop, running) = run(&first);
    let id = first.analyze("ci-deployer").await;
    job_until(&first, &id, "told", |job| !job.progress.is_empty()).await;
    let since = tokio::time::Instant::now();
    stop.cancel();
    running.await.unwrap();
    assert!(since.elapsed() < lease / 2, "{:?}", since.elapsed());
    assert_eq!(*evidence.abandoned.lock().unwrap(), []);
    let second = start(&house, "second", &evidence, 8);
    let (stop, running) = run(&second);
    until("begun again", async || evidence.begun.load(Ordering::SeqCst) == 2).await;
    evidence.done.notify_one();
    job_until(&second, &id, "asked", |job| job.state.word() == "AwaitingDecision").await;
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn gathering_keeps_no_other_job_from_its_turn() {
    let house = House::new().await;
    let evidence = slow(&house, &["ci-deployer", "web-app"]);
    let process = start(&house, "process", &evidence, 1);
    let (stop, running) = run(&process);
    for role in ["ci-deployer", "web-app"] {
        let id = process.analyze(role).await;
        job_until(&process, &id, "told", |job| !job.progress.is_empty()).await;
    }
    let id = process.analyze("data-pipeline").await;
    job_until(&process, &id, "worked out", |job| !matches!(job.state.word(), "Requested" | "Collecting"))
        .await;
    stop.cancel();
    running.await.unwrap();
}
