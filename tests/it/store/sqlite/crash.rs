//! Processes that are killed in mid-write: what was acknowledged is there, whole, and what wasn't is there whole or not
//! at all.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use alpha::domain::audit::first_broken;
use alpha::domain::job::State;
use alpha::ports::{JobQuery, Saved, Store};

use super::open;
use crate::store::samples::{case, job, new, next};

/// Tells a child of a test what to do, as `what path number`.
const ORDER: &str = "ALPHA_TEST_STORE_CHILD";

/// Starts this program again, to do nothing but what it is told.
pub fn child(what: &str, path: &Path, number: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "store::sqlite::crash::whoever_is_told_to_writes",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(ORDER, format!("{what} {number} {}", path.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The lines in which a child acknowledges something.
pub fn acknowledged(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The last line may be cut in two by the end of the child, and then it is none.
    lines
        .map_while(Result::ok)
        .filter_map(|line| Some(line.strip_prefix("done ")?.strip_suffix('.')?.to_owned()))
}

/// Says that something is stored; only then may anybody rely on it.
pub fn acknowledge(what: &str) {
    let mut out = std::io::stdout().lock();
    // On a line of its own, whatever the harness has begun to say; and whoever listened may be gone.
    let _ = out.write_all(format!("\ndone {what}.\n").as_bytes()).and_then(|()| out.flush());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_told_to_writes() {
    let Ok(order) = std::env::var(ORDER) else { return };
    let [what, number, path] = order.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
    let (number, path) = (number.parse().unwrap(), PathBuf::from(path));
    match what {
        "write" => write(&path, number).await,
        "race" => super::processes::race(&path, number).await,
        other => panic!("no such order: {other}"),
    }
}

/// Makes and changes jobs, many at once, until it is killed.
async fn write(path: &Path, round: u64) {
    let store = Arc::new(open(path));
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for turn in 0.. {
                    let mut change = new(job(round * 1_000_000 + writer * 100_000 + turn));
                    change.case = Some(case(&change.job, 1));
                    store.create(change.clone()).await.unwrap();
                    acknowledge(&format!("{} 1", change.job.id));
                    let change = next(&change.job, State::Collecting);
                    assert_eq!(store.save(change.clone()).await.unwrap(), Saved::Saved);
                    acknowledge(&format!("{} 2", change.job.id));
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alpha.db");
    let mut promised = Vec::new();
    for round in 1..=20 {
        let mut child = child("write", &path, round);
        let mut lines = acknowledged(&mut child);
        // Each round dies at another moment, with several writes under way.
        let moment = usize::try_from(round * round % 83).unwrap();
        promised.extend(lines.by_ref().take(1 + moment));
        child.kill().unwrap();
        promised.extend(lines);
        child.wait().unwrap();
    }
    let store = open(&path);
    assert!(promised.len() > 20 * 20, "{}", promised.len());
    for promise in &promised {
        let (id, version) = promise.split_once(' ').unwrap();
        let job = store.job(&alpha::domain::ids::JobId::new(id)).await.unwrap().unwrap();
        assert!(job.version >= version.parse().unwrap(), "{promise}");
    }
    let query = JobQuery { limit: usize::MAX, ..JobQuery::default() };
    for job in store.jobs(&query).await.unwrap().jobs {
        let history = store.history(&job.id).await.unwrap();
        assert_eq!((history.len() as u64, first_broken(&history)), (job.version, None), "{}", job.id);
        assert_eq!(store.rows(&job.id).await.unwrap().len() as u64, job.version, "{}", job.id);
        assert!(store.case(&job.id, 1).await.unwrap().is_some(), "{}", job.id);
    }
}
