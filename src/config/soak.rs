//! How long each stage is watched: `sandbox=0s,canary=15m,target=1h`, any of them left out.

use std::time::Duration;

use super::duration;
use crate::domain::rollout::{Stage, Watch};
use crate::handwritten::did_you_mean;

/// The longest that one stage may be watched.
const LONGEST: Duration = Duration::from_hours(30 * 24);

/// Reads the stages that are named; the others are as by default.
pub fn parse(text: &str) -> Result<[Duration; 3], String> {
    let mut soak = Watch::default().soak;
    let mut named = [false; 3];
    for part in text.split(',') {
        let (name, span) = part.split_once('=').ok_or_else(|| {
            format!(
                "expected STAGE=TIME, separated by commas, such as canary=15m,target=1h, but a part is {:?}",
                part.trim()
            )
        })?;
        let name = name.trim();
        let stage = Stage::ALL.into_iter().find(|stage| stage.as_str() == name).ok_or_else(|| {
            let names = Stage::ALL.map(Stage::as_str);
            format!("there is no stage {name:?}{}; expected {}", did_you_mean(name, names), names.join(", "))
        })?;
        if std::mem::replace(&mut named[stage as usize], true) {
            return Err(format!("{stage} is named twice; expected each stage once at most"));
        }
        let span = duration::parse(span).ok_or_else(|| {
            format!("the time of {stage} is {:?}; expected {}", span.trim(), duration::EXPECTED)
        })?;
        if span > LONGEST {
            return Err(format!("the time of {stage} is too long; expected 30d at most"));
        }
        soak[stage as usize] = span;
    }
    Ok(soak)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_that_are_not_named_keep_their_default() {
        let default = Watch::default().soak;
        let second = Duration::from_secs(1);
        for (text, expected) in [
            ("sandbox=0s,canary=15m,target=1h", default),
            ("canary=1s", [default[0], second, default[2]]),
            (" target = 1s , sandbox = 1s ", [second, default[1], second]),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_it_is_told() {
        for (text, part) in [
            ("", "expected STAGE=TIME"),
            ("15m", "a part is \"15m\""),
            ("canary=1s,", "a part is \"\""),
            ("cannary=1s", "did you mean canary?"),
            ("canary=1s,canary=2s", "canary is named twice"),
            ("canary=soon", "the time of canary is \"soon\""),
            ("canary=31d", "30d at most"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
