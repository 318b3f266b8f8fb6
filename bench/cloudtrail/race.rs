//! The CloudTrail race: generated logs, our reader, and the floor beneath it.
//!
//! `generate FOLDER MEGABYTES` writes logs as CloudTrail lays them out; `ours FOLDER THREADS` derives the evidence and
//! the policy; `floor FOLDER THREADS` only inflates and steps over the JSON once, `tree FOLDER THREADS` inflates and
//! builds the parser's own tree. Each prints one line of JSON: seconds, megabytes a second, peak memory.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a race that can't run should stop"
)]

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use alpha::app::trail;
use alpha::iam::cloudtrail::Filter;
use alpha::iam::evidence::observed_policy;
use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

/// The size of one file before it is deflated, about what a busy account writes.
const FILE: usize = 4 << 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [verb, folder, number] = arguments.as_slice() else { panic!("VERB FOLDER NUMBER") };
    let number: usize = number.parse().expect("a number");
    match verb.as_str() {
        "generate" => generate(Path::new(folder), number << 20),
        "ours" => ours(folder, number),
        "floor" => floor(Path::new(folder), number, |json| {
            sonic_rs::from_slice::<serde::de::IgnoredAny>(json).unwrap();
        }),
        "tree" => floor(Path::new(folder), number, |json| {
            std::hint::black_box(sonic_rs::from_slice::<sonic_rs::Value>(json).unwrap());
        }),
        _ => panic!("generate, ours, floor or tree"),
    }
}

fn ours(folder: &str, threads: usize) {
    let start = Instant::now();
    let trail = trail(&[folder.to_owned()]).unwrap().with_threads(NonZeroUsize::new(threads));
    let (evidence, report) = trail.collect(&Filter::default(), &|_| {});
    assert!(report.is_complete());
    let policy = observed_policy(&evidence).to_string_compact();
    let extra = format!(r#","calls":{},"policyCharacters":{}"#, evidence.coverage().calls, policy.len());
    tell(start, megabytes(Path::new(folder)), &extra);
}

fn floor(folder: &Path, threads: usize, pass: impl Fn(&[u8]) + Sync) {
    let start = Instant::now();
    let (files, next, bytes) = (logs(folder), AtomicUsize::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut json = Vec::new();
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    json.clear();
                    let file = std::io::BufReader::with_capacity(128 << 10, fs::File::open(path).unwrap());
                    MultiGzDecoder::new(file).read_to_end(&mut json).unwrap();
                    pass(&json);
                    bytes.fetch_add(json.len() as u64, Ordering::Relaxed);
                }
            });
        }
    });
    tell(start, bytes.into_inner() >> 20, "");
}

fn tell(start: Instant, megabytes: u64, extra: &str) {
    let seconds = start.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "megabytes are few")]
    let speed = megabytes as f64 / seconds;
    println!(
        r#"{{"seconds":{seconds:.3},"megabytes":{megabytes},"megabytesPerSecond":{speed:.0},"peakMegabytes":{}{extra}}}"#,
        peak >> 10
    );
}

/// The size before it was deflated, as the generator wrote it down.
fn megabytes(folder: &Path) -> u64 {
    fs::read_to_string(folder.join("size.txt")).map_or(0, |text| text.trim().parse().unwrap())
}

