//! Whether CloudTrail would show that an action was used.

use std::collections::HashMap;
use std::sync::OnceLock;

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

/// Where the use of an action of a service shows, by `data/cloudtrail/observable.tsv`.
pub fn observability(service: &str, action: &str) -> Observability {
    let rows = table().get(service).map(Vec::as_slice).unwrap_or_default();
    rows.iter()
        .find(|(pattern, _)| match pattern.strip_suffix('*') {
            Some(beginning) => action.starts_with(beginning),
            None => action == *pattern,
        })
        .map_or(Observability::Management, |(_, observability)| *observability)
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
            let observability =
                if shows == "data" { Observability::Data } else { Observability::Never(shows) };
            let rows = table.entry(service).or_default();
            rows.extend(actions.split(' ').map(|pattern| (pattern, observability)));
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::catalogue::Catalogue;

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

    #[test]
    fn what_shows_where_is_known() {
        assert_eq!(observability("s3", "GetObject"), Observability::Data);
        assert_eq!(observability("s3", "CreateBucket"), Observability::Management);
        assert_eq!(observability("lambda", "InvokeFunction"), Observability::Data);
        assert!(matches!(observability("iam", "PassRole"), Observability::Never(_)));
        assert!(matches!(observability("execute-api", "Invoke"), Observability::Never(_)));
        assert_eq!(observability("ec2", "DescribeInstances"), Observability::Management);
    }
}
