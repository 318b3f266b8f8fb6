//! The calls that adapters make, and what each needs to be granted.

use std::borrow::Cow;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

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
    /// Whatever there is: AWS knows no resource for the action.
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
    /// The bucket of a trail.
    TrailBucket,
    /// The log files in it.
    TrailFiles,
    /// The key that these are encrypted with.
    TrailKey,
    /// The log group of a trail.
    TrailLogs,
    /// The model's inference profile and the models behind it.
    Model,
    /// The guardrail of the model.
    Guardrail,
    /// The roles to be assumed in other accounts.
    MemberRoles,
}

/// Lets only those operations pass that are in an adapter's table.
#[derive(Debug, Clone, Copy)]
pub struct OnlyKnown(pub &'static [Call]);

/// An operation that is in no table: a mistake of the program, which a test sees and nobody is asked for.
#[derive(Debug, thiserror::Error)]
#[error("{0} is in no table of calls")]
pub struct UnknownCall(Cow<'static, str>);

#[dyn_dispatch_hint]
impl Intercept for OnlyKnown {
    fn name(&self) -> &'static str {
        "OnlyKnown"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(call) = bag.load::<Metadata>() else { return Err(UnknownCall("a call".into()).into()) };
        let is_known =
            self.0.iter().any(|known| known.service == call.service() && known.operation == call.name());
        if is_known {
            return Ok(());
        }
        Err(UnknownCall(format!("{}.{}", call.service(), call.name()).into()).into())
    }
}
