//! The condition keys that a record tells for certain. A key that might have had another value in the request is left
//! out: to the evaluator it is unknown, not absent.

use core::net::IpAddr;

use sonic_rs::JsonValueTrait;

use super::record::Raw;

/// The keys in AWS's spelling, each with its values.
pub(super) fn of(raw: &Raw<'_>, role: Option<&str>, account: Option<&str>) -> Vec<(String, Vec<String>)> {
    let mut keys = Vec::with_capacity(16);
    let mut tell = |key: &str, value: Option<&str>| {
        if let Some(value) = value {
            keys.push((key.to_owned(), vec![value.to_owned()]));
        }
    };
    tell("aws:CurrentTime", raw.time.get());
    tell("aws:RequestedRegion", raw.region.get());
    let identity = raw.identity.as_ref();
    let kind = identity.and_then(|identity| identity.kind.get());
    let direct = identity.is_none_or(|identity| identity.invoked_by.get().is_none());
    network(raw, direct, &mut tell);
    let tls = raw.tls.as_ref().and_then(|tls| tls.get("tlsVersion"));
    tell("aws:SecureTransport", tls.filter(JsonValueTrait::is_str).map(|_| "true"));
    // With a service in between it depends on whose credentials it used, which the record doesn't say.
    tell("aws:ViaAWSService", direct.then_some("false"));

    let Some(identity) = identity else { return keys };
    tell("aws:userid", identity.principal.get().filter(|_| matches!(kind, Some("AssumedRole" | "IAMUser"))));
    tell("aws:PrincipalAccount", account.filter(|_| identity.account.get().is_some()));
    match kind {
        Some("AssumedRole") => {
            tell("aws:PrincipalType", kind);
            // Without the issuer the role's path isn't known, and with it not the ARN.
            let issued = identity.session.as_ref().is_some_and(|session| session.issuer.is_some());
            tell("aws:PrincipalArn", role.filter(|_| issued));
        }
        Some("IAMUser") => {
            tell("aws:PrincipalType", Some("User"));
            tell("aws:PrincipalArn", identity.arn.get());
            tell("aws:username", identity.user_name.get());
        }
        Some("Root") => {
            tell("aws:PrincipalType", Some("Account"));
            tell("aws:PrincipalArn", identity.arn.get());
        }
        _ => {}
    }
    if let Some(session) = &identity.session {
        let attributes = session.attributes.as_ref();
        tell("aws:MultiFactorAuthPresent", attributes.and_then(|attributes| attributes.mfa.get()));
        tell("aws:TokenIssueTime", attributes.and_then(|attributes| attributes.created.get()));
        tell("aws:SourceIdentity", session.source_identity.get());
    }
    keys
}

/// Where the call came from. Through a VPC endpoint the address is the VPC's, and another key; a service in between
/// leaves its own name.
fn network(raw: &Raw<'_>, direct: bool, tell: &mut impl FnMut(&str, Option<&str>)) {
    let address = raw.source_ip.get().filter(|address| direct && address.parse::<IpAddr>().is_ok());
    match raw.vpc_endpoint.get() {
        Some(endpoint) => {
            tell("aws:SourceVpce", Some(endpoint));
            tell("aws:VpcSourceIp", address);
        }
        None => tell("aws:SourceIp", address),
    }
    // S3 writes it in brackets, services write their own names, and long ones are cut.
    let as_sent = |agent: &&str| {
        direct
            && agent.len() < 1000
            && !agent.starts_with('[')
            && !agent.ends_with(".amazonaws.com")
            && *agent != "AWS Internal"
    };
    tell("aws:UserAgent", raw.user_agent.get().filter(as_sent));
}

#[cfg(test)]
mod tests {
    use crate::iam::cloudtrail::record::parse;

    fn told(record: &str) -> String {
        let Some(raw) = parse(record).unwrap() else { panic!("{record}") };
        let keys = super::of(&raw, Some("arn:aws:iam::1:role/app/web"), Some("1"));
        keys.iter().map(|(key, values)| format!("{key}={}", values.join(","))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn only_what_is_certain_is_told() {
        let session =
            r#""sessionContext":{"sessionIssuer":{"type":"Role"},"attributes":{"mfaAuthenticated":"false"}}"#;
        let cases = [
            (
                r#"{"sourceIPAddress":"192.0.2.1","userAgent":"aws-cli/2","tlsDetails":{"tlsVersion":"TLSv1.3"}}"#.to_owned(),
                "aws:SourceIp=192.0.2.1 aws:UserAgent=aws-cli/2 aws:SecureTransport=true aws:ViaAWSService=false",
            ),
            (
                r#"{"sourceIPAddress":"10.0.0.1","vpcEndpointId":"vpce-1","userAgent":"[S3Console/0.4]"}"#.to_owned(),
                "aws:SourceVpce=vpce-1 aws:VpcSourceIp=10.0.0.1 aws:ViaAWSService=false",
            ),
            (
                r#"{"sourceIPAddress":"athena.amazonaws.com","userIdentity":{"invokedBy":"athena.amazonaws.com"}}"#.to_owned(),
                "",
            ),
            (
                format!(r#"{{"userIdentity":{{"type":"AssumedRole","principalId":"AROA:s","accountId":"1",{session}}}}}"#),
                "aws:ViaAWSService=false aws:userid=AROA:s aws:PrincipalAccount=1 aws:PrincipalType=AssumedRole \
                 aws:PrincipalArn=arn:aws:iam::1:role/app/web aws:MultiFactorAuthPresent=false",
            ),
            (
                r#"{"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/web/s"}}"#.to_owned(),
                "aws:ViaAWSService=false aws:PrincipalType=AssumedRole",
            ),
        ];
        for (record, expected) in cases {
            assert_eq!(told(&record), expected, "{record}");
        }
    }
}
