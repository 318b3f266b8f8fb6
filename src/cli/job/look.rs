//! Looking at jobs.

use std::fmt::Write;

use super::form::{EntryForm, JobForm, ShownForm};
use super::{Common, FINE, left_out, missing};
use crate::app::Listed;
use crate::cli::outcome::{Failure, Result};
use crate::cli::output::{self, Format};
use crate::domain::audit::Entry;
use crate::domain::ids::JobId;
use crate::domain::job::{Job, State};
use crate::iam::legible::legible;

/// `alpha job list`
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only jobs of this role, by name or ARN
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Only jobs in this state, such as `AwaitingDecision`; may be repeated
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Vec<&'static str>,
    /// Only jobs that have not ended
    #[arg(long)]
    open: bool,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    common: Common,
}

fn state(text: &str) -> std::result::Result<&'static str, String> {
    State::WORDS
        .into_iter()
        .find(|word| word.eq_ignore_ascii_case(text))
        .ok_or_else(|| format!("expected one of {}", State::WORDS.join(", ")))
}

impl List {
    pub(super) fn run(&self) -> Result {
        let listed = Listed {
            role: self.role.clone(),
            states: self.state.clone(),
            open: self.open,
            limit: self.limit,
        };
        let found = self.common.look(async |records| records.jobs(&listed).await)?;
        match self.common.output.output {
            Format::Json => output::json(&found.jobs.iter().map(JobForm::of).collect::<Vec<_>>())?,
            Format::Text => output::text(&table(&found.jobs))?,
        }
        Ok(left_out(&found.unreadable))
    }
}

fn table(jobs: &[Job]) -> String {
    if jobs.is_empty() {
        return "no jobs".to_owned();
    }
    let mut out = String::new();
    for job in jobs {
        let stage = job.state.stage().map_or_else(String::new, |stage| format!("({stage})"));
        let state = format!("{}{stage}", job.state.word());
        let role = legible(&job.role.name);
        let _ = writeln!(out, "{}  {state:<18} {role:<24} {}", job.id, job.updated.strftime("%F %T UTC"));
    }
    out
}

/// `alpha job show`, `alpha job diff`
#[derive(Debug, clap::Args)]
pub struct One {
    /// Which job
    job: String,
    #[command(flatten)]
    common: Common,
}

impl One {
    pub(super) fn show(&self) -> Result {
        let id = JobId::new(self.job.clone());
        let found = self.common.look(async |records| {
            let Some(job) = records.job(&id).await? else { return Ok(None) };
            let case = records.case(&job).await?;
            Ok(Some(ShownForm::of(&job, case.as_ref())))
        })?;
        let shown = found.ok_or_else(|| missing(&self.job))?;
        match self.common.output.output {
            Format::Json => output::json(&shown)?,
            Format::Text => output::text(&in_lines(&shown)?)?,
        }
        Ok(FINE)
    }

    pub(super) fn diff(&self) -> Result {
        let id = JobId::new(self.job.clone());
        let found = self.common.look(async |records| {
            let Some(job) = records.job(&id).await? else { return Ok(None) };
            Ok(Some(records.case(&job).await?))
        })?;
        let case = found.ok_or_else(|| missing(&self.job))?.ok_or_else(|| {
            Failure::Failed(anyhow::anyhow!(
                "{} proposes nothing yet; alpha job show says how far it is",
                self.job
            ))
        })?;
        match self.common.output.output {
            Format::Text => output::text(&case.changes.whole)?,
            Format::Json => output::json(&serde_json::json!({
                "job": case.job.as_str(),
                "revision": case.revision,
                "digest": case.digest().as_str(),
                "before": case.changes.before,
                "after": case.changes.after,
                "changes": case.changes.lines.iter().map(|line| serde_json::json!({
                    "kind": line.kind, "text": line.text, "actions": line.actions,
                })).collect::<Vec<_>>(),
                "present": case.snapshot.policies().iter().map(crate::iam::document::Document::to_json).collect::<Vec<_>>(),
                "proposed": case.proposed.iter().map(crate::iam::document::Document::to_json).collect::<Vec<_>>(),
            }))?,
        }
        Ok(FINE)
    }
}

/// The members of a form, a line each.
fn in_lines(form: &ShownForm) -> Result<String> {
    let value = serde_json::to_value(form).map_err(anyhow::Error::from)?;
    let mut out = String::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        let text = match value {
            serde_json::Value::Null => continue,
            serde_json::Value::String(text) => legible(text).into_owned(),
            serde_json::Value::Array(list) if list.is_empty() => continue,
            other => serde_json::to_string_pretty(other).map_err(anyhow::Error::from)?,
        };
        let _ = writeln!(out, "{name:<10} {text}");
    }
    Ok(out)
}

/// `alpha job history`
#[derive(Debug, clap::Args)]
pub struct History {
    /// Which job, or which role, by name or ARN
    job: String,
    #[command(flatten)]
    common: Common,
}

impl History {
    pub(super) fn run(&self) -> Result {
        let (entries, unreadable) = self.common.look(async |records| {
            if JobId::is_plausible(&self.job) {
                return Ok((records.history(&JobId::new(self.job.clone())).await?, Vec::new()));
            }
            let listed = Listed { role: Some(self.job.clone()), limit: 100, ..Listed::default() };
            let found = records.jobs(&listed).await?;
            let mut all: Vec<Entry> = Vec::new();
            for job in found.jobs.iter().rev() {
                all.extend(records.history(&job.id).await?);
            }
            Ok((all, found.unreadable))
        })?;
        if entries.is_empty() && unreadable.is_empty() {
            return Err(missing(&self.job));
        }
        match self.common.output.output {
            Format::Json => output::json(&entries.iter().map(EntryForm::of).collect::<Vec<_>>())?,
            Format::Text => {
                let mut out = String::new();
                for entry in &entries {
                    let by =
                        entry.by.as_deref().map_or_else(String::new, |by| format!(" by {}", legible(by)));
                    let _ = writeln!(
                        out,
                        "{} {} {:<16} {}{by}  {}",
                        entry.at.strftime("%F %T"),
                        entry.job,
                        entry.state,
                        entry.what,
                        legible(&entry.detail)
                    );
                }
                output::text(&out)?;
            }
        }
        Ok(left_out(&unreadable))
    }
}
