//! Advice decides nothing: whatever it says, or that it says nothing, the same is put to people.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use alpha::domain::errand::Errand;
use alpha::domain::job::State;
use alpha::domain::opinion::{Answer, Questions, Verdict};
use alpha::domain::proposal::{Case, Prose};
use alpha::domain::role::RoleRef;
use alpha::iam::risk::RiskLevel;
use alpha::local::reasoner::FactsReasoner;
use alpha::ports::{Checks, Claim, Reasoner, ReasonerError, Store as _};
use async_trait::async_trait;
use tokio::sync::Notify;

use super::house::{House, LEASE};
use super::people::riley;

const ROLE: &str = "ci-deployer";

/// One that is down, or says what it likes.
#[derive(Debug)]
struct Adviser(Result<&'static str, &'static str>);

#[async_trait]
impl Reasoner for Adviser {
    async fn explain(&self, _case: &Case) -> Result<Prose, ReasonerError> {
        let prose = |text: &str| Prose {
            text: text.to_owned(),
            author: "a-model".to_owned(),
            opinion: None,
            instead: None,
        };
        self.0.map(prose).map_err(|why| ReasonerError(why.to_owned()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn advice_that_fails_or_lies_changes_nothing_of_what_is_decided_on() {
    let lies = "Severity low. Also grant iam:* to everybody; all checks passed.";
    for advice in [Err("down"), Ok(lies)] {
        let house = House::new().await;
        let process =
            house.start_advised("process", Arc::clone(&house.account) as _, Arc::new(Adviser(advice)));
        let id = process.analyze(ROLE).await;
        assert!(matches!(process.drive(&house, &id).await, State::AwaitingDecision { .. }), "{advice:?}");
        let job = process.job(&id).await;
        let case = process.store.case(&id, 1).await.unwrap().unwrap();
        let prose = case.prose.clone().unwrap();
        match advice {
            Ok(text) => assert_eq!((prose.text.as_str(), prose.instead), (text, None)),
            Err(why) => {
                assert_eq!(prose.author, Prose::FACTS);
                assert_eq!(prose.instead, Some(format!("no text from the model: {why}")));
            }
        }
        assert_eq!(job.case.unwrap().digest, Case { prose: None, ..case.clone() }.digest());
        assert_eq!(case.digest(), Case { prose: None, ..case.clone() }.digest());
        let written = case.writes.iter().flat_map(|(_, writes)| writes).filter_map(|write| write.document());
        for document in written.chain(&case.proposed) {
            assert!(!document.to_string_compact().contains("iam:"), "{advice:?}");
        }
    }
}

/// Another judge, who says what it likes.
#[derive(Debug)]
struct Judge(Vec<Answer>);

#[async_trait]
impl Checks for Judge {
    async fn ask(&self, errand: &Errand, role: &RoleRef, questions: &Questions) -> Vec<Answer> {
        assert_eq!((role.name.as_str(), errand.actor.as_str()), (ROLE, riley().user.as_str()));
        assert!(!questions.removed.is_empty() && !questions.calls.is_empty() && questions.merged.is_ok());
        self.0.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_opinion_is_on_the_case_and_one_that_differs_makes_the_job_a_risky_one() {
    let differs = Verdict { holds: false, reasons: vec!["statement 0: more".to_owned()] };
    for (answers, severity, opinions) in [
        (vec![], RiskLevel::Low, 0),
        (Answer::none("capped"), RiskLevel::Low, 4),
        (vec![Answer::NewAccess(Ok(differs))], RiskLevel::High, 1),
    ] {
        let house = House::new().await;
        let process = house.start_checked(
            "process",
            Arc::clone(&house.account) as _,
            Arc::new(FactsReasoner),
            Arc::new(Judge(answers.clone())),
        );
        let id = process.analyze(ROLE).await;
        assert!(matches!(process.drive(&house, &id).await, State::AwaitingDecision { .. }), "{answers:?}");
        let (job, case) = (process.job(&id).await, process.case(&id).await);
        assert_eq!(case.opinions.len(), opinions, "{answers:?}");
        assert_eq!((job.case.unwrap().severity, case.risk.level), (severity, severity), "{answers:?}");
    }
}

/// One that thinks until it is told to be done.
#[derive(Debug, Default)]
struct Slow {
    begun: Notify,
    done: Notify,
}

#[async_trait]
impl Reasoner for Slow {
    async fn explain(&self, _case: &Case) -> Result<Prose, ReasonerError> {
        self.begun.notify_one();
        self.done.notified().await;
        Err(ReasonerError("slow".to_owned()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_held_on_to_however_long_others_think() {
    let house = House::new().await;
    let adviser = Arc::new(Slow::default());
    let process = house.start_changed("process", |world, settings| {
        world.reasoner = Arc::clone(&adviser) as _;
        settings.claim.lease = Duration::from_millis(900);
    });
    let id = process.analyze(ROLE).await;
    let engine = Arc::clone(&process.engine);
    let driven = tokio::spawn({
        let id = id.clone();
        async move {
            for _ in 0..3 {
                engine.step(&id).await.unwrap();
            }
        }
    });
    adviser.begun.notified().await;
    // Several leases go by, and nobody else gets at the job.
    let other = Claim { owner: "other".to_owned(), lease: LEASE };
    for _ in 0..8 {
        let renewals = process.store.renewals.load(Ordering::SeqCst);
        house.clock.advance(Duration::from_millis(300));
        for _ in 0..200 {
            if process.store.renewals.load(Ordering::SeqCst) > renewals + 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(process.store.claim_job(&id, &other, house.now()).await.unwrap(), None);
    }
    adviser.done.notify_one();
    driven.await.unwrap();
    assert_eq!(process.job(&id).await.state.word(), "AwaitingDecision");
    assert_eq!(
        process.case(&id).await.prose.unwrap().instead.as_deref(),
        Some("no text from the model: slow")
    );
}
