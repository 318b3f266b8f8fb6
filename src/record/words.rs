//! The words of records: closed sets, each spelt as the domain spells it.

use serde::{Deserialize, Serialize};

use crate::domain::approval::{Order, Verdict};
use crate::domain::delivery::Reaction;
use crate::domain::opinion::{Check, Stand};
use crate::domain::receipt::Button;
use crate::domain::rollout::Stage;
use crate::iam::risk::RiskLevel;

/// Declares the mirror of an enum without fields. Both ways are exhaustive: a new word has to be spelt here.
macro_rules! words {
    ($($(#[$doc:meta])* $record:ident = $domain:ident { $($variant:ident: $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Serialize, Deserialize)]
        pub enum $record {
            $(
                #[serde(rename = $word)]
                $variant
            ),+
        }

        impl From<$domain> for $record {
            fn from(domain: $domain) -> Self {
                match domain { $($domain::$variant => Self::$variant),+ }
            }
        }

        impl From<$record> for $domain {
            fn from(record: $record) -> Self {
                match record { $($record::$variant => Self::$variant),+ }
            }
        }
    )+};
}

words! {
    /// A stage.
    StageWord = Stage { Sandbox: "sandbox", Canary: "canary", Target: "target" }
    /// A level of risk.
    LevelWord = RiskLevel { Low: "low", Medium: "medium", High: "high" }
    /// A check.
    CheckWord = Check {
        ValidatePolicy: "ValidatePolicy",
        CheckNoNewAccess: "CheckNoNewAccess",
        CheckAccessNotGranted: "CheckAccessNotGranted",
        SimulateCustomPolicy: "SimulateCustomPolicy",
    }
    /// What an opinion is to ours.
    StandWord = Stand { Agrees: "agrees", Differs: "differs", Silent: "silent" }
    /// A verdict.
    VerdictWord = Verdict { Approve: "approve", Deny: "deny", Withdraw: "withdraw" }
    /// An operator's order.
    OrderWord = Order { Continue: "continue", RollBack: "rollback" }
    /// A reaction, by Slack's name.
    ReactionWord = Reaction {
        Eyes: "eyes",
        Hourglass: "hourglass_flowing_sand",
        Check: "white_check_mark",
        Cross: "x",
        Rewind: "rewind",
    }
    /// A button, by its action id.
    ButtonWord = Button {
        Approve: "approve",
        Deny: "deny",
        Cancel: "cancel",
        Diff: "diff",
        Continue: "continue",
        RollBack: "rollback",
        Analyze: "analyze",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelt(word: impl Serialize) -> String {
        serde_json::to_value(word).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn records_spell_words_as_everything_else_does() {
        Stage::ALL.iter().for_each(|&word| assert_eq!(spelt(StageWord::from(word)), word.as_str()));
        Button::ALL.iter().for_each(|&word| assert_eq!(spelt(ButtonWord::from(word)), word.as_str()));
        Reaction::ALL.iter().for_each(|&word| assert_eq!(spelt(ReactionWord::from(word)), word.name()));
        Check::ALL.iter().for_each(|&word| assert_eq!(spelt(CheckWord::from(word)), word.as_str()));
        for word in [Stand::Agrees, Stand::Differs, Stand::Silent] {
            assert_eq!(spelt(StandWord::from(word)), word.as_str());
        }
        for word in [Verdict::Approve, Verdict::Deny, Verdict::Withdraw] {
            assert_eq!(spelt(VerdictWord::from(word)), word.as_str());
        }
        for word in [Order::Continue, Order::RollBack] {
            assert_eq!(spelt(OrderWord::from(word)), word.as_str());
        }
        for word in [RiskLevel::Low, RiskLevel::Medium, RiskLevel::High] {
            assert_eq!(spelt(LevelWord::from(word)), word.as_str());
        }
    }
}
