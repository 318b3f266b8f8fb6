//! The model.

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::operation::converse::builders::ConverseFluentBuilder;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, GuardrailConfiguration, Message, StopReason, Tool, ToolConfiguration,
    ToolInputSchema, ToolSpecification,
};
use aws_smithy_types::Document as Json;
use serde_json::json;

use super::*;
use crate::support::aws::bedrock::Reply;
use crate::support::aws::troubles::Trouble;

const PROFILE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

fn text(value: &str) -> Json {
    Json::String(value.to_owned())
}

fn object(members: &[(&str, Json)]) -> Json {
    Json::Object(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

/// A question with a tool that wants a sentence and one of two words.
fn ask(client: &Client) -> ConverseFluentBuilder {
    let word = object(&[("type", text("string")), ("enum", Json::Array(vec![text("low"), text("high")]))]);
    let properties = object(&[("sentence", object(&[("type", text("string"))])), ("risk", word)]);
    let required = Json::Array(vec![text("sentence"), text("risk")]);
    let schema = object(&[("type", text("object")), ("properties", properties), ("required", required)]);
    let tool = ToolSpecification::builder().name("explain").input_schema(ToolInputSchema::Json(schema));
    let tools = ToolConfiguration::builder().tools(Tool::ToolSpec(tool.build().unwrap())).build().unwrap();
    let message = Message::builder().role(ConversationRole::User);
    let message = message.content(ContentBlock::Text("What does it do?".to_owned())).build().unwrap();
    client.converse().model_id(PROFILE).messages(message).tool_config(tools)
}

fn said(answer: &aws_sdk_bedrockruntime::operation::converse::ConverseOutput) -> &ContentBlock {
    &answer.output().unwrap().as_message().unwrap().content()[0]
}

#[tokio::test]
async fn the_model_fills_in_its_tool_or_says_what_the_script_says() {
    let front = Front::start();
    let world = World::new(&front).await;
    let client = Client::new(&world.sdk);
    let answer = ask(&client).send().await.unwrap();
    assert_eq!(answer.stop_reason, StopReason::ToolUse);
    let used = said(&answer).as_tool_use().unwrap();
    assert_eq!(used.name, "explain");
    assert_eq!(used.input.as_object().unwrap()["risk"], text("low"));

    let model = &front.aws.model;
    model.costs(9_000, 700);
    model.says(Reply::Tool(json!({"sentence": "More of it.", "risk": "none"})));
    model.says(Reply::Prose("{\"sentence\": \"It".to_owned(), "max_tokens"));
    model.says(Reply::Guarded("Blocked.".to_owned()));
    let widened = ask(&client).send().await.unwrap();
    assert_eq!(said(&widened).as_tool_use().unwrap().input.as_object().unwrap()["risk"], text("none"));
    let half = ask(&client).send().await.unwrap();
    assert_eq!(
        (half.stop_reason.clone(), said(&half).as_text().unwrap()),
        (StopReason::MaxTokens, &"{\"sentence\": \"It".to_owned())
    );
    assert_eq!(half.usage.unwrap().total_tokens, 9_700);
    let guarded = ask(&client).send().await.unwrap();
    assert_eq!(guarded.stop_reason, StopReason::GuardrailIntervened);
    let asked = model.asked();
    assert_eq!(asked.len(), 4);
    assert_eq!(asked[0]["messages"][0]["content"][0]["text"], "What does it do?");

    front.aws.troubles.times("bedrock", "Converse", 2, Trouble::Throttled);
    let throttled = ask(&client).send().await.unwrap_err().into_service_error();
    assert!(throttled.is_throttling_exception());
}

#[tokio::test]
async fn a_profile_needs_itself_the_model_in_each_region_that_it_leads_to_and_the_guardrail() {
    let front = Front::start();
    let world = World::new(&front).await;
    let account = &world.account;
    let profile = format!("arn:aws:bedrock:us-east-1:{account}:inference-profile/{PROFILE}");
    let model = "foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0";
    let arns =
        ["us-east-1", "us-east-2", "us-west-2"].map(|region| format!("arn:aws:bedrock:{region}::{model}"));
    let resources: Vec<&str> = std::iter::once(&*profile).chain(arns.iter().map(String::as_str)).collect();
    for lacking in 0..resources.len() {
        let mut some = resources.clone();
        let missing = some.remove(lacking);
        let policy = several(&["bedrock:InvokeModel"], &some);
        let client = Client::new(&granted(&front, &world, &format!("bot-{lacking}"), &policy).await);
        let refused = ask(&client).send().await.unwrap_err();
        assert!(refused.message().unwrap().contains(missing), "{refused:?}");
    }
    let policy = several(&["bedrock:InvokeModel"], &resources);
    let client = Client::new(&granted(&front, &world, "bot", &policy).await);
    ask(&client).send().await.unwrap();
    let guardrail = GuardrailConfiguration::builder().guardrail_identifier("abcdef").guardrail_version("1");
    let guarded = ask(&client).guardrail_config(guardrail.build()).send().await.unwrap_err();
    assert!(guarded.message().unwrap().contains("bedrock:ApplyGuardrail"), "{guarded:?}");
}

fn several(actions: &[&str], resources: &[&str]) -> String {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": resources}})
        .to_string()
}
