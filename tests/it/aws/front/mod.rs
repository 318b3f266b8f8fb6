//! What stands in for AWS, by AWS's own clients: it lets in who signed and is granted, refuses everybody else in the
//! service's own words, and answers as the service is documented to.

mod checking;
mod conversing;
mod deploying;
mod generating;
mod granting;
mod remembering;
mod signing;
mod spoiling;
mod template;

use alpha::iam::document::Document;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::support::aws::front::Front;
use crate::support::aws::world::{RoleSpec, World};

/// The service's word for an error.
fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> &str {
    error.code().unwrap_or("(none)")
}

/// A policy that allows some actions on some resources.
fn allowing(actions: &[&str], resource: &str) -> String {
    let actions = actions.join("\",\"");
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["{actions}"],"Resource":"{resource}"}}]}}"#
    );
    Document::parse(text.as_bytes()).unwrap().to_string_compact()
}

/// What clients of a role are made from, which is granted just this.
async fn granted(front: &Front, world: &World, name: &str, policy: &str) -> aws_types::SdkConfig {
    world.role(&RoleSpec { name, inline: &[("granted", policy)], ..RoleSpec::default() }).await;
    session(front, world, name).await
}

async fn session(front: &Front, world: &World, name: &str) -> aws_types::SdkConfig {
    let credentials = front.as_service("ecs-tasks.amazonaws.com", &world.account, name).await.unwrap();
    front.sdk(credentials, &world.region).await
}
