//! Every setting: what it is called in the file, the environment and on the command line, and what it is without all.
//!
//! The one list of them: the reader, the errors and the file that `alpha init` writes are made from it.

/// A setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// What Slack signs its requests with.
    SigningSecret,
    /// What ALPHA shows to Slack.
    BotToken,
    /// Where Slack's Web API is.
    ApiUrl,
    /// Where outcomes are announced.
    Channel,
    /// Where requests are taken.
    Listen,
    /// Where everything is kept.
    Store,
    /// Which account the roles are in.
    Account,
    /// Who may do what.
    Approvers,
    /// What no change may do.
    Guardrails,
    /// How long each stage is watched.
    Soak,
    /// How many calls a judgement needs.
    MinCalls,
    /// How long a claim holds.
    Lease,
    /// What is logged.
    Log,
    /// Where the secrets are.
    Secrets,
    /// Which tag a role has to bear to be changed.
    RoleTag,
    /// Which roles may be changed.
    WritableRoles,
    /// Which never are.
    ProtectedRoles,
    /// The account that ALPHA runs in.
    HomeAccount,
    /// The Regions whose trails count.
    Regions,
    /// The roles to be assumed in other accounts.
    MemberRoles,
    /// What those roles ask for beside.
    ExternalId,
    /// The trails.
    Trail,
    /// The role by which Access Analyzer reads a trail.
    EvidenceRole,
    /// Where the trail's files are.
    TrailBucket,
    /// The organisation whose trail it is.
    TrailOrganisation,
    /// The log group of the trail.
    TrailLogGroup,
    /// The model.
    Model,
    /// What the model's answers go through.
    ModelGuardrail,
    /// How many second opinions may be asked for.
    Checks,
    /// How long evidence may take.
    Collect,
}

/// What a setting is called, and what it is by default.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// The table of the file that it stands in; none at the top.
    pub section: Option<&'static str>,
    /// Its key there.
    pub name: &'static str,
    /// Its environment variables, the first that is set wins.
    pub variables: &'static [&'static str],
    /// Its flag; none for secrets, since everybody on a machine sees the arguments of a program.
    pub flag: Option<&'static str>,
    /// What it is where nobody says anything.
    pub default: Option<&'static str>,
    /// What it may look like, where there is no default to show.
    pub example: &'static str,
    /// Whether it is a number in the file, or else a text.
    pub number: bool,
    /// What it is for, a line each.
    pub lines: &'static [&'static str],
}

impl Key {
    /// All of them, in the order of the file.
    pub const ALL: [Self; 30] = [
        Self::Listen,
        Self::Store,
        Self::Account,
        Self::Approvers,
        Self::Guardrails,
        Self::Lease,
        Self::Log,
        Self::Secrets,
        Self::SigningSecret,
        Self::BotToken,
        Self::ApiUrl,
        Self::Channel,
        Self::Soak,
        Self::MinCalls,
        Self::RoleTag,
        Self::WritableRoles,
        Self::ProtectedRoles,
        Self::HomeAccount,
        Self::Regions,
        Self::MemberRoles,
        Self::ExternalId,
        Self::Trail,
        Self::EvidenceRole,
        Self::TrailBucket,
        Self::TrailOrganisation,
        Self::TrailLogGroup,
        Self::Model,
        Self::ModelGuardrail,
        Self::Checks,
        Self::Collect,
    ];

