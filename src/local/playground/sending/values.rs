//! What somebody has entered into an element, as Slack tells it to the app.

use serde_json::{Map, Value, json};

use crate::local::playground::blockkit;

/// What an element holds. `given` is the page's: a text, the value of an option, or a list of those.
pub(super) fn state(element: &Value, given: &Value) -> Value {
    let kind = element.get("type").and_then(Value::as_str).unwrap_or_default();
    let given = if given.is_null() { initial(element) } else { given.clone() };
    let member = match kind {
        "static_select" | "overflow" | "radio_buttons" | "external_select" => "selected_option",
        "checkboxes" | "multi_static_select" => "selected_options",
        "users_select" => "selected_user",
        "multi_users_select" => "selected_users",
        "conversations_select" => "selected_conversation",
        "channels_select" => "selected_channel",
        "datepicker" => "selected_date",
        "timepicker" => "selected_time",
        "datetimepicker" => "selected_date_time",
        "button" => return json!({"type": kind}),
        _ => "value",
    };
    let value = match member {
        "selected_option" => given.as_str().and_then(|value| option(element, value)).unwrap_or(Value::Null),
        "selected_options" => chosen(&given).filter_map(|value| option(element, value)).collect(),
        _ if given.as_str() == Some("") => Value::Null,
        _ => given,
    };
    json!({"type": kind, member: value})
}

fn chosen(given: &Value) -> impl Iterator<Item = &str> {
    given.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The option with a value, as the app gave it.
fn option(element: &Value, value: &str) -> Option<Value> {
    let list = |of: &Value| of.get("options").and_then(Value::as_array).cloned().unwrap_or_default();
    let groups = element.get("option_groups").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut all = list(element);
    all.extend(groups.iter().flat_map(list));
    all.into_iter().find(|one| one.get("value").and_then(Value::as_str) == Some(value))
}

/// What an element holds before anybody has touched it, in the page's form.
fn initial(element: &Value) -> Value {
    let value = |option: &Value| option.get("value").cloned().unwrap_or(Value::Null);
    if let Some(option) = element.get("initial_option") {
        return value(option);
    }
    if let Some(Value::Array(options)) = element.get("initial_options") {
        return options.iter().map(value).collect();
    }
    [
        "initial_value",
        "initial_user",
        "initial_users",
        "initial_date",
        "initial_time",
        "initial_conversation",
        "initial_channel",
    ]
    .iter()
    .find_map(|name| element.get(*name).cloned())
    .unwrap_or(Value::Null)
}

/// The inputs among blocks: block id, block, element.
fn inputs(blocks: &[Value]) -> impl Iterator<Item = (&str, &Value, &Value)> {
    blocks.iter().filter_map(|block| {
        let is_input = block.get("type").and_then(Value::as_str) == Some("input");
        let id = block.get("block_id").and_then(Value::as_str)?;
        Some((id, block, block.get("element").filter(|_| is_input)?))
    })
}

/// All that is entered into the inputs of some blocks, by block and action.
pub(super) fn values(blocks: &[Value], given: &Value) -> Value {
    let mut all = Map::new();
    for (id, _, element) in inputs(blocks) {
        let action = element.get("action_id").and_then(Value::as_str).unwrap_or_default();
        let entered = given.get(id).and_then(|block| block.get(action)).unwrap_or(&Value::Null);
        all.insert(id.to_owned(), json!({action: state(element, entered)}));
    }
    // Menus in other blocks have a state too, once somebody has touched them.
    for (id, actions) in
        given.as_object().into_iter().flatten().filter(|(id, _)| !all.contains_key(*id)).collect::<Vec<_>>()
    {
        for (action, entered) in actions.as_object().into_iter().flatten() {
            if let Some(element) = blockkit::find(blocks, id, action) {
                let block = all.entry(id.clone()).or_insert_with(|| json!({}));
                block[action] = state(element, entered);
            }
        }
    }
    Value::Object(all)
}

/// What Slack itself finds missing before it submits a modal: a sentence for each block.
pub(in super::super) fn missing(blocks: &[Value], given: &Value) -> Map<String, Value> {
    let values = values(blocks, given);
    let mut problems = Map::new();
    for (id, block, element) in inputs(blocks) {
        let action = element.get("action_id").and_then(Value::as_str).unwrap_or_default();
        let state = &values[id][action];
        let entered = state.as_object().and_then(|state| state.iter().find(|(name, _)| *name != "type"));
        let value = entered.map_or(&Value::Null, |(_, value)| value);
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let optional = block.get("optional").and_then(Value::as_bool).unwrap_or_default();
        let length = value.as_str().map_or(0, |text| text.chars().count());
        let bound =
            |name: &str| element.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let problem = match (empty, bound("min_length"), bound("max_length")) {
            (true, ..) if optional => continue,
            (true, ..) => "Please complete this required field.".to_owned(),
            (_, Some(least), _) if length < least => format!("Please enter at least {least} characters."),
            (_, _, most) if length > most.unwrap_or(3_000) => {
                format!("Please enter at most {} characters.", most.unwrap_or(3_000))
            }
            _ => continue,
        };
        problems.insert(id.to_owned(), Value::String(problem));
    }
    problems
}
