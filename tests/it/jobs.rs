//! `alpha job` as operators run it on what there is, and isn't.

use std::fs;

use crate::support::{alpha, scratch};

#[test]
fn whoever_only_looks_makes_no_files_and_is_told_which_one_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alpha.db");
    let store = format!("sqlite:{}", path.display());
    for verb in
        [&["list"][..], &["show", "j-0123456789abcdef"], &["diff", "j-0123456789abcdef"], &["history", "web"]]
    {
        let run = alpha(&[&["job"], verb, &["--store", &store]].concat(), b"");
        assert_eq!((run.status, run.out.as_str()), (1, ""), "{verb:?}: {}", run.err);
        let missing = format!("{} doesn't exist", path.display());
        assert!(run.err.contains(&missing) && run.err.contains("ALPHA_STORE"), "{verb:?}: {}", run.err);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn whoever_decides_makes_none_either() {
    let (folder, approvers) = scratch(
        "approvers.toml",
        b"[[principal]]\nid = \"ana\"\ngroups = [\"g\"]\n[[grant]]\ngroup = \"g\"\nverbs = [\"approve\"]\n",
    );
    let store = format!("sqlite:{}", folder.path().join("alpha.db").display());
    let act =
        ["job", "approve", "j-0123456789abcdef", "--as", "ana", "--store", &store, "--approvers", &approvers];
    let run = alpha(&act, b"");
    assert_eq!(run.status, 1);
    assert!(run.err.contains("doesn't exist"), "{}", run.err);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_bad_approvers_file_hinders_nobody_who_looks_and_is_named_to_whoever_decides() {
    let (folder, approvers) = scratch("approvers.toml", b"[[principal]]\nid = 7\n");
    let path = folder.path().join("alpha.db");
    drop(alpha::local::store::SqliteStore::open(&path).unwrap());
    let store = format!("sqlite:{}", path.display());
    let files = ["--store", &store, "--approvers", &approvers];
    let run = alpha(&[&["job", "list"], &files[..]].concat(), b"");
    assert_eq!((run.status, run.out.as_str()), (0, "no jobs\n"), "{}", run.err);
    let run = alpha(&[&["job", "approve", "j-0123456789abcdef"], &files[..]].concat(), b"");
    assert_eq!(run.status, 2);
    assert!(run.err.contains(&format!("--approvers: found {approvers:?}; ")), "{}", run.err);
    assert!(run.err.contains(&format!("{approvers}:2:")), "{}", run.err);
}

#[test]
fn what_is_wrong_with_the_approvers_file_is_told_with_all_else_that_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none.toml");
    let run = alpha(&["serve", "--listen", "nowhere", "--approvers", missing.to_str().unwrap()], b"");
    assert_eq!(run.status, 2);
    for part in ["--listen: found", "--approvers: found", "can't be read", "none.toml"] {
        assert!(run.err.contains(part), "{part} in {}", run.err);
    }
}
