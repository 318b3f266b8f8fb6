//! What the slots of each message are filled with.
//!
//! The numbers are budgets in characters: together they keep a message within Slack's limits whatever the values are.

use super::Context;
use super::choose::details;
use super::cut::{units, whole_lines};
use super::decided::{self, Decided};
use super::facts;
use super::files::File;
use super::markup::Markup;
use super::progress::progress;
use super::template::Values;
use super::words::{before_after, utc};
use crate::domain::delivery::Slot;
use crate::domain::job::{Brief, Job, State};
use crate::domain::proposal::{Case, Prose};
use crate::domain::reason::Reason;
use crate::domain::receipt::Subject;
use crate::iam::risk::RiskLevel;
use crate::slack::subject::encode_subject;

/// IAM's own limit is 64.
const ROLE: usize = 80;
const ACCOUNT: usize = 24;
const NAME: usize = 64;
const ARN: usize = 240;
/// The difference on the card, and where it only recalls what it was about.
const DIFF: usize = 2200;
const DIFF_RECALLED: usize = 1500;
/// How far the sources of evidence are.
const SOURCES: usize = 1500;
/// Why there is no advice: a missing grant takes some room.
const INSTEAD: usize = 500;
/// What keeps a role from being changed, and the commands that mend it.
const OUT_OF_SCOPE: usize = 1000;
/// What somebody or something said of why.
const WHY: usize = 2000;
/// What stands, and the commands that mend it.
const STUCK: usize = 2900;
/// Why something ended, where it is announced.
const ANNOUNCED: usize = 800;

/// What the slots of a message about a job are filled with.
pub(super) fn of(file: File, slot: &Slot, job: &Job, case: Option<&Case>, context: Context) -> Values {
    let values = base(job, context);
    match file {
        File::Root => requested(values, job).markup("progress", progress(job)).lines_if(
            "sources",
            facts::list(&job.progress, SOURCES).as_deref(),
            SOURCES,
        ),
        File::Card => match case {
            Some(case) => card(values, job, case).when("when_alone", context.alone),
            None => values,
        },
        File::CardUnreadable => values.number("revision", revision(job)),
        File::CardDecided => card_decided(values, slot, job, case),
        File::Reminder => reminder(values, slot, job),
        File::ReminderOver => values.markup("progress", progress(job)),
        File::HeldDecided => {
            let question = if let Slot::Held(number) = slot { *number } else { 0 };
            values.markup("answer", decided::answer(job, question))
        }
        File::Held => held(values, job),
        File::OutcomeSucceeded => succeeded(values, slot, job, case),
        File::OutcomeDenied | File::OutcomeCancelled => {
            let reason =
                job.decision.as_ref().and_then(|decision| decision.reason.as_ref().map(Reason::as_str));
            let values = requested(values, job).markup("decision", decided::sentence(job));
            values.lines_if("why", reason, WHY)
        }
        File::OutcomeExpired => requested(values, job),
        File::OutcomeRolledBack | File::OutcomeFailed | File::OutcomeNothingToDo => {
            requested(values, job).lines("why", why(job), WHY)
        }
        File::OutcomeSuperseded => requested(values, job)
            .lines("why", why(job), WHY)
            .number("revision", revision(job))
            .number("epoch", job.epoch)
            .code("subject", subject(job)),
        File::OutcomeStuck => requested(values, job).lines("why", &whole_lines(why(job), STUCK), STUCK),
        File::Announcement => announcement(values, slot, job, case),
        File::DiffElsewhere => {
            let of = of_slot(slot).unwrap_or_else(|| revision(job));
            values
                .number("revision", of)
                .markup("digest", digest(brief(job, of)).unwrap_or_else(|| Markup::ours("unknown")))
                .lines_if("diff", recalled(case, of).as_deref(), DIFF_RECALLED)
        }
        // These are about no job.
        File::Note | File::Deny | File::Ask => values,
    }
}

/// What every message about a job says.
fn base(job: &Job, context: Context) -> Values {
    Values::new()
        .line("role", &job.role.name, ROLE)
        .line("account", job.role.account.as_str(), ACCOUNT)
        .line("job", job.id.as_str(), NAME)
        .when("when_simulated", context.simulated)
}

fn requested(values: Values, job: &Job) -> Values {
    values.markup("requester", Markup::mention(&job.asked.by.user))
}

/// The role and account within a question, where there is little room.
fn short(values: Values, job: &Job) -> Values {
    values.line("short_role", &job.role.name, NAME).line("short_account", job.role.account.as_str(), ACCOUNT)
}

