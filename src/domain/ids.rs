//! Names of people, places and things, each with a type of its own, so that none is taken for another.

use std::fmt;

/// Declares a name: text that is carried and compared, and never looked into.
macro_rules! name {
    ($(#[$doc:meta] $name:ident),* $(,)?) => {$(
        #[$doc]
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// From its text.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

name! {
    /// A Slack workspace, or an enterprise organisation.
    TeamId,
    /// A Slack user, within a workspace or organisation.
    UserId,
    /// A channel, private channel or direct message.
    ChannelId,
    /// A message within a channel; Slack's `ts`.
    MessageTs,
    /// What Slack lets one open a modal with, once and within three seconds.
    TriggerId,
    /// A job.
    JobId,
    /// An AWS account, twelve digits.
    AccountId,
    /// A principal of the approvers file: one person, however many Slack users or AWS identities they have.
    PrincipalId,
    /// A group of the approvers file.
    GroupId,
    /// What a decision is bound to: a hash of everything that was decided on, in hexadecimal.
    Digest,
    /// The identity of one thing received, by which a repetition is known.
    ReceiptKey,
    /// The identity of one message to be delivered, by which a repetition is known.
    DeliveryId,
}

impl Digest {
    /// Its beginning, as people see it.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl ChannelId {
    /// Whether it is the direct message with one person, which nobody else can open.
    pub fn is_direct(&self) -> bool {
        self.0.starts_with('D')
    }
}

impl JobId {
    /// How many random bits an identifier has beside its time.
    pub const RANDOM_BITS: u32 = 40;

    /// An identifier that sorts by time: `j-` and sixteen characters of Crockford's base 32, in lower case; 40 bits of
    /// milliseconds and 40 random bits.
    pub fn at(now: jiff::Timestamp, random: u64) -> Self {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let milliseconds = u128::try_from(now.as_millisecond().max(0)).unwrap_or_default();
        let mask = (1u128 << Self::RANDOM_BITS) - 1;
        let bits = ((milliseconds & mask) << Self::RANDOM_BITS) | (u128::from(random) & mask);
        let text: String = (0..16u32)
            .rev()
            .map(|place| {
                char::from(ALPHABET[usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default()])
            })
            .collect();
        Self(format!("j-{text}"))
    }

    /// Whether text could name a job at all.
    pub fn is_plausible(text: &str) -> bool {
        text.len() == 18
            && text.starts_with("j-")
            && text[2..].bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    }
}

/// A Slack user, as seen in one request. Identity is by ids; names and e-mail addresses prove nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Person {
    /// The user's workspace (not that of the channel).
    pub team: TeamId,
    /// The organisation, where there is one.
    pub enterprise: Option<TeamId>,
    /// The user.
    pub user: UserId,
}

impl Person {
    /// A user of a workspace.
    pub fn new(team: &str, user: &str) -> Self {
        Self { team: TeamId::new(team), enterprise: None, user: UserId::new(user) }
    }

    /// Whether two sights are of one user: user ids are unique within an organisation.
    pub fn is_same(&self, other: &Self) -> bool {
        self.user == other.user
            && (self.team == other.team || (self.enterprise.is_some() && self.enterprise == other.enterprise))
    }

    /// Whether an entry of the approvers file, such as `T1/U2`, means this user.
    pub fn is_called(&self, team: &str, user: &str) -> bool {
        self.user.as_str() == user
            && (self.team.as_str() == team
                || self.enterprise.as_ref().is_some_and(|enterprise| enterprise.as_str() == team))
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.team, self.user)
    }
}
