//! Published ways from some permissions to more of them, and which of these policies leave open.
//!
//! A path is open where each of its actions is granted on some resource, under some condition. It need not be passable:
//! whether there is a role worth passing is nothing that policies tell. The facts are from public collections, named
//! with each path; the words are our own.

use crate::iam::document::Document;
use crate::iam::grants::{Part, Rules};

/// A way to more permissions.
#[derive(Debug, PartialEq, Eq)]
pub struct Path {
    /// Its name: what is needed, in short.
    pub name: &'static str,
    /// All of these are needed.
    pub needs: &'static [&'static str],
    /// What it leads to.
    pub gain: &'static str,
    /// Who published it.
    pub source: &'static str,
    /// Whether it takes the actions on everything, since they are harmless where they are confined.
    pub only_unconfined: bool,
}

/// A path that policies leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenPath {
    /// Which.
    pub path: &'static Path,
    /// How far.
    pub breadth: Breadth,
}

/// How far a path is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breadth {
    /// Some of its actions are granted on some resources only, or under conditions, or denied somewhere.
    Confined,
    /// All of its actions are granted on everything.
    Unconfined,
}

/// The paths that identity policies leave open, in the order of [`PATHS`].
pub fn open_paths(policies: &[Document]) -> Vec<OpenPath> {
    let rules = Rules::of(policies);
    PATHS
        .iter()
        .filter_map(|path| {
            let breadths: Option<Vec<_>> = path.needs.iter().map(|action| breadth(&rules, action)).collect();
            let breadth = breadths?.into_iter().min()?;
            (breadth == Breadth::Unconfined || !path.only_unconfined).then_some(OpenPath { path, breadth })
        })
        .collect()
}

fn breadth(rules: &Rules, action: &str) -> Option<Breadth> {
    let rules = rules.about(&Part::action(action)?);
    let mut live = rules.live_grants().peekable();
    live.peek()?;
    let unconfined = live.any(|grant| grant.resource.is_everything() && grant.rule.scope.lines.is_empty());
    Some(if unconfined && rules.denies.is_empty() { Breadth::Unconfined } else { Breadth::Confined })
}

const RHINO: &str = "Rhino Security Labs, AWS IAM Privilege Escalation Methods";
const PATHFINDING: &str = "pathfinding.cloud (Datadog), AWS IAM privilege escalation paths";
const PMAPPER: &str = "Principal Mapper (NCC Group), edges of CodeBuild";
const INSTANCES: &str = "AWS, Amazon EC2 User Guide: grant permissions to attach an IAM role to an instance";
const SERVICES: &str = "AWS, Amazon ECS API Reference: UpdateService";
const BOUNDARIES: &str = "AWS, IAM User Guide: permissions boundaries for IAM entities";

const fn path(
    source: &'static str,
    name: &'static str,
    needs: &'static [&'static str],
    gain: &'static str,
) -> Path {
    Path { name, needs, gain, source, only_unconfined: false }
}

const OWN: &str = "it can give itself any permission";
const OTHERS: &str = "it can act as another user";
const ROLE: &str = "it can act as a role that it may change";
const PASSED: &str = "code of its choice runs with a role of its choice";
const RUNNING: &str = "code of its choice runs with the role that something existing has";

