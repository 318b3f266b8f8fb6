//! The workload: roles that keep calling, so that there is something to watch.
//!
//! Every call is decided by the policy engine under the policies and the boundary that the role has at that moment, and
//! stored as an event, granted or refused, several times a second in one batch. It never changes a role.
//!
//! One property of the simulation isn't life: `monthly-report` has a month to close, and its month ends shortly after
//! each change of the role. While the role stands as it was seeded, the calls of a month's end are never made, and the
//! trail holds none; while it stands otherwise, they are made a second after the change and every two seconds from then
//! on. So whoever approves what was proposed for that role, for want of evidence without those calls, sees them refused
//! and the role rolled back, each time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::SimulatedAccount;

/// How often calls are stored.
const BATCH: Duration = Duration::from_millis(250);
/// How long the workload waits after it could not store them.
const PAUSE: Duration = Duration::from_secs(2);

/// The roles of a simulated account, at work.
#[derive(Debug)]
pub struct Workload;

impl Workload {
    /// Works until it is told to stop; what was due by then is stored.
    pub async fn run(account: Arc<SimulatedAccount>, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(BATCH);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut well = true;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = ticks.tick() => {}
            }
            match account.work().await {
                Ok(()) => well = true,
                Err(error) => {
                    if well {
                        tracing::warn!(%error, "the workload of the simulated account pauses");
                    }
                    well = false;
                    ticks.reset_after(PAUSE);
                }
            }
        }
        if let Err(error) = account.rest().await {
            tracing::warn!(%error, "the workload of the simulated account stopped without a last word");
        }
    }
}
