//! Tables as the template describes them, and a look into them past the store.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection,
    ProjectionType, PutRequest, WriteRequest,
};
use aws_types::SdkConfig;

/// What the template says of the table: its attributes, and the keys of the table (under no name) and of its indexes.
#[derive(Debug, Default)]
pub struct Template {
    pub attributes: Vec<(String, String)>,
    pub keys: BTreeMap<String, Vec<(String, String)>>,
}

impl Template {
    pub fn read() -> Self {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/infra/alpha.yaml")).unwrap();
        let table = text.split("Type: AWS::DynamoDB::Table").nth(1).unwrap();
        let mut found = Self::default();
        let mut index = String::new();
        for line in table.lines().take_while(|line| !line.starts_with("  # ") && !line.contains("Secret:")) {
            if let Some(name) = line.trim().strip_prefix("- IndexName: ") {
                name.clone_into(&mut index);
            }
            let Some(pair) = line.trim().strip_prefix("- { AttributeName: ") else { continue };
            let (name, kind) = pair.trim_end_matches(" }").split_once(", ").unwrap();
            match kind.split_once(": ").unwrap() {
                ("AttributeType", kind) => found.attributes.push((name.to_owned(), kind.to_owned())),
                (_, kind) => {
                    found.keys.entry(index.clone()).or_default().push((name.to_owned(), kind.to_owned()));
                }
            }
        }
        found
    }
}

/// Makes a table as the template has it, by a name of its own.
pub async fn make(sdk: &SdkConfig) -> String {
    make_of(sdk, &Template::read()).await
}

pub async fn make_of(sdk: &SdkConfig, template: &Template) -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = format!("alpha-{}", NUMBER.fetch_add(1, Ordering::SeqCst));
    let keys = |index: &str| -> Vec<KeySchemaElement> {
        let key = |(name, kind): &(String, String)| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind.as_str().into()).build().unwrap()
        };
        template.keys[index].iter().map(key).collect()
    };
    let attribute = |(name, kind): &(String, String)| {
        let kind = kind.as_str().into();
        AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap()
    };
    let index = |name: &String| {
        let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
        let index = GlobalSecondaryIndex::builder().index_name(name).projection(keys_only);
        index.set_key_schema(Some(keys(name))).build().unwrap()
    };
    let indexes: Vec<_> = template.keys.keys().filter(|name| !name.is_empty()).map(index).collect();
    let make = Client::new(sdk)
        .create_table()
        .table_name(&name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(keys("")))
        .set_attribute_definitions(Some(template.attributes.iter().map(attribute).collect()));
    make.set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes)).send().await.unwrap();
    name
}

/// All items.
pub async fn items(sdk: &SdkConfig, table: &str) -> Vec<std::collections::HashMap<String, AttributeValue>> {
    let scan = Client::new(sdk).scan().table_name(table).into_paginator().items().send();
    scan.collect::<Result<Vec<_>, _>>().await.unwrap()
}

/// Puts items as they are.
pub async fn put(
    sdk: &SdkConfig,
    table: &str,
    items: Vec<std::collections::HashMap<String, AttributeValue>>,
) {
    let client = Client::new(sdk);
    for item in items {
        client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
    }
}

/// Puts new items, many at a time.
pub async fn put_many(
    sdk: &SdkConfig,
    table: &str,
    items: Vec<std::collections::HashMap<String, AttributeValue>>,
) {
    let client = Client::new(sdk);
    for items in items.chunks(25) {
        let put = |item: &std::collections::HashMap<_, _>| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        };
        let puts = items.iter().map(put).collect();
        client.batch_write_item().request_items(table, puts).send().await.unwrap();
    }
}

#[test]
fn the_template_says_what_the_store_needs() {
    let Template { attributes, keys } = Template::read();
    assert!(attributes.iter().all(|(_, kind)| kind == "S"), "{attributes:?}");
    let of = |index: &str| {
        keys[index].iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(of(""), [("pk", "HASH"), ("sk", "RANGE")]);
    assert_eq!(of("due"), [("due_pk", "HASH"), ("due_sk", "RANGE")]);
    assert_eq!(of("held"), [("lease_owner", "HASH"), ("lease_until", "RANGE")]);
    assert_eq!(of("state"), [("state_pk", "HASH"), ("state_sk", "RANGE")]);
    assert_eq!(keys.len(), 4);
}
