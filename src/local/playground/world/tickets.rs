//! Things that may be used for a while, or so many times: `trigger_id`s and `response_url`s.

use std::collections::BTreeMap;

use super::stamp::Micros;

const SECOND: Micros = 1_000_000;
/// How long a `trigger_id` opens a modal.
pub(in super::super) const TRIGGER_LIFE: Micros = 3 * SECOND;
/// How long a `response_url` answers.
pub(in super::super) const HOOK_LIFE: Micros = 30 * 60 * SECOND;
/// How often a `response_url` answers.
pub(in super::super) const HOOK_USES: u8 = 5;
/// How many tickets are remembered.
const MOST: usize = 2_000;

/// What opens a modal, once.
#[derive(Debug, Clone)]
pub(in super::super) struct Trigger {
    /// Who acted.
    pub user: String,
    made: Micros,
    used: bool,
}

/// Where an answer goes that comes by `response_url`.
#[derive(Debug, Clone)]
pub(in super::super) struct Hook {
    /// Who acted.
    pub user: String,
    /// Where they acted.
    pub channel: String,
    /// The message whose button was pressed.
    pub message: Option<String>,
    made: Micros,
    uses: u8,
}

/// All tickets that were handed out.
#[derive(Debug, Default)]
pub(in super::super) struct Tickets {
    triggers: BTreeMap<String, Trigger>,
    hooks: BTreeMap<String, Hook>,
    drawn: u64,
}

impl Tickets {
    /// A fresh name that nobody guesses; they sort by age.
    fn name(&mut self, now: Micros) -> String {
        self.drawn += 1;
        let mut noise = [0; 8];
        // Without noise the name is still unique, and all of this is on loopback.
        let _ = getrandom::fill(&mut noise);
        format!("{now}.{:06}.{}", self.drawn, hex::encode(noise))
    }

    /// Hands out a `trigger_id`.
    pub(in super::super) fn trigger(&mut self, user: &str, now: Micros) -> String {
        let name = self.name(now);
        self.triggers.insert(name.clone(), Trigger { user: user.to_owned(), made: now, used: false });
        while self.triggers.len() > MOST {
            self.triggers.pop_first();
        }
        name
    }

    /// Takes a `trigger_id` back, or says with Slack's word why not.
    pub(in super::super) fn exchange(&mut self, name: &str, now: Micros) -> Result<Trigger, &'static str> {
        let trigger = self.triggers.get_mut(name).ok_or("invalid_trigger_id")?;
        if trigger.used {
            return Err("exchanged_trigger_id");
        }
        if now.saturating_sub(trigger.made) > TRIGGER_LIFE {
            return Err("expired_trigger_id");
        }
        trigger.used = true;
        Ok(trigger.clone())
    }

    /// Hands out the name of a `response_url`.
    pub(in super::super) fn hook(
        &mut self,
        user: &str,
        channel: &str,
        message: Option<&str>,
        now: Micros,
    ) -> String {
        let name = self.name(now);
        let hook = Hook {
            user: user.to_owned(),
            channel: channel.to_owned(),
            message: message.map(str::to_owned),
            made: now,
            uses: 0,
        };
        self.hooks.insert(name.clone(), hook);
        while self.hooks.len() > MOST {
            self.hooks.pop_first();
        }
        name
    }

    /// Uses a `response_url` once more, or says why not.
    pub(in super::super) fn answer(&mut self, name: &str, now: Micros) -> Result<Hook, &'static str> {
        let hook = self.hooks.get_mut(name).ok_or("expired_url")?;
        if now.saturating_sub(hook.made) > HOOK_LIFE {
            return Err("expired_url");
        }
        if hook.uses >= HOOK_USES {
            return Err("used_url");
        }
        hook.uses += 1;
        Ok(hook.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{HOOK_LIFE, HOOK_USES, TRIGGER_LIFE, Tickets};

    #[test]
    fn a_trigger_opens_once_and_soon() {
        let mut tickets = Tickets::default();
        let (one, two) = (tickets.trigger("U1", 1_000), tickets.trigger("U1", 1_000));
        assert_ne!(one, two);
        assert_eq!(tickets.exchange(&one, 1_000 + TRIGGER_LIFE).unwrap().user, "U1");
        assert_eq!(tickets.exchange(&one, 1_001).unwrap_err(), "exchanged_trigger_id");
        assert_eq!(tickets.exchange(&two, 1_001 + TRIGGER_LIFE).unwrap_err(), "expired_trigger_id");
        assert_eq!(tickets.exchange("12.34.ab", 1_001).unwrap_err(), "invalid_trigger_id");
    }

    #[test]
    fn a_response_url_answers_five_times_within_half_an_hour() {
        let mut tickets = Tickets::default();
        let (one, two) = (tickets.hook("U1", "C1", None, 0), tickets.hook("U1", "C1", None, 0));
        for _ in 0..HOOK_USES {
            tickets.answer(&one, HOOK_LIFE).unwrap();
        }
        assert_eq!(tickets.answer(&one, 1).unwrap_err(), "used_url");
        assert_eq!(tickets.answer(&two, HOOK_LIFE + 1).unwrap_err(), "expired_url");
        assert_eq!(tickets.answer("x", 1).unwrap_err(), "expired_url");
    }
}
