//! Actions that the same rules speak of, sorted into classes, so that a comparison is made once a class.

use std::collections::HashMap;

use crate::iam::actions::ActionSet;
use crate::iam::catalogue::{ActionId, Catalogue};

/// Actions of which the same rules speak.
#[derive(Debug, Clone, Default)]
pub(super) struct Class {
    /// The rules, by their place in the order in which they were given.
    pub rules: Vec<usize>,
    pub actions: Vec<ActionId>,
}

/// Sorts the actions of `sets` by the sets that they are in; actions in none are left out.
pub(super) fn classes(sets: &[ActionSet]) -> Vec<Class> {
    let mut classes = vec![Class::default()];
    let mut class_of = vec![0_usize; Catalogue::embedded().len()];
    for (rule, set) in sets.iter().enumerate() {
        let mut refined: HashMap<usize, usize> = HashMap::new();
        for action in set.iter() {
            let class = &mut class_of[usize::from(action.0)];
            *class = *refined.entry(*class).or_insert_with(|| {
                let mut rules = classes[*class].rules.clone();
                rules.push(rule);
                classes.push(Class { rules, actions: Vec::new() });
                classes.len() - 1
            });
        }
    }
    let all = sets.iter().fold(ActionSet::empty(), |all, some| all.union(some));
    for action in all.iter() {
        classes[class_of[usize::from(action.0)]].actions.push(action);
    }
    classes.retain(|class| !class.actions.is_empty());
    classes
}
