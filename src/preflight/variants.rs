//! What is said of a template's parameters to see all that it can make: everything switched on, nothing but the
//! defaults, and each thing switched off alone. The values are such that no two things look alike.

/// Everything switched on.
const EVERYTHING: &[(&str, &str)] = &[
    ("WritableRoles", "arn:aws:iam::111122223333:role/app/*,arn:aws:iam::111122223333:role/batch/*"),
    ("RoleTag", "narrow"),
    ("ProtectedRoles", "arn:aws:iam::111122223333:role/app/pay,arn:aws:iam::*:role/batch/admin-*"),
    ("RestorablePolicies", "arn:aws:iam::111122223333:policy/app/*,arn:aws:iam::aws:policy/*"),
    ("RestorableBoundaries", "arn:aws:iam::111122223333:policy/limits/*"),
    ("TrailBucket", "trail-bucket"),
    ("TrailPrefix", "org/"),
    ("TrailKeyArn", "arn:aws:kms:eu-west-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef"),
    ("TrailLogGroup", "trail-log"),
    ("GuardrailArn", "arn:aws:bedrock:eu-west-1:111122223333:guardrail/abcdef123456"),
    (
        "MemberRoles",
        "arn:aws:iam::444455556666:role/alpha-service/member,arn:aws:iam::777788889999:role/alpha-service/member",
    ),
    ("Operators", "arn:aws:iam::111122223333:user/operator,arn:aws:iam::111122223333:role/operator"),
    ("WithService", "true"),
    ("ImageTag", "1"),
];

/// What has no default.
const REQUIRED: &[(&str, &str)] = &[
    ("BotRoleArn", "arn:aws:iam::111122223333:role/alpha-service/alpha-BotRole-0123456789AB"),
    ("ExternalId", "0123456789abcdef"),
];

/// What can be switched off, and how.
const SWITCHES: &[(&str, &str)] = &[
    ("RoleTag", ""),
    ("TrailBucket", ""),
    ("TrailPrefix", ""),
    ("TrailKeyArn", ""),
    ("TrailLogGroup", ""),
    ("GuardrailArn", ""),
    ("MemberRoles", ""),
    ("Operators", ""),
    ("WithService", "false"),
];

/// What is said once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// Everything.
    Everything,
    /// Nothing but what has to be.
    Defaults,
    /// Everything but one.
    Without(usize),
}

impl Variant {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Everything, Self::Defaults].into_iter().chain((0..SWITCHES.len()).map(Self::Without))
    }

    /// What it says of a parameter; nothing where the default is to count.
    pub fn said(self, name: &str) -> Option<&'static str> {
        let among =
            |list: &'static [(&str, &str)]| list.iter().find(|(known, _)| *known == name).map(|(_, it)| *it);
        match self {
            Self::Without(at) if SWITCHES[at].0 == name => Some(SWITCHES[at].1),
            Self::Everything | Self::Without(_) => among(REQUIRED).or_else(|| among(EVERYTHING)),
            Self::Defaults => among(REQUIRED),
        }
    }
}
