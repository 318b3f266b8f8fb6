//! Amazon Resource Names, split where IAM splits them.

/// The six components of an ARN, borrowed. The resource keeps its own colons and slashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    pub partition: &'a str,
    /// The service's prefix, such as `s3`.
    pub service: &'a str,
    /// Empty for global resources.
    pub region: &'a str,
    /// Twelve digits, `aws`, or empty where the service leaves it out.
    pub account: &'a str,
    /// All that follows the fifth colon.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits `text`, or answers `None` where it has fewer than six components or doesn't begin with `arn:`.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        Some(Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }

    /// The resource up to its first `/` or `:`, such as `role` of `role/app/web`.
    pub fn resource_type(&self) -> Option<&'a str> {
        self.resource.find(['/', ':']).map(|end| &self.resource[..end])
    }

    /// The resource after its first `/` or `:`, or the whole of it.
    pub fn resource_id(&self) -> &'a str {
        self.resource.find(['/', ':']).map_or(self.resource, |end| &self.resource[end + 1..])
    }
}

impl std::fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_keeps_its_own_colons() {
        let arn = Arn::parse("arn:aws:logs:eu-west-1:111122223333:log-group:app:log-stream:1").unwrap();
        assert_eq!(arn.resource, "log-group:app:log-stream:1");
        assert_eq!(arn.resource_type(), Some("log-group"));
        assert_eq!(arn.resource_id(), "app:log-stream:1");
    }

    #[test]
    fn too_few_components_are_no_arn() {
        for text in ["", "*", "arn", "arn:aws:s3:::", "arn:aws:s3::", "urn:aws:s3:::bucket"] {
            assert_eq!(Arn::parse(text).is_some(), text == "arn:aws:s3:::", "{text}");
        }
    }

    #[test]
    fn an_arn_prints_as_it_was_read() {
        let text = "arn:aws:iam::111122223333:role/app/web";
        assert_eq!(Arn::parse(text).unwrap().to_string(), text);
    }
}
