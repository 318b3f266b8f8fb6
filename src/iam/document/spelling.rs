//! Action patterns in AWS's spelling. IAM compares them without regard to case, people don't.

use crate::iam::catalogue::Catalogue;

/// The pattern as AWS would write it: a known action in its own spelling; a wildcard spelled after the actions it
/// stands for where these agree; the service in lower case always. What nothing is known of stays as it is.
pub fn action(catalogue: &Catalogue, pattern: &str) -> String {
    if let Some(known) = catalogue.find(pattern) {
        return catalogue.full_name(known);
    }
    let pattern = collapsed(pattern);
    let Some((service, name)) = pattern.split_once(':') else { return pattern };
    if service.bytes().chain(name.bytes()).all(|c| c == b'*') {
        return "*".to_owned();
    }
    let service = service.to_ascii_lowercase();
    let Some(wild) = name.find(['*', '?']) else { return format!("{service}:{name}") };
    let tail = name.rfind(['*', '?']).map_or(name.len(), |at| at + 1);
    let matched = catalogue.expand(&pattern);
    let head = agreed(matched.iter().map(|id| catalogue.name_of(id).get(..wild)));
    let foot = agreed(matched.iter().map(|id| {
        let full = catalogue.name_of(id);
        full.len().checked_sub(name.len() - tail).and_then(|at| full.get(at..))
    }));
    let head = head.unwrap_or(&name[..wild]);
    let foot = foot.unwrap_or(&name[tail..]);
    format!("{service}:{head}{}{foot}", &name[wild..tail])
}

/// The condition key in AWS's spelling; the name that follows it (a tag's) stays as it is, and so does a key of which
/// nothing is known.
pub fn condition_key(catalogue: &Catalogue, key: &str) -> String {
    let Some((template, _)) = catalogue.condition_key(key) else { return key.to_owned() };
    let fixed = template.find(['$', '<']).unwrap_or(template.len());
    match key.get(fixed..) {
        Some(name) if key[..fixed].eq_ignore_ascii_case(&template[..fixed]) => {
            format!("{}{name}", &template[..fixed])
        }
        _ => key.to_owned(),
    }
}

/// The one spelling that all share.
fn agreed<'c>(mut spellings: impl Iterator<Item = Option<&'c str>>) -> Option<&'c str> {
    let first = spellings.next()??;
    spellings.all(|spelling| spelling == Some(first)).then_some(first)
}

/// Runs of wildcards in one order: `?` first, then one `*` at most.
fn collapsed(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut star = false;
    for c in pattern.chars() {
        match c {
            '*' => star = true,
            '?' => out.push('?'),
            other => {
                if std::mem::take(&mut star) {
                    out.push('*');
                }
                out.push(other);
            }
        }
    }
    if star {
        out.push('*');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_spelled_as_aws_does() {
        let cases = [
            ("S3:getobject", "s3:GetObject"),
            ("IAM:passrole", "iam:PassRole"),
            ("s3:getobject*", "s3:GetObject*"),
            ("S3:*tagging", "s3:*Tagging"),
            ("s3:**", "s3:*"),
            ("s3:get*?ject", "s3:Get?*ject"),
            ("*:*", "*"),
            ("*", "*"),
            ("**", "*"),
            ("NoSuch:doThing", "nosuch:doThing"),
            ("s3:HeadObject", "s3:HeadObject"),
            ("nonsense", "nonsense"),
            ("", ""),
        ];
        for (pattern, expected) in cases {
            assert_eq!(action(Catalogue::embedded(), pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn condition_keys_are_spelled_as_aws_does() {
        let cases = [
            ("AWS:sourceip", "aws:SourceIp"),
            ("aws:resourcetag/Team", "aws:ResourceTag/Team"),
            ("aws:UserId", "aws:userid"),
            ("S3:Prefix", "s3:prefix"),
            ("nosuch:Key", "nosuch:Key"),
            ("", ""),
        ];
        for (key, expected) in cases {
            assert_eq!(condition_key(Catalogue::embedded(), key), expected, "{key}");
        }
    }
}
