//! Last-accessed data, by action where IAM tracks that. Attempts count, denied ones too: so it keeps what is granted
//! already, and proves no success.
//!
//! The report belongs to the session that asked for it, so it isn't taken up after a restart: it is asked for anew.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AccessAdvisorUsageGranularityType, JobStatusType, ServiceLastAccessed};
use jiff::Timestamp;

use super::asked::{Asked, Told, Voice};
use super::words::things;
use super::{AwsEvidence, is_since};
use crate::aws::calls::{Call, Need, On, OnlyKnown};
use crate::aws::fault::{Fault, Kind};
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::evidence::{Said, Witness};
use crate::ports::AccountError;

pub(super) const NAME: &str = "last-accessed report";

const GENERATE: Call = Call {
    service: "IAM",
    operation: "GenerateServiceLastAccessedDetails",
    needs: &[Need { action: "iam:GenerateServiceLastAccessedDetails", on: On::Roles }],
};
const GET: Call = Call {
    service: "IAM",
    operation: "GetServiceLastAccessedDetails",
    needs: &[Need { action: "iam:GetServiceLastAccessedDetails", on: On::Anything }],
};
/// What this calls.
pub const CALLS: &[Call] = &[GENERATE, GET];

impl AwsEvidence {
    pub(super) async fn ask_accessed(&self, asked: &Asked<'_>, voice: &Voice<'_>) -> Told {
        let config = match asked.accounts.reach(asked.id, asked.errand).await {
            Ok(config) => config,
            Err(error) => return voice.failed(error),
        };
        let config = aws_sdk_iam::config::Builder::from(&config).interceptor(OnlyKnown(CALLS)).build();
        voice.say("being made");
        match self.services(&Client::from_conf(config), &asked.role.arn, voice).await {
            Ok(services) => {
                let mut found = asked.found.lock();
                found.hear(said(&services, asked.window.since));
                let recent = services
                    .iter()
                    .filter(|service| is_since(service.last_authenticated.as_ref(), asked.window.since));
                let actions = recent.clone().flat_map(ServiceLastAccessed::tracked_actions_last_accessed);
                let actions = actions
                    .filter(|action| is_since(action.last_accessed_time.as_ref(), asked.window.since))
                    .filter_map(|action| action.last_accessed_region());
                recent
                    .filter_map(|service| service.last_authenticated_region())
                    .chain(actions)
                    .for_each(|region| found.used_in(region));
                Told::whole()
            }
            Err(error) => voice.failed(error),
        }
    }

    async fn services(
        &self,
        client: &Client,
        role: &str,
        voice: &Voice<'_>,
    ) -> Result<Vec<ServiceLastAccessed>, AccountError> {
        let started = client
            .generate_service_last_accessed_details()
            .arn(role)
            .granularity(AccessAdvisorUsageGranularityType::ActionLevel)
            .send()
            .await
            .map_err(|error| Fault::of(&GENERATE, &error).into_account())?;
        let job = started.job_id.unwrap_or_default();
        let (mut services, mut marker) = (Vec::new(), None);
        loop {
            let answer = client.get_service_last_accessed_details().job_id(&job).set_marker(marker.take());
            let report = match answer.send().await.map_err(|error| Fault::of(&GET, &error)) {
                Ok(report) => report,
                // It is made all the same, and asked for until the deadline.
                Err(Fault { kind: Kind::Throttled | Kind::Unknown, .. }) if services.is_empty() => {
                    tokio::time::sleep(self.limits.pause).await;
                    continue;
                }
                Err(fault) => return Err(fault.into_account()),
            };
            match report.job_status {
                JobStatusType::Completed => {}
                JobStatusType::InProgress => {
                    tokio::time::sleep(self.limits.pause / 5).await;
                    continue;
                }
                _ => return Err(failed(report.error)),
            }
            services.extend(report.services_last_accessed);
            voice.say(format!("{} so far", things(services.len() as u64, "service")));
            marker = report.marker.filter(|marker| report.is_truncated && !marker.is_empty());
            if marker.is_none() {
                return Ok(services);
            }
        }
    }
}

fn failed(error: Option<aws_sdk_iam::types::ErrorDetails>) -> AccountError {
    let why = error.map_or_else(
        || "IAM doesn't say why".to_owned(),
        |error| format!("{}: {}", error.code, error.message),
    );
    AccountError::Unavailable(format!("IAM could not make it: {why}"))
}

/// What a report says of actions. A service that was never called wasn't called with any action; of one that was,
/// those actions are told that are tracked, and nothing of the others.
fn said(services: &[ServiceLastAccessed], since: Timestamp) -> Vec<(ActionId, Said)> {
    let catalogue = Catalogue::embedded();
    let mut all = Vec::new();
    for service in services {
        let prefix = service.service_namespace.as_str();
        let tracked = service.tracked_actions_last_accessed.as_deref().unwrap_or_default();
        if !is_since(service.last_authenticated.as_ref(), since) {
            all.extend(catalogue.actions_of(prefix).map(|action| (action, Said::Unused)));
        }
        for action in tracked {
            let name = action.action_name.as_deref().unwrap_or_default();
            let Some(id) = catalogue.find(&format!("{prefix}:{name}")) else { continue };
            let used = is_since(action.last_accessed_time.as_ref(), since);
            all.push((id, if used { Said::Used(Witness::LastAccessed) } else { Said::Unused }));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::TrackedActionLastAccessed;
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn what_is_said_depends_on_when_and_on_what_is_tracked() {
        let service = |namespace: &str, at: Option<i64>, tracked: &[(&str, Option<i64>)]| {
            let date = |at: Option<i64>| at.map(DateTime::from_secs);
            let tracked = tracked.iter().map(|(name, at)| {
                let action = TrackedActionLastAccessed::builder().action_name(*name);
                action.set_last_accessed_time(date(*at)).build()
            });
            ServiceLastAccessed::builder()
                .service_name(namespace)
                .service_namespace(namespace)
                .set_last_authenticated(date(at))
                .set_tracked_actions_last_accessed(Some(tracked.collect()))
                .build()
                .unwrap()
        };
        let services = [
            service(
                "iam",
                Some(200),
                &[("GetRole", Some(200)), ("GetUser", Some(99)), ("PutRolePolicy", None)],
            ),
            service("sqs", Some(99), &[]),
            service("sns", None, &[]),
            service("ec2", Some(100), &[("NoSuchAction", Some(100))]),
            service("nosuchservice", None, &[]),
        ];
        let said: std::collections::BTreeMap<_, _> =
            said(&services, Timestamp::from_second(100).unwrap()).into_iter().collect();
        let of = |name: &str| said.get(&Catalogue::embedded().find(name).unwrap()).copied();
        let used = Some(Said::Used(Witness::LastAccessed));
        assert_eq!(
            [of("iam:GetRole"), of("iam:GetUser"), of("iam:PutRolePolicy")],
            [used, Some(Said::Unused), Some(Said::Unused)]
        );
        assert_eq!(of("iam:DeleteRole"), None, "used, and this action isn't tracked");
        assert_eq!([of("sqs:SendMessage"), of("sns:Publish")], [Some(Said::Unused); 2]);
        assert_eq!(of("ec2:RunInstances"), None);
    }
}
