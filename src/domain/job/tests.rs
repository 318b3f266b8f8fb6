use proptest::prelude::*;

use super::*;
use crate::domain::approval::{Approved, Order, Verdict};
use crate::domain::audit::{Entry, first_broken};
use crate::domain::delivery::{Act, Reaction, Slot};
use crate::domain::samples::*;

fn states() -> Vec<State> {
    let why = || "why".to_owned();
    let mut all = vec![
        State::Requested,
        State::Collecting,
        State::Proposing,
        State::AwaitingDecision { expires: at(1000), remind: at(500), reminders: 0 },
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
        all.push(State::Held { stage, why: why(), since: start(), time: 1 });
        all.push(State::Staging { stage, phase: Phase::Writing { step: 0 } });
        all.push(State::Staging { stage, phase: Phase::Accepted });
        let phase = Phase::Soaking { since: start(), until: at(60), extended: false };
        all.push(State::Staging { stage, phase });
    }
    all
}

fn events() -> Vec<Event> {
    let why = || "why".to_owned();
    let job = awaiting();
    let decision = |verdict| Event::Decided(Decision { verdict, ..approval(&job) });
    let judged = Event::Judged;
    vec![
        Event::Admitted,
        Event::Refused { why: why() },
        Event::Progressed { lines: vec![why()] },
        Event::Collected { what: why() },
        Event::Proposed(Box::new(job.case.clone().unwrap())),
        Event::NothingToDo { why: why() },
        decision(Verdict::Approve),
        decision(Verdict::Deny),
        decision(Verdict::Withdraw),
        Event::Changed { why: why() },
        Event::Verified,
        Event::Wrote { step: 0, what: why() },
        Event::Foreign { why: why(), remains: None },
        Event::Foreign { why: why(), remains: Some(why()) },
        judged(Judgement::Healthy { what: why() }),
        judged(Judgement::Unhealthy { what: why() }),
        judged(Judgement::TooFew { what: why() }),
        judged(Judgement::NotYet { at: at(70) }),
        judged(Judgement::Unreadable { why: why() }),
        Event::Ordered(word(Order::Continue)),
        Event::Ordered(word(Order::RollBack)),
        Event::Undid { what: why() },
        Event::Undone,
        Event::Faltered { why: why() },
        Event::GaveUp { why: why() },
        Event::Due,
    ]
}

/// Which states may follow which, as the design draws them.
fn may_follow(from: &str, to: &str) -> bool {
    let targets: &[&str] = match from {
        "Requested" => &["Collecting", "Failed", "Cancelled"],
        "Collecting" => &["Proposing", "Failed", "NothingToDo", "Cancelled"],
        "Proposing" => &["AwaitingDecision", "Failed", "NothingToDo", "Cancelled"],
        "AwaitingDecision" => &["Approved", "Denied", "Expired", "Cancelled", "Superseded"],
        "Approved" => &["Staging", "Superseded", "Cancelled", "Failed"],
        "Staging" => &["Succeeded", "Held", "RollingBack", "Stuck", "Superseded"],
        "Held" => &["Staging", "RollingBack"],
        "RollingBack" => &["RolledBack", "Stuck"],
        "Succeeded" => &["RollingBack"],
        _ => &[],
    };
    from == to || targets.contains(&to)
}

#[test]
fn every_state_and_event_is_decided_and_leads_where_the_design_says() {
    for state in states() {
        for event in events() {
            let job = Job { state: state.clone(), ..awaiting() };
            let Ok(transition) = next(&job, &event, at(100)) else { continue };
            let (from, to) = (state.word(), transition.job.state.word());
            assert!(may_follow(from, to), "{from} --{}--> {to}", event.word());
            assert!(
                !state.is_terminal() || matches!(state, State::Succeeded),
                "{from} is an end, and {} moved it",
                event.word()
            );
            assert_eq!(transition.job.version, job.version + 1);
        }
    }
}

#[test]
fn what_waits_for_people_alone_is_never_due_and_everything_else_is() {
    for state in states() {
        for event in events() {
            let job = Job { state: state.clone(), ..awaiting() };
            let Ok(Transition { job, .. }) = next(&job, &event, at(100)) else { continue };
            let idle = job.state.is_terminal() || matches!(job.state, State::Held { .. });
            assert_eq!(job.due.is_none(), idle, "{:?} after {}", job.state, event.word());
            if !idle && !matches!(job.state, State::AwaitingDecision { .. }) {
                assert!(job.work().is_some(), "{:?} has nothing to do", job.state);
            }
        }
    }
}

