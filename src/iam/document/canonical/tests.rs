use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::iam::document::{Operator, SetQualifier};
use crate::iam::evaluate::{Context, Evaluator, PolicySet, Request, Target};

fn document(json: &str) -> Document {
    Document::parse(json.as_bytes()).unwrap()
}

fn canonical(statement: &str) -> String {
    let json = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    let text = document(&json).canonical().to_string_compact();
    text.strip_prefix(r#"{"Version":"2012-10-17","Statement":["#)
        .unwrap()
        .strip_suffix("]}")
        .unwrap()
        .to_owned()
}

#[test]
fn a_statement_is_written_in_one_way() {
    let cases = [
        // Spelling, order and duplicates of actions; what another covers.
        (
            r#"{"Effect":"Allow","Action":["s3:putobject","S3:GetObject","s3:GetObject"],"Resource":["*"]}"#,
            r#"{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"}"#,
        ),
        (
            r#"{"Effect":"Deny","NotAction":["iam:getrole","iam:Get*","iam:get*"],"Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b/a/*"]}"#,
            r#"{"Effect":"Deny","NotAction":"iam:Get*","Resource":"arn:aws:s3:::b/*"}"#,
        ),
        (
            r#"{"Effect":"Allow","Action":["*","sts:AssumeRole"],"NotResource":["b","a","a**"]}"#,
            r#"{"Effect":"Allow","Action":"*","NotResource":["a*","b"]}"#,
        ),
        // Principals.
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*"}"#,
        ),
        (
            r#"{"Effect":"Deny","NotPrincipal":{"Service":"b.amazonaws.com","AWS":["arn:aws:iam::111122223333:root","111122223333"]},"Action":"s3:*","Resource":"*"}"#,
            r#"{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333","Service":"b.amazonaws.com"},"Action":"s3:*","Resource":"*"}"#,
        ),
        // Conditions.
        (
            r#"{"Condition":{"stringlike":{"AWS:principalorgid":["b","a*","ab"]},"Bool":{"aws:SecureTransport":[false,"FALSE"]}},"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalOrgID":["a*","b"]},"Bool":{"aws:SecureTransport":"false"}}}"#,
        ),
        // What can't match anything.
        (r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#, ""),
        (r#"{"Effect":"Deny","Resource":"*"}"#, ""),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":[]}"#, ""),
        (r#"{"Effect":"Deny","NotAction":["*","s3:*"],"Resource":"*"}"#, ""),
        (r#"{"Effect":"Allow","Action":"s3:*","NotResource":"*"}"#, ""),
        (
            r#"{"Effect":"Allow","Principal":{"AWS":[]},"Action":"s3:*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Principal":{},"Action":"s3:*","Resource":"*"}"#,
        ),
        (r#"{"Effect":"Deny","NotAction":[],"Resource":"*"}"#, ""),
        // What isn't known stays as it is.
        (r#"{"Effect":"Allow","Action":"s4:doIt"}"#, r#"{"Effect":"Allow","Action":"s4:doIt"}"#),
    ];
    for (written, expected) in cases {
        assert_eq!(canonical(written), expected, "{written}");
    }
}

#[test]
fn statements_are_sorted_and_said_once() {
    let deny = r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#;
    let named = r#"{"Sid":"Z","Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
    let nameless = r#"{"Effect":"Allow","Action":["s3:getobject"],"Resource":"*"}"#;
    let written = [deny, nameless, named, nameless].join(",");
    assert_eq!(canonical(&written), [named, deny].join(","));
}

#[test]
fn the_older_version_stays_only_where_it_makes_a_difference() {
    let with = |version: &str, resource: &str| {
        document(&format!(
            r#"{{{version}"Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"{resource}"}}}}"#
        ))
        .canonical()
        .version
    };
    assert_eq!(with("", "arn:aws:s3:::b"), Some(Version::V2012));
    assert_eq!(with(r#""Version":"2008-10-17","#, "arn:aws:s3:::b"), Some(Version::V2012));
    assert_eq!(with("", "arn:aws:s3:::${aws:username}"), Some(Version::V2008));
    assert_eq!(with(r#""Version":"2012-10-17","#, "arn:aws:s3:::${aws:username}"), Some(Version::V2012));
}

#[test]
fn meaning_is_compared_without_names_and_case() {
    let one = document(
        r#"{"Id":"x","Statement":{"Sid":"a","Effect":"Allow","Action":"S4:Do","Resource":"*","Condition":{"Null":{"s4:Key":true}}}}"#,
    );
    let other = document(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s4:do"],"Resource":"*","Condition":{"null":{"S4:key":"True"}}}]}"#,
    );
    assert!(equal_in_meaning(&one, &other));
    let denied = document(
        r#"{"Statement":{"Effect":"Deny","Action":"s4:do","Resource":"*","Condition":{"Null":{"s4:key":"true"}}}}"#,
    );
    assert!(!equal_in_meaning(&one, &denied));
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(texts).prop_map(str::to_owned)
}

fn selection(texts: &'static [&'static str]) -> impl Strategy<Value = Option<Selection>> {
    let patterns = prop::collection::vec(one_of(texts), 0..5);
    prop::option::weighted(0.95, (any::<bool>(), patterns))
        .prop_map(|chosen| chosen.map(|(negated, patterns)| Selection { negated, patterns }))
}

const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "S3:getobject",
    "s3:Get*",
    "s3:*",
    "*",
    "*:*",
    "s3:*Object",
    "s3:?etObject",
    "iam:PassRole",
    "IAM:passrole",
    "iam:P*",
    "iam:*Role",
    "s4:Thing",
    "s4:thing",
    "s3:get**",
    "",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/a*",
    "arn:aws:s3:::*",
    "arn:aws:s3**",
    "arn:aws:*",
    "arn:aws:s3:::${aws:username}/*",
    "arn:aws:s3:::${aws:username}",
    "arn:aws:iam::*:role/**",
    "arn:aws:iam::*:role/a",
];
const VALUES: &[&str] = &["a", "A", "a*", "*", "ab", "true", "True", "${aws:username}", "arn:aws:s3:::b"];

fn conditions() -> impl Strategy<Value = Vec<Condition>> {
    let set =
        prop::option::of(prop::sample::select(&[SetQualifier::ForAllValues, SetQualifier::ForAnyValue][..]));
    let kind = prop::sample::select(
        &[
            OperatorKind::StringEquals,
            OperatorKind::StringLike,
            OperatorKind::StringNotLike,
            OperatorKind::ArnLike,
            OperatorKind::Bool,
            OperatorKind::Null,
        ][..],
    );
    let operator = (set, kind, any::<bool>()).prop_map(|(set, kind, if_exists)| Operator {
        set,
        kind,
        if_exists: if_exists && kind != OperatorKind::Null,
    });
    let key = one_of(&["aws:username", "AWS:UserName", "s3:prefix", "s4:Key", "aws:ResourceTag/A"]);
    let condition = (operator, key, prop::collection::vec(one_of(VALUES), 0..4))
        .prop_map(|(operator, key, values)| Condition { operator, key, values });
    prop::collection::vec(condition, 0..4)
}

fn principals() -> impl Strategy<Value = Option<Principals>> {
    let member = prop_oneof![
        Just(Principal::Everyone),
        one_of(&["*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/a"])
            .prop_map(Principal::Aws),
        Just(Principal::Service("s3.amazonaws.com".into())),
    ];
    let members = prop::collection::vec(member, 0..3);
    prop::option::weighted(
        0.3,
        (any::<bool>(), members).prop_map(|(negated, members)| Principals { negated, members }),
    )
}

fn documents() -> impl Strategy<Value = Document> {
    let statement = (
        prop::option::of(one_of(&["A", "B"])),
        prop::sample::select(&[Effect::Allow, Effect::Deny][..]),
        principals(),
        selection(ACTIONS),
        selection(RESOURCES),
        conditions(),
    )
        .prop_map(|(sid, effect, principal, actions, resources, conditions)| Statement {
            sid,
            effect,
            principal,
            actions,
            resources,
            conditions,
        });
    let version = prop::option::of(prop::sample::select(&[Version::V2008, Version::V2012][..]));
    (version, prop::collection::vec(statement, 0..4)).prop_map(|(version, statements)| Document {
        version,
        id: None,
        statements,
    })
}

/// Which of the sampled actions and resources each effect reaches, by the plain reading of the patterns. Statements
/// with a principal or with conditions are told apart by what canonical writing leaves of these.
fn reach(document: &Document) -> BTreeSet<(Effect, String, &'static str, &'static str)> {
    let actions = [
        "s3:getobject",
        "s3:putobject",
        "s3:getobjectacl",
        "iam:passrole",
        "iam:listroles",
        "s4:thing",
        "x:y",
    ];
    let resources = [
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/a1",
        "arn:aws:s3:::c",
        "arn:aws:iam::1:role/a",
        "arn:aws:sqs:r:1:q",
        "*",
        "arn:aws:s3:::${aws:username}/x",
    ];
    let variables = document.variables();
    let mut reached = BTreeSet::new();
    for statement in &document.statements {
        let Some(own) = &statement.actions else { continue };
        let own_actions: Vec<_> = own.patterns.iter().map(|text| Pattern::action(text)).collect();
        let own_resources: Option<Vec<_>> = statement.resources.as_ref().map(|resources| {
            resources.patterns.iter().map(|text| Pattern::parse(text, Setting::Resource, variables)).collect()
        });
        for action in actions {
            if own_actions.is_empty() || own_actions.iter().any(|p| p.matches(action)) == own.negated {
                continue;
            }
            for resource in resources {
                let hit = match (&statement.resources, &own_resources) {
                    (Some(element), Some(patterns)) => {
                        !patterns.is_empty()
                            && patterns.iter().any(|p| p.matches(resource)) != element.negated
                    }
                    _ => true,
                };
                if hit {
                    let rest = Statement { sid: None, actions: None, resources: None, ..statement.clone() };
                    let catalogue = Catalogue::embedded();
                    let rest = format!("{:?}", canonical_statement(&rest, catalogue, variables));
                    reached.insert((statement.effect, rest, action, resource));
                }
            }
        }
    }
    reached
}

fn contexts() -> impl Strategy<Value = Context> {
    let keys = ["aws:username", "s3:prefix", "s4:key", "aws:resourcetag/a"];
    prop::collection::vec(prop::option::of(prop::collection::vec(one_of(VALUES), 0..3)), keys.len()).prop_map(
        move |values| {
            let mut context = Context::closed();
            for (key, values) in keys.into_iter().zip(values) {
                if let Some(values) = values {
                    context.insert(key, values);
                }
            }
            context
        },
    )
}

fn requests() -> impl Strategy<Value = Request> {
    let action = one_of(&["s3:GetObject", "s3:PutObject", "iam:PassRole", "s3:GetObjectAcl"]);
    let resource = one_of(&[
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/a1",
        "arn:aws:s3:::a/x",
        "arn:aws:iam::111122223333:role/a",
    ]);
    let principal = one_of(&[
        "arn:aws:iam::111122223333:user/a",
        "arn:aws:iam::444455556666:user/b",
        "s3.amazonaws.com",
        "anonymous",
    ]);
    (action, resource, principal, contexts()).prop_map(|(action, resource, principal, context)| Request {
        action,
        principal,
        resource: Target::Named(resource),
        resource_account: Some("111122223333".into()),
        context,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_writing_is_idempotent(document in documents()) {
        let once = document.canonical();
        prop_assert_eq!(once.canonical(), once);
    }

    #[test]
    fn canonical_writing_changes_no_meaning(document in documents()) {
        prop_assert_eq!(reach(&document.canonical()), reach(&document));
    }

    #[test]
    fn the_evaluator_decides_alike_before_and_after(
        document in documents(),
        requests in prop::collection::vec(requests(), 16),
    ) {
        let of_an_identity = |document| PolicySet { identity: vec![document], ..PolicySet::default() };
        let of_a_resource = |document| PolicySet { resource: vec![document], ..PolicySet::default() };
        let canonical = document.canonical();
        for policies in [
            [of_an_identity(document.clone()), of_an_identity(canonical.clone())],
            [of_a_resource(document.clone()), of_a_resource(canonical.clone())],
        ] {
            let [before, after] = policies.map(|policies| Evaluator::compile(&policies));
            for request in &requests {
                let (before, after) = (before.evaluate(request), after.evaluate(request));
                prop_assert_eq!(before.decision, after.decision, "{:?}", request);
                prop_assert_eq!(before.blocked_by, after.blocked_by, "{:?}", request);
            }
        }
    }

    #[test]
    fn the_order_of_a_document_does_not_show(document in documents()) {
        let mut turned = document.clone();
        turned.statements.reverse();
        for statement in &mut turned.statements {
            statement.conditions.reverse();
            for element in [&mut statement.actions, &mut statement.resources].into_iter().flatten() {
                element.patterns.reverse();
            }
        }
        prop_assert_eq!(turned.canonical_bytes(), document.canonical_bytes());
    }

    #[test]
    fn what_is_written_canonically_reads_back(document in documents()) {
        let canonical = document.canonical();
        let read = Document::parse(canonical.to_string_pretty().as_bytes()).unwrap();
        prop_assert_eq!(read.canonical(), canonical);
    }

    #[test]
    fn a_document_means_the_same_as_its_canonical_form(document in documents()) {
        prop_assert!(equal_in_meaning(&document, &document.canonical()));
    }
}
