use proptest::prelude::*;

use super::*;
use crate::iam::cloudtrail::Need;

fn call(minute: u64, ending: Ending, needs: Needs) -> Call<'static> {
    let time = format!("2026-01-{:02}T00:{:02}:00Z", 1 + minute / 60 % 28, minute % 60);
    Call {
        id: format!("event-{minute}").into(),
        time: time.parse().unwrap(),
        source: "s3.amazonaws.com".into(),
        name: "GetObject".into(),
        region: "eu-west-1".into(),
        account: Some("111122223333".into()),
        caller: None,
        role: Some(format!("arn:aws:iam::111122223333:role/r{}", minute % 3).into()),
        ending,
        needs,
        data_event: minute.is_multiple_of(2),
        context: Vec::new(),
    }
}

fn on(action: &str, resource: &str) -> Needs {
    Needs::All(vec![Need { action: action.into(), resource: Target::Named(resource.into()) }])
}

fn id(action: &str) -> ActionId {
    Catalogue::embedded().find(action).unwrap()
}

fn statements(evidence: &Evidence) -> Vec<(Vec<String>, Vec<String>)> {
    observed_policy(evidence)
        .statements
        .into_iter()
        .map(|statement| (statement.actions.unwrap().patterns, statement.resources.unwrap().patterns))
        .collect()
}

#[test]
fn only_what_succeeded_is_use() {
    let mut evidence = Evidence::new();
    evidence.add(&call(1, Ending::Succeeded, on("s3:GetObject", "arn:aws:s3:::b/k")));
    evidence.add(&call(2, Ending::Denied("AccessDenied".into()), on("s3:PutObject", "arn:aws:s3:::b/k")));
    evidence.add(&call(3, Ending::Failed("NoSuchKey".into()), on("s3:DeleteObject", "arn:aws:s3:::b/k")));
    evidence.add(&call(4, Ending::Succeeded, Needs::Nothing));
    evidence.add(&call(5, Ending::Succeeded, Needs::Unknown));
    assert_eq!(statements(&evidence), [(vec!["s3:GetObject".into()], vec!["arn:aws:s3:::b/k".into()])]);
    assert_eq!(evidence.uses_of(id("s3:GetObject")), 1);
    assert_eq!(evidence.uses_of(id("s3:PutObject")), 0);
    let denied: Vec<_> = evidence.denied().map(|(action, code, _)| (action, code)).collect();
    assert_eq!(denied, [("s3:PutObject", "AccessDenied")]);
    let failed: Vec<_> = evidence.failed().map(|(event, code, uses)| (event, code, uses.count)).collect();
    assert_eq!(failed, [("s3.amazonaws.com:GetObject", "NoSuchKey", 1)]);
    assert_eq!((evidence.free().count(), evidence.unknown().count()), (1, 1));
    assert_eq!(evidence.coverage().calls, 5);
}

#[test]
fn actions_on_the_same_resources_share_a_statement() {
    let mut evidence = Evidence::new();
    for action in ["s3:PutObject", "s3:GetObject"] {
        evidence.add(&call(1, Ending::Succeeded, on(action, "arn:aws:s3:::b/k")));
    }
    evidence.add(&call(1, Ending::Succeeded, on("s3:ListAllMyBuckets", "*")));
    assert_eq!(
        statements(&evidence),
        [
            (vec!["s3:GetObject".into(), "s3:PutObject".into()], vec!["arn:aws:s3:::b/k".into()]),
            (vec!["s3:ListAllMyBuckets".into()], vec!["*".to_owned()]),
        ]
    );
}

#[test]
fn an_unnamed_resource_becomes_the_formats_of_the_action_where_it_was_seen() {
    let mut evidence = Evidence::new();
    let needs = Needs::All(vec![Need { action: "iam:GetRole".into(), resource: Target::Unknown }]);
    evidence.add(&call(1, Ending::Succeeded, needs));
    assert_eq!(
        statements(&evidence),
        [(vec!["iam:GetRole".into()], vec!["arn:aws:iam::111122223333:role/*".into()])]
    );
}

#[test]
fn what_no_record_could_show_is_unobservable_and_not_unused() {
    let mut evidence = Evidence::new();
    assert!(
        matches!(evidence.standing(id("ec2:RunInstances")), Standing::Unobservable(_)),
        "nothing was read"
    );
    let management =
        Call { data_event: false, ..call(1, Ending::Succeeded, on("s3:CreateBucket", "arn:aws:s3:::b")) };
    evidence.count(&Seen::Call(Box::new(management)));
    assert_eq!(evidence.standing(id("s3:CreateBucket")), Standing::Used);
    assert_eq!(evidence.standing(id("s3:DeleteBucket")), Standing::Unused);
    assert!(matches!(evidence.standing(id("s3:GetObject")), Standing::Unobservable(_)));
    assert!(matches!(evidence.standing(id("iam:PassRole")), Standing::Unobservable(_)));
    evidence.count(&Seen::Filtered { data_event_of: Some("s3".into()) });
    assert_eq!(
        evidence.standing(id("s3:GetObject")),
        Standing::Unused,
        "another caller's data events show the trail has them"
    );
    assert!(matches!(evidence.standing(id("dynamodb:GetItem")), Standing::Unobservable(_)));
}

