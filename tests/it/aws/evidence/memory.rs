//! Memory doesn't depend on how large log files are: `bench/evidence` measures a gigabyte, this a little.

use std::io::Write as _;
use std::process::Command;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::scene::{Scene, record_of};
use super::wire::{Wire, ok};

const CHILD: &str = "ALPHA_TEST_MEMORY";
const NAME: &str = "aws::evidence::memory::large_files_pass_through_and_are_never_held";
/// How often the piece is repeated in a file, and how many files there are.
const PIECES: usize = 24;
const FILES: usize = 6;

/// So much of this process' memory was in use at most, in KB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A gzip member of a megabyte, not made any smaller by that: several in a row are one file.
fn piece() -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    for number in 0..1_200 {
        writeln!(encoder, "{}", record_of("other", number, "iam:GetRole")).unwrap();
    }
    Bytes::from(encoder.finish().unwrap())
}

/// Measured in a process of its own, since others' tests take memory too.
#[tokio::test(flavor = "multi_thread")]
async fn large_files_pass_through_and_are_never_held() {
    if std::env::var_os(CHILD).is_none() {
        let test = std::env::current_exe().unwrap();
        let run = Command::new(test).args([NAME, "--exact", "--nocapture"]).env(CHILD, "1").output().unwrap();
        let out = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(
            run.status.success() && out.contains("1 passed"),
            "{out}{}",
            String::from_utf8_lossy(&run.stderr)
        );
        return;
    }
    let wire = Wire::start().await;
    let base = "logs/AWSLogs/111122223333/CloudTrail/us-east-1/";
    wire.on("ListObjectsV2", move |call| {
        if !call.field("delimiter").is_empty() {
            return ok(format!("<ListBucketResult><CommonPrefixes><Prefix>{base}</Prefix></CommonPrefixes></ListBucketResult>"));
        }
        let day = call.field("prefix").to_owned();
        let keys = (0..FILES / 3).map(|number| format!("<Contents><Key>{day}{number}.json.gz</Key></Contents>"));
        ok(format!("<ListBucketResult>{}</ListBucketResult>", keys.collect::<Vec<_>>().concat()))
    });
    let piece = piece();
    let size = piece.len() * PIECES;
    wire.on("GetObject", move |_| {
        let pieces = (0..PIECES).flat_map({
            let piece = piece.clone();
            move |_| {
                (0..piece.len()).step_by(16 << 10).map({
                    let piece = piece.clone();
                    move |at| Ok::<_, std::io::Error>(piece.slice(at..piece.len().min(at + (16 << 10))))
                })
            }
        });
        let answer = Response::builder().header("content-length", size);
        answer.body(Body::from_stream(futures_util::stream::iter(pieces))).unwrap()
    });
    let mut scene = Scene::new(&wire.url).with_bucket("logs");
    scene.limits.files = std::time::Duration::from_mins(5);
    let process = scene.start().await;
    let before = peak();
    let (errand, role) = (super::scene::errand(1), super::scene::role());
    let gathered =
        alpha::ports::Evidence::collect(&process, &errand, &role, super::scene::window(), &()).await.unwrap();
    let grown = peak() - before;
    let read = gathered.used.coverage().records;
    assert_eq!(read, (1_200 * PIECES * FILES) as u64, "{:?}", gathered.gaps);
    let megabytes = (size * FILES) >> 20;
    println!("{megabytes} MB read, {grown} KB of memory");
    assert!(megabytes > 100 && grown < 40 << 10, "{grown} KB for {megabytes} MB");
}
