//! The race of acknowledgements: what stands in for Slack, on both sides of a server.
//!
//! `race-ack help` says what the answer to `/alpha help` is. `race-ack sink ADDRESS` answers the Web API's calls. `race-ack flood ADDRESS COMMAND SECONDS` posts signed slash
//! commands as fast as they are answered, `race-ack pace ADDRESS COMMAND RATE SECONDS` so many a second. Both sign
//! everything beforehand with `SLACK_SIGNING_SECRET`, hold every answer against what it should say, and print JSON.

mod answer;
mod flood;
mod pace;
mod requests;
mod sink;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["help"] => {
            print!("{}", alpha::domain::command::help(None));
            Ok(())
        }
        ["sink", address] => sink::run(address.parse()?),
        ["flood", address, command, seconds] => {
            let address = server(address)?;
            flood::run(address, command.parse()?, Duration::from_secs(seconds.parse()?))
        }
        ["pace", address, command, rate, seconds] => {
            let address = server(address)?;
            pace::run(address, command.parse()?, rate.parse()?, Duration::from_secs(seconds.parse()?))
        }
        _ => bail!(
            "expected help, sink ADDRESS, flood ADDRESS COMMAND SECONDS, or pace ADDRESS COMMAND RATE SECONDS"
        ),
    }
}

/// The race stays on this machine, whatever it is told.
fn server(address: &str) -> anyhow::Result<SocketAddr> {
    let address: SocketAddr = address.parse().with_context(|| format!("{address} is no address and port"))?;
    if !address.ip().is_loopback() {
        bail!("{address} isn't on this machine");
    }
    Ok(address)
}
