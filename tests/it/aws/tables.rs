//! The tables of calls, against the sources: no client goes without its table, no table without its adapter, and no
//! call is in a table that nobody makes.

use std::fs;
use std::path::{Path, PathBuf};

use alpha::aws::needed;

/// The sources of the adapters, with their paths below `src/aws`, without their tests.
fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws");
    let mut found = Vec::new();
    walk(&root, &mut found);
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        (path.strip_prefix(&root).unwrap().to_owned(), code)
    };
    found.into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs")).map(read).collect()
}

/// The sources of one adapter: a file of its name, or a folder.
fn of<'s>(sources: &'s [(PathBuf, String)], adapter: &str) -> Vec<&'s str> {
    let file = format!("{adapter}.rs");
    let is_its = |path: &Path| path.starts_with(adapter) || path == Path::new(&file);
    sources.iter().filter(|(path, _)| is_its(path)).map(|(_, text)| text.as_str()).collect()
}

/// What the SDK calls an operation: `list_findings_v2`.
fn method(operation: &str) -> String {
    let mut name = String::new();
    for c in operation.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[test]
fn every_client_lets_only_known_calls_pass() {
    for (path, text) in sources() {
        let made = text.matches("Client::from_conf(").count();
        let guarded = text.matches(".interceptor(OnlyKnown(").count();
        assert_eq!(made, guarded, "{}: a client without its table", path.display());
        for way in ["Client::new(", "Client::from("] {
            assert!(!text.contains(way), "{}: {way} makes a client without its table", path.display());
        }
    }
}

#[test]
fn every_table_is_in_the_one_table() {
    let sources = sources();
    let with_a_table = sources.iter().filter(|(_, text)| text.contains("const CALLS: &[Call] ="));
    let mut count = 0;
    for (path, _) in with_a_table {
        count += 1;
        let name = match path.file_stem().unwrap().to_str().unwrap() {
            "mod" => path.parent().unwrap().file_name().unwrap(),
            _ => path.file_stem().unwrap(),
        };
        let named = format!("{}::CALLS", name.to_str().unwrap());
        assert!(sources.iter().any(|(_, text)| text.contains(&named)), "{}: nobody takes it", path.display());
    }
    assert_eq!(count, needed::ALL.iter().map(|(_, tables)| tables.len()).sum::<usize>());
}

#[test]
fn every_call_of_a_table_is_made_and_no_table_has_it_twice() {
    let sources = sources();
    for (adapter, tables) in needed::ALL {
        let theirs = of(&sources, adapter);
        for table in *tables {
            for (at, call) in table.iter().enumerate() {
                let ways = [
                    format!(".{}()", method(call.operation)),
                    format!("{}Provider::builder(", call.operation),
                ];
                let is_made = theirs.iter().any(|text| ways.iter().any(|way| text.contains(way)));
                assert!(is_made, "{adapter}: nothing calls {}", call.operation);
                let is_new = table[..at].iter().all(|other| other.operation != call.operation);
                assert!(is_new, "{adapter}: {} twice", call.operation);
            }
        }
    }
}
