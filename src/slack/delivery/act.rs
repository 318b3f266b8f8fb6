//! One row: doing what it says, once, and storing what came of it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::alert::{self, Noted};
use super::decide::{Fate, fate};
use super::{Delivery, diff, open, post, react, reply, update};
use crate::domain::delivery::{Act, Posted, Row, Slot, Status, Tried};
use crate::ports::StoreError;
use crate::slack::api::ApiError;
use crate::slack::pacing::until;

/// Why a try came to no end.
#[derive(Debug)]
pub(super) enum Halt {
    /// It isn't its turn before then; nothing was tried that counts.
    Later(Timestamp),
    /// It isn't its turn before then, and what was tried already must not be tried again.
    Again(Timestamp),
    /// A call failed.
    Failed(ApiError),
    /// The store gave no answer.
    Store(StoreError),
    /// It can't be done at all, and why.
    Pointless(String),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Delivery {
    /// Does what a row says and stores what came of it. `cut` ends a try in the middle.
    pub(super) async fn handle(self: Arc<Self>, row: Row, cut: CancellationToken) {
        let claimed = tokio::time::Instant::now();
        let lease = self.settings.claim.lease;
        let end = tokio::select! {
            // Well before the claim lapses: after that, somebody else does the same.
            end = tokio::time::timeout(lease * 3 / 4, self.perform(&row)) => end.ok(),
            () = cut.cancelled() => None,
        };
        let (row, posted) = self.conclude(&row, end);
        self.settle(row, posted, claimed + lease).await;
    }

    async fn perform(&self, row: &Row) -> Result<Option<Posted>, Halt> {
        match &row.act {
            Act::Post(Slot::Diff(revision)) => diff::share(self, row, *revision).await,
            Act::Post(slot) => post::post(self, row, slot).await,
            Act::Update(slot) => update::update(self, row, slot).await,
            Act::React(reaction) => react::react(self, row, *reaction).await.map(|()| None),
            Act::Reply(reply) => reply::reply(self, row, reply).await.map(|()| None),
            Act::Open { to, trigger, modal } => {
                open::open(self, row, to, trigger, modal).await.map(|()| None)
            }
        }
    }

    /// What a try makes of the row.
    fn conclude(&self, row: &Row, end: Option<Result<Option<Posted>, Halt>>) -> (Row, Option<Posted>) {
        let mut posted = None;
        let mut failed = None;
        let mut loud = true;
        let tried = match end {
            Some(Ok(at)) => {
                posted = at;
                Tried::Delivered
            }
            Some(Err(Halt::Later(then))) => return (Row { due: then, ..row.clone() }, None),
            Some(Err(Halt::Again(then))) => {
                let why = "Slack is called too often".to_owned();
                Tried::NotSent { after: Some(until(self.now(), then)), why }
            }
            Some(Err(Halt::Failed(error))) => {
                let why = error.to_string();
                let fate = fate(error.method, error.class(), row.attempts);
                loud = fate != Fate::Dead { alert: false };
                failed = Some(error);
                match fate {
                    Fate::Delivered => Tried::Delivered,
                    Fate::Again(after) => Tried::NotSent { after, why },
                    Fate::Look => Tried::Ambiguous(why),
                    Fate::Dead { .. } => Tried::Refused(why),
                }
            }
            Some(Err(Halt::Store(error))) => Tried::NotSent { after: None, why: error.to_string() },
            Some(Err(Halt::Pointless(why))) => {
                loud = false;
                Tried::Refused(why)
            }
            None => Tried::Ambiguous("cut off in the middle".to_owned()),
        };
        let row = row.after(tried, self.now(), chance());
        (self.count)(match &row.status {
            Status::Sent => Noted::Sent,
            Status::Pending => Noted::Retried,
            Status::Unknown => Noted::Unknown,
            Status::Dead(why) => {
                if loud {
                    alert::given_up(&row, why, failed.as_ref());
                } else {
                    alert::dropped(&row, why);
                }
                Noted::Dead
            }
        });
        if let (Status::Pending | Status::Unknown, Some(error)) = (&row.status, &failed) {
            tracing::info!(delivery = %row.id, what = alert::word(&row.act), attempts = row.attempts, %error, due = %row.due,
                "a message to Slack is tried again");
        }
        (row, posted)
    }

    /// Stores it, trying as long as the claim holds: what was sent and isn't written down has to be looked for.
    async fn settle(&self, row: Row, posted: Option<Posted>, lapses: tokio::time::Instant) {
        let mut wait = Duration::from_millis(50);
        loop {
            let Err(error) = self.store.settle_row(row.clone(), posted.clone(), &self.settings.claim).await
            else {
                return;
            };
            if tokio::time::Instant::now() + wait >= lapses {
                tracing::error!(delivery = %row.id, %error,
                    "what became of a message can't be stored; it will be looked for in Slack");
                return;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
    }
}

/// A number from 0 to 1 that nobody chose.
fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}
