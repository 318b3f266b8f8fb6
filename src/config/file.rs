//! The configuration file: which settings it says what about, and where.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::accounts;
use super::key::Key;
use crate::domain::accounts::Account;
use crate::domain::ids::AccountId;
use crate::handwritten::{At, MAX_BYTES, Reader};

/// What a file says.
#[derive(Debug, Default)]
pub struct Written {
    /// The settings.
    pub words: Vec<(Key, At<String>)>,
    /// What is peculiar to accounts.
    pub accounts: Vec<(AccountId, Account)>,
    /// What is wrong with it, each with its place.
    pub faults: Vec<String>,
    /// Whether everybody on the machine may read it.
    pub public: bool,
}

/// Reads a file. Nothing where it doesn't exist and doesn't have to.
pub fn read(path: &Path, required: bool) -> Written {
    let mut written = Written::default();
    let mut bytes = Vec::new();
    let outcome = File::open(path).and_then(|file| {
        written.public = is_public(&file)?;
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes)
    });
    let name = path.display();
    match outcome {
        Err(error) if error.kind() == ErrorKind::NotFound && !required => return written,
        Err(error) => {
            written
                .faults
                .push(format!("{name} can't be read: {error}; expected a file, as `alpha init` writes it"));
            return written;
        }
        Ok(_) if bytes.len() as u64 > MAX_BYTES => {
            written
                .faults
                .push(format!("{name} is larger than {MAX_BYTES} bytes, which no configuration is"));
            return written;
        }
        Ok(_) => {}
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => {
            let whole = parse(text);
            written.words = whole.words;
            written.accounts = whole.accounts;
            written.faults = whole.faults.into_iter().map(|fault| format!("{name}:{fault}")).collect();
        }
        Err(error) => written
            .faults
            .push(format!("{name} is no UTF-8 text: byte {} is none of any", error.valid_up_to())),
    }
    written
}

/// Reads the text of a file.
fn parse(text: &str) -> Written {
    let mut reader = Reader::new(text);
    let (mut words, mut accounts) = (Vec::new(), Vec::new());
    if let Some(top) = reader.table() {
        section(&mut reader, None, &top, &mut words);
        for name in sections() {
            match top.get(name).map(|value| (value.span(), value.get_ref())) {
                Some((_, DeValue::Table(table))) => section(&mut reader, Some(name), table, &mut words),
                Some((span, _)) => {
                    reader.fault(span, format!("{name} is a table; expected [{name}] on a line of its own"));
                }
                None => {}
            }
        }
        match top.get(accounts::SECTION).map(|value| (value.span(), value.get_ref())) {
            Some((_, DeValue::Table(table))) => accounts = accounts::read(&mut reader, table),
            Some((span, _)) => reader.fault(span, "accounts is a table; expected [accounts.ID]".to_owned()),
            None => {}
        }
    }
    let faults = reader.into_faults();
    let faults = faults.into_iter().map(|fault| format!("{}: {}", fault.place, fault.text)).collect();
    Written { words, accounts, faults, public: false }
}

/// The tables that there are.
fn sections() -> Vec<&'static str> {
    let mut names: Vec<&str> = Key::ALL.iter().filter_map(|key| key.about().section).collect();
    names.dedup();
    names
}

fn section(
    reader: &mut Reader<'_>,
    name: Option<&'static str>,
    table: &DeTable<'_>,
    words: &mut Vec<(Key, At<String>)>,
) {
    let keys: Vec<Key> = Key::ALL.into_iter().filter(|key| key.about().section == name).collect();
    let mut names: Vec<&str> = keys.iter().map(|key| key.about().name).collect();
    if name.is_none() {
        names.extend(sections());
        names.push(accounts::SECTION);
    }
    let whose = name.map_or_else(|| "the file".to_owned(), |name| format!("[{name}]"));
    reader.known(table, &whose, &names);
    for key in keys {
        let Some(value) = table.get(key.about().name) else { continue };
        match value.get_ref().as_integer() {
            Some(number) if key.about().number && number.radix() == 10 => {
                words.push((
                    key,
                    At { place: reader.place(&value.span()), value: number.as_str().to_owned() },
                ));
            }
            _ => words.extend(reader.word(&key.in_file(), value).map(|word| (key, word))),
        }
    }
}

#[cfg(unix)]
fn is_public(file: &File) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_public(_file: &File) -> std::io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_found_in_their_tables_with_their_places() {
        let Written { words, faults, .. } =
            parse("store = \"sqlite:x\"\n[rollout]\n  min_calls = 1_000\n[slack]\nchannel = \" C1 \"\n");
        assert_eq!(faults, Vec::<String>::new());
        let found: Vec<String> = words
            .iter()
            .map(|(key, word)| format!("{} {} {}", key.in_file(), word.place, word.value))
            .collect();
        assert_eq!(found, ["store 1:9 sqlite:x", "slack.channel 5:11 C1", "rollout.min_calls 3:15 1000"]);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_all_at_once() {
        let text = "lsten = \"x\"\nstore = 1\nslack = \"xoxb-hush\"\n[rolout]\nsoak = \"\"\n";
        let faults = parse(text).faults;
        assert_eq!(faults.len(), 4, "{faults:?}");
        for (fault, part) in faults.iter().zip([
            "1:1: the file has no key \"lsten\" (did you mean listen?)",
            "2:9: store is an integer; expected a text",
            "3:9: slack is a table",
            "4:2: the file has no key \"rolout\" (did you mean rollout?)",
        ]) {
            assert!(fault.starts_with(part), "{fault}");
            assert!(!fault.contains("hush"), "{fault}");
        }
    }

    #[test]
    fn a_key_of_another_table_is_unknown_where_it_stands() {
        let faults = parse("[slack]\nlisten = \"127.0.0.1:1\"\n").faults;
        assert!(faults[0].starts_with("2:1: [slack] has no key \"listen\""), "{faults:?}");
    }
}
