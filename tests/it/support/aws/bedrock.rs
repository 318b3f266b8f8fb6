//! `Converse` of Bedrock, which moto lacks: a model that answers as the tool's schema asks, or by script.
//!
//! From the API reference of `Converse` and of `ToolUseBlock`, "Actions defined by Amazon Bedrock", and "Prerequisites
//! for inference profiles" of the user guide: the profile and the model in each Region that it leads to.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde_json::{Map, Value, json};

use super::callers::Session;
use super::grants::Need;
use super::passage::Aws;
use super::wire::{Answer, Asked, Refusal};

/// Where the profiles of the United States lead to.
const US: &[&str] = &["us-east-1", "us-east-2", "us-west-2"];

/// What the model says next.
#[derive(Debug, Clone)]
pub enum Reply {
    /// It uses the tool that it was given, with this.
    Tool(Value),
    /// It talks, and why it stopped: `end_turn`, `max_tokens`, ...
    Prose(String, &'static str),
    /// A guardrail steps in, with its message.
    Guarded(String),
}

/// The model; without a script it fills in whatever its tool's schema requires.
#[derive(Debug, Default)]
pub struct Model {
    replies: Mutex<VecDeque<Reply>>,
    asked: Mutex<Vec<Value>>,
    tokens: Mutex<Option<(u64, u64)>>,
}

impl Model {
    pub fn says(&self, reply: Reply) {
        self.replies.lock().unwrap().push_back(reply);
    }

    /// How many tokens each answer takes in and gives out.
    pub fn costs(&self, input: u64, output: u64) {
        *self.tokens.lock().unwrap() = Some((input, output));
    }

    /// All that it was asked, as it was.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }
}

/// The operation that a path stands for.
pub fn operation(asked: &Asked) -> Option<String> {
    match &asked.segments()[..] {
        [model, _, converse] if model == "model" && converse == "converse" => Some("Converse".to_owned()),
        _ => None,
    }
}

pub fn needs(asked: &Asked, session: &Session) -> Option<Vec<Need>> {
    let (account, region) = (&session.account, &asked.region);
    let id = asked.segments().into_iter().nth(1)?;
    let mut needs = match id.strip_prefix("us.") {
        None if id.contains("inference-profile") || id.starts_with("arn:") => return None,
        None => {
            vec![Need::new("bedrock:InvokeModel", format!("arn:aws:bedrock:{region}::foundation-model/{id}"))]
        }
        Some(model) => {
            let profile = format!("arn:aws:bedrock:{region}:{account}:inference-profile/{id}");
            let mut needs = vec![Need::new("bedrock:InvokeModel", &*profile)];
            needs.extend(US.iter().map(|region| {
                let model = format!("arn:aws:bedrock:{region}::foundation-model/{model}");
                Need::new("bedrock:InvokeModel", model).with("bedrock:InferenceProfileArn", Some(&profile))
            }));
            needs
        }
    };
    if let Some(guardrail) = asked.json["guardrailConfig"]["guardrailIdentifier"].as_str() {
        let named = format!("arn:aws:bedrock:{region}:{account}:guardrail/{guardrail}");
        let arn = if guardrail.starts_with("arn:") { guardrail.to_owned() } else { named };
        needs.push(Need::new("bedrock:ApplyGuardrail", arn));
    }
    Some(needs)
}

pub fn answer(aws: &Aws, asked: &Asked) -> Result<Answer, Refusal> {
    let model = &aws.model;
    model.asked.lock().unwrap().push(asked.json.clone());
    if !asked.json["messages"].is_array() {
        return Err(Refusal::new(400, "ValidationException", "messages is missing"));
    }
    let tool = &asked.json["toolConfig"]["tools"][0]["toolSpec"];
    let reply = model.replies.lock().unwrap().pop_front();
    let reply = reply.unwrap_or_else(|| {
        if tool.is_null() {
            Reply::Prose("There is nothing to add.".to_owned(), "end_turn")
        } else {
            Reply::Tool(instance(&tool["inputSchema"]["json"]))
        }
    });
    let (content, stop) = match reply {
        Reply::Tool(input) => {
            let used = json!({"toolUseId": "tooluse_1", "name": tool["name"], "input": input});
            (json!({"toolUse": used}), "tool_use")
        }
        Reply::Prose(text, stop) => (json!({"text": text}), stop),
        Reply::Guarded(text) => (json!({"text": text}), "guardrail_intervened"),
    };
    let (input, output) = model.tokens.lock().unwrap().unwrap_or((1_000, 100));
    Ok(Answer::json(&json!({
        "output": {"message": {"role": "assistant", "content": [content]}},
        "stopReason": stop,
        "usage": {"inputTokens": input, "outputTokens": output, "totalTokens": input + output},
        "metrics": {"latencyMs": 5},
    })))
}

/// The least that a JSON schema admits.
fn instance(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("object") => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let members: Map<String, Value> =
                required.map(|name| (name.to_owned(), instance(&schema["properties"][name]))).collect();
            Value::Object(members)
        }
        Some("array") => {
            let least = usize::try_from(schema["minItems"].as_u64().unwrap_or(0)).unwrap();
            Value::Array(vec![instance(&schema["items"]); least])
        }
        Some("integer" | "number") => schema["minimum"].as_i64().unwrap_or(0).into(),
        Some("boolean") => false.into(),
        _ => "It does what it says.".into(),
    }
}
