//! What was said -> what it means: every setting is read, then all that is wrong is told.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::aws::{self, Aws};
use super::key::Key;
use super::problem::{Problem, Problems};
use super::said::{Origin, Said, Word};
use super::secret::Secret;
use super::slack::{self, Credentials, Slack};
use super::{CheckApprovers, Guardrails, JobConfig, ServeConfig, duration, guardrails, scope, soak, store};
use crate::domain::accounts::{Account, Trail};
use crate::domain::rollout::Watch;
use crate::domain::scope::Scope;

/// The shortest and the longest that gathering and a lease may take.
const COLLECTS: [Duration; 2] = [Duration::from_secs(10), Duration::from_hours(24)];
const LEASES: [Duration; 2] = [Duration::from_millis(100), Duration::from_hours(1)];

impl ServeConfig {
    /// What was said, as `serve` understands it.
    pub fn of(said: Said, check: CheckApprovers<'_>) -> Result<Self, Problems> {
        let mut reading = Reading::of(said);
        let credentials = reading.credentials();
        let api_url = reading.take(Key::ApiUrl, slack::api_url);
        let channel = reading.take(Key::Channel, slack::channel);
        let listen = reading.take(Key::Listen, listen);
        let store = reading.store();
        let account = reading.account();
        reading.refuse_simulated_production();
        let approvers = reading.take(Key::Approvers, |text| approvers(text, check));
        let guardrails = reading.take(Key::Guardrails, guardrails::parse);
        let soak = reading.take(Key::Soak, soak::parse);
        let min_calls = reading.take(Key::MinCalls, min_calls);
        let lease = reading.take(Key::Lease, lease);
        let log = reading.take(Key::Log, log);
        if min_calls == Some(0) {
            reading.said.warnings.push(format!(
                "{} is 0: a stage in which a role made no call at all will be judged good",
                Key::MinCalls.variable()
            ));
        }
        if let Some(Guardrails::Directory(_)) = guardrails {
            reading.said.warnings.push(format!(
                "{} names a directory: this version checks no rules of it",
                Key::Guardrails.variable()
            ));
        }
        let all = (|| {
            Some(Self {
                slack: Slack { credentials: credentials?, api_url: api_url?, channel },
                listen: listen?,
                store: store?,
                account: account?,
                approvers,
                guardrails: guardrails?,
                watch: Watch { soak: soak?, min_calls: min_calls? },
                lease: lease?,
                log: log?,
                warnings: std::mem::take(&mut reading.said.warnings),
            })
        })();
        reading.end(all)
    }
}

impl JobConfig {
    /// What was said, as the commands on jobs understand it.
    pub fn of(said: Said, check: CheckApprovers<'_>) -> Result<Self, Problems> {
        let mut reading = Reading::of(said);
        let store = reading.store();
        reading.follow_store();
        let account = reading.account();
        reading.refuse_simulated_production();
        let approvers = reading.take(Key::Approvers, |text| approvers(text, check));
        let log = reading.take(Key::Log, log);
        let all = (|| {
            Some(Self {
                store: store?,
                account: account?,
                approvers,
                log: log?,
                warnings: std::mem::take(&mut reading.said.warnings),
            })
        })();
        reading.end(all)
    }
}

/// Reads settings one by one and keeps what is wrong with them.
struct Reading {
    said: Said,
    problems: Vec<Problem>,
}

impl Reading {
    fn of(mut said: Said) -> Self {
        let problems = std::mem::take(&mut said.problems);
        Self { said, problems }
    }

    /// A setting that was said or has a default.
    fn take<T>(&mut self, key: Key, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let word = self.said.word(key)?;
        let text = word.text.reveal();
        match parse(text) {
            Ok(value) => Some(value),
            Err(why) => {
                let hidden = key.is_secret() || (key == Key::ApiUrl && slack::holds_credentials(text));
                self.problems.push(Problem::Wrong {
                    whence: word.origin.to_string(),
                    found: (!hidden).then(|| text.to_owned()),
                    why,
                });
                None
            }
        }
    }

    /// A setting that has to be said; a blank text says nothing.
    fn need(
        &mut self,
        key: Key,
        expected: &str,
        parse: impl FnOnce(&str) -> Result<Secret, String>,
    ) -> Option<Secret> {
        if self.said.word(key).is_none_or(|word| slack::is_blank(word.text.reveal())) {
            self.problems.push(Problem::Missing { key, expected: expected.to_owned() });
            return None;
        }
        self.take(key, parse)
    }

    fn store(&mut self) -> Option<store::Store> {
        self.take(Key::Store, store::store)
    }

    /// Whoever looks at a production store, and says nothing of the account, means AWS.
    fn follow_store(&mut self) {
        let is = |key, test: &dyn Fn(&Word) -> bool| self.said.word(key).is_some_and(|word| test(&word));
        let silent = is(Key::Account, &|word| word.origin == Origin::Default);
        if silent && is(Key::Store, &|word| store::is_production(word.text.reveal())) {
            self.said.assume(Key::Account, store::AWS);
        }
    }

