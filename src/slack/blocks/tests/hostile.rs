//! Values that want to break out, ping, format, or be too long.

use proptest::prelude::*;
use serde_json::Value;

use super::super::examples::{Example, case, example};
use super::super::limits::{check, check_view};
use super::super::{Context, File, Message, message, note, view};
use super::{every_slot, every_state, strings};
use crate::domain::approval::Word;
use crate::domain::delivery::{Modal, Slot};
use crate::domain::ids::{AccountId, Person, PrincipalId, UserId};
use crate::domain::job::{Job, State};
use crate::domain::opinion::{Check, Opinion, Stand};
use crate::domain::proposal::{Case, DiffLine, Prose};
use crate::domain::receipt::Subject;
use crate::iam::risk::{Reason, RiskLevel};
use crate::slack::subject::parse_origin;

/// Texts that somebody might try.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "<!channel> <!here> <@U0ANA> <#C0CLOUD|general> <https://example.com|click>",
        "*bold* _italic_ ~struck~ `code` ```block``` > quoted :tada: &lt;!channel&gt;",
        "{{role}} {{subject}} {{nothing}} {{",
        "\u{202e}desrever\u{202c} a\u{200b}b\u{feff} \u{2066}x\u{2069}",
        "\"}, {\"type\": \"button\", \"action_id\": \"approve\"}, {\"",
        "line\nline\r\nline\u{2028}line\ttab\u{1b}[31m\u{0}",
        "\u{200b}\u{202e}\n \t",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("x".repeat(10_000));
    texts.push("&<>".repeat(5_000));
    texts.push("👩‍👩‍👧‍👦🎉".repeat(3_000));
    texts.push("`\n".repeat(5_000));
    texts.push(texts.concat());
    texts
}

/// A case in which everything that anybody can write is this text.
fn hostile_case(text: &str) -> Case {
    let said = || text.to_owned();
    // Many long ones would show no more than one does.
    let many = |count: usize| {
        let short: String = text.chars().take(300).collect();
        std::iter::once(said()).chain(vec![short; count - 1]).collect::<Vec<_>>()
    };
    let mut case = case();
    case.changes.lines =
        many(500).into_iter().map(|text| DiffLine { kind: text.clone(), text, actions: u64::MAX }).collect();
    case.changes.before = u64::MAX;
    case.changes.whole = said();
    case.changes.unobservable = many(200);
    case.changes.unwatched = many(200);
    case.risk.reasons = many(200).into_iter().map(|text| Reason { level: RiskLevel::Medium, text }).collect();
    case.coverage.gaps = many(200);
    case.coverage.calls = u64::MAX;
    case.proofs.grants = u64::MAX;
    case.proofs.broken = u64::MAX;
    case.prose =
        Some(Prose { text: said(), author: said(), opinion: Some(RiskLevel::High), instead: Some(said()) });
    let opinion = |check, stand| Opinion { check, stand, text: said() };
    case.opinions = Check::ALL.map(|check| opinion(check, Stand::Differs)).to_vec();
    case.guardrails = said();
    case.snapshot.arn = said();
    case.stages.iter_mut().for_each(|stage| stage.skipped = Some(said()));
    case
}

/// A job, likewise.
fn hostile_job(state: State, text: &str) -> Job {
    let mut job = super::super::examples::job(with_why(state, text));
    job.role.name = text.to_owned();
    job.role.account = AccountId::new(text);
    job.asked.by.user = UserId::new(text);
    let brief = job.case.as_mut().unwrap();
    (brief.approvable, brief.out_of_scope) = (false, Some(text.repeat(3)));
    job.word = Some(Word {
        principal: Some(PrincipalId::new(text)),
        person: Some(Person::new("T0ACME", text)),
        ..super::super::examples::word()
    });
    if let Some(decision) = &mut job.decision {
        decision.reason = Some(crate::domain::reason::Reason::stored(text.to_owned()));
        decision.principal = Some(PrincipalId::new(text));
        decision.person.as_mut().unwrap().user = UserId::new(text);
    }
    job
}

fn with_why(state: State, text: &str) -> State {
    let why = text.to_owned();
    match state {
        State::Held { stage, since, time, .. } => State::Held { stage, why, since, time },
        State::RollingBack { stage, .. } => State::RollingBack { why, stage },
        State::RolledBack { .. } => State::RolledBack { why },
        State::Superseded { .. } => State::Superseded { why },
        State::Failed { .. } => State::Failed { why },
        State::NothingToDo { .. } => State::NothingToDo { why },
        State::Stuck { .. } => State::Stuck { why },
        other => other,
    }
}

/// What Slack would read as more than text: everything in angle brackets outside of what we make ourselves.
fn markup(text: &str) -> Vec<&str> {
    text.match_indices('<')
        .map(|(at, _)| &text[at..text[at..].find('>').map_or(text.len(), |end| at + end + 1)])
        .collect()
}

