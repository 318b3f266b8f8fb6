//! Where jobs are worked on. Gathering evidence takes minutes and little else, so jobs that do have room of their own,
//! and keep no other from its turn.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many times as many jobs may gather evidence as may be worked on.
const ROOM: usize = 4;

/// All places.
#[derive(Debug)]
pub(super) struct Places {
    work: Arc<Semaphore>,
    gathering: Arc<Semaphore>,
}

/// The place of one job, until this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    gathers: bool,
    permit: Option<OwnedSemaphorePermit>,
}

impl Places {
    /// So many for work.
    pub fn new(work: usize) -> Arc<Self> {
        let room = |places| Arc::new(Semaphore::new(places));
        Arc::new(Self { work: room(work), gathering: room(work.saturating_mul(ROOM)) })
    }

    /// How many for work are free.
    pub fn free(&self) -> usize {
        self.work.available_permits()
    }

    /// A place for work, when there is one.
    pub async fn take(self: &Arc<Self>) -> Place {
        let permit = Arc::clone(&self.work).acquire_owned().await.ok();
        Place { places: Arc::clone(self), gathers: false, permit }
    }
}

impl Place {
    /// Moves to where a job belongs that gathers evidence, or doesn't; false where there is no room to gather.
    pub async fn fit(&mut self, gathers: bool) -> bool {
        if gathers == self.gathers {
            return true;
        }
        if gathers {
            let Ok(permit) = Arc::clone(&self.places.gathering).try_acquire_owned() else { return false };
            self.permit = Some(permit);
        } else {
            self.permit = None;
            self.permit = Arc::clone(&self.places.work).acquire_owned().await.ok();
        }
        self.gathers = gathers;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_gathers_leaves_its_place_to_others_and_takes_one_again_for_work() {
        let places = Places::new(1);
        let mut first = places.take().await;
        assert_eq!(places.free(), 0);
        assert!(first.fit(true).await);
        assert_eq!(places.free(), 1);
        let second = places.take().await;
        assert_eq!(places.free(), 0);
        let back = tokio::spawn(async move {
            assert!(first.fit(false).await);
            first
        });
        drop(second);
        let first = back.await.unwrap();
        assert_eq!(places.free(), 0);
        drop(first);
        assert_eq!(places.free(), 1);
    }

    #[tokio::test]
    async fn there_is_an_end_to_how_many_may_gather() {
        let places = Places::new(1);
        let mut gathering = Vec::new();
        for _ in 0..ROOM {
            let mut place = places.take().await;
            assert!(place.fit(true).await);
            gathering.push(place);
        }
        let mut late = places.take().await;
        assert!(!late.fit(true).await);
        gathering.pop();
        assert!(late.fit(true).await);
    }
}