    /// What Slack and ALPHA know each other by.
    fn credentials(&mut self) -> Option<Credentials> {
        let Some(prefix) = self.take(Key::Secrets, slack::secrets)? else {
            let signing_secret = self.need(Key::SigningSecret, slack::EXPECTED_SECRET, slack::signing_secret);
            let bot_token = self.need(Key::BotToken, slack::EXPECTED_TOKEN, slack::bot_token);
            return Some(Credentials::Given { signing_secret: signing_secret?, bot_token: bot_token? });
        };
        for key in [Key::SigningSecret, Key::BotToken] {
            if self.said.word(key).is_some() {
                self.said.warnings.push(format!(
                    "{} is set and not used: {} says that it is in Secrets Manager",
                    key.variable(),
                    Key::Secrets.variable()
                ));
            }
        }
        Some(Credentials::SecretsManager(prefix))
    }

    /// Which account the roles are in; what is said of AWS counts only there.
    fn account(&mut self) -> Option<store::Account> {
        let is_aws = self.take(Key::Account, store::is_aws);
        let scope = self.scope();
        if !is_aws? {
            return Some(store::Account::Simulated(scope));
        }
        let home = self.given(Key::HomeAccount, aws::account);
        let regions = self.given(Key::Regions, aws::regions).unwrap_or_default();
        let mut members = self.given(Key::MemberRoles, aws::member_roles).unwrap_or_default();
        let external_id = self.given(Key::ExternalId, aws::external_id);
        let (bucket, prefix) = self.given(Key::TrailBucket, aws::bucket).unzip();
        let trail = Trail {
            central: false,
            arns: self.given(Key::Trail, aws::trails).unwrap_or_default(),
            evidence_role: self.given(Key::EvidenceRole, aws::role),
            bucket,
            prefix: prefix.unwrap_or_default(),
            organisation: self.given(Key::TrailOrganisation, aws::organisation),
            log_group: self.given(Key::TrailLogGroup, aws::log_group),
        };
        let mut own = Account { role: None, external_id: None, regions, trail, scope };
        for (id, said) in std::mem::take(&mut self.said.accounts) {
            let account = match members.remove(&id) {
                Some(member) => Account { role: said.role.clone().or(member.role), ..said },
                None => said,
            };
            if home.as_ref() == Some(&id) {
                own = account.at_home(&own);
            } else {
                members.insert(id, account);
            }
        }
        for (id, member) in &mut members {
            let said = std::mem::take(&mut member.scope).or(own.scope.in_account(id));
            member.scope = said.or(Scope::of_the_templates());
            member.external_id = member.external_id.take().or_else(|| external_id.clone());
            *member = aws::with_trail(std::mem::take(member), &own.trail);
        }
        own.scope = own.scope.or(Scope::of_the_templates());
        let model = self.take(Key::Model, aws::model);
        let guardrail = self.given(Key::ModelGuardrail, aws::guardrail);
        let checks = self.take(Key::Checks, |text| {
            text.parse().map_err(|_| "expected a whole number, such as 100; 0 asks for none".to_owned())
        });
        let collect = self.take(Key::Collect, collect);
        Some(store::Account::Aws(Box::new(Aws {
            home,
            own,
            members,
            model: model?,
            guardrail,
            checks: checks?,
            collect: collect?,
        })))
    }

    /// Which roles may be changed.
    fn scope(&mut self) -> Scope {
        Scope {
            tag: self.given(Key::RoleTag, scope::tag),
            writable: self.given(Key::WritableRoles, scope::patterns),
            protected: self.given(Key::ProtectedRoles, scope::patterns),
        }
    }

    /// A setting that need not be said.
    fn given<T>(&mut self, key: Key, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        self.said.word(key)?;
        self.take(key, |text| parse(text.trim()))
    }

    /// A simulated account, beside a store that a production service shares, would put made-up roles among real ones.
    fn refuse_simulated_production(&mut self) {
        let text = |key| self.said.word(key).map(|word| word.text);
        let production = text(Key::Store).is_some_and(|text| store::is_production(text.reveal()));
        if production && text(Key::Account).is_some_and(|text| text.reveal() == "simulated") {
            self.problems.push(Problem::Other(format!(
                "{} is simulated and {} is a production store (dynamodb:), which never go together",
                Key::Account.variable(),
                Key::Store.variable()
            )));
        }
    }

    fn end<T>(self, all: Option<T>) -> Result<T, Problems> {
        match all {
            Some(all) if self.problems.is_empty() => Ok(all),
            _ => Err(Problems(self.problems)),
        }
    }
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:8080 or [::1]:8080".to_owned())
}

fn approvers(text: &str, check: CheckApprovers<'_>) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("expected the path of a file".to_owned());
    }
    let path = PathBuf::from(text);
    check(&path).map(|()| path)
}

fn min_calls(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "expected a whole number, such as 20".to_owned())
}

fn collect(text: &str) -> Result<Duration, String> {
    let time = duration::parse(text).ok_or_else(|| format!("expected {}", duration::EXPECTED))?;
    let [shortest, longest] = COLLECTS;
    if time < shortest || time > longest {
        return Err("expected from 10s to 24h".to_owned());
    }
    Ok(time)
}

fn lease(text: &str) -> Result<Duration, String> {
    let lease = duration::parse(text).ok_or_else(|| format!("expected {}", duration::EXPECTED))?;
    let [shortest, longest] = LEASES;
    if lease < shortest || lease > longest {
        return Err("expected from 100ms to 1h".to_owned());
    }
    Ok(lease)
}

fn log(text: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!(
            "it is no filter ({error}); expected error, warn, info, debug or trace, or such as info,alpha=debug"
        )),
    }
}
