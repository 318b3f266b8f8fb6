//! The bucket in which a trail keeps its log files, asked in the Region where it lies: that isn't configured, and S3 says
//! it to whoever asks elsewhere.

use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2FluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_types::SdkConfig;
use aws_types::region::Region;

use super::calls::{Call, Need, On, OnlyKnown};
use super::fault::Fault;
use crate::domain::accounts::Trail;
use crate::domain::ids::AccountId;

pub(super) const LIST: Call = Call {
    service: "S3",
    operation: "ListObjectsV2",
    needs: &[Need { action: "s3:ListBucket", on: On::TrailBucket }],
};
const GET: Call = Call {
    service: "S3",
    operation: "GetObject",
    needs: &[
        Need { action: "s3:GetObject", on: On::TrailFiles },
        Need { action: "kms:Decrypt", on: On::TrailKey },
    ],
};
/// What this calls.
pub const CALLS: &[Call] = &[LIST, GET];

/// What keys begin with, up to the Region: `PREFIX/AWSLogs/ORGANISATION/ACCOUNT/CloudTrail/`.
pub(super) fn base(trail: &Trail, account: &AccountId) -> String {
    let part =
        |text: &str| if text.is_empty() { String::new() } else { format!("{}/", text.trim_matches('/')) };
    let organisation = trail.organisation.as_deref().unwrap_or_default();
    format!("{}AWSLogs/{}{account}/CloudTrail/", part(&trail.prefix), part(organisation))
}

/// A bucket.
pub(super) struct Bucket<'a> {
    config: &'a SdkConfig,
    client: Mutex<Client>,
    pub(super) name: &'a str,
}

impl<'a> Bucket<'a> {
    /// Nothing is asked yet.
    pub(super) fn new(config: &'a SdkConfig, name: &'a str) -> Self {
        Self { config, client: Mutex::new(client(config, None)), name }
    }

    /// One page of a listing, as it is asked for.
    pub(super) async fn list(
        &self,
        asked: impl Fn(ListObjectsV2FluentBuilder) -> ListObjectsV2FluentBuilder,
    ) -> Result<ListObjectsV2Output, Fault> {
        let ask = || asked(self.client().list_objects_v2().bucket(self.name)).send();
        let answer = match ask().await {
            Err(error) if self.follows(&error) => ask().await,
            answer => answer,
        };
        answer.map_err(|error| {
            Fault::of(&LIST, &error).at(On::TrailBucket, format!("arn:aws:s3:::{}", self.name))
        })
    }

    /// Of which Regions there are files under a base.
    pub(super) async fn regions(&self, base: &str) -> Result<Vec<String>, Fault> {
        let (mut regions, mut token) = (Vec::new(), None);
        loop {
            let asked =
                self.list(|list| list.prefix(base).delimiter("/").set_continuation_token(token.clone()));
            let page = asked.await?;
            let found = page.common_prefixes().iter().filter_map(|prefix| prefix.prefix());
            regions.extend(
                found.filter_map(|prefix| Some(prefix.strip_prefix(base)?.trim_end_matches('/').to_owned())),
            );
            token = page.next_continuation_token;
            if token.is_none() {
                return Ok(regions);
            }
        }
    }

    /// A file, as it comes.
    pub(super) async fn get(&self, key: &str) -> Result<ByteStream, Fault> {
        let ask = || self.client().get_object().bucket(self.name).key(key).send();
        let answer = match ask().await {
            Err(error) if self.follows(&error) => ask().await,
            answer => answer,
        };
        answer.map(|object| object.body).map_err(|error| {
            let prefix = key.split("AWSLogs/").next().unwrap_or_default();
            let files = format!("arn:aws:s3:::{}/{prefix}AWSLogs/*", self.name);
            Fault::of(&GET, &error).at(On::TrailFiles, files)
        })
    }

    /// A file that broke off as it came.
    pub(super) fn broken(why: &impl ToString) -> Fault {
        Fault::unknown(&GET, why.to_string())
    }

    fn client(&self) -> Client {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes to where the bucket lies, if it lies elsewhere.
    fn follows<E>(&self, error: &SdkError<E>) -> bool {
        let region = elsewhere(error);
        let is_other = region.is_some();
        if is_other {
            *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client(self.config, region);
        }
        is_other
    }
}

/// The Region in which a bucket lies that was asked for in another one.
fn elsewhere<E>(error: &SdkError<E>) -> Option<String> {
    let answer = error.raw_response()?;
    let is_other = matches!(answer.status().as_u16(), 301 | 307 | 400);
    answer.headers().get("x-amz-bucket-region").filter(|_| is_other).map(str::to_owned)
}

fn client(config: &SdkConfig, region: Option<String>) -> Client {
    let mut builder = aws_sdk_s3::config::Builder::from(config)
        .interceptor(OnlyKnown(CALLS))
        // An emulator has no host names for buckets.
        .force_path_style(config.endpoint_url().is_some());
    builder.set_region(region.map(Region::new).or_else(|| config.region().cloned()));
    Client::from_conf(builder.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_begin_with_what_is_configured() {
        let account = AccountId::new("111122223333");
        let base = |prefix: &str, organisation: Option<&str>| {
            let (prefix, organisation) = (prefix.to_owned(), organisation.map(str::to_owned));
            base(&Trail { prefix, organisation, ..Trail::default() }, &account)
        };
        assert_eq!(base("", None), "AWSLogs/111122223333/CloudTrail/");
        assert_eq!(base("logs/all", Some("o-abc")), "logs/all/AWSLogs/o-abc/111122223333/CloudTrail/");
    }
}
