//! What stands in for AWS: a front that checks who calls and what they are granted, stand-ins behind it for what moto
//! lacks, and moto for the rest.
//!
//! Shapes and names are those of AWS's documentation and of the SDK's own types, never those that our code expects;
//! which page each is from is said at the top of its file. What an operation needs to be granted is written down here
//! anew, apart from the tables in `src/aws`, so that a mistake in one of them shows.
//!
//! ```ignore
//! let front = Front::start();
//! let world = World::new(&front).await;                        // an account of its own
//! world.simulated(&["ci-deployer"], 30).await;                 // a role and what it did
//! let (stack, bot) = world.bot(&front, &[]).await;             // infra/alpha.yaml, and ECS's credentials of the bot
//! let sdk = front.sdk(bot, "us-east-1").await;                 // or front.environment(&bot, ..) for a process
//! front.aws.troubles.nth("iam", "PutRolePolicy", 2, Trouble::Cut(When::AfterTheEffect));
//! front.aws.journal.of("iam", "PutRolePolicy");                // who asked, what it needed, what became of it
//! ```

mod access_analyzer;
pub mod bedrock;
pub mod callers;
pub mod checks;
mod cloudformation;
mod cloudtrail;
pub mod deploy;
mod dynamodb;
mod events;
pub mod findings;
pub mod front;
mod generated;
pub mod generation;
pub mod grants;
mod iam;
pub mod journal;
mod last_accessed;
mod log_language;
mod log_pattern;
mod log_query;
mod logs;
mod moto;
mod pages;
pub mod passage;
pub mod records;
mod s3;
mod secrets;
mod services;
mod signature;
mod simulation;
mod sts;
mod trail;
pub mod troubles;
pub mod wire;
pub mod world;
