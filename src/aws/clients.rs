//! How a client of AWS is made: one HTTP client, one way to retry, credentials as AWS's other tools find them.

use std::time::Duration;

use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

/// How long one try may take, and how long it may take to connect.
const ATTEMPT: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(4);

/// How patient the clients are.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often a call is tried, where it is known or likely to be harmless to try it again.
    pub attempts: u32,
    /// The longest pause between two tries.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempts: 5, pause: Duration::from_secs(5) }
    }
}

/// What every client is made from: Region, credentials and endpoints as the environment and AWS's files say.
pub async fn load(region: Option<String>, patience: Patience) -> SdkConfig {
    let retry = RetryConfig::standard().with_max_attempts(patience.attempts).with_max_backoff(patience.pause);
    let timeout =
        TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
    let mut loader = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(http())
        .retry_config(retry)
        .timeout_config(timeout);
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    loader.load().await
}

/// TLS by a library that is named: with the process-wide default, two libraries that each bring their own panic.
fn http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https()
}
