//! Did you mean: the nearest existing names for one that doesn't exist.

use super::words::{boundaries, words};
use super::{ActionId, Catalogue};

/// How many names are suggested at most.
const MOST: usize = 3;
/// How alike two names have to be; 1 is equal.
const ALIKE: f64 = 0.6;
/// How alike the prefix of a service has to be to count as misspelt.
const SERVICE_ALIKE: f64 = 0.7;

impl Catalogue {
    /// The nearest existing names for one that doesn't exist, best first, three at most. For a pattern with wildcards
    /// the nearest patterns that match something.
    pub fn suggest(&self, name: &str) -> Vec<String> {
        let Some((service, name)) = name.split_once(':') else {
            return Vec::new();
        };
        if name.contains(['*', '?']) || service.contains(['*', '?']) {
            return self.suggest_patterns(service, name);
        }
        let mut found: Vec<(f64, ActionId)> = Vec::new();
        for (prefix, likeness) in self.services_like(service) {
            for action in self.actions_of(prefix) {
                let score = likeness * alike(name, self.name_of(action));
                if score >= ALIKE {
                    found.push((score, action));
                }
            }
        }
        if found.is_empty() {
            // The right name under an altogether different service.
            let exact = self.actions().filter(|action| self.name_of(*action).eq_ignore_ascii_case(name));
            found.extend(exact.map(|action| {
                (strsim::jaro_winkler(&service.to_ascii_lowercase(), self.service_of(action)), action)
            }));
        }
        // Equal likeness keeps the catalogue's order.
        found.sort_by(|(one, a), (other, b)| other.total_cmp(one).then(a.cmp(b)));
        found.into_iter().take(MOST).map(|(_, action)| self.full_name(action)).collect()
    }

    /// The service itself where it exists; otherwise those that are spelt alike, each with how alike.
    fn services_like(&self, prefix: &str) -> Vec<(&'static str, f64)> {
        let prefix = prefix.to_ascii_lowercase();
        if self.has_service(&prefix) {
            return self
                .services()
                .filter(|service| *service == prefix)
                .map(|service| (service, 1.0))
                .collect();
        }
        let likeness =
            |service: &'static str| (service, strsim::normalized_damerau_levenshtein(&prefix, service));
        self.services().map(likeness).filter(|(_, likeness)| *likeness >= SERVICE_ALIKE).collect()
    }

    fn suggest_patterns(&self, service: &str, name: &str) -> Vec<String> {
        let lower = service.to_ascii_lowercase();
        if !self.has_service(&lower) {
            let mut near = self.services_like(&lower);
            near.sort_by(|(_, one), (_, other)| other.total_cmp(one));
            let patterns = near.into_iter().map(|(prefix, _)| format!("{prefix}:{name}"));
            return patterns.filter(|pattern| self.matches_any(pattern)).take(MOST).collect();
        }
        let Some(literal) = name.strip_suffix('*').filter(|rest| !rest.contains(['*', '?'])) else {
            return Vec::new();
        };
        let mut found: Vec<(f64, &'static str)> = Vec::new();
        for action in self.actions_of(&lower) {
            let name = self.name_of(action);
            for end in boundaries(name) {
                let start = &name[..end];
                let score = strsim::normalized_damerau_levenshtein(
                    &literal.to_ascii_lowercase(),
                    &start.to_ascii_lowercase(),
                );
                if score >= ALIKE && !found.iter().any(|(_, known)| *known == start) {
                    found.push((score, start));
                }
            }
        }
        found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        found.into_iter().take(MOST).map(|(_, start)| format!("{lower}:{start}*")).collect()
    }
}

/// How alike two names are: by their letters, or by the words they share, whichever is more.
fn alike(one: &str, other: &str) -> f64 {
    let letters =
        strsim::normalized_damerau_levenshtein(&one.to_ascii_lowercase(), &other.to_ascii_lowercase());
    letters.max(share_of_words(one, other))
}

/// The words in common, against the words of both. Singular and plural count as one.
fn share_of_words(one: &str, other: &str) -> f64 {
    let stem = |word: &str| word.trim_end_matches(['s', 'S']).to_ascii_lowercase();
    let (one, mut other): (Vec<_>, Vec<_>) =
        (words(one).into_iter().map(stem).collect(), words(other).into_iter().map(stem).collect());
    let all = one.len() + other.len();
    let mut common = 0;
    for word in one {
        if let Some(place) = other.iter().position(|theirs| *theirs == word) {
            other.swap_remove(place);
            common += 1;
        }
    }
    if all == 0 {
        return 0.0;
    }
    // Words in common say less than a slip of the hand: they never make two names equal.
    let share = f64::from(2 * common) / f64::from(u32::try_from(all).unwrap_or(u32::MAX));
    share * 0.95
}
