//! What a record tells about the resources of its call.

use std::cell::OnceCell;

use super::super::params::{self, Members};
use super::super::record::Raw;

/// The record, and what was found in it already.
pub(super) struct Facts<'r> {
    raw: &'r Raw<'r>,
    pub(super) partition: &'static str,
    pub(super) region: &'r str,
    pub(super) account: Option<&'r str>,
    arns: OnceCell<Vec<String>>,
    parameters: OnceCell<Members<'r>>,
}

impl<'r> Facts<'r> {
    pub(super) fn new(raw: &'r Raw<'_>, account: Option<&'r str>) -> Self {
        let region = raw.region.get().unwrap_or_default();
        let partition = match region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            region if region.starts_with("us-iso-") => "aws-iso",
            region if region.starts_with("us-isob-") => "aws-iso-b",
            region if region.starts_with("eusc-") => "aws-eusc",
            _ => "aws",
        };
        Self { raw, partition, region, account, arns: OnceCell::new(), parameters: OnceCell::new() }
    }

    /// All ARNs that the record names: its resources, its parameters, and the queue behind a queue's address.
    pub(super) fn arns(&self) -> &[String] {
        self.arns.get_or_init(|| {
            let mut arns = params::resource_arns(self.raw.resources.as_ref());
            arns.extend(self.parameters().arns());
            arns.extend(self.texts("queueUrl").iter().filter_map(|url| self.queue(url)));
            arns.sort();
            arns.dedup();
            arns
        })
    }

    /// The texts at a path into `requestParameters`, or into `responseElements` with `response:` before it.
    pub(super) fn texts(&self, path: &str) -> Vec<String> {
        match path.strip_prefix("response:") {
            Some(path) => Members::of(self.raw.response.as_ref()).texts(path),
            None => self.parameters().texts(path),
        }
    }

    fn parameters(&self) -> &Members<'r> {
        self.parameters.get_or_init(|| Members::of(self.raw.parameters.as_ref()))
    }

    /// Whether a path into `requestParameters` leads to something.
    pub(super) fn exists(&self, path: &str) -> bool {
        self.parameters().exists(path)
    }

    /// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME` as an ARN.
    fn queue(&self, url: &str) -> Option<String> {
        let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
        let (account, name) = path.split_once('/')?;
        let region = host.strip_prefix("sqs.").and_then(|rest| rest.split('.').next()).unwrap_or(self.region);
        let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let plain = digits && !name.is_empty() && !name.contains('/');
        plain.then(|| format!("arn:{}:sqs:{region}:{account}:{name}", self.partition))
    }
}
