//! The tables `[accounts.ID]` of the file: what is peculiar to one account.

use toml::de::{DeTable, DeValue};

use super::{aws, scope};
use crate::domain::accounts::{Account, Trail};
use crate::domain::ids::AccountId;
use crate::domain::scope::Scope;
use crate::handwritten::Reader;

/// The table that holds them.
pub const SECTION: &str = "accounts";

/// How the template shows one.
pub const EXAMPLE: &str = "\
# What is peculiar to one account, a table each. What one doesn't say is as [aws] has it; the trail of the
# organisation, say, is said there once.
#[accounts.111122223333]
#role = \"arn:aws:iam::111122223333:role/alpha-service/alpha-member\"
#external_id = \"a-text-of-your-own\"
#regions = \"eu-west-1\"
#role_tag = \"alpha-scope=narrow\"
";

const KEYS: [&str; 11] = [
    "role",
    "external_id",
    "regions",
    "trail",
    "evidence_role",
    "trail_bucket",
    "trail_organisation",
    "trail_log_group",
    "role_tag",
    "writable_roles",
    "protected_roles",
];

/// Reads all of them.
pub fn read(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Vec<(AccountId, Account)> {
    let mut all = Vec::new();
    for (key, value) in table {
        let id = match aws::account(key.get_ref()) {
            Ok(id) => id,
            Err(why) => {
                reader.fault(key.span(), format!("[{SECTION}.{}]: {why}", key.get_ref()));
                continue;
            }
        };
        let DeValue::Table(table) = value.get_ref() else {
            reader.fault(value.span(), format!("{SECTION}.{id} is no table; expected [{SECTION}.{id}]"));
            continue;
        };
        let account = one(reader, &id, table);
        all.push((id, account));
    }
    all
}

fn one(reader: &mut Reader<'_>, id: &AccountId, table: &DeTable<'_>) -> Account {
    reader.known(table, &format!("[{SECTION}.{id}]"), &KEYS);
    let mut said = Lines { reader, id, table };
    let (bucket, prefix) = said.take("trail_bucket", aws::bucket).unzip();
    let account = Account {
        role: said.take("role", aws::role),
        external_id: said.take("external_id", aws::external_id),
        regions: said.take("regions", aws::regions).unwrap_or_default(),
        trail: Trail {
            central: false,
            arns: said.take("trail", aws::trails).unwrap_or_default(),
            evidence_role: said.take("evidence_role", aws::role),
            bucket,
            prefix: prefix.unwrap_or_default(),
            organisation: said.take("trail_organisation", aws::organisation),
            log_group: said.take("trail_log_group", aws::log_group),
        },
        scope: Scope {
            tag: said.take("role_tag", scope::tag),
            writable: said.take("writable_roles", scope::patterns),
            protected: said.take("protected_roles", scope::patterns),
        },
    };
    let of = account.role.as_deref().and_then(|arn| arn.split(':').nth(4));
    if let Some(of) = of.filter(|of| *of != id.as_str()) {
        let why = format!("{SECTION}.{id}.role is a role of account {of}; expected one of {id}");
        let span = table.get("role").map(toml::Spanned::span).unwrap_or_default();
        reader.fault(span, why);
    }
    account
}

/// The lines of one table.
struct Lines<'a, 's, 't> {
    reader: &'a mut Reader<'s>,
    id: &'a AccountId,
    table: &'a DeTable<'t>,
}

impl Lines<'_, '_, '_> {
    fn take<T>(&mut self, key: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let value = self.table.get(key)?;
        let name = format!("{SECTION}.{}.{key}", self.id);
        let word = self.reader.word(&name, value)?;
        match parse(&word.value) {
            Ok(meaning) => Some(meaning),
            Err(why) => {
                self.reader.fault_at(word.place, format!("{name}: found {:?}; {why}", word.value));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scope::Tag;

    fn parse(text: &str) -> (Vec<(AccountId, Account)>, Vec<String>) {
        let mut reader = Reader::new(text);
        let top = reader.table().unwrap();
        let DeValue::Table(table) = top.get(SECTION).unwrap().get_ref() else { panic!("{text}") };
        let all = read(&mut reader, table);
        (all, reader.into_faults().into_iter().map(|fault| fault.text).collect())
    }

    #[test]
    fn each_account_has_a_table_of_its_own() {
        let text = "[accounts.111122223333]\nrole = \"arn:aws:iam::111122223333:role/x\"\nexternal_id = \"xy\"\n\
                    regions = \"eu-west-1,eu-west-2\"\ntrail_bucket = \"s3://logs/p\"\nrole_tag = \"none\"\n[accounts.444455556666]\n";
        let (all, faults) = parse(text);
        assert_eq!(faults, Vec::<String>::new());
        let account = &all[0].1;
        assert_eq!(account.role.as_deref(), Some("arn:aws:iam::111122223333:role/x"));
        assert_eq!(account.regions, ["eu-west-1", "eu-west-2"]);
        assert_eq!((account.trail.bucket.as_deref(), account.trail.prefix.as_str()), (Some("logs"), "p"));
        assert_eq!(account.scope, Scope { tag: Some(Tag::None), ..Scope::default() });
        assert_eq!(all[1].1, Account::default());
    }

    #[test]
    fn what_is_wrong_with_an_account_is_told_by_its_number() {
        let text = "[accounts]\nprod = 1\n444455556666 = 2\n[accounts.111122223333]\nrol = \"x\"\nregions = \"here\"\n\
                    role_tag = \"narrow\"\n\
                    role = \"arn:aws:iam::999999999999:role/x\"\n";
        let (_, faults) = parse(text);
        for part in [
            "[accounts.prod]: expected the twelve digits",
            "accounts.444455556666 is no table",
            "[accounts.111122223333] has no key \"rol\" (did you mean role?)",
            "accounts.111122223333.regions: found \"here\"; expected the names of AWS Regions",
            "accounts.111122223333.role_tag: found \"narrow\"; expected a tag and its value",
            "accounts.111122223333.role is a role of account 999999999999",
        ] {
            assert!(faults.iter().any(|fault| fault.starts_with(part)), "{part}: {faults:?}");
        }
    }
}
