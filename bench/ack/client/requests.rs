//! Slash commands as Slack posts them, signed beforehand, no two alike.

use std::fmt::Write as _;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use alpha::slack::ingress::verify::sign;
use anyhow::{Context as _, bail};

/// Over how many seconds before now the timestamps are spread.
const SPREAD: u64 = 120;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Command {
    /// `/alpha help`: nothing is stored.
    Help,
    /// `/alpha analyze` of roles that nobody asked for before, and that the account doesn't have.
    Analyze,
}

impl FromStr for Command {
    type Err = anyhow::Error;

    fn from_str(word: &str) -> anyhow::Result<Self> {
        match word {
            "help" => Ok(Self::Help),
            "analyze" => Ok(Self::Analyze),
            _ => bail!("{word} is none of help and analyze"),
        }
    }
}

impl Command {
    /// What every right answer says.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Help => "narrow IAM roles to what they use",
            Self::Analyze => "Analysing ",
        }
    }
}

/// So many requests, whole, as they go over the wire. What is in them differs between any two processes.
pub fn signed(command: Command, count: usize) -> anyhow::Result<Vec<Box<[u8]>>> {
    let secret = std::env::var("SLACK_SIGNING_SECRET").context("SLACK_SIGNING_SECRET is needed to sign")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let run = std::process::id();
    (0..count).map(|number| request(command, &secret, now, run, number)).collect()
}

fn request(command: Command, secret: &str, now: u64, run: u32, number: usize) -> anyhow::Result<Box<[u8]>> {
    let at = (now - number as u64 % SPREAD).to_string();
    let text = match command {
        Command::Help => "help".to_owned(),
        Command::Analyze => format!("analyze role-{run}-{number}"),
    };
    let mut body = String::with_capacity(512);
    write!(
        body,
        "token=unused&team_id=T0ALPHA01&team_domain=example&channel_id=C{channel:08}&channel_name=platform&\
         user_id=U{user:08}&user_name=rita&command=%2Falpha&text={text}&api_app_id=A0ALPHA&\
         is_enterprise_install=false&response_url=http%3A%2F%2F127.0.0.1%3A9%2Fcommands%2FT0ALPHA01%2F{number}%2FabcDEF&\
         trigger_id={run}.{number}.8088930838d88f008e0",
        channel = number % 20,
        user = number % 50,
        text = text.replace(' ', "+"),
    )?;
    let signature = sign(secret, &at, body.as_bytes()).context("the secret is empty")?;
    let request = format!(
        "POST /slack/commands HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n\
         Accept: application/json,*/*\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         X-Slack-Request-Timestamp: {at}\r\nX-Slack-Signature: {signature}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    Ok(request.into_bytes().into_boxed_slice())
}
