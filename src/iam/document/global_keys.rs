//! The condition keys that every service knows (`aws:...`): their proper spelling and the type of their values.
//!
//! From AWS's "Global condition context keys". A key that takes a name of its own (a tag's) ends in `/`.

/// The type of a condition key's values, as AWS's references call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// `String`
    Text,
    /// `ARN`
    Arn,
    /// `Bool`
    Bool,
    /// `Numeric`, `Long`
    Number,
    /// `Date`
    Date,
    /// `IPAddress`
    Ip,
    /// `Binary`
    Binary,
}

/// One global key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlobalKey {
    /// In AWS's spelling, with a final `/` where a name follows.
    pub name: &'static str,
    /// What its values are.
    pub kind: KeyType,
    /// Whether a request may carry several values of it.
    pub many: bool,
}

const fn one(name: &'static str, kind: KeyType) -> GlobalKey {
    GlobalKey { name, kind, many: false }
}

const fn many(name: &'static str, kind: KeyType) -> GlobalKey {
    GlobalKey { name, kind, many: true }
}

/// All of them, in order.
pub const GLOBAL_KEYS: &[GlobalKey] = &[
    one("aws:AssumedRoot", KeyType::Bool),
    many("aws:CalledVia", KeyType::Text),
    one("aws:CalledViaAWSMCP", KeyType::Text),
    one("aws:CalledViaFirst", KeyType::Text),
    one("aws:CalledViaLast", KeyType::Text),
    one("aws:ChatbotSourceArn", KeyType::Arn),
    one("aws:CurrentTime", KeyType::Date),
    one("aws:Ec2InstanceSourcePrivateIPv4", KeyType::Ip),
    one("aws:Ec2InstanceSourceVpc", KeyType::Text),
    one("aws:EpochTime", KeyType::Date),
    one("aws:FederatedProvider", KeyType::Text),
    one("aws:IsMcpServiceAction", KeyType::Bool),
    one("aws:MultiFactorAuthAge", KeyType::Number),
    one("aws:MultiFactorAuthPresent", KeyType::Bool),
    one("aws:PrincipalAccount", KeyType::Text),
    one("aws:PrincipalArn", KeyType::Arn),
    one("aws:PrincipalIsAWSService", KeyType::Bool),
    one("aws:PrincipalOrgID", KeyType::Text),
    one("aws:PrincipalOrgMasterAccountId", KeyType::Text),
    many("aws:PrincipalOrgPaths", KeyType::Text),
    one("aws:PrincipalServiceName", KeyType::Text),
    many("aws:PrincipalServiceNamesList", KeyType::Text),
    one("aws:PrincipalTag/", KeyType::Text),
    one("aws:PrincipalType", KeyType::Text),
    one("aws:referer", KeyType::Text),
    one("aws:RequestTag/", KeyType::Text),
    one("aws:RequestedRegion", KeyType::Text),
    one("aws:ResourceAccount", KeyType::Text),
    one("aws:ResourceOrgID", KeyType::Text),
    many("aws:ResourceOrgPaths", KeyType::Text),
    one("aws:ResourceTag/", KeyType::Text),
    one("aws:SecureTransport", KeyType::Bool),
    one("aws:SignInSessionArn", KeyType::Arn),
    one("aws:SourceAccount", KeyType::Text),
    one("aws:SourceArn", KeyType::Arn),
    one("aws:SourceIdentity", KeyType::Text),
    one("aws:SourceIp", KeyType::Ip),
    one("aws:SourceOrgID", KeyType::Text),
    many("aws:SourceOrgPaths", KeyType::Text),
    one("aws:SourceVpc", KeyType::Text),
    one("aws:SourceVpcArn", KeyType::Arn),
    one("aws:SourceVpce", KeyType::Text),
    many("aws:TagKeys", KeyType::Text),
    one("aws:TokenIssueTime", KeyType::Date),
    one("aws:UserAgent", KeyType::Text),
    one("aws:ViaAWSMCPService", KeyType::Bool),
    one("aws:ViaAWSService", KeyType::Bool),
    one("aws:VpcSourceIp", KeyType::Ip),
    one("aws:VpceAccount", KeyType::Text),
    one("aws:VpceOrgID", KeyType::Text),
    many("aws:VpceOrgPaths", KeyType::Text),
    one("aws:userid", KeyType::Text),
    one("aws:username", KeyType::Text),
];

/// The global key that `key` is, whatever its case; the name after `/` may be anything.
pub fn global_key(key: &str) -> Option<&'static GlobalKey> {
    GLOBAL_KEYS.iter().find(|known| match known.name.strip_suffix('/') {
        Some(_) => starts_with(key, known.name) && key.len() > known.name.len(),
        None => known.name.eq_ignore_ascii_case(key),
    })
}

/// The key in AWS's spelling where it is a global one, and as it is elsewhere. What follows a `/` stays.
pub fn spelled(key: &str) -> String {
    match global_key(key) {
        Some(known) => format!("{}{}", known.name, &key[known.name.len()..]),
        None => key.to_owned(),
    }
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_and_spelled_whatever_their_case() {
        let cases = [
            ("AWS:sourceip", "aws:SourceIp"),
            ("aws:resourcetag/Team", "aws:ResourceTag/Team"),
            ("aws:UserId", "aws:userid"),
            ("s3:Prefix", "s3:Prefix"),
        ];
        for (key, expected) in cases {
            assert_eq!(spelled(key), expected);
        }
        for unknown in ["aws:ResourceTag", "aws:ResourceTag/", "aws:Sourceip2", "ñ", ""] {
            assert_eq!(global_key(unknown), None, "{unknown}");
        }
    }
}
