//! Acknowledging goes first: new work is begun once nobody has asked for anything for a moment.
//!
//! Whoever types a command waits for the answer, and whoever asked for an analysis doesn't wait for milliseconds. Where
//! one processor does both, a burst of commands would otherwise be answered between the jobs that it makes. Work that
//! was begun isn't interrupted, and however long a burst lasts, some is begun from time to time: a burst delays jobs and
//! never starves them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// For how long nobody must have asked for anything.
const QUIET: Duration = Duration::from_millis(2);
/// After how long some work is begun all the same.
const PATIENCE: Duration = Duration::from_millis(250);
/// How many jobs that is.
const FEW: usize = 4;

/// When somebody was heard last.
#[derive(Debug)]
pub(super) struct Courtesy {
    start: Instant,
    /// In microseconds since the start; nothing was heard while it is zero.
    heard: AtomicU64,
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
        Self { start: Instant::now(), heard: AtomicU64::new(0) }
    }

    /// Somebody asked for something.
    pub fn hear(&self) {
        let now = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.heard.store(now.max(1), Ordering::Relaxed);
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

    /// For how long nothing was heard.
    fn quiet(&self) -> Duration {
        match self.heard.load(Ordering::Relaxed) {
            0 => Duration::MAX,
            heard => self.start.elapsed().saturating_sub(Duration::from_micros(heard)),
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
            (ms(2), ms(0), Turn::Work),
            (ms(2), ms(900), Turn::Work),
            (ms(0), ms(0), Turn::Later(ms(2))),
            (Duration::from_micros(500), ms(249), Turn::Later(Duration::from_micros(1500))),
            (ms(0), ms(250), Turn::Some),
            (ms(1), ms(900), Turn::Some),
        ] {
            assert_eq!(turn(quiet, waited), expected, "{quiet:?} {waited:?}");
        }
    }

    #[tokio::test]
    async fn a_burst_that_never_ends_doesnt_starve_work() {
        let (courtesy, stop) = (Courtesy::new(), CancellationToken::new());
        courtesy.hear();
        let burst = async {
            loop {
                courtesy.hear();
                tokio::task::yield_now().await;
            }
        };
        let since = Instant::now();
        // On a busy machine the burst may itself pause for long enough; how many may begin is in the table above.
        tokio::select! {
            begun = courtesy.wait(&stop) => assert!(begun >= FEW && since.elapsed() >= QUIET),
            () = burst => {}
        }
    }

    #[tokio::test]
    async fn whoever_is_told_to_stop_begins_nothing() {
        let (courtesy, stop) = (Courtesy::new(), CancellationToken::new());
        stop.cancel();
        courtesy.hear();
        assert_eq!(courtesy.wait(&stop).await, 0);
    }
}