#[test]
fn what_is_said_of_an_action_is_heard_in_any_order_and_beaten_by_a_call() {
    let heard = |said: &[(&str, Said)]| {
        let mut evidence = Evidence::new();
        evidence.count(&Seen::Call(Box::new(call(1, Ending::Succeeded, on("iam:GetRole", "*")))));
        said.iter().for_each(|(action, said)| evidence.hear(id(action), *said));
        evidence
    };
    let accessed = Said::Used(Witness::LastAccessed);
    let generated = Said::Used(Witness::GeneratedPolicy);
    let a = [("iam:GetUser", Said::Unused), ("iam:ListUsers", accessed), ("iam:GetRole", Said::Unused)];
    let b = [("iam:GetUser", accessed), ("iam:ListUsers", generated), ("iam:PassRole", Said::Unused)];
    let evidence = heard(&a).merge(heard(&b));
    assert_eq!(evidence, heard(&b).merge(heard(&a)));
    assert_eq!(evidence.standing(id("iam:GetRole")), Standing::Used);
    assert_eq!(evidence.standing(id("iam:GetUser")), Standing::Attested(Witness::LastAccessed));
    assert_eq!(evidence.standing(id("iam:ListUsers")), Standing::Attested(Witness::GeneratedPolicy));
    assert!(matches!(evidence.standing(id("iam:PassRole")), Standing::Unobservable(_)));
    assert_eq!(evidence.attested(), 2);
}

#[test]
fn an_incomplete_log_makes_nothing_unused_that_nobody_says_is() {
    let mut evidence = Evidence::new();
    evidence.count(&Seen::Call(Box::new(call(2, Ending::Succeeded, on("s3:GetObject", "arn:aws:s3:::b/k")))));
    evidence.hear(id("iam:DeleteUser"), Said::Unused);
    assert_eq!(evidence.standing(id("iam:DeleteRole")), Standing::Unused);
    let lack = |management: bool, data: bool| Lacks { management, data };
    let evidence = evidence.merge({
        let mut other = Evidence::new();
        other.lack(lack(true, false));
        other
    });
    assert!(matches!(evidence.standing(id("iam:DeleteRole")), Standing::Unobservable(_)));
    assert_eq!(evidence.standing(id("iam:DeleteUser")), Standing::Unused);
    assert_eq!(evidence.standing(id("s3:PutObject")), Standing::Unused, "no data event is missing");
    assert!(evidence.may_lack(id("iam:GetRole")) && !evidence.may_lack(id("s3:PutObject")));
    assert_eq!(evidence.lacks(), lack(true, false));
}

#[test]
fn counting_a_call_so_many_times_is_counting_it_again_and_again() {
    let calls = [
        call(1, Ending::Succeeded, on("s3:GetObject", "arn:aws:s3:::b/k")),
        call(2, Ending::Denied("AccessDenied".into()), on("s3:PutObject", "arn:aws:s3:::b/k")),
        call(3, Ending::Failed("NoSuchKey".into()), on("s3:GetObject", "arn:aws:s3:::b/k")),
        call(4, Ending::Succeeded, Needs::Nothing),
        call(5, Ending::Succeeded, Needs::Unknown),
    ];
    let (mut counted, mut repeated) = (Evidence::new(), Evidence::new());
    for call in &calls {
        counted.count_times(call, 7);
        counted.count_times(call, 0);
        (0..7).for_each(|_| repeated.count(&Seen::Call(Box::new(call.clone()))));
    }
    assert_eq!(counted, repeated);
}

#[test]
fn memory_is_bounded_however_many_resources_there_are() {
    let mut evidence = Evidence::new();
    for n in 0..50_000_u64 {
        evidence.add(&call(
            n,
            Ending::Succeeded,
            on("s3:GetObject", &format!("arn:aws:s3:::b/{}/{n}.gz", n % 700)),
        ));
    }
    let (_, resources) = evidence.used().next().unwrap();
    assert!(resources.iter().count() <= 500);
    assert!(resources.is_folded());
    assert_eq!(evidence.uses_of(id("s3:GetObject")), 50_000);
    assert_eq!(statements(&evidence)[0].1, ["arn:aws:s3:::b/*/*"]);
}