    /// Whether nobody may see what was said.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::SigningSecret | Self::BotToken)
    }

    /// What it is called, and what it is by default.
    pub fn about(self) -> About {
        match self {
            Self::Listen => About {
                flag: Some("--listen"),
                default: Some("127.0.0.1:8080"),
                ..about(
                    "listen",
                    &["ALPHA_LISTEN"],
                    &["The address and port where requests are taken; port 0 takes a free one and logs it."],
                )
            },
            Self::Store => About {
                flag: Some("--store"),
                default: Some("sqlite:alpha.db"),
                ..about(
                    "store",
                    &["ALPHA_STORE"],
                    &[
                        "Where jobs, decisions and messages are kept: sqlite:PATH, in one file, or dynamodb:TABLE.",
                    ],
                )
            },
            Self::Account => About {
                flag: Some("--account"),
                default: Some("simulated"),
                ..about(
                    "account",
                    &["ALPHA_ACCOUNT"],
                    &[
                        "Which account the roles are in: simulated, an account within ALPHA, with a workload; or aws,",
                        "with credentials and a Region as AWS's other tools find them ([aws] and [accounts] say more).",
                    ],
                )
            },
            Self::Approvers => About {
                flag: Some("--approvers"),
                example: "approvers.toml",
                ..about(
                    "approvers",
                    &["ALPHA_APPROVERS"],
                    &[
                        "The file that says who may do what (docs/APPROVERS.md).",
                        "Without one any full member may analyse, and nobody may decide.",
                    ],
                )
            },
            Self::Guardrails => About {
                flag: Some("--guardrails"),
                default: Some("sandbox"),
                ..about(
                    "guardrails",
                    &["ALPHA_GUARDRAILS"],
                    &[
                        "What no change may do: none, sandbox, prod, or a directory of policies.",
                        "It is kept with each job and shown on its card; this version checks no rules of any of them.",
                    ],
                )
            },
            Self::Lease => About {
                flag: Some("--lease"),
                default: Some("30s"),
                ..about(
                    "lease",
                    &["ALPHA_LEASE"],
                    &["How long a claim on a job or a message holds without renewal: from 100ms to 1h."],
                )
            },
            Self::Log => About {
                default: Some("info"),
                ..about(
                    "log",
                    &["ALPHA_LOG", "RUST_LOG"],
                    &[
                        "What is logged: error, warn, info, debug or trace, or a filter such as info,alpha=debug.",
                    ],
                )
            },
            Self::SigningSecret => About {
                example: "0123456789abcdef0123456789abcdef",
                ..slack(
                    "signing_secret",
                    &["SLACK_SIGNING_SECRET"],
                    &[
                        "What Slack signs its requests with: Basic Information, Signing Secret. Needed by serve.",
                    ],
                )
            },
            Self::BotToken => About {
                example: "xoxb-...",
                ..slack(
                    "bot_token",
                    &["SLACK_BOT_TOKEN"],
                    &[
                        "What ALPHA shows to Slack: OAuth & Permissions, Bot User OAuth Token. Needed by serve.",
                    ],
                )
            },
            Self::ApiUrl => About {
                flag: Some("--slack-api-url"),
                default: Some("https://slack.com/api"),
                ..slack(
                    "api_url",
                    &["ALPHA_SLACK_API_URL"],
                    &["The base of Slack's Web API; http is allowed on this machine only."],
                )
            },
            Self::Channel => About {
                flag: Some("--channel"),
                example: "C0123456789",
                ..slack(
                    "channel",
                    &["ALPHA_CHANNEL"],
                    &[
                        "The id of the channel where outcomes are announced; without one only the thread hears them.",
                    ],
                )
            },
            Self::Soak => About {
                flag: Some("--soak"),
                default: Some("sandbox=0s,canary=15m,target=1h"),
                ..rollout(
                    "soak",
                    &["ALPHA_SOAK"],
                    &[
                        "How long each stage is watched before it is judged; stages left out keep their default.",
                    ],
                )
            },
            Self::MinCalls => About {
                flag: Some("--min-calls"),
                default: Some("20"),
                number: true,
                ..rollout(
                    "min_calls",
                    &["ALPHA_MIN_CALLS"],
                    &["How many calls of a role have to be seen before a stage is judged."],
                )
            },
            Self::RoleTag => About {
                example: "alpha-scope=narrow",
                ..scope(
                    "role_tag",
                    &["ALPHA_ROLE_TAG"],
                    &[
                        "The tag, with its value, that a role has to bear to be changed, or none; what it is by default in AWS",
                        "is shown here. What these three say has to be what ALPHA is granted: they grant nothing.",
                    ],
                )
            },
            Self::WritableRoles => About {
                example: "arn:aws:iam::*:role/*",
                ..scope(
                    "writable_roles",
                    &["ALPHA_WRITABLE_ROLES"],
                    &[
                        "ARN patterns of the roles that may be changed, with commas between; in AWS by default every role.",
                    ],
                )
            },
            Self::ProtectedRoles => About {
                example: "arn:aws:iam::*:role/OrganizationAccountAccessRole,arn:aws:iam::*:role/AWSControlTowerExecution",
                ..scope(
                    "protected_roles",
                    &["ALPHA_PROTECTED_ROLES"],
                    &["ARN patterns of the roles that never are; in AWS by default these."],
                )
            },
            Self::Secrets => About {
                default: Some("environment"),
                ..about(
                    "secrets",
                    &["ALPHA_SECRETS"],
                    &[
                        "Where the signing secret and the bot token are: environment (or [slack] of this file), or",
                        "secretsmanager:PREFIX, which has PREFIX/signing-secret and PREFIX/bot-token.",
                    ],
                )
            },
            Self::HomeAccount => About {
                example: "111122223333",
                ..aws(
                    "home_account",
                    &["ALPHA_HOME_ACCOUNT"],
                    &[
                        "The account that ALPHA runs in, whose roles bare names mean; its credentials tell where it isn't said.",
                    ],
                )
            },
            Self::Regions => About {
                example: "eu-west-1,us-east-1",
                ..aws(
                    "regions",
                    &["ALPHA_REGIONS"],
                    &["The Regions whose trails count, the main one first; without them AWS_REGION alone."],
                )
            },
            Self::MemberRoles => About {
                example: "arn:aws:iam::444455556666:role/alpha-service/alpha-member",
                ..aws(
                    "member_roles",
                    &["ALPHA_MEMBER_ROLES"],
                    &[
                        "The roles to be assumed in other accounts, as infra/member.yaml makes them, with commas between.",
                    ],
                )
            },
            Self::ExternalId => About {
                example: "a-text-of-your-own",
                ..aws(
                    "external_id",
                    &["ALPHA_EXTERNAL_ID"],
                    &["What the trust policies of these roles ask for beside."],
                )
            },
            Self::Trail => About {
                example: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/all",
                ..aws(
                    "trail",
                    &["ALPHA_TRAIL"],
                    &["The ARNs of the trails that Access Analyzer is to read, with commas between."],
                )
            },
            Self::EvidenceRole => About {
                example: "arn:aws:iam::111122223333:role/alpha-service/alpha-evidence",
                ..aws(
                    "evidence_role",
                    &["ALPHA_EVIDENCE_ROLE"],
                    &["The role by which Access Analyzer reads them."],
                )
            },
            Self::TrailBucket => About {
                example: "s3://BUCKET/PREFIX",
                ..aws(
                    "trail_bucket",
                    &["ALPHA_TRAIL_BUCKET"],
                    &[
                        "Where the log files of a trail are: the bucket, and what stands before AWSLogs/ in their keys.",
                    ],
                )
            },
            Self::TrailOrganisation => About {
                example: "o-exampleorgid",
                ..aws(
                    "trail_organisation",
                    &["ALPHA_TRAIL_ORGANISATION"],
                    &["The organisation whose trail it is, which then stands in the keys."],
                )
            },
            Self::TrailLogGroup => About {
                example: "/aws/cloudtrail/all",
                ..aws(
                    "trail_log_group",
                    &["ALPHA_TRAIL_LOG_GROUP"],
                    &["The log group that the trail's events go to: by it a rollout is watched."],
                )
            },
            Self::Model => About {
                default: Some(super::aws::MODEL),
                ..aws(
                    "model",
                    &["ALPHA_MODEL"],
                    &[
                        "The model in Bedrock that puts a case into words, or none: then the facts speak alone.",
                    ],
                )
            },
            Self::ModelGuardrail => About {
                example: "abcdef123456:1",
                ..aws(
                    "model_guardrail",
                    &["ALPHA_MODEL_GUARDRAIL"],
                    &["The Bedrock guardrail, with its version, that the model's answers go through."],
                )
            },
            Self::Checks => About {
                default: Some("100"),
                number: true,
                ..aws(
                    "checks",
                    &["ALPHA_CHECKS"],
                    &[
                        "How many of Access Analyzer's checks, which are billed, may be asked for in a day; 0 asks for none.",
                    ],
                )
            },
            Self::Collect => About {
                default: Some("15m"),
                ..aws(
                    "collect",
                    &["ALPHA_COLLECT"],
                    &[
                        "How long the evidence for one job may take; what isn't there by then is told as a gap.",
                    ],
                )
            },
        }
    }

    /// By which name people know it best: the variable.
    pub fn variable(self) -> &'static str {
        self.about().variables.first().copied().unwrap_or_default()
    }

    /// How it is written in the file, with its table.
    pub fn in_file(self) -> String {
        let about = self.about();
        match about.section {
            Some(section) => format!("{section}.{}", about.name),
            None => about.name.to_owned(),
        }
    }
}

