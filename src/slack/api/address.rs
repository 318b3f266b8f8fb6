//! Where the Web API is, and which other addresses may be written to.
//!
//! Whoever can choose an address that the server writes to can reach into its network; so plain HTTP is for loopback
//! alone, and an address that came in a request is followed only to where Slack's answers go.

use url::{Host, Url};

/// The base of the Web API, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(Url);

/// Why an address is no base for the Web API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoApiUrl {
    /// It is no address.
    #[error("it is no URL ({0}); expected something like https://slack.com/api")]
    Unreadable(url::ParseError),
    /// It is neither kind of HTTP.
    #[error("{0} can't be spoken to; expected https, or http on loopback")]
    Scheme(String),
    /// It is plain HTTP to another machine, which would show the token to everybody between.
    #[error("plain http is for loopback alone, and {0} isn't; use https")]
    Plain(String),
    /// It holds what would be lost or shown.
    #[error("it must hold no user, password, query or fragment")]
    Extra,
}

impl ApiUrl {
    /// Slack's own.
    pub const SLACK: &'static str = "https://slack.com/api";

    /// From its text.
    pub fn parse(text: &str) -> Result<Self, NoApiUrl> {
        let url = Url::parse(text.trim()).map_err(NoApiUrl::Unreadable)?;
        let bare = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        match url.scheme() {
            "https" | "http" if !bare => Err(NoApiUrl::Extra),
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => Err(NoApiUrl::Plain(url.host_str().unwrap_or_default().to_owned())),
            other => Err(NoApiUrl::Scheme(other.to_owned())),
        }
    }

    /// As the client wants it.
    pub fn base(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Whether it is plain HTTP, on loopback then.
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// The address, if an answer may be written to it: Slack's host for such answers, or where the Web API itself is.
    pub fn answer(&self, text: &str) -> Option<Url> {
        self.allowed(text, |host| host == "hooks.slack.com")
    }

    /// The address, if a file may be sent to it: a host of Slack's, or where the Web API itself is.
    pub fn upload(&self, text: &str) -> Option<Url> {
        self.allowed(text, |host| host == "slack.com" || host.ends_with(".slack.com"))
    }

    fn allowed(&self, text: &str, of_slack: impl Fn(&str) -> bool) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let bare = url.username().is_empty() && url.password().is_none();
        let slack = url.scheme() == "https"
            && url.port_or_known_default() == Some(443)
            && url.host_str().is_some_and(of_slack);
        (bare && (slack || url.origin() == self.0.origin())).then_some(url)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_https_or_on_loopback() {
        for (text, base) in [
            ("https://slack.com/api", "https://slack.com/api"),
            ("https://slack.com/api/", "https://slack.com/api"),
            ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/api"),
            ("http://localhost:1", "http://localhost:1"),
            ("http://[::1]:1/api", "http://[::1]:1/api"),
        ] {
            assert_eq!(ApiUrl::parse(text).unwrap().base(), base, "{text}");
        }
        for text in [
            "slack.com/api",
            "ftp://slack.com",
            "http://slack.com/api",
            "http://localhost.example.com/api",
            "http://10.0.0.1/api",
            "https://user:secret@slack.com/api",
            "https://slack.com/api?token=secret",
            "",
        ] {
            let refused = ApiUrl::parse(text).unwrap_err().to_string();
            assert!(!refused.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn answers_go_to_slack_or_to_where_the_web_api_is() {
        let slack = ApiUrl::parse(ApiUrl::SLACK).unwrap();
        let local = ApiUrl::parse("http://127.0.0.1:8080/api").unwrap();
        for (base, text, goes) in [
            (&slack, "https://hooks.slack.com/commands/T1/2/x", true),
            (&slack, "https://hooks.slack.com:443/commands", true),
            (&slack, "https://slack.com/api/x", true),
            (&slack, "http://hooks.slack.com/commands", false),
            (&slack, "https://hooks.slack.com:8443/commands", false),
            (&slack, "https://hooks.slack.com.example.org/", false),
            (&slack, "https://example.org/hooks.slack.com", false),
            (&slack, "https://hooks.slack.com@example.org/", false),
            (&slack, "https://user@hooks.slack.com/", false),
            (&slack, "http://169.254.169.254/latest", false),
            (&slack, "http://127.0.0.1:8080/response/1", false),
            (&slack, "nonsense", false),
            (&local, "http://127.0.0.1:8080/response/1", true),
            (&local, "http://127.0.0.1:9090/response/1", false),
            (&local, "https://hooks.slack.com/commands", true),
        ] {
            assert_eq!(base.answer(text).is_some(), goes, "{text}");
        }
    }

    #[test]
    fn files_go_to_slack_or_to_where_the_web_api_is() {
        let slack = ApiUrl::parse(ApiUrl::SLACK).unwrap();
        for (text, goes) in [
            ("https://files.slack.com/upload/v1/x", true),
            ("https://evilslack.com/upload", false),
            ("http://files.slack.com/upload", false),
        ] {
            assert_eq!(slack.upload(text).is_some(), goes, "{text}");
        }
    }
}
