//! Flags, environment and file together.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;
use crate::domain::accounts as domain;
use crate::domain::ids::{AccountId, ChannelId};
use crate::domain::scope::{Scope, Tag};

/// What a machine says: a file, variables, flags.
struct Machine {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, OsString)>,
}

impl Machine {
    /// With the two secrets that `serve` needs.
    fn new() -> Self {
        Self::bare().with("SLACK_SIGNING_SECRET", "hush-sign").with("SLACK_BOT_TOKEN", "xoxb-hush")
    }

    fn bare() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    fn file(&self, text: &str) -> PathBuf {
        let path = self.folder.path().join("alpha.toml");
        fs::write(&path, text).unwrap();
        path
    }

    fn said(&self, flags: &[(Key, &str)], config: Option<&Path>) -> Said {
        // Without a file of its own no test may find one where the tests are run.
        let empty = self.folder.path().join("empty.toml");
        fs::write(&empty, "").unwrap();
        Said::gather(flags, Some(config.unwrap_or(&empty)), &|name| {
            self.variables.iter().find(|(one, _)| *one == name).map(|(_, value)| value.clone())
        })
    }

    fn serve(&self, flags: &[(Key, &str)], config: Option<&Path>) -> Result<ServeConfig, Problems> {
        ServeConfig::of(self.said(flags, config), &check)
    }
}

/// Any file is good but those that are called so.
fn check(path: &Path) -> Result<(), String> {
    if path.ends_with("bad.toml") { Err("it can't be used:\n  bad.toml:1:1: so".to_owned()) } else { Ok(()) }
}

