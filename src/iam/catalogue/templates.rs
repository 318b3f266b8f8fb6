//! Condition keys with placeholders, such as `aws:ResourceTag/${TagKey}`, by the text before the first placeholder.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::resources::with_wildcards;
use crate::iam::pattern::Pattern;

/// The templates among the condition keys, by their places.
pub(super) struct Templates {
    by_beginning: HashMap<String, Vec<usize>>,
    lengths: BTreeSet<usize>,
    patterns: BTreeMap<usize, Pattern>,
}

impl Templates {
    /// Those of the keys that have a placeholder.
    pub fn of<'k>(keys: impl Iterator<Item = &'k str>) -> Self {
        let mut all =
            Self { by_beginning: HashMap::new(), lengths: BTreeSet::new(), patterns: BTreeMap::new() };
        for (place, key) in keys.enumerate() {
            let pattern = with_wildcards(key).to_ascii_lowercase();
            let Some((beginning, _)) = pattern.split_once('*') else { continue };
            all.lengths.insert(beginning.len());
            all.by_beginning.entry(beginning.to_owned()).or_default().push(place);
            all.patterns.insert(place, Pattern::action(&pattern));
        }
        all
    }

    /// The places of the templates whose text before the first placeholder `key` begins with, in any case.
    pub fn beginning_like<'t>(&'t self, key: &'t str) -> impl Iterator<Item = usize> + 't {
        let beginnings = self.lengths.iter().filter_map(|length| key.get(..*length));
        beginnings
            .filter_map(|beginning| self.by_beginning.get(&beginning.to_ascii_lowercase()))
            .flatten()
            .copied()
    }

    /// Whether `key` is the template at a place, filled in. A key may itself hold a star; only the template is a
    /// pattern.
    pub fn fills(&self, place: usize, key: &str) -> bool {
        self.patterns.get(&place).is_some_and(|pattern| pattern.matches(&key.to_ascii_lowercase()))
    }
}
