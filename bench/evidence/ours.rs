//! Evidence from a gigabyte of gzip log files in S3, and the memory that this takes.
//!
//! `race-evidence race MEGABYTES LIMIT` starts a stand-in for S3 in a process of its own (`race-evidence serve
//! MEGABYTES`), collects evidence of a role from it, and fails where that took more than LIMIT megabytes of memory.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use alpha::aws::accounts::Accounts;
use alpha::aws::clients::{self, Patience};
use alpha::aws::evidence::{AwsEvidence, Limits};
use alpha::domain::accounts::{Account, Accounts as Configured, Trail};
use alpha::domain::errand::Errand;
use alpha::domain::ids::{AccountId, JobId};
use alpha::domain::role::Snapshot;
use alpha::iam::document::Document;
use alpha::local::clock::SystemClock;
use alpha::local::store::SqliteStore;
use alpha::ports::{Evidence as _, Window};
use anyhow::{Context as _, bail};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use url::form_urlencoded;

const ACCOUNT: &str = "111122223333";
const BASE: &str = "AWSLogs/111122223333/CloudTrail/us-east-1/";
const DAYS: u64 = 90;
/// How many files differ, and how many records each has.
const FILES: usize = 8;
const RECORDS: usize = 20_000;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments[..] {
        ["race", megabytes, limit] => runtime.block_on(race(megabytes, limit.parse()?)),
        ["serve", megabytes] => runtime.block_on(serve(megabytes.parse()?)),
        _ => bail!("expected race MEGABYTES LIMIT, or serve MEGABYTES"),
    }
}

async fn race(megabytes: &str, limit: u64) -> anyhow::Result<()> {
    let mut other = Command::new(std::env::current_exe()?)
        .args(["serve", megabytes])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(other.stdout.take().context("no output")?).read_line(&mut line)?;
    let (url, files) = line.trim().split_once(' ').context("no address")?;
    let outcome = read(url, files, megabytes, limit).await;
    drop(other.stdin.take());
    other.wait()?;
    outcome
}

async fn read(url: &str, files: &str, megabytes: &str, limit: u64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let evidence = evidence(url, &folder.path().join("alpha.db")).await?;
    let errand = Errand { job: JobId::new("j-0000000000000001"), actor: "ana".to_owned() };
    let window = Window { since: "2026-08-30T00:00:00Z".parse()?, until: "2026-11-27T23:00:00Z".parse()? };
    let begin = Instant::now();
    let gathered = evidence.collect(&errand, &role()?, window, &()).await?;
    let seconds = begin.elapsed().as_secs_f64();
    let seen = gathered.used.coverage();
    println!(
        "{megabytes} MB of gzip in {files} files, {} records, {} calls of the role: {seconds:.1} s, {} MB of memory at most",
        seen.records,
        seen.calls,
        peak()?
    );
    if !gathered
        .used
        .may_lack(alpha::iam::catalogue::Catalogue::embedded().find("iam:GetRole").context("no action")?)
        && peak()? <= limit
    {
        return Ok(());
    }
    bail!("more than {limit} MB, or not all was read: {:?}", gathered.gaps)
}

/// How many megabytes of memory were in use at most.
fn peak() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kilobytes >> 10)
}

async fn evidence(url: &str, store: &std::path::Path) -> anyhow::Result<AwsEvidence> {
    let sdk =
        clients::load(Some("us-east-1".to_owned()), Patience { attempts: 1, ..Patience::default() }).await;
    let credentials = Credentials::new("test", "test", None, None, "test");
    let sdk = sdk
        .into_builder()
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    let home = AccountId::new(ACCOUNT);
    let trail = Trail { bucket: Some("logs".to_owned()), ..Trail::default() };
    let account = Account { regions: vec!["us-east-1".to_owned()], trail, ..Account::default() };
    let accounts = Configured { home: home.clone(), all: BTreeMap::from([(home, account)]) };
    let limits = Limits { files: Duration::from_hours(1), ..Limits::default() };
    Ok(AwsEvidence::new(
        Arc::new(Accounts::new(sdk, accounts)),
        Arc::new(SqliteStore::open(store)?),
        Arc::new(SystemClock),
        limits,
    ))
}

fn role() -> anyhow::Result<Snapshot> {
    let allow = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let document = Document::parse(allow.as_bytes())?;
    Ok(Snapshot {
        last_used: None,
        arn: format!("arn:aws:iam::{ACCOUNT}:role/web"),
        role_id: "AROAEXAMPLE".to_owned(),
        path: "/".to_owned(),
        trust: Document::default(),
        inline: BTreeMap::from([("all".to_owned(), document)]),
        attached: BTreeMap::new(),
        boundary: None,
        tags: BTreeMap::new(),
    })
}