fn problems(result: Result<ServeConfig, Problems>) -> Vec<String> {
    result.unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn without_a_word_but_the_secrets_everything_is_as_the_table_says() {
    let serve = Machine::new().serve(&[], None).unwrap();
    assert_eq!(serve.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(serve.store, Store::Sqlite("alpha.db".into()));
    assert_eq!(serve.account, Account::Simulated(Scope::default()));
    assert_eq!((serve.approvers, serve.slack.channel), (None, None));
    assert_eq!(serve.guardrails, Guardrails::Preset(Preset::Sandbox));
    assert_eq!(serve.watch, Watch::default());
    assert_eq!(serve.lease, Duration::from_secs(30));
    assert_eq!(serve.slack.api_url.as_str(), "https://slack.com/api");
    assert_eq!((serve.log.as_str(), serve.warnings.len()), ("info", 0));
}

#[test]
fn flags_override_the_environment_which_overrides_the_file_which_overrides_the_default() {
    let machine = Machine::new();
    let listen = |machine: &Machine, flags: &[(Key, &str)], file: Option<&Path>| {
        machine.serve(flags, file).unwrap().listen.port()
    };
    assert_eq!(listen(&machine, &[], None), 8080);
    let file = machine.file("listen = \"127.0.0.1:1\"\n");
    assert_eq!(listen(&machine, &[], Some(&file)), 1);
    let machine = machine.with("ALPHA_LISTEN", "127.0.0.1:2");
    assert_eq!(listen(&machine, &[], Some(&file)), 2);
    assert_eq!(listen(&machine, &[(Key::Listen, "127.0.0.1:3")], Some(&file)), 3);
}

#[test]
fn everything_can_be_said_in_the_file() {
    let machine = Machine::bare();
    let folder = machine.folder.path().to_str().unwrap().to_owned();
    let file = machine.file(&format!(
        "listen = \"[::1]:0\"\nstore = \"sqlite:x.db\"\naccount = \"simulated\"\napprovers = \"who.toml\"\n\
         guardrails = \"{folder}\"\nlease = \"5s\"\nlog = \"debug\"\n[slack]\nsigning_secret = \"s\"\n\
         bot_token = \"xoxb-1\"\napi_url = \"http://127.0.0.1:9/api/\"\nchannel = \"C9\"\n[rollout]\n\
         soak = \"target=2h\"\nmin_calls = 7\n"
    ));
    let serve = machine.serve(&[], Some(&file)).unwrap();
    assert_eq!(
        serve.slack.credentials,
        Credentials::Given { signing_secret: Secret::new("s"), bot_token: Secret::new("xoxb-1") }
    );
    assert_eq!(serve.slack.api_url.as_str(), "http://127.0.0.1:9/api");
    assert_eq!(serve.slack.channel, Some(ChannelId::new("C9")));
    assert_eq!(serve.listen.to_string(), "[::1]:0");
    assert_eq!(serve.store, Store::Sqlite("x.db".into()));
    assert_eq!(serve.approvers, Some("who.toml".into()));
    assert_eq!(serve.guardrails, Guardrails::Directory(folder.into()));
    assert_eq!(serve.lease, Duration::from_secs(5));
    assert_eq!(serve.log, "debug");
    assert_eq!((serve.watch.soak[2], serve.watch.min_calls), (Duration::from_hours(2), 7));
}

#[test]
fn all_problems_are_told_at_once_each_with_who_said_it() {
    let machine = Machine::bare()
        .with("SLACK_BOT_TOKEN", "hush-token")
        .with("ALPHA_SLACK_API_URL", "http://slack.com/api")
        .with("ALPHA_ACCOUNT", "AWS")
        .with("ALPHA_APPROVERS", "bad.toml")
        .with("RUST_LOG", "alpha=loud");
    let file = machine.file("lisen = \"x\"\nlease = \"soon\"\n[rollout]\nmin_calls = -1\nsoak = \"x=1s\"\n");
    let flags = [(Key::Listen, "8080"), (Key::Store, "dynamo:t"), (Key::Channel, "")];
    let found = problems(machine.serve(&flags, Some(&file)));
    let name = file.display().to_string();
    for start in [
        format!("{name}:1:1: the file has no key \"lisen\" (did you mean listen?)"),
        "SLACK_SIGNING_SECRET is missing (or slack.signing_secret in alpha.toml); expected".to_owned(),
        "SLACK_BOT_TOKEN: expected a bot token, which begins with xoxb-".to_owned(),
        "ALPHA_SLACK_API_URL: found \"http://slack.com/api\"; http is allowed on this machine only"
            .to_owned(),
        "--channel: found \"\"; expected the id of a channel".to_owned(),
        "--listen: found \"8080\"; expected an address and a port".to_owned(),
        "--store: found \"dynamo:t\"; expected sqlite:PATH".to_owned(),
        "ALPHA_APPROVERS: found \"bad.toml\"; it can't be used:\n  bad.toml:1:1: so".to_owned(),
        "ALPHA_ACCOUNT: found \"AWS\"; expected simulated or aws".to_owned(),
        format!("{name}:2:9: lease: found \"soon\"; expected a whole number and a unit"),
        format!("{name}:4:13: rollout.min_calls: found \"-1\"; expected a whole number"),
        format!("{name}:5:8: rollout.soak: found \"x=1s\"; there is no stage \"x\""),
        "RUST_LOG: found \"alpha=loud\"; it is no filter".to_owned(),
    ] {
        assert!(found.iter().any(|problem| problem.starts_with(&start)), "{start}\nin {found:#?}");
    }
    assert_eq!(found.len(), 13, "{found:#?}");
    assert!(found.iter().all(|problem| !problem.contains("hush")), "{found:#?}");
}

#[test]
fn an_empty_variable_says_nothing_and_a_blank_secret_is_missing() {
    let machine = Machine::bare().with("SLACK_SIGNING_SECRET", " \n").with("ALPHA_LISTEN", "");
    let file = machine.file("[slack]\nbot_token = \"\"\n");
    let found = problems(machine.serve(&[], Some(&file)));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("SLACK_SIGNING_SECRET is missing"), "{found:?}");
    assert!(found[1].starts_with("SLACK_BOT_TOKEN is missing"), "{found:?}");
}

#[test]
fn a_directory_of_guardrails_is_warned_of_as_long_as_nothing_of_it_is_checked() {
    let machine = Machine::new();
    let folder = machine.folder.path().to_str().unwrap().to_owned();
    let warnings = machine.serve(&[(Key::Guardrails, &folder)], None).unwrap().warnings;
    assert_eq!(warnings, ["ALPHA_GUARDRAILS names a directory: this version checks no rules of it"]);
    assert!(template().contains("this version checks no rules of any of them"));
}

#[test]
fn a_simulated_account_never_goes_with_a_production_store() {
    let found = problems(Machine::new().serve(&[(Key::Store, "dynamodb:alpha")], None));
    assert!(found.iter().any(|problem| problem.contains("never go together")), "{found:?}");
    let said = [(Key::Store, "dynamodb:alpha"), (Key::Account, "aws")];
    let serve = Machine::new().serve(&said, None).unwrap();
    assert_eq!(serve.store, Store::DynamoDb("alpha".to_owned()));
    assert!(matches!(serve.account, Account::Aws(_)), "{:?}", serve.account);
}

/// What is configured of AWS.
fn aws(machine: &Machine, file: Option<&Path>) -> Box<Aws> {
    match machine.serve(&[(Key::Account, "aws")], file).unwrap().account {
        Account::Aws(aws) => aws,
        Account::Simulated(_) => panic!("the account is AWS's"),
    }
}

#[test]
fn without_a_word_of_aws_its_own_settings_count_and_the_model_is_asked() {
    let aws = aws(&Machine::new(), None);
    let own = domain::Account { scope: Scope::of_the_templates(), ..domain::Account::default() };
    assert_eq!((aws.home, aws.own, aws.members.len()), (None, own, 0));
    assert_eq!(aws.model.as_deref(), Some("us.anthropic.claude-sonnet-4-5-20250929-v1:0"));
    assert_eq!((aws.guardrail, aws.checks, aws.collect), (None, 100, Duration::from_mins(15)));
}

#[test]
fn a_table_of_an_account_adds_to_what_is_said_of_all() {
    let machine = Machine::new()
        .with("ALPHA_HOME_ACCOUNT", "111122223333")
        .with("ALPHA_REGIONS", "eu-west-1,us-east-1")
        .with("ALPHA_TRAIL_BUCKET", "s3://logs/all")
        .with("ALPHA_TRAIL_ORGANISATION", "o-exampleorgid")
        .with("ALPHA_MEMBER_ROLES", "arn:aws:iam::444455556666:role/m,arn:aws:iam::777788889999:role/m")
        .with("ALPHA_EXTERNAL_ID", "hush-1")
        .with("ALPHA_MODEL", "none");
    let file = machine.file(
        "[accounts.777788889999]\nexternal_id = \"theirs\"\ntrail_log_group = \"/their/trail\"\n\
         [accounts.123412341234]\nrole = \"arn:aws:iam::123412341234:role/m\"\n",
    );
    let aws = aws(&machine, Some(&file));
    assert_eq!((aws.own.regions.len(), aws.own.trail.central), (2, false));
    let member = |id: &str| &aws.members[&AccountId::new(id)];
    let inherits = member("444455556666");
    assert_eq!(inherits.external_id.as_deref(), Some("hush-1"));
    assert_eq!((inherits.trail.bucket.as_deref(), inherits.trail.prefix.as_str()), (Some("logs"), "all"));
    assert_eq!(
        (inherits.trail.organisation.as_deref(), inherits.trail.central),
        (Some("o-exampleorgid"), true)
    );
    let peculiar = member("777788889999");
    assert_eq!(peculiar.role.as_deref(), Some("arn:aws:iam::777788889999:role/m"));
    assert_eq!(peculiar.external_id.as_deref(), Some("theirs"));
    assert_eq!((peculiar.trail.bucket.as_deref(), peculiar.trail.central), (None, false));
    assert_eq!(member("123412341234").external_id.as_deref(), Some("hush-1"));
    assert_eq!(aws.model, None);
}

#[test]
fn which_roles_may_be_changed_is_said_of_all_accounts_and_of_one() {
    let home = "arn:aws:iam::111122223333:role/app/*";
    let machine = Machine::new()
        .with("ALPHA_HOME_ACCOUNT", "111122223333")
        .with("ALPHA_ROLE_TAG", "scope=yes")
        .with("ALPHA_WRITABLE_ROLES", home)
        .with("ALPHA_MEMBER_ROLES", "arn:aws:iam::444455556666:role/m,arn:aws:iam::777788889999:role/m");
    let file = machine.file(
        "[accounts.777788889999]\nrole_tag = \"none\"\nwritable_roles = \"arn:aws:iam::*:role/x/*\"\n\
         [accounts.111122223333]\nprotected_roles = \"arn:aws:iam::*:role/app/pay\"\n",
    );
    let aws = aws(&machine, Some(&file));
    let tag = Some(Tag::Is { key: "scope".to_owned(), value: "yes".to_owned() });
    let patterns = |pattern: &str| Some(vec![pattern.to_owned()]);
    let all = Scope { tag: tag.clone(), ..Scope::of_the_templates() };
    let pay = patterns("arn:aws:iam::*:role/app/pay");
    assert_eq!(aws.own.scope, Scope { tag: tag.clone(), writable: patterns(home), protected: pay.clone() });
    let member = |id: &str| &aws.members[&AccountId::new(id)].scope;
    assert_eq!(*member("444455556666"), Scope { protected: pay.clone(), ..all });
    let peculiar =
        Scope { tag: Some(Tag::None), writable: patterns("arn:aws:iam::*:role/x/*"), protected: pay };
    assert_eq!(*member("777788889999"), peculiar);

    let simulated = machine.serve(&[], None).unwrap().account;
    let said = Scope { tag, writable: patterns(home), protected: None };
    assert_eq!(simulated, Account::Simulated(said));
    let wrong = Machine::new().with("ALPHA_ROLE_TAG", "narrow").with("ALPHA_PROTECTED_ROLES", "web");
    let found = problems(wrong.serve(&[(Key::Account, "aws")], None));
    assert!(
        found[0].starts_with("ALPHA_ROLE_TAG: found \"narrow\"; expected a tag and its value"),
        "{found:?}"
    );
    assert!(found[1].starts_with("ALPHA_PROTECTED_ROLES: found \"web\"; expected ARN patterns"), "{found:?}");
}

/// What a parameter of a template is by default.
fn parameter<'t>(template: &'t str, name: &str) -> &'t str {
    let (_, rest) = template.split_once(&format!("\n  {name}:\n")).unwrap();
    rest.split_once("Default: ").unwrap().1.lines().next().unwrap().trim()
}