fn logs(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(logs(&path));
        } else if path.extension().is_some_and(|end| end == "gz") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn generate(folder: &Path, size: usize) {
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let (mut written, mut number) = (0, 0);
    while written < size {
        let mut log = String::with_capacity(FILE + 4096);
        log.push_str(r#"{"Records":["#);
        let mut first = true;
        while log.len() < FILE.min(size - written) {
            if !std::mem::take(&mut first) {
                log.push(',');
            }
            record(&mut log, &mut chance, number);
        }
        log.push_str("]}");
        written += log.len();
        let (day, minute) = (1 + number / 288 % 28, number % 288 * 5);
        let stamp = format!("202603{day:02}T{:02}{:02}Z", minute / 60, minute % 60);
        let place = folder.join(format!("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/{day:02}"));
        fs::create_dir_all(&place).unwrap();
        let name = format!("111122223333_CloudTrail_eu-west-1_{stamp}_{:016x}.json.gz", chance.next());
        let mut encoder = GzEncoder::new(fs::File::create(place.join(name)).unwrap(), Compression::default());
        encoder.write_all(log.as_bytes()).unwrap();
        encoder.finish().unwrap();
        number += 1;
    }
    fs::write(folder.join("size.txt"), format!("{}\n", written >> 20)).unwrap();
}

/// Numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

const ROLES: [&str; 8] = ["web", "api", "worker", "etl", "deploy", "audit", "billing", "search"];

/// Source, event, whether it reads, its parameters and resources with # for a number.
const EVENTS: &[(&str, &str, bool, &str, &str)] = &[
    (
        "s3",
        "GetObject",
        true,
        r##"{"bucketName":"data-#8","Host":"data-#8.s3.eu-west-1.amazonaws.com","key":"events/2026/03/part-#90000.json.gz"}"##,
        r##"[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::data-#8/events/2026/03/part-#90000.json.gz"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::data-#8"}]"##,
    ),
    (
        "s3",
        "PutObject",
        false,
        r##"{"bucketName":"out-#4","Host":"out-#4.s3.eu-west-1.amazonaws.com","key":"results/#400/object-#90000","x-amz-server-side-encryption":"aws:kms"}"##,
        r##"[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::out-#4/results/#400/object-#90000"}]"##,
    ),
    (
        "s3",
        "ListObjects",
        true,
        r##"{"list-type":"2","bucketName":"data-#8","prefix":"events/","Host":"data-#8.s3.eu-west-1.amazonaws.com"}"##,
        "null",
    ),
    (
        "dynamodb",
        "GetItem",
        true,
        r##"{"tableName":"orders-#6","key":{"id":"#90000"},"consistentRead":false}"##,
        r##"[{"accountId":"111122223333","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders-#6"}]"##,
    ),
    (
        "kms",
        "Decrypt",
        true,
        r##"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::data-#8"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"##,
        r##"[{"accountId":"111122223333","type":"AWS::KMS::Key","ARN":"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890a#9"}]"##,
    ),
    (
        "ec2",
        "DescribeInstances",
        true,
        r##"{"instancesSet":{"items":[{"instanceId":"i-0123456789abc#9999"}]},"filterSet":{}}"##,
        "null",
    ),
    (
        "lambda",
        "Invoke",
        false,
        r##"{"functionName":"arn:aws:lambda:eu-west-1:111122223333:function:fn-#20","sourceArn":"arn:aws:sqs:eu-west-1:111122223333:q"}"##,
        r##"[{"accountId":"111122223333","type":"AWS::Lambda::Function","ARN":"arn:aws:lambda:eu-west-1:111122223333:function:fn-#20"}]"##,
    ),
    (
        "sts",
        "AssumeRole",
        true,
        r##"{"roleArn":"arn:aws:iam::111122223333:role/app/web","roleSessionName":"session-#9999","durationSeconds":3600}"##,
        "null",
    ),
    (
        "logs",
        "CreateLogStream",
        false,
        r##"{"logGroupName":"/aws/lambda/fn-#20","logStreamName":"2026/03/01/[$LATEST]0123456789abcdef0123456789ab#9999"}"##,
        "null",
    ),
    ("sts", "GetCallerIdentity", true, "null", "null"),
    ("ssm", "GetParameter", true, r##"{"name":"/app/config/#40","withDecryption":true}"##, "null"),
    (
        "sqs",
        "ReceiveMessage",
        true,
        r##"{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/jobs-#5","maxNumberOfMessages":10}"##,
        "null",
    ),
];

fn record(log: &mut String, chance: &mut Chance, file: usize) {
    let at = usize::try_from(chance.below(EVENTS.len() as u64)).unwrap();
    let (source, name, reads, parameters, resources) = EVENTS[at];
    let role = ROLES[usize::try_from(chance.below(8)).unwrap()];
    // The resources of a record name what its parameters name: both are filled with the same numbers.
    let start = chance.next();
    let fill = |text: &str| {
        let (mut own, mut pieces) = (Chance(start), text.split('#'));
        let mut out = pieces.next().unwrap().to_owned();
        for piece in pieces {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            let _ = write!(out, "{}{}", own.below(piece[..digits].parse().unwrap()), &piece[digits..]);
        }
        out
    };
    let (parameters, resources) = (fill(parameters), fill(resources));
    let resources = if resources == "null" { String::new() } else { format!(r#""resources":{resources},"#) };
    let error = match chance.below(50) {
        0 => {
            r#""errorCode":"AccessDenied","errorMessage":"User is not authorized to perform this operation","#
        }
        1 => r#""errorCode":"ThrottlingException","errorMessage":"Rate exceeded","#,
        _ => "",
    };
    let (day, minute) = (1 + file / 288 % 28, file % 288 * 5);
    let (id, request, second) = (chance.next(), chance.next(), chance.below(60));
    let event = id & 0xffff_ffff;
    let data = if parameters.contains("\"key\"") || name == "Invoke" { "Data" } else { "Management" };
    let _ = write!(
        log,
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","principalId":"AROAEXAMPLE{role}:i-0{id:016x}","arn":"arn:aws:sts::111122223333:assumed-role/{role}/i-0{id:016x}","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE{:08X}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAEXAMPLE{role}","arn":"arn:aws:iam::111122223333:role/app/{role}","accountId":"111122223333","userName":"{role}"}},"attributes":{{"creationDate":"2026-03-{day:02}T00:00:00Z","mfaAuthenticated":"false"}},"ec2RoleDelivery":"2.0"}}}},"eventTime":"2026-03-{day:02}T{:02}:{:02}:{second:02}Z","eventSource":"{source}.amazonaws.com","eventName":"{name}","awsRegion":"eu-west-1","sourceIPAddress":"10.0.{}.{}","userAgent":"aws-sdk-java/2.29.1 Linux/6.1.0 OpenJDK_64-Bit_Server_VM/21.0.2+13 exec-env/AWS_ECS_FARGATE io/sync http/Apache cfg/retry-mode/standard",{error}"requestParameters":{parameters},"responseElements":null,"additionalEventData":{{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","bytesTransferredOut":{}}},"requestID":"{request:016X}","eventID":"{event:08x}-0000-4000-8000-{:012x}","readOnly":{reads},{resources}"eventType":"AwsApiCall","managementEvent":{},"recipientAccountId":"111122223333","eventCategory":"{data}","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{source}.eu-west-1.amazonaws.com"}}}}"#,
        id & 0xffff_ffff,
        minute / 60,
        minute % 60,
        id % 250,
        request % 250,
        request % 90_000,
        request & 0xffff_ffff_ffff,
        data == "Management",
    );
}
