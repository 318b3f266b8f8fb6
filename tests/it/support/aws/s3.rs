//! S3, which moto has: what its operations are called, what they need, and the key that an object is encrypted with.
//!
//! From "API operations and required permissions" of the S3 User Guide, and "Actions defined by Amazon S3" of the
//! service authorization reference. Path-style addresses only; whose a bucket is isn't looked at.

use axum::http::Method;

use super::callers::Caller;
use super::grants::Need;
use super::passage::Aws;
use super::wire::{Answer, Asked, Refusal};

/// The operation that a method, a path and a query stand for.
pub fn operation(asked: &Asked) -> Option<String> {
    let is_object = asked.segments().len() > 1;
    let has = |name: &str| asked.get(name).is_some();
    let name = match (asked.method.clone(), is_object) {
        (Method::GET, true) if asked.query.is_empty() || has("x-id") || has("partNumber") => "GetObject",
        (Method::HEAD, true) => "HeadObject",
        (Method::PUT, true) => "PutObject",
        (Method::DELETE, true) => "DeleteObject",
        (Method::GET, false) if has("location") => "GetBucketLocation",
        (Method::GET, false) if has("list-type") => "ListObjectsV2",
        (Method::HEAD, false) => "HeadBucket",
        (Method::PUT, false) if asked.query.is_empty() => "CreateBucket",
        _ => return None,
    };
    Some(name.to_owned())
}

pub fn needs(asked: &Asked) -> Option<Vec<Need>> {
    let segments = asked.segments();
    let bucket = format!("arn:aws:s3:::{}", segments.first()?);
    let object = format!("{bucket}/{}", segments[1..].join("/"));
    let need = match &*asked.operation {
        "GetObject" | "HeadObject" => Need::new("s3:GetObject", object),
        "PutObject" => Need::new("s3:PutObject", object),
        "DeleteObject" => Need::new("s3:DeleteObject", object),
        "HeadBucket" => Need::new("s3:ListBucket", bucket),
        "GetBucketLocation" => Need::new("s3:GetBucketLocation", bucket),
        "ListObjectsV2" => Need::new("s3:ListBucket", bucket)
            .with("s3:prefix", Some(asked.get("prefix").unwrap_or_default()))
            .with("s3:delimiter", asked.get("delimiter"))
            .with("s3:max-keys", asked.get("max-keys")),
        _ => return None,
    };
    Some(vec![need])
}

/// An object that is encrypted with a key of KMS is read only by who may decrypt with it.
pub async fn decrypted(aws: &Aws, caller: &Caller, asked: &Asked, answer: Answer) -> Result<Answer, Refusal> {
    let header =
        |wanted: &str| answer.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    if let ("GetObject", Some(key)) =
        (&*asked.operation, header("x-amz-server-side-encryption-aws-kms-key-id"))
    {
        let need = Need::new("kms:Decrypt", key).with("kms:ViaService", Some("s3.us-east-1.amazonaws.com"));
        aws.authorise(caller, asked, &need).await?;
    }
    Ok(answer)
}
