//! What holds for every file, with ordinary and with hostile values.

mod golden;
mod hostile;

use std::collections::BTreeSet;

use serde_json::Value;

use super::examples::{Example, example, payload};
use super::limits::{check, check_view};
use super::{Context, File, Message, choose, message, note, snippet, view};
use crate::domain::delivery::Slot;
use crate::slack::subject::parse_subject;

const SIMULATED: Context = Context { simulated: true, alone: false };

/// The message that an example gives; none for a modal.
fn shown(file: File) -> Option<Message> {
    match example(file) {
        Example::Message(slot, job, case) => Some(message(&slot, &job, case.as_deref(), &SIMULATED)),
        Example::Note(text) => Some(note(&text)),
        Example::Modal(_) => None,
    }
}

/// Every string of a value, with its key.
fn strings<'a>(value: &'a Value, key: &'a str, found: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::String(text) => found.push((key, text)),
        Value::Array(values) => values.iter().for_each(|value| strings(value, key, found)),
        Value::Object(object) => object.iter().for_each(|(key, value)| strings(value, key, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn action_ids(message: &Message) -> Vec<&str> {
    let buttons = message.blocks.iter().filter_map(|block| block["elements"].as_array()).flatten();
    buttons.filter_map(|button| button["action_id"].as_str()).collect()
}

#[test]
fn the_folder_holds_the_files_that_are_used_and_no_others() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("blocks");
    let there: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let used: BTreeSet<String> = File::ALL.iter().map(|file| format!("{}.json", file.name())).collect();
    assert_eq!(there, used);
}

#[test]
fn every_file_is_valid_json_with_text_and_blocks_or_a_view() {
    for file in File::ALL {
        let parsed: Value = serde_json::from_str(file.source()).unwrap();
        let keys: Vec<&str> = parsed.as_object().unwrap().keys().map(String::as_str).collect();
        if file.is_modal() {
            assert_eq!(parsed["type"], "modal", "{}", file.name());
        } else {
            assert_eq!(keys, ["text", "blocks"], "{}", file.name());
        }
        assert_eq!(file.template(), &parsed);
    }
}

#[test]
fn a_file_keeps_to_slack_s_limits_even_with_its_slots_unfilled() {
    for file in File::ALL {
        let parsed: Value = serde_json::from_str(file.source()).unwrap();
        let problems = if file.is_modal() {
            check_view(&parsed)
        } else {
            let text = parsed["text"].as_str().unwrap().to_owned();
            check(&Message { text, blocks: parsed["blocks"].as_array().unwrap().clone() })
        };
        assert_eq!(problems, [], "{}", file.name());
    }
}

#[test]
fn every_file_is_what_its_example_is_laid_out_in() {
    for file in File::ALL.iter().copied() {
        match example(file) {
            Example::Message(slot, job, case) => {
                assert_eq!(choose::file(&slot, &job, case.as_deref()), file);
            }
            Example::Note(_) => assert_eq!(file, File::Note),
            Example::Modal(modal) => assert_eq!(view(&modal, None)["callback_id"], file.name()),
        }
    }
}

#[test]
fn every_example_is_filled_whole_within_the_limits() {
    for file in File::ALL.iter().copied() {
        let payload = payload(file);
        let mut found = Vec::new();
        strings(&payload, "", &mut found);
        assert!(!found.is_empty(), "{}", file.name());
        assert!(found.iter().all(|(_, text)| !text.contains("{{")), "{payload:#}");
        if let Some(message) = shown(file) {
            assert_eq!(check(&message), [], "{}", file.name());
            assert!(!message.blocks.is_empty(), "{}", file.name());
            assert!(
                message.text.ends_with(['.', ':', '?', ')']) || file == File::Note || message.text.len() > 40
            );
        } else {
            assert_eq!(check_view(&payload), [], "{}", file.name());
        }
    }
}

#[test]
fn every_message_of_a_simulated_account_says_so_and_no_other_does() {
    for file in File::ALL.iter().copied() {
        let Example::Message(slot, job, case) = example(file) else { continue };
        let says = |simulated| {
            let message = message(&slot, &job, case.as_deref(), &Context { simulated, alone: simulated });
            serde_json::to_string(&message.blocks).unwrap().contains("*SIMULATED.*")
        };
        assert!(says(true), "{}", file.name());
        assert!(!says(false), "{}", file.name());
    }
}

#[test]
fn only_the_card_has_a_primary_button_and_it_comes_first() {
    for file in File::ALL.iter().copied() {
        let Some(message) = shown(file) else { continue };
        let ids = action_ids(&message);
        let primary: Vec<&Value> = message
            .blocks
            .iter()
            .filter_map(|block| block["elements"].as_array())
            .flatten()
            .filter(|button| button["style"] == "primary")
            .collect();
        let expected: &[&str] = match file {
            File::Card => &["approve", "deny", "diff", "cancel"],
            File::Held => &["continue", "rollback"],
            File::OutcomeSucceeded => &["rollback"],
            File::OutcomeSuperseded => &["analyze"],
            _ => &[],
        };
        assert_eq!(ids, expected, "{}", file.name());
        assert_eq!(primary.len(), usize::from(file == File::Card), "{}", file.name());
        assert!(primary.iter().all(|button| button["action_id"] == "approve"));
    }
}

#[test]
fn the_rule_for_buttons_is_known_to_the_domain() {
    use crate::domain::receipt::Button;
    let ids: BTreeSet<String> = File::ALL
        .iter()
        .filter_map(|file| shown(*file))
        .flat_map(|message| action_ids(&message).into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(ids, Button::ALL.iter().map(|button| button.as_str().to_owned()).collect());
}

#[test]
fn the_root_never_speaks_of_approving_and_has_no_buttons() {
    use super::examples::job;
    use crate::domain::delivery::Slot;
    for state in every_state() {
        let message = message(&Slot::Root, &job(state), None, &SIMULATED);
        let all = format!("{}{}", message.text, serde_json::to_string(&message.blocks).unwrap());
        assert!(!all.to_lowercase().contains("approv"), "{all}");
        assert!(!all.contains("\"button\""), "{all}");
        assert!(message.text.starts_with("<@U0RAVI> asked"));
    }
}

#[test]
fn every_message_can_be_laid_out_in_every_state_with_and_without_its_case() {
    use super::examples::{case, job};
    let case = case();
    for state in every_state() {
        for epoch in 0..2 {
            for slot in every_slot() {
                let mut job = job(state.clone());
                job.epoch = epoch;
                for briefed in [true, false] {
                    if !briefed {
                        job.case = None;
                    }
                    for case in [Some(&case), None] {
                        for simulated in [true, false] {
                            let message =
                                message(&slot, &job, case, &Context { simulated, alone: simulated });
                            assert!(!message.blocks.is_empty(), "{slot:?} {state:?}: {}", message.text);
                            assert_eq!(check(&message), [], "{slot:?} {state:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_card_whose_details_are_missing_asks_nobody_to_decide() {
    let Example::Message(slot, job, _) = example(File::Card) else { panic!() };
    assert_eq!(action_ids(&message(&slot, &job, None, &SIMULATED)), Vec::<&str>::new());
    let mut other = super::examples::case();
    other.revision = 2;
    assert_eq!(action_ids(&message(&slot, &job, Some(&other), &SIMULATED)), Vec::<&str>::new());
}

#[test]
fn an_older_revision_s_card_says_that_it_was_replaced() {
    let Example::Message(slot, mut job, case) = example(File::Card) else { panic!() };
    job.case.as_mut().unwrap().revision = 2;
    let message = message(&slot, &job, case.as_deref(), &SIMULATED);
    assert!(message.text.starts_with("Revision 1 was replaced by revision 2."), "{}", message.text);
    assert_eq!(action_ids(&message), Vec::<&str>::new());
}

#[test]
fn a_new_revision_has_new_block_ids() {
    use crate::domain::delivery::Slot;
    let Example::Message(_, mut job, case) = example(File::Card) else { panic!() };
    let mut case = *case.unwrap();
    let ids = |job: &crate::domain::job::Job, case: &crate::domain::proposal::Case| {
        let message = message(&Slot::Card(case.revision), job, Some(case), &SIMULATED);
        let ids: Vec<String> =
            message.blocks.iter().filter_map(|block| block["block_id"].as_str()).map(str::to_owned).collect();
        ids
    };
    assert_eq!(ids(&job, &case), ["decide-1"]);
    job.case.as_mut().unwrap().revision = 2;
    case.revision = 2;
    assert_eq!(ids(&job, &case), ["decide-2"]);
}

#[test]
fn the_buttons_of_a_question_say_which_one_they_answer_and_those_of_a_card_none() {
    for (file, question) in [(File::Held, Some(1)), (File::Card, None)] {
        let mut values = Vec::new();
        let blocks = Value::Array(shown(file).unwrap().blocks);
        strings(&blocks, "", &mut values);
        let subjects: Vec<_> = values
            .iter()
            .filter(|(key, _)| *key == "value")
            .map(|(_, value)| parse_subject(value).unwrap().question)
            .collect();
        assert!(!subjects.is_empty() && subjects.iter().all(|found| *found == question), "{subjects:?}");
    }
}

#[test]
fn the_card_says_when_nobody_may_decide() {
    let Example::Message(slot, mut job, case) = example(File::Card) else { panic!() };
    let says = |job: &_| {
        let message = message(&slot, job, case.as_deref(), &SIMULATED);
        serde_json::to_string(&message.blocks)
            .unwrap()
            .contains("Nobody may decide until ALPHA_APPROVERS is set")
    };
    assert!(!says(&*job));
    job.case.as_mut().unwrap().approvable = false;
    assert!(says(&*job));
}

#[test]
fn the_card_says_first_what_keeps_a_role_from_being_changed_and_what_to_do() {
    let Example::Message(slot, mut job, case) = example(File::Card) else { panic!() };
    let seen =
        |job: &_| serde_json::to_value(message(&slot, job, case.as_deref(), &SIMULATED).blocks).unwrap();
    let approve = |blocks: &Value| blocks.as_array().unwrap().last().unwrap()["elements"][0].clone();
    let before = seen(&*job);
    assert_eq!(approve(&before)["text"]["text"], "Approve");
    let why = "It doesn't bear the tag alpha-scope=narrow. Set it:\naws iam tag-role --role-name ci-deployer --tags Key=alpha-scope,Value=narrow";
    job.case.as_mut().unwrap().out_of_scope = Some(why.to_owned());
    let blocks = seen(&*job);
    let told = blocks[2]["elements"][0]["elements"].clone();
    assert_eq!(told[0]["text"], "ALPHA may not change this role, so every approval is refused until it may.");
    assert_eq!(told[1]["text"], format!("\n{why}\nAfter that this proposal can be approved as it stands."));
    let button = approve(&blocks);
    assert_eq!(button["text"]["text"], "Approve, once it may be changed");
    let question = button["confirm"]["text"]["text"].as_str().unwrap();
    assert!(
        question.contains("refused until ALPHA may change it, as the card says; 156 actions are lost"),
        "{question}"
    );
    let notice = message(&slot, &job, case.as_deref(), &SIMULATED).text;
    assert!(notice.contains("ALPHA may not change the role yet"), "{notice}");
    let reminder = message(&Slot::Reminder(1), &job, None, &SIMULATED);
    assert!(serde_json::to_string(&reminder.blocks).unwrap().contains("the card says what to do first"));
}

#[test]
fn the_card_says_a_missing_grant_whole_whatever_else_was_left_out() {
    let Example::Message(slot, mut job, case) = example(File::Card) else { panic!() };
    let mut case = *case.unwrap();
    let denied = "CloudTrail look-up: alpha isn't allowed to do this: LookupEvents needs cloudtrail:LookupEvents; add to \
                  alpha-BotRole-ABCDEFGHIJKL in account 111122223333 (as in infra/): {\"Effect\": \"Allow\", \"Action\": \
                  \"cloudtrail:LookupEvents\", \"Resource\": \"*\"}";
    let told = format!("{denied}. AWS says: {}", "User: arn:aws:sts::111122223333:assumed-role/x ".repeat(9));
    case.coverage.gaps = vec!["days without files ".repeat(9); 4];
    case.coverage.gaps.push(told.clone());
    case.opinions[0].text = told.clone();
    case.prose.as_mut().unwrap().instead = Some(told);
    job.case.as_mut().unwrap().out_of_scope = Some("It doesn't bear the tag. ".repeat(40));
    let message = message(&slot, &job, Some(&case), &SIMULATED);
    assert_eq!(check(&message), []);
    let texts = Value::Array(message.blocks);
    let mut found = Vec::new();
    strings(&texts, "", &mut found);
    assert_eq!(found.iter().filter(|(_, text)| text.contains(denied)).count(), 3, "gap, opinion and advice");
}

#[test]
fn a_success_that_was_taken_back_says_so_and_offers_it_no_more() {
    let Example::Message(slot, mut job, case) = example(File::OutcomeSucceeded) else { panic!() };
    job.epoch = 1;
    job.state = crate::domain::job::State::RollingBack { why: "asked for by ana".to_owned(), stage: None };
    let message = message(&slot, &job, case.as_deref(), &SIMULATED);
    assert_eq!(action_ids(&message), Vec::<&str>::new());
    assert!(serde_json::to_string(&message.blocks).unwrap().contains("It was taken back after that."));
}

#[test]
fn a_long_answer_is_shown_in_two_blocks_divided_at_a_line() {
    let text: String = (0..400).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n");
    let message = note(&text);
    assert_eq!(message.blocks.len(), 2);
    let part = |index: usize| message.blocks[index]["text"]["text"].as_str().unwrap();
    assert_eq!(format!("{}\n{}", part(0), part(1)), text);
    assert_eq!(check(&note(&"x".repeat(20_000))), []);
    assert_eq!(check(&note("")), []);
}

#[test]
fn a_snippet_is_named_after_its_role_and_never_too_long() {
    let mut case = super::examples::case();
    let small = snippet(&case);
    assert_eq!(small.filename, "ci-deployer-revision-1.txt");
    assert_eq!(small.title, "Whole difference of ci-deployer, revision 1");
    case.changes.whole = "ü".repeat(700_000);
    case.snapshot.arn = "arn:aws:iam::1:role/../<!channel>\u{202e}".to_owned();
    let large = snippet(&case);
    assert!(large.text.len() <= 1_000_000);
    assert!(large.text.ends_with("shows all of it)\n"));
    assert_eq!(large.filename, "--channel---revision-1.txt");
}

fn every_state() -> Vec<crate::domain::job::State> {
    use crate::domain::job::{Phase, State};
    use crate::domain::rollout::Stage;
    use jiff::Timestamp;
    let (now, why) = (Timestamp::UNIX_EPOCH, || "because".to_owned());
    let later = Timestamp::from_second(90_000).unwrap();
    let mut states = vec![
        State::Requested,
        State::Collecting,
        State::Proposing,
        State::AwaitingDecision { expires: now, remind: now, reminders: 0 },
        State::Approved,
        State::RollingBack { why: why(), stage: None },
        State::Succeeded,
        State::RolledBack { why: why() },
        State::Denied,
        State::Expired,
        State::Cancelled,
        State::Superseded { why: why() },
        State::Failed { why: why() },
        State::NothingToDo { why: why() },
        State::Stuck { why: why() },
    ];
    for stage in Stage::ALL {
        states.push(State::Held { stage, why: why(), since: now, time: 1 });
        for phase in [
            Phase::Writing { step: u32::MAX },
            Phase::Soaking { since: now, until: now, extended: false },
            Phase::Soaking { since: now, until: later, extended: true },
            Phase::Accepted,
        ] {
            states.push(State::Staging { stage, phase });
        }
    }
    states
}

fn every_slot() -> Vec<crate::domain::delivery::Slot> {
    use crate::domain::delivery::Slot;
    let numbered = [
        Slot::Card,
        Slot::Reminder,
        Slot::Held,
        Slot::Outcome,
        Slot::Announcement,
        Slot::Diff,
        Slot::Pointer,
    ];
    let slots = numbered.iter().flat_map(|slot| (0..3).map(slot));
    std::iter::once(Slot::Root).chain(slots).collect()
}
