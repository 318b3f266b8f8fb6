//! `alpha demo`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::logging;
use super::outcome::{Failure, Outcome, Result};
use super::serve::wait_for;
use crate::app::{self, Demo};
use crate::config::{Preset, Secret};

/// Try everything on this machine: a Slack in your browser, an AWS account that is simulated, and the very service
///
/// Prints one address; open it, type /alpha analyze ci-deployer, and approve as somebody else. Nothing leaves this
/// machine. Everything is kept in one folder, and a later demo goes on from there.
///
/// To call its Web API, under /api, with a Slack client of your own, choose the token: `ALPHA_DEMO_TOKEN=xoxb-demo`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where it listens, on this machine; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where everything is kept
    #[arg(long, value_name = "FOLDER", default_value = "alpha-demo")]
    data: PathBuf,
    /// Which guardrails hold
    #[arg(long, value_name = "PRESET", default_value = "sandbox", value_parser = preset)]
    guardrails: Preset,
}

fn preset(text: &str) -> std::result::Result<Preset, String> {
    Preset::ALL
        .into_iter()
        .find(|preset| preset.as_str() == text)
        .ok_or_else(|| "expected none, sandbox or prod".to_owned())
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result {
    logging::start(&std::env::var("ALPHA_LOG").unwrap_or_else(|_| "warn".to_owned()))?;
    let demo = Demo {
        listen: arguments.listen,
        data: arguments.data.clone(),
        guardrails: arguments.guardrails,
        token: std::env::var("ALPHA_DEMO_TOKEN").ok().filter(|token| !token.is_empty()).map(Secret::new),
    };
    wait_for(app::demo(demo, |address| {
        let mut out = std::io::stdout().lock();
        // In one piece: whoever reads the first line and goes must not have the second one fail.
        out.write_all(format!("http://{address}\nOpen it in a browser. Stop with ctrl-c.\n").as_bytes())?;
        Ok(out.flush()?)
    }))
    .map_err(|failure| match failure {
        Failure::Failed(error) => Failure::Failed(error.context("the demo can't run")),
        other => other,
    })?;
    Ok(Outcome::Fine)
}
