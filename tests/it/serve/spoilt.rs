//! A database that can't be used, at the start and under a running service: whoever is concerned gets one clear answer,
//! operators a line in the log, and nothing is lost.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use alpha::local::store::SCHEMA;
use rusqlite::Connection;

use super::alpha::{Alpha, Place, assert_discreet, is_logged};
use super::until;

/// How a file is made unfit.
type Spoil = fn(&Path);

/// Starts the service on a database that it can't use; it says so and ends.
fn refuses(place: &Place) -> String {
    let (status, said) = Alpha::of(place.command()).wait(Duration::from_secs(30));
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("alpha.db") && !said.contains("panicked") && !said.contains("hush"), "{said}");
    said
}

#[test]
fn what_is_no_database_of_this_alpha_is_refused_and_left_as_it_is() {
    let cases: [(&str, Spoil); 4] = [
        ("is not a database", |path| {
            fs::write(path, "a letter to a friend, long enough to be read").unwrap();
        }),
        ("is the database of another program", |path| {
            Connection::open(path).unwrap().execute_batch("CREATE TABLE friends (name TEXT)").unwrap();
        }),
        ("was written by a newer alpha", |path| {
            drop(alpha::local::store::SqliteStore::open(path).unwrap());
            Connection::open(path).unwrap().execute_batch("PRAGMA user_version = 1000").unwrap();
        }),
        ("it is a folder", |path| fs::create_dir(path).unwrap()),
    ];
    for (why, spoil) in cases {
        let place = Place::new();
        spoil(&place.store());
        let before = fs::read(place.store()).ok();
        let said = refuses(&place);
        assert!(said.contains(why), "{why}: {said}");
        assert_eq!(fs::read(place.store()).ok(), before, "{why}");
    }
}

#[test]
fn a_database_that_may_only_be_read_is_refused() {
    let place = Place::new();
    drop(alpha::local::store::SqliteStore::open(&place.store()).unwrap());
    let mut permissions = fs::metadata(place.store()).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(place.store(), permissions).unwrap();
    let said = refuses(&place);
    assert!(said.contains("is read-only: make it and its folder writable"), "{said}");
}

#[test]
fn a_database_that_another_process_holds_at_the_start_is_named() {
    let place = Place::new();
    drop(alpha::local::store::SqliteStore::open(&place.store()).unwrap());
    let other = Connection::open(place.store()).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let said = refuses(&place);
    assert!(said.contains("is locked by another process"), "{said}");
}

/// What somebody is told whose command could not be stored.
const SORRY: &str = "ALPHA could not store this; nothing was done, try again.";

/// While the store can't be written: a command is answered in words, a click isn't acknowledged, so that Slack shows
/// that, and monitoring is told.
fn is_told(place: &Place, alpha: &Alpha, trigger: &str) {
    let answer = place.slash("U0RILEY", "analyze ci-deployer", trigger).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json(), serde_json::json!({"response_type": "ephemeral", "text": SORRY}));
    assert_eq!(place.get("/readyz").unwrap().status, 503);
    assert_eq!(place.get("/healthz").unwrap().status, 200);
    let said = alpha.said();
    assert!(is_logged(&said, "ERROR", "a command could not be stored"), "{said}");
    assert_discreet(&said);
}

/// Afterwards the same request does what it was to do, and only once.
fn goes_on(place: &Place, trigger: &str) {
    let ask = || place.slash("U0RILEY", "analyze ci-deployer", trigger).unwrap().json();
    let answer = until("it can be stored again", Duration::from_secs(20), || {
        let answer = ask();
        answer["text"].as_str().unwrap().starts_with("Analysing").then_some(answer)
    });
    assert_eq!(ask(), answer, "the same request makes one job");
    until("it is ready again", Duration::from_secs(20), || {
        (place.get("/readyz").ok()?.status == 200).then_some(())
    });
}

