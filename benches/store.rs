//! The embedded store under many callers at once: how much one disk makes durable in a second.

#![expect(clippy::unwrap_used, reason = "a bench has no reader but criterion")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use alpha::domain::job::State;
use alpha::local::store::SqliteStore;
use alpha::ports::{Change, Created, Received, Saved, Store};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::Runtime;

#[path = "../tests/it/store/samples.rs"]
#[expect(dead_code, reason = "the tests use the rest of it")]
mod samples;

use samples::{at, job, new, next, receipt, worker};

/// How many callers wait for an answer at any moment.
const CALLERS: u64 = 256;

/// Numbers that no job had before.
static NEXT: AtomicU64 = AtomicU64::new(1);

fn numbers(count: u64) -> std::ops::Range<u64> {
    let first = NEXT.fetch_add(count, Ordering::Relaxed);
    first..first + count
}

/// Lets each caller do its share, one after the other, and takes the time from the first to the last.
fn timed<I, F, W>(runtime: &Runtime, store: &Arc<SqliteStore>, shares: Vec<Vec<I>>, work: W) -> Duration
where
    I: Send + 'static,
    F: Future<Output = ()> + Send,
    W: Fn(Arc<SqliteStore>, I) -> F + Copy + Send + 'static,
{
    runtime.block_on(async {
        let since = Instant::now();
        let callers: Vec<_> = shares
            .into_iter()
            .map(|share| {
                let store = store.clone();
                tokio::spawn(async move {
                    for item in share {
                        work(store.clone(), item).await;
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
        since.elapsed()
    })
}

/// So many items for each caller.
fn shares<I>(each: u64, make: impl Fn(u64) -> I) -> Vec<Vec<I>> {
    (0..CALLERS).map(|_| numbers(each).map(&make).collect()).collect()
}

async fn create(store: Arc<SqliteStore>, change: Change) {
    assert_eq!(store.create(change).await.unwrap(), Created::Created);
}

async fn save(store: Arc<SqliteStore>, change: Change) {
    assert_eq!(store.save(change).await.unwrap(), Saved::Saved);
}

fn benches(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("alpha.db")).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let mut group = criterion.benchmark_group("store");
    group.sample_size(10).measurement_time(Duration::from_secs(5)).throughput(Throughput::Elements(CALLERS));
    group.bench_function("receive", |bencher| {
        bencher.iter_custom(|rounds| {
            timed(&runtime, &store, shares(rounds, receipt), async |store, receipt| {
                assert_eq!(store.receive(receipt).await.unwrap(), Received::Stored);
            })
        });
    });
    group.bench_function("create", |bencher| {
        bencher.iter_custom(|rounds| {
            let bare = |number| Change { entries: vec![], rows: vec![], ..new(job(number)) };
            timed(&runtime, &store, shares(rounds, bare), create)
        });
    });
    group.bench_function("create with an entry and a row", |bencher| {
        bencher
            .iter_custom(|rounds| timed(&runtime, &store, shares(rounds, |number| new(job(number))), create));
    });
    group.bench_function("save", |bencher| {
        bencher.iter_custom(|rounds| {
            let mut changes = Vec::new();
            let mut creations = Vec::new();
            for share in shares(1, job) {
                let mut change = new(share.into_iter().next().unwrap());
                creations.push(vec![change.clone()]);
                let mut chain = Vec::new();
                for _ in 0..rounds {
                    change = next(&change.job, State::Collecting);
                    chain.push(change.clone());
                }
                changes.push(chain);
            }
            timed(&runtime, &store, creations, create);
            timed(&runtime, &store, changes, save)
        });
    });
    group.bench_function("claim 64 of many", |bencher| {
        bencher.iter_custom(|rounds| {
            runtime.block_on(async {
                let since = Instant::now();
                for _ in 0..rounds {
                    let claimed = store.claim_jobs(&worker("bench"), at(1 << 40), 64).await.unwrap();
                    assert_eq!(claimed.len(), 64);
                    store.release("bench").await.unwrap();
                }
                since.elapsed()
            })
        });
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
