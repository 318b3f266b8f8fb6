//! What a command is about: a role of an account of ours, or a job.

use super::ParseContext;
use super::error::{Problem, RoleProblem, shown};
use crate::domain::ids::{AccountId, JobId};
use crate::domain::role::RoleRef;
use crate::iam::arn::Arn;
use crate::iam::legible::is_unseen;

/// How long a role's name may be.
const LONGEST_NAME: usize = 64;

/// The role that a word names.
pub(super) fn role(said: &str, context: &ParseContext<'_>) -> Result<RoleRef, Problem> {
    let named = if said.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("arn:")) {
        by_arn(said, context)
    } else {
        by_name(said).map(|name| (context.home, name))
    };
    match named {
        Ok((account, name)) => Ok(RoleRef { account: account.clone(), name: name.to_owned() }),
        Err(why) => Err(Problem::Role { said: shown(said), why }),
    }
}

fn by_name(said: &str) -> Result<&str, RoleProblem> {
    if said.is_empty() {
        return Err(RoleProblem::Empty);
    }
    if let Some(what) = mentioned(said) {
        return Err(RoleProblem::Mention(what));
    }
    if let Some((_, name)) = said.rsplit_once('/') {
        let name = (is_name(name) && !said.contains("//")).then(|| name.to_owned());
        return Err(RoleProblem::Path { name });
    }
    if said.chars().any(is_unseen) {
        return Err(RoleProblem::Unseen);
    }
    if let Some(c) = said.chars().find(|c| !is_of_names(*c)) {
        return Err(RoleProblem::Character(c));
    }
    // All of these are of one byte each.
    if said.len() > LONGEST_NAME {
        return Err(RoleProblem::Long(said.len()));
    }
    Ok(said)
}

/// What Slack's markup at the beginning of a word mentions.
fn mentioned(said: &str) -> Option<&'static str> {
    let kinds = [("<@", "a Slack user"), ("<#", "a channel"), ("<!", "a group of Slack users")];
    kinds.into_iter().find(|(start, _)| said.starts_with(start)).map(|(_, kind)| kind)
}

fn is_of_names(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+=,.@_-".contains(c)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(is_of_names)
}

fn by_arn<'a>(said: &'a str, context: &ParseContext<'a>) -> Result<(&'a AccountId, &'a str), RoleProblem> {
    let arn = Arn::parse(said).ok_or(RoleProblem::Malformed)?;
    if !is_partition(arn.partition) {
        return Err(RoleProblem::Partition(shown(arn.partition)));
    }
    let kind = arn.resource_type().unwrap_or(arn.resource);
    match (arn.service, kind) {
        ("iam", "role") => {}
        ("sts", "assumed-role") => {
            let name = arn.resource_id().split('/').next().filter(|name| is_name(name));
            let role = name.map(|name| format!("arn:{}:iam::{}:role/{name}", arn.partition, arn.account));
            return Err(RoleProblem::Session { role: role.filter(|_| is_account(arn.account)) });
        }
        ("iam", "user") => return Err(RoleProblem::Other("an IAM user")),
        ("iam", "group") => return Err(RoleProblem::Other("an IAM group")),
        ("iam", "policy") => return Err(RoleProblem::Other("a managed policy")),
        ("iam", "instance-profile") => return Err(RoleProblem::Other("an instance profile")),
        ("iam", "root") => return Err(RoleProblem::Other("a whole account")),
        ("sts", "federated-user") => return Err(RoleProblem::Other("a federated user")),
        ("iam" | "sts", _) => return Err(RoleProblem::Other("something else in IAM")),
        (service, _) => return Err(RoleProblem::Service(shown(service))),
    }
    if !is_account(arn.account) || !arn.region.is_empty() {
        return Err(RoleProblem::Malformed);
    }
    let mut ours = std::iter::once(context.home).chain(context.others);
    let Some(account) = ours.clone().find(|account| account.as_str() == arn.account) else {
        let ours = ours.by_ref().map(AccountId::as_str).collect::<Vec<_>>().join(", ");
        return Err(RoleProblem::Account { said: arn.account.to_owned(), ours });
    };
    // The resource is `role/`, a path that may be empty, and the name.
    let path_and_name = arn.resource.strip_prefix("role/").ok_or(RoleProblem::Malformed)?;
    let (path, name) = path_and_name.rsplit_once('/').unwrap_or(("", path_and_name));
    match path.split('/').next() {
        Some("aws-service-role") => return Err(RoleProblem::ServiceLinked),
        Some("aws-reserved") => return Err(RoleProblem::Reserved),
        _ => {}
    }
    if name.is_empty() || (path.is_empty() && path_and_name.starts_with('/')) || path.contains("//") {
        return Err(RoleProblem::Malformed);
    }
    by_name(name).map(|name| (account, name))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether text could name a partition: `aws`, `aws-cn`, `aws-us-gov`, `aws-iso`, ...
fn is_partition(text: &str) -> bool {
    text == "aws"
        || text.strip_prefix("aws-").is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        })
}

/// The job that a word names, whatever a phone did to its case.
pub(super) fn job(said: &str) -> Result<JobId, Problem> {
    let lower = said.to_ascii_lowercase();
    if JobId::is_plausible(&lower) { Ok(JobId::new(lower)) } else { Err(Problem::Job { said: shown(said) }) }
}

/// Whether a word was probably to name a job.
pub(super) fn is_meant_as_job(said: &str) -> bool {
    said.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("j-"))
}
