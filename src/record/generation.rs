//! Who waits for a policy to be generated, and what was started.

use serde::{Deserialize, Serialize};

use super::time::At;
use super::version::V1;
use crate::domain::generation::{Queue, Running, Waiting};
use crate::domain::ids::JobId;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueRecord {
    v: V1,
    waiting: Vec<WaitingRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    running: Option<RunningRecord>,
    starts: Vec<At>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<At>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WaitingRecord {
    job: String,
    seen: At,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunningRecord {
    job: String,
    token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    generation: Option<String>,
    seen: At,
}

impl From<&Queue> for QueueRecord {
    fn from(queue: &Queue) -> Self {
        let Queue { waiting, running, starts, refused } = queue.clone();
        let waiting = waiting
            .into_iter()
            .map(|Waiting { job, seen }| WaitingRecord { job: job.to_string(), seen: At(seen) });
        let running = running.map(|Running { job, token, generation, seen }| RunningRecord {
            job: job.to_string(),
            token,
            generation,
            seen: At(seen),
        });
        Self {
            v: V1,
            waiting: waiting.collect(),
            running,
            starts: starts.into_iter().map(At).collect(),
            refused: refused.map(At),
        }
    }
}

impl From<QueueRecord> for Queue {
    fn from(record: QueueRecord) -> Self {
        let QueueRecord { v: V1, waiting, running, starts, refused } = record;
        let waiting = waiting
            .into_iter()
            .map(|WaitingRecord { job, seen }| Waiting { job: JobId::new(job), seen: seen.0 });
        let running = running.map(|RunningRecord { job, token, generation, seen }| Running {
            job: JobId::new(job),
            token,
            generation,
            seen: seen.0,
        });
        Self {
            waiting: waiting.collect(),
            running,
            starts: starts.into_iter().map(|at| at.0).collect(),
            refused: refused.map(|at| at.0),
        }
    }
}
