//! What was received, acted on: clicks, submitted modals, mentions. Each is settled in the transaction that stores what
//! came of it, or after it, where doing it again only repeats the answer.

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use super::Engine;
use super::answers;
use super::rights::{Alongside, Outcome, Speaker};
use crate::domain::approval::{Wish, is_undecided};
use crate::domain::delivery::{Act, Modal, Reply, Row, Slot, Status};
use crate::domain::ids::{DeliveryId, JobId, TriggerId};
use crate::domain::job::Job;
use crate::domain::receipt::{Button, Receipt, Said, Sender, Subject};
use crate::ports::{PeopleError, Standing, StoreError};

/// How many receipts are taken at a time.
const BATCH: usize = 64;

impl Engine {
    /// Acts on everything that was received, one thing after the other, and returns when that is done.
    pub(super) async fn read_receipts(&self) -> Result<(), StoreError> {
        loop {
            let receipts = self.world.store.claim_receipts(&self.settings.claim, self.now(), BATCH).await?;
            if receipts.is_empty() {
                return Ok(());
            }
            for receipt in &receipts {
                self.act_or_log(receipt).await;
            }
        }
    }

    /// Acts on what was received, side by side: one thing that waits for Slack holds up none of the others.
    pub(super) async fn spread_receipts(self: &Arc<Self>, tracker: &TaskTracker) -> Result<bool, StoreError> {
        let receipts = self.world.store.claim_receipts(&self.settings.claim, self.now(), BATCH).await?;
        let full = receipts.len() == BATCH;
        for receipt in receipts {
            let engine = Arc::clone(self);
            tracker.spawn(async move { engine.act_or_log(&receipt).await });
        }
        Ok(full)
    }

    async fn act_or_log(&self, receipt: &Receipt) {
        if let Err(error) = self.act_on(receipt).await {
            tracing::error!(receipt = %receipt.key, %error, "what was received waits to be acted on again");
        }
    }

    async fn act_on(&self, receipt: &Receipt) -> Result<(), StoreError> {
        let rows = match &receipt.said {
            Said::Command { line } => return self.hear(receipt, line).await,
            Said::Click { button: Button::Deny, subject, trigger: Some(trigger) }
                if self.can_be_denied(receipt, subject).await? =>
            {
                vec![self.row(receipt, open_deny(receipt, subject, trigger))]
            }
            Said::Click { button, subject, .. } => return self.click(receipt, *button, subject).await,
            Said::Unreadable { .. } => vec![self.reply(receipt, answers::unreadable_button().to_owned())],
            Said::Denial { subject, reason } => {
                return self.want(receipt, Wish::Deny(Some(reason)), subject, None).await;
            }
            Said::Shortcut { trigger } => match &receipt.from.thread {
                Some(thread) => {
                    let modal = Modal::Ask { channel: receipt.from.channel.clone(), thread: thread.clone() };
                    let act = Act::Open { to: receipt.from.person.clone(), trigger: trigger.clone(), modal };
                    vec![self.row(receipt, act)]
                }
                None => Vec::new(),
            },
        };
        self.settle(receipt, rows).await
    }

    /// A command by mention, direct message, modal, or one that could not be answered at once. Whoever types is answered,
    /// also where the job's messages tell everybody.
    async fn hear(&self, receipt: &Receipt, line: &str) -> Result<(), StoreError> {
        let text = match self.understand(&receipt.from, line).await? {
            Ok(command) => match command.wish() {
                Some((job, wish)) => {
                    let told = |job: &Job| self.reply(receipt, answers::done(wish, job));
                    return self.want(receipt, wish, &Subject::named(job.clone()), Some(&told)).await;
                }
                None => self.answer(&receipt.from, &command, receipt.key.clone()).await?,
            },
            Err(error) => error.to_string(),
        };
        self.settle(receipt, vec![self.reply(receipt, text)]).await
    }

    /// Whether there is anything left to fill a form for. Whoever comes too late is refused at once, with the reason.
    async fn can_be_denied(&self, receipt: &Receipt, subject: &Subject) -> Result<bool, StoreError> {
        let job = self.world.store.job(&subject.job).await?;
        Ok(job.is_some_and(|job| is_undecided(&job, subject, receipt.at)))
    }

    async fn click(&self, receipt: &Receipt, button: Button, subject: &Subject) -> Result<(), StoreError> {
        match button {
            Button::Approve => self.want(receipt, Wish::Approve, subject, None).await,
            Button::Deny => self.want(receipt, Wish::Deny(None), subject, None).await,
            Button::Cancel => self.want(receipt, Wish::Cancel, subject, None).await,
            Button::Continue => self.want(receipt, Wish::Continue, subject, None).await,
            Button::RollBack => self.want(receipt, Wish::RollBack, subject, None).await,
            Button::Diff | Button::Analyze => {
                let rows = match self.world.people.standing(&receipt.from.person).await {
                    Ok(Standing::Member) => self.show(receipt, button, subject).await?,
                    Ok(Standing::Guest | Standing::Stranger | Standing::Bot | Standing::Gone)
                    | Err(PeopleError::Unknown) => {
                        vec![self.reply(receipt, answers::nothing_here().to_owned())]
                    }
                    Err(PeopleError::Unavailable(_)) => {
                        vec![self.reply(receipt, answers::nobody_known().to_owned())]
                    }
                };
                self.settle(receipt, rows).await
            }
        }
    }

