//! Who called: the caller's own ARN, the role behind a session, and the account.

use std::borrow::Cow;

use super::record::{Identity, Raw};
use crate::iam::arn::Arn;

/// Who stands behind a record.
pub(super) struct Caller<'r> {
    /// The caller's own ARN, or a service's name.
    pub(super) arn: Option<Cow<'r, str>>,
    /// The role behind the session.
    pub(super) role: Option<Cow<'r, str>>,
    /// The caller's account, or the recipient's.
    pub(super) account: Option<Cow<'r, str>>,
}

pub(super) fn of<'r>(raw: &Raw<'r>) -> Caller<'r> {
    let identity = raw.identity.as_ref();
    let own = identity.and_then(|identity| identity.arn.cow());
    let service = || {
        identity
            .filter(|identity| identity.kind.get() == Some("AWSService"))
            .and_then(|identity| identity.invoked_by.cow())
    };
    Caller { role: identity.and_then(role), account: account(raw), arn: own.or_else(service) }
}

/// The caller's account, or the recipient's where the caller has none.
fn account<'r>(raw: &Raw<'r>) -> Option<Cow<'r, str>> {
    let own = raw.identity.as_ref().and_then(|identity| {
        let of_arn = || {
            let arn = identity.arn.get().and_then(Arn::parse)?;
            (!arn.account.is_empty()).then(|| arn.account.to_owned().into())
        };
        identity.account.cow().or_else(of_arn)
    });
    own.or_else(|| raw.recipient.cow())
}

/// The role behind a session. The issuer knows the role's path; the session's ARN doesn't. A call that a service makes
/// on the role's behalf (`invokedBy`) is the role's own: its permissions decide.
fn role<'r>(identity: &Identity<'r>) -> Option<Cow<'r, str>> {
    let issuer = identity.session.as_ref().and_then(|session| session.issuer.as_ref());
    let known = issuer.filter(|issuer| issuer.kind.get() == Some("Role")).and_then(|issuer| issuer.arn.cow());
    if known.is_some() {
        return known;
    }
    let arn = Arn::parse(identity.arn.get()?)?;
    match (arn.service, arn.resource_type()) {
        ("sts", Some("assumed-role")) => {
            let name = arn.resource_id().split('/').next()?;
            Some(format!("arn:{}:iam::{}:role/{name}", arn.partition, arn.account).into())
        }
        ("iam", Some("role")) => identity.arn.cow(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::cloudtrail::record::parse;

    fn caller(identity: &str) -> Caller<'static> {
        let record = format!(r#"{{"userIdentity":{identity},"recipientAccountId":"999988887777"}}"#);
        match parse(Box::leak(record.clone().into_boxed_str())).unwrap() {
            Some(raw) => of(&raw),
            None => panic!("{record}"),
        }
    }

    #[test]
    fn a_session_is_traced_to_its_role_with_the_path_where_the_record_knows_it() {
        let session = r#""arn":"arn:aws:sts::111122223333:assumed-role/web/i-1","accountId":"111122223333""#;
        let issuer = r#""sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/app/web"}}"#;
        let cases = [
            (format!(r#"{{"type":"AssumedRole",{session},{issuer}}}"#), Some("arn:aws:iam::111122223333:role/app/web")),
            (format!(r#"{{"type":"AssumedRole",{session}}}"#), Some("arn:aws:iam::111122223333:role/web")),
            (
                format!(r#"{{"type":"AssumedRole",{session},{issuer},"invokedBy":"cloudformation.amazonaws.com"}}"#),
                Some("arn:aws:iam::111122223333:role/app/web"),
            ),
            (r#"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ana","userName":"ana"}"#.into(), None),
            (r#"{"type":"Root","arn":"arn:aws:iam::111122223333:root"}"#.into(), None),
            (
                r#"{"type":"FederatedUser","arn":"arn:aws:sts::1:federated-user/x","sessionContext":{"sessionIssuer":{"type":"IAMUser","arn":"arn:aws:iam::1:user/x"}}}"#
                    .into(),
                None,
            ),
            (r#"{"type":"AWSAccount","principalId":"AIDAX","accountId":"111122223333"}"#.into(), None),
            (r#"{"type":"IdentityCenterUser","accountId":"111122223333","onBehalfOf":{"userId":"1"}}"#.into(), None),
            (r#"{"type":"SAMLUser","principalId":"x","userName":"x"}"#.into(), None),
            ("null".into(), None),
        ];
        for (identity, role) in cases {
            assert_eq!(caller(&identity).role.as_deref(), role, "{identity}");
        }
    }

    #[test]
    fn a_caller_without_an_account_is_given_the_recipients() {
        let service = caller(r#"{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}"#);
        assert_eq!(service.arn.as_deref(), Some("ec2.amazonaws.com"));
        assert_eq!(service.account.as_deref(), Some("999988887777"));
        let user = caller(r#"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ana"}"#);
        assert_eq!(user.account.as_deref(), Some("111122223333"));
    }
}
