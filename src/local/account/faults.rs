//! Faults to order: how a test has the account fail at the very moment that matters.
//!
//! What runs for people never orders any; the queues are empty then, and looking at them is all that it costs.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crate::ports::AccountError;

/// Which of the account's doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// [`crate::ports::Roles::read`]
    Read,
    /// [`crate::ports::Roles::write`]
    Write,
    /// [`crate::ports::Evidence::collect`]
    Collect,
    /// [`crate::ports::Health::since`]
    Health,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done, and this is the answer.
    Fails(AccountError),
    /// It is done, and the answer is lost: whoever asked hears that the account can't be reached.
    AnswerLost,
    /// It is done, and there is never an answer: as if whoever asked had died before writing anything down.
    NoAnswer,
}

/// The faults that were ordered, by door, in their order. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<HashMap<Door, VecDeque<Option<Fault>>>>>);

impl Faults {
    /// None.
    pub fn none() -> Self {
        Self::default()
    }

    /// Orders a fault for the next call through a door that none was ordered for.
    pub fn order(&self, door: Door, fault: Fault) {
        self.queue(door, Some(fault));
    }

    /// Lets so many calls through a door pass before the next fault.
    pub fn pass(&self, door: Door, calls: usize) {
        (0..calls).for_each(|_| self.queue(door, None));
    }

    fn queue(&self, door: Door, fault: Option<Fault>) {
        let mut ordered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ordered.entry(door).or_default().push_back(fault);
    }

    /// The fault of the call that is made now.
    pub(super) fn next(&self, door: Door) -> Option<Fault> {
        let mut ordered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ordered.get_mut(&door)?.pop_front()?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_once_each_at_their_door_and_in_order() {
        let faults = Faults::none();
        faults.pass(Door::Write, 1);
        faults.order(Door::Write, Fault::AnswerLost);
        faults.clone().order(Door::Read, Fault::NoAnswer);
        assert_eq!(faults.next(Door::Write), None);
        assert_eq!(faults.next(Door::Write), Some(Fault::AnswerLost));
        assert_eq!(faults.next(Door::Write), None);
        assert_eq!(faults.next(Door::Read), Some(Fault::NoAnswer));
        assert_eq!(faults.next(Door::Collect), None);
    }
}