/// Files by their place in the list of all.
struct Bucket {
    files: Vec<Bytes>,
    keys: Vec<String>,
}

async fn serve(megabytes: usize) -> anyhow::Result<()> {
    let files = (0..FILES).map(file).collect::<anyhow::Result<Vec<Bytes>>>()?;
    let size = files.iter().map(Bytes::len).sum::<usize>() / FILES;
    let count = (megabytes << 20).div_ceil(size).max(usize::try_from(DAYS)?);
    let first: jiff::civil::Date = "2026-08-30".parse()?;
    let keys = (0..count).map(|number| {
        let day = first.saturating_add(
            jiff::Span::new().days(i64::try_from(number as u64 * DAYS / count as u64).unwrap_or_default()),
        );
        format!("{BASE}{}/{number:06}.json.gz", day.strftime("%Y/%m/%d"))
    });
    let bucket = Arc::new(Bucket { files, keys: keys.collect() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{} {count}", listener.local_addr()?);
    // It ends with its input, so that it never outlives whoever started it.
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    axum::serve(listener, Router::new().fallback(answer).with_state(bucket)).await?;
    Ok(())
}

async fn answer(
    State(bucket): State<Arc<Bucket>>,
    request: Request,
) -> Result<Response<axum::body::Body>, StatusCode> {
    if request.method() != "GET" || request.headers().contains_key("x-amz-target") {
        return Err(StatusCode::FORBIDDEN);
    }
    let query = request.uri().query().unwrap_or_default();
    let fields: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
    let Some(prefix) = fields.get("prefix") else {
        let name = request.uri().path().rsplit('/').next().and_then(|name| name.split('.').next());
        let number: usize = name.and_then(|name| name.parse().ok()).ok_or(StatusCode::FORBIDDEN)?;
        return Ok(Response::new(bucket.files[number % FILES].clone().into()));
    };
    let mut body = "<ListBucketResult>".to_owned();
    if fields.contains_key("delimiter") {
        let _ = write!(body, "<CommonPrefixes><Prefix>{BASE}</Prefix></CommonPrefixes>");
    } else {
        for key in bucket.keys.iter().filter(|key| key.starts_with(prefix.as_ref())) {
            let _ = write!(body, "<Contents><Key>{key}</Key></Contents>");
        }
    }
    body.push_str("</ListBucketResult>");
    Ok(Response::new(body.into()))
}

/// A log file; which one decides what is in it.
fn file(which: usize) -> anyhow::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let mut state = which as u64 + 1;
    // Identifiers and keys as they are in logs: they don't become smaller.
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    write!(encoder, "{{\"Records\":[")?;
    for number in 0..RECORDS {
        let (a, b, c) = (random(), random(), random());
        let role = if number.is_multiple_of(20) { "web".to_owned() } else { format!("service-{}", a % 40) };
        let event = ["GetObject", "PutObject", "GetBucketPolicy", "ListObjectsV2"][usize::try_from(b % 4)?];
        let category = if event == "GetBucketPolicy" { "Management" } else { "Data" };
        let comma = if number == 0 { "" } else { "," };
        write!(
            encoder,
            r#"{comma}{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","principalId":"AROAEXAMPLE:i-{:x}","arn":"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/i-{:x}","accountId":"{ACCOUNT}","sessionContext":{{"sessionIssuer":{{"type":"Role","arn":"arn:aws:iam::{ACCOUNT}:role/{role}"}},"attributes":{{"creationDate":"2026-10-01T00:00:00Z","mfaAuthenticated":"false"}}}}}},"eventTime":"2026-10-{:02}T{:02}:{:02}:00Z","eventSource":"s3.amazonaws.com","eventName":"{event}","awsRegion":"us-east-1","sourceIPAddress":"10.0.{}.{}","userAgent":"aws-sdk-java/2.20","requestParameters":{{"bucketName":"bucket-{}","key":"objects/{:x}"}},"responseElements":null,"requestID":"{:016X}","eventID":"{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}","readOnly":true,"eventType":"AwsApiCall","managementEvent":{},"recipientAccountId":"{ACCOUNT}","eventCategory":"{category}"}}"#,
            a % 64,
            a % 64,
            a % 28 + 1,
            b % 24,
            c % 60,
            a % 256,
            b % 256,
            c % 30,
            b ^ c,
            a,
            a & 0xffff_ffff,
            b & 0xffff,
            b >> 16 & 0xfff,
            c & 0xfff,
            c >> 16 & 0xffff_ffff_ffff,
            category == "Management",
        )?;
    }
    write!(encoder, "]}}")?;
    Ok(Bytes::from(encoder.finish()?))
}
