//! What the commands that read CloudTrail logs have in common: which logs, which calls of them, and how far it is.

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::outcome::{Failure, Result};
use crate::app::{self, OpenError, Report, Skipped, Trail};
use crate::iam::cloudtrail::{Filter, RoleFilter};

/// Inputs from this size on are worth a progress bar.
const LONG: u64 = 8 << 20;

/// Which calls of the logs.
#[derive(Debug, clap::Args)]
pub struct Window {
    /// Only calls of this role: its ARN (the path may be left out), the ARN of a session of it, or its name
    #[arg(long, value_name = "ARN")]
    pub role: Option<String>,
    /// Only calls at or after: 2026-01-31, 2026-01-31T12:00:00Z, or 90d (days; also w, h, m) before now
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only calls before (a day means its start)
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only calls in this region
    #[arg(long)]
    pub region: Option<String>,
    /// Only calls by this account
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// Read with so many threads at most
    #[arg(long, value_name = "COUNT")]
    pub threads: Option<NonZeroUsize>,
}

impl Window {
    /// The filter that was asked for.
    pub fn filter(&self, now: Timestamp) -> Result<Filter> {
        let time = |flag: &str, text: &Option<String>| {
            text.as_deref()
                .map(|text| {
                    time(text, now).ok_or_else(|| Failure::Usage(format!("{flag} {text}: expected {TIMES}")))
                })
                .transpose()
        };
        let filter = Filter {
            role: self
                .role
                .as_deref()
                .map(|role| {
                    RoleFilter::parse(role).map_err(|error| Failure::Usage(format!("--role: {error}")))
                })
                .transpose()?,
            since: time("--since", &self.since)?,
            until: time("--until", &self.until)?,
            region: self.region.clone(),
            account: self.account.clone(),
        };
        if let (Some(since), Some(until)) = (filter.since, filter.until)
            && since >= until
        {
            return Err(Failure::Usage(format!(
                "--since {since} isn't before --until {until}: no call can be in between"
            )));
        }
        Ok(filter)
    }

    /// The logs behind the paths.
    pub fn open(&self, paths: &[String]) -> Result<Trail> {
        match app::trail(paths) {
            Ok(trail) => Ok(trail.with_threads(self.threads)),
            Err(error @ OpenError::StdinTwice) => Err(Failure::Usage(error.to_string())),
            Err(error) => Err(Failure::Failed(error.into())),
        }
    }

    /// Why nothing can be said: logs without a call prove neither use nor its absence.
    pub fn no_call(&self) -> Failure {
        let Self { role, since, until, region, account, threads: _ } = self;
        let of = role.as_ref().map(|role| format!(" of {role}")).unwrap_or_default();
        let filtered = since.is_some() || until.is_some() || region.is_some() || account.is_some();
        let within = if filtered { " that was asked for" } else { "" };
        Failure::Failed(anyhow::anyhow!(
            "the logs hold no call{of}{within}: without evidence nothing can be said of use"
        ))
    }
}

const TIMES: &str = "a day (2026-01-31), a time (2026-01-31T12:00:00Z), or how long ago (90d, 12h)";

/// A day, a time with its offset, or how long before now.
fn time(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(day) = text.parse::<Date>() {
        return Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
    }
    let unit = text.chars().last()?;
    let count: i64 = text[..text.len() - unit.len_utf8()].parse().ok().filter(|count| *count >= 0)?;
    let hours = match unit {
        'w' => count.checked_mul(7 * 24)?,
        'd' => count.checked_mul(24)?,
        'h' => count,
        'm' => return now.checked_sub(SignedDuration::from_secs(count.checked_mul(60)?)).ok(),
        _ => return None,
    };
    now.checked_sub(SignedDuration::from_secs(hours.checked_mul(3600)?)).ok()
}

/// A progress bar on standard error, for long inputs and on a terminal only.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar of so many bytes.
    pub fn new(bytes: u64) -> Self {
        if bytes < LONG || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(bytes);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// So many bytes further.
    pub fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Says on standard error which files were not read to their end.
pub fn warn(report: &Report) {
    for skipped in &report.skipped {
        let records = skipped.records;
        anstream::eprintln!(
            "alpha: {}: {} ({records} records of it were read)",
            skipped.file,
            skipped.reason
        );
    }
}

/// A file that was not read to its end, in JSON.
#[derive(Debug, Serialize)]
pub struct SkippedForm<'a> {
    file: &'a str,
    reason: &'a str,
    records: u64,
}

impl<'a> SkippedForm<'a> {
    fn of(Skipped { file, reason, records }: &'a Skipped) -> Self {
        Self { file, reason, records: *records }
    }
}

/// The files that were not read to their end.
pub fn skipped(report: &Report) -> Vec<SkippedForm<'_>> {
    report.skipped.iter().map(SkippedForm::of).collect()
}

/// What a report in words ends with where files were not read to their end.
pub fn incomplete_text(report: &Report) -> String {
    if report.is_complete() {
        return String::new();
    }
    let lines = report.skipped.iter().map(|Skipped { file, reason, records }| {
        format!("  {file}: {reason} ({records} records of it count)\n")
    });
    std::iter::once("\nINCOMPLETE: files that were not read to their end\n".to_owned()).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_day_an_instant_or_how_long_ago() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("2026-01-31", Some("2026-01-31T00:00:00Z")),
            ("2026-01-31T12:00:00Z", Some("2026-01-31T12:00:00Z")),
            ("2026-01-31T12:00:00+02:00", Some("2026-01-31T10:00:00Z")),
            ("90d", Some("2026-08-23T12:00:00Z")),
            ("1w", Some("2026-11-14T12:00:00Z")),
            ("12h", Some("2026-11-21T00:00:00Z")),
            ("30m", Some("2026-11-21T11:30:00Z")),
            ("yesterday", None),
            ("-1d", None),
            ("99999999999999999d", None),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(time(text, now), expected.map(|time| time.parse().unwrap()), "{text}");
        }
    }
}