#[test]
fn what_may_be_changed_by_default_is_what_the_templates_grant_by_default() {
    let alpha = include_str!("../../infra/alpha.yaml");
    for template in [alpha, include_str!("../../infra/member.yaml")] {
        let granted = Scope {
            tag: Some(scope::tag(&format!("alpha-scope={}", parameter(template, "RoleTag"))).unwrap()),
            writable: Some(scope::patterns(parameter(template, "WritableRoles")).unwrap()),
            protected: Some(scope::patterns(parameter(template, "ProtectedRoles")).unwrap()),
        };
        assert_eq!(granted, Scope::of_the_templates());
    }
    for told in [
        "Name: ALPHA_ROLE_TAG, Value: !If [ByTag, !Sub \"alpha-scope=${RoleTag}\", none]",
        "Name: ALPHA_WRITABLE_ROLES, Value: !Join [\",\", !Ref WritableRoles]",
        "Name: ALPHA_PROTECTED_ROLES, Value: !Join [\",\", !Ref ProtectedRoles]",
    ] {
        assert!(alpha.contains(told), "{told}");
    }
}

#[test]
fn a_table_of_the_home_account_adds_to_what_is_said_of_all_too() {
    let machine = Machine::new()
        .with("ALPHA_HOME_ACCOUNT", "111122223333")
        .with("ALPHA_TRAIL_BUCKET", "s3://logs/all")
        .with("ALPHA_MEMBER_ROLES", "arn:aws:iam::444455556666:role/m");
    let aws = aws(&machine, Some(&machine.file("[accounts.111122223333]\nregions = \"eu-west-1\"\n")));
    assert_eq!((aws.own.regions.as_slice(), aws.members.len()), (&["eu-west-1".to_owned()][..], 1));
    let member = &aws.members[&AccountId::new("444455556666")];
    for trail in [&aws.own.trail, &member.trail] {
        assert_eq!((trail.bucket.as_deref(), trail.prefix.as_str()), (Some("logs"), "all"));
    }
}

