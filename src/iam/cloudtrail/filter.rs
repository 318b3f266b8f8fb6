//! Which calls are asked for.

use jiff::Timestamp;

use super::call::Call;
use crate::iam::arn::Arn;

/// All of these have to hold; what isn't given holds always.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Calls of this role only.
    pub role: Option<RoleFilter>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before, and not at.
    pub until: Option<Timestamp>,
    /// `awsRegion`
    pub region: Option<String>,
    /// The caller's account.
    pub account: Option<String>,
}

impl Filter {
    /// Whether the time is within the window.
    pub(super) fn admits_time(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }

    /// Whether the caller, its role and its account are asked for.
    pub(super) fn admits_caller(
        &self,
        caller: Option<&str>,
        role: Option<&str>,
        account: Option<&str>,
    ) -> bool {
        self.role.as_ref().is_none_or(|wanted| role.is_some_and(|role| wanted.admits(caller, role)))
            && self.account.as_deref().is_none_or(|wanted| account == Some(wanted))
    }

    /// Whether the region is asked for.
    pub(super) fn admits_region(&self, region: &str) -> bool {
        self.region.as_deref().is_none_or(|wanted| region == wanted)
    }

    /// Whether a call is asked for.
    pub fn admits(&self, call: &Call<'_>) -> bool {
        self.admits_time(call.time)
            && self.admits_region(&call.region)
            && self.admits_caller(call.caller.as_deref(), call.role.as_deref(), call.account.as_deref())
    }
}

/// A role, by its ARN, by a session's ARN, or by its bare name.
///
/// The name of a role is unique in its account whatever its path, and a record doesn't always know the path. So the
/// partition, the account and the name decide, and the path doesn't. A bare name matches in every account; a session's
/// ARN matches that session only. Names are compared without regard to case, as IAM does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleFilter {
    place: Option<(String, String)>,
    name: String,
    session: Option<String>,
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no role: expected arn:aws:iam::ACCOUNT:role/NAME, the ARN of a session of it, or NAME")]
pub struct NoRole(String);

impl RoleFilter {
    /// Reads the text.
    pub fn parse(text: &str) -> Result<Self, NoRole> {
        let refuse = || NoRole(text.to_owned());
        let plain = |name: &str| !name.is_empty() && !name.contains(['*', '?', ':', '/']);
        if !text.starts_with("arn:") {
            let filter = Self { place: None, name: text.to_owned(), session: None };
            return if plain(text) { Ok(filter) } else { Err(refuse()) };
        }
        let arn = Arn::parse(text).ok_or_else(refuse)?;
        let (name, session) = match (arn.service, arn.resource_type()) {
            ("iam", Some("role")) => (arn.resource_id().rsplit('/').next(), None),
            ("sts", Some("assumed-role")) => match arn.resource_id().split_once('/') {
                Some((name, session)) => (Some(name), Some(session.to_owned())),
                None => (Some(arn.resource_id()), None),
            },
            _ => (None, None),
        };
        let name = name.filter(|name| plain(name)).ok_or_else(refuse)?;
        let place = Some((arn.partition.to_owned(), arn.account.to_owned()));
        Ok(Self { place, name: name.to_owned(), session })
    }

    fn admits(&self, caller: Option<&str>, role: &str) -> bool {
        let Some(arn) = Arn::parse(role) else { return false };
        let name = arn.resource.rsplit('/').next().unwrap_or_default();
        let session = || caller.and_then(|caller| caller.splitn(3, '/').nth(2));
        name.eq_ignore_ascii_case(&self.name)
            && self
                .place
                .as_ref()
                .is_none_or(|(partition, account)| arn.partition == partition && arn.account == account)
            && self.session.as_deref().is_none_or(|wanted| session() == Some(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_by_any_of_its_names() {
        let role = "arn:aws:iam::111122223333:role/app/web";
        let caller = Some("arn:aws:sts::111122223333:assumed-role/web/i-1");
        for (text, expected) in [
            ("arn:aws:iam::111122223333:role/app/web", true),
            ("arn:aws:iam::111122223333:role/web", true),
            ("arn:aws:sts::111122223333:assumed-role/web/i-1", true),
            ("arn:aws:sts::111122223333:assumed-role/web", true),
            ("web", true),
            ("arn:aws:sts::111122223333:assumed-role/web/i-2", false),
            ("arn:aws:iam::444455556666:role/web", false),
            ("arn:aws-cn:iam::111122223333:role/web", false),
            ("webserver", false),
        ] {
            assert_eq!(RoleFilter::parse(text).unwrap().admits(caller, role), expected, "{text}");
        }
    }

    #[test]
    fn what_names_no_role_is_refused() {
        for text in [
            "",
            "*",
            "web*",
            "app/web",
            "arn:aws:iam::1:user/x",
            "arn:aws:iam::1:role/*",
            "arn:aws:iam::1:role/",
        ] {
            assert!(RoleFilter::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_window_holds_its_start_and_not_its_end() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let filter = Filter {
            since: Some(at("2026-01-01T00:00:00Z")),
            until: Some(at("2026-01-02T00:00:00Z")),
            ..Filter::default()
        };
        assert!(filter.admits_time(at("2026-01-01T00:00:00Z")));
        assert!(filter.admits_time(at("2026-01-01T23:59:59Z")));
        assert!(!filter.admits_time(at("2026-01-02T00:00:00Z")));
        assert!(!filter.admits_time(at("2025-12-31T23:59:59Z")));
    }
}
