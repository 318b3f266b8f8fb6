//! Which roles ALPHA may change, as its operator says it: those that bear a tag, lie in the right places, and aren't
//! protected.
//!
//! Its grants say the same, and have the last word. This is for people: nobody is asked to approve what would be denied.

use std::collections::BTreeMap;
use std::fmt;

use super::ids::AccountId;
use super::role::RoleRef;
use super::rules::shown;
use crate::iam::legible::legible;
use crate::iam::pattern::{Pattern, Setting, Variables};

/// What is said of it; what isn't said limits nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Which tag a role has to bear.
    pub tag: Option<Tag>,
    /// ARN patterns of the roles that may be changed.
    pub writable: Option<Vec<String>>,
    /// ARN patterns of those that never are, whatever else is said.
    pub protected: Option<Vec<String>>,
}

/// The tag that a role has to bear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// None is asked for.
    None,
    /// This one.
    Is {
        /// Its key.
        key: String,
        /// Its value, to the letter.
        value: String,
    },
}

/// Why a role is out of scope.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lack<'a> {
    Protected { by: &'a str },
    Elsewhere { than: &'a [String] },
    Untagged { key: &'a str, value: &'a str, found: Option<&'a str> },
}

/// How many patterns are named.
const NAMED: usize = 3;

impl Scope {
    /// What it is where an operator says nothing: what the templates grant by default.
    pub fn of_the_templates() -> Self {
        let arns =
            |names: &[&str]| Some(names.iter().map(|name| format!("arn:aws:iam::*:role/{name}")).collect());
        Self {
            tag: Some(Tag::Is { key: "alpha-scope".to_owned(), value: "narrow".to_owned() }),
            writable: arns(&["*"]),
            protected: arns(&["OrganizationAccountAccessRole", "AWSControlTowerExecution"]),
        }
    }

    /// What this doesn't say, another says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            tag: self.tag.or(other.tag),
            writable: self.writable.or(other.writable),
            protected: self.protected.or(other.protected),
        }
    }

    /// What it says of another account than the one that it is of. Patterns that all name other accounts don't say that
    /// no role of that one may be changed.
    #[must_use]
    pub fn in_account(&self, account: &AccountId) -> Self {
        let mut scope = self.clone();
        scope.writable = scope.writable.filter(|patterns| patterns.iter().any(|one| may_be_of(one, account)));
        scope
    }

    /// Why a role is none that may be changed, and what to do about it; none where it may. Each in a line, and each
    /// command in one of its own.
    pub fn excludes(&self, arn: &str, tags: &BTreeMap<String, String>) -> Option<String> {
        let is_of = |pattern: &&String| Pattern::resource(pattern).matches(arn);
        if let Some(by) = self.protected.iter().flatten().find(is_of) {
            return Some(Lack::Protected { by }.told(arn));
        }
        let elsewhere = self.writable.as_deref().filter(|patterns| !patterns.iter().any(|one| is_of(&one)));
        let lacks = self.untagged(tags).into_iter().chain(elsewhere.map(|than| Lack::Elsewhere { than }));
        let lines: Vec<String> = lacks.map(|lack| lack.told(arn)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn untagged<'a>(&'a self, tags: &'a BTreeMap<String, String>) -> Option<Lack<'a>> {
        let Some(Tag::Is { key, value }) = &self.tag else { return None };
        // IAM compares keys of tags without regard to case, and their values with it.
        let found = tags.iter().find(|(one, _)| one.eq_ignore_ascii_case(key)).map(|(_, value)| &**value);
        (found != Some(value)).then_some(Lack::Untagged { key, value, found })
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Is { key, value } => write!(f, "{key}={value}"),
        }
    }
}

impl Lack<'_> {
    /// What it is, and who mends it how.
    fn told(&self, role: &str) -> String {
        let arn = legible(role);
        match self {
            Self::Protected { by } => format!(
                "It is protected by {}, and is never changed. Whoever runs ALPHA may take that from the stack's \
                 parameter ProtectedRoles (and from ALPHA_PROTECTED_ROLES, where ALPHA runs elsewhere).",
                legible(by)
            ),
            Self::Elsewhere { than } => format!(
                "It lies outside of {}. Whoever runs ALPHA may add {arn} to the stack's parameter WritableRoles (and to \
                 ALPHA_WRITABLE_ROLES, where ALPHA runs elsewhere).",
                named(than)
            ),
            Self::Untagged { key, value, found } => {
                let how = match found {
                    Some(found) => format!("Its tag {key} is \"{}\", and not \"{value}\".", shown(found)),
                    None => format!("It doesn't bear the tag {key}={value}."),
                };
                let RoleRef { account, name } = RoleRef::of_arn(role)
                    .unwrap_or_else(|| RoleRef { account: AccountId::new(""), name: role.to_owned() });
                let tags = quoted(&format!("Key={key},Value={value}"));
                format!(
                    "{how} Whoever may tag roles in account {account} sets it:\naws iam tag-role --role-name {} --tags {tags}",
                    quoted(&legible(&name))
                )
            }
        }
    }
}