#[test]
fn an_end_is_told_once_in_the_thread_and_once_in_the_channel() {
    for state in states() {
        for event in events() {
            let job = Job { state: state.clone(), ..awaiting() };
            let Ok(transition) = next(&job, &event, at(100)) else { continue };
            let posts = |wanted: Slot| {
                transition.rows.iter().filter(|row| row.act == Act::Post(wanted.clone())).count()
            };
            let refused = matches!(event, Event::Refused { .. });
            let ended = transition.job.state.is_terminal() && !refused;
            let epoch = transition.job.epoch;
            assert_eq!(posts(Slot::Outcome(epoch)), usize::from(ended), "{state:?} {}", event.word());
            let concerns_others =
                transition.job.case.is_some() || !matches!(transition.job.state, State::Failed { .. });
            assert_eq!(posts(Slot::Announcement(epoch)), usize::from(ended && concerns_others));
        }
    }
}

#[test]
fn a_job_that_goes_well_passes_every_stage_and_succeeds() {
    let mut job = approved();
    let mut seen = Vec::new();
    job = next(&job, &Event::Verified, at(11)).unwrap().job;
    for second in 12..100 {
        let event = match job.work() {
            Some(Work::Write { step, .. }) => Event::Wrote { step, what: String::new() },
            Some(Work::Judge { .. }) => Event::Judged(Judgement::Healthy { what: String::new() }),
            Some(_) => panic!("unexpected work in {:?}", job.state),
            None => break,
        };
        if let Some(stage) = job.state.stage()
            && seen.last() != Some(&stage)
        {
            seen.push(stage);
        }
        job = next(&job, &event, at(second)).unwrap().job;
    }
    assert_eq!(seen, Stage::ALL);
    assert_eq!(job.state, State::Succeeded);
}

#[test]
fn a_rollback_after_success_is_a_new_epoch_with_an_outcome_of_its_own() {
    let job = Job { state: State::Succeeded, ..approved() };
    let back = next(&job, &Event::Ordered(word(Order::RollBack)), at(50)).unwrap().job;
    assert_eq!(back.epoch, 1);
    let done = next(&back, &Event::Undone, at(51)).unwrap();
    assert!(done.rows.iter().any(|row| row.act == Act::Post(Slot::Outcome(1))));
    assert!(done.rows.iter().any(|row| row.act == Act::React(Reaction::Rewind)));
}

#[test]
fn a_foreign_edit_supersedes_while_nothing_of_ours_stands_and_is_stuck_as_soon_as_anything_may() {
    let writing = |stage, step| State::Staging { stage, phase: Phase::Writing { step } };
    let soaking = |stage| {
        let phase = Phase::Soaking { since: start(), until: at(60), extended: false };
        State::Staging { stage, phase }
    };
    let ours = || Some("inline policy alpha-j".to_owned());
    for (state, remains, expected) in [
        (soaking(Stage::Sandbox), None, "Superseded"),
        (writing(Stage::Canary, 0), None, "Superseded"),
        // The first write was made, and whoever made it died before writing that down.
        (writing(Stage::Canary, 0), ours(), "Stuck"),
        (writing(Stage::Canary, 1), None, "Stuck"),
        (soaking(Stage::Canary), None, "Stuck"),
        (State::Staging { stage: Stage::Canary, phase: Phase::Accepted }, None, "Stuck"),
        (writing(Stage::Target, 0), None, "Stuck"),
        (soaking(Stage::Target), ours(), "Stuck"),
    ] {
        let foreign = Event::Foreign { why: "edited".to_owned(), remains: remains.clone() };
        let job = Job { state: state.clone(), ..approved() };
        let ended = next(&job, &foreign, at(20)).unwrap();
        assert_eq!(ended.job.state.word(), expected, "{state:?} {remains:?}");
        let why = ended.job.state.why().unwrap();
        assert!(why.starts_with("edited"), "{why}");
        let told = remains.as_deref().unwrap_or("Nothing of what this job did stands");
        assert!(expected == "Superseded" || why.contains(told), "{why}");
    }
}

