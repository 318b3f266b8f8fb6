//! Acknowledging goes first: new work is begun once nobody has asked for anything for a moment.
//!
//! Whoever types a command waits for the answer, and whoever asked for an analysis doesn't wait for milliseconds. Where
//! one processor does both, a burst of commands would otherwise be answered between the jobs that it makes. Somebody who
//! waits for the disk still waits: that all of a burst are in one commit is no quiet moment. Work that was begun isn't
//! interrupted, and however long a burst lasts, some is begun from time to time: a burst delays jobs and never starves
//! them.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// For how long nobody must have asked for anything.
const QUIET: Duration = Duration::from_millis(1);
/// After how long some work is begun all the same.
const PATIENCE: Duration = Duration::from_millis(250);
/// How many jobs that is.
const FEW: usize = 16;

/// Who waits for an answer, and when the last one got theirs.
#[derive(Debug)]
pub(super) struct Courtesy {
    start: Instant,
    waiting: AtomicUsize,
    /// In microseconds since the start; nobody got an answer while it is zero.
    answered: AtomicU64,
}

/// Somebody who waits for an answer, for as long as this is held.
#[derive(Debug)]
pub(super) struct Waiting<'a>(&'a Courtesy);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let now = u64::try_from(self.0.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.0.answered.store(now.max(1), Ordering::Relaxed);
        self.0.waiting.fetch_sub(1, Ordering::Release);
    }
}

/// Whose turn it is.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    /// That of work.
    Work,
    /// That of a little work: it has waited for long enough.
    Some,
    /// That of whoever asks; work looks again after this long.
    Later(Duration),
}

impl Courtesy {
    pub fn new() -> Self {
        Self { start: Instant::now(), waiting: AtomicUsize::new(0), answered: AtomicU64::new(0) }
    }

    /// Somebody asks for something, and waits.
    pub fn hear(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(self)
    }

    /// Waits for a moment in which nobody asks for anything, as long as that is reasonable. How many jobs may be begun.
    pub async fn wait(&self, stop: &CancellationToken) -> usize {
        let since = Instant::now();
        loop {
            match turn(self.quiet(), since.elapsed()) {
                Turn::Work => return usize::MAX,
                Turn::Some => return FEW,
                Turn::Later(pause) => tokio::select! {
                    () = stop.cancelled() => return 0,
                    () = tokio::time::sleep(pause) => {}
                },
            }
        }
    }

    /// For how long nobody has waited for an answer.
    fn quiet(&self) -> Duration {
        if self.waiting.load(Ordering::Acquire) > 0 {
            return Duration::ZERO;
        }
        match self.answered.load(Ordering::Relaxed) {
            0 => Duration::MAX,
            answered => self.start.elapsed().saturating_sub(Duration::from_micros(answered)),
        }
    }
}

fn turn(quiet: Duration, waited: Duration) -> Turn {
    if quiet >= QUIET {
        Turn::Work
    } else if waited >= PATIENCE {
        Turn::Some
    } else {
        Turn::Later(QUIET.saturating_sub(quiet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_begins_when_it_is_quiet_and_a_little_of_it_after_a_quarter_of_a_second_at_the_latest() {
        let ms = Duration::from_millis;
        for (quiet, waited, expected) in [
            (Duration::MAX, ms(0), Turn::Work),
            (ms(1), ms(0), Turn::Work),
            (ms(2), ms(900), Turn::Work),
            (ms(0), ms(0), Turn::Later(ms(1))),
            (Duration::from_micros(300), ms(249), Turn::Later(Duration::from_micros(700))),
            (ms(0), ms(250), Turn::Some),
            (Duration::from_micros(999), ms(900), Turn::Some),
        ] {
            assert_eq!(turn(quiet, waited), expected, "{quiet:?} {waited:?}");
        }
    }

    #[tokio::test]
    async fn whoever_is_told_to_stop_begins_nothing() {
        let (courtesy, stop) = (Courtesy::new(), CancellationToken::new());
        stop.cancel();
        let _waiting = courtesy.hear();
        assert_eq!(courtesy.wait(&stop).await, 0);
    }

    #[tokio::test]
    async fn while_somebody_waits_only_a_little_work_is_begun_and_then_as_much_as_there_is() {
        let (courtesy, stop) = (Courtesy::new(), CancellationToken::new());
        assert_eq!(courtesy.wait(&stop).await, usize::MAX);
        let waiting = courtesy.hear();
        assert_eq!(courtesy.wait(&stop).await, FEW);
        drop(waiting);
        assert_eq!(courtesy.wait(&stop).await, usize::MAX);
    }
}
