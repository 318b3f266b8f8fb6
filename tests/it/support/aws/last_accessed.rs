//! Last-accessed reports of IAM, which moto lacks.
//!
//! From the API reference of `GenerateServiceLastAccessedDetails` and `GetServiceLastAccessedDetails` ("must be used by
//! the same role within a session, or by the same user"; attempts count, successful or not), and their XML in the SDK.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use alpha::iam::arn::Arn;
use alpha::iam::catalogue::Catalogue;
use alpha::iam::cloudtrail::{Filter, Needs, Reader, Seen};
use alpha::iam::evidence::{Observability, observability};
use alpha::iam::grants::granted_actions;
use jiff::Timestamp;

use super::callers::{Caller, random};
use super::pages::page;
use super::passage::Aws;
use super::wire::{Answer, Asked, Refusal};

/// Reports by their ids.
#[derive(Debug, Default)]
pub struct Reports {
    all: Mutex<HashMap<String, Report>>,
    polls: Mutex<Option<usize>>,
}

#[derive(Debug, Clone)]
struct Report {
    /// The session that asked for it: nobody else gets it.
    caller: String,
    entity: String,
    actions: bool,
    created: Timestamp,
    /// How often it is asked for and still in progress.
    polls: usize,
    services: Vec<String>,
}

impl Reports {
    /// How often the reports to come are asked for and still in progress; once by default.
    pub fn take(&self, polls: usize) {
        *self.polls.lock().unwrap() = Some(polls);
    }
}

fn missing(what: impl Into<String>) -> Refusal {
    Refusal::new(404, "NoSuchEntity", what)
}

pub async fn generate(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    let arn = asked.get("Arn").unwrap_or_default();
    let name = Arn::parse(arn).and_then(|arn| arn.resource.rsplit('/').next()).unwrap_or_default();
    let unknown = || missing(format!("ARN {arn} does not exist."));
    let role =
        aws.moto.role(caller.account(), name).await.filter(|role| role.arn == arn).ok_or_else(unknown)?;
    let grants = aws.moto.grants(caller.account(), name).await.ok_or_else(unknown)?;
    let actions = asked.get("Granularity") == Some("ACTION_LEVEL");
    let accessed = accessed(aws, caller.account(), &role.arn);
    let report = Report {
        caller: caller.arn(),
        entity: role.arn,
        actions,
        created: Timestamp::now(),
        polls: aws.reports.polls.lock().unwrap().unwrap_or(1),
        services: services(&grants.identity, &accessed, arn, actions),
    };
    let id = random(18);
    aws.reports.all.lock().unwrap().insert(id.clone(), report);
    Ok(Answer::query("iam", &asked.operation, &format!("<JobId>{id}</JobId>")))
}

pub fn get(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    let id = asked.get("JobId").unwrap_or_default();
    let mut all = aws.reports.all.lock().unwrap();
    let own = all.get_mut(id).filter(|report| report.caller == caller.arn());
    let report = own.ok_or_else(|| missing(format!("No job found for JobId {id}")))?;
    let kind = if report.actions { "ACTION_LEVEL" } else { "SERVICE_LEVEL" };
    let created = format!("<JobCreationDate>{}</JobCreationDate><JobType>{kind}</JobType>", report.created);
    if report.polls > 0 {
        report.polls -= 1;
        let result = format!(
            "<JobStatus>IN_PROGRESS</JobStatus>{created}<IsTruncated>false</IsTruncated><ServicesLastAccessed/>"
        );
        return Ok(Answer::query("iam", &asked.operation, &result));
    }
    let most = asked.get("MaxItems").and_then(|text| text.parse().ok()).unwrap_or(100);
    let (services, next) = page(report.services.clone(), asked.get("Marker"), most)
        .ok_or_else(|| Refusal::new(400, "InvalidInput", format!("Invalid marker for {}", report.entity)))?;
    let more = next.map_or("<IsTruncated>false</IsTruncated>".to_owned(), |next| {
        format!("<IsTruncated>true</IsTruncated><Marker>{next}</Marker>")
    });
    let completed = format!("<JobCompletionDate>{}</JobCompletionDate>", report.created);
    let services = services.concat();
    let result = format!(
        "<JobStatus>COMPLETED</JobStatus>{created}{completed}<ServicesLastAccessed>{services}</ServicesLastAccessed>{more}"
    );
    Ok(Answer::query("iam", &asked.operation, &result))
}

/// When the role last tried each action, and where.
fn accessed(aws: &Aws, account: &str, role: &str) -> BTreeMap<String, (Timestamp, String)> {
    let mut reader = Reader::new();
    let mut last = BTreeMap::new();
    for event in aws.events.of(account).iter().filter(|event| event.role() == role) {
        let Ok(Seen::Call(call)) = reader.read(&event.text, 0, &Filter::default()) else { continue };
        if let Needs::All(needs) = &call.needs {
            for need in needs {
                last.insert(need.action.to_string(), (event.time, call.region.to_string()));
            }
        }
    }
    last
}

/// Each service that the role is granted anything of, and of its actions those that are tracked: which data events alone
/// would show isn't.
fn services(
    policies: &[alpha::iam::document::Document],
    accessed: &BTreeMap<String, (Timestamp, String)>,
    entity: &str,
    with_actions: bool,
) -> Vec<String> {
    let catalogue = Catalogue::embedded();
    let mut by_service: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for action in granted_actions(policies).iter() {
        let tracked = by_service.entry(catalogue.service_of(action)).or_default();
        if observability(action) != Observability::Management {
            continue;
        }
        let last = accessed.get(&catalogue.full_name(action)).map_or(String::new(), |(time, region)| {
            format!("<LastAccessedTime>{time}</LastAccessedTime><LastAccessedEntity>{entity}</LastAccessedEntity><LastAccessedRegion>{region}</LastAccessedRegion>")
        });
        let name = catalogue.name_of(action);
        tracked.push(format!("<member><ActionName>{name}</ActionName>{last}</member>"));
    }
    let shown = by_service.into_iter().map(|(service, tracked)| {
        let of_service = accessed.iter().filter(|(action, _)| action.split(':').next() == Some(service));
        let last = of_service.map(|(_, (time, region))| (time, region)).max();
        let last = last.map_or("<TotalAuthenticatedEntities>0</TotalAuthenticatedEntities>".to_owned(), |(time, region)| {
            format!("<LastAuthenticated>{time}</LastAuthenticated><LastAuthenticatedEntity>{entity}</LastAuthenticatedEntity><LastAuthenticatedRegion>{region}</LastAuthenticatedRegion><TotalAuthenticatedEntities>1</TotalAuthenticatedEntities>")
        });
        let title = super::wire::escaped(catalogue.title_of(service).unwrap_or(service));
        let tracked = if with_actions && !tracked.is_empty() {
            format!("<TrackedActionsLastAccessed>{}</TrackedActionsLastAccessed>", tracked.concat())
        } else {
            String::new()
        };
        format!("<member><ServiceName>{title}</ServiceName><ServiceNamespace>{service}</ServiceNamespace>{last}{tracked}</member>")
    });
    shown.collect()
}