#[test]
fn what_is_wrong_with_aws_is_told_where_the_account_is_there_alone() {
    let machine = Machine::new().with("ALPHA_REGIONS", "here").with("ALPHA_TRAIL_BUCKET", "logs");
    assert!(machine.serve(&[], None).is_ok());
    let found = problems(machine.serve(&[(Key::Account, "aws")], None));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("ALPHA_REGIONS: found \"here\"; expected the names of AWS Regions"),
        "{found:?}"
    );
    assert!(found[1].starts_with("ALPHA_TRAIL_BUCKET: found \"logs\"; expected s3://"), "{found:?}");
}

#[test]
fn secrets_in_secrets_manager_need_not_be_said_and_are_not_used_where_they_are() {
    let secrets = Machine::bare().with("ALPHA_SECRETS", "secretsmanager:alpha");
    let serve = secrets.serve(&[], None).unwrap();
    assert_eq!(serve.slack.credentials, Credentials::SecretsManager("alpha".to_owned()));
    let twice = Machine::new().with("ALPHA_SECRETS", "secretsmanager:alpha").serve(&[], None).unwrap();
    assert_eq!(twice.warnings.len(), 2, "{:?}", twice.warnings);
    assert!(
        twice.warnings[0].starts_with("SLACK_SIGNING_SECRET is set and not used"),
        "{:?}",
        twice.warnings
    );
}

