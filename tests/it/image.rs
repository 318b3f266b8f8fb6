//! The image: its build takes in all that the program is made of, since no container engine is at hand to show it.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// The sources below a folder, without those of tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.file_stem().is_some_and(|name| name == "tests");
        match path.extension() {
            _ if is_test => {}
            Some(end) if end == "rs" => found.push(path),
            _ if path.is_dir() => sources(&path, found),
            _ => {}
        }
    }
}

/// What a source takes in of other files, as far as a literal says which.
fn taken_in(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let calls = ["include_str!(", "include_bytes!("].into_iter().flat_map(|call| code.split(call).skip(1));
    calls.map(|rest| rest.split('"').nth(1).unwrap().to_owned()).collect()
}

/// A path below the root, without going up and down again.
fn below(root: &Path, path: &Path) -> PathBuf {
    let plain = path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
        plain
    });
    plain.strip_prefix(root).unwrap().to_owned()
}

#[test]
fn the_build_of_the_image_takes_in_whatever_the_program_is_made_of() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ignored = fs::read_to_string(root.join(".dockerignore")).unwrap();
    assert!(ignored.lines().any(|line| line == "*"), "everything is kept out but what is named");
    let named: Vec<&Path> =
        ignored.lines().filter_map(|line| line.strip_prefix('!')).map(Path::new).collect();
    let has = |path: &Path| named.iter().any(|name| path.starts_with(name));
    for name in &named {
        assert!(root.join(name).exists(), "there is no {}", name.display());
    }

    let mut all = Vec::new();
    sources(&root.join("src"), &mut all);
    let mut count = 0;
    for source in all {
        let folder = source.parent().unwrap();
        for file in taken_in(&fs::read_to_string(&source).unwrap()) {
            let path = below(root, &folder.join(file));
            assert!(has(&path), "{} takes in {}, which the build doesn't", source.display(), path.display());
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
    // What cargo reads before it compiles anything; benches have to be there, since it looks for them.
    for path in ["Cargo.toml", "Cargo.lock", "src/main.rs", "benches"] {
        assert!(has(Path::new(path)), "{path}");
    }
}
