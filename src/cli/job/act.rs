//! Deciding on jobs.

use super::form::JobForm;
use super::{Common, FINE};
use crate::app::Desk;
use crate::cli::outcome::{Failure, Result};
use crate::cli::output::{self, Format};
use crate::domain::approval::Wish;
use crate::domain::ids::{Digest, JobId, PrincipalId};
use crate::domain::reason::Reason;
use crate::domain::receipt::Subject;

/// What is done to a job, and by whom.
#[derive(Debug, clap::Args)]
pub struct Act {
    /// Which job
    job: String,
    /// Who does it: a principal of the approvers file; your user name where it is one
    #[arg(long = "as", value_name = "PRINCIPAL")]
    operator: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// `alpha job approve`
#[derive(Debug, clap::Args)]
pub struct Bound {
    #[command(flatten)]
    act: Act,
    /// Only if this is its revision
    #[arg(long, value_name = "NUMBER")]
    revision: Option<u32>,
    /// Only if this is its digest
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
}

/// `alpha job deny`
#[derive(Debug, clap::Args)]
pub struct Deny {
    #[command(flatten)]
    bound: Bound,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Bound {
    pub(super) fn approve(&self) -> Result {
        self.act.decide(Wish::Approve, self.revision, self.digest.as_deref())
    }
}

impl Deny {
    pub(super) fn run(&self) -> Result {
        let Bound { act, revision, digest } = &self.bound;
        let reason = self.reason.as_deref().and_then(Reason::parse);
        act.decide(Wish::Deny(reason.as_ref()), *revision, digest.as_deref())
    }
}

impl Act {
    pub(super) fn run(&self, wish: Wish<'_>) -> Result {
        self.decide(wish, None, None)
    }

    fn decide(&self, wish: Wish<'_>, revision: Option<u32>, digest: Option<&str>) -> Result {
        let digest = digest.map(Digest::new);
        let subject = Subject { revision, digest, ..Subject::named(JobId::new(self.job.clone())) };
        let outcome = self.common.at_desk(async |desk| {
            let operator = match self.operator(desk) {
                Ok(operator) => operator,
                Err(failure) => return Ok(Err(failure)),
            };
            let granted = desk.grant(&operator, wish, &subject).await?;
            Ok(granted.map_err(|refusal| Failure::Failed(anyhow::anyhow!("{}", Desk::in_words(&refusal)))))
        })?;
        let job = outcome?;
        match self.common.output.output {
            Format::Json => output::json(&JobForm::of(&job))?,
            Format::Text => output::text(&format!("{} is {}", job.id, job.state.word()))?,
        }
        Ok(FINE)
    }

    /// Who acts: as it was said, or the user of this machine where the directory knows that name.
    fn operator(&self, desk: &Desk) -> Result<PrincipalId> {
        let principals = desk.principals();
        if principals.is_empty() {
            return Err(Failure::Usage(
                "nobody can decide: there is no approvers file; name it with --approvers or ALPHA_APPROVERS"
                    .to_owned(),
            ));
        }
        let said = self.operator.clone().or_else(|| std::env::var("USER").ok()).map(PrincipalId::new);
        said.filter(|id| principals.contains(id)).ok_or_else(|| {
            let names: Vec<&str> = principals.iter().map(PrincipalId::as_str).collect();
            Failure::Usage(format!("--as: expected a principal of the approvers file: {}", names.join(", ")))
        })
    }
}
