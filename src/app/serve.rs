//! The service: HTTP in, the engine, messages out, until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::house::{House, NoHouse, Plan};
use super::known::{Known, known};
use crate::config::ServeConfig;
use crate::http::{Http, Limits, router, serve as answer};
use crate::local::account::Workload;
use crate::ports::Claim;
use crate::slack::api::{Api, ApiUrl};
use crate::slack::blocks::Context;
use crate::slack::delivery::{Delivery, Noted, Settings as DeliverySettings};
use crate::slack::people::SlackPeople;

/// How often the store is tidied.
const UPKEEP: Duration = Duration::from_hours(1);

/// Runs the service with this configuration until the process is told to stop.
pub async fn serve(config: ServeConfig) -> Result<(), NoHouse> {
    let stop = CancellationToken::new();
    let house = open(&config).await?;
    let listener = bind(config.listen).await?;
    tokio::spawn(stop_on_signal(stop.clone()));
    run(config, house, listener, Router::new(), stop, |_| Ok(())).await
}

/// Opens what the configuration names. What is wrong with it is found before anything listens.
pub(super) async fn open(config: &ServeConfig) -> Result<House, NoHouse> {
    House::open(&Plan {
        store: &config.store,
        account: &config.account,
        credentials: Some(&config.slack.credentials),
        approvers: config.approvers.as_deref(),
        lease: config.lease,
        makes: true,
    })
    .await
}

/// Takes an address to listen on.
pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, NoHouse> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("{address} can't be listened on; is it taken? ALPHA_LISTEN or --listen names another")
    })?;
    Ok(listener)
}

/// Runs the service on a listener, beside whatever else is served there; `ready` is told when it begins to answer.
pub(super) async fn run(
    config: ServeConfig,
    house: House,
    listener: TcpListener,
    beside: Router,
    stop: CancellationToken,
    ready: impl FnOnce(SocketAddr) -> anyhow::Result<()>,
) -> Result<(), NoHouse> {
    config.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    if house.directory.current().is_none() {
        tracing::warn!("nobody can decide: there is no approvers file (ALPHA_APPROVERS)");
    }
    let url = ApiUrl::parse(config.slack.api_url.as_str()).map_err(anyhow::Error::from)?;
    let Known { secrets, tokens } = known(&config.slack.credentials, house.own.as_ref(), &house.clock)?;
    let api = Arc::new(Api::new(url, tokens).map_err(anyhow::Error::from)?);
    let people = Arc::new(SlackPeople::new(Arc::clone(&api), Arc::clone(&house.clock)));
    let engine = Arc::new(house.engine(people, config.watch.clone(), config.guardrails.name()));
    let http = Arc::new(Http::new(Arc::clone(&engine), secrets, Arc::clone(&house.clock), Limits::default()));
    let delivery = delivery(&config, &house, api, &http);

    engine.recover().await.map_err(anyhow::Error::from)?;
    let address = listener.local_addr().map_err(anyhow::Error::from)?;
    let work = TaskTracker::new();
    if let Some(account) = &house.account.simulated {
        work.spawn(Workload::run(Arc::clone(account), stop.clone()));
    }
    work.spawn(Arc::new(delivery).run(Arc::clone(&house.told), stop.clone()));
    if let Some(file) = &house.kept.file {
        work.spawn(keep_up(Arc::clone(file), house.clock.clone(), stop.clone()));
    }
    work.spawn({
        let (engine, stop) = (Arc::clone(&engine), stop.clone());
        async move { engine.run(stop).await }
    });
    tracing::info!(%address, "listening on http://{address}");
    ready(address)?;
    answer(listener, router(http).merge(beside), Limits::default(), stop.clone()).await;
    work.close();
    work.wait().await;
    tracing::info!("stopped");
    Ok(())
}

fn delivery(config: &ServeConfig, house: &House, api: Arc<Api>, http: &Arc<Http>) -> Delivery {
    let context = Context { simulated: house.account.simulated.is_some(), ..Context::default() };
    // A name of its own: what the engine lets go when it stops is none of what is being sent.
    let claim = Claim { owner: format!("{}/slack", house.claim.owner), lease: house.claim.lease };
    let mut settings = DeliverySettings::new(claim, context);
    settings.announce.clone_from(&config.slack.channel);
    let http = Arc::clone(http);
    let count = Arc::new(move |noted: Noted| http.metrics().delivered(noted.as_str()));
    Delivery::new(Arc::clone(&house.kept.store), api, Arc::clone(&house.clock), settings, count)
}

/// Tidies the store from time to time.
async fn keep_up(
    store: Arc<crate::local::store::SqliteStore>,
    clock: Arc<dyn crate::ports::Clock>,
    stop: CancellationToken,
) {
    loop {
        if let Err(error) = store.prune(clock.now()).await {
            tracing::warn!(%error, "the store could not be tidied");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(UPKEEP) => {}
        }
    }
}

/// Stops everything on SIGTERM or ctrl-c; on a second one the process ends at once.
pub(super) async fn stop_on_signal(stop: CancellationToken) {
    signal().await;
    tracing::info!("stopping: what is under way is finished or let go");
    stop.cancel();
    signal().await;
    std::process::exit(1);
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
