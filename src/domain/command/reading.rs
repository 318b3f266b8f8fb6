//! What follows the verb.

use super::error::{Problem, shown};
use super::lex::{Word, Words};
use super::verb::{Flag, Verb, nearest};
use super::{Command, ParseContext, asks_for_help, no_verb, target, unclosed};
use crate::domain::ids::JobId;
use crate::domain::job::Options;
use crate::domain::reason::Reason;
use crate::domain::role::RoleRef;

/// The days of use that may count.
const DAYS: std::ops::RangeInclusive<u32> = 1..=365;
/// The guardrails that a person may choose.
const PRESETS: [&str; 3] = ["none", "sandbox", "prod"];

/// A line of which the verb was read.
pub(super) struct Reading<'a> {
    pub verb: Verb,
    pub words: Words<'a>,
    /// What was understood so far; kept by whoever asks, for when the rest isn't.
    pub understood: &'a mut Vec<String>,
    pub context: &'a ParseContext<'a>,
}

impl Reading<'_> {
    /// The command, once all of the line is understood.
    pub fn command(&mut self) -> Result<Command, Problem> {
        if matches!(self.words.clone().next(), Ok(Some(word)) if asks_for_help(&word)) {
            return Ok(Command::Help { about: Some(self.verb) });
        }
        Ok(match self.verb {
            Verb::Help => self.help()?,
            Verb::Analyze => self.analysis()?,
            Verb::Status => Command::Status { job: self.job()? },
            Verb::Pending => self.end().map(|()| Command::Pending)?,
            Verb::Diff => Command::Diff { job: self.one_job()? },
            Verb::Cancel => Command::Cancel { job: self.one_job()? },
            Verb::History => Command::History { role: self.role()? },
            Verb::Rollback => Command::Rollback { job: self.one_job()? },
            Verb::WhoAmI => self.end().map(|()| Command::WhoAmI)?,
            Verb::Approve => Command::Approve { job: self.one_job()? },
            Verb::Deny => self.denial()?,
            Verb::Continue => Command::Continue { job: self.one_job()? },
        })
    }

    /// The next word, which is no flag; none at the end.
    fn word(&mut self) -> Result<Option<Word>, Problem> {
        let word = self.words.next().map_err(unclosed)?;
        match word.as_ref().and_then(Word::as_flag) {
            Some((name, _)) => Err(self.no_flag(name)),
            None => Ok(word),
        }
    }

    fn no_flag(&self, name: &str) -> Problem {
        let flags = Flag::ALL.into_iter().filter(|_| self.verb == Verb::Analyze).map(Flag::as_str);
        Problem::Flag { said: shown(&format!("--{name}")), verb: self.verb, like: nearest(name, flags) }
    }

    fn end(&mut self) -> Result<(), Problem> {
        match self.word()? {
            Some(word) => Err(self.too_many(&word)),
            None => Ok(()),
        }
    }

    fn too_many(&self, word: &Word) -> Problem {
        Problem::TooMany { said: shown(&word.text), verb: self.verb }
    }

    fn help(&mut self) -> Result<Command, Problem> {
        let Some(word) = self.word()? else { return Ok(Command::Help { about: None }) };
        let verb = Verb::parse(&word.text).ok_or_else(|| no_verb(&word.text, &self.words))?;
        self.end()?;
        Ok(Command::Help { about: Some(verb) })
    }

    fn role(&mut self) -> Result<RoleRef, Problem> {
        let word = self.word()?.ok_or(Problem::NoRole)?;
        let role = target::role(&word.text, self.context)?;
        self.understood.push(shown(&word.text));
        self.end()?;
        Ok(role)
    }

    /// The job that is named, or else that of the thread.
    fn job(&mut self) -> Result<Option<JobId>, Problem> {
        let said = self.word()?.map(|word| target::job(&word.text)).transpose()?;
        let job = said.or_else(|| self.context.job.cloned());
        self.understood.extend(job.iter().map(ToString::to_string));
        self.end()?;
        Ok(job)
    }

    fn one_job(&mut self) -> Result<JobId, Problem> {
        self.job()?.ok_or(Problem::NoJob)
    }

    /// A reason is taken as it was typed: its quotes, apostrophes and dashes mean nothing, unless it stands in quotes as
    /// a whole.
    fn denial(&mut self) -> Result<Command, Problem> {
        let all = self.words.clone();
        let first = self.words.next().ok().flatten();
        let (job, reason) = match (first, self.context.job) {
            (None, None) if all.rest().is_empty() => return Err(Problem::NoJob),
            (None, None) => return Err(Problem::Job { said: shown(all.rest()) }),
            (Some(word), thread) if thread.is_none() || target::is_meant_as_job(&word.text) => {
                (target::job(&word.text)?, self.words.rest())
            }
            (_, Some(job)) => (job.clone(), all.rest()),
            (Some(word), None) => (target::job(&word.text)?, self.words.rest()),
        };
        let mut inside = Words::new(reason);
        let reason = match (inside.next(), inside.rest()) {
            (Ok(Some(only)), "") if only.quoted => only.text,
            _ => reason.to_owned(),
        };
        self.understood.push(job.to_string());
        let reason = Reason::parse(&reason).ok_or(Problem::NoReason)?;
        Ok(Command::Deny { job, reason })
    }

    fn analysis(&mut self) -> Result<Command, Problem> {
        let mut role = None;
        let mut options = Options::default();
        let mut seen = Vec::new();
        let mut only_names = false;
        while let Some(word) = self.words.next().map_err(unclosed)? {
            let Some((name, value)) = word.as_flag().filter(|_| !only_names) else {
                if role.is_some() {
                    return Err(self.too_many(&word));
                }
                role = Some(target::role(&word.text, self.context)?);
                self.understood.push(shown(&word.text));
                continue;
            };
            if asks_for_help(&word) {
                return Ok(Command::Help { about: Some(self.verb) });
            }
            if name.is_empty() && value.is_none() {
                only_names = true;
                continue;
            }
            let flag = Flag::parse(name).ok_or_else(|| self.no_flag(name))?;
            if seen.contains(&flag) {
                return Err(Problem::Twice(flag));
            }
            seen.push(flag);
            self.option(flag, value, &mut options)?;
        }
        let role = role.ok_or(Problem::NoRole)?;
        Ok(Command::Analyze { role, options })
    }

    fn option(&mut self, flag: Flag, value: Option<&str>, options: &mut Options) -> Result<(), Problem> {
        let said = match flag {
            Flag::NoAi if value.is_some() => return Err(Problem::Value(flag)),
            Flag::NoAi => {
                options.reasoner = false;
                String::new()
            }
            Flag::Days => {
                let said = self.value(flag, value)?;
                let digits = !said.is_empty() && said.bytes().all(|byte| byte.is_ascii_digit());
                let days = said.parse().ok().filter(|days| digits && DAYS.contains(days));
                options.days =
                    days.ok_or_else(|| Problem::BadValue { flag, said: shown(&said), like: None })?;
                format!(" {}", options.days)
            }
            Flag::Guardrails => {
                let said = self.value(flag, value)?;
                let preset = PRESETS.into_iter().find(|preset| preset.eq_ignore_ascii_case(&said));
                let preset = preset.ok_or_else(|| {
                    let like = nearest(&said, PRESETS.into_iter());
                    Problem::BadValue { flag, said: shown(&said), like }
                })?;
                options.guardrails = Some(preset.to_owned());
                format!(" {preset}")
            }
        };
        self.understood.push(format!("{flag}{said}"));
        Ok(())
    }

    /// A flag's value: behind its equals sign, or the next word, unless that is a flag.
    fn value(&mut self, flag: Flag, value: Option<&str>) -> Result<String, Problem> {
        if let Some(value) = value {
            return Ok(value.to_owned());
        }
        let word = self.words.next().map_err(unclosed)?.ok_or(Problem::NoValue(flag))?;
        // A number below zero is a wrong value rather than a flag.
        let is_number = |name: &str| name.starts_with(|c: char| c.is_ascii_digit());
        match word.as_flag() {
            Some((name, _)) if !is_number(name) => Err(Problem::NoValue(flag)),
            Some(_) | None => Ok(word.text),
        }
    }
}
