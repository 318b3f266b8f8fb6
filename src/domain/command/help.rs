//! What `help` says. Plain text of a few lines, the same on every way by which it is asked for.

use super::Verb;

/// How one verb is used, or what can be said at all.
pub fn help(about: Option<Verb>) -> String {
    let mut text = String::with_capacity(1024);
    if let Some(verb) = about {
        text.extend([verb.usage(), "\n", verb.about(), "\nFor example: ", verb.example()]);
        if verb == Verb::Analyze {
            text.push_str(DETAILS);
        }
    } else {
        text.push_str("I narrow IAM roles to what they use, once somebody approved it. You can say:\n");
        for verb in Verb::ALL {
            text.extend(["• ", verb.usage(), ": ", verb.about(), "\n"]);
        }
        text.push_str("In a job's thread, mention me and leave <job> out.");
    }
    text
}

const DETAILS: &str = "\n--days: how many days of use count, from 1 to 365; 90 where nothing is said\
    \n--guardrails: which guardrails apply, in place of the configured ones\
    \n--no-ai: let no model put the proposal into words";
