//! The templates of `infra/`, deployed into accounts of the emulator, and the bot's own credentials.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use aws_credential_types::Credentials;
use serde::Deserialize;

use super::front::Front;
use super::world::World;
use crate::support::emulator::emulator;

/// A stack as it stands.
#[derive(Debug, Deserialize)]
pub struct Stack {
    pub outputs: BTreeMap<String, String>,
    /// Physical ids by the names in the template.
    pub made: BTreeMap<String, String>,
}

impl World {
    /// Deploys `alpha.yaml` or `member.yaml`, with what is said of its parameters.
    pub fn deploy(&self, template: &str, said: &[(&str, &str)]) -> Stack {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let said: BTreeMap<&str, &str> = said.iter().copied().collect();
        let output = Command::new(root.join("target/infra/bin/python"))
            .args(["-B", "-W", "ignore"])
            .arg(root.join("tests/it/support/aws/deploy.py"))
            .arg(&emulator().url)
            .arg(&self.account)
            .arg(root.join("infra"))
            .arg(template)
            .arg(serde_json::to_string(&said).unwrap())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // It was made past the front.
        self.aws.known.forget();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Deploys the bot without its service, and gives the credentials that ECS would give its tasks.
    pub async fn bot(&self, front: &Front, said: &[(&str, &str)]) -> (Stack, Credentials) {
        let mut all = vec![("WithService", "false")];
        all.extend(said);
        let stack = self.deploy("alpha.yaml", &all);
        let given = front.as_service("ecs-tasks.amazonaws.com", &self.account, &stack.made["BotRole"]).await;
        (stack, given.unwrap())
    }
}
