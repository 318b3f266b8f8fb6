//! Slack's mark-up, made of parts that are harmless by construction: whoever holds a [`Markup`] may put it into a
//! message as it is, because there is no way to make one of text that wasn't escaped.

use jiff::Timestamp;

use super::cut::{as_code, line_within};
use super::words;
use crate::domain::ids::{Person, PrincipalId, UserId};
use crate::slack::escape::escape;

/// Mark-up that may be put into a message as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Markup(String);

impl Markup {
    /// Words of our own; only numbers and words out of closed lists are put into them.
    pub(super) fn ours(text: impl AsRef<str>) -> Self {
        Self(escape(text.as_ref()))
    }

    /// Anybody's text, within a code span: there nothing mentions, links, pings or is formatted.
    pub(super) fn code(text: &str, most: usize) -> Self {
        Self(format!("`{}`", line_within(text, most, as_code)))
    }

    /// A mention of a user. What doesn't look like the id of one is shown, and mentions nobody.
    pub(super) fn mention(user: &UserId) -> Self {
        let id = user.as_str();
        let plausible = (1..=32).contains(&id.len())
            && id.starts_with(['U', 'W'])
            && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if plausible { Self(format!("<@{id}>")) } else { Self::code(id, 32) }
    }

    /// Day and time in the reader's own time zone.
    pub(super) fn moment(moment: Timestamp) -> Self {
        Self::date(moment, "{date_short_pretty} at {time}")
    }

    /// The time in the reader's own time zone.
    pub(super) fn time(moment: Timestamp) -> Self {
        Self::date(moment, "{time}")
    }

    fn date(moment: Timestamp, form: &str) -> Self {
        Self(format!("<!date^{}^{form}|{}>", moment.as_second(), words::utc(moment)))
    }

    /// Who said something: the Slack user where there is one, and what the approvers file calls them.
    pub(super) fn speaker(person: Option<&Person>, principal: Option<&PrincipalId>) -> Self {
        let name = |principal: &PrincipalId| Self::code(principal.as_str(), 64);
        match (person, principal) {
            (Some(Person { user, .. }), Some(principal)) => {
                Self::mention(user).then(" (").and(&name(principal)).then(")")
            }
            (Some(Person { user, .. }), None) => Self::mention(user),
            (None, Some(principal)) => name(principal).then(" at the command line"),
            (None, None) => Self::ours("an operator"),
        }
    }

    /// Words of our own after it.
    pub(super) fn then(mut self, words: &str) -> Self {
        self.0.push_str(&Self::ours(words).0);
        self
    }

    /// Another piece after it.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// As it goes into the message.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;
    use crate::domain::ids::UserId;

    #[test]
    fn only_what_looks_like_a_user_is_mentioned() {
        for (id, expected) in [
            ("U0ANA", "<@U0ANA>"),
            ("!channel", "`!channel`"),
            ("U1> <!here", "`U1&gt; &lt;!here`"),
            ("", "`(empty)`"),
        ] {
            assert_eq!(Markup::mention(&UserId::new(id)).as_str(), expected);
        }
    }

    #[test]
    fn anybody_s_text_stays_within_its_code_span() {
        assert_eq!(Markup::code("a` *b*\n<!channel>", 99).as_str(), "`a' *b* &lt;!channel&gt;`");
    }

    #[test]
    fn a_moment_is_told_in_the_reader_s_time_zone_and_else_in_utc() {
        let moment = "2026-07-01T14:05:00Z".parse().unwrap();
        assert_eq!(Markup::time(moment).as_str(), "<!date^1782914700^{time}|1 July 2026, 14:05 UTC>");
    }
}
