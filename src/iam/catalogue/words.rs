//! The words of an action's name: `DescribeDBClusters` is `Describe`, `DB`, `Clusters`.

/// Where the words of a name begin, its own beginning and end included: `ListMFADevices` gives 0, 4, 7 and 14.
///
/// A word begins at a capital after a small letter or a digit, at the last capital of a run that a small letter
/// follows (unless that letter is a plural's lone `s`), and after anything that is neither letter nor digit.
pub fn boundaries(name: &str) -> Vec<usize> {
    let text = name.as_bytes();
    let mut places = vec![0];
    for at in 1..text.len() {
        if begins_word(text, at) {
            places.push(at);
        }
    }
    if !text.is_empty() {
        places.push(text.len());
    }
    places
}

/// The words of a name, in order.
pub fn words(name: &str) -> Vec<&str> {
    boundaries(name).windows(2).map(|pair| &name[pair[0]..pair[1]]).collect()
}

fn begins_word(text: &[u8], at: usize) -> bool {
    let (before, here) = (text[at - 1], text[at]);
    if !before.is_ascii_alphanumeric() {
        return here.is_ascii_alphanumeric();
    }
    if !here.is_ascii_uppercase() {
        return false;
    }
    if !before.is_ascii_uppercase() {
        return true;
    }
    let next_is_small = text.get(at + 1).is_some_and(u8::is_ascii_lowercase);
    let lone_s = text.get(at + 1) == Some(&b's') && !text.get(at + 2).is_some_and(u8::is_ascii_lowercase);
    next_is_small && !lone_s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_their_words() {
        let cases: [(&str, &[&str]); 11] = [
            ("GetObject", &["Get", "Object"]),
            ("DescribeDBClusters", &["Describe", "DB", "Clusters"]),
            ("ListMFADevices", &["List", "MFA", "Devices"]),
            ("DescribeVpcEndpoints", &["Describe", "Vpc", "Endpoints"]),
            ("ListObjectsV2", &["List", "Objects", "V2"]),
            ("GetEC2InstanceRecommendations", &["Get", "EC2", "Instance", "Recommendations"]),
            ("DescribeVPCs", &["Describe", "VPCs"]),
            ("CreateOAuth2Token", &["Create", "O", "Auth2", "Token"]),
            ("Associate-Thing", &["Associate-", "Thing"]),
            ("X", &["X"]),
            ("", &[]),
        ];
        for (name, expected) in cases {
            assert_eq!(words(name), expected, "{name}");
        }
    }
}
