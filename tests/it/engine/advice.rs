//! Advice decides nothing: whatever it says, or that it says nothing, the same is put to people.

use std::sync::Arc;

use alpha::domain::job::State;
use alpha::domain::proposal::{Case, Prose};
use alpha::ports::{Reasoner, ReasonerError, Store as _};
use async_trait::async_trait;

use super::house::House;

const ROLE: &str = "ci-deployer";

/// One that is down, or says what it likes.
#[derive(Debug)]
struct Adviser(Result<&'static str, &'static str>);

#[async_trait]
impl Reasoner for Adviser {
    async fn explain(&self, _case: &Case) -> Result<Prose, ReasonerError> {
        let prose = |text: &str| Prose { text: text.to_owned(), author: "a-model".to_owned() };
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
        assert_eq!(case.prose.as_ref().map(|prose| prose.text.as_str()), advice.ok());
        assert_eq!(job.case.unwrap().digest, Case { prose: None, ..case.clone() }.digest());
        assert_eq!(case.digest(), Case { prose: None, ..case.clone() }.digest());
        let written = case.writes.iter().flat_map(|(_, writes)| writes).filter_map(|write| write.document());
        for document in written.chain(&case.proposed) {
            assert!(!document.to_string_compact().contains("iam:"), "{advice:?}");
        }
    }
}
