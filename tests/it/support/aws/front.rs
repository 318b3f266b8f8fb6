//! The front itself: one server on loopback that all of AWS's clients talk to. It runs on a thread of its own, so that a
//! test may block or stop its clock.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::moto::Moto;
use super::passage::{Aws, Cut};
use super::sts;
use crate::support::emulator::{emulator, sdk};

/// The front; it ends when it is dropped, and then has had to know every operation that it was asked for.
#[derive(Debug)]
pub struct Front {
    /// Where every service is.
    pub url: String,
    pub aws: Arc<Aws>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Front {
    /// Starts one, before the emulator that tests share.
    pub fn start() -> Self {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let url = format!("http://{}", listener.local_addr().unwrap());
                let aws = Arc::new(Aws::before(Moto::at(&emulator().url).await));
                tell.send((url, Arc::clone(&aws))).unwrap();
                tokio::select! {
                    () = serve(listener, aws) => {}
                    _ = stopped => {}
                }
            });
        });
        let (url, aws) = told.recv().unwrap();
        Self { url, aws, stop: Some(stop), thread: Some(thread) }
    }

    /// What a caller's clients are made from.
    pub async fn sdk(&self, credentials: Credentials, region: &str) -> SdkConfig {
        sdk(&self.url)
            .await
            .into_builder()
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build()
    }

    /// The same for an account's operator.
    pub async fn operator(&self, account: &str, region: &str) -> SdkConfig {
        self.sdk(self.aws.callers.root(account), region).await
    }

    /// What a process has in its environment to be a caller here.
    pub fn environment(&self, credentials: &Credentials, region: &str) -> Vec<(&'static str, String)> {
        let token = credentials.session_token().unwrap_or_default();
        vec![
            ("AWS_ENDPOINT_URL", self.url.clone()),
            ("AWS_REGION", region.to_owned()),
            ("AWS_DEFAULT_REGION", region.to_owned()),
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key().to_owned()),
            ("AWS_SESSION_TOKEN", token.to_owned()),
        ]
    }

    /// A session of a role that trusts an AWS service, as the service gets it: ECS for its tasks.
    pub async fn as_service(&self, service: &str, account: &str, role: &str) -> Result<Credentials, String> {
        sts::as_service(&self.aws, service, account, role).await
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(std::thread::JoinHandle::join);
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "the front panicked");
            assert!(!self.aws.broken.load(Ordering::Relaxed), "the front panicked over a request");
            let unmapped = self.aws.journal.unmapped();
            assert!(unmapped.is_empty(), "the front has no mapping for {unmapped:?}");
        }
    }
}

async fn serve(listener: TcpListener, aws: Arc<Aws>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let aws = Arc::clone(&aws);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let aws = Arc::clone(&aws);
                async move { finish(aws, request).await }
            });
            // A client that goes away, or that is cut off, is no failure of the front.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Answers a request. What was begun is finished, whether or not the client waits for it.
async fn finish(aws: Arc<Aws>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Cut> {
    let work = tokio::spawn(Arc::clone(&aws).respond(request));
    work.await.unwrap_or_else(|_| {
        aws.broken.store(true, Ordering::Relaxed);
        Err(Cut)
    })
}
