//! What a role lacks, and what it has beyond: what to say where requests fare otherwise than they are meant to.

use super::finding::{Finding, Kind};
use super::matter::{Difference, Matter, Said};
use super::words::{described, on};
use crate::iam::document::{Effect, Selection, Statement};
use crate::iam::evaluate::Decision;

/// A line that would set something right.
struct Line {
    /// Better the lower it is: what is still wrong with it, whether the statement has other actions, how few of them are
    /// of its service.
    rank: (usize, bool, usize),
    given: Vec<Said>,
    left: Vec<Difference>,
    finding: Finding,
}

impl Matter<'_> {
    /// Takes lines as missing as long as one more sets something right; what is then left is another mistake.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut given = self.given.clone();
        let mut left = self.differences(&given);
        while let Some(line) = self.missing_line(&given, &left) {
            findings.push(line.finding);
            (given, left) = (line.given, line.left);
        }
        for difference in &left {
            let finding = match (difference.lacks(), difference.meaning, difference.by) {
                (Some(effect), Some(meaning), _) => self.lacking(effect, &self.meant[meaning]),
                (None, _, Some(by)) => self.excess(difference, &given[by]),
                _ => self.about_role(Kind::Invalid, format!("{} can't be decided", self.action)),
            };
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        findings
    }

    /// The line that has most likely been lost: with it most is right, and nothing more is allowed.
    fn missing_line(&self, given: &[Said], left: &[Difference]) -> Option<Line> {
        let lacked = |it: &Difference| Some((it.lacks()?, &self.meant[it.meaning?]));
        let (effect, meant) = left.iter().find_map(lacked)?;
        let name = meant.statement()?.actions.as_ref()?.patterns.first()?;
        let excess = |differences: &[Difference]| differences.iter().filter(|it| it.is_excess()).count();
        let policies = self.pair.policies.iter().enumerate();
        let places = policies.flat_map(|(p, policy)| {
            policy.document.statements.iter().enumerate().map(move |(s, statement)| (p, s, statement))
        });
        let could = places.filter(|(p, s, statement)| {
            statement.effect == effect && !given.iter().any(|said| said.place == (*p, *s))
        });
        let lines = could.filter_map(|(p, s, statement)| {
            let Selection { negated: false, patterns } = statement.actions.as_ref()? else { return None };
            let of = |text: &str| text.split(':').next().map(str::to_ascii_lowercase);
            let kin = patterns.iter().filter(|other| of(other) == of(name)).count();
            let policy = &self.pair.policies[p];
            let actions = Some(Selection { negated: false, patterns: vec![name.clone()] });
            let with_it = Statement { actions, ..statement.clone() };
            let mut given = given.to_vec();
            given.push(Said::of(&policy.document, (p, s), with_it));
            let still = self.differences(&given);
            let helps = still.len() < left.len() && excess(&still) <= excess(left);
            let text =
                format!("`- {name}` is missing ({}{}); {}", effect.as_str(), on(statement), self.why(meant));
            helps.then(|| Line {
                rank: (still.len(), !patterns.is_empty(), usize::MAX - kin),
                given,
                left: still,
                finding: self.at((p, s), Kind::Missing, name, text),
            })
        });
        lines.min_by_key(|line| line.rank)
    }

    fn lacking(&self, effect: Effect, meant: &Said) -> Finding {
        let role = &self.pair.role.id;
        let does = match effect {
            Effect::Allow => "isn't granted",
            Effect::Deny => "isn't denied",
        };
        let what = meant.statement().map(|statement| described(statement, &self.action)).unwrap_or_default();
        let text = format!("{role} {does} {what}; {}", self.why(meant));
        let has_effect = |said: &&Said| said.statement().is_some_and(|it| it.effect == effect);
        match self.given.iter().find(has_effect) {
            Some(near) => self.at(near.place, Kind::Missing, &self.action, text),
            None => self.about_role(Kind::Missing, text),
        }
    }

    fn excess(&self, difference: &Difference, said: &Said) -> Finding {
        let what = |said: &Said| {
            said.statement().map(|statement| described(statement, &self.action)).unwrap_or_default()
        };
        let allows = |said: &&Said| said.statement().is_some_and(|it| it.effect == Effect::Allow);
        let meant = self.meant.iter().find(allows);
        let text = match (difference.given, difference.meant, meant) {
            (Decision::ExplicitlyDenied, Decision::Allowed, Some(meant)) => {
                format!("it denies {}; {}", what(said), self.why(meant))
            }
            (Decision::ExplicitlyDenied, ..) => format!("nothing asks to deny {}", what(said)),
            (_, _, Some(meant)) => format!("it allows {}, which is more than {}", what(said), what(meant)),
            (_, _, None) => format!("nothing calls for {}", what(said)),
        };
        self.at(said.place, Kind::Superfluous, &self.action, text)
    }

    fn why(&self, meant: &Said) -> &str {
        &self.pair.meant[meant.place.1].why
    }

    /// A finding about an action of a statement.
    pub fn at(&self, (p, s): (usize, usize), kind: Kind, action: &str, text: String) -> Finding {
        let policy = &self.pair.policies[p];
        let resources = policy.document.statements[s].resources.as_ref();
        Finding {
            line: policy.lines.get(s).map_or(policy.line, |lines| lines.start),
            kind,
            role: Some(self.pair.role.id.clone()),
            policy: Some(policy.id.clone()),
            statement: Some(policy.name_of(s)),
            action: Some(action.to_owned()),
            resources: resources.map(|selection| selection.patterns.clone()).unwrap_or_default(),
            text,
        }
    }

    fn about_role(&self, kind: Kind, text: String) -> Finding {
        let role = self.pair.role;
        let about = Finding::about(&role.id, role.line, kind, text);
        Finding { role: Some(role.id.clone()), policy: None, action: Some(self.action.clone()), ..about }
    }
}
