//! Which module speaks for which service.

use super::callers::{Caller, Session};
use super::grants::Need;
use super::passage::Aws;
use super::wire::{Answer, Asked, Refusal};
use super::{access_analyzer, bedrock, cloudformation, cloudtrail, dynamodb, iam, logs, s3, secrets, sts};

/// What a call needs to be granted, by AWS's service authorization reference; none where nobody wrote it down here.
pub async fn needs(aws: &Aws, asked: &Asked, session: &Session) -> Option<Vec<Need>> {
    match &*asked.service {
        "access-analyzer" => access_analyzer::needs(asked),
        "bedrock" => bedrock::needs(asked, session),
        "cloudformation" => cloudformation::needs(asked, session),
        "cloudtrail" => cloudtrail::needs(asked, session),
        "dynamodb" => dynamodb::needs(asked, session),
        "iam" => iam::needs(aws, asked, session).await,
        "logs" => logs::needs(asked, session),
        "s3" => s3::needs(asked),
        "secretsmanager" => secrets::needs(aws, asked, session).await,
        "sts" => sts::needs(asked),
        _ => None,
    }
}

/// What the service answers, where a stand-in speaks for it and not moto.
pub async fn answer(aws: &Aws, asked: &Asked, caller: &Caller) -> Option<Result<Answer, Refusal>> {
    match &*asked.service {
        "access-analyzer" => Some(access_analyzer::answer(aws, asked, caller).await),
        "bedrock" => Some(bedrock::answer(aws, asked)),
        "cloudtrail" => cloudtrail::answer(aws, asked, caller),
        "iam" => iam::answer(aws, asked, caller).await,
        "logs" => logs::answer(aws, asked, caller),
        "sts" => sts::answer(aws, asked, caller).await,
        _ => None,
    }
}

/// What is said after moto has answered: what it doesn't look at.
pub async fn afterwards(
    aws: &Aws,
    caller: &Caller,
    asked: &Asked,
    answer: Answer,
) -> Result<Answer, Refusal> {
    match &*asked.service {
        "s3" => s3::decrypted(aws, caller, asked, answer).await,
        _ => Ok(answer),
    }
}
