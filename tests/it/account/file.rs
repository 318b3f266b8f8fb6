//! The account's file: it outlives the process however that ends, and is refused where it isn't ours.

use alpha::domain::role::Write;
use alpha::local::account::OpenError;
use alpha::ports::Health as _;

use super::*;

fn open(path: &Path, account: &str, seed: u64) -> Result<SimulatedAccount, OpenError> {
    SimulatedAccount::open(path, AccountId::new(account), seed, Arc::new(ManualClock::at(noon())) as _)
}

fn note(text: &str) -> Write {
    Write::PutInline { name: "note".to_owned(), document: granting("s3:GetObject", text) }
}

#[tokio::test]
async fn an_account_is_found_as_it_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.db");
    let scene = Scene::on(&path);
    scene.account.write(&approved(), &errand(), &role("web-app"), &note("*")).await.unwrap();
    scene.pass(Duration::from_secs(10)).await;
    let (snapshot, later) = (scene.role("web-app").await, now(&scene));
    let seen = scene.account.collect(&errand(), &snapshot, days(later, 90), &()).await.unwrap();
    let reading = scene.account.since(&errand(), &snapshot, noon()).await.unwrap();
    assert!(reading.calls > 20);
    drop(scene);
    let scene = Scene::on(&path);
    assert_eq!(scene.role("web-app").await, snapshot);
    let again = scene.account.collect(&errand(), &snapshot, days(later, 90), &()).await.unwrap();
    assert_eq!((again.used, again.gaps), (seen.used, seen.gaps));
    assert_eq!(scene.account.since(&errand(), &snapshot, noon()).await.unwrap().calls, reading.calls);
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill() {
    let (scene, folder) = (Scene::new(), tempfile::tempdir().unwrap());
    scene.account.write(&approved(), &errand(), &role("web-app"), &note("*")).await.unwrap();
    scene.pass(Duration::from_secs(2)).await;
    // What a killed process leaves: the file and its journal, as they are at that moment.
    for end in ["", "-wal"] {
        let from = format!("{}{end}", scene.path.display());
        std::fs::copy(from, folder.path().join(format!("account.db{end}"))).unwrap();
    }
    let after = Scene::on(&folder.path().join("account.db"));
    assert_eq!(after.role("web-app").await, scene.role("web-app").await);
    let snapshot = after.role("web-app").await;
    let calls = scene.account.since(&errand(), &snapshot, noon()).await.unwrap().calls;
    assert_eq!(after.account.since(&errand(), &snapshot, noon()).await.unwrap().calls, calls);
}

#[tokio::test]
async fn two_programs_on_one_file_see_each_others_writes() {
    let scene = Scene::new();
    let other = Scene::on(&scene.path);
    assert_eq!(scene.role("web-app").await, other.role("web-app").await);
    other.account.edit_as_somebody_else(&role("web-app"), &note("*")).await.unwrap();
    assert_eq!(scene.role("web-app").await, other.role("web-app").await);
    assert!(scene.role("web-app").await.inline.contains_key("note"));
}

#[test]
fn a_newer_file_is_refused_by_name_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.db");
    drop(open(&path, "111122223333", 1).unwrap());
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 7").unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = open(&path, "111122223333", 1).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 7, .. }));
    let told = error.to_string();
    assert!(told.contains("account.db") && told.contains("schema is 7"), "{told}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_file_of_this_account_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.db");
    drop(open(&path, "111122223333", 1).unwrap());
    for (account, seed) in [("444455556666", 1), ("111122223333", 2)] {
        let error = open(&path, account, seed).unwrap_err();
        assert!(matches!(&error, OpenError::Other { .. }), "{error}");
        assert!(error.to_string().contains(account), "{error}");
    }
    let foreign = folder.path().join("other.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE jobs (id)").unwrap();
    assert!(matches!(open(&foreign, "111122223333", 1), Err(OpenError::Foreign { .. })));
    let text = folder.path().join("text.db");
    std::fs::write(
        &text,
        "no database at all, and long enough to be looked at as one, by whoever would".repeat(20),
    )
    .unwrap();
    assert!(matches!(open(&text, "111122223333", 1), Err(OpenError::Unusable { .. })));
    let nowhere = folder.path().join("no/such/folder/account.db");
    assert!(matches!(open(&nowhere, "111122223333", 1), Err(OpenError::Unusable { .. })));
}

#[tokio::test]
async fn another_account_number_stands_everywhere_in_its_roles() {
    let folder = tempfile::tempdir().unwrap();
    let account = open(&folder.path().join("a"), "444455556666", 1).unwrap();
    let role = RoleRef { account: AccountId::new("444455556666"), name: "managed".to_owned() };
    let snapshot = account.read(&errand(), &role).await.unwrap();
    assert!(!format!("{snapshot:?}").contains("111122223333"));
    assert_eq!(snapshot.arn, "arn:aws:iam::444455556666:role/app/managed");
}
