//! Which emoji there are: the short names that every workspace of Slack knows. They are those of `iamcal/emoji-data`
//! (MIT), which Slack's own come from; this workspace has added none.

const NAMES: &str = include_str!("emoji.txt");

/// Whether there is an emoji of this name, perhaps with a tone of skin: `wave::skin-tone-3`.
pub(super) fn exists(name: &str) -> bool {
    let plain = match name.split_once("::skin-tone-") {
        Some((plain, "2" | "3" | "4" | "5" | "6")) => plain,
        Some(_) => return false,
        None => name,
    };
    NAMES.lines().any(|known| known == plain)
}

#[cfg(test)]
mod tests {
    use super::exists;

    #[test]
    fn emoji_of_slack_exist_and_others_dont() {
        for name in ["eyes", "+1", "hourglass_flowing_sand", "wave::skin-tone-3", "flag-ch"] {
            assert!(exists(name), "{name}");
        }
        for name in ["", "no_such_emoji", "Eyes", "eyes ", "wave::skin-tone-7", "wave::", "eyes\n+1"] {
            assert!(!exists(name), "{name}");
        }
    }
}
