//! Last-accessed data, and findings on unused access.

use alpha::iam::evidence::{Standing, Witness};
use axum::response::Response;
use serde_json::json;

use super::scene::{ROLE, Scene, standing, tells};
use super::wire::{Wire, error, ok, ok_json};

pub fn started() -> Response {
    ok(
        "<GenerateServiceLastAccessedDetailsResponse><GenerateServiceLastAccessedDetailsResult><JobId>8d51d6ba-0000-0000-0000-ec1b7a4bc8ba</JobId></GenerateServiceLastAccessedDetailsResult></GenerateServiceLastAccessedDetailsResponse>",
    )
}

fn answer(inner: &str) -> Response {
    ok(format!(
        "<GetServiceLastAccessedDetailsResponse><GetServiceLastAccessedDetailsResult>{inner}<JobCreationDate>2026-11-27T12:00:00Z</JobCreationDate></GetServiceLastAccessedDetailsResult></GetServiceLastAccessedDetailsResponse>"
    ))
}

/// A page of a report that is there.
pub fn report(services: &str, marker: Option<&str>) -> Response {
    let more = marker.map_or_else(String::new, |marker| {
        format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>")
    });
    answer(&format!(
        "<JobStatus>COMPLETED</JobStatus><JobCompletionDate>2026-11-27T12:00:09Z</JobCompletionDate><ServicesLastAccessed>{services}</ServicesLastAccessed>{more}"
    ))
}

pub fn service(name: &str, at: Option<&str>, tracked: &str) -> String {
    let at = at.map_or_else(String::new, |at| format!("<LastAuthenticated>{at}</LastAuthenticated>"));
    format!(
        "<member><ServiceName>{name}</ServiceName><ServiceNamespace>{name}</ServiceNamespace>{at}<TrackedActionsLastAccessed>{tracked}</TrackedActionsLastAccessed></member>"
    )
}

fn tracked(name: &str, at: Option<&str>) -> String {
    let at = at.map_or_else(String::new, |at| format!("<LastAccessedTime>{at}</LastAccessedTime>"));
    format!("<member><ActionName>{name}</ActionName>{at}</member>")
}

/// A report that is there at once: that IAM was used in a Region, and one of its actions last in another.
pub fn reported(wire: &Wire, region: &'static str, action_region: &'static str) {
    wire.on("GenerateServiceLastAccessedDetails", |_| started());
    wire.on("GetServiceLastAccessedDetails", move |_| {
        let at = "2026-11-26T10:00:00Z";
        let action = tracked("GetRole", Some(at)).replace(
            "</member>",
            &format!("<LastAccessedRegion>{action_region}</LastAccessedRegion></member>"),
        );
        let iam = service("iam", Some(at), &action);
        let place = format!("<LastAuthenticatedRegion>{region}</LastAuthenticatedRegion><TrackedActions");
        report(&iam.replacen("<TrackedActions", &place, 1), None)
    });
}

