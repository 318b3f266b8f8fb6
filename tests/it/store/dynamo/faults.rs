//! Tables that aren't as they should be, and a network that isn't: each is told in words that say what to do.

use alpha::aws::store::DynamoStore;
use alpha::domain::job::State;
use alpha::ports::{Created, JobQuery, Saved, Store, StoreError};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use super::on_a_new_table;
use super::table::{self, Template};
use super::wire::{Fate, Wire};
use crate::store::samples::{at, job, name, new, next, worker};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_is_not_there_is_named_with_what_to_deploy() {
    let (sdk, _) = on_a_new_table();
    let store = DynamoStore::open(&sdk, "nowhere");
    for error in [store.ready().await.unwrap_err(), store.create(new(job(1))).await.unwrap_err()] {
        let StoreError::Unavailable(why) = &error else { panic!("{error:?}") };
        assert!(why.starts_with("there is no table nowhere in us-east-1: deploy infra/alpha.yaml"), "{why}");
    }
    assert!(store.job(&name(1)).await.unwrap_err().to_string().contains("no table nowhere"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_another_make_is_refused_by_what_is_wrong_with_it() {
    let (sdk, _) = on_a_new_table();
    let refused = async |change: &dyn Fn(&mut Template)| {
        let mut template = Template::read();
        change(&mut template);
        let used = |name: &String| template.keys.values().flatten().any(|(key, _)| key == name);
        template.attributes.retain(|(name, _)| used(name));
        let name = table::make_of(&sdk, &template).await;
        match DynamoStore::open(&sdk, &name).ready().await.unwrap_err() {
            StoreError::Corrupt(why) => {
                assert!(why.starts_with(&format!("table {name} isn't one of alpha's")), "{why}");
                assert!(why.contains("deploy infra/alpha.yaml"), "{why}");
                why
            }
            other => panic!("{other:?}"),
        }
    };
    let why = refused(&|template| drop(template.keys.remove("held"))).await;
    assert!(why.contains("it has no index held on lease_owner, lease_until"), "{why}");
    let why = refused(&|template| {
        let keys = template.keys["state"].clone();
        template.keys.insert("due".to_owned(), keys);
    })
    .await;
    assert!(why.contains("its index due is on state_pk, state_sk instead of due_pk, due_sk"), "{why}");
    let why = refused(&|template| drop(template.keys.get_mut("").unwrap().pop())).await;
    assert!(why.contains("its key is on pk instead of pk, sk"), "{why}");
    let why = refused(&|template| {
        template
            .attributes
            .iter_mut()
            .filter(|(name, _)| name == "due_sk")
            .for_each(|one| one.1 = "N".to_owned());
    })
    .await;
    assert!(why.contains("due_sk is no text"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_is_being_made_or_deleted_is_told() {
    let (sdk, table) = on_a_new_table();
    let (wire, sdk) = Wire::of(&sdk, 1);
    let store = DynamoStore::open(&sdk, &table);
    for (status, said) in
        [("CREATING", "is still being made"), ("DELETING", "is being deleted: if nobody meant that")]
    {
        let body = serde_json::json!({ "Table": { "TableName": table, "TableStatus": status } }).to_string();
        wire.order(move |_, _| Fate::Gets(200, body.clone()));
        let error = store.ready().await.unwrap_err();
        assert!(matches!(&error, StoreError::Unavailable(why) if why.contains(said)), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_permission_is_named_with_the_statement_that_grants_it() {
    let (sdk, table) = on_a_new_table();
    let (wire, sdk) = Wire::of(&sdk, 1);
    let store = DynamoStore::open(&sdk, &table);
    wire.order(|_, _| Fate::error("AccessDeniedException", "User is not authorized"));
    let error = store.create(new(job(1))).await.unwrap_err();
    let StoreError::ReadOnly(why) = &error else { panic!("{error:?}") };
    for action in ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"] {
        assert!(why.contains(action), "{why}");
    }
    let error = store.job(&name(1)).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable(why) if why.contains("dynamodb:GetItem")), "{error:?}");
    wire.order(|_, _| {
        Fate::error("ExpiredTokenException", "The security token included in the request is expired")
    });
    let error = store.job(&name(1)).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable(why) if why.contains("credentials")), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_throttled_or_in_the_way_for_a_while_is_done_then() {
    let (sdk, table) = on_a_new_table();
    let (wire, sdk) = Wire::of(&sdk, 8);
    let store = DynamoStore::open(&sdk, &table);
    let for_a_while = |fates: [Fate; 3]| {
        wire.order(move |number, _| fates.get(number).cloned().unwrap_or(Fate::Passes));
    };
    let slow = || Fate::error("ThrottlingException", "Rate exceeded");
    for_a_while([slow(), Fate::error("ProvisionedThroughputExceededException", "?"), slow()]);
    let change = new(job(1));
    assert_eq!(store.create(change.clone()).await.unwrap(), Created::Created);
    for_a_while([
        Fate::called_off("TransactionConflict", 5),
        Fate::called_off("ThrottlingError", 5),
        Fate::error("TransactionInProgressException", "?"),
    ]);
    assert_eq!(store.save(next(&change.job, State::Collecting)).await.unwrap(), Saved::Saved);
    let conflict = || Fate::error("TransactionConflictException", "Transaction is ongoing for the item");
    for_a_while([conflict(), conflict(), slow()]);
    assert!(store.claim_job(&name(1), &worker("a"), at(9)).await.unwrap().is_some());
    // What never gets better is an error, and nothing is half done.
    wire.order(|_, _| Fate::called_off("TransactionConflict", 5));
    let change = new(job(2));
    assert!(matches!(store.create(change.clone()).await.unwrap_err(), StoreError::Unavailable(_)));
    wire.order(|_, _| Fate::Passes);
    assert_eq!(store.job(&name(2)).await.unwrap(), None);
    assert_eq!(store.create(change).await.unwrap(), Created::Created);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_of_a_later_version_is_named_and_holds_nothing_up() {
    let (sdk, table) = on_a_new_table();
    let store = DynamoStore::open(&sdk, &table);
    for number in 1..=3 {
        store.create(new(job(number))).await.unwrap();
    }
    let items = table::items(&sdk, &table).await;
    let text = |item: &std::collections::HashMap<String, AttributeValue>, name: &str| {
        item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
    };
    let newer = |mut item: std::collections::HashMap<String, AttributeValue>| {
        let record = text(&item, "record").replacen("\"v\":1", "\"v\":2", 1);
        item.insert("record".to_owned(), AttributeValue::S(record));
        item
    };
    let spoilt = items.into_iter().filter(|item| text(item, "pk") == format!("JOB#{}", name(2)));
    let spoilt = spoilt.filter(|item| item.contains_key("record") && !text(item, "sk").starts_with("H#"));
    table::put(&sdk, &table, spoilt.map(newer).collect()).await;

    let error = store.job(&name(2)).await.unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt(why) if why.contains("its version is 2")), "{error:?}");
    let found = store.jobs(&JobQuery { limit: 9, ..JobQuery::default() }).await.unwrap();
    assert_eq!(found.jobs.iter().map(|job| job.id.clone()).collect::<Vec<_>>(), [name(3), name(1)]);
    assert!(found.unreadable[0].to_string().contains(name(2).as_str()), "{:?}", found.unreadable);
    let jobs = store.claim_jobs(&worker("a"), at(9), 9).await.unwrap();
    assert_eq!(jobs.iter().map(|job| job.id.clone()).collect::<Vec<_>>(), [name(1), name(3)]);
    assert_eq!(store.claim_rows(&worker("a"), at(9), 9).await.unwrap().len(), 2);
    assert_eq!(store.claim_jobs(&worker("b"), at(9), 9).await.unwrap(), [], "it comes up once a lease");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_taken_away_by_hand_is_an_error_that_names_it() {
    let (sdk, table) = on_a_new_table();
    let store = DynamoStore::open(&sdk, &table);
    store.create(new(job(1))).await.unwrap();
    let gone = Client::new(&sdk).delete_item().table_name(&table);
    let gone = gone
        .key("pk", AttributeValue::S(format!("JOB#{}", name(1))))
        .key("sk", AttributeValue::S("JOB".to_owned()));
    gone.send().await.unwrap();
    let mut other = job(2);
    other.role = job(1).role;
    let error = store.create(new(other)).await.unwrap_err().to_string();
    assert!(error.contains(name(1).as_str()), "{error}");
}
