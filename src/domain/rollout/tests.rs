use jiff::SignedDuration;
use proptest::prelude::*;

use super::foreign::{Found, remains};
use super::judge::{Moment, Seen, judge};
use super::plan::{NoPlan, plan};
use super::restore::{by_hand, is_ours, leftovers, restore};
use super::*;
use crate::domain::ids::JobId;
use crate::domain::job::Judgement;
use crate::domain::proposal::Case;
use crate::domain::role::{ManagedPolicy, Snapshot, Write};
use crate::domain::samples::*;
use crate::iam::cloudtrail::{Call, Filter, Reader, Seen as Record};
use crate::iam::document::Document;
use crate::iam::grants::contained;
use crate::iam::proposal::{Form, INLINE_LIMIT, PolicyPart};

fn job() -> JobId {
    JobId::new("j-0000000000000001")
}

fn inline(document: Document) -> PolicyPart {
    PolicyPart { form: Form::Inline, size: document.size(), document }
}

/// Every standing on the way, forward.
fn forward(snapshot: &Snapshot, writes: &[(Stage, Vec<Write>)]) -> Vec<Snapshot> {
    let mut standings = vec![snapshot.clone()];
    for write in writes.iter().flat_map(|(_, writes)| writes) {
        standings.push(standings.last().unwrap().after(write));
    }
    standings
}

/// What a role can do is what its policies grant, within its boundary; so one standing is within another if the
/// policies or the boundary of the one are contained in the policies of the other.
fn is_within(narrow: &Snapshot, wide: &[Document]) -> bool {
    contained(&narrow.policies(), wide).holds() || contained(&narrow.boundaries(), wide).holds()
}

fn grants_all_of(wide: &Snapshot, narrow: &[Document]) -> bool {
    let boundary = wide.boundaries();
    contained(narrow, &wide.policies()).holds()
        && (boundary.is_empty() || contained(narrow, &boundary).holds())
}

#[test]
fn between_any_two_writes_the_role_can_do_no_less_than_the_proposal_and_no_more_than_before() {
    let case = case(&job());
    let present = case.snapshot.policies();
    let standings = forward(&case.snapshot, &case.writes);
    for (number, standing) in standings.iter().enumerate() {
        assert!(grants_all_of(standing, &case.proposed), "after {number} writes the role can do too little");
        assert!(is_within(standing, &present), "after {number} writes the role can do too much");
    }
    let last = standings.last().unwrap();
    assert_eq!(last.boundary, None);
    assert_eq!(last.inline.len(), 1);
    assert!(last.attached.is_empty());
}

#[test]
fn from_every_standing_the_way_back_leads_to_the_snapshot_and_never_below_the_proposal() {
    let case = case(&job());
    for standing in forward(&case.snapshot, &case.writes) {
        assert!(is_ours(&case, &standing));
        let mut live = standing;
        for write in restore(&live, &case.snapshot) {
            live = live.after(&write);
            assert!(grants_all_of(&live, &case.proposed));
            assert!(is_ours(&case, &live), "{}", write.describe());
        }
        assert_eq!(live, case.snapshot);
        assert!(restore(&live, &case.snapshot).is_empty());
    }
    assert_eq!(leftovers(&case).len(), 1);
}

#[test]
fn a_role_that_somebody_else_changed_is_not_ours() {
    let case = case(&job());
    let mut foreign = case.expected(Stage::Canary, 2);
    foreign.inline.insert("extra".to_owned(), allow(&["ec2:*"]));
    assert!(!is_ours(&case, &foreign));
    let mut remade = case.snapshot.clone();
    remade.role_id = "AROAOTHER".to_owned();
    assert!(!is_ours(&case, &remade));
}

/// What is found of a role that was to stand as after so many writes of a stage, and what of the job's doing stands.
fn found(case: &Case, reach: (Stage, usize), live: &Snapshot) -> (String, Option<String>) {
    let expected = case.expected(reach.0, reach.1);
    let found = Found { case, reach, tried: None, expected: &expected, live };
    let used = |arn: &str| live.boundary.as_ref().is_some_and(|policy| policy.arn == arn);
    let left =
        leftovers(case).into_iter().filter(|write| matches!(write, Write::DeletePolicy { arn } if used(arn)));
    (found.foreign(), remains("web", case, &found.ours(), &left.collect::<Vec<_>>()))
}

