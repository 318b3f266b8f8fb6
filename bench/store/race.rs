//! Commands, steps and decisions on a file and on a DynamoDB, beside each other.
//!
//! `race-store FOLDER URL JOBS` prints, for each store and for one caller and sixteen, how many a second, and how many
//! requests one takes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what a benchmark can't do without ends it")]

#[path = "../../tests/it/store/samples.rs"]
#[expect(dead_code, reason = "the tests use the rest of it")]
mod samples;
#[path = "../../tests/it/store/dynamo/table.rs"]
#[expect(dead_code, reason = "the tests use the rest of it")]
mod table;
#[path = "../../tests/it/store/dynamo/wire.rs"]
#[expect(dead_code, reason = "the tests use the rest of it")]
mod wire;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use alpha::aws::clients::{self, Patience};
use alpha::aws::store::DynamoStore;
use alpha::domain::ids::ReceiptKey;
use alpha::domain::job::State;
use alpha::local::store::SqliteStore;
use alpha::ports::{Created, Received, Saved, Store};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use tokio::task::JoinSet;

use samples::{approval, at, job, name, new, next, receipt, worker};
use wire::{Fate, Wire};

/// How many times as many jobs the file gets as the emulator, so that it has something to do.
const FILE: u64 = 50;

/// What is done, in this order: each finds what the ones before it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// A command makes a job.
    Command,
    /// A click is stored.
    Click,
    /// A job is claimed, and what its work came to is stored.
    Step,
    /// A job is looked at, and a decision is stored with the click that it answers.
    Decision,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, url, jobs] = arguments.as_slice() else { panic!("expected FOLDER URL JOBS") };
    let jobs: u64 = jobs.parse().unwrap();
    println!("{:<10} {:>7} {:<9} {:>9} {:>9}", "store", "callers", "what", "a second", "requests");
    for callers in [1, 16] {
        let file = Path::new(folder).join(format!("{callers}.db"));
        race("sqlite", Arc::new(SqliteStore::open(&file).unwrap()), None, callers, jobs * FILE).await;
        let sdk = clients::load(Some("us-east-1".to_owned()), Patience::default()).await;
        let credentials =
            SharedCredentialsProvider::new(Credentials::new("bench", "bench", None, None, "bench"));
        let sdk = sdk.into_builder().endpoint_url(url).credentials_provider(credentials).build();
        let table = table::make(&sdk).await;
        let (wire, sdk) = Wire::of(&sdk, 3);
        race("dynamodb", Arc::new(DynamoStore::open(&sdk, &table)), Some(wire), callers, jobs).await;
    }
}

async fn race(kind: &str, store: Arc<dyn Store>, wire: Option<Wire>, callers: u64, jobs: u64) {
    for turn in [Turn::Command, Turn::Click, Turn::Step, Turn::Decision] {
        if let Some(wire) = &wire {
            wire.order(|_, _| Fate::Passes);
        }
        let since = Instant::now();
        let mut working = JoinSet::new();
        for caller in 0..callers {
            let store = Arc::clone(&store);
            working.spawn(async move {
                for number in (1..=jobs).filter(|number| number % callers == caller) {
                    take(turn, &*store, number).await;
                }
            });
        }
        working.join_all().await;
        let rate = f64::from(u32::try_from(jobs).unwrap()) / since.elapsed().as_secs_f64();
        let requests = wire.as_ref().map_or_else(String::new, |wire| {
            let calls = u32::try_from(wire.calls().len()).unwrap();
            format!("{:.2}", f64::from(calls) / f64::from(u32::try_from(jobs).unwrap()))
        });
        println!("{kind:<10} {callers:>7} {:<9} {rate:>9.0} {requests:>9}", format!("{turn:?}"));
    }
}

async fn take(turn: Turn, store: &dyn Store, number: u64) {
    let click = 1_000_000 + number;
    match turn {
        Turn::Command => assert_eq!(store.create(new(job(number))).await.unwrap(), Created::Created),
        Turn::Click => assert_eq!(store.receive(receipt(click)).await.unwrap(), Received::Stored),
        Turn::Step => {
            let held = store.claim_job(&name(number), &worker("a"), at(1_000_000)).await.unwrap().unwrap();
            let mut change = next(&held, State::Collecting);
            change.release = true;
            assert_eq!(store.save(change).await.unwrap(), Saved::Saved);
        }
        Turn::Decision => {
            let asked = store.job(&name(number)).await.unwrap().unwrap();
            let mut change = next(&asked, State::Approved);
            change.job.decision = Some(approval(&asked, "ada"));
            change.settles = Some(ReceiptKey::new(format!("receipt-{click}")));
            assert_eq!(store.save(change).await.unwrap(), Saved::Saved);
        }
    }
}