#[test]
fn the_more_actions_there_are_the_fewer_resources_of_each_are_told_apart_in_any_order() {
    let actions: Vec<String> =
        Catalogue::embedded().actions().take(1000).map(|id| Catalogue::embedded().full_name(id)).collect();
    let calls: Vec<Call> = (0..120_u64)
        .flat_map(|n| actions.iter().take(if n < 20 { 1000 } else { 3 }).map(move |action| (n, action)))
        .map(|(n, action)| call(n, Ending::Succeeded, on(action, &format!("arn:aws:s3:::b/d{}/k{n}", n % 7))))
        .collect();
    let of = |calls: &[Call]| {
        let mut evidence = Evidence::new();
        calls.iter().for_each(|call| evidence.add(call));
        evidence
    };
    let whole = of(&calls);
    assert_eq!(whole.used().filter(|(_, resources)| resources.is_folded()).count(), 3);
    assert!(whole.used().all(|(_, resources)| resources.iter().count() <= 100));
    let (first, second) = calls.split_at(calls.len() / 3);
    assert_eq!(of(second).merge(of(first)), whole);
    let reversed: Vec<Call> = calls.iter().rev().cloned().collect();
    assert_eq!(of(&reversed), whole);
}

#[test]
fn memory_is_bounded_however_many_and_however_long_names_there_are() {
    let mut evidence = Evidence::new();
    let long = "x".repeat(100_000);
    for n in 0..5000_u64 {
        let endings = [
            (Ending::Succeeded, Needs::Unknown),
            (Ending::Succeeded, Needs::Nothing),
            (Ending::Failed(format!("E{n:05}{long}")), Needs::Unknown),
            (Ending::Denied(format!("AccessDenied{n:05}{long}")), Needs::Unknown),
            (Ending::Succeeded, on("s3:GetObject", &format!("no ARN {n}"))),
            (Ending::Succeeded, on("s3:PutObject", &format!("arn:aws:s3:::b/{n}{long}"))),
        ];
        for (ending, needs) in endings {
            evidence.add(&Call {
                id: format!("{n:05}{long}").into(),
                name: format!("N{n:05}{long}").into(),
                source: format!("s{n:05}{long}.amazonaws.com").into(),
                region: format!("r{n:05}{long}").into(),
                account: Some(format!("a{n:05}{long}").into()),
                role: Some(format!("r{n:05}{long}").into()),
                ..call(n, ending, needs)
            });
        }
    }
    let unlisted = Unlisted { denied: 4500, failed: 3000, free: 3000, unknown: 3000 };
    assert_eq!(evidence.unlisted(), unlisted);
    assert_eq!(evidence.unknown().count(), 2000);
    assert!(evidence.unknown().all(|(name, uses)| name.len() <= 2049 && uses.example.len() <= 1024));
    let coverage = evidence.coverage();
    assert_eq!((coverage.regions.len(), coverage.accounts.len(), coverage.roles.len()), (1000, 1000, 1000));
    assert_eq!(coverage.regions.others(), 24_000);
    assert!(coverage.data_services.len() <= 1000);
    for action in ["s3:GetObject", "s3:PutObject"] {
        assert_eq!(evidence.resources_of(id(action)).collect::<Vec<_>>(), [&Target::Unknown]);
        assert_eq!(evidence.uses_of(id(action)), 5000);
    }
}

proptest! {
    #[test]
    fn the_outcome_does_not_depend_on_how_the_log_was_cut(
        parts in proptest::collection::vec(proptest::collection::vec((0..6000_u64, 0..7_u8), 0..400), 1..4)
    ) {
        let calls = |part: &[(u64, u8)]| part.iter().map(|(n, kind)| {
            let needs = on("s3:GetObject", &format!("arn:aws:s3:::b{}/{}/k{n}", n % 3, n % 40));
            match kind {
                0 | 1 => call(*n, Ending::Succeeded, needs),
                2 => call(*n, Ending::Denied("AccessDenied".into()), needs),
                3 => call(*n, Ending::Denied(format!("AccessDenied{}", n % 1100)), needs),
                4 => call(*n, Ending::Failed(format!("X{n}")), needs),
                5 => Call { name: format!("N{n}").into(), region: format!("r{n}").into(), ..call(*n, Ending::Succeeded, Needs::Unknown) },
                _ => call(*n, Ending::Failed("X".into()), needs),
            }
        }).collect::<Vec<_>>();
        let mut whole = Evidence::new();
        parts.iter().flat_map(|part| calls(part)).for_each(|call| whole.add(&call));
        let each = || parts.iter().map(|part| {
            let mut evidence = Evidence::new();
            for call in &calls(part) {
                evidence.add(call);
            }
            evidence
        });
        prop_assert_eq!(&each().fold(Evidence::new(), Evidence::merge), &whole);
        prop_assert_eq!(&each().rev().fold(Evidence::new(), Evidence::merge), &whole);
    }
}