#[test]
fn nobody_else_is_blamed_for_what_the_job_wrote_and_what_stands_of_it_is_told_with_the_commands() {
    let case = case(&job());
    let edited = |stage, written| {
        let mut live = case.expected(stage, written);
        live.inline.insert("theirs".to_owned(), allow(&["ec2:*"]));
        live
    };
    let boundary = "alpha-canary-j-0000000000000001";
    let written = "alpha-j-0000000000000001";
    let unbound = "aws iam delete-role-permissions-boundary --role-name web";
    let delete = "aws iam delete-policy --policy-arn arn:aws:iam::111122223333:policy/alpha/alpha-canary-";
    let erase = "aws iam delete-role-policy --role-name web --policy-name alpha-j-0000000000000001";
    let put = "aws iam put-role-policy --role-name web --policy-name files --policy-document '{";
    let cases: &[(Stage, usize, &[&str], &[&str])] = &[
        (Stage::Canary, 1, &[], &[boundary]),
        (Stage::Canary, 2, &[boundary, unbound, delete], &[written, "put-role-policy"]),
        (Stage::Target, 1, &[boundary, written, unbound, delete, erase], &["put-role-policy"]),
        (Stage::Target, 2, &[boundary, written, put, erase, unbound], &["theirs", "attach-role-policy"]),
    ];
    for (stage, number, told, untold) in cases {
        // The last write may have been made without having been written down.
        for reach in [(*stage, *number), (*stage, number + 1)] {
            let (foreign, remains) = found(&case, reach, &edited(*stage, *number));
            assert_eq!(
                foreign, "somebody else changed the role meanwhile: theirs is new",
                "{stage} {number}"
            );
            let remains = remains.unwrap_or_default();
            told.iter()
                .for_each(|text| assert!(remains.contains(text), "{stage} {number}: {text}: {remains}"));
            untold
                .iter()
                .for_each(|text| assert!(!remains.contains(text), "{stage} {number}: {text}: {remains}"));
        }
    }
}

#[test]
fn what_somebody_else_put_in_the_place_of_the_jobs_own_is_left_to_them() {
    let case = case(&job());
    let mut live = case.expected(Stage::Canary, 2);
    live.boundary = Some(ManagedPolicy {
        arn: "arn:aws:iam::111122223333:policy/edge".to_owned(),
        version: "v1".to_owned(),
        document: allow(&["s3:*"]),
    });
    let (foreign, remains) = found(&case, (Stage::Canary, 2), &live);
    assert!(
        foreign.ends_with("its permissions boundary is arn:aws:iam::111122223333:policy/edge"),
        "{foreign}"
    );
    assert_eq!(remains, None);
    // It stands as it did before, which is a standing of the job's too, and not the one that it was left in.
    let (foreign, remains) = found(&case, (Stage::Canary, 2), &case.snapshot);
    assert!(foreign.contains("alpha-canary-j-0000000000000001 is gone"), "{foreign}");
    assert_eq!(remains, None);
    let mut live = case.expected(Stage::Target, usize::MAX);
    live.inline.insert("alpha-j-0000000000000001".to_owned(), allow(&["*"]));
    let (foreign, remains) = found(&case, (Stage::Target, usize::MAX), &live);
    assert!(foreign.ends_with("inline policy alpha-j-0000000000000001 says something else"), "{foreign}");
    let remains = remains.unwrap();
    for command in
        ["put-role-policy --role-name web --policy-name files", "attach-role-policy", "delete-role-policy"]
    {
        assert!(remains.contains(command), "{remains}");
    }
}

