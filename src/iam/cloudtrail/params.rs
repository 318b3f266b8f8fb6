//! Looking into `requestParameters` and `resources` without building a tree of them.

use sonic_rs::{JsonType, JsonValueTrait, LazyValue};

/// The texts that a dotted path leads to: `a.b` is a member of a member, `a[]` each element of a list. Numbers are
/// taken as they print.
pub(super) fn texts(value: Option<&LazyValue<'_>>, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(value) = value {
        follow(value, path, &mut found);
    }
    found
}

/// Whether a path leads to anything but null, nothing, or what is empty.
pub(super) fn exists(value: Option<&LazyValue<'_>>, path: &str) -> bool {
    value.is_some_and(|value| reaches(value, path))
}

fn follow(value: &LazyValue<'_>, path: &str, found: &mut Vec<String>) {
    if path.is_empty() {
        collect(value, found);
        return;
    }
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let (name, each) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
    let Some(next) = member(value, name) else { return };
    if !each {
        follow(&next, rest, found);
    } else if let Some(items) = next.into_array_iter() {
        for item in items.flatten() {
            follow(&item, rest, found);
        }
    }
}

/// A member of an object. Most members that are asked for aren't there, and a search finds that out sooner than a walk.
fn member<'v>(value: &'v LazyValue<'_>, name: &str) -> Option<LazyValue<'v>> {
    memchr::memmem::find(value.as_raw_str().as_bytes(), name.as_bytes())?;
    value.get(name)
}

fn reaches(value: &LazyValue<'_>, path: &str) -> bool {
    if path.is_empty() {
        return match value.get_type() {
            JsonType::Null => false,
            JsonType::Boolean => value.as_bool() == Some(true),
            _ => !matches!(value.as_raw_str(), "\"\"" | "{}" | "[]"),
        };
    }
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let (name, each) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
    let Some(next) = member(value, name) else { return false };
    if !each {
        return reaches(&next, rest);
    }
    next.into_array_iter()
        .is_some_and(|mut items| items.any(|item| item.is_ok_and(|item| reaches(&item, rest))))
}

fn collect(value: &LazyValue<'_>, found: &mut Vec<String>) {
    match value.get_type() {
        JsonType::String => found.extend(value.as_str().map(str::to_owned)),
        JsonType::Number => found.push(value.as_raw_str().to_owned()),
        JsonType::Array => {
            if let Some(items) = value.clone().into_array_iter() {
                for item in items.flatten().filter(JsonValueTrait::is_str) {
                    collect(&item, found);
                }
            }
        }
        _ => {}
    }
}

/// All texts at the top of an object, or in a list there, that are ARNs.
pub(super) fn arns(value: Option<&LazyValue<'_>>) -> Vec<String> {
    let Some(members) = value
        .filter(|value| JsonValueTrait::is_object(*value))
        .cloned()
        .and_then(LazyValue::into_object_iter)
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (_, member) in members.flatten() {
        collect(&member, &mut found);
    }
    found.retain(|text| text.starts_with("arn:"));
    found
}

/// The ARNs of `resources`, whose member is spelled in two ways.
pub(super) fn resource_arns(value: Option<&LazyValue<'_>>) -> Vec<String> {
    let Some(items) =
        value.filter(|value| JsonValueTrait::is_array(*value)).cloned().and_then(LazyValue::into_array_iter)
    else {
        return Vec::new();
    };
    let arn = |item: LazyValue<'_>| {
        item.get("ARN").or_else(|| item.get("arn")).and_then(|arn| arn.as_str().map(str::to_owned))
    };
    items.flatten().filter_map(arn).collect()
}
