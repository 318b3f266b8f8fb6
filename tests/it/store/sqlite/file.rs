//! Files that are not as they should be: each is refused by name, in words that say what to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alpha::local::store::{OpenError, SCHEMA, SqliteStore};
use alpha::ports::{Created, Store, StoreError};
use rusqlite::Connection;

use super::open;
use crate::store::samples::{job, name, new};

fn scratch() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alpha.db");
    (folder, path)
}

fn refused(path: &Path) -> OpenError {
    let error = SqliteStore::open_with(path, Duration::from_millis(50)).unwrap_err();
    assert!(error.to_string().starts_with(path.to_str().unwrap()), "{error}");
    error
}

#[test]
fn a_newer_file_is_refused_by_name_and_left_as_it_is() {
    let (_folder, path) = scratch();
    drop(open(&path));
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let before = fs::read(&path).unwrap();
    let error = refused(&path);
    assert_eq!(error, OpenError::Newer { path: path.clone(), found: 7, known: SCHEMA });
    let text = error.to_string();
    let rest = format!(
        " was written by a newer alpha (schema 7, this one knows {SCHEMA}): use that one, or another file"
    );
    assert!(text.ends_with(&rest), "{text}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_database_is_refused_and_left_as_it_is() {
    let (_folder, path) = scratch();
    let text = "[slack]\nthis is a configuration file, and quite a long one at that\n".repeat(40);
    fs::write(&path, &text).unwrap();
    assert_eq!(refused(&path), OpenError::NotADatabase(path.clone()));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn the_database_of_another_program_is_refused_and_left_as_it_is() {
    let (_folder, path) = scratch();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(refused(&path), OpenError::Foreign(path.clone()));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_read_only_file_is_refused() {
    let (_folder, path) = scratch();
    drop(open(&path));
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    assert_eq!(refused(&path), OpenError::ReadOnly(path.clone()));
}

#[test]
fn a_damaged_file_is_refused() {
    let (_folder, path) = scratch();
    drop(open(&path));
    let mut bytes = fs::read(&path).unwrap();
    // The header says what it is; the schema behind it is gone.
    bytes[100..4096].fill(0xee);
    fs::write(&path, bytes).unwrap();
    assert!(matches!(refused(&path), OpenError::Damaged { .. }));
}

#[test]
fn a_path_that_can_be_no_file_is_refused() {
    let (folder, path) = scratch();
    let why = |path: &Path| match refused(path) {
        OpenError::Unusable { why, .. } => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(&folder.path().join("none/alpha.db")), "its folder doesn't exist; make it first");
    assert_eq!(why(folder.path()), "it is a folder; name a file");
    fs::write(&path, "").unwrap();
    assert!(!why(&path.join("alpha.db")).is_empty());
}

#[tokio::test]
async fn a_file_locked_by_another_is_refused_and_works_once_it_is_free() {
    let (_folder, path) = scratch();
    drop(open(&path));
    let other = Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    assert_eq!(refused(&path), OpenError::Locked(path.clone()));
    drop(other);
    open(&path).ready().await.unwrap();
}

#[tokio::test]
async fn a_lock_held_for_too_long_is_an_error_and_nothing_is_stored() {
    let (_folder, path) = scratch();
    let store = SqliteStore::open_with(&path, Duration::from_millis(30)).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.create(new(job(1))).await.unwrap_err();
    assert_eq!(error, StoreError::Unavailable("another process holds the database file".to_owned()));
    assert!(store.ready().await.is_err());
    assert_eq!(store.job(&name(1)).await.unwrap(), None, "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.create(new(job(1))).await.unwrap(), Created::Created);
}

#[tokio::test]
async fn a_file_that_is_moved_away_takes_no_writes_and_does_again_when_it_is_back() {
    let (folder, path) = scratch();
    let store = open(&path);
    store.create(new(job(1))).await.unwrap();
    let away = folder.path().join("away.db");
    fs::rename(&path, &away).unwrap();
    let error = store.create(new(job(2))).await.unwrap_err();
    assert!(matches!(&error, StoreError::ReadOnly(why) if why.contains("was moved or deleted")), "{error:?}");
    assert!(matches!(store.ready().await.unwrap_err(), StoreError::ReadOnly(_)));
    fs::rename(&away, &path).unwrap();
    assert_eq!(store.create(new(job(2))).await.unwrap(), Created::Created);
    store.ready().await.unwrap();
}

#[tokio::test]
async fn a_file_that_a_newer_alpha_takes_over_is_not_written_any_more() {
    let (_folder, path) = scratch();
    let store = open(&path);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", SCHEMA + 1).unwrap();
    let error = store.create(new(job(1))).await.unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt(why) if why.contains("another version")), "{error:?}");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named_and_holds_nothing_up() {
    let (_folder, path) = scratch();
    let store = open(&path);
    for number in 1..=2 {
        store.create(new(job(number))).await.unwrap();
    }
    let other = Connection::open(&path).unwrap();
    let spoil = "UPDATE jobs SET record = replace(record, '\"v\":1', '\"v\":2') WHERE id = ?1";
    assert_eq!(other.execute(spoil, [name(1).as_str()]).unwrap(), 1);
    let error = store.job(&name(1)).await.unwrap_err().to_string();
    assert!(error.contains(name(1).as_str()) && error.contains("version is 2"), "{error}");
    let claim = crate::store::samples::worker("a");
    let claimed = store.claim_jobs(&claim, crate::store::samples::at(9), 1).await.unwrap();
    let claimed =
        [claimed, store.claim_jobs(&claim, crate::store::samples::at(9), 1).await.unwrap()].concat();
    assert_eq!(claimed.into_iter().map(|job| job.id).collect::<Vec<_>>(), [name(2)]);
}

#[tokio::test]
async fn a_history_refuses_to_be_rewritten() {
    let (_folder, path) = scratch();
    let store = open(&path);
    store.create(new(job(1))).await.unwrap();
    let other = Connection::open(&path).unwrap();
    for sql in ["UPDATE history SET what = 'nothing'", "DELETE FROM history"] {
        let error = other.execute_batch(sql).unwrap_err().to_string();
        assert!(error.contains("only ever added to"), "{error}");
    }
    assert_eq!(store.history(&name(1)).await.unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = scratch();
    drop(open(&path));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn whoever_looks_into_the_file_sees_how_things_stand() {
    let (_folder, path) = scratch();
    let store = open(&path);
    store.create(new(job(1))).await.unwrap();
    let other = Connection::open(&path).unwrap();
    let sql = "SELECT role || ' ' || state || ' ' || version || ' ' || requester_team || '/' || requester_user || ' '
        || datetime(due / 1000, 'unixepoch') FROM jobs";
    let seen: String = other.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(seen, "111122223333/role-1 Requested 1 T1/U1 2026-10-01 08:00:00");
    let seen: String =
        other.query_row("SELECT act || ' ' || status FROM outbox", [], |row| row.get(0)).unwrap();
    assert_eq!(seen, "update root pending");
}