#[test]
fn where_there_is_no_room_beside_the_old_policy_it_is_written_over() {
    let mut role = snapshot();
    let many: Vec<String> = (0..400).map(|n| format!("s3:GetObject{n:04}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    role.inline.insert("large".to_owned(), allow(&many));
    let part = inline(allow(&many[..200]));
    assert!(role.inline_size() + part.size > INLINE_LIMIT);
    let plan = plan(&job(), &role, &[part], &allow(&["s3:GetObject0001"]), &Watch::default()).unwrap();
    let (_, target) = plan.writes.last().unwrap();
    assert!(matches!(&target[0], Write::PutInline { name, .. } if name == "large"));
    for standing in forward(&role, &plan.writes) {
        assert!(standing.inline_size() <= INLINE_LIMIT);
    }
}

#[test]
fn a_role_without_room_for_any_safe_order_is_refused() {
    let mut role = snapshot();
    role.inline.clear();
    for number in 0..10 {
        let arn = format!("arn:aws:iam::111122223333:policy/p{number}");
        let policy = ManagedPolicy { arn: arn.clone(), version: "v1".to_owned(), document: allow(&["s3:*"]) };
        role.attached.insert(arn, policy);
    }
    let part = PolicyPart { form: Form::Managed, size: 100, document: allow(&["s3:GetObject"]) };
    let no = plan(&job(), &role, &[part], &allow(&["s3:GetObject"]), &Watch::default());
    assert!(matches!(no, Err(NoPlan::NoRoom(_))));
}

#[test]
fn the_canary_keeps_what_a_resource_policy_grants() {
    let observed = allow(&["s3:GetObject", "kms:Decrypt"]);
    let plan = plan(&job(), &snapshot(), &proposed(), &observed, &Watch::default()).unwrap();
    let (_, canary) = &plan.writes[1];
    let Write::PutBoundary(boundary) = &canary[1] else { panic!() };
    assert!(contained(&[observed], std::slice::from_ref(&boundary.document)).holds());
}

#[test]
fn a_former_boundary_is_kept_within_or_the_canary_is_skipped_and_in_any_case_put_back() {
    let mut role = snapshot();
    let boundary = |document| ManagedPolicy {
        arn: "arn:aws:iam::111122223333:policy/edge".to_owned(),
        version: "v2".to_owned(),
        document,
    };
    role.boundary = Some(boundary(allow(&["s3:*", "sqs:*"])));
    let planned = |role: &Snapshot| {
        plan(&job(), role, &proposed(), &allow(&["s3:GetObject"]), &Watch::default()).unwrap()
    };
    let wide = planned(&role);
    assert_eq!(wide.stages[1].skipped, None);
    assert_eq!(forward(&role, &wide.writes).last().unwrap().boundary, role.boundary);
    role.boundary = Some(boundary(allow(&["s3:GetObject"])));
    let narrow = planned(&role);
    assert!(narrow.stages[1].skipped.as_ref().unwrap().contains("boundary"));
    assert_eq!(forward(&role, &narrow.writes).last().unwrap().boundary, role.boundary);
}

fn denied(action: &str, times: u64) -> (Call<'static>, u64) {
    let (source, name, parameters) = match action {
        "s3:GetObject" => ("s3.amazonaws.com", "GetObject", r#"{"bucketName":"b","key":"k"}"#),
        "s3:DeleteObject" => ("s3.amazonaws.com", "DeleteObject", r#"{"bucketName":"b","key":"k"}"#),
        _ => ("ec2.amazonaws.com", "DescribeInstances", "{}"),
    };
    let record = format!(
        r#"{{"eventVersion":"1.11","eventTime":"2026-11-27T12:01:00Z","eventID":"e","eventSource":"{source}","eventName":"{name}","awsRegion":"eu-west-1","errorCode":"AccessDenied","userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/web/s","accountId":"111122223333","sessionContext":{{"sessionIssuer":{{"type":"Role","arn":"arn:aws:iam::111122223333:role/app/web"}}}}}},"requestParameters":{parameters},"recipientAccountId":"111122223333"}}"#
    );
    let filter = Filter::default();
    match Reader::with_circumstances().read(&record, 0, &filter).unwrap() {
        Record::Call(call) => (call.into_owned(), times),
        _ => panic!("no call"),
    }
}

fn judged(calls: u64, denied: &[(Call<'static>, u64)], now: i64, complete: i64) -> Judgement {
    let case = case(&job());
    let planned = case.stages[1].clone();
    let seen = Seen { calls, denied, complete_until: at(complete) };
    judge(&planned, &case, &seen, Moment { since: at(0), until: at(60), now: at(now) })
}

type Denied<'a> = &'a [(Call<'static>, u64)];

#[test]
fn health_is_judged_by_explained_denials_enough_calls_and_complete_sources() {
    let word = |judgement: Judgement| match judgement {
        Judgement::Healthy { .. } => "healthy",
        Judgement::Unhealthy { .. } => "unhealthy",
        Judgement::TooFew { .. } => "too few",
        Judgement::NotYet { .. } => "not yet",
        Judgement::Unreadable { .. } => "unreadable",
    };
    let used = [denied("s3:GetObject", 1)];
    let lost = |times| [denied("s3:DeleteObject", times)];
    let other = [denied("ec2:DescribeInstances", 50)];
    let cases: &[(&str, u64, Denied<'_>, i64, i64)] = &[
        ("healthy", 100, &[], 60, 60),
        ("too few", 3, &[], 60, 60),
        ("too few", 0, &[], 60, 60),
        ("not yet", 100, &[], 60, 59),
        ("not yet", 100, &[], 30, 30),
        // One denial of what was used is one too many, at any time.
        ("healthy", 100, &other, 60, 60),
        ("unhealthy", 100, &lost(3), 60, 60),
        ("healthy", 100, &lost(2), 60, 60),
        ("unhealthy", 100, &lost(3), 30, 30),
        ("not yet", 5, &lost(3), 30, 30),
        ("unhealthy", 5, &lost(3), 60, 60),
    ];
    for (number, (expected, calls, denied, now, complete)) in cases.iter().enumerate() {
        assert_eq!(word(judged(*calls, denied, *now, *complete)), *expected, "case {number}");
    }
    // The sample's proposal allows s3:GetObject on everything, so a denial of it isn't the change's doing.
    assert_eq!(word(judged(100, &used, 60, 60)), "healthy");
}

#[test]
fn one_denial_of_a_used_action_is_enough() {
    let mut case = case(&job());
    case.used.push("s3:DeleteObject".to_owned());
    case.used.sort();
    let denied = [denied("s3:DeleteObject", 1)];
    let seen = Seen { calls: 1_000_000, denied: &denied, complete_until: at(10) };
    let moment = Moment { since: at(0), until: at(60), now: at(10) };
    assert!(matches!(judge(&case.stages[1], &case, &seen, moment), Judgement::Unhealthy { .. }));
}

#[test]
fn the_next_look_is_never_after_the_time_to_judge() {
    let moment = Moment { since: at(0), until: at(60), now: at(59) };
    assert_eq!(moment.next_look(), at(60));
    let late = Moment { since: at(0), until: at(60), now: at(61) };
    assert!(late.next_look() > at(61));
    let soon = Moment { since: at(0), until: at(0), now: at(0) };
    assert!(soon.next_look() >= at(0) + SignedDuration::from_millis(500));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_role_is_led_back_from_anywhere(
        names in proptest::collection::btree_set("[a-c]", 0..3),
        policies in proptest::collection::btree_set(0u8..4, 0..4),
        bounded in any::<bool>(),
        managed in any::<bool>(),
        stop in 0usize..20,
    ) {
        let mut role = snapshot();
        role.inline = names.into_iter().map(|name| (name, allow(&["s3:*", "sqs:*"]))).collect();
        role.attached = policies.into_iter().map(|number| {
            let arn = format!("arn:aws:iam::111122223333:policy/p{number}");
            (arn.clone(), ManagedPolicy { arn, version: "v1".to_owned(), document: allow(&["s3:*", "sqs:*"]) })
        }).collect();
        role.boundary = bounded.then(|| ManagedPolicy {
            arn: "arn:aws:iam::111122223333:policy/edge".to_owned(),
            version: "v1".to_owned(),
            document: allow(&["s3:*", "sqs:*", "ec2:*"]),
        });
        let form = if managed { Form::Managed } else { Form::Inline };
        let parts = vec![PolicyPart { form, ..proposed().remove(0) }];
        let case = case_of(&job(), &role, &parts);
        let standings = forward(&role, &case.writes);
        let mut live = standings[stop.min(standings.len() - 1)].clone();
        prop_assert!(is_ours(&case, &live));
        for write in restore(&live, &case.snapshot) {
            live = live.after(&write);
            prop_assert!(is_ours(&case, &live));
        }
        prop_assert_eq!(live.digest(), role.digest());
    }
}

#[test]
fn what_a_job_makes_lies_where_alpha_may_make_it_and_is_made_there_by_hand_too() {
    let case = case(&job());
    let made: Vec<&ManagedPolicy> = case
        .writes
        .iter()
        .flat_map(|(_, writes)| writes)
        .filter_map(|write| match write {
            Write::CreatePolicy(policy) => Some(policy),
            _ => None,
        })
        .collect();
    assert!(!made.is_empty());
    for policy in made {
        assert!(policy.arn.starts_with("arn:aws:iam::111122223333:policy/alpha/alpha-"), "{}", policy.arn);
        let command = by_hand("web", &[Write::CreatePolicy(policy.clone())]).join("");
        let name = policy.arn.rsplit('/').next().unwrap();
        let expected =
            format!("aws iam create-policy --path /alpha/ --policy-name {name} --policy-document '{{");
        assert!(command.starts_with(&expected), "{command}");
    }
}

#[test]
fn a_job_of_the_version_before_whose_policies_lie_under_no_path_goes_on_and_back() {
    let mut case = case(&job());
    let bare = |arn: &mut String| *arn = arn.replace(":policy/alpha/", ":policy/");
    for write in case.writes.iter_mut().flat_map(|(_, writes)| writes) {
        match write {
            Write::CreatePolicy(policy) | Write::PutBoundary(policy) | Write::Attach(policy) => {
                bare(&mut policy.arn);
            }
            Write::DeletePolicy { arn } => bare(arn),
            _ => {}
        }
    }
    let canary = "arn:aws:iam::111122223333:policy/alpha-canary-j-0000000000000001";
    let bound = case.expected(Stage::Canary, 2);
    assert_eq!(bound.boundary.as_ref().map(|policy| policy.arn.as_str()), Some(canary));
    assert!(is_ours(&case, &bound));
    assert_eq!(restore(&bound, &case.snapshot), [Write::RemoveBoundary]);
    assert!(leftovers(&case).contains(&Write::DeletePolicy { arn: canary.to_owned() }));
    assert!(crate::domain::rules::is_made_by_a_job(canary));
    let command = by_hand("web", &case.writes_of(Stage::Canary)[..1]).join("");
    assert!(command.starts_with("aws iam create-policy --path / --policy-name alpha-canary-"), "{command}");
}
