//! Whether CloudTrail would show that an action was used.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::cloudtrail::is_behind_an_event;

/// Where the use of an action shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observability {
    /// In management events, which every trail has.
    Management,
    /// In data events, which a trail has only where it is told to.
    Data,
    /// Nowhere; the reason.
    Never(&'static str),
}

/// What is said of an action that neither bears the name of an API operation nor stands behind one.
const NO_CALL: &str = "it is no API call of its own, so no event is known to record it";
/// What is said of an action whose service has no known API.
const NO_MODEL: &str =
    "the service's calls are in no list of API operations, so it isn't known whether events record them";

/// Where the use of an action shows: by `data/cloudtrail/observable.tsv` where that names it. Otherwise an API
/// operation has to bear its name, or some event of another name has to need it: absence from the logs says nothing of
/// an action whose use no event can show.
pub fn observability(action: ActionId) -> Observability {
    let catalogue = Catalogue::embedded();
    let (service, name) = (catalogue.service_of(action), catalogue.name_of(action));
    let rows = table().get(service).map(Vec::as_slice).unwrap_or_default();
    let row = rows.iter().find(|(pattern, _)| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == *pattern,
    });
    match row {
        Some((_, Observability::Never(reason))) => Observability::Never(reason),
        Some((pattern, observability)) if !pattern.ends_with('*') => *observability,
        _ if !catalogue.is_operation(action) && !is_behind_an_event(action) => {
            Observability::Never(if catalogue.has_model(service) { NO_CALL } else { NO_MODEL })
        }
        Some((_, observability)) => *observability,
        None => Observability::Management,
    }
}

type Table = HashMap<&'static str, Vec<(&'static str, Observability)>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table::new();
        let text = include_str!("../../../data/cloudtrail/observable.tsv");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let (Some(service), Some(actions), Some(shows)) =
                (columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            let observability = match shows {
                "data" => Observability::Data,
                "management" => Observability::Management,
                reason => Observability::Never(reason),
            };
            let rows = table.entry(service).or_default();
            rows.extend(actions.split(' ').map(|pattern| (pattern, observability)));
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_speaks_of_actions_that_exist() {
        let catalogue = Catalogue::embedded();
        let mut wrong = Vec::new();
        for (service, rows) in table() {
            for (pattern, _) in rows {
                if catalogue.expand(&format!("{service}:{pattern}")).is_empty() {
                    wrong.push(format!("{service}:{pattern}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    /// Where each action's use shows, in a word.
    fn shows(name: &str) -> &'static str {
        match observability(Catalogue::embedded().find(name).unwrap()) {
            Observability::Management => "management",
            Observability::Data => "data",
            Observability::Never(NO_CALL) => "no call",
            Observability::Never(NO_MODEL) => "no model",
            Observability::Never(_) => "never",
        }
    }

    #[test]
    fn what_shows_where_is_known() {
        let cases = [
            ("s3:GetObject", "data"),
            ("s3:GetObjectVersion", "data"),
            ("s3:PutObjectTagging", "data"),
            ("s3:BypassGovernanceRetention", "data"),
            ("s3:ListBucket", "data"),
            ("s3express:CreateSession", "data"),
            ("lambda:InvokeFunction", "data"),
            ("dynamodb:GetItem", "data"),
            ("ecs:Poll", "data"),
            ("ssmmessages:CreateControlChannel", "data"),
            ("s3:CreateBucket", "management"),
            ("s3:PutBucketAcl", "management"),
            ("s3:ListAllMyBuckets", "management"),
            ("s3:GetLifecycleConfiguration", "management"),
            ("s3:GetAccountPublicAccessBlock", "management"),
            ("s3express:CreateBucket", "management"),
            ("s3express:PutLifecycleConfiguration", "management"),
            ("s3-outposts:CreateAccessPoint", "management"),
            ("iam:GetRole", "management"),
            ("ec2:DescribeInstances", "management"),
            ("ec2:CreateTags", "management"),
            ("ssm:GetParameter", "management"),
            ("ssm:StartSession", "management"),
            ("apigateway:GET", "management"),
            ("iot:CreateThing", "management"),
            ("elasticloadbalancing:CreateLoadBalancer", "management"),
            ("elasticloadbalancing:CreateTargetGroup", "management"),
            ("elasticbeanstalk:AddTags", "management"),
            ("ecs:RunTask", "management"),
            ("tag:GetResources", "management"),
            ("sso:CreateAccountAssignment", "management"),
            ("sts:TagSession", "management"),
            ("kms:ReEncryptFrom", "management"),
            ("codecommit:GitPull", "management"),
            ("iam:PassRole", "never"),
            ("execute-api:Invoke", "never"),
            ("iot:Publish", "never"),
            ("events:PutEvents", "never"),
            ("kafka-cluster:Connect", "never"),
            ("s3:ReplicateObject", "never"),
            ("s3:GetObjectVersionForReplication", "no call"),
            ("dynamodb:PartiQLSelect", "no call"),
            ("dynamodb:ReadDataForReplication", "no call"),
            ("elasticloadbalancing:SetWebAcl", "no call"),
            ("ssm:ExecuteAPI", "no call"),
            ("swf:StartTimer", "no call"),
            ("logs:Unmask", "no call"),
            ("redshift:JoinGroup", "no call"),
            ("sso:StartSSO", "no call"),
            ("aws-portal:ViewBilling", "no model"),
            ("sso-directory:CreateUser", "no model"),
        ];
        for (name, expected) in cases {
            assert_eq!(shows(name), expected, "{name}");
        }
    }

    #[test]
    fn most_actions_show_and_few_are_unknown() {
        let mut classes = std::collections::BTreeMap::<_, usize>::new();
        let catalogue = Catalogue::embedded();
        for action in catalogue.actions() {
            *classes.entry(shows(&catalogue.full_name(action))).or_default() += 1;
        }
        println!("{classes:?}");
        assert!(classes["management"] > 3 * catalogue.len() / 4, "{classes:?}");
        assert!(classes["no call"] < catalogue.len() / 10, "{classes:?}");
        assert!(classes["no model"] < catalogue.len() / 10, "{classes:?}");
    }
}
