//! Did you mean: the nearest of a few known words.

/// How alike two words have to be; 1 is equal.
const ALIKE: f64 = 0.6;

/// The known word that is most like another, if any is much like it.
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let word = word.to_ascii_lowercase();
    known
        .into_iter()
        .map(|one| (strsim::normalized_damerau_levenshtein(&word, &one.to_ascii_lowercase()), one))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, one)| one)
}

/// ` (did you mean that?)`, or nothing.
pub fn did_you_mean<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    nearest(word, known).map(|one| format!(" (did you mean {one}?)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_a_far_one_is_not() {
        let known = ["request", "approve", "operate"];
        for (word, meant) in [
            ("aprove", Some("approve")),
            ("Approve", Some("approve")),
            ("requets", Some("request")),
            ("launch", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }
}
