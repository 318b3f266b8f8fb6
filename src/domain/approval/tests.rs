use super::*;
use crate::domain::rollout::Stage;
use crate::domain::samples::*;

fn ask(job: &Job, who: &Person, wish: Wish<'_>) -> Result<Granted, Refusal> {
    let actor = Actor::Slack(who, Some(Eligible::Yes));
    decide(Some(&directory()), actor, wish, &Subject::of(job), Some(job), at(20))
}

#[test]
fn an_entitled_approver_who_is_not_the_requester_approves() {
    let job = awaiting();
    let Ok(Granted::Decision(decision)) = ask(&job, &ana(), Wish::Approve) else { panic!() };
    assert_eq!(decision.verdict, Verdict::Approve);
    assert_eq!(decision.principal, Some(PrincipalId::new("ana")));
    assert_eq!(Some(decision.digest), job.case.map(|case| case.digest));
}

#[test]
fn nobody_approves_what_they_asked_for_also_through_a_second_slack_user_or_the_command_line() {
    let job = awaiting();
    assert_eq!(ask(&job, &riley(), Wish::Approve), Err(Refusal::Oneself));
    assert_eq!(ask(&job, &Person::new("T1", "U9"), Wish::Approve), Err(Refusal::Oneself));
    let actor = Actor::Operator(&PrincipalId::new("riley"));
    let by_hand = decide(Some(&directory()), actor, Wish::Approve, &Subject::of(&job), Some(&job), at(20));
    assert_eq!(by_hand, Err(Refusal::Oneself));
}

#[test]
fn outsiders_are_all_told_the_same_whether_the_job_exists_or_not() {
    let job = awaiting();
    let unmapped = Person::new("T1", "U77");
    let elsewhere = Person::new("T2", "U2");
    let without_right = Person::new("T1", "U4");
    for wish in [Wish::Approve, Wish::Deny(None), Wish::Continue, Wish::RollBack] {
        for who in [&unmapped, &elsewhere, &without_right] {
            assert_eq!(ask(&job, who, wish), Err(Refusal::Nothing), "{who} {wish:?}");
        }
        let actor = Actor::Slack(&unmapped, Some(Eligible::Yes));
        let unknown = decide(Some(&directory()), actor, wish, &Subject::of(&job), None, at(20));
        assert_eq!(unknown, Err(Refusal::Nothing));
    }
}

#[test]
fn whoever_is_no_full_member_or_cant_be_looked_up_decides_nothing() {
    let (job, ana) = (awaiting(), ana());
    for (eligible, refusal) in [(Some(Eligible::No), Refusal::Nothing), (None, Refusal::Unknown)] {
        for wish in [Wish::Approve, Wish::Deny(None), Wish::Cancel, Wish::RollBack, Wish::Continue] {
            let actor = Actor::Slack(&ana, eligible);
            let answer = decide(Some(&directory()), actor, wish, &Subject::of(&job), Some(&job), at(20));
            assert_eq!(answer, Err(refusal.clone()));
        }
    }
}

#[test]
fn without_a_directory_nobody_decides_and_the_requester_may_still_withdraw() {
    let job = awaiting();
    let (ana, riley) = (ana(), riley());
    let without = |who, wish| {
        let actor = Actor::Slack(who, Some(Eligible::Yes));
        decide(None, actor, wish, &Subject::of(&job), Some(&job), at(20))
    };
    assert_eq!(without(&ana, Wish::Approve), Err(Refusal::NoDirectory));
    assert_eq!(without(&riley, Wish::Approve), Err(Refusal::Oneself));
    let Ok(Granted::Decision(decision)) = without(&riley, Wish::Cancel) else { panic!() };
    assert_eq!(decision.verdict, Verdict::Withdraw);
}

#[test]
fn a_click_on_what_is_no_longer_shown_is_stale() {
    let job = awaiting();
    let actor = Actor::Slack(&ana(), Some(Eligible::Yes));
    let revision = Subject { revision: Some(2), ..Subject::of(&job) };
    let digest = Subject { digest: Some(Digest::new("else")), ..Subject::of(&job) };
    for stale in [revision, digest] {
        let answer = decide(Some(&directory()), actor, Wish::Approve, &stale, Some(&job), at(20));
        assert_eq!(answer, Err(Refusal::Stale));
    }
}

#[test]
fn expiry_is_checked_at_the_click_and_not_only_by_the_timer() {
    let job = awaiting();
    let State::AwaitingDecision { expires, .. } = job.state else { panic!() };
    let ana = ana();
    let at = |now| {
        let actor = Actor::Slack(&ana, Some(Eligible::Yes));
        decide(Some(&directory()), actor, Wish::Approve, &Subject::of(&job), Some(&job), now)
    };
    assert_eq!(at(expires), Err(Refusal::Expired));
    assert!(at(expires - jiff::SignedDuration::from_millis(1)).is_ok());
}