fn card(values: Values, job: &Job, case: &Case) -> Values {
    let Case { changes, coverage, proofs, .. } = case;
    let brief = job.case.as_ref();
    let severity = brief.map_or(case.risk.level, |brief| brief.severity);
    let actions = before_after(changes.before, changes.after);
    let prose = case.prose.as_ref();
    let out_of_scope = brief.and_then(|brief| brief.out_of_scope.as_deref());
    let unless = if out_of_scope.is_some() { "; ALPHA may not change the role yet" } else { "" };
    let loss = match out_of_scope {
        Some(_) => format!("refused until ALPHA may change it, as the card says; {}", facts::loss(changes)),
        None => facts::loss(changes),
    };
    let gaps = facts::gaps(&coverage.gaps);
    // The difference makes room for what has to be done first.
    let instead = prose.and_then(|prose| prose.instead.as_deref());
    let room = facts::excess(gaps.as_deref())
        + instead.map_or(0, |why| units(why).clamp(300, INSTEAD) - 300)
        + if out_of_scope.is_some() { OUT_OF_SCOPE } else { 0 };
    let diff = DIFF.saturating_sub(room);
    let expires = match &job.state {
        State::AwaitingDecision { expires, .. } => Markup::moment(*expires),
        _ => Markup::ours("not open"),
    };
    short(requested(values, job), job)
        .line("arn", &case.snapshot.arn, ARN)
        .when("when_nobody_decides", !brief.is_some_and(|brief| brief.approvable))
        .lines_if("out_of_scope", out_of_scope, OUT_OF_SCOPE)
        .word("approve", if out_of_scope.is_some() { "Approve, once it may be changed" } else { "Approve" })
        .markup("summary", Markup::ours(format!("{actions} actions granted, severity {severity}{unless}")))
        .markup("severity", Markup::ours(severity.as_str()))
        .markup("evidence", facts::evidence(case))
        .markup("actions", Markup::ours(actions))
        .markup("expires", expires)
        .markup("commands", commands(job))
        .number("revision", case.revision)
        .markup("digest", digest(brief).unwrap_or_else(|| Markup::ours("unknown")))
        .lines("diff", &facts::diff(changes, diff), diff)
        .markup("replay", facts::replay(proofs))
        .markup("containment", facts::containment(proofs))
        .lines_if("opinions", facts::opinions(case, 900).as_deref(), 900)
        .lines_if("gaps", gaps.as_deref(), facts::GAPS_MOST)
        .lines_if("reasons", facts::reasons(case, 800).as_deref(), 800)
        .lines_if("unobservable", facts::list(&changes.unobservable, 400).as_deref(), 400)
        .lines_if("unwatched", facts::list(&changes.unwatched, 400).as_deref(), 400)
        .lines_if("stages", facts::stages(&case.stages, 620).as_deref(), 620)
        .line("author", prose.map_or("nobody", author), NAME)
        .word("opinion", prose.map_or("", opinion))
        .lines_if("instead", instead, INSTEAD)
        .lines_if("prose", prose.map(|prose| prose.text.as_str()), 800)
        .lines_if("guardrails", Some(case.guardrails.as_str()), 200)
        .line("loss", &loss, 180)
        .code("subject", subject(job))
}

fn card_decided(values: Values, slot: &Slot, job: &Job, case: Option<&Case>) -> Values {
    let of = of_slot(slot).unwrap_or_else(|| revision(job));
    let (case, brief) = (details(case, of), brief(job, of));
    let Decided { headline, sentence, why } = decided::card(job, of);
    let severity = brief.map(|brief| Markup::ours(brief.severity.as_str()));
    let actions = case.map(|case| Markup::ours(before_after(case.changes.before, case.changes.after)));
    requested(values, job)
        .word("headline", headline)
        .markup("decision", sentence)
        .lines_if("why", why, WHY)
        .markup_if("severity", severity)
        .markup_if("evidence", case.map(facts::evidence))
        .markup_if("actions", actions)
        .number("revision", of)
        .markup_if("digest", digest(brief))
        .lines_if("diff", recalled(case, of).as_deref(), DIFF_RECALLED)
}

fn reminder(values: Values, slot: &Slot, job: &Job) -> Values {
    let number = if let Slot::Reminder(number) = slot { *number } else { 0 };
    let (until, expires) = match &job.state {
        State::AwaitingDecision { expires, .. } => (Markup::ours(utc(*expires)), Markup::moment(*expires)),
        _ => Default::default(),
    };
    values
        .markup("until", until)
        .markup("expires", expires)
        .number("number", number)
        .when("when_nobody_decides", !job.case.as_ref().is_some_and(|brief| brief.approvable))
        .when("when_out_of_scope", job.case.as_ref().is_some_and(|brief| brief.out_of_scope.is_some()))
}

fn held(values: Values, job: &Job) -> Values {
    let (since, time) = match &job.state {
        State::Held { since, time, .. } => (Markup::moment(*since), *time),
        _ => Default::default(),
    };
    short(values, job)
        .word("stage", job.state.stage().map_or("present", |stage| stage.as_str()))
        .markup("since", since)
        .lines("why", why(job), WHY)
        .number("revision", revision(job))
        .number("time", time)
        .code("subject", subject(job))
}

