//! Advice by a model of Bedrock, through Converse, with a tool for the answer.
//!
//! The model is told facts and quoted names, and what it says is looked at before anybody sees it; it gets one chance to
//! mend it. Calls are capped by the day, over all processes that share a store.

mod json;
mod prompt;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::Builder;
use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, GuardrailConfiguration, InferenceConfiguration, Message,
    SpecificToolChoice, StopReason, SystemContentBlock, Tool, ToolChoice, ToolConfiguration, ToolInputSchema,
    ToolSpecification,
};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use serde::Deserialize;

use super::calls::{Call, Need, On, OnlyKnown};
use super::fault::Fault;
use crate::domain::advice::{Said, advice};
use crate::domain::proposal::{Case, Prose};
use crate::iam::risk::RiskLevel;
use crate::ports::{Clock, Reasoner, ReasonerError, Store};

const MODEL: Need = Need { action: "bedrock:InvokeModel", on: On::Model };
const CONVERSE: Call = Call { service: "Bedrock Runtime", operation: "Converse", needs: &[MODEL] };
const GUARDED: Call =
    Call { needs: &[MODEL, Need { action: "bedrock:ApplyGuardrail", on: On::Guardrail }], ..CONVERSE };
/// What this calls. The guardrail is needed where there is one.
pub const CALLS: &[Call] = &[GUARDED];

/// What the names of inference profiles that go to several Regions begin with, before the model's.
const PROFILES: &[&str] = &["us", "us-gov", "eu", "apac", "jp", "au", "ca", "global"];
/// A day, in which calls are counted.
const DAY: Duration = Duration::from_hours(24);
/// Under which name.
const COUNTED: &str = "reasoner";
/// How often a call is tried where Bedrock is busy; one that wasn't answered isn't paid for.
const ATTEMPTS: u32 = 2;

/// What an operator chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The model or inference profile, by its identifier or ARN.
    pub model: String,
    /// The guardrail that answers pass through, and its version.
    pub guardrail: Option<(String, String)>,
    /// How many calls may be made in a day.
    pub daily: u32,
    /// How many tokens an answer may have.
    pub tokens: u16,
    /// About how many characters of facts a model is told.
    pub facts: usize,
    /// How long an answer may take, the second try included.
    pub within: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0".to_owned(),
            guardrail: None,
            daily: 200,
            tokens: 600,
            facts: 12_000,
            within: Duration::from_secs(18),
        }
    }
}

impl Settings {
    /// A fault that tells where the model and the guardrail lie. A profile sends to its model in several Regions.
    fn place(&self, fault: Fault) -> Fault {
        let model = &self.model;
        let fault = match model.split_once('.') {
            _ if model.starts_with("arn:") => fault.at(On::Model, model.as_str()),
            Some((place, of)) if PROFILES.contains(&place) => fault
                .at(On::Model, format!("arn:aws:bedrock:*:*:inference-profile/{model}"))
                .at(On::Model, format!("arn:aws:bedrock:*::foundation-model/{of}")),
            _ => fault.at(On::Model, format!("arn:aws:bedrock:*::foundation-model/{model}")),
        };
        match &self.guardrail {
            Some((id, _)) if id.starts_with("arn:") => fault.at(On::Guardrail, id.as_str()),
            Some((id, _)) => fault.at(On::Guardrail, format!("arn:aws:bedrock:*:*:guardrail/{id}")),
            None => fault,
        }
    }
}

/// A model of Bedrock.
#[derive(Debug)]
pub struct BedrockReasoner {
    client: Client,
    settings: Settings,
    tools: ToolConfiguration,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

/// What the tool is called with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    summary: String,
    risk: Level,
    why: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Low,
    Medium,
    High,
}

