//! Who calls, and how a policy's `Principal` element names them.
//!
//! How a caller is named decides what else has to agree: a user or a session named directly needs nothing more in its
//! own account, a role is limited by boundary and session policies, an account only delegates.

use super::request::Context;
use super::truth::Truth;
use crate::iam::arn::Arn;
use crate::iam::document::{Principal, Principals};

/// The caller of a request, borrowed from its principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller<'r> {
    User {
        account: &'r str,
        arn: &'r str,
    },
    Role {
        account: &'r str,
        arn: &'r str,
    },
    Session {
        account: &'r str,
        role: &'r str,
        arn: &'r str,
    },
    FederatedUser {
        account: &'r str,
        arn: &'r str,
    },
    Root {
        account: &'r str,
    },
    /// A service, an identity provider, a canonical user: it has no identity policies, only resources grant to it.
    Outsider(&'r str),
    Anonymous,
}

impl<'r> Caller<'r> {
    pub(super) fn of(principal: &'r str) -> Self {
        if principal.eq_ignore_ascii_case("anonymous") {
            return Self::Anonymous;
        }
        if is_account(principal) {
            return Self::Root { account: principal };
        }
        let Some(arn) = Arn::parse(principal).filter(|arn| is_account(arn.account)) else {
            return Self::Outsider(principal);
        };
        let (account, rest) = (arn.account, arn.resource_id());
        match (arn.service, arn.resource_type()) {
            ("iam", None) if arn.resource == "root" => Self::Root { account },
            ("iam", Some("user")) => Self::User { account, arn: principal },
            ("iam", Some("role")) => Self::Role { account, arn: principal },
            ("sts", Some("assumed-role")) => {
                let role = rest.split_once('/').map_or(rest, |(role, _)| role);
                Self::Session { account, role, arn: principal }
            }
            ("sts", Some("federated-user")) => Self::FederatedUser { account, arn: principal },
            _ => Self::Outsider(principal),
        }
    }

    /// The account whose identity the caller is.
    pub(super) fn account(&self) -> Option<&'r str> {
        match self {
            Self::User { account, .. }
            | Self::Role { account, .. }
            | Self::Session { account, .. }
            | Self::FederatedUser { account, .. }
            | Self::Root { account } => Some(account),
            Self::Outsider(_) | Self::Anonymous => None,
        }
    }

    /// Whether it is a service-linked role, which organisations' policies don't restrict. Sessions don't tell the
    /// role's path; the names of these roles are reserved.
    pub(super) fn is_service_linked(&self) -> bool {
        match self {
            Self::Role { arn, .. } => arn.contains(":role/aws-service-role/"),
            Self::Session { role, .. } => role.starts_with("AWSServiceRoleFor"),
            _ => false,
        }
    }
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// How a statement names the caller, each way with its truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Naming {
    /// As everybody, or as the very user, session or service.
    pub(super) direct: Truth,
    /// As the role behind a session.
    pub(super) role: Truth,
    /// As somebody of an account, which leaves the choice to that account.
    pub(super) account: Truth,
}

impl Naming {
    pub(super) const NOBODY: Self = Self { direct: Truth::No, role: Truth::No, account: Truth::No };
    pub(super) const EVERYBODY: Self = Self { direct: Truth::Yes, ..Self::NOBODY };

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            direct: self.direct.or(other.direct),
            role: self.role.or(other.role),
            account: self.account.or(other.account),
        }
    }

    /// The same, where something else has to hold too.
    pub(super) fn given(self, truth: Truth) -> Self {
        Self { direct: self.direct.and(truth), role: self.role.and(truth), account: self.account.and(truth) }
    }

    /// In any way.
    pub(super) fn any(self) -> Truth {
        self.direct.or(self.role).or(self.account)
    }
}

/// A compiled `Principal` or `NotPrincipal`.
#[derive(Debug)]
pub(super) struct Whom {
    negated: bool,
    members: Box<[Member]>,
}

