use super::*;
use crate::domain::ids::JobId;
use crate::domain::samples;
use crate::iam::cloudtrail::{Call, Ending, Need, Needs};
use crate::iam::evaluate::Target;

fn case() -> Case {
    samples::case(&JobId::new("j-1"))
}

fn call(action: &str, resource: &str) -> (Call<'static>, u64) {
    let need = Need { action: action.into(), resource: Target::Named(resource.to_owned()) };
    let call = Call {
        id: "e".into(),
        time: samples::start(),
        source: "s3.amazonaws.com".into(),
        name: "GetObject".into(),
        region: "eu-west-1".into(),
        account: Some("111122223333".into()),
        caller: None,
        role: Some("arn:aws:iam::111122223333:role/web".into()),
        ending: Ending::Succeeded,
        needs: Needs::All(vec![need]),
        data_event: true,
        context: vec![("aws:SourceIp".to_owned(), vec!["192.0.2.1".to_owned()])],
    };
    (call, 7)
}

fn asked(calls: &[(Call<'static>, u64)]) -> Questions {
    questions(&case(), calls)
}

fn one(questions: &Questions, answer: Answer) -> (Stand, String) {
    let mut opinions = compare(questions, &[answer]);
    let Opinion { stand, text, .. } = opinions.remove(0);
    (stand, text)
}

#[test]
fn what_is_removed_is_asked_about_the_most_sensitive_first_and_no_more_than_a_check_takes() {
    let asked = asked(&[]);
    assert_eq!(asked.removed.len(), 100);
    assert!(!asked.removed.contains(&"s3:GetObject".to_owned()), "it stays");
    let catalogue = crate::iam::catalogue::Catalogue::embedded();
    let level = |name: &String| catalogue.level_of(catalogue.find(name).unwrap());
    assert_eq!(level(&asked.removed[0]), crate::iam::catalogue::AccessLevel::PermissionsManagement);
}

#[test]
fn only_calls_are_tried_that_are_known_to_the_letter_and_that_we_take_to_be_allowed() {
    let mut denied = call("s3:GetObject", "arn:aws:s3:::b/denied");
    denied.0.ending = Ending::Denied("AccessDenied".to_owned());
    let mut unknown = call("s3:GetObject", "x");
    unknown.0.needs = Needs::All(vec![Need { action: "s3:GetObject".into(), resource: Target::Unknown }]);
    let asked = asked(&[
        call("s3:GetObject", "arn:aws:s3:::b/k"),
        call("s3:GetObject", "arn:aws:s3:::b/k"),
        call("s3:GetObject", "arn:aws:s3:::b/*"),
        call("s3:PutObject", "arn:aws:s3:::b/not-granted"),
        call("ec2:RunInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/*"),
        call("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q"),
        denied,
        unknown,
    ]);
    let tried: Vec<&str> = asked.calls.iter().map(|trial| trial.action.as_str()).collect();
    assert_eq!(tried, ["sqs:SendMessage", "s3:GetObject"], "what writes comes first");
    assert_eq!(asked.calls[0].context[0].0, "aws:SourceIp");
}

#[test]
fn policies_are_compared_as_one_and_only_where_that_means_the_same() {
    let case = case();
    let (present, proposed) = asked(&[]).merged.unwrap();
    let count = |policies: &[Document]| policies.iter().map(|policy| policy.statements.len()).sum::<usize>();
    assert_eq!(present.statements.len(), count(&case.snapshot.policies()));
    assert_eq!(proposed.statements.len(), count(&case.proposed));
    assert!(present.statements.iter().all(|statement| statement.sid.is_none()));
    let older = r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}}"#;
    let mut other = case.clone();
    other.proposed.push(samples::document(older));
    assert!(questions(&other, &[]).merged.unwrap_err().contains("older version"));
    other.proposed.clear();
    assert!(questions(&other, &[]).merged.unwrap_err().contains("nothing stays granted"));
}

