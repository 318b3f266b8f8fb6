//! The flags of the commands that are configured. They are texts: what they mean is decided elsewhere, for all alike.

use std::path::PathBuf;

use super::key::Key;

/// The flags of commands that read the store of a service: who may do what, and where everything is.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Configuration")]
pub struct StoreFlags {
    /// The configuration file, instead of ./alpha.toml where that exists
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where jobs are kept: sqlite:PATH (`ALPHA_STORE`)
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// The file that says who may do what (`ALPHA_APPROVERS`)
    #[arg(long, value_name = "FILE")]
    pub approvers: Option<String>,
}

/// The flags of `serve`. Secrets have none: everybody on a machine sees the arguments of a program.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Configuration")]
pub struct ServeFlags {
    #[command(flatten)]
    #[expect(missing_docs, reason = "a comment here would become the help of the whole command")]
    pub store: StoreFlags,
    /// Where requests are taken; port 0 takes a free one (`ALPHA_LISTEN`)
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Which account the roles are in: simulated (`ALPHA_ACCOUNT`)
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// What no change may do: none, sandbox, prod, or a directory; kept with each job, no rules are checked yet
    /// (`ALPHA_GUARDRAILS`)
    #[arg(long, value_name = "PRESET")]
    pub guardrails: Option<String>,
    /// How long each stage is watched, such as canary=15m,target=1h (`ALPHA_SOAK`)
    #[arg(long, value_name = "STAGE=TIME,...")]
    pub soak: Option<String>,
    /// How many calls a judgement needs (`ALPHA_MIN_CALLS`)
    #[arg(long, value_name = "COUNT")]
    pub min_calls: Option<String>,
    /// The id of the channel where outcomes are announced (`ALPHA_CHANNEL`)
    #[arg(long, value_name = "CHANNEL")]
    pub channel: Option<String>,
    /// The base of Slack's Web API (`ALPHA_SLACK_API_URL`)
    #[arg(long, value_name = "URL")]
    pub slack_api_url: Option<String>,
    /// How long a claim holds without renewal (`ALPHA_LEASE`)
    #[arg(long, value_name = "TIME")]
    pub lease: Option<String>,
}

impl StoreFlags {
    /// What they say.
    pub fn said(&self) -> Vec<(Key, &str)> {
        given([(Key::Store, &self.store), (Key::Approvers, &self.approvers)])
    }
}

impl ServeFlags {
    /// What they say.
    pub fn said(&self) -> Vec<(Key, &str)> {
        let mut said = self.store.said();
        said.extend(given([
            (Key::Listen, &self.listen),
            (Key::Account, &self.account),
            (Key::Guardrails, &self.guardrails),
            (Key::Soak, &self.soak),
            (Key::MinCalls, &self.min_calls),
            (Key::Channel, &self.channel),
            (Key::ApiUrl, &self.slack_api_url),
            (Key::Lease, &self.lease),
        ]));
        said
    }
}

fn given<const N: usize>(flags: [(Key, &Option<String>); N]) -> Vec<(Key, &str)> {
    flags.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?))).collect()
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    #[test]
    fn every_setting_that_is_no_secret_and_no_filter_has_its_flag() {
        let command = ServeFlags::augment_args(Command::new("serve"));
        let mut line = vec!["serve".to_owned()];
        for key in Key::ALL {
            let Some(flag) = key.about().flag else { continue };
            let long = flag.strip_prefix("--");
            assert!(command.get_arguments().any(|argument| argument.get_long() == long), "{flag}");
            line.push(format!("{flag}={flag}"));
        }
        let flags = ServeFlags::from_arg_matches(&command.get_matches_from(&line)).unwrap();
        let said = flags.said();
        assert_eq!(said.len(), line.len() - 1);
        for (key, text) in said {
            assert_eq!(Some(text), key.about().flag, "{key:?} is told by its own flag");
        }
    }
}
