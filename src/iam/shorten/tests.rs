use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::iam::catalogue::words::boundaries;

fn set(names: &[&str]) -> ActionSet {
    let catalogue = Catalogue::embedded();
    names.iter().fold(ActionSet::empty(), |all, name| {
        let actions = catalogue.expand(name);
        assert!(!actions.is_empty(), "{name} exists");
        all.union(&actions)
    })
}

fn expanded(patterns: &[String]) -> ActionSet {
    patterns.iter().fold(ActionSet::empty(), |all, pattern| all.union(&Catalogue::embedded().expand(pattern)))
}

#[test]
fn patterns_are_those_a_person_would_write() {
    let cases: [(&[&str], &[&str]); 10] = [
        // What covers most at first isn't always part of the fewest.
        (
            &["rolesanywhere:*AttributeMapping", "rolesanywhere:*NotificationSettings"],
            &["rolesanywhere:*AttributeMapping", "rolesanywhere:*NotificationSettings"],
        ),
        (&["*"], &["*"]),
        (&["s3:*"], &["s3:*"]),
        (&["s3:GetObject"], &["s3:GetObject"]),
        (&["s3:Get*", "s3:List*"], &["s3:Get*", "s3:List*"]),
        (&["s3:Get*Tagging"], &["s3:Get*Tagging"]),
        (&["kms:CreateGrant", "kms:CreateKey"], &["kms:CreateGrant", "kms:CreateKey"]),
        (&["sqs:*Permission"], &["sqs:*Permission"]),
        (&["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"], &["s3:ListBucket*"]),
        (&["sqs:SendMessage", "sns:Publish"], &["sns:Publish", "sqs:SendMessage"]),
    ];
    for (names, expected) in cases {
        assert_eq!(shorten(&set(names)), expected, "{names:?}");
    }
}

#[test]
fn nothing_is_written_as_nothing() {
    assert_eq!(shorten(&ActionSet::empty()), Vec::<String>::new());
    assert_eq!(shorten_to(&ActionSet::empty(), 0), Vec::<String>::new());
}

#[test]
fn a_budget_is_met_with_as_few_wildcards_as_it_takes() {
    let reads = set(&["s3:Get*", "dynamodb:List*"]);
    let spelt = shorten_to(&reads, usize::MAX);
    assert_eq!(spelt.len(), reads.len());
    assert!(spelt.iter().all(|pattern| !pattern.contains('*')));
    let long: usize = spelt.iter().map(|pattern| pattern.len() + 3).sum();
    let one_wildcard = shorten_to(&reads, long - 1);
    assert_eq!(one_wildcard.iter().filter(|pattern| pattern.contains('*')).count(), 1);
    assert_eq!(shorten_to(&reads, 30), ["dynamodb:List*", "s3:Get*"]);
    assert_eq!(shorten_to(&ActionSet::all(), 10), ["*"]);
}

fn texts(patterns: &[&str]) -> Vec<String> {
    patterns.iter().map(|pattern| (*pattern).to_owned()).collect()
}

#[test]
fn a_list_is_rewritten_where_that_makes_it_shorter() {
    let cases: [(&[&str], &[&str]); 6] = [
        (&["s3:GetObject", "S3:getobject"], &["s3:GetObject"]),
        (&["s3:GetObject", "s3:Get*"], &["s3:Get*"]),
        (
            &["s3:HeadObject", "sqs:AddPermission", "sqs:RemovePermission"],
            &["s3:HeadObject", "sqs:*Permission"],
        ),
        (&["kms:createg*"], &["kms:createg*"]),
        (&["*", "sqs:SendMessage"], &["*"]),
        (&["s3:*Tagg*", "sqs:AddPermission", "sqs:RemovePermission"], &["s3:*Tagg*", "sqs:*Permission"]),
    ];
    for (patterns, expected) in cases {
        assert_eq!(rewrite(&texts(patterns)), expected, "{patterns:?}");
    }
}

#[test]
fn a_list_that_fits_stays_as_it_was_written() {
    let list = texts(&["sqs:RemovePermission", "sqs:AddPermission"]);
    assert_eq!(rewrite_to(&list, 100), list);
    assert_eq!(rewrite_to(&list, 40), ["sqs:*Permission"]);
}

/// Places of the catalogue, near one another so that words are shared.
fn some_actions() -> impl Strategy<Value = ActionSet> {
    let length = Catalogue::embedded().len();
    let run = (0..length, prop::collection::vec(any::<bool>(), 1..80));
    let levels = (0..length, 0..5_usize);
    let runs = prop::collection::vec(run, 0..4).prop_map(move |runs| {
        let places = runs.into_iter().flat_map(|(from, picks)| {
            let picked = picks.into_iter().enumerate().filter(|(_, picked)| *picked);
            picked.map(move |(offset, _)| from + offset)
        });
        places.filter(|place| *place < length).map(ActionId::at).collect()
    });
    let whole_levels = levels.prop_map(|(place, level)| {
        let catalogue = Catalogue::embedded();
        let service = catalogue.service_of(ActionId::at(place));
        let of_level = |action: &ActionId| catalogue.level_of(*action) as usize == level;
        catalogue.actions_of(service).filter(of_level).collect()
    });
    prop_oneof![runs, whole_levels]
}

/// Whether each literal part of a pattern is a run of whole words of some action that the pattern matches.
fn cuts_no_word(pattern: &str) -> bool {
    let catalogue = Catalogue::embedded();
    let (_, name) = pattern.split_once(':').unwrap();
    let parts: Vec<&str> = name.split('*').filter(|part| !part.is_empty()).collect();
    catalogue.expand(pattern).iter().any(|action| {
        let text = catalogue.name_of(action);
        let cuts: BTreeSet<usize> = boundaries(text).into_iter().collect();
        let whole = |part: &&str| {
            text.match_indices(*part)
                .any(|(start, part)| cuts.contains(&start) && cuts.contains(&(start + part.len())))
        };
        parts.iter().all(whole)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn expanding_what_was_shortened_gives_the_same_set(actions in some_actions()) {
        let patterns = shorten(&actions);
        prop_assert_eq!(expanded(&patterns), actions.clone());
        prop_assert!(patterns.len() <= actions.len());
    }

    #[test]
    fn no_word_is_cut(actions in some_actions()) {
        for pattern in shorten(&actions) {
            prop_assert!(cuts_no_word(&pattern), "{}", pattern);
        }
    }

    #[test]
    fn a_budget_never_changes_the_set(actions in some_actions(), budget in 0..2_000_usize) {
        let patterns = shorten_to(&actions, budget);
        prop_assert_eq!(expanded(&patterns), actions.clone());
        let size: usize = patterns.iter().map(|pattern| pattern.len() + QUOTES_AND_COMMA).sum();
        let least: usize = shorten(&actions).iter().map(|pattern| pattern.len() + QUOTES_AND_COMMA).sum();
        prop_assert!(size <= budget.max(least), "{} characters for {}, {} possible", size, budget, least);
    }

    #[test]
    fn no_pattern_is_needless(actions in some_actions()) {
        let patterns = shorten(&actions);
        for place in 0..patterns.len() {
            let mut rest = patterns.clone();
            let pattern = rest.remove(place);
            prop_assert_ne!(expanded(&rest), actions.clone(), "{} is needless", pattern);
        }
    }
}
