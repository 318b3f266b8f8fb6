//! CloudFormation, which moto has: what its operations need of whoever deploys. That what a stack makes is made in the
//! name of that caller is moto's own doing, which asks for no grants.
//!
//! From "Actions defined by AWS CloudFormation" of the service authorization reference.

use alpha::iam::arn::Arn;

use super::callers::Session;
use super::grants::Need;
use super::wire::Asked;

pub fn needs(asked: &Asked, session: &Session) -> Option<Vec<Need>> {
    let action = format!("cloudformation:{}", asked.operation);
    let known = ["CreateChangeSet", "DescribeChangeSet", "DescribeStacks", "ExecuteChangeSet"];
    if !known.contains(&&*asked.operation) {
        return None;
    }
    let named = asked.get("StackName")?;
    let stack = match Arn::parse(named) {
        Some(_) => named.to_owned(),
        None => format!("arn:aws:cloudformation:{}:{}:stack/{named}/*", asked.region, session.account),
    };
    Some(vec![Need::new(&action, stack)])
}
