//! What lies behind the front: moto, asked in the name of an account by a header of its own.

use std::collections::BTreeMap;

use alpha::iam::document::Document;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::SdkConfig;
use axum::http::Request;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::grants::Grants;
use super::wire::{Answer, Asked};
use crate::support::emulator::sdk;

/// By which moto is told whose account is meant.
const ACCOUNT: &str = "x-moto-account-id";

#[derive(Debug)]
pub struct Moto {
    url: String,
    sdk: SdkConfig,
    http: Client<HttpConnector, Full<Bytes>>,
}

/// A role, as it is asked about.
#[derive(Debug, Clone, Default)]
pub struct Role {
    pub arn: String,
    pub id: String,
    pub trust: Option<Document>,
    pub boundary: Option<String>,
    pub tags: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Account(String);

#[dyn_dispatch_hint]
impl Intercept for Account {
    fn name(&self) -> &'static str {
        "Account"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().headers_mut().insert(ACCOUNT, self.0.clone());
        Ok(())
    }
}

impl Moto {
    pub async fn at(url: &str) -> Self {
        let http = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        Self { url: url.to_owned(), sdk: sdk(url).await, http }
    }

    /// Passes a request on, as it is.
    pub async fn pass_on(&self, account: &str, asked: &Asked) -> Answer {
        let question = if asked.query.is_empty() { "" } else { "?" };
        let uri = format!("{}{}{question}{}", self.url, asked.path, asked.query);
        let mut request = Request::builder()
            .method(asked.method.clone())
            .uri(uri)
            .body(Full::new(asked.body.clone()))
            .unwrap();
        *request.headers_mut() = asked.headers.clone();
        request.headers_mut().insert(ACCOUNT, account.parse().unwrap());
        let answer = self.http.request(request).await.unwrap();
        let status = answer.status().as_u16();
        let keep = |name: &str| !["transfer-encoding", "connection", "content-length"].contains(&name);
        let headers = answer.headers().iter().filter(|(name, _)| keep(name.as_str()));
        let headers = headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let headers = headers.collect();
        Answer { status, headers, body: answer.into_body().collect().await.unwrap().to_bytes() }
    }

    pub fn iam(&self, account: &str) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::config::Builder::from(&self.sdk).interceptor(Account(account.to_owned()));
        aws_sdk_iam::Client::from_conf(config.build())
    }

    pub fn secrets(&self, account: &str, region: &str) -> aws_sdk_secretsmanager::Client {
        let config = aws_sdk_secretsmanager::config::Builder::from(&self.sdk)
            .region(aws_types::region::Region::new(region.to_owned()))
            .interceptor(Account(account.to_owned()));
        aws_sdk_secretsmanager::Client::from_conf(config.build())
    }

    /// Makes many roles at once, by a way of the emulator's own.
    pub async fn crowd(&self, account: &str, count: usize) {
        let uri = format!("{}/crowd?account={account}&count={count}", self.url);
        let answer = self.http.request(Request::post(uri).body(Full::default()).unwrap()).await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// The bucket of a trail, and what comes before `AWSLogs/` in its keys.
    pub async fn trail(&self, account: &str, region: &str, arn: &str) -> Option<(String, String)> {
        let config = aws_sdk_cloudtrail::config::Builder::from(&self.sdk)
            .region(aws_types::region::Region::new(region.to_owned()))
            .interceptor(Account(account.to_owned()));
        let client = aws_sdk_cloudtrail::Client::from_conf(config.build());
        let found = client.get_trail().name(arn).send().await.ok()?.trail?;
        let prefix = found.s3_key_prefix.filter(|prefix| !prefix.is_empty());
        Some((found.s3_bucket_name?, prefix.map_or(String::new(), |prefix| format!("{prefix}/"))))
    }

    /// A role, where there is one.
    pub async fn role(&self, account: &str, name: &str) -> Option<Role> {
        let found = self.iam(account).get_role().role_name(name).send().await.ok()?;
        let role = found.role?;
        Some(Role {
            arn: role.arn,
            id: role.role_id,
            trust: role.assume_role_policy_document.map(|text| document(&text)),
            boundary: role.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn),
            tags: role.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect(),
        })
    }

    /// All that is granted to a role, and what limits it; none where there is no such role.
    pub async fn grants(&self, account: &str, name: &str) -> Option<Grants> {
        let iam = self.iam(account);
        let role = self.role(account, name).await?;
        let mut identity = Vec::new();
        let attached = iam.list_attached_role_policies().role_name(name).into_paginator().items().send();
        for policy in attached.collect::<Result<Vec<_>, _>>().await.unwrap() {
            identity.push(managed(&iam, &policy.policy_arn.unwrap()).await);
        }
        let inline = iam.list_role_policies().role_name(name).into_paginator().items().send();
        for policy in inline.collect::<Result<Vec<_>, _>>().await.unwrap() {
            let found = iam.get_role_policy().role_name(name).policy_name(policy).send().await.unwrap();
            identity.push(document(&found.policy_document));
        }
        let boundary = match &role.boundary {
            Some(arn) => Some(managed(&iam, arn).await),
            None => None,
        };
        Some(Grants { identity, boundary, tags: role.tags })
    }
}

async fn managed(iam: &aws_sdk_iam::Client, arn: &str) -> Document {
    let policy = iam.get_policy().policy_arn(arn).send().await.unwrap().policy.unwrap();
    let version = policy.default_version_id.unwrap();
    let found = iam.get_policy_version().policy_arn(arn).version_id(version).send().await.unwrap();
    document(&found.policy_version.unwrap().document.unwrap())
}

/// A document as IAM's API returns it.
fn document(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}
