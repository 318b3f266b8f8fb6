//! The catalogue's hot functions: opening and finding, expanding, shortening.

use std::hint::black_box;

use alpha::iam::actions::ActionSet;
use alpha::iam::catalogue::{AccessLevel, Catalogue};
use alpha::iam::shorten::shorten;
use criterion::{Criterion, criterion_group, criterion_main};

fn catalogue(c: &mut Criterion) {
    c.bench_function("find", |b| b.iter(|| Catalogue::embedded().find(black_box("s3:getobject"))));
    for pattern in ["*", "s3:Get*", "ec2:*Volume*", "*:Describe*"] {
        c.bench_function(&format!("expand {pattern}"), |b| {
            b.iter(|| Catalogue::embedded().expand(black_box(pattern)));
        });
    }
    let reads = all_reads();
    let others = reads.complement();
    c.bench_function("union and difference", |b| {
        b.iter(|| black_box(&reads).union(black_box(&others)).difference(&reads));
    });
    c.bench_function("suggest s3:GetObjekt", |b| {
        b.iter(|| Catalogue::embedded().suggest(black_box("s3:GetObjekt")));
    });
}

fn shortening(c: &mut Criterion) {
    let reads = all_reads();
    let mut group = c.benchmark_group("shorten");
    group.sample_size(10);
    group.bench_function("every List and Read action", |b| b.iter(|| shorten(black_box(&reads))));
    group.finish();
}

/// Much like AWS's `ReadOnlyAccess`.
fn all_reads() -> ActionSet {
    let catalogue = Catalogue::embedded();
    let reads = |level| matches!(level, AccessLevel::List | AccessLevel::Read);
    catalogue.actions().filter(|action| reads(catalogue.level_of(*action))).collect()
}

criterion_group!(benches, catalogue, shortening);
criterion_main!(benches);
