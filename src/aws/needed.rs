//! The one table of what is called: those of all adapters. What the templates grant is compared with it.

use super::accounts;
use super::calls::{Call, Need, On};

/// The adapters, each with its table.
pub const ALL: &[(&str, &[Call])] = &[
    ("accounts", accounts::CALLS),
    ("checks", CHECKS),
    ("evidence", EVIDENCE),
    ("health", HEALTH),
    ("reasoner", REASONER),
    ("roles", ROLES),
    ("secrets", SECRETS),
    ("store", STORE),
];

const CHECKS: &[Call] = &[
    on("AccessAnalyzer", "ValidatePolicy", &[need("access-analyzer:ValidatePolicy", On::Anything)]),
    on("AccessAnalyzer", "CheckNoNewAccess", &[need("access-analyzer:CheckNoNewAccess", On::Anything)]),
    on(
        "AccessAnalyzer",
        "CheckAccessNotGranted",
        &[need("access-analyzer:CheckAccessNotGranted", On::Anything)],
    ),
    on("IAM", "SimulateCustomPolicy", &[need("iam:SimulateCustomPolicy", On::Anything)]),
];

const EVIDENCE: &[Call] = &[
    on(
        "AccessAnalyzer",
        "StartPolicyGeneration",
        &[
            need("access-analyzer:StartPolicyGeneration", On::Anything),
            need("iam:PassRole", On::EvidenceRole),
        ],
    ),
    on("AccessAnalyzer", "GetGeneratedPolicy", &[need("access-analyzer:GetGeneratedPolicy", On::Anything)]),
    on(
        "AccessAnalyzer",
        "ListPolicyGenerations",
        &[need("access-analyzer:ListPolicyGenerations", On::Anything)],
    ),
    on(
        "AccessAnalyzer",
        "CancelPolicyGeneration",
        &[need("access-analyzer:CancelPolicyGeneration", On::Anything)],
    ),
    on("AccessAnalyzer", "ListAnalyzers", &[need("access-analyzer:ListAnalyzers", On::Anything)]),
    on("AccessAnalyzer", "ListFindingsV2", &[need("access-analyzer:ListFindings", On::Analyzers)]),
    on("AccessAnalyzer", "GetFindingV2", &[need("access-analyzer:GetFinding", On::Analyzers)]),
    on(
        "IAM",
        "GenerateServiceLastAccessedDetails",
        &[need("iam:GenerateServiceLastAccessedDetails", On::Roles)],
    ),
    on("IAM", "GetServiceLastAccessedDetails", &[need("iam:GetServiceLastAccessedDetails", On::Anything)]),
    on("CloudTrail", "LookupEvents", &[need("cloudtrail:LookupEvents", On::Anything)]),
    on("CloudTrail", "DescribeTrails", &[need("cloudtrail:DescribeTrails", On::Anything)]),
    on("CloudTrail", "GetTrailStatus", &[need("cloudtrail:GetTrailStatus", On::Trails)]),
    on("CloudTrail", "GetEventSelectors", &[need("cloudtrail:GetEventSelectors", On::Trails)]),
    on("S3", "ListObjectsV2", &[need("s3:ListBucket", On::TrailBucket)]),
    on("S3", "GetObject", &[need("s3:GetObject", On::TrailFiles), need("kms:Decrypt", On::TrailKey)]),
];

const HEALTH: &[Call] = &[
    on("CloudWatch Logs", "StartQuery", &[need("logs:StartQuery", On::TrailLogs)]),
    on("CloudWatch Logs", "GetQueryResults", &[need("logs:GetQueryResults", On::TrailQueries)]),
    on("CloudWatch Logs", "FilterLogEvents", &[need("logs:FilterLogEvents", On::TrailLogs)]),
    on("CloudTrail", "LookupEvents", &[need("cloudtrail:LookupEvents", On::Anything)]),
    on("S3", "ListObjectsV2", &[need("s3:ListBucket", On::TrailBucket)]),
    on("S3", "GetObject", &[need("s3:GetObject", On::TrailFiles), need("kms:Decrypt", On::TrailKey)]),
];

const REASONER: &[Call] = &[on(
    "Bedrock Runtime",
    "Converse",
    &[need("bedrock:InvokeModel", On::Model), need("bedrock:ApplyGuardrail", On::Guardrail)],
)];

const ROLES: &[Call] = &[
    on("IAM", "GetRole", &[need("iam:GetRole", On::Roles)]),
    on("IAM", "ListRoles", &[need("iam:ListRoles", On::Anything)]),
    on("IAM", "ListRolePolicies", &[need("iam:ListRolePolicies", On::Roles)]),
    on("IAM", "GetRolePolicy", &[need("iam:GetRolePolicy", On::Roles)]),
    on("IAM", "ListAttachedRolePolicies", &[need("iam:ListAttachedRolePolicies", On::Roles)]),
    on("IAM", "GetPolicy", &[need("iam:GetPolicy", On::Policies)]),
    on("IAM", "GetPolicyVersion", &[need("iam:GetPolicyVersion", On::Policies)]),
    on("IAM", "PutRolePolicy", &[need("iam:PutRolePolicy", On::RolesInScope)]),
    on("IAM", "DeleteRolePolicy", &[need("iam:DeleteRolePolicy", On::RolesInScope)]),
    on("IAM", "AttachRolePolicy", &[need("iam:AttachRolePolicy", On::RolesInScope)]),
    on("IAM", "DetachRolePolicy", &[need("iam:DetachRolePolicy", On::RolesInScope)]),
    on("IAM", "PutRolePermissionsBoundary", &[need("iam:PutRolePermissionsBoundary", On::RolesInScope)]),
    on(
        "IAM",
        "DeleteRolePermissionsBoundary",
        &[need("iam:DeleteRolePermissionsBoundary", On::RolesInScope)],
    ),
    on("IAM", "CreatePolicy", &[need("iam:CreatePolicy", On::OwnPolicies)]),
    on("IAM", "DeletePolicy", &[need("iam:DeletePolicy", On::OwnPolicies)]),
];

const SECRETS: &[Call] =
    &[on("Secrets Manager", "GetSecretValue", &[need("secretsmanager:GetSecretValue", On::Secrets)])];

const STORE: &[Call] = &[
    on("DynamoDB", "GetItem", &[need("dynamodb:GetItem", On::Table)]),
    on("DynamoDB", "BatchGetItem", &[need("dynamodb:BatchGetItem", On::Table)]),
    on("DynamoDB", "PutItem", &[need("dynamodb:PutItem", On::Table)]),
    on("DynamoDB", "UpdateItem", &[need("dynamodb:UpdateItem", On::Table)]),
    on("DynamoDB", "DeleteItem", &[need("dynamodb:DeleteItem", On::Table)]),
    on("DynamoDB", "Query", &[need("dynamodb:Query", On::Table), need("dynamodb:Query", On::Indexes)]),
    on(
        "DynamoDB",
        "TransactWriteItems",
        &[
            need("dynamodb:ConditionCheckItem", On::Table),
            need("dynamodb:DeleteItem", On::Table),
            need("dynamodb:PutItem", On::Table),
            need("dynamodb:UpdateItem", On::Table),
        ],
    ),
    on("DynamoDB", "DescribeTable", &[need("dynamodb:DescribeTable", On::Table)]),
];

const fn on(service: &'static str, operation: &'static str, needs: &'static [Need]) -> Call {
    Call { service, operation, needs }
}

const fn need(action: &'static str, on: On) -> Need {
    Need { action, on }
}
