//! From the resources that were seen to patterns that a person would write.
//!
//! The rules, in their order, for resources of one kind (same partition, service, region, account, type and number of
//! segments; S3 objects: same bucket):
//! 1. [`FEW`] or fewer stay as they are.
//! 2. Segments that are ids (instance ids, UUIDs, hexadecimal, numbers, dates) become `*`.
//! 3. While there are still more than a few, the segment that varies most becomes what all its values begin with, up
//!    to the end of a word, and `*`. The first of several segments names the type and stays.
//! 4. S3 objects become their folders, and then these folders' parents, down to the bucket.
//!
//! The account and the region stay; nothing ever crosses a service or a partition. Everything seen is matched by some
//! pattern of the answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::iam::arn::Arn;

/// How many resources of a kind stay as they are.
pub const FEW: usize = 5;
/// The shortest hexadecimal text that is taken for an id.
const HEX: usize = 12;

/// Patterns that match everything seen, in order.
pub fn generalise<'a>(seen: impl Iterator<Item = &'a str>) -> Vec<String> {
    let seen: BTreeSet<&str> = seen.collect();
    if seen.contains("*") {
        return vec!["*".to_owned()];
    }
    let mut kinds: BTreeMap<(String, usize), Vec<Segments>> = BTreeMap::new();
    let mut objects: BTreeMap<&str, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    let mut patterns: BTreeSet<String> = BTreeSet::new();
    for name in seen {
        let Some(arn) = Arn::parse(name) else {
            patterns.insert(name.to_owned());
            continue;
        };
        let head = &name[..name.len() - arn.resource.len()];
        match arn.resource.split_once('/') {
            Some((bucket, key)) if arn.service == "s3" && arn.account.is_empty() => {
                let buckets = objects.entry(head).or_default();
                buckets.entry(format!("{head}{bucket}")).or_default().insert(key.to_owned());
            }
            _ => {
                let segments = Segments::of(arn.resource);
                let kind = if segments.0.len() > 1 { segments.0[0].as_str() } else { "" };
                kinds
                    .entry((format!("{head}{kind}"), segments.0.len()))
                    .or_default()
                    .push(segments.behind(head));
            }
        }
    }
    patterns.extend(kinds.into_values().flat_map(narrow));
    patterns.extend(objects.into_values().flat_map(of_objects));
    patterns.into_iter().collect()
}

/// The resource of an ARN, cut behind each `/` and `:`; what stands before it is a part of the first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Segments(Vec<String>);

impl Segments {
    fn of(resource: &str) -> Self {
        Self(resource.split_inclusive(['/', ':']).map(str::to_owned).collect())
    }

    fn behind(mut self, head: &str) -> Self {
        match self.0.first_mut() {
            Some(first) => first.insert_str(0, head),
            None => self.0.push(head.to_owned()),
        }
        self
    }
}

/// Rules 1 to 3.
fn narrow(mut kind: Vec<Segments>) -> Vec<String> {
    if kind.len() > FEW {
        for segments in &mut kind {
            for segment in segments.0.iter_mut().skip(1) {
                let text = segment.trim_end_matches(['/', ':']);
                if is_id(text) {
                    *segment = format!("*{}", &segment[text.len()..]);
                }
            }
        }
        kind.sort();
        kind.dedup();
    }
    while kind.len() > FEW {
        let from = usize::from(kind[0].0.len() > 1);
        let variety =
            |at: usize| kind.iter().map(|segments| segments.0.get(at)).collect::<BTreeSet<_>>().len();
        let Some(at) = (from..kind[0].0.len()).max_by_key(|&at| (variety(at), at)) else { break };
        let values: Vec<&str> =
            kind.iter().filter_map(|segments| segments.0.get(at)).map(String::as_str).collect();
        let general = beginning(&values);
        for segments in &mut kind {
            if let Some(segment) = segments.0.get_mut(at) {
                let end = segment.trim_end_matches(['/', ':']).len();
                *segment = format!("{general}*{}", &segment[end..]);
            }
        }
        kind.sort();
        kind.dedup();
    }
    kind.into_iter().map(|segments| segments.0.concat()).collect()
}

