//! How the coverage of evidence is written as JSON.

use serde::Serialize;
use serde_json::Value;

use crate::app::Report;
use crate::iam::evidence::Evidence;

/// What was looked at.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoverageForm {
    records: u64,
    calls: u64,
    first: Option<String>,
    last: Option<String>,
    days: usize,
    regions: Vec<String>,
    calls_in_other_regions: u64,
    accounts: Vec<String>,
    calls_of_other_accounts: u64,
    roles: Vec<String>,
    more_roles: bool,
    services_with_data_events: Vec<String>,
    files: usize,
    ignored_files: usize,
    apart: serde_json::Map<String, Value>,
}

impl CoverageForm {
    /// The coverage of some evidence, from these files.
    pub(super) fn of(evidence: &Evidence, files: &Report) -> Self {
        let seen = evidence.coverage();
        Self {
            records: seen.records,
            calls: seen.calls,
            first: seen.first.map(|time| time.to_string()),
            last: seen.last.map(|time| time.to_string()),
            days: seen.days.len(),
            regions: seen.regions.names().cloned().collect(),
            calls_in_other_regions: seen.regions.others(),
            accounts: seen.accounts.names().cloned().collect(),
            calls_of_other_accounts: seen.accounts.others(),
            roles: seen.roles.names().cloned().collect(),
            more_roles: seen.roles.others() > 0,
            services_with_data_events: seen.data_services.names().cloned().collect(),
            files: files.files,
            ignored_files: files.ignored,
            apart: evidence.apart().map(|(apart, count)| (apart.as_str().to_owned(), count.into())).collect(),
        }
    }
}