/// What came of one call.
enum Heard {
    /// Advice.
    Advice(Prose),
    /// Something that may be mended.
    Unfit(String),
    /// Something that asking again won't mend.
    Stopped(&'static str),
}

impl BedrockReasoner {
    /// A model, as ALPHA's own credentials reach it. Nothing is called yet. Fails where the SDK has no form for the tool,
    /// which no setting brings about.
    pub fn new(
        sdk: &SdkConfig,
        settings: Settings,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, BuildError> {
        let attempts = sdk.retry_config().map_or(ATTEMPTS, |retry| retry.max_attempts().min(ATTEMPTS));
        let config = Builder::from(sdk)
            .interceptor(OnlyKnown(CALLS))
            .retry_config(RetryConfig::standard().with_max_attempts(attempts))
            .timeout_config(TimeoutConfig::builder().operation_timeout(settings.within).build())
            .build();
        Ok(Self { client: Client::from_conf(config), settings, tools: tools()?, store, clock })
    }

    async fn ask(&self, case: &Case) -> Result<Prose, String> {
        let facts = prompt::facts(case, self.settings.facts);
        let first = self.hear(case, facts.clone()).await?;
        let unfit = match first {
            Heard::Advice(prose) => return Ok(prose),
            Heard::Stopped(why) => return Err(why.to_owned()),
            Heard::Unfit(why) => why,
        };
        tracing::debug!(job = %case.job, why = unfit, "the model is asked to mend its answer");
        let again = format!(
            "{facts}\n\nYour last answer was refused, because {unfit}. Call the tool again, and mend that."
        );
        match self.hear(case, again).await? {
            Heard::Advice(prose) => Ok(prose),
            Heard::Stopped(why) => Err(why.to_owned()),
            Heard::Unfit(why) => Err(format!("what it said was refused: {why}")),
        }
    }

    async fn hear(&self, case: &Case, text: String) -> Result<Heard, String> {
        self.spend().await?;
        let call = if self.settings.guardrail.is_some() { &GUARDED } else { &CONVERSE };
        let tokens = i32::from(self.settings.tokens);
        let message = Message::builder().role(ConversationRole::User).content(ContentBlock::Text(text));
        let output = self
            .client
            .converse()
            .model_id(&self.settings.model)
            .system(SystemContentBlock::Text(prompt::SYSTEM.to_owned()))
            .messages(message.build().map_err(|error| error.to_string())?)
            .inference_config(InferenceConfiguration::builder().max_tokens(tokens).temperature(0.0).build())
            .tool_config(self.tools.clone())
            .set_guardrail_config(self.settings.guardrail.as_ref().map(|(id, version)| {
                GuardrailConfiguration::builder().guardrail_identifier(id).guardrail_version(version).build()
            }))
            .send()
            .await
            .map_err(|error| self.settings.place(Fault::of(call, &error)).to_string())?;
        if let Some(usage) = &output.usage {
            let (read, written) = (usage.input_tokens, usage.output_tokens);
            tracing::info!(job = %case.job, model = self.settings.model, read, written, "the model answered");
        }
        Ok(self.read(case, output))
    }

    fn read(&self, case: &Case, output: ConverseOutput) -> Heard {
        match output.stop_reason {
            StopReason::GuardrailIntervened => return Heard::Stopped("the guardrail stopped it"),
            StopReason::ContentFiltered => return Heard::Stopped("the model's own filter stopped it"),
            StopReason::MaxTokens => return Heard::Unfit("it was too long".to_owned()),
            _ => {}
        }
        let said = output.output.and_then(|output| match output {
            aws_sdk_bedrockruntime::types::ConverseOutput::Message(message) => Some(message.content),
            _ => None,
        });
        let input = said.into_iter().flatten().find_map(|block| match block {
            ContentBlock::ToolUse(used) if used.name == prompt::TOOL => Some(used.input),
            _ => None,
        });
        let Some(input) = input else {
            return Heard::Unfit("it didn't call the tool".to_owned());
        };
        let answer: Answer = match serde_json::from_value(json::json(&input)) {
            Ok(answer) => answer,
            Err(error) => return Heard::Unfit(format!("it isn't of the tool's schema: {error}")),
        };
        let Answer { summary, risk, why } = &answer;
        match advice(case, &self.settings.model, &Said { summary, risk: (*risk).into(), why }) {
            Ok(prose) => Heard::Advice(prose),
            Err(unfit) => Heard::Unfit(unfit.to_string()),
        }
    }

    /// Counts a call, if today's aren't used up.
    async fn spend(&self) -> Result<(), String> {
        let spent = self.store.count(COUNTED, DAY, self.clock.now()).await;
        match spent {
            Ok(spent) if spent > self.settings.daily => {
                Err(format!("the {} calls of today are used up", self.settings.daily))
            }
            Ok(_) => Ok(()),
            Err(error) => Err(format!("its calls can't be counted: {error}")),
        }
    }
}

#[async_trait]
impl Reasoner for BedrockReasoner {
    async fn explain(&self, case: &Case) -> Result<Prose, ReasonerError> {
        let within = self.settings.within;
        let answer = tokio::time::timeout(within, self.ask(case)).await;
        let answer = answer.unwrap_or_else(|_| Err(format!("there was none within {} s", within.as_secs())));
        answer.map_err(|why| ReasonerError(format!("{}: {why}", self.settings.model)))
    }
}

impl From<Level> for RiskLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Low => Self::Low,
            Level::Medium => Self::Medium,
            Level::High => Self::High,
        }
    }
}

/// The one tool, which has to be called.
fn tools() -> Result<ToolConfiguration, BuildError> {
    let tool = ToolSpecification::builder()
        .name(prompt::TOOL)
        .description("Takes the explanation of the case.")
        .input_schema(ToolInputSchema::Json(json::document(&prompt::schema())))
        .build()?;
    let choice = SpecificToolChoice::builder().name(prompt::TOOL).build()?;
    ToolConfiguration::builder().tools(Tool::ToolSpec(tool)).tool_choice(ToolChoice::Tool(choice)).build()
}