#[test]
fn whoever_comes_late_is_told_who_had_the_last_word_whatever_they_wanted() {
    let staging = |phase| State::Staging { stage: Stage::Target, phase };
    let soaking = staging(Phase::Soaking { since: at(20), until: at(80), extended: false });
    let why = || "why".to_owned();
    let back = State::RollingBack { why: why(), stage: None };
    let cont = || Some(word(Order::Continue));
    let roll = || Some(word(Order::RollBack));
    let (denied, continued) = (Wish::Deny(None), "it was continued by ana at 12:00:15 UTC");
    let approved_by = "it was approved by ana at 12:00:10 UTC";
    let ordered = "its rollback was asked for by ana at 12:00:15 UTC";
    let cases: &[(State, Option<Word>, &[Wish<'_>], &str)] = &[
        (State::Approved, None, &[Wish::Approve, denied], approved_by),
        (staging(Phase::Accepted), cont(), &[Wish::Continue, Wish::Approve, denied, Wish::Cancel], continued),
        (staging(Phase::Writing { step: 1 }), cont(), &[Wish::Continue, Wish::Cancel], continued),
        (soaking.clone(), cont(), &[Wish::Continue], continued),
        (State::Succeeded, cont(), &[Wish::Continue, Wish::Approve], continued),
        (
            back.clone(),
            roll(),
            &[Wish::RollBack, Wish::Continue, Wish::Cancel, Wish::Approve, denied],
            ordered,
        ),
        (State::RolledBack { why: why() }, roll(), &[Wish::RollBack, Wish::Continue], ordered),
        (
            back,
            None,
            &[Wish::RollBack, Wish::Continue],
            "it is being taken back by itself; it was approved by ana at 12:00:10 UTC",
        ),
        (
            State::RolledBack { why: why() },
            cont(),
            &[Wish::RollBack],
            "it was taken back by itself; it was continued by ana at 12:00:15 UTC",
        ),
        (
            State::Stuck { why: why() },
            roll(),
            &[Wish::RollBack, Wish::Approve],
            "the job is Stuck; its rollback was asked for by ana at 12:00:15 UTC",
        ),
    ];
    for (state, word, wishes, told) in cases {
        let job = Job { state: state.clone(), word: word.clone(), ..approved() };
        for wish in *wishes {
            let answer = ask(&job, &Person::new("T1", "U3"), *wish);
            assert_eq!(answer, Err(Refusal::Late { what: (*told).to_owned() }), "{state:?} {wish:?}");
        }
    }
    let untold = Job { state: soaking, ..approved() };
    assert_eq!(ask(&untold, &ana(), Wish::Continue), Err(Refusal::Early { state: "Staging" }));
}

#[test]
fn an_operators_word_says_who_when_and_which_question_it_answers() {
    let held = State::Held { stage: Stage::Canary, why: "3 calls".to_owned(), since: at(0), time: 2 };
    for (state, question) in [(held, Some(2)), (State::Succeeded, None)] {
        let job = Job { state, ..approved() };
        let Ok(Granted::Word(said)) = ask(&job, &ana(), Wish::RollBack) else { panic!() };
        assert_eq!(said, Word { at: at(20), question, ..word(Order::RollBack) });
    }
}

#[test]
fn who_may_approve_in_principle_is_decided_by_the_same_rules() {
    let job = awaiting();
    for (who, may) in
        [(ana(), true), (riley(), false), (Person::new("T1", "U9"), false), (Person::new("T1", "U4"), false)]
    {
        assert_eq!(may_approve(&directory(), &who, &job), may, "{who}");
        assert_eq!(ask(&job, &who, Wish::Approve).is_ok(), may, "{who}");
    }
}

#[test]
fn a_right_up_to_a_severity_ends_there() {
    let mut limited = directory();
    limited.grants[0].max_severity = RiskLevel::Low;
    let mut job = awaiting();
    job.case.as_mut().unwrap().severity = RiskLevel::Medium;
    let actor = Actor::Slack(&ana(), Some(Eligible::Yes));
    let answer = decide(Some(&limited), actor, Wish::Approve, &Subject::of(&job), Some(&job), at(20));
    assert_eq!(answer, Err(Refusal::Nothing));
}

#[test]
fn cancelling_is_possible_before_staging_only_and_rolling_back_after() {
    let waiting = awaiting();
    assert!(ask(&waiting, &ana(), Wish::Cancel).is_ok());
    assert!(matches!(ask(&waiting, &ana(), Wish::RollBack), Err(Refusal::Early { .. })));
    let phase = Phase::Writing { step: 1 };
    let staging = State::Staging { stage: crate::domain::rollout::Stage::Canary, phase };
    let staging = Job { state: staging, ..approved() };
    assert!(matches!(ask(&staging, &riley(), Wish::Cancel), Err(Refusal::Late { .. })));
    assert!(ask(&staging, &ana(), Wish::RollBack).is_ok());
    let done = Job { state: State::Succeeded, ..approved() };
    assert!(ask(&done, &ana(), Wish::RollBack).is_ok());
    assert!(matches!(ask(&done, &ana(), Wish::Continue), Err(Refusal::Late { .. })));
}

#[test]
fn an_answer_to_an_earlier_question_is_none_to_the_one_asked_now() {
    let held = State::Held { stage: Stage::Target, why: "3 calls".to_owned(), since: at(15), time: 2 };
    let job = Job { state: held, word: Some(word(Order::Continue)), ..approved() };
    let who = Person::new("T1", "U3");
    let answer = |wish, question| {
        let subject = Subject { question, ..Subject::of(&job) };
        let actor = Actor::Slack(&who, Some(Eligible::Yes));
        decide(Some(&directory()), actor, wish, &subject, Some(&job), at(20))
    };
    let late = Err(Refusal::Late { what: "it was continued by ana at 12:00:15 UTC".to_owned() });
    assert_eq!(answer(Wish::Continue, Some(1)), late);
    for (wish, question) in [
        (Wish::Continue, Some(2)),
        (Wish::Continue, None),
        // However old the button, what is to be taken back is taken back.
        (Wish::RollBack, Some(1)),
    ] {
        assert!(matches!(answer(wish, question), Ok(Granted::Word(_))), "{wish:?} {question:?}");
    }
}
