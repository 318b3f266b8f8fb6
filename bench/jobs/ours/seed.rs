//! A store full of jobs that wait: one goes through the machine, the others are made in its likeness.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alpha::domain::ids::{JobId, ReceiptKey};
use alpha::domain::job::{Job, State, first_entry};
use alpha::domain::proposal::Case;
use alpha::ports::{Change, Created, JobQuery, Store};
use anyhow::{Context as _, bail};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::crowd::Crowd;
use super::house::{House, asker};

/// How many are stored at a time.
const AT_A_TIME: usize = 256;

/// Makes a store of so many jobs that wait for a decision. Those that are due have a reminder to be sent at once.
pub async fn seed(file: &Path, jobs: usize, due: bool) -> anyhow::Result<()> {
    let folder = file.parent().context("no folder")?;
    let house = House::open(folder).await?;
    let (job, case) = likeness(&house).await?;
    let mut storing = JoinSet::new();
    for number in 1..jobs {
        if storing.len() >= AT_A_TIME {
            storing.join_next().await.transpose()?.transpose()?;
        }
        let (store, change) = (Arc::clone(&house.store), like(&job, &case, number, due)?);
        storing.spawn(async move {
            match store.create(change).await? {
                Created::Created => anyhow::Ok(()),
                other => bail!("{other:?}"),
            }
        });
    }
    while let Some(stored) = storing.join_next().await {
        stored??;
    }
    let census = house.store.census().await?;
    println!("{{\"jobs\":{:?}}}", census.jobs);
    Ok(())
}

/// A job that waits for its decision, with its case.
async fn likeness(house: &House) -> anyhow::Result<(Job, Case)> {
    let stop = CancellationToken::new();
    let engine = tokio::spawn({
        let (engine, stop) = (Arc::clone(&house.engine), stop.clone());
        async move { engine.run(stop).await }
    });
    let line = format!("analyze {}", Crowd::name(0));
    house.engine.command(asker(), &line, ReceiptKey::new("race:0")).await?;
    let since = Instant::now();
    let waiting = JobQuery { states: vec!["AwaitingDecision"], limit: 1, ..JobQuery::default() };
    let job = loop {
        if let Some(job) = house.store.jobs(&waiting).await?.jobs.pop() {
            break job;
        }
        if since.elapsed() > Duration::from_secs(20) {
            bail!("no job came as far as its decision");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    stop.cancel();
    engine.await?;
    let case = house.store.case(&job.id, 1).await?.context("the case is missing")?;
    Ok((job, case))
}

fn like(job: &Job, case: &Case, number: usize, due: bool) -> anyhow::Result<Change> {
    let mut job = job.clone();
    job.id = JobId::at(job.created, getrandom::u64()?);
    job.role.name = Crowd::name(number);
    job.asked.receipt = ReceiptKey::new(format!("race:{number}"));
    if due && let State::AwaitingDecision { remind, .. } = &mut job.state {
        *remind = job.updated;
        job.due = Some(job.updated);
    }
    let mut case = case.clone();
    case.job = job.id.clone();
    if let Some(brief) = &mut job.case {
        brief.digest = case.digest();
    }
    job.head = None;
    let entries = vec![first_entry(&mut job)];
    Ok(Change { job, entries, rows: Vec::new(), case: Some(case), settles: None, release: false })
}
