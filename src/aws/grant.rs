//! What is missing where AWS denied a call, as a statement that a person can add. Pure.
//!
//! Which action on what is said by the table of calls, by whoever called, and by AWS's own words, where these tell it.

use super::calls::{Need, On};
use crate::iam::arn::Arn;
use crate::iam::legible::legible;

/// Where something that a call needs lies, as whoever called knows it.
pub type Place = (On, String);

/// To whom alone the evidence role is passed.
const TO_ANALYZER: &str =
    r#", "Condition": {"StringEquals": {"iam:PassedToService": "access-analyzer.amazonaws.com"}}"#;

/// A call that AWS denied.
#[derive(Debug, Clone, Copy)]
pub struct Denied<'a> {
    /// The operation.
    pub operation: &'a str,
    /// What it needs.
    pub needs: &'a [Need],
    /// Where that lies.
    pub places: &'a [Place],
    /// What AWS says of it.
    pub message: &'a str,
}

impl Denied<'_> {
    /// What is missing, and where to add what.
    pub fn told(&self) -> String {
        let Self { operation, message, .. } = self;
        let actions = self.actions().join(" and ");
        let said = legible(message);
        if message.contains("with an explicit deny") {
            return format!(
                "{operation} needs {actions}, which a statement with Effect Deny forbids; none that is added outweighs it, \
                 so that one has to go. AWS says: {said}"
            );
        }
        format!(
            "{operation} needs {actions}; add to {} (as in infra/): {}. AWS says: {said}",
            self.whom(),
            self.statements()
        )
    }

    /// The statements that would grant it, with commas between.
    pub fn statements(&self) -> String {
        let statement = |action: &&str| {
            let needs = || self.needs.iter().filter(|need| need.action == *action);
            let resources: Vec<String> = needs().flat_map(|need| self.resources(need.on)).collect();
            let condition = if needs().any(|need| need.on == On::EvidenceRole) { TO_ANALYZER } else { "" };
            format!(
                "{{\"Effect\": \"Allow\", \"Action\": \"{action}\", \"Resource\": {}{condition}}}",
                listed(&resources)
            )
        };
        self.actions().iter().map(statement).collect::<Vec<_>>().join(", ")
    }

    /// The actions that are missing: the one that AWS names, or else all that may be.
    fn actions(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.needs.iter().map(|need| need.action).collect();
        all.dedup();
        match word(self.message, "perform: ").filter(|named| all.contains(named)) {
            Some(named) => vec![named],
            None => all,
        }
    }

    /// On what an action is needed.
    fn resources(&self, on: On) -> Vec<String> {
        let (partition, account) = match self.caller() {
            Some(caller) => (caller.partition, caller.account),
            None => ("aws", "*"),
        };
        let iam = |rest: &str| vec![format!("arn:{partition}:iam::{account}:{rest}")];
        let known: Vec<String> = self
            .places
            .iter()
            .filter(|(of, _)| *of == on)
            .map(|(_, place)| match place.strip_prefix("arn:aws:") {
                Some(rest) => format!("arn:{partition}:{rest}"),
                None => place.clone(),
            })
            .collect();
        if !known.is_empty() {
            return known;
        }
        match on {
            On::Anything | On::TrailQueries => vec!["*".to_owned()],
            On::Roles => iam("role/*"),
            On::Policies => [iam("policy/*"), vec![format!("arn:{partition}:iam::aws:policy/*")]].concat(),
            On::OwnPolicies => iam("policy/alpha/*"),
            On::Analyzers => vec![format!("arn:{partition}:access-analyzer:*:{account}:analyzer/*")],
            On::Trails => vec![format!("arn:{partition}:cloudtrail:*:*:trail/*")],
            On::Table
            | On::Indexes
            | On::Secrets
            | On::RolesInScope
            | On::EvidenceRole
            | On::TrailBucket
            | On::TrailFiles
            | On::TrailKey
            | On::TrailLogs
            | On::Model
            | On::Guardrail
            | On::MemberRoles
            | On::Repository
            | On::ServiceLog => vec![self.named().unwrap_or("*").to_owned()],
        }
    }

    /// What AWS names, if it is an ARN.
    fn named(&self) -> Option<&str> {
        word(self.message, "on resource: ").filter(|named| Arn::parse(named).is_some())
    }

    /// Who called.
    fn caller(&self) -> Option<Arn<'_>> {
        word(self.message, "User: ").and_then(Arn::parse)
    }

    /// To whose policies the statement is to be added.
    fn whom(&self) -> String {
        let caller = self.caller();
        let name = caller.as_ref().and_then(|caller| caller.resource.split('/').nth(1));
        let role = match (&caller, name) {
            (Some(caller), Some(name)) => format!("{} in account {}", legible(name), caller.account),
            _ => "ALPHA's role".to_owned(),
        };
        if self.message.contains("no permissions boundary allows") {
            format!("the permissions boundary of {role}")
        } else if self.message.contains("no service control policy allows") {
            format!("the service control policies that hold for {role}")
        } else if self.message.contains("no resource-based policy allows") {
            format!("the policy of what it is on, with {role} as Principal")
        } else {
            role
        }
    }
}

/// The word that follows some others in what AWS says.
fn word<'m>(message: &'m str, after: &str) -> Option<&'m str> {
    let (_, rest) = message.split_once(after)?;
    rest.split_whitespace()
        .next()
        .map(|word| word.trim_matches(['"', ',', '.']))
        .filter(|word| !word.is_empty())
}

