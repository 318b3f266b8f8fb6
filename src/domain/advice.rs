//! What a model said of a case, and whether it may be shown.
//!
//! A model reads names that others chose, so that anybody may have had a hand in what it says. It may say how it sees a
//! case, in plain sentences about actions that the case is about; whatever else it says is refused, with a reason by
//! which it may do better.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::proposal::{Case, Prose};
use crate::iam::actions::ActionSet;
use crate::iam::catalogue::Catalogue;
use crate::iam::grants::granted_actions;
use crate::iam::legible::is_unseen;
use crate::iam::risk::RiskLevel;

/// How many characters a model may use for what it says, and for why it takes the change to be as risky as it does.
pub const LONGEST: usize = 600;
/// The same for the reason.
pub const LONGEST_WHY: usize = 180;

/// What a model said.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// What a person should know of the case.
    pub summary: &'a str,
    /// How risky it takes the change to be.
    pub risk: RiskLevel,
    /// Why.
    pub why: &'a str,
}

/// Why what a model said isn't shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is nothing.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// There is too much.
    #[error("{0} is longer than {1} characters")]
    TooLong(&'static str, usize),
    /// It isn't plain text.
    #[error("{0} must be plain sentences: no mark-up, mention, link, host name, policy or line break")]
    NotPlain(&'static str),
    /// It tells people what to decide.
    #[error("{0} must not say what to decide, nor that anybody decided")]
    Decides(&'static str),
    /// It speaks of what the case isn't about.
    #[error("{0} names an action that the role's policies neither grant nor would grant: {1}")]
    Stranger(&'static str, String),
}

/// What may be shown of what a model said.
pub fn advice(case: &Case, author: &str, said: &Said<'_>) -> Result<Prose, Unfit> {
    let mut granted = granted_actions(&case.snapshot.policies());
    granted.insert_all(&granted_actions(&case.proposed));
    let granted = Granted::new(granted);
    let parts = [("summary", said.summary, LONGEST), ("why", said.why, LONGEST_WHY)];
    let mut sentences = Vec::with_capacity(parts.len());
    for (name, text, most) in parts {
        let text = text.trim();
        if text.is_empty() {
            return Err(Unfit::Empty(name));
        }
        if text.chars().count() > most {
            return Err(Unfit::TooLong(name, most));
        }
        if !is_plain(text) {
            return Err(Unfit::NotPlain(name));
        }
        if decides(text) {
            return Err(Unfit::Decides(name));
        }
        if let Some(stranger) = granted.stranger(text) {
            return Err(Unfit::Stranger(name, stranger.to_owned()));
        }
        sentences.push(text);
    }
    Ok(Prose {
        text: sentences.join(" "),
        author: author.to_owned(),
        opinion: Some(said.risk),
        instead: None,
    })
}

/// Whether nothing in a text could be more than a sentence: to Slack, to a browser, or to whoever copies it.
fn is_plain(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_seen = |c: char| !c.is_control() && !is_unseen(c) && !"<>{}[]|\\`@~".contains(c);
    text.chars().all(is_seen)
        && !lower.contains("://")
        && !lower.contains("mailto:")
        && !words(text).any(|word| !is_arn(word) && is_host(word))
}

/// Whether a word may be taken for the name of a host.
fn is_host(word: &str) -> bool {
    let mut labels = word.split('.').map(|label| label.split(['/', ':']).next().unwrap_or_default());
    let last = labels.next_back().unwrap_or_default();
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    last.chars().count() > 1
        && last.chars().all(char::is_alphabetic)
        && labels.next_back().is_some_and(is_label)
}

/// Whether a text speaks of deciding, which is for people.
fn decides(text: &str) -> bool {
    let speaks = ["approv", "lgtm", "go ahead", "sign off", "signed off"];
    let lower = text.to_lowercase();
    speaks.iter().any(|word| lower.contains(word))
}

fn is_arn(word: &str) -> bool {
    word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("arn:"))
}

/// The words of a text, without what punctuates them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| c.is_whitespace() || ",;()\"'!“”‘’…".contains(c));
    parts.map(|word| word.trim_matches(['.', ':', '?', '-', '–', '—', '/'])).filter(|word| !word.is_empty())
}

/// The actions that a case is about, by their names.
struct Granted {
    actions: ActionSet,
    bare: HashSet<String>,
}

impl Granted {
    fn new(actions: ActionSet) -> Self {
        let catalogue = Catalogue::embedded();
        let bare = actions.iter().map(|action| catalogue.name_of(action).to_ascii_lowercase()).collect();
        Self { actions, bare }
    }

    /// A word of the text that is the name of another action.
    fn stranger<'t>(&self, text: &'t str) -> Option<&'t str> {
        words(text).filter(|word| !is_arn(word)).find(|word| match word.split_once(':') {
            Some((service, name)) => self.is_strange(service, name),
            None => word.split('/').any(|word| self.is_strange_name(word)),
        })
    }

    fn is_strange(&self, service: &str, name: &str) -> bool {
        let catalogue = Catalogue::embedded();
        if service.contains(['*', '?']) {
            return true;
        }
        if !catalogue.has_service(&service.to_ascii_lowercase()) {
            return self.is_strange_name(service) || self.is_strange_name(name);
        }
        let named = catalogue.expand(&format!("{service}:{name}"));
        !name.is_empty() && named.is_disjoint(&self.actions)
    }

    /// Whether a word without a service is the name of some action in AWS's spelling, and of none that is granted.
    fn is_strange_name(&self, word: &str) -> bool {
        static ALL: LazyLock<HashSet<String>> = LazyLock::new(|| {
            let catalogue = Catalogue::embedded();
            catalogue.actions().map(|action| catalogue.name_of(action).to_ascii_lowercase()).collect()
        });
        let lower = word.to_ascii_lowercase();
        // Names of one word, such as Publish, are ordinary words too.
        let humps = word.chars().filter(char::is_ascii_uppercase).count();
        humps > 1 && ALL.contains(&lower) && !self.bare.contains(&lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::JobId;
    use crate::domain::samples;

    fn told(text: &str) -> Result<String, Unfit> {
        let case = samples::case(&JobId::new("j-1"));
        let said = Said { summary: text, risk: RiskLevel::Medium, why: "Little is lost." };
        advice(&case, "a-model", &said).map(|prose| prose.text)
    }

    #[test]
    fn sentences_about_what_the_case_is_about_are_shown() {
        for text in [
            "The role keeps s3:GetObject and sqs:SendMessage; it loses s3:PutObject (and all of s3:Delete*).",
            "It reads arn:aws:s3:::www.example.com/* on 98.1 % of the days, e.g. by GetObject.",
            "DynamoDB and CloudTrail aren't touched: s3: DeleteBucket is lost.",
            "Ünusual, and 3.5 times as much/many.",
        ] {
            assert_eq!(told(text).as_deref(), Ok(format!("{text} Little is lost.").as_str()));
        }
    }

    #[test]
    fn what_could_ping_link_decide_or_widen_is_refused() {
        let plain = Unfit::NotPlain("summary");
        let decides = Unfit::Decides("summary");
        let stranger = |name: &str| Unfit::Stranger("summary", name.to_owned());
        for (text, expected) in [
            (" ", Unfit::Empty("summary")),
            (&*"x".repeat(601), Unfit::TooLong("summary", 600)),
            ("<!channel> look", plain.clone()),
            ("Ask @here", plain.clone()),
            ("See https://example.com", plain.clone()),
            ("See example.com.", plain.clone()),
            ("See evil.example/x", plain.clone()),
            ("One.\nTwo.", plain.clone()),
            ("a\u{202e}b", plain.clone()),
            (r#"Use {"Effect": "Allow"}"#, plain.clone()),
            ("Approve it at once.", decides.clone()),
            ("Security already approved this.", decides.clone()),
            ("Grant iam:* as well.", stranger("iam:*")),
            ("Grant *:* as well.", stranger("*:*")),
            ("It needs iam:CreateUser.", stranger("iam:CreateUser")),
            ("It needs IAM:createuser.", stranger("IAM:createuser")),
            ("It will have CreateUser too.", stranger("CreateUser")),
            ("It has CreateUser/GetObject.", stranger("CreateUser/GetObject")),
            ("It has s3:MakeCoffee.", stranger("s3:MakeCoffee")),
        ] {
            assert_eq!(told(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn an_opinion_raises_the_severity_and_never_lowers_it() {
        let mut case = samples::case(&JobId::new("j-1"));
        for (rules, model, severity) in [
            (RiskLevel::Low, RiskLevel::High, RiskLevel::High),
            (RiskLevel::High, RiskLevel::Low, RiskLevel::High),
            (RiskLevel::Medium, RiskLevel::Medium, RiskLevel::Medium),
        ] {
            case.risk.level = rules;
            case.prose = None;
            let (digest, without) = (case.digest(), case.severity());
            let said = Said { summary: "It is so.", risk: model, why: "It is." };
            case.prose = Some(advice(&case, "a-model", &said).unwrap());
            assert_eq!((without, case.severity(), case.risk.level), (rules, severity, rules));
            assert_eq!(case.digest(), digest);
        }
    }
}