#[test]
fn a_look_that_only_puts_the_next_one_off_is_no_event_of_the_history() {
    let soaking = |until| Phase::Soaking { since: at(0), until: at(until), extended: false };
    let watched = |until| State::Staging { stage: Stage::Canary, phase: soaking(until) };
    let look = Event::Judged(Judgement::NotYet { at: at(70) });
    let head = Some((7, Digest::new("seven")));
    let job = Job { state: watched(90), head: head.clone(), ..approved() };
    let looked = next(&job, &look, at(60)).unwrap();
    assert_eq!((looked.entry, looked.job.head, looked.job.due), (None, head, Some(at(70))));
    assert_eq!(looked.rows, []);
}

#[test]
fn progress_changes_the_root_alone_and_is_over_with_the_work() {
    let lines = || vec!["CloudTrail look-up: 50 events so far".to_owned()];
    for state in [State::Collecting, State::Proposing] {
        let head = Some((7, Digest::new("seven")));
        let job = Job { state: state.clone(), head: head.clone(), attempts: 3, case: None, ..job() };
        let further = next(&job, &Event::Progressed { lines: lines() }, at(60)).unwrap();
        let now = &further.job;
        assert_eq!((&now.state, now.due, now.attempts, now.version), (&state, job.due, 3, job.version + 1));
        assert_eq!((&now.progress, &now.head, &further.entry), (&lines(), &head, &None));
        let acts: Vec<&Act> = further.rows.iter().map(|row| &row.act).collect();
        assert_eq!(acts, [&Act::Update(Slot::Root)]);
        for event in [
            Event::Faltered { why: "throttled".to_owned() },
            Event::NothingToDo { why: "unused".to_owned() },
            Event::Decided(Decision { verdict: Verdict::Withdraw, ..approval(&awaiting()) }),
        ] {
            assert_eq!(next(now, &event, at(61)).unwrap().job.progress, Vec::<String>::new());
        }
    }
}

#[test]
fn sources_that_stay_late_are_waited_for_and_then_a_person_is_asked_however_often_looking_failed() {
    let soaking = Phase::Soaking { since: at(0), until: at(50), extended: false };
    let mut job = Job { state: State::Staging { stage: Stage::Canary, phase: soaking }, ..approved() };
    let falter = Event::Faltered { why: "throttled".to_owned() };
    let mut now = 50;
    while job.state.word() == "Staging" {
        job = next(&job, &falter, at(now)).unwrap().job;
        assert_eq!((job.state.word(), job.attempts), ("Staging", 1), "one failure is one, after {now} s");
        job = next(&job, &Event::Judged(Judgement::NotYet { at: at(now + 10) }), at(now)).unwrap().job;
        now += 10;
    }
    // Sixty pauses, each a tenth of the soak.
    assert_eq!(now, 50 + 10 * 31);
    assert_eq!(job.state.why(), Some("what there is to see of it comes too late"));
}

#[test]
fn a_look_that_took_until_after_the_next_one_was_due_is_followed_by_another_at_once() {
    let soaking = Phase::Soaking { since: at(0), until: at(50), extended: false };
    let job = Job { state: State::Staging { stage: Stage::Target, phase: soaking }, ..approved() };
    let looked = next(&job, &Event::Judged(Judgement::NotYet { at: at(50) }), at(51)).unwrap().job;
    assert_eq!((looked.state.word(), looked.due), ("Staging", Some(at(50))));
}

#[test]
fn too_few_calls_put_the_judgement_off_once_and_then_ask_a_person() {
    let soaking = Phase::Soaking { since: at(0), until: at(60), extended: false };
    let job = Job { state: State::Staging { stage: Stage::Canary, phase: soaking }, ..approved() };
    let few = Event::Judged(Judgement::TooFew { what: "3 calls".to_owned() });
    let longer = next(&job, &few, at(60)).unwrap().job;
    assert_eq!(longer.due, Some(at(120)));
    let held = next(&longer, &few, at(120)).unwrap();
    assert!(matches!(held.job.state, State::Held { stage: Stage::Canary, .. }));
    assert!(held.rows.iter().any(|row| row.act == Act::Post(Slot::Held(1))));
}

