//! The hot functions of the CloudTrail reader: cutting a stream into records, and reading one.

#![expect(clippy::unwrap_used, reason = "a bench may stop")]

use std::hint::black_box;

use alpha::iam::cloudtrail::framing::Splitter;
use alpha::iam::cloudtrail::{Filter, Reader};
use alpha::iam::evidence::Evidence;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn record(n: usize) -> String {
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/web/i-1","accountId":"111122223333","sessionContext":{{"sessionIssuer":{{"type":"Role","arn":"arn:aws:iam::111122223333:role/app/web"}},"attributes":{{"mfaAuthenticated":"false"}}}}}},"eventTime":"2026-03-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.1","userAgent":"aws-cli/2","requestParameters":{{"bucketName":"data","key":"events/part-{n}"}},"responseElements":null,"eventID":"e-{n}","readOnly":true,"resources":[{{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::data/events/part-{n}"}}],"eventType":"AwsApiCall","recipientAccountId":"111122223333","eventCategory":"Data"}}"#
    )
}

fn reading(criterion: &mut Criterion) {
    let log = format!(r#"{{"Records":[{}]}}"#, (0..2000).map(record).collect::<Vec<_>>().join(","));
    let mut group = criterion.benchmark_group("cloudtrail");
    group.throughput(Throughput::Bytes(log.len() as u64));
    let drain = |each: &mut dyn FnMut(&str, u64)| {
        let (mut splitter, mut rest) = (Splitter::new(), log.as_bytes());
        loop {
            let room = splitter.room();
            let count = rest.len().min(room.len());
            room[..count].copy_from_slice(&rest[..count]);
            rest = &rest[count..];
            splitter.filled(count);
            splitter
                .drain(|record, at| {
                    each(record, at);
                    Ok(())
                })
                .unwrap();
            if count == 0 {
                break;
            }
        }
    };
    group.bench_function("cut", |bench| {
        bench.iter(|| {
            drain(&mut |record, _| {
                black_box(record);
            });
        });
    });
    group.bench_function("cut, read and map", |bench| {
        let mut reader = Reader::new();
        bench.iter(|| drain(&mut |record, at| drop(black_box(reader.read(record, at, &Filter::default())))));
    });
    group.bench_function("cut, read, map and count", |bench| {
        let mut reader = Reader::new();
        bench.iter(|| {
            let mut evidence = Evidence::new();
            drain(&mut |record, at| evidence.count(&reader.read(record, at, &Filter::default()).unwrap()));
            evidence
        });
    });
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