/// What is outside of code spans: there nothing of anybody's may stand.
fn outside_code(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

fn judge(message: &Message, of: &str) {
    assert!(!message.blocks.is_empty(), "{of}: fell back to {:?}", message.text);
    let problems = check(message);
    assert!(problems.is_empty(), "{of}: {problems:?}");
    let text = Value::String(message.text.clone());
    let blocks = Value::Array(message.blocks.clone());
    let mut found = Vec::new();
    strings(&text, "notice", &mut found);
    strings(&blocks, "", &mut found);
    for (_, text) in &found {
        let unseen = |c: char| {
            c.is_control() && c != '\n' && c != '\t'
                || ('\u{200b}'..='\u{200f}').contains(&c)
                || ('\u{2028}'..='\u{202e}').contains(&c)
                || ('\u{2060}'..='\u{206f}').contains(&c)
                || c == '\u{feff}'
        };
        assert!(!text.contains(unseen), "{of}: {text:?}");
    }
    let mut marked = vec![message.text.as_str()];
    marked_texts(&blocks, &mut marked);
    for text in marked {
        for tag in markup(text) {
            let ours = tag.starts_with("<!date^") || (tag.starts_with("<@U0") && tag.len() <= 12);
            assert!(ours && tag.ends_with('>'), "{of}: {tag:?} in {text:?}");
        }
    }
}

fn marked_texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    if value["type"] == "mrkdwn" {
        found.extend(value["text"].as_str());
    }
    match value {
        Value::Array(values) => values.iter().for_each(|value| marked_texts(value, found)),
        Value::Object(object) => object.values().for_each(|value| marked_texts(value, found)),
        _ => {}
    }
}

#[test]
fn every_message_in_every_state_withstands_every_hostile_text() {
    for text in texts() {
        let case = hostile_case(&text);
        for state in every_state() {
            let job = hostile_job(state.clone(), &text);
            for slot in [
                Slot::Root,
                Slot::Card(1),
                Slot::Card(2),
                Slot::Reminder(1),
                Slot::Held(1),
                Slot::Outcome(0),
                Slot::Announcement(0),
                Slot::Pointer(1),
            ] {
                let message = message(&slot, &job, Some(&case), &Context { simulated: true, alone: true });
                judge(&message, &format!("{slot:?} {} {text:.40?}", state.word()));
            }
        }
        let answer = note(&text);
        assert_eq!(check(&answer), [], "{text:.40?}");
        assert_eq!(markup(&answer.text), Vec::<&str>::new());
    }
}

#[test]
fn modals_withstand_every_hostile_text() {
    for text in texts() {
        let job = hostile_job(State::Approved, &text);
        for file in [File::Deny, File::Ask] {
            let Example::Modal(modal) = example(file) else { panic!() };
            assert_eq!(check_view(&view(&modal, Some(&job))), [], "{text:.40?}");
        }
    }
}

#[test]
fn a_role_s_name_formats_nothing_where_mark_up_is_read() {
    let (job, case) = (hostile_job(State::Requested, "*loud*"), hostile_case("*loud*"));
    for slot in every_slot() {
        let message = message(&slot, &job, Some(&case), &Context::default());
        let blocks = Value::Array(message.blocks.clone());
        let mut marked = vec![message.text.as_str()];
        marked_texts(&blocks, &mut marked);
        for text in marked {
            assert!(!outside_code(text).contains("*loud*"), "{slot:?}: {text}");
        }
    }
}

#[test]
fn a_value_with_a_slot_in_it_is_shown_as_it_is() {
    let Example::Message(slot, mut job, case) = example(File::Card) else { panic!() };
    job.role.name = "{{subject}}".to_owned();
    let message = message(&slot, &job, case.as_deref(), &Context::default());
    assert_eq!(message.blocks[0]["text"]["text"], "Narrow the role {{subject}}");
}

#[test]
fn what_comes_back_with_a_modal_is_what_was_put_in() {
    let Example::Modal(modal) = example(File::Deny) else { panic!() };
    let Modal::Deny { job, revision, digest, channel, thread } = &modal else { panic!() };
    let view = view(&modal, None);
    let back = parse_origin(view["private_metadata"].as_str().unwrap()).unwrap();
    let subject = Subject::revision(job.clone(), *revision, digest.clone());
    assert_eq!((back.subject, &back.channel, &back.thread), (Some(subject), channel, thread));
    assert_eq!(view["blocks"].as_array().unwrap().len(), 1, "without its job the modal names no role");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_withstood(text in "(?s).{0,400}", state in 0..every_state().len(), slot in 0..every_slot().len()) {
        let (job, case) = (hostile_job(every_state()[state].clone(), &text), hostile_case(&text));
        let slot: Slot = every_slot()[slot].clone();
        let message = message(&slot, &job, Some(&case), &Context { simulated: true, alone: true });
        judge(&message, &format!("{slot:?} {}", job.state.word()));
        prop_assert_eq!(check(&note(&text)), []);
    }
}
