//! Limits on a policy's size.

use super::finding::{Location, Report};
use super::issue::Issue;
use super::{Kind, PolicyType};

/// IAM's limit for a managed policy, in characters without white space.
const IDENTITY: usize = 6_144;
/// The default limit for a role's trust policy.
const TRUST: usize = 2_048;
/// The limit for service and resource control policies.
const ORGANISATION: usize = 5_120;
/// The limits of services that document one for their resource policies.
const RESOURCES: &[(&str, usize)] =
    &[("AWS::S3::Bucket", 20_480), ("AWS::KMS::Key", 32_768), ("AWS::SecretsManager::Secret", 20_480)];

pub(super) fn check(bytes: &[u8], kind: &Kind, report: &mut Report) {
    let text = String::from_utf8_lossy(bytes);
    let size = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}').count();
    let resource = kind.resource.as_deref().unwrap_or_default();
    let (issue, limit) = match kind.policy {
        PolicyType::Identity => (Issue::PolicySizeExceedsIdentityPolicyQuota, IDENTITY),
        PolicyType::Scp => (Issue::PolicySizeExceedsScpQuota, ORGANISATION),
        PolicyType::Rcp => (Issue::PolicySizeExceedsRcpQuota, ORGANISATION),
        PolicyType::Resource if kind.is_trust() => (Issue::PolicySizeExceedsRoleTrustPolicyQuota, TRUST),
        PolicyType::Resource => match RESOURCES.iter().find(|(name, _)| *name == resource) {
            Some((_, limit)) => (Issue::PolicySizeExceedsResourcePolicyQuota, *limit),
            None => return,
        },
    };
    if size > limit {
        report.add(
            issue,
            &Location::default(),
            format!(
                "The policy has {size} characters without white space, and {limit} are allowed. Split it."
            ),
        );
    }
}
