use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

fn record(n: usize) -> String {
    format!(
        r#"{{"eventID":"e{n}","eventTime":"2026-01-02T00:00:{:02}Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventCategory":"Data","awsRegion":"eu-west-1","requestParameters":{{"bucketName":"b","key":"k{n}"}}}}"#,
        n % 60
    )
}

fn log(records: std::ops::Range<usize>) -> Vec<u8> {
    format!(r#"{{"Records":[{}]}}"#, records.map(record).collect::<Vec<_>>().join(",")).into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn open(folder: &Path) -> Trail {
    Trail::open(&[folder.display().to_string()]).unwrap()
}

fn calls(trail: &Trail) -> (u64, Report) {
    let (evidence, report) = trail.collect(&Filter::default(), &|_| {});
    (evidence.coverage().calls, report)
}

#[test]
fn all_kinds_of_files_are_read_wherever_they_lie() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("AWSLogs/1/CloudTrail/eu-west-1");
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("a.json"), log(0..2)).unwrap();
    fs::write(deep.join("b.json.gz"), gzip(&log(2..4))).unwrap();
    fs::write(deep.join("c.jsonl"), [record(4), record(5)].join("\n")).unwrap();
    fs::write(folder.path().join("mislabelled.json"), gzip(&log(6..8))).unwrap();
    let last = log(8..10);
    let (first, second) = last.split_at(30);
    fs::write(folder.path().join("members.json.gz"), [gzip(first), gzip(second)].concat()).unwrap();
    fs::write(folder.path().join("readme.txt"), "x").unwrap();
    let (calls, report) = calls(&open(folder.path()));
    assert_eq!((calls, report), (10, Report { files: 5, ignored: 1, skipped: vec![] }));
}

#[test]
fn a_broken_file_is_named_and_the_others_count() {
    let folder = tempfile::tempdir().unwrap();
    let whole = gzip(&log(0..2000));
    fs::write(folder.path().join("a.json.gz"), &whole).unwrap();
    fs::write(folder.path().join("b.json.gz"), &whole[..whole.len() / 2]).unwrap();
    fs::write(folder.path().join("c.json"), &log(0..3)[..400]).unwrap();
    fs::write(folder.path().join("d.json"), "").unwrap();
    fs::write(folder.path().join("e.json"), b"\xff\xfe").unwrap();
    fs::write(folder.path().join("f.json"), "[".repeat(10_000)).unwrap();
    let (calls, report) = calls(&open(folder.path()));
    let reasons: Vec<_> =
        report.skipped.iter().map(|file| (file.file.rsplit('/').next().unwrap(), &*file.reason)).collect();
    assert_eq!(report.files, 1);
    assert_eq!(
        reasons.iter().map(|(file, _)| *file).collect::<Vec<_>>(),
        ["b.json.gz", "c.json", "d.json", "e.json", "f.json"]
    );
    assert!(reasons[0].1.starts_with("broken gzip after "), "{reasons:?}");
    assert!(reasons[1].1.contains("the input ends within a JSON value"), "{reasons:?}");
    assert!(reasons[2].1.contains("empty"), "{reasons:?}");
    assert!(reasons[3].1.contains("byte 0: not valid UTF-8"), "{reasons:?}");
    let of_broken: u64 = report.skipped.iter().map(|file| file.records).sum();
    assert!(report.skipped[0].records > 0, "what was read before the break counts");
    assert_eq!(calls, 2000 + of_broken);
}

#[test]
fn a_folder_without_logs_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "x").unwrap();
    let path = folder.path().display().to_string();
    let error = Trail::open(std::slice::from_ref(&path)).unwrap_err();
    assert!(error.to_string().starts_with(&path), "{error}");
    let missing = folder.path().join("missing").display().to_string();
    assert!(Trail::open(std::slice::from_ref(&missing)).unwrap_err().to_string().starts_with(&missing));
}

#[test]
fn a_file_that_vanishes_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.json"), log(0..1)).unwrap();
    fs::write(folder.path().join("b.json"), log(1..2)).unwrap();
    let trail = open(folder.path());
    fs::remove_file(folder.path().join("b.json")).unwrap();
    let (calls, report) = calls(&trail);
    assert_eq!((calls, report.files, report.skipped.len()), (1, 1, 1));
    assert!(report.skipped[0].file.ends_with("b.json"));
}

#[test]
fn folders_are_followed_to_a_depth_and_no_log_is_passed_over_silently() {
    let folder = tempfile::tempdir().unwrap();
    let deep = |levels: usize| folder.path().join("d/".repeat(levels));
    fs::create_dir_all(deep(101)).unwrap();
    fs::write(deep(100).join("a.json"), log(0..1)).unwrap();
    let error = Trail::open(&[folder.path().display().to_string()]).unwrap_err();
    assert!(matches!(&error, OpenError::TooDeep { deepest: 100, .. }), "{error}");
    assert!(error.to_string().starts_with(&folder.path().display().to_string()), "{error}");
    fs::remove_dir(deep(101)).unwrap();
    assert_eq!(calls(&open(folder.path())).0, 1);
}

#[test]
fn what_a_file_holds_twice_counts_once_and_what_two_files_hold_twice() {
    let folder = tempfile::tempdir().unwrap();
    let one = record(1).replace("\"e1\"", "\"0f3a9c1e-6b2d-4c55-8d6e-1a2b3c4d5e6f\"");
    let other = one.replace("k1", "k2");
    let lines = |records: &[&String]| records.iter().fold(String::new(), |all, record| all + record + "\n");
    fs::write(folder.path().join("a.json"), lines(&[&one, &one, &other, &one])).unwrap();
    let (evidence, _) = open(folder.path()).collect(&Filter::default(), &|_| {});
    assert_eq!(evidence.coverage().calls, 2, "an ID that two records share makes them no less two");
    assert_eq!(evidence.coverage().records, 4);
    assert_eq!(evidence.apart().collect::<Vec<_>>(), [(Apart::Repeated, 2)]);
    fs::write(folder.path().join("b.json"), lines(&[&one])).unwrap();
    assert_eq!(calls(&open(folder.path())).0, 3);
}

#[cfg(unix)]
#[test]
fn links_lead_to_each_file_once_and_never_in_circles() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("logs")).unwrap();
    fs::write(folder.path().join("logs/a.json"), log(0..1)).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("logs/around")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("logs/a.json"), folder.path().join("again.json")).unwrap();
    let paths = [folder.path(), &folder.path().join("logs/a.json")].map(|path| path.display().to_string());
    assert_eq!(calls(&Trail::open(&paths).unwrap()).0, 1);
}

#[test]
fn the_outcome_is_the_same_every_time() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..40 {
        fs::write(folder.path().join(format!("{n}.json")), log(n * 30..n * 30 + 40)).unwrap();
    }
    let trail = open(folder.path());
    let (first, _) = trail.collect(&Filter::default(), &|_| {});
    for _ in 0..5 {
        assert_eq!(trail.collect(&Filter::default(), &|_| {}).0, first);
    }
}

#[test]
fn progress_adds_up_to_all_bytes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.json.gz"), gzip(&log(0..500))).unwrap();
    let trail = open(folder.path());
    let read = std::sync::atomic::AtomicU64::new(0);
    trail.collect(&Filter::default(), &|bytes| {
        read.fetch_add(bytes, Ordering::Relaxed);
    });
    assert_eq!(read.into_inner(), trail.bytes());
}