/// The first of some patterns.
fn named(patterns: &[String]) -> String {
    let first: Vec<_> = patterns.iter().take(NAMED).map(|one| legible(one)).collect();
    let more = patterns.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", first.join(", "))
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-:/".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// Whether a pattern can be of a role of an account.
fn may_be_of(pattern: &str, account: &AccountId) -> bool {
    let mut parts = pattern.splitn(6, ':');
    match (parts.nth(4), parts.next()) {
        (Some(of), Some(_)) => {
            Pattern::parse(of, Setting::Plain, Variables::Literal).matches(account.as_str())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::role::Snapshot;
    use crate::domain::samples::snapshot;

    /// The sample role, `/app/web` of account 111122223333, with one tag more.
    fn tagged(key: &str, value: &str) -> Snapshot {
        let mut role = snapshot();
        role.tags.insert(key.to_owned(), value.to_owned());
        role
    }

    fn arns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_role_is_in_scope_where_it_bears_the_tag_lies_there_and_is_not_protected() {
        let narrow = Scope::of_the_templates;
        let untagged = || Scope { tag: Some(Tag::None), ..narrow() };
        let within = |patterns: &[&str]| Scope { writable: Some(arns(patterns)), ..untagged() };
        let but = |patterns: &[&str]| Scope { protected: Some(arns(patterns)), ..untagged() };
        let scoped = || tagged("alpha-scope", "narrow");
        for (scope, role, is_in) in [
            (Scope::default(), snapshot(), true),
            (narrow(), scoped(), true),
            (narrow(), tagged("Alpha-Scope", "narrow"), true),
            (narrow(), snapshot(), false),
            (narrow(), tagged("alpha-scope", "Narrow"), false),
            (narrow(), tagged("alpha-scope", "narrow*"), false),
            (untagged(), snapshot(), true),
            (within(&["arn:aws:iam::111122223333:role/app/*"]), snapshot(), true),
            (within(&["arn:aws:iam::*:role/batch/*", "arn:aws:iam::*:role/app/we?"]), snapshot(), true),
            (within(&["arn:aws:iam::111122223333:role/web"]), snapshot(), false),
            (within(&["arn:aws:iam::444455556666:role/*"]), snapshot(), false),
            (within(&["arn:aws-cn:iam::*:role/*"]), snapshot(), false),
            (within(&["*"]), snapshot(), true),
            (but(&["arn:aws:iam::*:role/app/*"]), snapshot(), false),
            (but(&["arn:aws:iam::*:role/App/*"]), snapshot(), true),
            (but(&[]), snapshot(), true),
            (Scope { tag: narrow().tag, ..but(&["arn:aws:iam::*:role/app/web"]) }, scoped(), false),
        ] {
            assert_eq!(scope.excludes(&role.arn, &role.tags).is_none(), is_in, "{scope:?} {:?}", role.tags);
        }
    }

    #[test]
    fn what_keeps_a_role_out_of_scope_is_told_with_what_to_do() {
        let told = |scope: &Scope, role: &Snapshot| scope.excludes(&role.arn, &role.tags).unwrap();
        let narrow = Scope::of_the_templates();
        assert_eq!(
            told(&narrow, &snapshot()),
            "It doesn't bear the tag alpha-scope=narrow. Whoever may tag roles in account 111122223333 sets it:\n\
             aws iam tag-role --role-name web --tags Key=alpha-scope,Value=narrow"
        );
        let other = told(&narrow, &tagged("alpha-scope", "wide\n"));
        assert!(
            other.starts_with("Its tag alpha-scope is \"wide\\n\", and not \"narrow\". Whoever"),
            "{other}"
        );
        let spaced = Scope {
            tag: Some(Tag::Is { key: "team scope".to_owned(), value: "the narrow".to_owned() }),
            ..Scope::default()
        };
        let command = "aws iam tag-role --role-name web --tags 'Key=team scope,Value=the narrow'";
        assert!(told(&spaced, &snapshot()).ends_with(command));

        let elsewhere = Scope { writable: Some(arns(&["arn:aws:iam::*:role/a"; 5])), ..narrow.clone() };
        let both = told(&elsewhere, &snapshot());
        let lines: Vec<&str> = both.lines().collect();
        assert!(
            lines[0].contains("the tag alpha-scope=narrow") && lines[1].starts_with("aws iam tag-role"),
            "{both}"
        );
        for part in [
            "outside of arn:aws:iam::*:role/a, arn:aws:iam::*:role/a, arn:aws:iam::*:role/a and 2 more.",
            "add arn:aws:iam::111122223333:role/app/web to the stack's parameter WritableRoles",
            "ALPHA_WRITABLE_ROLES",
        ] {
            assert!(lines[2].contains(part), "{part}: {both}");
        }

        let protected = Scope { protected: Some(arns(&["arn:aws:iam::*:role/app/*"])), ..elsewhere };
        let only = told(&protected, &snapshot());
        assert!(
            only.starts_with("It is protected by arn:aws:iam::*:role/app/*, and is never changed."),
            "{only}"
        );
        assert!(only.contains("ALPHA_PROTECTED_ROLES") && only.lines().count() == 1, "{only}");
    }

    #[test]
    fn patterns_of_one_account_say_nothing_of_what_may_be_changed_in_another() {
        let account = AccountId::new("444455556666");
        let scope = |patterns: &[&str]| Scope {
            writable: Some(arns(patterns)),
            protected: Some(arns(&["arn:aws:iam::111122223333:role/x"])),
            ..Scope::of_the_templates()
        };
        let here = "arn:aws:iam::111122223333:role/app/*";
        assert_eq!(scope(&[here]).in_account(&account), Scope { writable: None, ..scope(&[]) });
        for patterns in [&[here, "arn:aws:iam::*:role/app/*"][..], &["arn:aws:iam::4444*:role/b"], &["*"]] {
            assert_eq!(scope(patterns).in_account(&account), scope(patterns));
        }
        let filled = scope(&[here]).in_account(&account).or(Scope::of_the_templates());
        assert_eq!(filled.writable, Scope::of_the_templates().writable);
        assert_eq!(filled.protected, scope(&[]).protected);
    }
}
