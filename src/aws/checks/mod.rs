//! Second opinions of AWS: Access Analyzer's checks of policies, and IAM's simulation of calls.
//!
//! Each question is asked by itself and has a time of its own, so that one which fails, is denied or is capped takes no
//! other with it. Nothing is decided here: what the answers mean is `domain::opinion`'s to say.

mod analyzer;
mod simulator;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_types::SdkConfig;

use super::accounts::Accounts;
use super::calls::{Call, Need, On};
use crate::domain::errand::Errand;
use crate::domain::ids::JobId;
use crate::domain::opinion::{Answer, Questions};
use crate::domain::role::RoleRef;
use crate::ports::{Checks, Clock, Store};
use analyzer::Analyzer;

const VALIDATE: Call = Call {
    service: "AccessAnalyzer",
    operation: "ValidatePolicy",
    needs: &[Need { action: "access-analyzer:ValidatePolicy", on: On::Anything }],
};
const NEW_ACCESS: Call = Call {
    service: "AccessAnalyzer",
    operation: "CheckNoNewAccess",
    needs: &[Need { action: "access-analyzer:CheckNoNewAccess", on: On::Anything }],
};
const NOT_GRANTED: Call = Call {
    service: "AccessAnalyzer",
    operation: "CheckAccessNotGranted",
    needs: &[Need { action: "access-analyzer:CheckAccessNotGranted", on: On::Anything }],
};
const SIMULATE: Call = Call {
    service: "IAM",
    operation: "SimulateCustomPolicy",
    needs: &[Need { action: "iam:SimulateCustomPolicy", on: On::Anything }],
};
/// What this calls.
pub const CALLS: &[Call] = &[VALIDATE, NEW_ACCESS, NOT_GRANTED, SIMULATE];

/// A day, in which billed checks are counted.
const DAY: Duration = Duration::from_hours(24);

/// How much may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many billed checks may be made in a day.
    pub daily: u32,
    /// How many of them for one job.
    pub per_job: u32,
    /// How long a question may take.
    pub within: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { daily: 100, per_job: 6, within: Duration::from_secs(15) }
    }
}

/// AWS's own checks.
#[derive(Debug)]
pub struct AwsChecks {
    accounts: Arc<Accounts>,
    settings: Settings,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl AwsChecks {
    /// Those of the accounts that are configured; billed ones are counted in the store.
    pub fn new(
        accounts: Arc<Accounts>,
        settings: Settings,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { accounts, settings, store, clock }
    }

    async fn answers(&self, sdk: &SdkConfig, job: &JobId, questions: &Questions) -> Vec<Answer> {
        let analyzer = Analyzer::new(sdk);
        let new_access = async {
            let (present, proposed) = questions.merged.as_ref().map_err(|why| (*why).to_owned())?;
            self.spend(job).await?;
            analyzer.no_new_access(present, proposed).await
        };
        let removed = async {
            let (_, proposed) = questions.merged.as_ref().map_err(|why| (*why).to_owned())?;
            if questions.removed.is_empty() {
                return Err("no action is removed whole".to_owned());
            }
            self.spend(job).await?;
            analyzer.not_granted(proposed, &questions.removed).await
        };
        let simulation = async {
            if questions.calls.is_empty() {
                return Err("no observed call is known well enough to be tried".to_owned());
            }
            simulator::simulate(sdk, questions).await
        };
        let (validation, new_access, removed, simulation) = tokio::join!(
            self.in_time(analyzer.validate(&questions.proposed)),
            self.in_time(new_access),
            self.in_time(removed),
            self.in_time(simulation),
        );
        vec![
            Answer::Validation(validation),
            Answer::NewAccess(new_access),
            Answer::Removed(removed),
            Answer::Simulation(simulation),
        ]
    }

    async fn in_time<T>(&self, asked: impl Future<Output = Result<T, String>>) -> Result<T, String> {
        let within = self.settings.within;
        let answer = tokio::time::timeout(within, asked).await;
        answer.unwrap_or_else(|_| Err(format!("no answer within {} s", within.as_secs())))
    }

    /// Counts a billed check, if neither the job's nor today's are used up.
    async fn spend(&self, job: &JobId) -> Result<(), String> {
        let caps = [
            (format!("checks/{job}"), self.settings.per_job, "of this job"),
            ("checks".to_owned(), self.settings.daily, "of today"),
        ];
        for (key, most, whose) in caps {
            match self.store.count(&key, DAY, self.clock.now()).await {
                Ok(spent) if spent > most => {
                    return Err(format!("the {most} billed checks {whose} are used up"));
                }
                Ok(_) => {}
                Err(error) => return Err(format!("billed checks can't be counted: {error}")),
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Checks for AwsChecks {
    async fn ask(&self, errand: &Errand, role: &RoleRef, questions: &Questions) -> Vec<Answer> {
        match self.accounts.reach(&role.account, errand).await {
            Ok(sdk) => Box::pin(self.answers(&sdk, &errand.job, questions)).await,
            Err(error) => Answer::none(&error.to_string()),
        }
    }
}
