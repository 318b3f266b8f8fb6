//! What people are told, in plain text: each sentence in a function of its own, apart from any logic.

use std::fmt::Write as _;

use crate::domain::approval::{Refusal, Wish};
use crate::domain::directory::Directory;
use crate::domain::ids::{JobId, Person};
use crate::domain::job::Job;
use crate::ports::Standing;

/// A job was stored. Whether whoever isn't known to be a member may ask for it is seen when it is admitted.
pub fn analysing(job: &Job, is_member: bool) -> String {
    let Job { id, role, asked, .. } = job;
    let days = asked.options.days;
    let ending = if days == 1 { "" } else { "s" };
    let thread = if is_member {
        "The thread that opens now shows how far it is."
    } else {
        "Once it is clear that you may ask for that, a thread opens that shows how far it is."
    };
    format!("Analysing {} over {days} day{ending}, as {id}. {thread}", role.name)
}

/// The role has an open job.
pub fn busy(job: &Job, link: Option<&str>) -> String {
    let whereabouts = link.map_or_else(|| format!("/alpha status {}", job.id), str::to_owned);
    format!(
        "{} is being worked on already: {} is {}. See {whereabouts}",
        job.role.name,
        job.id,
        job.state.word()
    )
}

/// The role has an open job, and it isn't known yet whether they may know of it.
pub fn busy_somewhere(role: &str) -> String {
    format!("{role} is being worked on already; where is said here in a moment.")
}

/// What they asked for could not be read.
pub fn unread() -> &'static str {
    "ALPHA could not read that; nothing was changed. Try again in a moment. If it stays so, the operator of this ALPHA \
     finds why in its log."
}

/// Something is looked up that depends on who they are.
pub fn looking() -> &'static str {
    "Looking that up; the answer comes here in a moment."
}

/// The role has an open job that is none of theirs.
pub fn busy_elsewhere(role: &str) -> String {
    format!("{role} is being worked on already, from another workspace. Try again when that is done.")
}

/// Something is being done.
pub fn on_it(what: &str, job: &JobId) -> String {
    format!("{what} {job}; what comes of it is said here in a moment.")
}

/// It is done.
pub fn done(wish: Wish<'_>, job: &Job) -> String {
    let what = match wish {
        Wish::Approve => "approved; the rollout begins",
        Wish::Deny(_) => "denied; nothing is changed",
        Wish::Cancel => "cancelled; nothing is changed",
        Wish::Continue => "going on",
        Wish::RollBack => "being rolled back",
    };
    format!("{} ({}) is {what}.", job.id, job.role.name)
}

/// Whoever has no right to anything, or asks for what isn't there, hears this and no more.
pub fn nothing_here() -> &'static str {
    "There is nothing here that you can decide."
}

/// A button says nothing that anybody could act on.
pub fn unreadable_button() -> &'static str {
    "This button doesn't say what it is about, so nothing was done. Use the newest message in the thread."
}

/// Who they are isn't known now.
pub fn nobody_known() -> &'static str {
    "Slack could not say who you are just now, so this was not done. Try again in a moment."
}

/// Why something isn't done.
pub fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Nothing => nothing_here().to_owned(),
        Refusal::Unknown => nobody_known().to_owned(),
        Refusal::NoDirectory => no_directory().to_owned(),
        Refusal::Oneself => "You asked for this yourself, so somebody else has to approve it.".to_owned(),
        Refusal::Late { what } => format!("Too late: {what}."),
        Refusal::Stale => {
            "This is an older revision; look at the newest message in the thread and decide there.".to_owned()
        }
        Refusal::Expired => {
            "The time to decide is over. Analyse the role again to get a fresh proposal.".to_owned()
        }
        Refusal::Unreadable { why } => {
            format!(
                "Nothing was decided: the role could not be looked at just now ({why}). Try again in a moment."
            )
        }
        Refusal::Changed { why } => {
            format!(
                "Not approved: {why}. What you saw is no longer true, so the role has to be analysed again."
            )
        }
        Refusal::OutOfScope { why } => format!("{} {why}\nThen try again.", out_of_scope()),
        Refusal::Unfit { why, later: Some(later) } => format!(
            "Not taken back: the role doesn't stand as this job left it: {why}. {later} changed it after that. Once the role \
             stands as this job left it, it can be taken back."
        ),
        Refusal::Unfit { why, later: None } => format!(
            "Not taken back: the role doesn't stand as this job left it: {why}. Once it does again, it can be taken back."
        ),
        Refusal::Early { state } => format!("Not yet: the job is {state}."),
    }
}

