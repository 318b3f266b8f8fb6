//! Nothing is called that isn't in the table of the adapter that calls it.

use std::borrow::Cow;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

pub use crate::domain::calls::{Call, Need, On};

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
