//! What README shows under "Connect an AWS account", done as it stands there by somebody who is new: with AWS's own
//! command line, in an account that has what the section asks for and nothing else.

mod blocks;
mod complete;
mod newcomer;
mod shell;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::serve::slack::{SECRET, TOKEN};
use crate::support::aws::journal::{Entry, Verdict};
use blocks::script;
use newcomer::{Newcomer, ROLE};

const HEADING: &str = "## Connect an AWS account";
/// How long anything may take.
const LONG: Duration = Duration::from_mins(2);

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// Everything was signed by somebody known, and granted.
fn assert_granted(calls: &[Entry]) {
    let refused: Vec<_> = calls.iter().filter(|call| call.verdict != Verdict::Passed).collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

/// Services and operations.
fn asked<'a>(calls: impl IntoIterator<Item = &'a Entry>) -> BTreeSet<String> {
    calls.into_iter().map(|call| format!("{}:{}", call.service, call.operation)).collect()
}

#[test]
fn a_newcomer_who_does_what_the_readme_says_has_alpha_at_work_as_its_own_role() {
    let newcomer = Newcomer::new();
    let (place, journal) = (&newcomer.place, &newcomer.front.aws.journal);
    let before = journal.entries().len();
    let mut shell = newcomer.run(&script(&readme(), HEADING).unwrap());
    shell.until("the service is ready", LONG, || {
        place.get("/readyz").ok().filter(|answer| answer.status == 200)
    });
    let tables = journal.of("dynamodb", "DescribeTable");
    assert!(!tables.is_empty() && tables.iter().all(|call| call.who.contains("BotRole")), "{tables:#?}");
    assert_eq!(newcomer.tags(), [("alpha-scope".to_owned(), "narrow".to_owned())]);

    let answer = place.slash("U0RILEY", &format!("analyze {ROLE}"), "analyze").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    // There is but one job.
    let answer = shell.until("a card is approved", LONG, || place.click("U0ANA", "j-", "approve", "approve"));
    assert_eq!(answer.unwrap().status, 200);
    let has_asked = |service: &str, operation: &str| {
        assert_granted(&journal.entries()[before..]);
        journal.of(service, operation).pop()
    };
    shell.until("the role is narrowed", LONG, || has_asked("iam", "PutRolePermissionsBoundary"));
    shell.until("its health is looked at", LONG, || has_asked("logs", "GetQueryResults"));
    shell.stop();
    assert!(shell.wait(LONG).success());
    let said = shell.said();
    assert!(!said.contains(SECRET) && !said.contains(TOKEN), "{said}");

    let calls = &journal.entries()[before..];
    assert_granted(calls);
    let own = calls.iter().filter(|call| call.who == newcomer.arn && call.service != "cloudformation");
    let named = ["iam:ListRoles", "iam:TagRole", "secretsmanager:PutSecretValue"];
    let who = ["sts:AssumeRole", "sts:GetCallerIdentity"];
    assert_eq!(asked(own), named.into_iter().chain(who).map(str::to_owned).collect());
    let bot = asked(calls.iter().filter(|call| call.who.contains("BotRole")));
    let kept = ["dynamodb:TransactWriteItems", "secretsmanager:GetSecretValue", "s3:GetObject"];
    for call in kept.into_iter().chain(["iam:PutRolePermissionsBoundary", "logs:GetQueryResults"]) {
        assert!(bot.contains(call), "{call} of {bot:?}");
    }
}