/// The role is none that may be changed; why is said after it.
pub fn out_of_scope() -> &'static str {
    "Nothing was changed: ALPHA may not change this role."
}

/// There is no approvers file.
pub fn no_directory() -> &'static str {
    "Nobody can decide yet: this ALPHA has no approvers file. Its operator sets one with ALPHA_APPROVERS."
}

/// Somebody who isn't a full member asked.
pub fn not_a_member(standing: Standing) -> &'static str {
    match standing {
        Standing::Guest => "Guests can't ask for an analysis; ask a full member of this workspace.",
        Standing::Stranger => "Only members of this workspace can ask for an analysis.",
        Standing::Bot => "Programs can't ask for an analysis.",
        Standing::Gone | Standing::Member => "Slack knows no such active user, so nothing was done.",
    }
}

/// The directory gives them no right to ask.
pub fn may_not_request(role: &str) -> String {
    format!(
        "You may not ask for an analysis of {role}: the approvers file gives you no request right for it. \
         /alpha whoami shows what you may do."
    )
}

/// No such job, as far as they may know.
pub fn no_such_job(id: &JobId) -> String {
    format!("There is no job {id} here. /alpha status lists yours.")
}

/// The account has no such role.
pub fn no_such_role(name: &str, like: Option<&str>) -> String {
    let missing = format!("There is no role called {name} in this account");
    match like {
        Some(like) => format!("{missing}; did you mean {like}? Then say: /alpha analyze {like}"),
        None => format!("{missing}. Look its name up in IAM, and ask again with that."),
    }
}

/// What the guardrails said of a proposal.
pub fn guardrails(preset: &str) -> String {
    // The path of a folder may be as long as it likes; what follows it has to be seen.
    let name: String = preset.chars().take(120).collect();
    format!("{name}; this version checks no rules of it")
}

/// There is no diff yet.
pub fn no_case_yet(job: &Job) -> String {
    format!("{} has no diff: it is {}.", job.id, job.state.word())
}

/// The whole diff was posted before.
pub fn diff_is_there() -> &'static str {
    "The whole diff is in this thread already."
}

/// The whole diff was asked for before, and isn't there yet.
pub fn diff_is_coming(job: &JobId) -> String {
    format!("The whole diff is on its way to this thread. {}", diff_elsewhere(job))
}

/// The whole diff was asked for before, and didn't come.
pub fn diff_is_tried_again(job: &JobId) -> String {
    format!("Trying once more to share the whole diff in this thread. {}", diff_elsewhere(job))
}

fn diff_elsewhere(job: &JobId) -> String {
    format!("On the machine that ALPHA runs on, alpha job diff {job} prints it too.")
}

/// Who they are to ALPHA.
pub fn who_am_i(person: &Person, directory: Option<&Directory>) -> String {
    let Some(directory) = directory else {
        return format!("You are {person}. {}", no_directory());
    };
    let Some(principal) = directory.principal_of(person) else {
        return format!("You are {person}, whom the approvers file doesn't name: you may decide nothing.");
    };
    let groups: Vec<&str> = principal.groups.iter().map(crate::domain::ids::GroupId::as_str).collect();
    let mut text = format!("You are {person}, known as {} of {}.", principal.id, listed(&groups));
    let grants = directory.grants.iter().filter(|grant| principal.groups.contains(&grant.group));
    let mut any = false;
    for grant in grants {
        any = true;
        let verbs: Vec<&str> = grant.verbs.iter().map(|verb| verb.as_str()).collect();
        let _ = write!(
            text,
            "\n• as {}: {}; accounts {}; paths {}; up to {} severity",
            grant.group,
            listed(&verbs),
            grant.accounts.join(", "),
            grant.paths.join(", "),
            grant.max_severity
        );
    }
    if !any {
        text.push_str(" None of that gives you a right.");
    }
    text
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "no group".to_owned() } else { names.join(", ") }
}
