//! The crash matrix: every effect of the good story and of the bad one, with everything that can befall it.

use std::sync::Arc;

use alpha::domain::approval::Approved;
use alpha::domain::errand::Errand;
use alpha::domain::role::{RoleRef, Snapshot, Write};
use alpha::local::account::SimulatedAccount;
use alpha::ports::{AccountError, Roles};
use async_trait::async_trait;

use super::effects::Mishap;
use super::house::House;
use super::story::{Misfortune, tell, tell_in};
use crate::store::dynamo;

/// The role whose narrowing succeeds, and the one that is rolled back.
const GOOD: &str = "ci-deployer";
const BAD: &str = "monthly-report";

/// How a story ends where nothing goes wrong.
fn end_of(role: &str) -> &'static str {
    if role == GOOD { "Succeeded" } else { "RolledBack" }
}

/// How a story ends in which something befalls an effect: as if it hadn't, or taken back as far as anything was
/// written.
fn end_after(role: &str, effect: &str, mishap: Mishap) -> &'static str {
    let kind = effect.split('/').next().unwrap();
    match (mishap, kind) {
        (Mishap::FailsForGood | Mishap::FailsLong, "admit" | "collect" | "verify") => "Failed",
        // The way back is tried longer than a long failure lasts.
        (Mishap::FailsForGood | Mishap::FailsLong, "write" | "judge") | (Mishap::FailsLong, "undo") => {
            "RolledBack"
        }
        (Mishap::FailsForGood, "undo") => "Stuck",
        _ => end_of(role),
    }
}

/// Whether something can befall an effect: some take no way to the world, or none whose answer could be lost.
fn can_befall(effect: &str, mishap: Mishap) -> bool {
    match effect {
        "propose" | "decide" | "due" | "judge/sandbox" => !mishap.is_of_the_world(),
        "admit" => mishap != Mishap::AnswerLost,
        _ => true,
    }
}

/// The effects of a story. Of a stage that is looked at often, the first look and the last.
async fn effects(role: &str) -> Vec<(String, usize)> {
    let told = tell(role, None).await;
    assert_eq!(told.job.state.word(), end_of(role), "{role}: {:?}", told.job.state);
    told.is_sound().await;
    let all = told.effects;
    let is_between =
        |name: &str, nth: usize| nth > 0 && all.iter().any(|(other, later)| other == name && *later > nth);
    all.iter()
        .filter(|(name, nth)| !(name.starts_with("judge/") && is_between(name, *nth)))
        .cloned()
        .collect()
}

async fn befalls_every_effect_of(role: &'static str, mishap: Mishap) {
    let effects = effects(role).await;
    for kind in ["admit", "collect", "propose", "decide", "verify", "write/canary", "judge/canary"] {
        assert!(effects.iter().any(|(name, _)| name.starts_with(kind)), "{role} has no {kind}: {effects:?}");
    }
    let last = if role == GOOD { "judge/target" } else { "undo" };
    assert!(effects.iter().any(|(name, _)| name == last), "{role} has no {last}: {effects:?}");
    for effect in effects.into_iter().filter(|(name, _)| can_befall(name, mishap)) {
        let told = tell(role, Some(Misfortune { effect: effect.clone(), mishap })).await;
        let what = format!("{role}, {effect:?}, {mishap:?}");
        assert!(told.struck, "{what} didn't happen");
        assert_eq!(told.process.store.untroubled(), 0, "{what} didn't happen");
        let expected = end_after(role, &effect.0, mishap);
        assert_eq!(told.job.state.word(), expected, "{what}: {:?}", told.job.state);
        eprintln!("{what}: {expected}");
        told.is_sound().await;
    }
}

/// A test of each mishap for both stories.
macro_rules! matrix {
    ($($name:ident: $mishap:ident),* $(,)?) => {
        mod of_the_good_story {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::befalls_every_effect_of(super::GOOD, super::Mishap::$mishap).await;
            })*
        }
        mod of_the_bad_story {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::befalls_every_effect_of(super::BAD, super::Mishap::$mishap).await;
            })*
        }
        #[test]
        fn the_matrix_leaves_no_mishap_out() {
            assert_eq!([$(Mishap::$mishap),*], Mishap::ALL);
        }
    };
}

matrix! {
    an_effect_fails_once_and_it_ends_as_if_it_had_not: FailsOnce,
    an_effect_fails_for_long_and_is_given_up_or_taken_back: FailsLong,
    an_effect_fails_for_good_and_is_given_up_or_taken_back: FailsForGood,
    the_answer_to_an_effect_is_lost_and_it_ends_as_if_it_had_not: AnswerLost,
    an_effect_is_not_stored_once_and_it_ends_as_if_it_had_been: StoreFails,
    the_process_dies_before_an_effect_is_stored_and_it_ends_as_if_it_had_not: DiesBefore,
    the_process_dies_after_an_effect_is_stored_and_it_ends_as_if_it_had_not: DiesAfter,
    a_process_thaws_when_another_has_ended_the_job_and_changes_nothing: Thaws,
}

/// Makes every write twice, as a network may that repeats what it wasn't sure of.
#[derive(Debug)]
struct Twice(Arc<SimulatedAccount>);

#[async_trait]
impl Roles for Twice {
    async fn read(&self, errand: &Errand, role: &RoleRef) -> Result<Snapshot, AccountError> {
        self.0.read(errand, role).await
    }

    async fn write(
        &self,
        approved: &Approved,
        errand: &Errand,
        role: &RoleRef,
        write: &Write,
    ) -> Result<(), AccountError> {
        self.0.write(approved, errand, role, write).await?;
        self.0.write(approved, errand, role, write).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_made_twice_comes_to_the_same() {
    for role in [GOOD, BAD] {
        let house = House::new().await;
        let process = house.start_with("process", Arc::new(Twice(Arc::clone(&house.account))));
        let id = process.analyze(role).await;
        let state = process.drive_approved(&house, &id).await;
        assert_eq!(state.word(), end_of(role), "{state:?}");
        process.is_told_and_written_down(&id).await;
        assert_eq!(house.left_over(), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_story_kept_in_dynamodb_ends_as_it_does_in_a_file_whoever_dies_in_it() {
    for role in [GOOD, BAD] {
        for wanted in
            [None, Some(("decide", Mishap::DiesAfter)), Some(("write/canary/0", Mishap::DiesBefore))]
        {
            let misfortune = wanted.map(|(name, mishap)| Misfortune { effect: (name.to_owned(), 0), mishap });
            let told = tell_in(House::keeping(Some(dynamo::place())).await, role, misfortune).await;
            assert_eq!(told.struck, wanted.is_some(), "{role}, {wanted:?}");
            assert_eq!(told.job.state.word(), end_of(role), "{role}, {wanted:?}: {:?}", told.job.state);
            told.is_sound().await;
        }
    }
}