#[test]
fn answers_agree_differ_or_are_none() {
    let questions = asked(&[
        call("s3:GetObject", "arn:aws:s3:::b/k"),
        call("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q"),
    ]);
    let verdict = |holds, reasons: &[&str]| {
        Ok(Verdict { holds, reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect() })
    };
    let finding =
        |error, code: &str| Finding { policy: 0, error, code: code.to_owned(), text: "It is.".into() };
    let undecided = || Simulated::Undecided(vec!["aws:SourceVpce".to_owned()]);
    for (answer, stand, text) in [
        (Answer::Validation(Ok(vec![])), Stand::Agrees, "nothing is wrong"),
        (Answer::Validation(Ok(vec![finding(false, "STAR")])), Stand::Agrees, "with 1 remarks: STAR"),
        (Answer::Validation(Ok(vec![finding(true, "BAD")])), Stand::Differs, "has an error: BAD: It is."),
        (Answer::NewAccess(verdict(true, &[])), Stand::Agrees, "nothing new is granted"),
        (Answer::NewAccess(verdict(false, &["statement 0"])), Stand::Differs, "something new: statement 0"),
        (Answer::NewAccess(verdict(false, &[])), Stand::Differs, "may grant something new"),
        (Answer::NewAccess(Err("capped".into())), Stand::Silent, "capped"),
        (Answer::Removed(verdict(true, &[])), Stand::Agrees, "none of 100 removed actions is granted"),
        (Answer::Removed(verdict(false, &["s3:*"])), Stand::Differs, "is to remove: s3:*"),
        (
            Answer::Simulation(Ok(vec![Simulated::Allowed, Simulated::Allowed])),
            Stand::Agrees,
            "2 stay allowed",
        ),
        (
            Answer::Simulation(Ok(vec![Simulated::Allowed, undecided()])),
            Stand::Agrees,
            "of 2 observed calls 1 stay allowed, 1 are open: it lacks aws:SourceVpce",
        ),
        (Answer::Simulation(Ok(vec![undecided(), undecided()])), Stand::Silent, "2 are open"),
        (
            Answer::Simulation(Ok(vec![Simulated::Denied, undecided()])),
            Stand::Differs,
            "1 would be denied: sqs:SendMessage on arn:aws:sqs:eu-west-1:111122223333:q",
        ),
        (Answer::Simulation(Ok(vec![Simulated::Untried("no".into()); 2])), Stand::Silent, "2 are open: no"),
    ] {
        let (found, said) = one(&questions, answer.clone());
        assert_eq!(found, stand, "{answer:?}: {said}");
        assert!(said.contains(text), "{said}");
    }
}

#[test]
fn an_error_that_we_find_too_is_no_disagreement() {
    let mut case = case();
    case.proposed = vec![samples::allow(&["s3:MakeCoffee"])];
    let questions = questions(&case, &[]);
    let error = Finding { policy: 0, error: true, code: "INVALID_ACTION".into(), text: "It is.".into() };
    assert_eq!(one(&questions, Answer::Validation(Ok(vec![error]))).0, Stand::Agrees);
}

#[test]
fn a_disagreement_makes_the_change_a_risky_one_and_nothing_makes_it_less_so() {
    let opinion = |stand| Opinion { check: Check::CheckNoNewAccess, stand, text: "something".to_owned() };
    for (before, stand, after) in [
        (RiskLevel::Low, Stand::Differs, RiskLevel::High),
        (RiskLevel::Low, Stand::Agrees, RiskLevel::Low),
        (RiskLevel::High, Stand::Agrees, RiskLevel::High),
        (RiskLevel::Medium, Stand::Silent, RiskLevel::Medium),
    ] {
        let mut case = case();
        case.risk.level = before;
        let digest = case.digest();
        case.hear(vec![opinion(stand)]);
        assert_eq!(case.risk.level, after, "{stand:?}");
        assert_eq!(case.risk.reasons.len(), usize::from(stand == Stand::Differs));
        assert_ne!(case.digest(), digest, "what was decided on says what others thought of it");
    }
}
