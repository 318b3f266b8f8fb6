//! DynamoDB, which moto has: what its operations need.
//!
//! From "Actions defined by Amazon DynamoDB" of the service authorization reference, and for transactions "Using IAM
//! with DynamoDB transactions" of the developer guide: each member needs what the single operation would need.

use std::collections::BTreeSet;

use serde_json::Value;

use super::callers::Session;
use super::grants::Need;
use super::wire::Asked;

pub fn needs(asked: &Asked, session: &Session) -> Option<Vec<Need>> {
    let table = |name: &str| {
        if name.starts_with("arn:") {
            name.to_owned()
        } else {
            format!("arn:aws:dynamodb:{}:{}:table/{name}", asked.region, session.account)
        }
    };
    let action = format!("dynamodb:{}", asked.operation);
    let needs = match &*asked.operation {
        "GetItem"
        | "PutItem"
        | "UpdateItem"
        | "DeleteItem"
        | "DescribeTable"
        | "DescribeTimeToLive"
        | "UpdateTimeToLive"
        | "DescribeContinuousBackups"
        | "CreateTable"
        | "DeleteTable"
        | "UpdateTable" => {
            vec![Need::new(&action, table(asked.text("TableName")?))]
        }
        "Query" | "Scan" => {
            let table = table(asked.text("TableName")?);
            let on = asked.text("IndexName").map_or(table.clone(), |index| format!("{table}/index/{index}"));
            vec![Need::new(&action, on)]
        }
        "BatchGetItem" | "BatchWriteItem" => asked.json["RequestItems"]
            .as_object()?
            .keys()
            .map(|name| Need::new(&action, table(name)))
            .collect(),
        "TransactWriteItems" | "TransactGetItems" => {
            let each = members(&asked.json["TransactItems"])?;
            each.into_iter().map(|(action, name)| Need::new(action, table(name))).collect()
        }
        _ => return None,
    };
    Some(needs)
}

/// What each member of a transaction does, and to which table.
fn members(items: &Value) -> Option<BTreeSet<(&'static str, &str)>> {
    let mut all = BTreeSet::new();
    for (kind, said) in items.as_array()?.iter().filter_map(Value::as_object).flatten() {
        let action = match &**kind {
            "ConditionCheck" => "dynamodb:ConditionCheckItem",
            "Delete" => "dynamodb:DeleteItem",
            "Get" => "dynamodb:GetItem",
            "Put" => "dynamodb:PutItem",
            "Update" => "dynamodb:UpdateItem",
            _ => return None,
        };
        all.insert((action, said["TableName"].as_str()?));
    }
    Some(all)
}
