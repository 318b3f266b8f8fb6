//! Where the roles are: in a simulated account beside the store, or in AWS.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_types::SdkConfig;

use super::cloud;
use super::house::NoHouse;
use crate::aws::accounts::Accounts;
use crate::aws::checks::{self, AwsChecks};
use crate::aws::evidence::{self, AwsEvidence};
use crate::aws::health::{self, TrailHealth};
use crate::aws::reasoner::{self, BedrockReasoner};
use crate::aws::roles::IamRoles;
use crate::config::Aws;
use crate::domain::ids::AccountId;
use crate::domain::scope::Scope;
use crate::local::account::SimulatedAccount;
use crate::local::checks::NobodyElse;
use crate::local::reasoner::FactsReasoner;
use crate::ports::{Checks, Clock, Evidence, Health, Reasoner, Roles, Store};

/// How long a request to an account may take: to a file, and to AWS, where a role is read by dozens of calls.
const NEAR: Duration = Duration::from_secs(10);
const FAR: Duration = Duration::from_secs(30);

/// The account that roles are in, port by port.
pub struct Premises {
    /// The account that a role's bare name means.
    pub home: AccountId,
    /// The other accounts that there are.
    pub others: Vec<AccountId>,
    /// Which roles of each may be changed.
    pub scopes: BTreeMap<AccountId, Scope>,
    /// What roles used.
    pub evidence: Arc<dyn Evidence>,
    /// Roles themselves.
    pub roles: Arc<dyn Roles>,
    /// How they fare.
    pub health: Arc<dyn Health>,
    /// What others think of a proposal.
    pub checks: Arc<dyn Checks>,
    /// Advice in words.
    pub reasoner: Arc<dyn Reasoner>,
    /// How long a request to it may take.
    pub timeout: Duration,
    /// The simulated account, whose workload has to be run.
    pub simulated: Option<Arc<SimulatedAccount>>,
}

impl Premises {
    /// The simulated account that lies beside a store; made where it is missing, if it may be.
    pub fn simulated(
        store: &Path,
        scope: &Scope,
        makes: bool,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, NoHouse> {
        let path = beside(store);
        if !makes && !path.exists() {
            let missing = anyhow::anyhow!("{} is missing: it lies beside the store", path.display());
            return Err(missing.into());
        }
        let home = AccountId::new(SimulatedAccount::ACCOUNT);
        let account = SimulatedAccount::open(path, home.clone(), SimulatedAccount::SEED, Arc::clone(clock))
            .map_err(anyhow::Error::from)?;
        let account = Arc::new(account);
        Ok(Self {
            scopes: BTreeMap::from([(home.clone(), scope.clone())]),
            home,
            others: Vec::new(),
            evidence: Arc::clone(&account) as _,
            roles: Arc::clone(&account) as _,
            health: Arc::clone(&account) as _,
            checks: Arc::new(NobodyElse),
            reasoner: Arc::new(FactsReasoner),
            timeout: NEAR,
            simulated: Some(account),
        })
    }
}

impl Premises {
    /// The accounts of AWS that are configured.
    pub async fn aws(
        aws: &Aws,
        own: &SdkConfig,
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, NoHouse> {
        let configured = cloud::accounts(aws, own).await?;
        let home = configured.home.clone();
        let others = configured.all.keys().filter(|id| **id != home).cloned().collect();
        let scopes = configured.all.iter().map(|(id, account)| (id.clone(), account.scope.clone())).collect();
        let accounts = Arc::new(Accounts::new(own.clone(), configured));
        let evidence = AwsEvidence::new(
            Arc::clone(&accounts),
            Arc::clone(store),
            Arc::clone(clock),
            evidence::Limits::within(aws.collect),
        );
        let checks: Arc<dyn Checks> = match aws.checks {
            0 => Arc::new(NobodyElse),
            daily => Arc::new(AwsChecks::new(
                Arc::clone(&accounts),
                checks::Settings { daily, ..checks::Settings::default() },
                Arc::clone(store),
                Arc::clone(clock),
            )),
        };
        Ok(Self {
            home,
            others,
            scopes,
            evidence: Arc::new(evidence),
            roles: Arc::new(IamRoles::new(Arc::clone(&accounts))),
            health: Arc::new(TrailHealth::new(accounts, Arc::clone(clock), health::Limits::default())),
            checks,
            reasoner: reasoner(aws, own, store, clock)?,
            timeout: FAR,
            simulated: None,
        })
    }
}

fn reasoner(
    aws: &Aws,
    own: &SdkConfig,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Reasoner>, NoHouse> {
    let Some(model) = aws.model.clone() else { return Ok(Arc::new(FactsReasoner)) };
    let guardrail = aws.guardrail.clone().map(|guardrail| (guardrail.id, guardrail.version));
    let settings = reasoner::Settings { model, guardrail, ..reasoner::Settings::default() };
    let model = BedrockReasoner::new(own, settings, Arc::clone(store), Arc::clone(clock));
    Ok(Arc::new(model.map_err(anyhow::Error::from)?))
}

/// The simulated account lies beside the store: `alpha.db` has `alpha.db.account`.
fn beside(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".account");
    PathBuf::from(name)
}
