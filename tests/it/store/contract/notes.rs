//! Notes that several processes keep between them.

use alpha::ports::Note;

use crate::store::Place;

pub async fn a_note_is_written_only_over_the_version_that_was_seen(place: &Place) {
    let store = place.open();
    let noted = async |key: &str| store.note(key).await.unwrap();
    let write = async |key: &str, from: Option<u64>, text: &str| {
        store.write_note(key, from, text.to_owned()).await.unwrap()
    };
    assert_eq!(noted("queue/a").await, None);
    assert!(!write("queue/a", Some(1), "x").await, "it isn't there yet");
    assert_eq!(noted("queue/a").await, None);
    assert!(write("queue/a", None, "one").await);
    assert_eq!(noted("queue/a").await, Some(Note { version: 1, text: "one".to_owned() }));
    assert!(!write("queue/a", None, "x").await, "it is there already");
    assert!(!write("queue/a", Some(0), "x").await);
    assert!(!write("queue/a", Some(2), "x").await);
    assert!(write("queue/a", Some(1), "two \u{202e} \"\n").await);
    assert!(!write("queue/a", Some(1), "x").await, "that version is past");
    assert_eq!(noted("queue/a").await, Some(Note { version: 2, text: "two \u{202e} \"\n".to_owned() }));
    assert_eq!(noted("queue/b").await, None, "another key is another note");
}

pub async fn of_racing_writers_of_a_note_each_sees_what_the_others_wrote(place: &Place) {
    let store = place.open();
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut written = 0;
                while written < 5 {
                    let note = store.note("count").await.unwrap();
                    let count: u64 = note.as_ref().map_or(0, |note| note.text.parse().unwrap());
                    let from = note.map(|note| note.version);
                    let done = store.write_note("count", from, (count + 1).to_string()).await.unwrap();
                    written += usize::from(done);
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let note = store.note("count").await.unwrap();
    assert_eq!(note, Some(Note { version: 40, text: "40".to_owned() }));
}

pub async fn notes_survive_reopening(place: &Place) {
    let store = place.open();
    assert!(store.write_note("k", None, "one".to_owned()).await.unwrap());
    drop(store);
    let store = place.open();
    assert!(store.write_note("k", Some(1), "two".to_owned()).await.unwrap());
    assert_eq!(store.note("k").await.unwrap(), Some(Note { version: 2, text: "two".to_owned() }));
}
