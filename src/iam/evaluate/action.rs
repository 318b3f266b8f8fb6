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
        Self { hash: hash(name.as_bytes()), name: name.into() }
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
    text: Box<str>,
    /// Hash and place of the exact names, by hash.
    names: Box<[(u32, u32, u32)]>,
    /// Places of the patterns.
    patterns: Box<[(u32, u32)]>,
}

impl Actions {
    /// No element at all concerns no action, and neither does an empty list.
    pub(super) fn compile(selection: Option<&Selection>) -> Self {
        let (negated, given) = selection.map_or((false, &[][..]), |s| (s.negated, &s.patterns[..]));
        let (mut text, mut names, mut patterns) = (String::new(), Vec::new(), Vec::new());
        let mut everything = false;
        for action in given {
            if !action.is_empty() && action.bytes().all(|b| b == b'*') {
                everything = true;
                continue;
            }
            // Without a service's prefix IAM refuses it, and it matches nothing.
            if !action.contains(':') {
                continue;
            }
            let start = text.len();
            text.push_str(action);
            text[start..].make_ascii_lowercase();
            let (Ok(from), Ok(to)) = (u32::try_from(start), u32::try_from(text.len())) else { continue };
            if action.contains(['*', '?']) {
                patterns.push((from, to));
            } else {
                names.push((hash(&text.as_bytes()[start..]), from, to));
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
        &self.text.as_bytes()[start as usize..end as usize]
    }
}

/// FNV-1a: short texts, no keys to protect.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
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
