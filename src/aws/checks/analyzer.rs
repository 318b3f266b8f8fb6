//! What Access Analyzer says of policies.

use aws_sdk_accessanalyzer::Client;
use aws_sdk_accessanalyzer::config::Builder;
use aws_sdk_accessanalyzer::types::{
    Access, AccessCheckPolicyType, CheckAccessNotGrantedResult, CheckNoNewAccessResult, PolicyType,
    ReasonSummary, ValidatePolicyFindingType,
};
use aws_types::SdkConfig;

use super::{CALLS, NEW_ACCESS, NOT_GRANTED, VALIDATE};
use crate::aws::calls::OnlyKnown;
use crate::aws::fault::Fault;
use crate::domain::opinion::{Finding, Verdict};
use crate::iam::document::Document;

/// How many findings of a policy are read: whoever has more is told enough.
const FINDINGS: usize = 200;

/// Access Analyzer of one account and Region.
pub struct Analyzer(Client);

impl Analyzer {
    pub fn new(sdk: &SdkConfig) -> Self {
        Self(Client::from_conf(Builder::from(sdk).interceptor(OnlyKnown(CALLS)).build()))
    }

    /// What is wrong with policies, suggestions aside.
    pub async fn validate(&self, policies: &[Document]) -> Result<Vec<Finding>, String> {
        if policies.is_empty() {
            return Err("there is no policy to look at".to_owned());
        }
        let mut found = Vec::new();
        for (index, policy) in policies.iter().enumerate() {
            let request = self.0.validate_policy().policy_type(PolicyType::IdentityPolicy);
            let mut findings =
                request.policy_document(policy.to_string_compact()).into_paginator().items().send();
            let mut read = 0;
            while let Some(finding) = findings.next().await {
                let finding = finding.map_err(|error| Fault::of(&VALIDATE, &error).to_string())?;
                let error = match finding.finding_type {
                    ValidatePolicyFindingType::Suggestion => continue,
                    ref kind => *kind == ValidatePolicyFindingType::Error,
                };
                found.push(Finding {
                    policy: index,
                    error,
                    code: finding.issue_code,
                    text: finding.finding_details,
                });
                read += 1;
                if read == FINDINGS {
                    break;
                }
            }
        }
        // The errors first, because no more than a few are told.
        found.sort_by_key(|finding| !finding.error);
        Ok(found)
    }

    /// Whether a policy grants nothing that another doesn't.
    pub async fn no_new_access(&self, present: &Document, proposed: &Document) -> Result<Verdict, String> {
        let request = self.0.check_no_new_access().policy_type(AccessCheckPolicyType::IdentityPolicy);
        let answer = request
            .existing_policy_document(present.to_string_compact())
            .new_policy_document(proposed.to_string_compact())
            .send()
            .await
            .map_err(|error| Fault::of(&NEW_ACCESS, &error).to_string())?;
        match answer.result() {
            Some(CheckNoNewAccessResult::Pass) => Ok(Verdict { holds: true, reasons: Vec::new() }),
            Some(CheckNoNewAccessResult::Fail) => {
                Ok(Verdict { holds: false, reasons: reasons(answer.reasons()) })
            }
            other => Err(no_verdict(other.map(CheckNoNewAccessResult::as_str))),
        }
    }

    /// Whether a policy grants none of some actions.
    pub async fn not_granted(&self, proposed: &Document, actions: &[String]) -> Result<Verdict, String> {
        let request = self.0.check_access_not_granted().policy_type(AccessCheckPolicyType::IdentityPolicy);
        let answer = request
            .policy_document(proposed.to_string_compact())
            .access(Access::builder().set_actions(Some(actions.to_vec())).build())
            .send()
            .await
            .map_err(|error| Fault::of(&NOT_GRANTED, &error).to_string())?;
        match answer.result() {
            Some(CheckAccessNotGrantedResult::Pass) => Ok(Verdict { holds: true, reasons: Vec::new() }),
            Some(CheckAccessNotGrantedResult::Fail) => {
                Ok(Verdict { holds: false, reasons: reasons(answer.reasons()) })
            }
            other => Err(no_verdict(other.map(CheckAccessNotGrantedResult::as_str))),
        }
    }
}

fn reasons(reasons: &[ReasonSummary]) -> Vec<String> {
    let told = |reason: &ReasonSummary| {
        let text = reason.description().unwrap_or("no reason is given");
        match reason.statement_index() {
            Some(index) => format!("statement {index}: {text}"),
            None => text.to_owned(),
        }
    };
    reasons.iter().map(told).collect()
}

fn no_verdict(said: Option<&str>) -> String {
    format!("the answer is neither PASS nor FAIL but {}", said.unwrap_or("nothing"))
}
