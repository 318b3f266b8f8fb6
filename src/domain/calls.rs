//! The calls of AWS that ALPHA makes, and what each needs to be granted. The tables of them stand beside the adapters.

/// An operation that an adapter calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// The service, as the SDK names it.
    pub service: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// What has to be granted for it.
    pub needs: &'static [Need],
}

/// An action that has to be granted, and on what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Such as `iam:GetRole`.
    pub action: &'static str,
    /// On what.
    pub on: On,
}

/// What an action is called on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum On {
    /// Whatever there is: AWS knows no resource for the action, or none that is known beforehand.
    Anything,
    /// ALPHA's table.
    Table,
    /// The indexes of the table.
    Indexes,
    /// ALPHA's secrets.
    Secrets,
    /// Any role of an account.
    Roles,
    /// Roles within ALPHA's scope.
    RolesInScope,
    /// Any managed policy.
    Policies,
    /// Managed policies under ALPHA's path.
    OwnPolicies,
    /// The role by which Access Analyzer reads a trail.
    EvidenceRole,
    /// Analyzers of an account.
    Analyzers,
    /// Any trail: an organisation's belongs to another account than the roles that it records.
    Trails,
    /// The bucket of a trail.
    TrailBucket,
    /// The log files in it.
    TrailFiles,
    /// The key that these are encrypted with.
    TrailKey,
    /// The log group of a trail.
    TrailLogs,
    /// Queries of that log group, whose ids don't say which group they are of.
    TrailQueries,
    /// The model's inference profile and the models behind it.
    Model,
    /// The guardrail of the model.
    Guardrail,
    /// The roles to be assumed in other accounts.
    MemberRoles,
    /// The repository of ALPHA's image.
    Repository,
    /// The log of the service.
    ServiceLog,
}