fn listed(resources: &[String]) -> String {
    let quoted: Vec<String> =
        resources.iter().map(|text| serde_json::Value::from(text.as_str()).to_string()).collect();
    match quoted.as_slice() {
        [one] => one.clone(),
        all => format!("[{}]", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::document::Document;

    const ROLE: &[Need] = &[Need { action: "iam:GetRole", on: On::Roles }];
    const FILE: &[Need] = &[
        Need { action: "s3:GetObject", on: On::TrailFiles },
        Need { action: "kms:Decrypt", on: On::TrailKey },
    ];
    const QUERY: &[Need] = &[
        Need { action: "dynamodb:Query", on: On::Table },
        Need { action: "dynamodb:Query", on: On::Indexes },
    ];
    const PASS: &[Need] = &[
        Need { action: "access-analyzer:StartPolicyGeneration", on: On::Anything },
        Need { action: "iam:PassRole", on: On::EvidenceRole },
    ];

    fn said(action: &str, resource: &str, why: &str) -> String {
        format!(
            "User: arn:aws-cn:sts::111122223333:assumed-role/bot/alpha-j is not authorized to perform: {action} on \
             resource: {resource} because {why}"
        )
    }

    fn told(needs: &[Need], places: &[(On, &str)], message: &str) -> String {
        let places: Vec<Place> = places.iter().map(|(on, place)| (*on, (*place).to_owned())).collect();
        Denied { operation: "It", needs, places: &places, message }.told()
    }

    #[test]
    fn the_statement_names_what_is_missing_on_what() {
        let nobody = "no identity-based policy allows it";
        let (bucket, key) = ("arn:aws:s3:::b/AWSLogs/*", "arn:aws-cn:kms:cn-north-1:111122223333:key/k");
        let (table, index) = ("arn:aws:dynamodb:x:*:table/t", "arn:aws:dynamodb:x:*:table/t/index/*");
        let one = |action: &str, resource: &str| {
            format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": {resource}}}"#)
        };
        for (needs, places, message, statements) in [
            (
                ROLE,
                vec![],
                said("iam:GetRole", "arn:aws-cn:iam::111122223333:role/x", nobody),
                vec![one("iam:GetRole", "\"arn:aws-cn:iam::111122223333:role/*\"")],
            ),
            (ROLE, vec![], "Access Denied".to_owned(), vec![one("iam:GetRole", "\"arn:aws:iam::*:role/*\"")]),
            (
                FILE,
                vec![(On::TrailFiles, bucket)],
                said("kms:Decrypt", &format!("\"{key}\""), nobody),
                vec![one("kms:Decrypt", &format!("\"{key}\""))],
            ),
            (
                FILE,
                vec![(On::TrailFiles, bucket)],
                "Access Denied".to_owned(),
                vec![one("s3:GetObject", "\"arn:aws:s3:::b/AWSLogs/*\""), one("kms:Decrypt", "\"*\"")],
            ),
            (
                QUERY,
                vec![(On::Table, table), (On::Indexes, index)],
                said("dynamodb:Query", "arn:x", nobody),
                vec![one(
                    "dynamodb:Query",
                    "[\"arn:aws-cn:dynamodb:x:*:table/t\", \"arn:aws-cn:dynamodb:x:*:table/t/index/*\"]",
                )],
            ),
        ] {
            let told = told(needs, &places, &message);
            assert!(told.contains(&format!("infra/): {}. AWS says: ", statements.join(", "))), "{told}");
            for statement in statements {
                let policy = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
                assert!(Document::parse(policy.as_bytes()).is_ok(), "{policy}");
            }
        }
        let pass =
            told(PASS, &[(On::EvidenceRole, "arn:aws:iam::1:role/e")], &said("iam:PassRole", "x", nobody));
        assert!(pass.contains(r#""Resource": "arn:aws-cn:iam::1:role/e", "Condition": {"StringEquals": {"iam:PassedToService""#), "{pass}");
    }

    #[test]
    fn where_the_statement_belongs_is_told_as_aws_tells_it() {
        for (why, whom) in [
            ("no identity-based policy allows it", "add to bot in account 111122223333 (as in infra/"),
            ("no permissions boundary allows it", "add to the permissions boundary of bot in account"),
            ("no service control policy allows it", "add to the service control policies that hold for bot"),
            ("no resource-based policy allows it", "add to the policy of what it is on, with bot in account"),
        ] {
            let told = told(ROLE, &[], &said("iam:GetRole", "*", why));
            assert!(told.contains(whom), "{told}");
        }
        let plain = told(ROLE, &[], "no");
        assert!(plain.starts_with("It needs iam:GetRole; add to ALPHA's role (as in infra/"), "{plain}");
        let forbidden =
            told(ROLE, &[], &said("iam:GetRole", "*", "with an explicit deny in an identity-based policy"));
        assert!(forbidden.contains("Effect Deny forbids") && !forbidden.contains("add to"), "{forbidden}");
    }

    #[test]
    fn what_aws_says_forges_no_statement() {
        let told = told(FILE, &[], "perform: kms:Decrypt on resource: arn:aws:s3:::\"},{\"Effect\n");
        let statement = told.split("infra/): ").nth(1).unwrap().split(". AWS").next().unwrap();
        let policy = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
        assert_eq!(Document::parse(policy.as_bytes()).unwrap().statements.len(), 1, "{told}");
    }
}