#[derive(Debug)]
enum Member {
    Everyone,
    Account(Box<str>),
    Role {
        arn: Box<str>,
        account: Box<str>,
        name: Box<str>,
    },
    /// A user, a session, a service, a provider: the text says it all.
    Exactly(Box<str>),
    /// `AIDA...` or `AROA...`, as IAM shows a principal that has been deleted.
    Id(Box<str>),
}

impl Whom {
    pub(super) fn compile(principals: &Principals) -> Self {
        Self { negated: principals.negated, members: principals.members.iter().map(Member::of).collect() }
    }

    pub(super) fn is_negated(&self) -> bool {
        self.negated
    }

    pub(super) fn naming(&self, caller: &Caller<'_>, context: &Context) -> Naming {
        let mut naming = Naming::NOBODY;
        for member in &self.members {
            naming = naming.or(member.naming(caller, context));
            if naming.direct == Truth::Yes {
                break;
            }
        }
        if self.negated { Naming { direct: !naming.any(), ..Naming::NOBODY } } else { naming }
    }
}

impl Member {
    fn of(principal: &Principal) -> Self {
        match principal {
            Principal::Everyone => Self::Everyone,
            Principal::Aws(text) if text == "*" => Self::Everyone,
            Principal::Aws(text) if is_account(text) => Self::Account(text.as_str().into()),
            Principal::Aws(text) => match Arn::parse(text) {
                Some(arn) if arn.service == "iam" && arn.resource == "root" => {
                    Self::Account(arn.account.into())
                }
                Some(arn) if arn.service == "iam" && arn.resource_type() == Some("role") => Self::Role {
                    arn: text.as_str().into(),
                    account: arn.account.into(),
                    name: arn.resource.rsplit('/').next().unwrap_or_default().into(),
                },
                Some(_) => Self::Exactly(text.as_str().into()),
                None => Self::Id(text.as_str().into()),
            },
            Principal::Service(text) | Principal::Federated(text) | Principal::CanonicalUser(text) => {
                Self::Exactly(text.as_str().into())
            }
        }
    }

    fn naming(&self, caller: &Caller<'_>, context: &Context) -> Naming {
        let nobody = Naming::NOBODY;
        match self {
            Self::Everyone => Naming::EVERYBODY,
            Self::Account(own) => Naming { account: (caller.account() == Some(own)).into(), ..nobody },
            Self::Role { arn: own, account: home, name } => {
                let same = match caller {
                    Caller::Role { arn, .. } => *arn == &**own,
                    // A session's ARN doesn't have the role's path, and names of roles are unique in an account.
                    Caller::Session { account, role, .. } => *account == &**home && *role == &**name,
                    _ => false,
                };
                Naming { role: same.into(), ..nobody }
            }
            Self::Exactly(own) => {
                let same = match caller {
                    Caller::User { arn, .. }
                    | Caller::Session { arn, .. }
                    | Caller::FederatedUser { arn, .. } => *arn == &**own,
                    Caller::Outsider(name) => *name == &**own,
                    Caller::Role { .. } | Caller::Root { .. } | Caller::Anonymous => false,
                };
                Naming { direct: same.into(), ..nobody }
            }
            Self::Id(own) => by_id(own, caller, context),
        }
    }
}

/// Unique ids are compared with `aws:userid`, the only place where a request tells its caller's.
fn by_id(own: &str, caller: &Caller<'_>, context: &Context) -> Naming {
    if caller.account().is_none() {
        return Naming::NOBODY;
    }
    let same = match context.get("aws:userid") {
        Some([id]) => (id == own || id.split_once(':').is_some_and(|(role, _)| role == own)).into(),
        None if context.is_open() => Truth::Unknown,
        _ => Truth::No,
    };
    match caller {
        Caller::Role { .. } | Caller::Session { .. } => Naming { role: same, ..Naming::NOBODY },
        _ => Naming { direct: same, ..Naming::NOBODY },
    }
}