/// The catalogue of paths.
pub static PATHS: &[Path] = &[
    path(RHINO, "CreatePolicyVersion", &["iam:CreatePolicyVersion"], OWN),
    path(
        RHINO,
        "SetDefaultPolicyVersion",
        &["iam:SetDefaultPolicyVersion"],
        "it can bring an older, wider version of a policy back",
    ),
    path(RHINO, "AttachUserPolicy", &["iam:AttachUserPolicy"], OWN),
    path(RHINO, "AttachGroupPolicy", &["iam:AttachGroupPolicy"], OWN),
    path(RHINO, "AttachRolePolicy", &["iam:AttachRolePolicy"], OWN),
    path(RHINO, "PutUserPolicy", &["iam:PutUserPolicy"], OWN),
    path(RHINO, "PutGroupPolicy", &["iam:PutGroupPolicy"], OWN),
    path(RHINO, "PutRolePolicy", &["iam:PutRolePolicy"], OWN),
    path(RHINO, "AddUserToGroup", &["iam:AddUserToGroup"], "it can join a group with more permissions"),
    path(RHINO, "CreateAccessKey", &["iam:CreateAccessKey"], OTHERS),
    path(RHINO, "CreateLoginProfile", &["iam:CreateLoginProfile"], OTHERS),
    path(RHINO, "UpdateLoginProfile", &["iam:UpdateLoginProfile"], OTHERS),
    path(
        RHINO,
        "UpdateAssumeRolePolicy",
        &["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],
        "it can make any role trust it",
    ),
    path(
        PATHFINDING,
        "AttachRolePolicy + UpdateAssumeRolePolicy",
        &["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"],
        ROLE,
    ),
    path(
        PATHFINDING,
        "PutRolePolicy + UpdateAssumeRolePolicy",
        &["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"],
        ROLE,
    ),
    path(
        PATHFINDING,
        "DeleteAccessKey + CreateAccessKey",
        &["iam:DeleteAccessKey", "iam:CreateAccessKey"],
        OTHERS,
    ),
    path(
        PATHFINDING,
        "DeleteRolePermissionsBoundary + AssumeRole",
        &["iam:DeleteRolePermissionsBoundary", "sts:AssumeRole"],
        "it can act as a role without that role's boundary",
    ),
    path(
        BOUNDARIES,
        "DeleteRolePermissionsBoundary",
        &["iam:DeleteRolePermissionsBoundary"],
        "it can take its own boundary away",
    ),
    path(
        PATHFINDING,
        "DeleteUserPermissionsBoundary",
        &["iam:DeleteUserPermissionsBoundary"],
        "it can take its own boundary away",
    ),
    path(
        BOUNDARIES,
        "PutRolePermissionsBoundary",
        &["iam:PutRolePermissionsBoundary"],
        "it can replace its own boundary",
    ),
    path(
        BOUNDARIES,
        "PutUserPermissionsBoundary",
        &["iam:PutUserPermissionsBoundary"],
        "it can replace its own boundary",
    ),
    Path {
        name: "AssumeRole on everything",
        needs: &["sts:AssumeRole"],
        gain: "it can act as any role that trusts its account",
        source: PATHFINDING,
        only_unconfined: true,
    },
    path(RHINO, "PassRole + EC2 RunInstances", &["iam:PassRole", "ec2:RunInstances"], PASSED),
    path(
        PATHFINDING,
        "PassRole + EC2 RequestSpotInstances",
        &["iam:PassRole", "ec2:RequestSpotInstances"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "EC2 ModifyInstanceAttribute + restart",
        &["ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"],
        RUNNING,
    ),
    path(
        PATHFINDING,
        "EC2 launch template version",
        &["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
        RUNNING,
    ),
    path(
        INSTANCES,
        "PassRole + EC2 AssociateIamInstanceProfile",
        &["iam:PassRole", "ec2:AssociateIamInstanceProfile"],
        PASSED,
    ),
    path(PATHFINDING, "EC2 Instance Connect", &["ec2-instance-connect:SendSSHPublicKey"], RUNNING),
    path(PATHFINDING, "SSM SendCommand", &["ssm:SendCommand"], RUNNING),
    path(PATHFINDING, "SSM StartSession", &["ssm:StartSession"], RUNNING),
    path(
        PATHFINDING,
        "PassRole + SSM CreateDocument + StartAutomationExecution",
        &["iam:PassRole", "ssm:CreateDocument", "ssm:StartAutomationExecution"],
        PASSED,
    ),
    path(
        RHINO,
        "PassRole + Lambda CreateFunction + InvokeFunction",
        &["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
        PASSED,
    ),
    path(
        RHINO,
        "PassRole + Lambda CreateFunction + CreateEventSourceMapping",
        &["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
        PASSED,
    ),
    path(
        RHINO,
        "PassRole + Lambda CreateFunction + AddPermission",
        &["iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"],
        PASSED,
    ),
    path(RHINO, "Lambda UpdateFunctionCode", &["lambda:UpdateFunctionCode"], RUNNING),
    path(
        RHINO,
        "Lambda UpdateFunctionConfiguration",
        &["lambda:UpdateFunctionConfiguration"],
        "a layer of its choice runs with the function's role",
    ),
    path(RHINO, "PassRole + Glue CreateDevEndpoint", &["iam:PassRole", "glue:CreateDevEndpoint"], PASSED),
    path(RHINO, "Glue UpdateDevEndpoint", &["glue:UpdateDevEndpoint"], RUNNING),
    path(
        PATHFINDING,
        "PassRole + Glue CreateJob + StartJobRun",
        &["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + Glue CreateJob + CreateTrigger",
        &["iam:PassRole", "glue:CreateJob", "glue:CreateTrigger"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + Glue UpdateJob + StartJobRun",
        &["iam:PassRole", "glue:UpdateJob", "glue:StartJobRun"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + Glue UpdateJob + CreateTrigger",
        &["iam:PassRole", "glue:UpdateJob", "glue:CreateTrigger"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + Glue CreateSession + RunStatement",
        &["iam:PassRole", "glue:CreateSession", "glue:RunStatement"],
        PASSED,
    ),
    path(
        RHINO,
        "PassRole + CloudFormation CreateStack",
        &["iam:PassRole", "cloudformation:CreateStack"],
        PASSED,
    ),
    path(PATHFINDING, "CloudFormation UpdateStack", &["cloudformation:UpdateStack"], RUNNING),
    path(
        PATHFINDING,
        "CloudFormation change set",
        &["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"],
        RUNNING,
    ),
    path(
        PATHFINDING,
        "PassRole + CloudFormation CreateStackSet",
        &["iam:PassRole", "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + CloudFormation UpdateStackSet",
        &["iam:PassRole", "cloudformation:UpdateStackSet"],
        PASSED,
    ),
    path(
        RHINO,
        "PassRole + Data Pipeline",
        &["iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
        PASSED,
    ),
    path(RHINO, "PassRole + CodeStar CreateProject", &["iam:PassRole", "codestar:CreateProject"], PASSED),
    path(
        RHINO,
        "CodeStar CreateProject + AssociateTeamMember",
        &["codestar:CreateProject", "codestar:AssociateTeamMember"],
        "it becomes owner of a project, with a policy of its own",
    ),
    path(
        RHINO,
        "PassRole + SageMaker CreateNotebookInstance",
        &["iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
        PASSED,
    ),
    path(
        RHINO,
        "SageMaker CreatePresignedNotebookInstanceUrl",
        &["sagemaker:CreatePresignedNotebookInstanceUrl"],
        RUNNING,
    ),
    path(
        PATHFINDING,
        "PassRole + SageMaker CreateTrainingJob",
        &["iam:PassRole", "sagemaker:CreateTrainingJob"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + SageMaker CreateProcessingJob",
        &["iam:PassRole", "sagemaker:CreateProcessingJob"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "SageMaker notebook lifecycle configuration",
        &[
            "sagemaker:CreateNotebookInstanceLifecycleConfig",
            "sagemaker:StopNotebookInstance",
            "sagemaker:UpdateNotebookInstance",
            "sagemaker:StartNotebookInstance",
        ],
        RUNNING,
    ),
    path(
        PATHFINDING,
        "PassRole + CodeBuild CreateProject + StartBuild",
        &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"],
        PASSED,
    ),
    path(PATHFINDING, "CodeBuild StartBuild", &["codebuild:StartBuild"], RUNNING),
    path(PATHFINDING, "CodeBuild StartBuildBatch", &["codebuild:StartBuildBatch"], RUNNING),
    path(
        PATHFINDING,
        "PassRole + CodeBuild CreateProject + StartBuildBatch",
        &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuildBatch"],
        PASSED,
    ),
    path(
        PMAPPER,
        "PassRole + CodeBuild UpdateProject + StartBuild",
        &["iam:PassRole", "codebuild:UpdateProject", "codebuild:StartBuild"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + ECS RegisterTaskDefinition + RunTask",
        &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + ECS RegisterTaskDefinition + CreateService",
        &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:CreateService"],
        PASSED,
    ),
    path(
        SERVICES,
        "PassRole + ECS RegisterTaskDefinition + UpdateService",
        &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:UpdateService"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + ECS RegisterTaskDefinition + StartTask",
        &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:StartTask"],
        PASSED,
    ),
    path(PATHFINDING, "PassRole + ECS RunTask with overrides", &["iam:PassRole", "ecs:RunTask"], PASSED),
    path(PATHFINDING, "PassRole + ECS StartTask with overrides", &["iam:PassRole", "ecs:StartTask"], PASSED),
    path(PATHFINDING, "ECS ExecuteCommand", &["ecs:ExecuteCommand", "ecs:DescribeTasks"], RUNNING),
    path(
        PATHFINDING,
        "PassRole + Step Functions CreateStateMachine + StartExecution",
        &["iam:PassRole", "states:CreateStateMachine", "states:StartExecution"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "Step Functions UpdateStateMachine + StartExecution",
        &["states:UpdateStateMachine", "states:StartExecution"],
        RUNNING,
    ),
    path(
        PATHFINDING,
        "PassRole + App Runner CreateService",
        &["iam:PassRole", "apprunner:CreateService"],
        PASSED,
    ),
    path(PATHFINDING, "App Runner UpdateService", &["apprunner:UpdateService"], RUNNING),
    path(
        PATHFINDING,
        "PassRole + Bedrock AgentCore CreateCodeInterpreter",
        &[
            "iam:PassRole",
            "bedrock-agentcore:CreateCodeInterpreter",
            "bedrock-agentcore:StartCodeInterpreterSession",
            "bedrock-agentcore:InvokeCodeInterpreter",
        ],
        PASSED,
    ),
    path(
        PATHFINDING,
        "Bedrock AgentCore InvokeCodeInterpreter",
        &["bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"],
        RUNNING,
    ),
    path(
        PATHFINDING,
        "PassRole + Bedrock AgentCore CreateAgentRuntime",
        &[
            "iam:PassRole",
            "bedrock-agentcore:CreateAgentRuntime",
            "bedrock-agentcore:CreateAgentRuntimeEndpoint",
            "bedrock-agentcore:CreateWorkloadIdentity",
            "bedrock-agentcore:InvokeAgentRuntimeCommand",
        ],
        PASSED,
    ),
    path(
        PATHFINDING,
        "Bedrock AgentCore InvokeAgentRuntimeCommand",
        &["bedrock-agentcore:InvokeAgentRuntimeCommand"],
        RUNNING,
    ),
    path(
        PATHFINDING,
        "PassRole + Batch RegisterJobDefinition + SubmitJob",
        &["iam:PassRole", "batch:RegisterJobDefinition", "batch:SubmitJob"],
        PASSED,
    ),
    path(PATHFINDING, "Batch SubmitJob", &["batch:SubmitJob"], RUNNING),
    path(PATHFINDING, "PassRole + Braket CreateJob", &["iam:PassRole", "braket:CreateJob"], PASSED),
    path(
        PATHFINDING,
        "CodeDeploy CreateDeployment",
        &[
            "codedeploy:CreateDeployment",
            "codedeploy:RegisterApplicationRevision",
            "codedeploy:GetDeploymentConfig",
        ],
        RUNNING,
    ),
    path(
        PATHFINDING,
        "PassRole + GameLift CreateBuild + CreateFleet",
        &[
            "iam:PassRole",
            "gamelift:CreateBuild",
            "gamelift:CreateFleet",
            "gamelift:RequestUploadCredentials",
        ],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + Kinesis Analytics CreateApplication + StartApplication",
        &["iam:PassRole", "kinesisanalytics:CreateApplication", "kinesisanalytics:StartApplication"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + HealthOmics CreateWorkflow + StartRun",
        &["iam:PassRole", "omics:CreateWorkflow", "omics:StartRun", "s3:GetObject"],
        PASSED,
    ),
    path(PATHFINDING, "PassRole + EMR RunJobFlow", &["iam:PassRole", "elasticmapreduce:RunJobFlow"], PASSED),
    path(
        PATHFINDING,
        "PassRole + EMR Serverless",
        &["iam:PassRole", "emr-serverless:CreateApplication", "emr-serverless:StartJobRun"],
        PASSED,
    ),
    path(
        PATHFINDING,
        "PassRole + EventBridge Scheduler CreateSchedule",
        &["iam:PassRole", "scheduler:CreateSchedule"],
        "calls of its choice are made with a role of its choice",
    ),
    path(
        PATHFINDING,
        "PassRole + Image Builder",
        &[
            "iam:PassRole",
            "imagebuilder:CreateComponent",
            "imagebuilder:CreateImageRecipe",
            "imagebuilder:CreateInfrastructureConfiguration",
            "imagebuilder:CreateImage",
        ],
        PASSED,
    ),
    path(
        PATHFINDING,
        "Identity Center CreatePermissionSet + CreateAccountAssignment",
        &["sso:CreatePermissionSet", "sso:CreateAccountAssignment", "sso:AttachManagedPolicyToPermissionSet"],
        "it can assign itself any permission set",
    ),
    path(
        PATHFINDING,
        "Identity Center AttachManagedPolicyToPermissionSet",
        &["sso:AttachManagedPolicyToPermissionSet"],
        OWN,
    ),
    path(
        PATHFINDING,
        "Identity Center PutInlinePolicyToPermissionSet",
        &["sso:PutInlinePolicyToPermissionSet"],
        OWN,
    ),
    path(
        PATHFINDING,
        "PassRole + Cognito identity pool roles",
        &["iam:PassRole", "cognito-identity:SetIdentityPoolRoles"],
        "whoever uses the identity pool gets a role of its choice",
    ),
];
