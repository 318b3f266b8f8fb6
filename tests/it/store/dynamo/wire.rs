//! The wire between the real client and the emulator, which counts what goes over it, loses answers, and answers itself.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It goes its way.
    Passes,
    /// It is acted on, and nobody hears of it.
    LosesItsAnswer,
    /// It gets this answer, and never arrives.
    Gets(u16, String),
}

impl Fate {
    /// An error, by its name.
    pub fn error(code: &str, message: &str) -> Self {
        let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
        Self::Gets(400, serde_json::json!({ "__type": kind, "message": message }).to_string())
    }

    /// A transaction of so many writes that is called off, as the first says.
    pub fn called_off(code: &str, writes: usize) -> Self {
        let reason = |at| serde_json::json!({ "Code": if at == 0 { code } else { "None" } });
        let reasons: Vec<_> = (0..writes).map(reason).collect();
        let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        let body =
            serde_json::json!({ "__type": kind, "message": "called off", "CancellationReasons": reasons });
        Self::Gets(400, body.to_string())
    }
}

type Fates = Box<dyn FnMut(usize, &str) -> Fate + Send>;

/// A wire.
#[derive(Clone)]
pub struct Wire {
    inner: SharedHttpClient,
    state: Arc<Mutex<State>>,
}

struct State {
    calls: Vec<String>,
    fates: Fates,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    /// A wire to where clients of `sdk` go, each of whose requests is tried so often.
    pub fn of(sdk: &SdkConfig, attempts: u32) -> (Self, SdkConfig) {
        let state = State { calls: Vec::new(), fates: Box::new(|_, _| Fate::Passes) };
        let wire = Self { inner: sdk.http_client().unwrap(), state: Arc::new(Mutex::new(state)) };
        // The pauses of the retries are the client's own affair, and not what is tested.
        let retry = RetryConfig::standard()
            .with_max_attempts(attempts)
            .with_initial_backoff(std::time::Duration::from_millis(1));
        let sdk = sdk.to_builder().http_client(wire.clone()).retry_config(retry).build();
        (wire, sdk)
    }

    /// From now on each request has the fate that its number, from zero, and its operation give it.
    pub fn order(&self, fates: impl FnMut(usize, &str) -> Fate + Send + 'static) {
        let mut state = self.state.lock().unwrap();
        state.calls.clear();
        state.fates = Box::new(fates);
    }

    /// The operations that were asked for since then.
    pub fn calls(&self) -> Vec<String> {
        self.state.lock().unwrap().calls.clone()
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Tapped { inner, state: Arc::clone(&self.state) })
    }
}

struct Tapped {
    inner: SharedHttpConnector,
    state: Arc<Mutex<State>>,
}

impl std::fmt::Debug for Tapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tapped")
    }
}

impl HttpConnector for Tapped {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let fate = {
            let mut state = self.state.lock().unwrap();
            state.calls.push(operation.clone());
            let number = state.calls.len() - 1;
            (state.fates)(number, &operation)
        };
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            match fate {
                Fate::Passes => inner.call(request).await,
                Fate::LosesItsAnswer => {
                    inner.call(request).await?;
                    Err(ConnectorError::io("the answer is lost".into()))
                }
                Fate::Gets(status, body) => {
                    let mut answer =
                        HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
                    answer.headers_mut().insert("content-type", "application/x-amz-json-1.0");
                    Ok(answer)
                }
            }
        })
    }
}