fn succeeded(values: Values, slot: &Slot, job: &Job, case: Option<&Case>) -> Values {
    let epoch = if let Slot::Outcome(epoch) = slot { *epoch } else { job.epoch };
    let stands = epoch == job.epoch;
    requested(values, job)
        .markup("actions", actions(case))
        .markup_if("decision", job.decision.is_some().then(|| decided::sentence(job)))
        .when("when_taken_back", !stands)
        .line_if("short_role", stands.then_some(job.role.name.as_str()), NAME)
        .line_if("short_account", stands.then_some(job.role.account.as_str()), ACCOUNT)
        .number("revision", revision(job))
        .number("epoch", epoch)
        .code("subject", subject(job))
}

fn announcement(values: Values, slot: &Slot, job: &Job, case: Option<&Case>) -> Values {
    let earlier = matches!(slot, Slot::Announcement(epoch) if *epoch < job.epoch);
    let narrowed = || Markup::ours("A role is narrowed. Actions granted: ").and(&actions(case)).then(".");
    let what = match &job.state {
        _ if earlier => narrowed(),
        State::Succeeded => narrowed(),
        State::RolledBack { .. } => Markup::ours("A change of a role was taken back."),
        State::Denied => Markup::ours("A change of a role was denied."),
        State::Expired => Markup::ours("Nobody decided in time on a change of a role."),
        State::Cancelled => Markup::ours("A request to narrow a role was cancelled."),
        State::Superseded { .. } => Markup::ours("A proposal for a role is void."),
        State::Failed { .. } => Markup::ours("A role could not be narrowed, and nothing was changed."),
        State::NothingToDo { .. } => Markup::ours("There is nothing to take from a role."),
        State::Stuck { .. } => Markup::ours("A person has to look at a role."),
        State::Requested
        | State::Collecting
        | State::Proposing
        | State::AwaitingDecision { .. }
        | State::Approved
        | State::Staging { .. }
        | State::Held { .. }
        | State::RollingBack { .. } => progress(job),
    };
    let reason = job.decision.as_ref().and_then(|decision| decision.reason.as_ref().map(Reason::as_str));
    let why = match job.state {
        State::Denied | State::Cancelled => reason,
        _ => job.state.why().filter(|_| !earlier && job.state.is_terminal()),
    };
    requested(values, job)
        .markup("what", what)
        .lines_if("why", why.map(|why| whole_lines(why, ANNOUNCED)).as_deref(), ANNOUNCED)
        .markup("decision", decided::sentence(job))
}

/// Who wrote the advice.
fn author(prose: &Prose) -> &str {
    if prose.author == Prose::FACTS { "ALPHA, from the facts above" } else { &prose.author }
}

/// How risky whoever wrote the advice takes the change to be.
fn opinion(prose: &Prose) -> &'static str {
    match prose.opinion {
        None => "",
        Some(RiskLevel::Low) => ", to whom the risk is low",
        Some(RiskLevel::Medium) => ", to whom the risk is medium",
        Some(RiskLevel::High) => ", to whom the risk is high",
    }
}

/// What is typed where no button can be reached.
fn commands(job: &Job) -> Markup {
    let code = |words: &str| Markup::code(&format!("/alpha {words}"), 99);
    let [diff, approve, deny] = ["diff", "approve", "deny"].map(|verb| format!("{verb} {}", job.id));
    code(&diff).then(", then ").and(&code(&approve)).then(" or ").and(&code(&format!("{deny} REASON")))
}

/// What all buttons carry.
fn subject(job: &Job) -> String {
    encode_subject(&Subject::of(job))
}

fn actions(case: Option<&Case>) -> Markup {
    match case {
        Some(case) => Markup::ours(before_after(case.changes.before, case.changes.after)),
        None => Markup::ours("as proposed"),
    }
}

/// The difference where it only recalls what a message was about.
fn recalled(case: Option<&Case>, revision: u32) -> Option<String> {
    details(case, revision)
        .map(|case| facts::diff(&case.changes, DIFF_RECALLED))
        .filter(|text| units(text) > 0)
}

fn digest(brief: Option<&Brief>) -> Option<Markup> {
    brief.map(|brief| Markup::code(brief.digest.short(), 24))
}

/// What a job knows of its case, if that is of this revision.
fn brief(job: &Job, revision: u32) -> Option<&Brief> {
    job.case.as_ref().filter(|brief| brief.revision == revision)
}

fn revision(job: &Job) -> u32 {
    job.case.as_ref().map_or(0, |brief| brief.revision)
}

/// The revision that a slot is of.
fn of_slot(slot: &Slot) -> Option<u32> {
    match slot {
        Slot::Card(revision) | Slot::Diff(revision) | Slot::Pointer(revision) => Some(*revision),
        Slot::Root | Slot::Reminder(_) | Slot::Held(_) | Slot::Outcome(_) | Slot::Announcement(_) => None,
    }
}

fn why(job: &Job) -> &str {
    job.state.why().unwrap_or("nothing was said of why")
}