#[test]
fn whoever_looks_at_a_table_means_aws() {
    let machine = Machine::bare();
    let job = |flags: &[(Key, &str)]| JobConfig::of(machine.said(flags, None), &check);
    let looked = job(&[(Key::Store, "dynamodb:alpha")]).unwrap();
    assert!(matches!(looked.account, Account::Aws(_)));
    assert_eq!(job(&[]).unwrap().account, Account::Simulated(Scope::default()));
    let both = [(Key::Store, "dynamodb:alpha"), (Key::Account, "simulated")];
    assert!(job(&both).is_err());
}

#[test]
fn commands_on_jobs_need_no_secrets_and_look_at_nothing_that_is_no_concern_of_theirs() {
    let machine = Machine::bare().with("ALPHA_LISTEN", "nonsense").with("ALPHA_APPROVERS", "who.toml");
    let job = JobConfig::of(machine.said(&[(Key::Store, "sqlite:x.db")], None), &check).unwrap();
    assert_eq!((job.store, job.approvers), (Store::Sqlite("x.db".into()), Some("who.toml".into())));
    assert!(JobConfig::of(machine.said(&[(Key::Store, "x.db")], None), &check).is_err());
}

#[test]
fn nothing_prints_a_secret() {
    let machine = Machine::new().with("ALPHA_SLACK_API_URL", "ftp://me:hush@slack.com");
    let said = machine.said(&[], None);
    let shown = format!("{said:?}");
    let found = problems(ServeConfig::of(said, &check));
    let serve = Machine::new().serve(&[], None).unwrap();
    for text in [shown, format!("{found:?}"), format!("{serve:?} {serve:#?}")] {
        assert!(!text.contains("hush"), "{text}");
    }
}

#[test]
fn a_file_that_was_named_has_to_be_there() {
    let machine = Machine::new();
    let found = problems(machine.serve(&[], Some(&machine.folder.path().join("none.toml"))));
    assert!(found[0].contains("none.toml can't be read") && found[0].contains("alpha init"), "{found:?}");
    let found = problems(machine.serve(&[], Some(machine.folder.path())));
    assert!(found[0].contains("can't be read"), "{found:?}");
}

#[cfg(unix)]
#[test]
fn secrets_that_everybody_can_read_are_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::new();
    let file = machine.file("[slack]\nbot_token = \"xoxb-1\"\n");
    for (mode, warned) in [(0o644, true), (0o604, true), (0o640, false), (0o600, false)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let warnings = machine.serve(&[], Some(&file)).unwrap().warnings;
        assert_eq!(warnings.iter().any(|warning| warning.contains("chmod 600")), warned, "{mode:o}");
    }
    let file = machine.file("listen = \"127.0.0.1:1\"\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(machine.serve(&[], Some(&file)).unwrap().warnings, Vec::<String>::new());
}

#[test]
fn a_judgement_without_calls_is_warned_of() {
    let serve = Machine::new().serve(&[(Key::MinCalls, "0")], None).unwrap();
    assert!(serve.warnings[0].contains("ALPHA_MIN_CALLS is 0"), "{:?}", serve.warnings);
}

#[test]
fn the_written_file_loads_and_says_what_holds_without_it() {
    let machine = Machine::new();
    let without = machine.serve(&[], None).unwrap();
    let file = machine.file(&template());
    assert_eq!(machine.serve(&[], Some(&file)).unwrap(), without);

    // With every setting that has a default taken in, nothing changes either.
    let text: String = template()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') && is_default(setting) => format!("{setting}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let settings = text.lines().filter(|line| !line.starts_with(['#', '[']) && !line.is_empty()).count();
    assert_eq!(settings, Key::ALL.iter().filter(|key| key.about().default.is_some()).count());
    let file = machine.file(&text);
    assert_eq!(machine.serve(&[], Some(&file)).unwrap(), without);
}

#[test]
fn the_written_file_names_every_setting_with_its_variables_and_flag() {
    let text = template();
    for key in Key::ALL {
        let about = key.about();
        assert!(text.contains(&format!("\n#{} = ", about.name)), "{key:?}");
        assert!(about.variables.iter().chain(&about.flag).all(|name| text.contains(name)), "{key:?}");
    }
}

fn is_default(line: &str) -> bool {
    let name = line.split(' ').next().unwrap_or_default();
    Key::ALL.iter().any(|key| key.about().name == name && key.about().default.is_some())
}
