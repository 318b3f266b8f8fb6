//! Much of everything: cases beyond what an item holds, histories beyond a page, thousands of jobs.

use std::collections::HashMap;

use alpha::aws::store::DynamoStore;
use alpha::domain::ids::Person;
use alpha::domain::job::{Job, State};
use alpha::domain::proposal::Case;
use alpha::ports::{Change, Created, JobQuery, Saved, Store, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest as _, Sha256};

use super::on_a_new_table;
use super::table;
use crate::store::samples::{case, job, name, new, next};

/// A case with so many bytes that can't be deflated to less than half of them.
fn heavy(job: &Job, bytes: usize) -> Case {
    let mut case = case(job, 1);
    let mut noise = String::new();
    for number in 0u64.. {
        if noise.len() >= bytes {
            break;
        }
        noise += &hex::encode(Sha256::digest(number.to_le_bytes()));
    }
    case.changes.whole = noise;
    case
}

fn with_case(job: Job, bytes: usize) -> Change {
    let mut change = new(job);
    change.case = Some(heavy(&change.job, bytes));
    change
}

/// The names of the items of a job's case.
async fn of_case(sdk: &aws_types::SdkConfig, table: &str, job: &Job) -> Vec<String> {
    let mut names = Vec::new();
    for item in table::items(sdk, table).await {
        let (pk, sk) = (item["pk"].as_s().unwrap(), item["sk"].as_s().unwrap());
        if *pk == format!("JOB#{}", job.id) && (sk.starts_with("CASE#") || sk.starts_with("PART#")) {
            names.push(sk.clone());
        }
    }
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_of_any_size_is_read_back_as_it_was() {
    let (sdk, table) = on_a_new_table();
    let store = DynamoStore::open(&sdk, &table);
    for (number, bytes, parts) in [(1, 1_000, 0), (2, 500_000, 0), (3, 900_000, 2), (4, 9_000_000, 16)] {
        let change = with_case(job(number), bytes);
        assert_eq!(store.create(change.clone()).await.unwrap(), Created::Created);
        assert_eq!(store.case(&change.job.id, 1).await.unwrap(), change.case, "{bytes}");
        let items = of_case(&sdk, &table, &change.job).await;
        assert_eq!(items.len(), 1 + parts, "{items:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_case_that_is_refused_leaves_nothing_and_half_of_one_is_never_taken_for_a_case() {
    let (sdk, table) = on_a_new_table();
    let store = DynamoStore::open(&sdk, &table);
    let first = with_case(job(1), 900_000);
    store.create(first.clone()).await.unwrap();
    let mut same_role = job(2);
    same_role.role = job(1).role;
    let refused = with_case(same_role, 900_000);
    assert!(matches!(store.create(refused.clone()).await.unwrap(), Created::Busy(_)));
    assert_eq!(of_case(&sdk, &table, &refused.job).await, [""; 0]);
    assert_eq!(store.case(&name(2), 1).await.unwrap(), None);

    let part = of_case(&sdk, &table, &first.job).await.pop().unwrap();
    let mut item = HashMap::from([
        ("pk".to_owned(), AttributeValue::S(format!("JOB#{}", name(1)))),
        ("sk".to_owned(), AttributeValue::S(part)),
    ]);
    item.insert("bytes".to_owned(), AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new("no")));
    table::put(&sdk, &table, vec![item]).await;
    let error = store.case(&name(1), 1).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Corrupt(why) if why.contains("isn't what was written")),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stores_the_same_large_case_again_takes_nothing_away() {
    let (sdk, table) = on_a_new_table();
    let store = DynamoStore::open(&sdk, &table);
    let first = new(job(1));
    store.create(first.clone()).await.unwrap();
    let mut change = next(&first.job, State::Proposing);
    change.case = Some(heavy(&first.job, 900_000));
    assert_eq!(store.save(change.clone()).await.unwrap(), Saved::Saved);
    assert!(matches!(store.save(change.clone()).await.unwrap(), Saved::Conflict(_)));
    assert_eq!(store.case(&name(1), 1).await.unwrap(), change.case);
    assert_eq!(of_case(&sdk, &table, &first.job).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_is_read_whole_page_after_page() {
    let (sdk, table) = on_a_new_table();
    let store = DynamoStore::open(&sdk, &table);
    let first = new(job(1));
    store.create(first.clone()).await.unwrap();
    let mut job = first.job;
    // A page has a megabyte at most.
    for _ in 0..8 {
        let mut change = next(&job, State::Collecting);
        change.entries[0].detail = "a".repeat(300_000);
        assert_eq!(store.save(change.clone()).await.unwrap(), Saved::Saved);
        job = change.job;
    }
    let history = store.history(&job.id).await.unwrap();
    assert_eq!(history.iter().map(|entry| entry.number).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_jobs_are_listed_to_the_last() {
    const JOBS: usize = 3_000;
    let (sdk, table) = on_a_new_table();
    let store = DynamoStore::open(&sdk, &table);
    store.create(new(job(1))).await.unwrap();
    let first = table::items(&sdk, &table).await.into_iter();
    let first = first.filter(|item| item["sk"].as_s().unwrap() == "JOB" && item.contains_key("record"));
    let [first] = first.collect::<Vec<_>>().try_into().unwrap();
    // Copied past the store: a transaction for each would take the emulator minutes.
    let copies = (2..=JOBS).map(|number| {
        let id = name(number as u64).to_string();
        let renamed = |value: &AttributeValue| match value {
            AttributeValue::S(text) => AttributeValue::S(text.replace(name(1).as_str(), &id)),
            other => other.clone(),
        };
        first.iter().map(|(name, value)| (name.clone(), renamed(value))).collect()
    });
    table::put_many(&sdk, &table, copies.collect()).await;
    let found = store.jobs(&JobQuery { limit: usize::MAX, ..JobQuery::default() }).await.unwrap();
    assert_eq!(found.unreadable, []);
    let expected: Vec<_> = (1..=JOBS).rev().map(|number| name(number as u64)).collect();
    assert_eq!(found.jobs.into_iter().map(|job| job.id).collect::<Vec<_>>(), expected);
    let page = JobQuery { limit: 10, before: Some(name(1_500)), open: true, ..JobQuery::default() };
    let page = store.jobs(&page).await.unwrap().jobs;
    assert_eq!((page.len(), &page[0].id), (10, &name(1_499)));
    let theirs =
        |user: &str| JobQuery { requester: Some(Person::new("T1", user)), limit: 10, ..JobQuery::default() };
    assert_eq!(store.jobs(&theirs("U1")).await.unwrap().jobs.len(), 10);
    assert_eq!(store.jobs(&theirs("U")).await.unwrap().jobs, []);
    assert_eq!(store.census().await.unwrap().jobs["Requested"], JOBS as u64);
}
