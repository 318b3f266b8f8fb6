//! The demo: the very service, beside a Slack on loopback, with everything in one folder.

use std::fs::{self, File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::house::NoHouse;
use super::serve::{bind, open, run, stop_on_signal};
use crate::config::{Account, Credentials, Guardrails, Preset, Secret, ServeConfig, Slack, Store};
use crate::domain::ids::ChannelId;
use crate::domain::rollout::Watch;
use crate::domain::scope::Scope;
use crate::local::playground::{Playground, Settings};

/// Who may do what in the playground's workspace.
const APPROVERS: &str = include_str!("demo/approvers.toml");
/// Where the playground announces outcomes.
const OUTCOMES: &str = "C0OUTCOMES";

/// What the demo is told.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Where it listens; loopback only.
    pub listen: SocketAddr,
    /// Where it keeps everything.
    pub data: PathBuf,
    /// Which guardrails hold.
    pub guardrails: Preset,
    /// What the playground's Web API is called with, where somebody else is to call it too; else nobody knows it.
    pub token: Option<Secret>,
}

/// Runs the demo until the process is told to stop. `ready` is told the address once something answers there.
pub async fn demo(demo: Demo, ready: impl FnOnce(SocketAddr) -> anyhow::Result<()>) -> Result<(), NoHouse> {
    if !demo.listen.ip().is_loopback() {
        return Err(NoHouse::Usage(format!(
            "the demo listens on this machine only, and {} is seen from others; expected 127.0.0.1 or [::1]",
            demo.listen.ip()
        )));
    }
    let folder = &demo.data;
    fs::create_dir_all(folder).with_context(|| format!("the folder {} can't be made", folder.display()))?;
    // Held until the demo ends.
    let _alone = alone_in(folder)?;
    let approvers = folder.join("approvers.toml");
    if !approvers.exists() {
        fs::write(&approvers, APPROVERS)
            .with_context(|| format!("{} can't be written", approvers.display()))?;
    }
    let listener = bind(demo.listen).await?;
    let address = listener.local_addr().map_err(anyhow::Error::from)?;
    let secret = random()?;
    let token = match demo.token {
        Some(token) => token.reveal().to_owned(),
        None => format!("xoxb-{}", random()?),
    };
    let mut settings = Settings::new(secret.clone(), token.clone(), format!("http://{address}"));
    settings.file = Some(folder.join("playground.db"));
    let playground = Playground::open(settings).map_err(anyhow::Error::from)?;
    let api_url = format!("http://{address}/api").parse().map_err(anyhow::Error::from)?;
    let config = ServeConfig {
        slack: Slack {
            credentials: Credentials::Given {
                signing_secret: Secret::new(secret),
                bot_token: Secret::new(token),
            },
            api_url,
            channel: Some(ChannelId::new(OUTCOMES)),
        },
        listen: address,
        store: Store::Sqlite(folder.join("alpha.db")),
        account: Account::Simulated(Scope::default()),
        approvers: Some(approvers),
        guardrails: Guardrails::Preset(demo.guardrails),
        watch: Watch {
            soak: [Duration::ZERO, Duration::from_secs(6), Duration::from_secs(6)],
            min_calls: 10,
        },
        lease: Duration::from_secs(5),
        log: String::new(),
        warnings: Vec::new(),
    };
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    let house = open(&config).await?;
    run(config, house, listener, playground.router(), stop, ready).await
}

/// Keeps the folder from a second demo, whose jobs would turn up in this one's Slack and the other way round.
fn alone_in(folder: &Path) -> anyhow::Result<File> {
    let name = folder.display();
    let lock = File::open(folder).with_context(|| format!("the folder {name} can't be opened"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!(
                "another demo keeps everything in {name}: stop that one, or name another folder with --data"
            )
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("the folder {name} can't be locked"))
        }
    }
}

/// A secret for this run alone.
fn random() -> Result<String, NoHouse> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system has no random numbers: {error}"))?;
    Ok(hex::encode(bytes))
}
