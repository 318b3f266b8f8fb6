//! Records: what is written down reads back as it was, and what isn't known is refused.

use alpha::domain::approval::{Order, Word};
use alpha::domain::delivery::{Posted, Slot, Status};
use alpha::domain::generation::{Queue, Running, Waiting};
use alpha::domain::ids::{ChannelId, MessageTs, Person, PrincipalId};
use alpha::domain::job::Job;
use alpha::domain::proposal::{Case, Prose};
use alpha::domain::receipt::Receipt;
use alpha::ports::StoreError;
use alpha::record::{read, slot_of, word_of, write};

use crate::store::samples::{approval, at, brief, case, job, name, new, receipt, row};

fn decided() -> Job {
    let mut job = job(1);
    job.case = Some(brief(&case(&job, 3)));
    job.decision = Some(approval(&job, "ada"));
    job.word = Some(Word {
        order: Order::Continue,
        principal: Some(PrincipalId::new("ben")),
        person: Some(Person::new("T1", "U3")),
        at: at(9),
        question: Some(1),
    });
    job.head = Some((4, case(&job, 3).digest()));
    job.progress = vec!["CloudTrail look-up: 1,250 events so far".to_owned()];
    job.due = Some("2026-10-01T08:00:00.123456789Z".parse().unwrap());
    job
}

fn queue() -> Queue {
    Queue {
        waiting: vec![Waiting { job: name(2), seen: at(1) }],
        running: Some(Running {
            job: name(1),
            token: "alpha-1".to_owned(),
            generation: Some("g-1".to_owned()),
            seen: at(2),
        }),
        starts: vec![at(0), at(2)],
        refused: Some(at(9)),
    }
}

#[test]
fn everything_reads_back_as_it_was() {
    for job in [job(1), decided()] {
        assert_eq!(read::<Job>("x", &write(&job).unwrap()).unwrap(), job);
    }
    let case = case(&job(1), 3);
    let back: Case = read("x", &write(&case).unwrap()).unwrap();
    assert_eq!((back.digest(), &back), (case.digest(), &case));
    let entry = new(job(1)).entries.remove(0);
    assert_eq!(read::<alpha::domain::audit::Entry>("x", &write(&entry).unwrap()).unwrap(), entry);
    assert_eq!(read::<Receipt>("x", &write(&receipt(1)).unwrap()).unwrap(), receipt(1));
    assert_eq!(read::<Queue>("x", &write(&queue()).unwrap()).unwrap(), queue());
    assert_eq!(read::<Queue>("x", &write(&Queue::default()).unwrap()).unwrap(), Queue::default());
    let mut row = row(None, 1, at(1));
    for status in [Status::Pending, Status::Unknown, Status::Sent, Status::Dead("why".to_owned())] {
        row.status = status;
        assert_eq!(read::<alpha::domain::delivery::Row>("x", &write(&row).unwrap()).unwrap(), row);
    }
    let posted = Posted {
        slot: Slot::Diff(7),
        channel: ChannelId::new("C1"),
        ts: MessageTs::new("1790841600.000100"),
        link: Some("https://example.slack.com/archives/C1/p1790841600000100".to_owned()),
    };
    assert_eq!(read::<Posted>("x", &write(&posted).unwrap()).unwrap(), posted);
}

#[test]
fn a_case_on_which_nobody_else_was_asked_is_written_as_it_was_before_anybody_could_be() {
    let mut case = case(&job(1), 3);
    case.opinions.clear();
    case.prose = Some(Prose {
        text: "It reads.".to_owned(),
        author: Prose::FACTS.to_owned(),
        opinion: None,
        instead: None,
    });
    let text = write(&case).unwrap();
    assert!(text.contains(r#""prose":{"text":"It reads.","author":"facts"},"guardrails""#), "{text}");
    assert!(!text.contains("opinion"), "{text}");
    assert_eq!(read::<Case>("x", &text).unwrap(), case);
}

#[test]
fn every_record_begins_with_its_version() {
    let job = decided();
    let texts = [
        write(&job).unwrap(),
        write(&case(&job, 1)).unwrap(),
        write(&new(job).entries[0]).unwrap(),
        write(&receipt(1)).unwrap(),
        write(&row(None, 1, at(1))).unwrap(),
        write(&queue()).unwrap(),
    ];
    for text in texts {
        assert!(text.starts_with(r#"{"v":1,"#), "{text}");
    }
}

#[test]
fn a_job_is_small_enough_to_be_written_at_every_step() {
    let size = write(&decided()).unwrap().len();
    assert!(size < 2_000, "{size}");
}

fn why(from: &str, to: &str) -> String {
    let text = write(&decided()).unwrap();
    let spoilt = text.replacen(from, to, 1);
    assert_ne!(spoilt, text, "{from} isn't in {text}");
    match read::<Job>("j-1", &spoilt) {
        Err(StoreError::Corrupt(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_known_is_named() {
    for (from, to, expected) in [
        (r#""v":1"#, r#""v":2,"from":"the future""#, "its version is 2, and this one knows 1"),
        (r#""v":1,"#, "", "missing field `v`"),
        (r#""state":"Requested""#, r#""state":"Paused""#, "unknown variant `Paused`"),
        (r#""severity":"medium""#, r#""severity":"dire""#, "unknown variant `dire`"),
        (r#""told":0"#, r#""told":0,"muted":true"#, "unknown field `muted`"),
        ("2026-10-01T08:00:00.123456789Z", "soon", "\"soon\" is no instant"),
        (r#""epoch":0"#, r#""epoch":-1"#, "invalid value"),
        (r#","updated""#, r#","created""#, "duplicate field `created`"),
    ] {
        let why = why(from, to);
        assert!(why.starts_with("job j-1: ") && why.contains(expected), "{why}");
    }
    let case = write(&case(&job(1), 1)).unwrap().replacen(r#""Effect":"Allow""#, r#""Effect":"Maybe""#, 1);
    let why = read::<Case>("j-1 revision 1", &case).unwrap_err().to_string();
    assert!(why.contains("a policy: at /Statement"), "{why}");
}

#[test]
fn a_slot_has_one_word() {
    let slots = [
        Slot::Root,
        Slot::Card(1),
        Slot::Reminder(2),
        Slot::Held(3),
        Slot::Outcome(0),
        Slot::Announcement(u32::MAX),
        Slot::Diff(1),
        Slot::Pointer(1),
    ];
    for slot in slots {
        assert_eq!(slot_of(&word_of(&slot)), Some(slot));
    }
    for word in
        ["", "Root", "root/1", "card", "card/", "card/01", "card/+1", "card/-1", "card/4294967296", "ring/1"]
    {
        assert_eq!(slot_of(word), None, "{word}");
    }
}