    /// What a member may have of a job without deciding anything: its whole diff, and a new analysis.
    async fn show(
        &self,
        receipt: &Receipt,
        button: Button,
        subject: &Subject,
    ) -> Result<Vec<Row>, StoreError> {
        let speaker = Speaker::Slack(receipt.from.person.clone());
        let job = self.world.store.job(&subject.job).await?;
        let Some(job) = job.filter(|job| super::rights::is_of_their_team(job, &speaker)) else {
            return Ok(vec![self.reply(receipt, answers::nothing_here().to_owned())]);
        };
        if button == Button::Analyze {
            let sender = Sender { thread: None, ..receipt.from.clone() };
            let text = self.analyze_again(&sender, &job, receipt.key.clone()).await?;
            return Ok(vec![self.reply(receipt, text)]);
        }
        let Some(case) = &job.case else {
            return Ok(vec![self.reply(receipt, answers::no_case_yet(&job))]);
        };
        self.share(receipt, &job.id, Slot::Diff(case.revision)).await
    }

    /// The whole diff: shared, unless it stands in the thread or is on its way there. What came to nothing before (it was
    /// given up, files were off, or nobody knows where it stands) is looked for and tried again, and the asker hears
    /// where else it is.
    async fn share(&self, receipt: &Receipt, job: &JobId, slot: Slot) -> Result<Vec<Row>, StoreError> {
        if self.world.store.posted(job).await?.iter().any(|posted| posted.slot == slot) {
            return Ok(vec![self.reply(receipt, answers::diff_is_there().to_owned())]);
        }
        let act = Act::Post(slot.clone());
        let tries: Vec<Row> =
            self.world.store.rows(job).await?.into_iter().filter(|row| row.act == act).collect();
        let first = Row::new(slot.row(job), Some(job.clone()), act, self.now());
        match tries.last().map(|row| &row.status) {
            None => Ok(vec![first]),
            Some(Status::Pending | Status::Unknown) => {
                Ok(vec![self.reply(receipt, answers::diff_is_coming(job))])
            }
            Some(Status::Sent | Status::Dead(_)) => {
                let id = DeliveryId::new(format!("{}:{}", first.id, tries.len()));
                let again = Row { id, status: Status::Unknown, ..first };
                Ok(vec![again, self.reply(receipt, answers::diff_is_tried_again(job))])
            }
        }
    }

    /// Something is wanted of a job: what is stored settles the receipt, with what is told where it is granted; a refusal
    /// is told to the speaker alone.
    async fn want(
        &self,
        receipt: &Receipt,
        wish: Wish<'_>,
        subject: &Subject,
        told: Option<&(dyn Fn(&Job) -> Row + Sync)>,
    ) -> Result<(), StoreError> {
        let speaker = Speaker::Slack(receipt.from.person.clone());
        let alongside = Alongside { settles: Some(receipt.key.clone()), told };
        match self.grant_with(&speaker, wish, subject, receipt.at, &alongside).await? {
            Outcome::Done(_) => Ok(()),
            Outcome::Refused(refusal) => {
                self.settle(receipt, vec![self.reply(receipt, answers::refused(&refusal))]).await
            }
        }
    }

    async fn settle(&self, receipt: &Receipt, rows: Vec<Row>) -> Result<(), StoreError> {
        self.world.store.settle_receipt(&receipt.key, rows).await?;
        self.told.notify_one();
        Ok(())
    }

    fn reply(&self, receipt: &Receipt, text: String) -> Row {
        let from = &receipt.from;
        let reply = Reply {
            to: from.person.clone(),
            channel: from.channel.clone(),
            thread: from.thread.clone(),
            response_url: from.response_url.clone(),
            visible: from.direct,
            text,
        };
        self.row(receipt, Act::Reply(reply))
    }

    /// A row that answers a receipt: one for each, however often it is acted on. Answers are of no job: they wait for
    /// none of its messages.
    fn row(&self, receipt: &Receipt, act: Act) -> Row {
        Row::new(DeliveryId::new(format!("{}:answer", receipt.key)), None, act, self.now())
    }
}

fn open_deny(receipt: &Receipt, subject: &Subject, trigger: &TriggerId) -> Act {
    let modal = Modal::Deny {
        job: subject.job.clone(),
        revision: subject.revision.unwrap_or_default(),
        digest: subject.digest.clone().unwrap_or_else(|| crate::domain::ids::Digest::new("")),
        channel: receipt.from.channel.clone(),
        thread: receipt.from.thread.clone(),
    };
    Act::Open { to: receipt.from.person.clone(), trigger: trigger.clone(), modal }
}
