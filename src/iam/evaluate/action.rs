//! The `Action` element, compiled: exact names behind a hash, patterns matched byte by byte.
//!
//! Names are compared in lower case. Most actions of real policies are exact, and most requests hit none of them, so
//! that the answer no is made cheap.

use crate::iam::document::Selection;

/// The action of a request, in lower case and hashed once for all statements.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) name: Box<str>,
    hash: u32,
}

impl Asked {
    pub(super) fn new(action: &str) -> Self {
        let name = action.to_ascii_lowercase();
        Self { hash: name.bytes().fold(SEED, mixed), name: name.into() }
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
    /// All texts, one after the other, in lower case.
    text: Box<[u8]>,
    /// Hash and place of the exact names, by hash.
    names: Box<[(u32, u32, u32)]>,
    /// Places of the patterns.
    patterns: Box<[(u32, u32)]>,
}

impl Actions {
    /// No element at all concerns no action, and neither does an empty list.
    pub(super) fn compile(selection: Option<&Selection>) -> Self {
        let (negated, given) = selection.map_or((false, &[][..]), |s| (s.negated, &s.patterns[..]));
        let size = given.iter().map(String::len).sum();
        let (mut text, mut names, mut patterns) =
            (Vec::with_capacity(size), Vec::with_capacity(given.len()), Vec::new());
        let mut everything = false;
        for action in given {
            let start = text.len();
            let (mut hash, mut colon, mut wild, mut only_stars) = (SEED, false, false, !action.is_empty());
            for byte in action.bytes() {
                let byte = byte.to_ascii_lowercase();
                hash = mixed(hash, byte);
                colon |= byte == b':';
                wild |= matches!(byte, b'*' | b'?');
                only_stars &= byte == b'*';
                text.push(byte);
            }
            everything |= only_stars;
            let (Ok(from), Ok(to)) = (u32::try_from(start), u32::try_from(text.len())) else { continue };
            match (colon, wild) {
                // Without a service's prefix IAM refuses it, and it matches nothing.
                (false, _) => {}
                (true, true) => patterns.push((from, to)),
                (true, false) => names.push((hash, from, to)),
            }
        }
        names.sort_unstable();
        // `NotAction: []` would concern everything; a list without members concerns nothing, whatever its name.
        let negated = negated && !given.is_empty();
        Self { negated, everything, text: text.into(), names: names.into(), patterns: patterns.into() }
    }

    pub(super) fn concern(&self, asked: &Asked) -> bool {
        self.listed(asked) != self.negated
    }

    fn listed(&self, asked: &Asked) -> bool {
        if self.everything {
            return true;
        }
        let name = asked.name.as_bytes();
        let from = self.names.partition_point(|(hash, ..)| *hash < asked.hash);
        self.names[from..]
            .iter()
            .take_while(|(hash, ..)| *hash == asked.hash)
            .any(|(_, start, end)| self.slice(*start, *end) == name)
            || self.patterns.iter().any(|(start, end)| globs(self.slice(*start, *end), name))
    }

    fn slice(&self, start: u32, end: u32) -> &[u8] {
        &self.text[start as usize..end as usize]
    }
}

/// FNV-1a: short texts, no keys to protect.
const SEED: u32 = 0x811c_9dc5;

fn mixed(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}

/// Wildcards over bytes, with one way back: actions are ASCII wherever they exist.
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
            Some(byte) if *byte == text[t] => (p, t) = (p + 1, t + 1),
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
        Actions::compile(Some(&Selection { negated, patterns })).concern(&Asked::new(action))
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
