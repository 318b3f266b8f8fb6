//! What IAM's simulator makes of observed calls under the proposed policies, within the role's boundary.

use aws_sdk_iam::Client;
use aws_sdk_iam::config::Builder;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};
use aws_types::SdkConfig;

use super::{CALLS, SIMULATE};
use crate::aws::calls::OnlyKnown;
use crate::aws::fault::{Fault, Kind};
use crate::domain::opinion::{Questions, Simulated, Trial};
use crate::iam::catalogue::Catalogue;
use crate::iam::document::Document;

/// Tries each call; one that the simulator can't try takes no other with it.
pub async fn simulate(sdk: &SdkConfig, questions: &Questions) -> Result<Vec<Simulated>, String> {
    let client = Client::from_conf(Builder::from(sdk).interceptor(OnlyKnown(CALLS)).build());
    let texts = |policies: &[Document]| policies.iter().map(Document::to_string_compact).collect::<Vec<_>>();
    let (proposed, boundaries) = (texts(&questions.proposed), texts(&questions.boundaries));
    let mut outcomes = Vec::with_capacity(questions.calls.len());
    for trial in &questions.calls {
        let request = client
            .simulate_custom_policy()
            .set_policy_input_list(Some(proposed.clone()))
            .set_permissions_boundary_policy_input_list(
                Some(boundaries.clone()).filter(|list| !list.is_empty()),
            )
            .action_names(&trial.action)
            .resource_arns(&trial.resource)
            .set_context_entries(Some(context(trial)));
        let results: Result<Vec<EvaluationResult>, _> =
            request.into_paginator().items().send().collect().await;
        outcomes.push(match results {
            Ok(results) => outcome(&results),
            Err(error) => match Fault::of(&SIMULATE, &error) {
                fault if fault.kind == Kind::Rejected => Simulated::Untried(fault.to_string()),
                fault => return Err(fault.to_string()),
            },
        });
    }
    Ok(outcomes)
}

/// What results of one call come to. A condition key that was missed makes it undecided, whatever the simulator takes it
/// to be.
fn outcome(results: &[EvaluationResult]) -> Simulated {
    let mut missing: Vec<String> =
        results.iter().flat_map(EvaluationResult::missing_context_values).cloned().collect();
    missing.sort();
    missing.dedup();
    let is_allowed =
        |result: &EvaluationResult| *result.eval_decision() == PolicyEvaluationDecisionType::Allowed;
    match results {
        [] => Simulated::Untried("the simulator said nothing".to_owned()),
        _ if !missing.is_empty() => Simulated::Undecided(missing),
        results if results.iter().all(is_allowed) => Simulated::Allowed,
        _ => Simulated::Denied,
    }
}

fn context(trial: &Trial) -> Vec<ContextEntry> {
    let entry = |(key, values): &(String, Vec<String>)| {
        ContextEntry::builder()
            .context_key_name(key)
            .context_key_type(type_of(key, values.len()))
            .set_context_key_values(Some(values.clone()))
            .build()
    };
    trial.context.iter().map(entry).collect()
}

fn type_of(key: &str, values: usize) -> ContextKeyTypeEnum {
    use ContextKeyTypeEnum as Type;
    let several = values != 1;
    match Catalogue::embedded().condition_key_type(key) {
        Some("Bool") => {
            if several {
                Type::BooleanList
            } else {
                Type::Boolean
            }
        }
        Some("Date") => {
            if several {
                Type::DateList
            } else {
                Type::Date
            }
        }
        Some("IPAddress") => {
            if several {
                Type::IpList
            } else {
                Type::Ip
            }
        }
        Some("Numeric") => {
            if several {
                Type::NumericList
            } else {
                Type::Numeric
            }
        }
        Some(kind) if kind.starts_with("ArrayOf") => Type::StringList,
        _ => {
            if several {
                Type::StringList
            } else {
                Type::String
            }
        }
    }
}
