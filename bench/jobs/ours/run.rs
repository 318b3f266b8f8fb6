//! Jobs from the command to the narrowed role.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alpha::domain::approval::Wish;
use alpha::domain::ids::ReceiptKey;
use alpha::domain::job::Job;
use alpha::domain::receipt::Subject;
use alpha::engine::Outcome;
use alpha::ports::{JobQuery, Store};
use anyhow::bail;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::crowd::Crowd;
use super::house::{House, approver, asker};

/// How many ask, and approve, at a time.
const AT_A_TIME: usize = 64;
/// After how long there is something wrong.
const LIMIT: Duration = Duration::from_mins(2);

/// Has so many jobs carried out, and prints how long that took.
pub async fn run(folder: &Path, jobs: usize) -> anyhow::Result<()> {
    let house = Arc::new(House::open(folder).await?);
    let stop = CancellationToken::new();
    let since = Instant::now();
    let engine = tokio::spawn({
        let (engine, stop) = (Arc::clone(&house.engine), stop.clone());
        async move { engine.run(stop).await }
    });
    let asking = tokio::spawn(ask_all(Arc::clone(&house), jobs));
    let mut approved = 0;
    while approved < jobs {
        if since.elapsed() > LIMIT {
            bail!("{:?} after {LIMIT:?}, {approved} approved", house.store.census().await?.jobs);
        }
        let waiting = JobQuery { states: vec!["AwaitingDecision"], limit: AT_A_TIME, ..JobQuery::default() };
        let found = house.store.jobs(&waiting).await?.jobs;
        if found.is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        approved += approve_all(&house, found).await?;
    }
    asking.await??;
    loop {
        let census = house.store.census().await?;
        let done = census.jobs.get("Succeeded").copied().unwrap_or_default();
        if done == jobs as u64 {
            break;
        }
        if since.elapsed() > LIMIT {
            bail!("{:?} after {LIMIT:?}", census.jobs);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = since.elapsed().as_secs_f64();
    stop.cancel();
    engine.await?;
    println!(
        "{{\"jobs\":{jobs},\"seconds\":{took:.3},\"rate\":{:.1}}}",
        f64::from(u32::try_from(jobs)?) / took
    );
    Ok(())
}

async fn ask_all(house: Arc<House>, jobs: usize) -> anyhow::Result<()> {
    let mut asking = JoinSet::new();
    for number in 0..jobs {
        if asking.len() >= AT_A_TIME {
            asking.join_next().await.transpose()?.transpose()?;
        }
        let house = Arc::clone(&house);
        asking.spawn(async move {
            let line = format!("analyze {}", Crowd::name(number));
            let key = ReceiptKey::new(format!("race:{number}"));
            let answer = house.engine.command(asker(), &line, key).await?;
            if answer.text.starts_with("Analysing") { Ok(()) } else { bail!("{}", answer.text) }
        });
    }
    while let Some(asked) = asking.join_next().await {
        asked??;
    }
    Ok(())
}

async fn approve_all(house: &Arc<House>, jobs: Vec<Job>) -> anyhow::Result<usize> {
    let mut approving = JoinSet::new();
    for job in jobs {
        let house = Arc::clone(house);
        approving.spawn(async move {
            house.engine.grant(&approver(), Wish::Approve, &Subject::of(&job), house.clock.now()).await
        });
    }
    let mut approved = 0;
    while let Some(outcome) = approving.join_next().await {
        match outcome?? {
            Outcome::Done(_) => approved += 1,
            Outcome::Refused(refusal) => bail!("{refusal:?}"),
        }
    }
    Ok(approved)
}
