//! Findings on unused access, where an account has an analyzer of that kind: which permissions weren't used, and when
//! the others were used last.

use aws_sdk_accessanalyzer::Client;
use aws_sdk_accessanalyzer::types::{
    AnalyzerStatus, Criterion, FindingDetails, Type, UnusedPermissionDetails,
};
use jiff::Timestamp;

use super::asked::{Asked, Told, Voice};
use super::words::things;
use super::{AwsEvidence, is_since};
use crate::aws::calls::{Call, Need, On, OnlyKnown};
use crate::aws::fault::Fault;
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::evidence::{Said, Witness};

pub(super) const NAME: &str = "findings on unused access";

const ANALYZERS: Call = Call {
    service: "AccessAnalyzer",
    operation: "ListAnalyzers",
    needs: &[Need { action: "access-analyzer:ListAnalyzers", on: On::Anything }],
};
const LIST: Call = Call {
    service: "AccessAnalyzer",
    operation: "ListFindingsV2",
    needs: &[Need { action: "access-analyzer:ListFindings", on: On::Analyzers }],
};
const GET: Call = Call {
    service: "AccessAnalyzer",
    operation: "GetFindingV2",
    needs: &[Need { action: "access-analyzer:GetFinding", on: On::Analyzers }],
};
/// What this calls.
pub const CALLS: &[Call] = &[ANALYZERS, LIST, GET];

impl AwsEvidence {
    pub(super) async fn ask_unused(&self, asked: &Asked<'_>, voice: &Voice<'_>) -> Told {
        for region in &asked.account.regions {
            let config = match asked.accounts.reach_in(asked.id, asked.errand, region).await {
                Ok(config) => config,
                Err(error) => return voice.failed(error),
            };
            let config =
                aws_sdk_accessanalyzer::config::Builder::from(&config).interceptor(OnlyKnown(CALLS)).build();
            let client = Client::from_conf(config);
            match analyzer(&client).await {
                Ok(None) => {}
                Ok(Some(analyzer)) => {
                    let said = match findings(&client, &analyzer, &asked.role.arn).await {
                        Ok(details) => said(&details, asked.window.since),
                        Err(fault) => return voice.fault(fault),
                    };
                    voice.say(format!("{} so far", things(said.len() as u64, "action")));
                    asked.found.lock().hear(said);
                    return Told::whole();
                }
                Err(fault) => return voice.fault(fault),
            }
        }
        let regions = asked.account.regions.join(", ");
        Told::unasked(format!("{NAME}: there is no analyzer of that kind in {regions}"))
    }
}

/// An analyzer of unused access; roles are the same in all Regions, so one is enough.
async fn analyzer(client: &Client) -> Result<Option<String>, Fault> {
    let mut pages = client.list_analyzers().r#type(Type::AccountUnusedAccess).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Fault::of(&ANALYZERS, &error))?;
        if let Some(found) = page.analyzers.into_iter().find(|found| found.status == AnalyzerStatus::Active) {
            return Ok(Some(found.arn));
        }
    }
    Ok(None)
}

async fn findings(
    client: &Client,
    analyzer: &str,
    role: &str,
) -> Result<Vec<UnusedPermissionDetails>, Fault> {
    let equals = |value: &str| Criterion::builder().eq(value).build();
    let mut pages = client
        .list_findings_v2()
        .analyzer_arn(analyzer)
        .filter("resource", equals(role))
        .filter("findingType", equals("UnusedPermission"))
        .filter("status", equals("ACTIVE"))
        .into_paginator()
        .send();
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Fault::of(&LIST, &error))?;
        ids.extend(page.findings.into_iter().map(|finding| finding.id));
    }
    let mut all = Vec::new();
    for id in ids {
        let mut pages = client.get_finding_v2().analyzer_arn(analyzer).id(id).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Fault::of(&GET, &error))?;
            all.extend(page.finding_details.into_iter().filter_map(|details| match details {
                FindingDetails::UnusedPermissionDetails(details) => Some(details),
                _ => None,
            }));
        }
    }
    Ok(all)
}

/// What findings say of actions. One that names no actions speaks of all of its service.
fn said(findings: &[UnusedPermissionDetails], since: Timestamp) -> Vec<(ActionId, Said)> {
    let catalogue = Catalogue::embedded();
    let mut all = Vec::new();
    for finding in findings {
        let prefix = finding.service_namespace.as_str();
        if finding.actions().is_empty() && !is_since(finding.last_accessed.as_ref(), since) {
            all.extend(catalogue.actions_of(prefix).map(|action| (action, Said::Unused)));
        }
        for action in finding.actions() {
            let name = action.action.rsplit(':').next().unwrap_or_default();
            let Some(id) = catalogue.find(&format!("{prefix}:{name}")) else { continue };
            let used = is_since(action.last_accessed.as_ref(), since);
            all.push((id, if used { Said::Used(Witness::UnusedAccess) } else { Said::Unused }));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use aws_sdk_accessanalyzer::types::UnusedAction;
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn a_finding_says_what_was_not_used_and_when_the_rest_was() {
        let finding = |service: &str, at: Option<i64>, actions: &[(&str, Option<i64>)]| {
            let date = |at: Option<i64>| at.map(DateTime::from_secs);
            let actions = actions.iter().map(|(name, at)| {
                UnusedAction::builder().action(*name).set_last_accessed(date(*at)).build().unwrap()
            });
            UnusedPermissionDetails::builder()
                .service_namespace(service)
                .set_last_accessed(date(at))
                .set_actions(Some(actions.collect()))
                .build()
                .unwrap()
        };
        let findings = [
            finding("iam", Some(500), &[("GetRole", Some(100)), ("iam:GetUser", None), ("NoSuch", None)]),
            finding("sqs", None, &[]),
            finding("sns", Some(100), &[]),
        ];
        let said: std::collections::BTreeMap<_, _> =
            said(&findings, Timestamp::from_second(100).unwrap()).into_iter().collect();
        let of = |name: &str| said.get(&Catalogue::embedded().find(name).unwrap()).copied();
        assert_eq!(of("iam:GetRole"), Some(Said::Used(Witness::UnusedAccess)));
        assert_eq!([of("iam:GetUser"), of("sqs:SendMessage")], [Some(Said::Unused); 2]);
        assert_eq!([of("iam:ListRoles"), of("sns:Publish")], [None; 2]);
    }
}