/// What all values begin with, up to the end of a word. Of a whole ARN at least its first five components.
fn beginning(values: &[&str]) -> String {
    let mut common = values.first().copied().unwrap_or_default();
    for value in values {
        let same =
            common.chars().zip(value.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        common = &common[..same];
    }
    let end = common.rfind(['-', '_', '.', '/', ':']).map_or(0, |at| at + 1);
    common[..end].to_owned()
}

/// Rule 4, for each bucket; and beyond a few buckets, for all of them.
fn of_objects(mut buckets: BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    if buckets.len() > FEW {
        let names: Vec<&str> = buckets.keys().map(String::as_str).collect();
        let general = format!("{}*", beginning(&names));
        buckets = BTreeMap::from([(general, std::iter::once("*".to_owned()).collect())]);
    }
    let mut patterns = Vec::new();
    for (bucket, keys) in buckets {
        patterns.extend(of_keys(keys).into_iter().map(|key| format!("{bucket}/{key}")));
    }
    patterns
}

fn of_keys(keys: BTreeSet<String>) -> BTreeSet<String> {
    if keys.len() <= FEW {
        return keys;
    }
    let folder = |key: &str| key.rfind('/').map_or(String::new(), |at| key[..=at].to_owned());
    let mut folders: BTreeSet<String> = keys.iter().map(|key| folder(key)).collect();
    while folders.len() > FEW {
        let deepest = folders.iter().map(|folder| folder.matches('/').count()).max().unwrap_or_default();
        folders =
            folders
                .into_iter()
                .map(|name| {
                    if name.matches('/').count() == deepest { folder(&name[..name.len() - 1]) } else { name }
                })
                .collect();
    }
    // A folder within another says nothing more.
    let within =
        |name: &String| folders.iter().any(|other| other != name && name.starts_with(other.as_str()));
    folders.iter().filter(|name| !within(name)).map(|name| format!("{name}*")).collect()
}

/// Whether a segment is an id: it names one thing among many of a kind, and no person chose it.
pub fn is_id(segment: &str) -> bool {
    let body = segment.rsplit(']').next().unwrap_or(segment);
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let dated = |text: &str| {
        text.len() >= 8
            && text.starts_with(|c: char| c.is_ascii_digit())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'T' | b':' | b'.' | b'Z' | b'_'))
    };
    if body.is_empty() {
        return false;
    }
    let number = body.bytes().all(|byte| byte.is_ascii_digit());
    let uuid =
        body.len() == 36 && body.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && hex(&body.replace('-', ""));
    let short = |(kind, id): (&str, &str)| {
        !kind.is_empty()
            && kind.len() <= 12
            && kind.bytes().all(|byte| byte.is_ascii_lowercase())
            && matches!(id.len(), 8 | 17)
            && hex(id)
            && digits(id)
    };
    number
        || uuid
        || dated(body)
        || (body.len() >= HEX && hex(body) && digits(body))
        || body.split_once('-').is_some_and(short)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::iam::pattern::{Pattern, Setting, Variables};

    fn general(seen: &[&str]) -> Vec<String> {
        generalise(seen.iter().copied())
    }

    #[test]
    fn a_few_stay_as_they_are() {
        let seen = ["arn:aws:sqs:eu-west-1:1:a", "arn:aws:sqs:eu-west-1:1:b", "arn:aws:s3:::c/k"];
        let mut expected = seen.map(str::to_owned).to_vec();
        expected.sort();
        assert_eq!(general(&seen), expected);
        assert_eq!(general(&["*", "arn:aws:s3:::b"]), ["*"]);
        assert_eq!(general(&[]), Vec::<String>::new());
    }

    #[test]
    fn ids_become_a_star_in_their_segment_and_the_account_and_region_stay() {
        let mut seen: Vec<String> =
            (0..9).map(|n| format!("arn:aws:ec2:eu-west-1:1:instance/i-0123456789abcde{n:02x}")).collect();
        seen.push("arn:aws:ec2:us-east-1:1:instance/i-0123456789abcdef0".into());
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        assert_eq!(
            general(&seen),
            ["arn:aws:ec2:eu-west-1:1:instance/*", "arn:aws:ec2:us-east-1:1:instance/i-0123456789abcdef0"]
        );
    }

    #[test]
    fn the_segment_that_varies_becomes_a_star_behind_what_its_values_share() {
        let seen: Vec<String> = ["red", "green", "blue", "black", "white", "pink"]
            .iter()
            .map(|name| format!("arn:aws:dynamodb:eu-west-1:1:table/orders-{name}/index/by-date"))
            .collect();
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        assert_eq!(general(&seen), ["arn:aws:dynamodb:eu-west-1:1:table/orders-*/index/by-date"]);
        let seen: Vec<String> = ('a'..'h').map(|c| format!("arn:aws:sqs:eu-west-1:1:{c}")).collect();
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        assert_eq!(general(&seen), ["arn:aws:sqs:eu-west-1:1:*"]);
    }

    #[test]
    fn objects_become_their_folders() {
        let seen: Vec<String> = (0..9).map(|n| format!("arn:aws:s3:::b/logs/2026/{n}.gz")).collect();
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        assert_eq!(general(&seen), ["arn:aws:s3:::b/logs/2026/*"]);
        let seen: Vec<String> = (0..9).map(|n| format!("arn:aws:s3:::b/logs/{n}/x")).collect();
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        assert_eq!(general(&seen), ["arn:aws:s3:::b/logs/*"]);
        let seen: Vec<String> = (0..9).map(|n| format!("arn:aws:s3:::app-{n}/x")).collect();
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        assert_eq!(general(&seen), ["arn:aws:s3:::app-*/*"]);
    }

    #[test]
    fn an_id_is_told_from_a_name() {
        for id in [
            "i-0123456789abcdef0",
            "42",
            "2026-10-06",
            "0f3a9c1e-6b2d-4c55-8d6e-1a2b3c4d5e6f",
            "0123456789abcdef",
            "[$LATEST]0123456789abcdef0123456789abcdef",
        ] {
            assert!(is_id(id), "{id}");
        }
        for name in ["", "*", "web", "my-function", "deadbeef", "i-web", "orders-2026x", "feed-cafe", "prod"]
        {
            assert!(!is_id(name), "{name}");
        }
    }

    fn names() -> impl Strategy<Value = Vec<String>> {
        let name = prop_oneof![
            "arn:aws:(s3|sqs|ec2):(|eu-west-1):(|1|2):[a-c]{1,2}((/|:)[a-c0-9]{1,3}){0,4}/?",
            "arn:aws:s3:::[a-c]{1,2}/[a-c/]{0,6}",
        ];
        proptest::collection::vec(name, 0..40)
    }

    proptest! {
        #[test]
        fn everything_seen_is_matched_and_services_never_mix(names in names()) {
            let patterns = generalise(names.iter().map(String::as_str));
            let parsed: Vec<Pattern> = patterns
                .iter()
                .map(|pattern| Pattern::parse(pattern, Setting::Resource, Variables::Literal))
                .collect();
            for name in &names {
                prop_assert!(parsed.iter().any(|pattern| pattern.matches(name)), "{name} in {patterns:?}");
            }
            for pattern in &patterns {
                let head = |text: &str| text.splitn(6, ':').take(5).map(str::to_owned).collect::<Vec<_>>();
                prop_assert!(names.iter().any(|name| head(name) == head(pattern)), "{pattern}");
            }
        }
    }
}
