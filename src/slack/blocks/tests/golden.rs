//! The main messages, as people see them.

use serde_json::json;

use super::super::examples::{Example, example};
use super::super::readable::readable;
use super::super::{Context, File, Message, message};
use super::shown;
use crate::domain::delivery::Slot;
use crate::domain::job::{Brief, State};
use crate::domain::opinion::Stand;
use crate::domain::proposal::{Case, Prose};
use crate::domain::telling::tell;
use crate::iam::risk::RiskLevel;

fn seen(message: &Message) -> String {
    readable(&json!({ "blocks": message.blocks }))
}

#[test]
fn the_root_says_who_asked_for_what_and_how_far_it_is() {
    let message = shown(File::Root).unwrap();
    assert_eq!(
        message.text,
        "<@U0RAVI> asked ALPHA to narrow the role `ci-deployer` in account `111122223333` to what it uses. \
         Canary: watched for 15 min until <!date^1782917400^{time}|1 July 2026, 14:50 UTC>."
    );
    assert_eq!(
        seen(&message),
        "@U0RAVI asked ALPHA to narrow a role to what it uses.

Role ci-deployer in account 111122223333

Canary: watched for 15 min until 1 July 2026, 14:50 UTC.

*SIMULATED.* The account is simulated: no AWS account is read or changed.

Job `j-01jz3f9k2m7q8r5t`"
    );
}

#[test]
fn the_root_says_how_far_each_source_is_while_the_evidence_is_gathered() {
    let mut job = super::super::examples::job(State::Collecting);
    job.progress = ["CloudTrail look-up: 1,250 events so far", "policy generation: 3rd in the queue"]
        .map(str::to_owned)
        .to_vec();
    let message = super::super::message(&Slot::Root, &job, None, &Context::default());
    assert_eq!(
        seen(&message),
        "@U0RAVI asked ALPHA to narrow a role to what it uses.

Role ci-deployer in account 111122223333

Collecting the evidence of 90 days…

• CloudTrail look-up: 1,250 events so far
• policy generation: 3rd in the queue

Job `j-01jz3f9k2m7q8r5t`"
    );
    job.progress = vec!["*<!channel>* ".repeat(400); 40];
    let message = super::super::message(&Slot::Root, &job, None, &Context::default());
    assert_eq!(super::super::limits::check(&message), []);
}

#[test]
fn a_question_that_is_answered_says_who_said_what_and_when() {
    let message = shown(File::HeldDecided).unwrap();
    let answer = "Continued by <@U0ANA> (`ana`), <!date^1782917820^{date_short_pretty} at {time}|1 July 2026, 14:57 UTC>.";
    assert!(message.text.ends_with(answer), "{}", message.text);
    assert!(
        seen(&message).starts_with(
            "The question whether to go on is answered. Continued by @U0ANA (`ana`), 1 July 2026, 14:57 UTC."
        ),
        "{}",
        seen(&message)
    );
}

#[test]
fn the_card_says_everything_that_a_decision_is_based_on() {
    let message = shown(File::Card).unwrap();
    assert_eq!(
        message.text,
        "A change of the role `ci-deployer` in account `111122223333` waits for a decision: 161 → 5 (96.8 % less) \
         actions granted, severity low. <@U0RAVI> asked for it."
    );
    let digest = super::super::examples::case().digest();
    let expected = "== Narrow the role ci-deployer ==

*SIMULATED.* The account is simulated: no AWS account is read or changed.

Role ci-deployer in account 111122223333
arn:aws:iam::111122223333:role/ci/ci-deployer

*Requested by*: @U0RAVI
*Severity*: low
*Evidence*: 12,408 calls on 88 days, of 90 asked for
*Actions granted*: 161 → 5 (96.8 % less)
*Decide by*: 1 July 2026, 22:05 UTC
*Proposal*: Revision 1, digest `DIGEST`

What changes
    lost       143  s3: DeleteBucket, DeleteObject, PutBucketPolicy, PutBucketAcl and 139 more
    lost        13  cloudfront: CreateInvalidation, UpdateDistribution and 11 more
    narrowed     3  s3: GetObject, PutObject, ListBucket; used 12408 times

*Proofs*
• Replay: 12,408 observed calls stay allowed, 0 denied, 0 undecided
• Containment: 3 of 3 grants proved to be within today's policies, 0 proved not to be, 0 open

Second opinions of AWS
• ValidatePolicy agrees: nothing is wrong with the proposed policies
• CheckNoNewAccess agrees: nothing new is granted
• CheckAccessNotGranted says nothing: the 100 billed checks of today are used up
• SimulateCustomPolicy agrees: of 12 observed calls 12 stay allowed

Gaps in the evidence
• no trail covers the first two days

Why the severity
• low: something is taken away with less than 90 days of evidence
• low: all of an access level is taken away: Tagging

Kept without evidence, because no log could show its use
• iam:PassRole
• sts:SetSourceIdentity

Health can't be watched for these, which only data events would show
• s3:DeleteObject*

How it is rolled out
• sandbox: nothing is written (no sandbox role is configured: the replay of the observed calls is the judge)
• canary: 2 changes, watched for 15 min, taken back above 2 % denied; a judgement needs 20 calls
• target: 4 changes, watched for 1 h, taken back above 1 % denied; a judgement needs 20 calls

Advice by us.anthropic.claude-sonnet-4-5-20250929-v1:0, to whom the risk is low; it decides nothing
> The role reads and writes one bucket. It keeps that, and loses what it never used.

Guardrails: sandbox: nothing is refused

Job `j-01jz3f9k2m7q8r5t`. Silence is never a yes.

[ Approve ] [ Deny ] [ Show whole diff ] [ Withdraw request ]";
    assert_eq!(seen(&message), expected.replace("DIGEST", digest.short()));
}