#[test]
fn a_stage_that_a_person_let_pass_is_left_once_the_role_was_looked_at() {
    let held = State::Held { stage: Stage::Canary, why: "3 calls".to_owned(), since: at(0), time: 1 };
    let job = Job { state: held, ..approved() };
    let accepted = next(&job, &Event::Ordered(word(Order::Continue)), at(60)).unwrap().job;
    assert_eq!(accepted.work(), Some(Work::Look { stage: Stage::Canary }));
    let passed = next(&accepted, &Event::Verified, at(61)).unwrap().job;
    assert_eq!(passed.state.stage(), Some(Stage::Target));
    let gave_up = next(&accepted, &Event::GaveUp { why: "denied".to_owned() }, at(61)).unwrap().job;
    assert!(
        matches!(gave_up.state, State::Held { stage: Stage::Canary, time: 1, .. }),
        "{:?}",
        gave_up.state
    );
}

#[test]
fn work_that_falters_is_tried_again_and_later_given_up() {
    let mut job = job();
    let falter = Event::Faltered { why: "throttled".to_owned() };
    let mut tries = 0;
    while job.work().is_some() {
        let before = job.due;
        job = next(&job, &falter, at(tries)).unwrap().job;
        assert!(job.due.is_none() || job.due > before || tries == 0);
        tries += 1;
        assert!(tries < 100);
    }
    assert_eq!(job.state.word(), "Failed");
    assert!(job.state.why().unwrap().contains("throttled"));
}

#[test]
fn a_failed_write_is_rolled_back_and_a_failed_rollback_is_stuck() {
    let writing = State::Staging { stage: Stage::Target, phase: Phase::Writing { step: 2 } };
    let gave_up = Event::GaveUp { why: "denied".to_owned() };
    let back = next(&Job { state: writing, ..approved() }, &gave_up, at(20)).unwrap().job;
    assert_eq!(back.state.word(), "RollingBack");
    let stuck = next(&back, &gave_up, at(21)).unwrap().job;
    assert_eq!(stuck.state.word(), "Stuck");
}

#[test]
fn a_decision_has_an_end_and_reminders_come_ever_more_seldom() {
    let mut job = awaiting();
    let mut reminders = Vec::new();
    while let State::AwaitingDecision { .. } = job.state {
        let now = job.due.unwrap();
        reminders.push(now);
        job = next(&job, &Event::Due, now).unwrap().job;
    }
    assert_eq!(job.state, State::Expired);
    let since = |n: usize| reminders[n].duration_since(at(3)).as_secs() / 60;
    assert_eq!((since(0), since(1)), (15, 45));
    assert_eq!(reminders.last().unwrap().duration_since(at(3)).as_hours(), 8);
}

#[test]
fn the_proof_of_approval_needs_an_approval_of_this_very_case() {
    let job = approved();
    assert!(Approved::of(&job).is_some());
    assert!(Approved::of(&awaiting()).is_none());
    let denied = Decision { verdict: Verdict::Deny, ..approval(&awaiting()) };
    assert!(Approved::of(&Job { decision: Some(denied), ..job.clone() }).is_none());
    let other = Decision { digest: Digest::new("other"), ..approval(&awaiting()) };
    assert!(Approved::of(&Job { decision: Some(other), ..job.clone() }).is_none());
    assert!(Approved::of(&Job { state: State::Denied, ..job }).is_none());
}

#[test]
fn the_history_is_a_chain() {
    let mut job = job();
    let mut first = Job { head: None, ..job.clone() };
    let mut entries: Vec<Entry> = vec![first_entry(&mut first)];
    for (second, event) in (1..).zip(opening()) {
        let transition = next(&job, &event, at(second)).unwrap();
        entries.extend(transition.entry);
        job = transition.job;
    }
    assert_eq!(first_broken(&entries), None);
    entries[1].detail.push('!');
    assert_eq!(first_broken(&entries), Some(2));
    entries.remove(1);
    assert_eq!(first_broken(&entries), Some(2));
}

proptest! {
    #[test]
    fn whatever_happens_a_job_tells_each_thing_once(choices in proptest::collection::vec(0usize..events().len(), 0..60)) {
        let events = events();
        let mut job = job();
        let mut ids = std::collections::BTreeSet::new();
        for (second, choice) in (1..).zip(choices) {
            let Ok(transition) = next(&job, &events[choice], at(second * 60)) else { continue };
            for row in &transition.rows {
                let fresh = ids.insert(row.id.clone());
                prop_assert!(fresh, "{} is told twice", row.id);
            }
            prop_assert!(transition.job.epoch >= job.epoch);
            job = transition.job;
        }
    }
}