/// A look-up in which one call was seen, and which isn't complete.
fn some_calls(wire: &Wire) {
    wire.on("LookupEvents", |call| {
        if call.json["NextToken"].is_string() {
            return error("LookupEvents", 400, "InvalidNextTokenException", "no such page");
        }
        let record = super::scene::record(1, "iam:GetRole");
        ok_json(&json!({ "Events": [{ "CloudTrailEvent": record.to_string() }], "NextToken": "2" }))
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_waited_for_read_page_by_page_and_says_what_was_used_and_what_was_not() {
    let wire = Wire::start().await;
    some_calls(&wire);
    wire.on("GenerateServiceLastAccessedDetails", |call| {
        assert_eq!((call.field("Arn"), call.field("Granularity")), (ROLE, "ACTION_LEVEL"));
        started()
    });
    let mut asked = 0;
    wire.on("GetServiceLastAccessedDetails", move |call| {
        asked += 1;
        let recent = Some("2026-11-26T10:00:00Z");
        match (asked, call.field("Marker")) {
            (1, _) => answer("<JobStatus>IN_PROGRESS</JobStatus>"),
            (2, _) => error("GetServiceLastAccessedDetails", 400, "Throttling", "Rate exceeded"),
            (_, "") => {
                let actions = [
                    tracked("ListUsers", recent),
                    tracked("DeleteUser", Some("2026-11-01T10:00:00Z")),
                    tracked("DeleteRole", None),
                ];
                report(&service("iam", recent, &actions.concat()), Some("page-2"))
            }
            (_, "page-2") => report(&service("sqs", None, ""), None),
            other => panic!("{other:?}"),
        }
    });
    let gathered = Scene::new(&wire.url).gathered().await;
    assert_eq!(standing(&gathered, "iam:GetRole"), Standing::Used);
    assert_eq!(standing(&gathered, "iam:ListUsers"), Standing::Attested(Witness::LastAccessed));
    assert_eq!(standing(&gathered, "iam:DeleteUser"), Standing::Unused, "longer ago than is asked for");
    assert_eq!(standing(&gathered, "iam:DeleteRole"), Standing::Unused);
    assert_eq!(standing(&gathered, "sqs:SendMessage"), Standing::Unused, "the service was never called");
    assert!(
        matches!(standing(&gathered, "iam:PassRole"), Standing::Unobservable(_)),
        "no source ever shows it"
    );
    assert!(
        matches!(standing(&gathered, "iam:ListRoles"), Standing::Unobservable(_)),
        "nobody says anything of it"
    );
    assert!(!tells(&gathered.gaps, &["last-accessed report"]), "{:?}", gathered.gaps);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_fails_is_a_gap() {
    let wire = Wire::start().await;
    some_calls(&wire);
    wire.on("GenerateServiceLastAccessedDetails", |_| started());
    wire.on("GetServiceLastAccessedDetails", |_| {
        answer("<JobStatus>FAILED</JobStatus><Error><Message>try again</Message><Code>InternalError</Code></Error>")
    });
    let gathered = Scene::new(&wire.url).gathered().await;
    assert!(
        tells(&gathered.gaps, &["last-accessed report", "InternalError: try again"]),
        "{:?}",
        gathered.gaps
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_say_what_was_not_used_where_there_is_an_analyzer() {
    let wire = Wire::start().await;
    some_calls(&wire);
    let analyzer = "arn:aws:access-analyzer:us-east-1:111122223333:analyzer/unused";
    wire.on("ListAnalyzers", move |call| {
        assert_eq!(call.field("type"), "ACCOUNT_UNUSED_ACCESS");
        let analyzer = |name: &str, status: &str| {
            json!({ "arn": name, "name": "unused", "type": "ACCOUNT_UNUSED_ACCESS", "status": status, "createdAt": "2026-01-01T00:00:00Z" })
        };
        match call.field("nextToken") {
            "" => ok_json(&json!({ "analyzers": [analyzer("old", "DISABLED")], "nextToken": "2" })),
            _ => ok_json(&json!({ "analyzers": [analyzer(analyzer_arn(), "ACTIVE")] })),
        }
    });
    wire.on("ListFindingsV2", move |call| {
        assert_eq!(call.json["analyzerArn"], analyzer);
        assert_eq!(call.json["filter"]["resource"]["eq"], json!([ROLE]));
        let finding = |id: &str| {
            json!({
                "id": id, "status": "ACTIVE", "findingType": "UnusedPermission", "resource": ROLE, "resourceType": "AWS::IAM::Role",
                "resourceOwnerAccount": "111122223333", "analyzedAt": "2026-11-27T00:00:00Z", "createdAt": "2026-11-27T00:00:00Z", "updatedAt": "2026-11-27T00:00:00Z",
            })
        };
        match call.json["nextToken"].as_str() {
            None => ok_json(&json!({ "findings": [finding("f-1")], "nextToken": "2" })),
            Some(_) => ok_json(&json!({ "findings": [finding("f-2")] })),
        }
    });
    wire.on("GetFindingV2", move |call| {
        let details = match call.path.as_str() {
            "/findingv2/f-1" => json!({ "serviceNamespace": "iam", "actions": [
                { "action": "DeleteRole" }, { "action": "ListUsers", "lastAccessed": "2026-11-26T00:00:00Z" }] }),
            _ => json!({ "serviceNamespace": "sqs" }),
        };
        ok_json(&json!({
            "id": "f", "status": "ACTIVE", "findingType": "UnusedPermission", "resource": ROLE, "resourceType": "AWS::IAM::Role",
            "resourceOwnerAccount": "111122223333", "analyzedAt": "2026-11-27T00:00:00Z", "createdAt": "2026-11-27T00:00:00Z", "updatedAt": "2026-11-27T00:00:00Z",
            "findingDetails": [{ "unusedPermissionDetails": details }],
        }))
    });
    let gathered = Scene::new(&wire.url).gathered().await;
    assert_eq!(standing(&gathered, "iam:DeleteRole"), Standing::Unused);
    assert_eq!(standing(&gathered, "iam:ListUsers"), Standing::Attested(Witness::UnusedAccess));
    assert_eq!(standing(&gathered, "sqs:SendMessage"), Standing::Unused);
    assert!(!tells(&gathered.gaps, &["findings on unused access"]), "{:?}", gathered.gaps);
}

fn analyzer_arn() -> &'static str {
    "arn:aws:access-analyzer:us-east-1:111122223333:analyzer/unused"
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_analyzer_that_is_told() {
    let wire = Wire::start().await;
    some_calls(&wire);
    wire.on("ListAnalyzers", |_| ok_json(&json!({ "analyzers": [] })));
    let gathered = Scene::new(&wire.url).gathered().await;
    let gap = ["findings on unused access: there is no analyzer of that kind in us-east-1, eu-west-1"];
    assert!(tells(&gathered.gaps, &gap), "{:?}", gathered.gaps);
    assert!(tells(&gathered.gaps, &["policy generation: no trail"]), "{:?}", gathered.gaps);
    assert!(tells(&gathered.gaps, &["log files: no bucket"]), "{:?}", gathered.gaps);
}