#[test]
fn the_card_s_buttons_carry_what_they_are_about_and_nothing_else() {
    let message = shown(File::Card).unwrap();
    let digest = super::super::examples::case().digest();
    let value = format!(r#"{{"j":"j-01jz3f9k2m7q8r5t","r":1,"d":"{digest}"}}"#);
    let plain = |text: &str| json!({"type": "plain_text", "text": text, "emoji": false});
    let button = |id: &str, label: &str| json!({"type": "button", "action_id": id, "text": plain(label), "value": value});
    let mut approve = button("approve", "Approve");
    approve["style"] = json!("primary");
    approve["confirm"] = json!({
        "title": plain("Narrow the role?"),
        "text": plain(
            "Role ci-deployer, account 111122223333: 156 actions are lost, 3 are narrowed: s3: DeleteBucket, \
             DeleteObject, PutBucketPolicy, PutBucketAcl and 139 more; cloudfront: CreateInvalidation, \
             UpdateDistribution and 11 more"
        ),
        "confirm": plain("Approve"),
        "deny": plain("Back"),
    });
    let expected = json!({"type": "actions", "block_id": "decide-1", "elements": [
        approve, button("deny", "Deny"), button("diff", "Show whole diff"), button("cancel", "Withdraw request"),
    ]});
    assert_eq!(message.blocks.last(), Some(&expected));
}

#[test]
fn a_denial_tells_the_requester_who_when_and_why() {
    let message = shown(File::OutcomeDenied).unwrap();
    assert_eq!(
        seen(&message),
        "@U0RAVI *The change was denied.* Denied by @U0ANA (`ana`), 1 July 2026, 14:17 UTC. The role is as it was.

> The quarterly release is on Friday.
> Please ask again after it.

Role ci-deployer in account 111122223333

*SIMULATED.* The account is simulated: no AWS account is read or changed.

Job `j-01jz3f9k2m7q8r5t`"
    );
}

/// The card of the example's case, changed.
fn card_of(change: impl Fn(&mut Case)) -> String {
    let Example::Message(slot, mut job, case) = example(File::Card) else { panic!() };
    let mut case = *case.unwrap();
    change(&mut case);
    job.case = Some(Brief::of(&case, true));
    seen(&message(&slot, &job, Some(&case), &Context { simulated: false, alone: false }))
}

#[test]
fn the_card_says_whose_the_advice_is_and_why_it_is_not_the_model_s() {
    let why = "no text from the model: a-model: the guardrail stopped it";
    let told = card_of(|case| case.prose = Some(Prose { instead: Some(why.to_owned()), ..tell(case) }));
    let expected =
        "\nAdvice by ALPHA, from the facts above; it decides nothing\n> ci-deployer made 12,408 calls on";
    assert!(told.contains(expected), "{told}");
    assert!(told.contains(&format!("\n{why}\n")), "{told}");
    assert!(!card_of(|case| case.prose = Some(tell(case))).contains("no text"));
}

#[test]
fn an_opinion_that_is_graver_than_the_rules_raises_the_severity_and_is_the_first_reason() {
    let told = card_of(|case| case.prose.as_mut().unwrap().opinion = Some(RiskLevel::High));
    assert!(told.contains("*Severity*: high"), "{told}");
    assert!(
        told.contains("Why the severity\n• high: the model that advises takes it to be riskier"),
        "{told}"
    );
}

#[test]
fn a_second_opinion_that_differs_comes_first_and_makes_the_severity_high() {
    let told = card_of(|case| {
        let mut opinions = std::mem::take(&mut case.opinions);
        opinions[3].stand = Stand::Differs;
        opinions[3].text = "of 12 observed calls 1 would be denied".to_owned();
        case.hear(opinions);
    });
    assert!(told.contains("*Severity*: high"), "{told}");
    let first =
        "Second opinions of AWS\n• SimulateCustomPolicy DIFFERS: of 12 observed calls 1 would be denied\n";
    assert!(told.contains(first), "{told}");
    assert!(told.contains("Why the severity\n• high: AWS's SimulateCustomPolicy differs: of 12"), "{told}");
}