fn about(name: &'static str, variables: &'static [&'static str], lines: &'static [&'static str]) -> About {
    About { section: None, name, variables, flag: None, default: None, example: "", number: false, lines }
}

fn slack(name: &'static str, variables: &'static [&'static str], lines: &'static [&'static str]) -> About {
    About { section: Some("slack"), ..about(name, variables, lines) }
}

fn rollout(name: &'static str, variables: &'static [&'static str], lines: &'static [&'static str]) -> About {
    About { section: Some("rollout"), ..about(name, variables, lines) }
}

fn scope(name: &'static str, variables: &'static [&'static str], lines: &'static [&'static str]) -> About {
    About { section: Some("scope"), ..about(name, variables, lines) }
}

fn aws(name: &'static str, variables: &'static [&'static str], lines: &'static [&'static str]) -> About {
    About { section: Some("aws"), ..about(name, variables, lines) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_setting_has_names_of_its_own_and_a_default_or_an_example() {
        assert_eq!(Key::ALL.iter().collect::<BTreeSet<_>>().len(), Key::ALL.len());
        let names: BTreeSet<String> = Key::ALL.iter().map(|key| key.in_file()).collect();
        let variables: BTreeSet<&str> = Key::ALL.iter().map(|key| key.variable()).collect();
        assert_eq!((names.len(), variables.len()), (Key::ALL.len(), Key::ALL.len()));
        for key in Key::ALL {
            let about = key.about();
            assert_ne!(about.default.is_some(), !about.example.is_empty(), "{key:?}");
            assert!(!about.lines.is_empty() && !about.variables.is_empty(), "{key:?}");
        }
    }

    #[test]
    fn no_secret_has_a_flag() {
        assert!(Key::ALL.iter().all(|key| !key.is_secret() || key.about().flag.is_none()));
    }
}
