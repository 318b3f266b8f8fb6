//! The `Action` element, compiled: exact names behind fingerprints, patterns matched byte by byte.
//!
//! Case doesn't count. Most actions of real policies are exact, and most requests hit none of them, so that the answer
//! no is made cheap; and many policies are read for one request, so that compiling is too: texts are kept as written.

use memchr::memchr2;

use crate::iam::document::Selection;

/// The action of a request, in lower case, with its fingerprint for all statements.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) name: Box<str>,
    fingerprint: u32,
}

impl Asked {
    pub(super) fn new(action: &str) -> Self {
        Self { fingerprint: fingerprint(action), name: action.to_ascii_lowercase().into() }
    }

    /// The service's prefix.
    pub(super) fn service(&self) -> &str {
        self.name.split_once(':').map_or("", |(service, _)| service)
    }
}

/// A compiled `Action` or `NotAction`.
#[derive(Debug)]
pub(super) struct Actions {
    negated: bool,
    everything: bool,
    /// As written.
    texts: Vec<String>,
    /// The texts' fingerprints, in the same order.
    fingerprints: Vec<u32>,
    /// Which of the texts have wildcards.
    patterns: Vec<usize>,
}

impl Actions {
    /// No element at all concerns no action, and neither does an empty list.
    pub(super) fn compile(selection: Option<Selection>) -> Self {
        let Selection { negated, patterns: texts } =
            selection.unwrap_or(Selection { negated: false, patterns: Vec::new() });
        let (mut everything, mut patterns) = (false, Vec::new());
        for (index, text) in texts.iter().enumerate() {
            if memchr2(b'*', b'?', text.as_bytes()).is_some() {
                everything |= text.bytes().all(|byte| byte == b'*');
                // Without a service's prefix IAM refuses it, and it matches nothing.
                if text.contains(':') {
                    patterns.push(index);
                }
            }
        }
        Self {
            // `NotAction: []` would concern everything; a list without members concerns nothing, whatever its name.
            negated: negated && !texts.is_empty(),
            everything,
            fingerprints: texts.iter().map(|text| fingerprint(text)).collect(),
            texts,
            patterns,
        }
    }

    pub(super) fn concern(&self, asked: &Asked) -> bool {
        self.listed(asked) != self.negated
    }

    fn listed(&self, asked: &Asked) -> bool {
        let globs = |index: &usize| globs(self.texts[*index].as_bytes(), asked.name.as_bytes());
        self.everything || self.names(asked) || self.patterns.iter().any(globs)
    }

    fn names(&self, asked: &Asked) -> bool {
        // Counting has no branch, so that the compiler compares several at once.
        let likely = self.fingerprints.iter().filter(|own| **own == asked.fingerprint).count();
        likely > 0
            && asked.name.contains(':')
            && self.texts.iter().any(|text| text.eq_ignore_ascii_case(&asked.name))
    }
}

/// The same for names that differ in case alone: a mix of the length and the last eight bytes, where names differ most.
fn fingerprint(name: &str) -> u32 {
    /// The bit in which a letter's cases differ, in every byte.
    const CASE: u64 = 0x2020_2020_2020_2020;
    let bytes = name.as_bytes();
    let tail = bytes.last_chunk().map_or_else(
        || bytes.iter().fold(0, |tail, byte| tail << 8 | u64::from(*byte)),
        |chunk| u64::from_be_bytes(*chunk),
    );
    let mixed = (tail | CASE).wrapping_add(bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}

/// Wildcards over bytes, with one way back, `text` being in lower case: actions are ASCII wherever they exist.
fn globs(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p + 1, t));
                p += 1;
            }
            Some(b'?') => (p, t) = (p + 1, t + 1),
            Some(byte) if byte.to_ascii_lowercase() == text[t] => (p, t) = (p + 1, t + 1),
            _ => {
                let Some((star, from)) = back else { return false };
                back = Some((star, from + 1));
                (p, t) = (star, from + 1);
            }
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concerns(negated: bool, patterns: &[&str], action: &str) -> bool {
        let patterns = patterns.iter().map(ToString::to_string).collect();
        Actions::compile(Some(Selection { negated, patterns })).concern(&Asked::new(action))
    }

    #[test]
    fn actions_are_compared_without_regard_to_case_and_with_wildcards() {
        let cases: &[(&[&str], &str, bool)] = &[
            (&["s3:GetObject"], "S3:GETOBJECT", true),
            (&["s3:GetObject"], "s3:GetObjectAcl", false),
            (&["s3:Get*"], "s3:GetObject", true),
            (&["s3:Get?bject"], "s3:GetObject", true),
            (&["s3:*Object*Acl"], "s3:PutObjectVersionAcl", true),
            (&["s3:*Object*Acl"], "s3:PutBucketAcl", false),
            (&["*"], "s3:GetObject", true),
            (&["**"], "s3:GetObject", true),
            (&["*:*"], "s3:GetObject", true),
            (&["GetObject", "s3*"], "s3:GetObject", false),
            (&[" s3:GetObject"], "s3:GetObject", false),
            (&[""], "s3:GetObject", false),
            (&["ec2:A", "ec2:B", "ec2:C"], "ec2:b", true),
            (&["ec2:A", "ec2:B", "ec2:C"], "ec2:d", false),
            (&["EC2:DescribeInstances", "ec2:describeImages"], "ec2:DescribeInstanceS", true),
            (&["s3:Put*", "S3:GET?BJECT"], "s3:getobject", true),
            (&["getobject"], "GetObject", false),
        ];
        for (patterns, action, expected) in cases {
            assert_eq!(concerns(false, patterns, action), *expected, "{patterns:?} {action}");
            assert_eq!(concerns(true, patterns, action), !*expected, "not {patterns:?} {action}");
        }
    }

    #[test]
    fn an_empty_list_concerns_nothing() {
        assert!(!concerns(false, &[], "s3:GetObject"));
        assert!(!concerns(true, &[], "s3:GetObject"));
        assert!(!Actions::compile(None).concern(&Asked::new("s3:GetObject")));
    }
}
