//! How much of anybody's time and room a stranger may take.

use std::time::Duration;

/// What a connection may take before it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a request's headers may take, and how long a connection may idle between requests.
    pub headers_within: Duration,
    /// How long a body may take.
    pub body_within: Duration,
    /// How long it may take to store what was received, once it is there. Slack waits three seconds in all, and says
    /// after that that nothing answered.
    pub stored_within: Duration,
    /// How long what is being answered may still take once we are to stop.
    pub grace: Duration,
    /// How many headers a request may have.
    pub headers: usize,
    /// How many bytes they may have together.
    pub header_bytes: usize,
    /// How many connections there may be at a time; more wait.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            headers_within: Duration::from_secs(10),
            body_within: Duration::from_secs(10),
            stored_within: Duration::from_secs(2),
            grace: Duration::from_secs(10),
            headers: 64,
            header_bytes: 16 * 1024,
            connections: 1024,
        }
    }
}