#[test]
fn a_database_that_another_process_locks_later_is_told_and_waited_for() {
    let place = Place::new();
    let alpha = place.start();
    let other = Connection::open(place.store()).unwrap();
    other.busy_timeout(Duration::from_secs(10)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    is_told(&place, &alpha, "ask.1");
    other.execute_batch("ROLLBACK").unwrap();
    goes_on(&place, "ask.1");
}

#[test]
fn while_another_process_locks_the_database_everybody_is_answered_before_slack_gives_up() {
    let place = Place::new();
    let alpha = place.start();
    let other = Connection::open(place.store()).unwrap();
    other.busy_timeout(Duration::from_secs(10)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (place_, start) = (&place, Instant::now());
    std::thread::scope(|scope| {
        // They keep coming, for longer than one of them is waited with.
        for number in 0..12_u32 {
            scope.spawn(move || {
                std::thread::sleep(start + Duration::from_millis(200) * number - Instant::now());
                let since = Instant::now();
                let answer =
                    place_.slash("U0RILEY", "analyze ci-deployer", &format!("many.{number}")).unwrap();
                let took = since.elapsed();
                assert!(took < Duration::from_millis(2500), "{number}: {took:?}");
                assert_eq!(answer.json()["text"], SORRY, "{number}");
            });
        }
    });
    let count = "SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM receipts)";
    other.execute_batch("ROLLBACK").unwrap();
    goes_on(&place, "ask.1");
    assert_eq!(other.query_row(count, [], |row| row.get::<_, u32>(0)).unwrap(), 1, "only what was stored");
    assert_discreet(&alpha.said());
}

#[test]
fn a_database_that_is_taken_away_is_told_and_back_in_its_place_goes_on() {
    let place = Place::new();
    let alpha = place.start();
    let away = place.folder.path().join("away.db");
    fs::rename(place.store(), &away).unwrap();
    is_told(&place, &alpha, "ask.1");
    fs::rename(&away, place.store()).unwrap();
    goes_on(&place, "ask.1");
}

#[test]
fn a_database_that_a_newer_alpha_changed_meanwhile_is_written_to_no_more() {
    let place = Place::new();
    let alpha = place.start();
    let other = Connection::open(place.store()).unwrap();
    other.busy_timeout(Duration::from_secs(10)).unwrap();
    other.execute_batch("PRAGMA user_version = 1000").unwrap();
    is_told(&place, &alpha, "ask.1");
    other.pragma_update(None, "user_version", SCHEMA).unwrap();
    goes_on(&place, "ask.1");
}

#[test]
fn a_disk_that_is_full_is_told_and_with_room_again_it_goes_on() {
    let place = Place::new();
    let disk = place.folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mut command = place.command();
    command.env("ALPHA_STORE", format!("sqlite:{}", disk.join("alpha.db").display()));
    // A small disk of its own, which nobody else sees and which is gone with the process.
    let Some(command) = on_a_small_disk(&command, &disk) else {
        eprintln!("skipped: nothing can be mounted here");
        return;
    };
    let alpha = place.start_as(command);
    let ballast = alpha.as_it_sees(&disk).join("ballast");
    assert!(fs::write(&ballast, vec![0; 64 << 20]).is_err(), "the disk is small");
    is_told(&place, &alpha, "ask.1");
    fs::remove_file(&ballast).unwrap();
    goes_on(&place, "ask.1");
}

/// The same program, in a world of its own in which a folder is a disk of 16 MB; none where that isn't allowed.
fn on_a_small_disk(program: &Command, folder: &Path) -> Option<Command> {
    const MOUNT: &str = "mount -t tmpfs -o size=16m tmpfs \"$0\" && exec \"$@\"";
    let apart = |rest: &[&std::ffi::OsStr]| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", MOUNT]).arg(folder).args(rest);
        command
    };
    let can = apart(&["true".as_ref()]).output().is_ok_and(|output| output.status.success());
    let words: Vec<_> = std::iter::once(program.get_program()).chain(program.get_args()).collect();
    let mut command = apart(&words);
    command.current_dir(program.get_current_dir()?).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    can.then_some(command)
}
